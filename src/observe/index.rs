//! All workloads and neighbours by name, in memory: what a scan, a watch and an admission request look at.

use std::{
    collections::{BTreeMap, BTreeSet},
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

#[derive(Clone, Debug, Default)]
pub struct Index {
    workloads: BTreeMap<Key, Arc<Workload>>,
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
            Object::Workload(workload) if workload.owned => BTreeSet::new(),
            Object::Workload(workload) => {
                let key = workload.key.clone();
                let before = self.workloads.insert(key.clone(), Arc::from(workload));
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
    pub fn remove(&mut self, object: &Object) -> BTreeSet<Key> {
        match object {
            Object::Workload(workload) => {
                self.workloads.remove(&workload.key).map(|gone| gone.key.clone()).into_iter().collect()
            }
            Object::Neighbour(neighbour) => match self.scope(neighbour).remove(&name_of(neighbour)) {
                Some(gone) => self.touched(&gone),
                None => BTreeSet::new(),
            },
            Object::Profile { key, .. } => {
                self.answers.remove(key).map(|_| key.clone()).into_iter().collect()
            }
        }
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
        self.workloads.get(key).map(|workload| self.observe_as(workload.clone()))
    }

    /// A workload as it would be: one that isn't stored yet, with the neighbours that are.
    pub fn observe_as(&self, workload: Arc<Workload>) -> Observed {
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
            fleet: self.fleet(&workload.key),
            workload,
        }
    }

    /// The services that share the platform, this one among them.
    fn fleet(&self, with: &Key) -> Fleet {
        let stored = self.workloads.keys().filter(|key| shares_the_platform(key)).count();
        let new = usize::from(!self.workloads.contains_key(with));
        Fleet { services: (stored + new).max(1) }
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
        self.workloads.values().filter(|w| self.touches(neighbour, w)).map(|w| w.key.clone()).collect()
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

fn shares_the_platform(key: &Key) -> bool {
    matches!(key.kind, Kind::Deployment | Kind::StatefulSet | Kind::CronJob)
        && !SYSTEM_NAMESPACES.contains(&key.namespace.as_str())
}
