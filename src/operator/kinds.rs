//! The kinds that are watched, and how each gets into the view. A further kind is one line here.

use std::{
    collections::{BTreeSet, HashSet},
    fmt::Debug,
    marker::PhantomData,
    sync::Arc,
};

use kube::Resource;
use serde::de::DeserializeOwned;
use tracing::warn;

use super::{
    Operator, Scope, View,
    profile::{Profile, Stored},
    queue::Queue,
    watch::{Store, Watching, watch},
};
use crate::{
    observe::{Id, Key, Kind, Object, Workload, neighbour, neighbour::Neighbour, workload},
    server::{Metrics, Need, tasks::Tasks},
};

const PROFILES: &str = "WorkloadProfile";

macro_rules! kinds {
    (workloads: $($workload:ident),*; neighbours: $($neighbour:ident),* $(,)?) => {
        /// What readiness waits for: each kind, listed once.
        pub fn needs() -> impl Iterator<Item = Need> {
            [$(stringify!($workload),)* $(stringify!($neighbour),)* PROFILES].into_iter().map(Need::Watch)
        }

        /// Starts one watch for each kind.
        pub fn watch_all(operator: &Operator, queue: &Arc<Queue>, tasks: &mut Tasks) {
            let of = Watches::new(operator, queue);
            $(of.start::<workload::$workload>(stringify!($workload), as_workload, tasks);)*
            $(of.start::<neighbour::$neighbour>(stringify!($neighbour), as_neighbour, tasks);)*
            of.start_profiles(tasks);
        }
    };
}

kinds! {
    workloads: Deployment, StatefulSet, DaemonSet, Job, CronJob;
    neighbours: Service, Ingress, HorizontalPodAutoscaler, PodDisruptionBudget, NetworkPolicy,
        PersistentVolumeClaim, StorageClass, RoleBinding, ClusterRoleBinding, ServiceAccount, Namespace,
}

fn as_workload<K: Into<Workload>>(object: K) -> Object {
    Object::Workload(Box::new(object.into()))
}

fn as_neighbour<K: Into<Neighbour>>(object: K) -> Object {
    Object::Neighbour(Box::new(object.into()))
}

/// What the stores of all watches share.
#[derive(Clone)]
struct Watches {
    watching: Watching,
    sink: Sink,
}

impl Watches {
    fn new(operator: &Operator, queue: &Arc<Queue>) -> Self {
        Watches {
            watching: Watching {
                client: operator.client.clone(),
                readiness: operator.readiness.clone(),
                metrics: operator.metrics.clone(),
            },
            sink: Sink { view: operator.view.clone(), queue: queue.clone(), scope: operator.scope.clone() },
        }
    }

    fn start<K>(&self, kind: &'static str, read: fn(K) -> Object, tasks: &mut Tasks)
    where
        K: Resource<DynamicType = ()> + DeserializeOwned + Clone + Debug + Send + Sync + 'static,
    {
        let store = Indexed { kind, read, sink: self.sink.clone(), of: PhantomData };
        tasks.spawn(kind, watch::<K, _>(kind, self.watching.clone(), store));
    }

    fn start_profiles(&self, tasks: &mut Tasks) {
        let store = Profiled { sink: self.sink.clone(), metrics: self.watching.metrics.clone() };
        tasks.spawn(PROFILES, watch::<Stored, _>(PROFILES, self.watching.clone(), store));
    }
}

/// The view, and the queue of what a change touches.
#[derive(Clone)]
struct Sink {
    view: Arc<View>,
    queue: Arc<Queue>,
    scope: Scope,
}

impl Sink {
    fn queue(&self, touched: BTreeSet<Key>) {
        self.queue.add(touched.into_iter().filter(|key| self.scope.profiles(key)));
    }
}

/// Workloads and neighbours, which go into the index.
struct Indexed<K> {
    kind: &'static str,
    read: fn(K) -> Object,
    sink: Sink,
    of: PhantomData<fn(K)>,
}

impl<K: Send + 'static> Store<K> for Indexed<K> {
    fn put(&self, object: K) {
        let object = (self.read)(object);
        // What isn't profiled doesn't count as a service that shares the platform either.
        if matches!(&object, Object::Workload(workload) if !self.sink.scope.profiles(&workload.key)) {
            return;
        }
        self.sink.queue(self.sink.view.write(|seen| seen.index.put(object)));
    }

    fn remove(&self, namespace: &str, name: &str) {
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        let id = match Kind::parse(self.kind) {
            Some(kind) => Id::Workload(Key { namespace, kind, name }),
            None => Id::Neighbour { kind: self.kind, namespace, name },
        };
        self.sink.queue(self.sink.view.write(|seen| seen.index.remove(&id)));
    }

    fn retain(&self, listed: &HashSet<(String, String)>) {
        self.sink.queue(self.sink.view.write(|seen| seen.index.retain(self.kind, listed)));
    }
}

/// Profiles: the one that counts gives the index a person's answers.
struct Profiled {
    sink: Sink,
    metrics: Arc<Metrics>,
}

impl Profiled {
    fn change(&self, change: impl FnOnce(&mut super::Profiles) -> BTreeSet<Key>) {
        let touched = self.sink.view.write(|seen| {
            let touched = change(&mut seen.profiles);
            for key in &touched {
                match seen.profiles.of(key).and_then(|profile| profile.answers.clone()) {
                    Some(answers) => {
                        let answers = Box::new((*answers).clone());
                        seen.index.put(Object::Profile { key: key.clone(), answers })
                    }
                    None => seen.index.remove(&Id::Profile(key.clone())),
                };
            }
            touched
        });
        self.sink.queue(touched);
    }
}

impl Store<Stored> for Profiled {
    fn put(&self, stored: Stored) {
        let namespace = stored.metadata.namespace.clone().unwrap_or_default();
        let name = stored.metadata.name.clone().unwrap_or_default();
        match Profile::read(stored) {
            Ok((profile, problem)) => {
                if let Some(problem) = problem {
                    self.metrics.unreadable(PROFILES);
                    warn!(kind = PROFILES, namespace, name, "its answers are left out: {problem}");
                }
                self.change(|profiles| profiles.put(profile));
            }
            Err(problem) => {
                self.metrics.unreadable(PROFILES);
                warn!(kind = PROFILES, namespace, name, "can't be read and is left out: {problem}");
                self.change(|profiles| profiles.remove(&namespace, &name));
            }
        }
    }

    fn remove(&self, namespace: &str, name: &str) {
        self.change(|profiles| profiles.remove(namespace, name));
    }

    fn retain(&self, listed: &HashSet<(String, String)>) {
        self.change(|profiles| profiles.retain(listed));
    }
}
