//! What the platform's verdict needs of every workload, kept up to date one workload at a time.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use crate::{
    decide::platform::Member,
    observe::{Key, Kind},
};

#[derive(Debug, Default)]
pub struct Members {
    of: BTreeMap<Key, Arc<Member>>,
    /// Workloads that were looked at without a decision: it failed, or isn't wanted.
    undecided: BTreeSet<Key>,
    /// Workloads that aren't profiled, and are counted by name alone.
    apart: BTreeSet<Key>,
    changes: u64,
}

impl Members {
    /// Begins anew: whoever takes over looks at each workload once.
    pub fn begin(&mut self) {
        self.of.clear();
        self.undecided.clear();
        self.changes += 1;
    }

    /// Takes in what was decided of a workload.
    pub fn put(&mut self, key: &Key, member: Member) {
        self.undecided.remove(key);
        self.remove_apart(key);
        if self.of.get(key).is_none_or(|before| **before != member) {
            self.of.insert(key.clone(), Arc::new(member));
            self.changes += 1;
        }
    }

    /// Says that nothing could be decided of a workload: it isn't waited for.
    pub fn fail(&mut self, key: &Key) {
        self.remove(key);
        self.undecided.insert(key.clone());
    }

    /// Counts a workload by name alone whose namespace has Berth turned off.
    pub fn leave_out(&mut self, key: &Key) {
        self.changes += u64::from(self.of.remove(key).is_some());
        self.undecided.insert(key.clone());
        self.put_apart(key.clone());
    }

    pub fn remove(&mut self, key: &Key) {
        self.undecided.remove(key);
        self.remove_apart(key);
        if self.of.remove(key).is_some() {
            self.changes += 1;
        }
    }

    /// Counts a workload that isn't profiled.
    pub fn put_apart(&mut self, key: Key) {
        if self.apart.insert(key) {
            self.changes += 1;
        }
    }

    pub fn remove_apart(&mut self, key: &Key) {
        if self.apart.remove(key) {
            self.changes += 1;
        }
    }

    /// Forgets those apart that a new list of their kind no longer holds.
    pub fn retain_apart(&mut self, kind: Kind, listed: &HashSet<(String, String)>) {
        let before = self.apart.len();
        self.apart
            .retain(|key| key.kind != kind || listed.contains(&(key.namespace.clone(), key.name.clone())));
        self.changes += u64::from(self.apart.len() != before);
    }

    /// Rises with every change that a verdict could depend on.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// How many were looked at.
    pub fn looked_at(&self) -> usize {
        self.of.len() + self.undecided.len()
    }

    /// All of them, to be judged without holding anybody up.
    pub fn all(&self) -> (Vec<Arc<Member>>, Vec<Key>) {
        (self.of.values().cloned().collect(), self.apart.iter().cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Subject;

    fn key(name: &str) -> Key {
        Key { namespace: "shop".to_owned(), kind: Kind::Deployment, name: name.to_owned() }
    }

    fn member(team: &str) -> Member {
        let subject = Subject { kind: "Deployment".into(), namespace: "shop".into(), name: "web".into() };
        Member { team: team.to_owned(), ..Member::apart(subject, "a test") }
    }

    #[test]
    fn only_what_differs_is_a_change() {
        let mut members = Members::default();
        members.put(&key("web"), member("a"));
        let first = members.changes();
        members.put(&key("web"), member("a"));
        assert_eq!(members.changes(), first);
        members.put(&key("web"), member("b"));
        members.remove(&key("web"));
        members.remove(&key("web"));
        assert_eq!(members.changes(), first + 2);
    }

    #[test]
    fn one_that_cant_be_decided_on_is_looked_at_all_the_same() {
        let mut members = Members::default();
        members.put(&key("web"), member("a"));
        members.fail(&key("web"));
        assert_eq!((members.looked_at(), members.all().0.len()), (1, 0));
        members.put(&key("web"), member("a"));
        assert_eq!((members.looked_at(), members.all().0.len()), (1, 1));
    }

    #[test]
    fn a_new_list_drops_what_it_leaves_out() {
        let mut members = Members::default();
        members.put_apart(key("a"));
        members.put_apart(key("b"));
        members.retain_apart(Kind::Job, &HashSet::new());
        members.retain_apart(Kind::Deployment, &HashSet::from([("shop".to_owned(), "a".to_owned())]));
        assert_eq!(members.all().1, [key("a")]);
    }
}
