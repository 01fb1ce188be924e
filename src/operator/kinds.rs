//! The kinds that are watched, and how each gets into the view. A further kind is one line here.

use std::{
    collections::{BTreeSet, HashSet},
    fmt::Debug,
    marker::PhantomData,
    sync::Arc,
};

use futures::FutureExt;
use kube::{Resource, core::ApiResource};
use serde::de::DeserializeOwned;
use tokio::sync::watch as channel;
use tracing::warn;

use super::{
    Operator, Scope, View,
    policy::{self, Policies},
    profile::{Profile, Stored},
    queue::Queue,
    served::{self, DEFINITIONS, Definitions, Follower},
    watch::{Store, Watching, watch},
};
use crate::{
    observe::{
        Id, Key, Kind, Object, Workload,
        custom::{self, Custom, Cut, definition::CustomResourceDefinition},
        neighbour,
        neighbour::Neighbour,
        workload,
    },
    server::{Metrics, Need, tasks::Tasks},
};

const PROFILES: &str = "WorkloadProfile";

macro_rules! kinds {
    (workloads: $($workload:ident),*; neighbours: $($neighbour:ident),*; served: $($custom:ident),* $(,)?) => {
        /// What readiness waits for: each kind, listed once.
        pub fn needs() -> impl Iterator<Item = Need> {
            [$(stringify!($workload),)* $(stringify!($neighbour),)* DEFINITIONS, PROFILES, policy::KIND]
                .into_iter()
                .map(Need::Watch)
        }

        /// The kinds, as the API server calls them; of those of other projects, whether or not it has them.
        pub fn watched() -> Vec<ApiResource> {
            vec![
                $(ApiResource::erase::<workload::$workload>(&()),)*
                $(ApiResource::erase::<neighbour::$neighbour>(&()),)*
                $(custom::$custom::DEFINED.resource(custom::$custom::DEFINED.versions[0]),)*
                ApiResource::erase::<CustomResourceDefinition>(&()),
                ApiResource::erase::<Stored>(&()),
                ApiResource::erase::<policy::Stored>(&()),
            ]
        }

        /// Starts one watch for each kind, and follows which of other projects' kinds there are.
        pub fn watch_all(operator: &Operator, queue: &Arc<Queue>, policies: Policies, tasks: &mut Tasks) {
            let of = Watches::new(operator, queue);
            let policy = watch::<policy::Stored, _>(policy::KIND, (), of.watching.clone(), policies);
            tasks.spawn(policy::KIND, policy);
            $(of.start::<workload::$workload>(stringify!($workload), as_workload, tasks);)*
            $(of.start::<neighbour::$neighbour>(stringify!($neighbour), as_neighbour, tasks);)*
            of.start_profiles(tasks);
            of.start_served(vec![$(of.follower::<custom::$custom>(),)*], tasks);
        }
    };
}

kinds! {
    workloads: Deployment, StatefulSet, DaemonSet, Job, CronJob, ReplicaSet, ReplicationController, Pod;
    neighbours: Service, Ingress, HorizontalPodAutoscaler, PodDisruptionBudget, NetworkPolicy,
        PersistentVolumeClaim, PersistentVolume, StorageClass, Role, RoleBinding, ClusterRole, ClusterRoleBinding, ServiceAccount, Namespace,
        ValidatingWebhookConfiguration, MutatingWebhookConfiguration, APIService, ValidatingAdmissionPolicy,
        ValidatingAdmissionPolicyBinding;
    served: Rollout, ScaledJob, ScaledObject, HTTPRoute, GRPCRoute, ServiceMonitor, PodMonitor,
}

/// A kind of workload, as the API server calls it.
pub fn resource(kind: Kind) -> Option<ApiResource> {
    watched().into_iter().find(|known| known.kind == kind.name() && known.api_version == kind.api_version())
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
        tasks.spawn(kind, watch::<K, _>(kind, (), self.watching.clone(), store));
    }

    /// What follows a kind of another project while it's served.
    fn follower<S: Cut>(&self) -> Follower {
        let kind = S::DEFINED.kind;
        let store =
            || Indexed::<Custom<S>> { kind, read: Into::into, sink: self.sink.clone(), of: PhantomData };
        let (forgotten, watching, filled) = (store(), self.watching.clone(), store());
        served::follower::<S>(
            move |resource| {
                let watch = watch::<Custom<S>, _>(kind, resource, watching.clone(), filled.clone());
                watch.boxed()
            },
            move || forgotten.retain(&HashSet::new()),
        )
    }

    fn start_served(&self, followers: Vec<Follower>, tasks: &mut Tasks) {
        let (told, news) = channel::channel(Default::default());
        let neighbours =
            Indexed { kind: DEFINITIONS, read: as_neighbour, sink: self.sink.clone(), of: PhantomData };
        let readiness = self.watching.readiness.clone();
        let store = Definitions { neighbours, told, readiness, unread: Default::default() };
        let definitions = watch::<CustomResourceDefinition, _>(DEFINITIONS, (), self.watching.clone(), store);
        tasks.spawn(DEFINITIONS, definitions);
        tasks.spawn("kinds of other projects", served::follow(followers, news));
    }

    fn start_profiles(&self, tasks: &mut Tasks) {
        let store = Profiled { sink: self.sink.clone(), metrics: self.watching.metrics.clone() };
        tasks.spawn(PROFILES, watch::<Stored, _>(PROFILES, (), self.watching.clone(), store));
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
#[derive(Clone)]
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
        if let Object::Workload(workload) = &object
            && !self.sink.scope.profiles(&workload.key)
        {
            if !workload.owned {
                self.sink.view.write(|seen| seen.members.put_apart(workload.key.clone()));
            }
            return;
        }
        self.sink.queue(self.sink.view.write(|seen| seen.index.put(object)));
    }

    fn remove(&self, namespace: &str, name: &str) {
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        let id = match Kind::parse(self.kind) {
            Some(kind) => {
                let key = Key { namespace, kind, name };
                if !self.sink.scope.profiles(&key) {
                    self.sink.view.write(|seen| seen.members.remove_apart(&key));
                }
                Id::Workload(key)
            }
            None => Id::Neighbour { kind: self.kind, namespace, name },
        };
        self.sink.queue(self.sink.view.write(|seen| seen.index.remove(&id)));
    }

    fn retain(&self, listed: &HashSet<(String, String)>) {
        self.sink.queue(self.sink.view.write(|seen| {
            if let Some(kind) = Kind::parse(self.kind) {
                seen.members.retain_apart(kind, listed);
            }
            seen.index.retain(self.kind, listed)
        }));
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
                        seen.index.put(Object::Profile { key: key.clone(), answers, history: None })
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
        let mut stored = stored;
        let history = stored.status.history.take();
        match Profile::read(stored) {
            Ok((profile, problem)) => {
                if let Some(history) = history {
                    self.sink.queue(self.sink.view.write(|seen| {
                        let is_news = seen.profiles.is_news(&profile);
                        if is_news { seen.index.recall(&profile.key, history) } else { Default::default() }
                    }));
                }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_workload_has_a_name_at_the_api_server() {
        for kind in Kind::ALL {
            assert!(resource(kind).is_some(), "{kind} isn't watched");
        }
    }
}
