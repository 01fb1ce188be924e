//! Kinds of other projects: each is watched while the cluster serves it in a version that Berth reads. That one is
//! installed or removed is seen by the watch of CustomResourceDefinitions, without a restart.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use futures::future::{BoxFuture, FutureExt};
use kube::core::ApiResource;
use tokio::{
    sync::watch::{Receiver, Sender},
    task::{AbortHandle, JoinSet},
};
use tracing::{info, warn};

use super::watch::Store;
use crate::{
    observe::custom::{self, Cut, Defined, definition::CustomResourceDefinition},
    server::{Need, Readiness},
};

/// The kinds that are served, each with the version to read.
pub type Served = BTreeMap<&'static str, &'static str>;

/// The definitions: neighbours as well, and the news of which kinds are served.
pub struct Definitions<S> {
    pub neighbours: S,
    pub told: Sender<Served>,
    pub readiness: Arc<Readiness>,
    /// Kinds that are served in other versions only: said once, until that changes.
    pub unread: Mutex<BTreeMap<&'static str, String>>,
}

impl<S> Definitions<S> {
    fn served(&self, defined: &Defined, version: Option<&'static str>) {
        let need = Need::Watch(defined.kind);
        // The first answer waits for what is there at the start, and for nothing that comes later.
        match version {
            Some(_) if self.readiness.missing().contains(&Need::Watch(DEFINITIONS)) => {
                self.readiness.unmet(need)
            }
            Some(_) => {}
            None => self.readiness.met(need),
        }
        self.told.send_if_modified(|served| {
            let before = match version {
                Some(version) => served.insert(defined.kind, version),
                None => served.remove(defined.kind),
            };
            before != version
        });
    }

    /// The best version of those that are served. Where none is read, what is lost is said, and nothing fails.
    fn best(&self, defined: &Defined, served: &[&str]) -> Option<&'static str> {
        let best = defined.versions.iter().find(|version| served.contains(version)).copied();
        let mut unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        if best.is_some() || served.is_empty() {
            unread.remove(defined.kind);
            return best;
        }
        let served = served.join(", ");
        if unread.get(defined.kind) != Some(&served) {
            warn!(
                kind = defined.kind,
                "isn't counted: the cluster serves {served}, and this Berth reads {}; an upgrade may help",
                defined.versions.join(", ")
            );
            unread.insert(defined.kind, served);
        }
        None
    }
}

fn defined_by(name: &str) -> Option<&'static Defined> {
    custom::ALL.iter().map(|known| &known.defined).find(|defined| defined.is_named(name))
}

impl<S: Store<CustomResourceDefinition>> Store<CustomResourceDefinition> for Definitions<S> {
    fn put(&self, definition: CustomResourceDefinition) {
        if let Some(defined) = definition.metadata.name.as_deref().and_then(defined_by) {
            self.served(defined, self.best(defined, &definition.served()));
        }
        self.neighbours.put(definition);
    }

    fn remove(&self, namespace: &str, name: &str) {
        if let Some(defined) = defined_by(name) {
            self.served(defined, self.best(defined, &[]));
        }
        self.neighbours.remove(namespace, name);
    }

    fn retain(&self, listed: &HashSet<(String, String)>) {
        for defined in custom::ALL.iter().map(|known| &known.defined) {
            if !listed.iter().any(|(_, name)| defined.is_named(name)) {
                self.served(defined, None);
            }
        }
        self.neighbours.retain(listed);
    }
}

pub const DEFINITIONS: &str = "CustomResourceDefinition";

/// A kind, what follows it, and what forgets all that was seen of it.
pub struct Follower {
    pub defined: Defined,
    pub watch: Box<dyn Fn(ApiResource) -> BoxFuture<'static, ()> + Send + Sync>,
    pub forget: Box<dyn Fn() + Send + Sync>,
}

/// Starts and stops the watches as the news say. Ends only when one of them does, which none should.
pub async fn follow(followers: Vec<Follower>, mut news: Receiver<Served>) {
    let mut watches = JoinSet::new();
    let mut running: BTreeMap<&'static str, (&'static str, AbortHandle)> = BTreeMap::new();
    loop {
        let served = news.borrow_and_update().clone();
        for follower in &followers {
            let kind = follower.defined.kind;
            let version = served.get(kind).copied();
            if running.get(kind).map(|(version, _)| *version) == version {
                continue;
            }
            if let Some((_, watch)) = running.remove(kind) {
                watch.abort();
                // What it's in the middle of would be news of a kind that is gone.
                while !watch.is_finished() {
                    tokio::task::yield_now().await;
                }
            }
            match version {
                Some(version) => {
                    info!(kind, version, "is served, and watched from now on");
                    let watch = (follower.watch)(follower.defined.resource(version));
                    running.insert(kind, (version, watches.spawn(watch)));
                }
                None => {
                    info!(kind, "is no longer served");
                    (follower.forget)();
                }
            }
        }
        tokio::select! {
            changed = news.changed() => if changed.is_err() { return },
            Some(ended) = watches.join_next(), if !watches.is_empty() => match ended {
                Err(error) if error.is_cancelled() => {}
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => return,
                },
                Ok(()) => return,
            },
        }
    }
}

/// A follower of one kind, by what starts a watch of it and the store that it fills.
pub fn follower<S: Cut>(
    watch: impl Fn(ApiResource) -> BoxFuture<'static, ()> + Send + Sync + 'static,
    forget: impl Fn() + Send + Sync + 'static,
) -> Follower {
    Follower { defined: S::DEFINED, watch: Box::new(move |of| watch(of).boxed()), forget: Box::new(forget) }
}
