//! Whether a container's command starts a store, asks one or only waits, as far as its words tell. They may hold secrets:
//! nothing of them is kept.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// What the words of a command, or of its arguments, start; what says more comes after what says less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Starts {
    /// There are no words that start anything: the image does what it does.
    #[default]
    Nothing,
    /// A shell that nobody tells what to do.
    Shell,
    /// What waits, for somebody who comes to use a shell there.
    Wait,
    /// Something that isn't known.
    Unsaid,
    /// A client of a store, and no server.
    Client,
    /// A server, or a script that may start one.
    Server,
}

/// Programs that stores run as.
const SERVERS: &[&str] = &[
    "cassandra",
    "clickhouse-server",
    "cockroach",
    "docker-entrypoint",
    "dragonfly",
    "elasticsearch",
    "etcd",
    "influxd",
    "keydb-server",
    "mariadbd",
    "memcached",
    "minio",
    "mongod",
    "mongos",
    "mysqld",
    "mysqld_safe",
    "nats-server",
    "neo4j",
    "opensearch",
    "patroni",
    "pg_ctl",
    "postgres",
    "qdrant",
    "rabbitmq-server",
    "redis-sentinel",
    "redis-server",
    "redpanda",
    "rpk",
    "service",
    "valkey-sentinel",
    "valkey-server",
];

/// Programs that ask a store, copy it or look whether it's there.
const CLIENTS: &[&str] = &[
    "clickhouse-client",
    "cqlsh",
    "etcdctl",
    "influx",
    "kafka-console-consumer.sh",
    "kafka-console-producer.sh",
    "kafka-topics",
    "kafka-topics.sh",
    "keydb-cli",
    "mariadb",
    "mariadb-admin",
    "mariadb-dump",
    "mongo",
    "mongodump",
    "mongoexport",
    "mongoimport",
    "mongorestore",
    "mongosh",
    "mysql",
    "mysqladmin",
    "mysqldump",
    "nodetool",
    "pg_basebackup",
    "pg_dump",
    "pg_dumpall",
    "pg_isready",
    "pg_restore",
    "pgbench",
    "psql",
    "rabbitmq-diagnostics",
    "rabbitmqadmin",
    "rabbitmqctl",
    "redis-benchmark",
    "redis-cli",
    "sqlcmd",
    "valkey-benchmark",
    "valkey-cli",
];

/// What stands before a program: words of a shell, and programs that start another one.
const BEFORE: &[&str] = &[
    "!",
    "ash",
    "bash",
    "do",
    "dumb-init",
    "elif",
    "else",
    "env",
    "exec",
    "gosu",
    "if",
    "nohup",
    "runuser",
    "sh",
    "su",
    "su-exec",
    "sudo",
    "then",
    "time",
    "timeout",
    "tini",
    "until",
    "while",
];

/// Those of them that are told as whom, or for how long, before what.
const TOLD_MORE: &[&str] = &["gosu", "runuser", "su", "su-exec", "timeout"];

const SHELLS: &[&str] = &["ash", "bash", "sh"];

/// What a shell does beside starting a program.
const BESIDE: &[&str] = &[
    ":", "[", "cd", "date", "done", "echo", "export", "false", "fi", "set", "test", "touch", "trap", "true",
    "wait",
];

impl Starts {
    /// What a command starts with these arguments: what only waits takes them for how long.
    pub fn with(self, arguments: Starts) -> Starts {
        if self == Starts::Wait { self } else { self.max(arguments) }
    }

    /// Whether it's surely no server: the one of the image isn't what is started.
    pub fn no_server(self) -> bool {
        matches!(self, Starts::Shell | Starts::Wait | Starts::Client)
    }

    /// Reads one word of the list: the first one is a program, another one with spaces is a script.
    fn read(&mut self, word: &str, is_first: bool) {
        if is_first || word.contains(char::is_whitespace) {
            let commands = word.split(['\n', ';', '|', '&', '(', ')', '{', '}', '`']);
            *self = commands.map(starts).fold(*self, Starts::max);
        } else if *self < Starts::Wait && !is_option(word) {
            // A program or a script that the words before it start.
            *self = Starts::Unsaid;
        }
    }
}

/// What stands among words and is no program. A variable may well be one.
fn is_option(word: &str) -> bool {
    word.starts_with(['-', '+']) || word.starts_with(|c: char| c.is_ascii_digit())
}

/// What one command of a script starts. What takes the shell's place and isn't known may well be the server.
fn starts(command: &str) -> Starts {
    let (mut takes_its_place, mut is_shell) = (false, false);
    // Whether the next word belongs to what came before it, and is no program.
    let mut is_told_more = false;
    let mut is_sudo = false;
    for word in command.split_whitespace().map(|word| word.trim_matches(['"', '\''])) {
        if word.contains(['<', '>']) {
            // `exec >log` starts nothing.
            takes_its_place = false;
            continue;
        }
        let program = word.rsplit('/').next().unwrap_or(word);
        let is_all = matches!(program, "$@" | "$*");
        if is_told_more && !is_all && !program.is_empty() && !program.starts_with('-') {
            is_told_more = false;
            continue;
        }
        // `su -c` has what it starts before whom.
        is_told_more &= program != "-c";
        is_told_more |= TOLD_MORE.contains(&program) || is_sudo && program == "-u";
        is_sudo |= program == "sudo";
        let is_unknown = is_all || takes_its_place && program.starts_with('$');
        if is_unknown {
            return Starts::Server;
        }
        takes_its_place |= program == "exec";
        is_shell |= SHELLS.contains(&program);
        if program.is_empty() || is_option(program) || program.contains('=') || BEFORE.contains(&program) {
            continue;
        }
        return match program {
            "sleep" | "tail" => Starts::Wait,
            _ if BESIDE.contains(&program) => Starts::Nothing,
            _ if CLIENTS.contains(&program) => Starts::Client,
            _ if takes_its_place || SERVERS.contains(&program) || program.ends_with(".sh") => Starts::Server,
            _ => Starts::Unsaid,
        };
    }
    if is_shell { Starts::Shell } else { Starts::Nothing }
}

impl<'de> Deserialize<'de> for Starts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Starts, D::Error> {
        deserializer.deserialize_any(Words)
    }
}

/// A list of words.
struct Words;

/// One word of it; whatever else stands there starts nothing.
struct Word<'a> {
    starts: &'a mut Starts,
    is_first: bool,
}

impl<'de> DeserializeSeed<'de> for Word<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// What is no text, and says nothing.
macro_rules! says_nothing {
    ($nothing:expr) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($nothing)
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($nothing)
        }

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($nothing)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($nothing)
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($nothing)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok($nothing)
        }
    };
}

impl<'de> Visitor<'de> for Word<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word of a command")
    }

    fn visit_str<E>(self, word: &str) -> Result<(), E> {
        self.starts.read(word, self.is_first);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    says_nothing!(());
}

impl<'de> Visitor<'de> for Words {
    type Value = Starts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of words")
    }

    fn visit_str<E>(self, _: &str) -> Result<Starts, E> {
        Ok(Starts::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut words: A) -> Result<Starts, A::Error> {
        let mut starts = Starts::default();
        let mut is_first = true;
        while words.next_element_seed(Word { starts: &mut starts, is_first })?.is_some() {
            is_first = false;
        }
        Ok(starts)
    }

    says_nothing!(Starts::Nothing);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_command_tells_a_client_from_a_server() {
        let read = |command: serde_json::Value| serde_json::from_value::<Starts>(command).unwrap();
        for client in [
            json!(["sh", "-c", "until pg_isready; do sleep 1; done"]),
            json!(["/bin/bash", "-ec", "set -e\nPGPASSWORD=x /usr/bin/pg_dump -U postgres | gzip"]),
            json!(["redis-cli", "-h", "redis-server", "ping"]),
            json!(["sh", "-c", "while true; do mysqldump --all-databases > /backup/all; sleep 86400; done"]),
            json!(["sh", "-c", "exec timeout 30 kafka-topics.sh --list"]),
            json!(["sh", "-c", "timeout $LONGEST pg_dump -h $HOST > /backup/all"]),
            json!(["sh", "-c", "su - postgres -c 'pg_dump all'"]),
            json!(["sh", "-c", "su -c 'pg_dump all' postgres"]),
            json!(["sh", "-c", "sudo -u postgres psql -f a.sql"]),
            json!(["sh", "-c", "exec >/log 2>&1; pg_dump | gzip; exec sleep 3600"]),
        ] {
            assert_eq!(read(client.clone()), Starts::Client, "{client}");
        }
        for server in [
            json!(["redis-server", "/etc/redis.conf"]),
            json!(["sh", "-c", "redis-server & redis-cli ping"]),
            json!(["docker-entrypoint.sh", "mysqld"]),
            json!(["bash", "-c", "until pg_isready; do sleep 1; done; exec $(which postgres) -D /data"]),
            json!(["sh", "-c", "redis-cli ping\nexec docker-entrypoint \"$@\""]),
            json!(["sh", "-c", "redis-cli ping; \"$@\""]),
            json!(["sh", "-c", "psql -f a.sql; exec /opt/start --all"]),
            json!(["bash", "-c", "su postgres -c 'pg_ctl start -D /data' && psql -c 'select 1'"]),
            json!(["bash", "-c", "pg_ctl start -D /data && psql -c 'select 1'"]),
            json!(["sh", "-c", "until mysqladmin ping; do sleep 1; done & gosu mysql mysqld"]),
            json!(["sh", "-c", "gosu mysql \"$@\""]),
            json!(["sh", "-c", "su -c 'pg_ctl start' postgres"]),
            json!(["bash", "-c", "service mysql start && mysql -e 'select 1'"]),
            json!(["sh", "-c", "/scripts/start.sh & until pg_isready; do sleep 1; done"]),
        ] {
            assert_eq!(read(server.clone()), Starts::Server, "{server}");
        }
        for waits in [
            json!(["sleep", 3600]),
            json!(["/bin/sleep", "infinity"]),
            json!(["tail", "-f", "/dev/null"]),
            json!(["sh", "-c", "trap : TERM INT; while true; do sleep 30; done & wait"]),
            json!(["bash", "-c", "echo ready > /tmp/ready && exec tail -f /dev/null"]),
            json!(["sh", "-c", "echo $NAME; sleep $SECONDS"]),
        ] {
            assert_eq!(read(waits.clone()), Starts::Wait, "{waits}");
        }
        for shell in [json!(["bash"]), json!(["/bin/sh", "-il"]), json!(["/bin/sh", "-c"])] {
            assert_eq!(read(shell.clone()), Starts::Shell, "{shell}");
        }
        for unsaid in [
            json!(["--appendonly", "yes"]),
            json!(["web", "--store", "psql"]),
            json!(["sh", "/start"]),
            json!(["sh", "-c", "sleep 5; /opt/start"]),
            json!(["sh", "-c", "/opt/start & tail -f /dev/null"]),
            json!(["sh", "-c", "${START}"]),
            json!(["sh", "-c", "$(START)"]),
            json!(["sh", "$START"]),
            json!(["sh", "-c", "$START --all"]),
            json!(["sh", "-c", "if [ $PRIMARY = 1 ]; then $START; fi; sleep 5"]),
            json!(["tini", "--", "start"]),
        ] {
            assert_eq!(read(unsaid.clone()), Starts::Unsaid, "{unsaid}");
        }
        for nothing in [json!(null), json!("psql"), json!([["psql"], {"psql": "psql"}, true, 1.5, -1])] {
            assert_eq!(read(nothing.clone()), Starts::Nothing, "{nothing}");
        }
    }

    #[test]
    fn arguments_say_what_a_shell_starts_and_for_how_long_a_program_waits() {
        let read = |words: serde_json::Value| serde_json::from_value::<Starts>(words).unwrap();
        let both = |command, arguments| read(command).with(read(arguments));
        assert_eq!(both(json!(["sleep"]), json!(["infinity"])), Starts::Wait);
        assert_eq!(both(json!(["sh", "-c"]), json!(["sleep infinity"])), Starts::Wait);
        assert_eq!(both(json!(["sh"]), json!(["-c", "start"])), Starts::Unsaid);
        assert_eq!(both(json!(["sh", "-c"]), json!(["exec redis-server"])), Starts::Server);
        assert_eq!(both(json!(null), json!(["sleep", "infinity"])), Starts::Wait);
        assert!(!both(json!(null), json!(["--appendonly", "yes"])).no_server());
    }
}
