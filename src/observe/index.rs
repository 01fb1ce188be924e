//! All workloads and neighbours by name, in memory: what a scan, a watch and an admission request look at.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use super::{
    Observed,
    answers::Answers,
    neighbour::{Neighbour, What},
    object::Object,
    workload::{Key, Kind, Workload},
};

/// What all workloads share.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fleet {
    /// Workloads that last and so share the platform's fixed cost.
    pub services: usize,
}

/// Where Kubernetes itself and its add-ons live.
const SYSTEM_NAMESPACES: &[&str] = &["kube-system", "kube-public", "kube-node-lease"];

/// The kind and name of a neighbour within its scope.
type Named = (&'static str, String, String);

/// Names an object within an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    Workload(Key),
    Neighbour { kind: &'static str, namespace: String, name: String },
    Profile(Key),
}

#[derive(Clone, Debug, Default)]
pub struct Index {
    workloads: BTreeMap<Key, Arc<Workload>>,
    /// How many of them share the platform: counted as they come and go, for it's asked at every decision.
    services: usize,
    /// The count that decisions on what is stored use, where one was settled on.
    settled: Option<Fleet>,
    /// Those of one namespace, by that namespace.
    local: BTreeMap<String, BTreeMap<Named, Arc<Neighbour>>>,
    /// Those that may touch any namespace: cluster-wide ones, and every binding.
    global: BTreeMap<Named, Arc<Neighbour>>,
    answers: BTreeMap<Key, Arc<Answers>>,
}

impl Index {
    /// Takes an object in, new or changed, and names the workloads whose decision it may change.
    pub fn put(&mut self, object: Object) -> BTreeSet<Key> {
        match object {
            // The owner is the one to decide on; it may have adopted this one.
            Object::Workload(workload) if workload.owned => self.remove(&Id::Workload(workload.key)),
            Object::Workload(workload) => {
                let key = workload.key.clone();
                let before = self.workloads.insert(key.clone(), Arc::from(workload));
                if before.is_none() && shares_the_platform(&key) {
                    self.services += 1;
                }
                let same = before.is_some_and(|before| self.workloads.get(&key) == Some(&before));
                if same { BTreeSet::new() } else { BTreeSet::from([key]) }
            }
            Object::Neighbour(neighbour) => {
                let neighbour: Arc<Neighbour> = Arc::from(neighbour);
                let before = self.scope(&neighbour).insert(name_of(&neighbour), neighbour.clone());
                match before {
                    Some(before) if before == neighbour => BTreeSet::new(),
                    Some(before) => &self.touched(&before) | &self.touched(&neighbour),
                    None => self.touched(&neighbour),
                }
            }
            Object::Profile { key, answers } => {
                let answers: Arc<Answers> = Arc::from(answers);
                let before = self.answers.insert(key.clone(), answers.clone());
                if before == Some(answers) { BTreeSet::new() } else { BTreeSet::from([key]) }
            }
        }
    }

    /// Forgets an object, and names the workloads whose decision that may change.
    pub fn remove(&mut self, id: &Id) -> BTreeSet<Key> {
        match id {
            Id::Workload(key) => {
                let Some(gone) = self.workloads.remove(key) else { return BTreeSet::new() };
                if shares_the_platform(key) {
                    self.services -= 1;
                }
                BTreeSet::from([gone.key.clone()])
            }
            Id::Neighbour { kind, namespace, name } => {
                let named = (*kind, namespace.clone(), name.clone());
                let gone =
                    self.global.remove(&named).or_else(|| self.local.get_mut(namespace)?.remove(&named));
                if self.local.get(namespace).is_some_and(BTreeMap::is_empty) {
                    self.local.remove(namespace);
                }
                gone.map(|gone| self.touched(&gone)).unwrap_or_default()
            }
            Id::Profile(key) => self.answers.remove(key).map(|_| key.clone()).into_iter().collect(),
        }
    }

    /// Forgets the objects of a kind that a new list of them no longer holds, by namespace and name.
    pub fn retain(&mut self, kind: &str, listed: &HashSet<(String, String)>) -> BTreeSet<Key> {
        let gone: Vec<Id> = match Kind::parse(kind) {
            Some(kind) => self
                .workloads
                .keys()
                .filter(|key| {
                    key.kind == kind && !listed.contains(&(key.namespace.clone(), key.name.clone()))
                })
                .map(|key| Id::Workload(key.clone()))
                .collect(),
            None => self
                .global
                .keys()
                .chain(self.local.values().flat_map(BTreeMap::keys))
                .filter(|(of, namespace, name)| {
                    *of == kind && !listed.contains(&(namespace.clone(), name.clone()))
                })
                .map(|(kind, namespace, name)| Id::Neighbour {
                    kind,
                    namespace: namespace.clone(),
                    name: name.clone(),
                })
                .collect(),
        };
        gone.iter().flat_map(|id| self.remove(id)).collect()
    }

    /// Every workload, in a fixed order.
    pub fn workloads(&self) -> impl Iterator<Item = &Arc<Workload>> {
        self.workloads.values()
    }

    pub fn contains(&self, key: &Key) -> bool {
        self.workloads.contains_key(key)
    }

    /// A workload with its neighbours, or nothing when it's gone.
    pub fn observe(&self, key: &Key) -> Option<Observed> {
        let workload = self.workloads.get(key)?;
        let fleet = self.settled.unwrap_or_else(|| self.counted());
        Some(self.with_neighbours(workload.clone(), fleet))
    }

    /// A workload as it would be: one that isn't stored yet, with the neighbours that are and the services that
    /// there would be. Nothing is written of it, so that no settled number is needed.
    pub fn observe_as(&self, workload: Arc<Workload>) -> Observed {
        let new = shares_the_platform(&workload.key) && !self.workloads.contains_key(&workload.key);
        let fleet = Fleet { services: self.services + usize::from(new) };
        self.with_neighbours(workload, fleet)
    }

    fn with_neighbours(&self, workload: Arc<Workload>, fleet: Fleet) -> Observed {
        let namespace = self.local.get(&workload.key.namespace);
        let near: Vec<_> = self
            .global
            .values()
            .chain(namespace.into_iter().flat_map(BTreeMap::values))
            .filter(|neighbour| self.touches(neighbour, &workload))
            .cloned()
            .collect();
        Observed {
            answers: self.answers.get(&workload.key).cloned(),
            neighbours: near,
            fleet: Fleet { services: fleet.services.max(1) },
            workload,
        }
    }

    /// The services that share the platform, as they are now.
    pub fn counted(&self) -> Fleet {
        Fleet { services: self.services }
    }

    /// From now on decisions on what is stored use this number instead of the one at their moment.
    pub fn settle(&mut self, fleet: Fleet) {
        self.settled = Some(fleet);
    }

    pub fn settled(&self) -> Option<Fleet> {
        self.settled
    }

    fn touches(&self, neighbour: &Neighbour, workload: &Workload) -> bool {
        let What::Ingress(ingress) = &neighbour.what else { return neighbour.touches(workload) };
        neighbour.namespace == workload.key.namespace
            && self.local.get(&neighbour.namespace).is_some_and(|local| {
                local.values().any(|near| {
                    matches!(near.what, What::Service(_))
                        && ingress.names(&near.name)
                        && near.touches(workload)
                })
            })
    }

    fn touched(&self, neighbour: &Neighbour) -> BTreeSet<Key> {
        // What a Service gains or loses, its Ingresses may too: both are in the workload's own namespace.
        let touched = |workload: &&Arc<Workload>| self.touches(neighbour, workload);
        if neighbour.namespace.is_empty() || matches!(neighbour.what, What::Binding(_)) {
            return self.workloads.values().filter(touched).map(|w| w.key.clone()).collect();
        }
        self.within(&neighbour.namespace).filter(touched).map(|w| w.key.clone()).collect()
    }

    /// The workloads of one namespace: keys are ordered by it.
    fn within<'a>(&'a self, namespace: &'a str) -> impl Iterator<Item = &'a Arc<Workload>> {
        let first = Key { namespace: namespace.to_owned(), kind: Kind::ALL[0], name: String::new() };
        self.workloads
            .range(first..)
            .map(|(_, workload)| workload)
            .take_while(move |w| w.key.namespace == namespace)
    }

    fn scope(&mut self, neighbour: &Neighbour) -> &mut BTreeMap<Named, Arc<Neighbour>> {
        if neighbour.namespace.is_empty() || matches!(neighbour.what, What::Binding(_)) {
            &mut self.global
        } else {
            self.local.entry(neighbour.namespace.clone()).or_default()
        }
    }
}

fn name_of(neighbour: &Neighbour) -> Named {
    (neighbour.what.kind(), neighbour.namespace.clone(), neighbour.name.clone())
}

/// Whether a namespace belongs to Kubernetes itself.
pub fn is_system(namespace: &str) -> bool {
    SYSTEM_NAMESPACES.contains(&namespace)
}

fn shares_the_platform(key: &Key) -> bool {
    matches!(key.kind, Kind::Deployment | Kind::StatefulSet | Kind::CronJob) && !is_system(&key.namespace)
}
