//! Which of the workloads are reported. All are judged: those left out still share the cluster.

use std::collections::BTreeSet;

use super::{Outcome, output::say};
use crate::{catalog::Target, observe::Kind, report::record::Record};

/// Names that are listed where another was asked for.
const NAMED_MAX: usize = 10;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Selection")]
pub struct Selection {
    /// Only these kinds, as in --kind deployment,cronjob
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = kind)]
    kind: Vec<Kind>,
    /// Only these namespaces
    #[arg(short, long, value_name = "NAMESPACE", value_delimiter = ',')]
    pub namespace: Vec<String>,
    /// Only these teams' workloads
    #[arg(long, value_name = "TEAM", value_delimiter = ',')]
    team: Vec<String>,
    /// Only workloads that these targets are recommended for
    #[arg(long, value_name = "TARGET", value_delimiter = ',', value_parser = target)]
    target: Vec<Target>,
}

impl Selection {
    /// Whether anything may be left out. What is left says nothing about the cluster as a whole.
    pub fn is_everything(&self) -> bool {
        self.kind.is_empty() && self.namespace.is_empty() && self.team.is_empty() && self.target.is_empty()
    }

    /// What is asked for and nowhere to be found, with what there is.
    pub fn unknown(&self, records: &[Record]) -> Vec<String> {
        let told = |what: &str, asked: &[String], known: BTreeSet<&str>| {
            let nowhere = |name: &&String| !known.contains(name.as_str());
            let there_is: Vec<&str> = known.iter().copied().take(NAMED_MAX).collect();
            let more = if known.len() > NAMED_MAX { ", …" } else { "" };
            let there_is = match there_is.as_slice() {
                [] => "none is named".to_owned(),
                names => format!("there is {}{more}", names.join(", ")),
            };
            asked
                .iter()
                .filter(nowhere)
                .map(|name| format!("no {what} {name}: {there_is}"))
                .collect::<Vec<_>>()
        };
        let namespaces = records.iter().map(|record| record.namespace.as_str()).collect();
        let teams = records.iter().filter_map(Record::team).collect();
        [told("namespace", &self.namespace, namespaces), told("team", &self.team, teams)].concat()
    }

    pub fn takes(&self, record: &Record) -> bool {
        let kind = self.kind.is_empty() || self.kind.iter().any(|kind| kind.name() == record.kind);
        let namespace = self.namespace.is_empty() || self.namespace.contains(&record.namespace);
        let team = self.team.is_empty() || self.team.iter().any(|team| record.team() == Some(team));
        let target = self.target.is_empty() || record.target().is_some_and(|t| self.target.contains(&t));
        kind && namespace && team && target
    }
}

/// Tells that nothing is of the names that were asked for. A pipeline that judged nothing must not pass.
pub fn misnamed(decided: usize, origin: &str, unknown: &[String]) -> Outcome {
    say(&format!("berth: none of the {decided} workloads in {origin} is selected: {}", unknown.join("; ")));
    Outcome::Misnamed
}

fn kind(text: &str) -> Result<Kind, String> {
    Kind::parse(text).ok_or_else(|| format!("use {}", Kind::ALL.map(Kind::name).join(", ")))
}

fn target(text: &str) -> Result<Target, String> {
    Target::ALL
        .into_iter()
        .find(|target| target.id().eq_ignore_ascii_case(text))
        .ok_or_else(|| format!("use {}", Target::ALL.map(|target| target.id()).join(", ")))
}
