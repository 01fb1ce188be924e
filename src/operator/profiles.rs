//! All WorkloadProfiles by name and by workload, and which of several counts.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::profile::Profile;
use crate::observe::Key;

#[derive(Debug, Default)]
pub struct Profiles {
    by_name: BTreeMap<(String, String), Profile>,
    names: BTreeMap<Key, BTreeSet<String>>,
    /// What is being written, by the fingerprint of its status: the watch may tell of it before the write returns.
    expected: BTreeMap<(String, String), Option<u64>>,
}

impl Profiles {
    /// Says what the status of a profile is about to be, until [`Profiles::written`]; of a new one, nothing.
    pub fn expect(&mut self, namespace: &str, name: &str, fingerprint: Option<u64>) {
        self.expected.insert((namespace.to_owned(), name.to_owned()), fingerprint);
    }

    /// Says that the write has returned, whatever came of it.
    pub fn written(&mut self, namespace: &str, name: &str) {
        self.expected.remove(&(namespace.to_owned(), name.to_owned()));
    }

    /// Says that nothing is being written any more, whatever was.
    pub fn expect_nothing(&mut self) {
        self.expected.clear();
    }

    /// Whether this says anything that isn't remembered: not the echo of Berth's own write.
    pub fn is_news(&self, profile: &Profile) -> bool {
        let known = self.by_name.get(&(profile.namespace.clone(), profile.name.clone()));
        profile.version.is_none() || known.is_none_or(|known| known.version < profile.version)
    }

    /// Takes a profile in, and names the workloads that have to be looked at again.
    /// What Berth itself just wrote names none.
    pub fn put(&mut self, profile: Profile) -> BTreeSet<Key> {
        let name = (profile.namespace.clone(), profile.name.clone());
        let before = self.by_name.get_mut(&name);
        if let Some(before) = before.as_deref()
            && before.version > profile.version
            && profile.version.is_some()
        {
            // Of a time before the last write; what came of that is still on its way.
            return BTreeSet::new();
        }
        if let Some(before) = before {
            before.version = profile.version;
            if self.expected.get(&name).is_some_and(|expected| *expected == profile.said.fingerprint) {
                before.said = profile.said.clone();
            }
            if *before == profile {
                return BTreeSet::new();
            }
        }
        let before = self.by_name.get(&name);
        let expected =
            before.is_none() && profile.answers.is_none() && self.expected.get(&name) == Some(&None);
        let mut touched = if expected { BTreeSet::new() } else { BTreeSet::from([profile.key.clone()]) };
        if let Some(before) = before
            && before.key != profile.key
        {
            let key = before.key.clone();
            self.unname(&key, &name.1);
            touched.insert(key);
        }
        self.names.entry(profile.key.clone()).or_default().insert(name.1.clone());
        self.by_name.insert(name, profile);
        touched
    }

    /// Forgets a profile, and names the workloads that have to be looked at again.
    pub fn remove(&mut self, namespace: &str, name: &str) -> BTreeSet<Key> {
        let Some(gone) = self.by_name.remove(&(namespace.to_owned(), name.to_owned())) else {
            return BTreeSet::new();
        };
        self.unname(&gone.key, name);
        BTreeSet::from([gone.key])
    }

    /// Forgets the profiles that a new list of them no longer holds, by namespace and name.
    pub fn retain(&mut self, listed: &HashSet<(String, String)>) -> BTreeSet<Key> {
        let gone: Vec<_> = self.by_name.keys().filter(|name| !listed.contains(*name)).cloned().collect();
        gone.iter().flat_map(|(namespace, name)| self.remove(namespace, name)).collect()
    }

    /// The profile that counts for a workload: a person's before one that Berth made, then by name.
    pub fn of(&self, key: &Key) -> Option<&Profile> {
        let named = |name: &String| self.by_name.get(&(key.namespace.clone(), name.clone()));
        self.names.get(key)?.iter().filter_map(named).min_by_key(|profile| profile.generated)
    }

    /// The other profiles about the same workload, which don't count.
    pub fn superseded(&self, key: &Key) -> Vec<Profile> {
        let counts = self.of(key).map(|profile| &profile.name);
        let others = self.names.get(key).into_iter().flatten().filter(|name| Some(*name) != counts);
        others.filter_map(|name| self.by_name.get(&(key.namespace.clone(), name.clone()))).cloned().collect()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.by_name.values()
    }

    fn unname(&mut self, key: &Key, name: &str) {
        if let Some(names) = self.names.get_mut(key) {
            names.remove(name);
            if names.is_empty() {
                self.names.remove(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{observe::Kind, operator::profile::Said};

    fn key(name: &str) -> Key {
        Key { namespace: "shop".to_owned(), kind: Kind::Deployment, name: name.to_owned() }
    }

    fn profile(name: &str, of: &str, generated: bool) -> Profile {
        Profile {
            namespace: "shop".to_owned(),
            name: name.to_owned(),
            generation: Some(1),
            version: None,
            key: key(of),
            generated,
            answers: None,
            said: Said::default(),
        }
    }

    #[test]
    fn a_persons_profile_counts_before_a_generated_one() {
        let mut profiles = Profiles::default();
        profiles.put(profile("deployment-web", "web", true));
        assert_eq!(profiles.of(&key("web")).unwrap().name, "deployment-web");
        profiles.put(profile("zebra", "web", false));
        assert_eq!(profiles.of(&key("web")).unwrap().name, "zebra");
        assert_eq!(profiles.remove("shop", "zebra"), BTreeSet::from([key("web")]));
        assert_eq!(profiles.of(&key("web")).unwrap().name, "deployment-web");
    }

    #[test]
    fn the_same_profile_again_touches_nothing() {
        let mut profiles = Profiles::default();
        assert_eq!(profiles.put(profile("a", "web", true)), BTreeSet::from([key("web")]));
        assert!(profiles.put(profile("a", "web", true)).is_empty());
        let both = BTreeSet::from([key("web"), key("api")]);
        assert_eq!(profiles.put(profile("a", "api", true)), both);
        assert!(profiles.of(&key("web")).is_none());
    }

    #[test]
    fn news_from_before_the_last_write_is_late() {
        let mut profiles = Profiles::default();
        let at = |version, generation| Profile {
            version: Some(version),
            generation: Some(generation),
            ..profile("a", "web", true)
        };
        profiles.put(at(10, 1));
        assert!(profiles.put(at(9, 0)).is_empty());
        assert_eq!(profiles.of(&key("web")).unwrap().generation, Some(1));
        assert!(profiles.put(at(11, 1)).is_empty(), "only the version is another");
        assert_eq!(profiles.put(at(12, 2)), BTreeSet::from([key("web")]));
    }

    #[test]
    fn news_of_a_write_before_it_returns_touches_nothing() {
        let mut profiles = Profiles::default();
        let saying = |fingerprint| Profile {
            said: Said { fingerprint: Some(fingerprint), ..Said::default() },
            ..profile("a", "web", true)
        };
        profiles.expect("shop", "a", None);
        assert!(profiles.put(profile("a", "web", true)).is_empty());
        profiles.expect("shop", "a", Some(1));
        assert!(profiles.put(saying(1)).is_empty());
        assert_eq!(profiles.of(&key("web")).unwrap().said.fingerprint, Some(1));
        profiles.written("shop", "a");
        assert_eq!(profiles.put(saying(2)), BTreeSet::from([key("web")]), "somebody else wrote it");
    }

    #[test]
    fn a_new_list_drops_what_it_leaves_out() {
        let mut profiles = Profiles::default();
        profiles.put(profile("a", "web", true));
        profiles.put(profile("b", "api", true));
        let listed = HashSet::from([("shop".to_owned(), "a".to_owned())]);
        assert_eq!(profiles.retain(&listed), BTreeSet::from([key("api")]));
        assert_eq!(profiles.iter().count(), 1);
    }
}
