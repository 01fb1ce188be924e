//! One watch: every object of a kind, from the first list on, into a store; a bad object stops nothing.

use std::{borrow::Cow, collections::HashSet, fmt::Debug, pin::pin, sync::Arc};

use futures::StreamExt;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{
    Api, Client, Resource,
    core::{DeserializeGuard, Status},
    runtime::watcher::{self, Event, watcher},
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error as _};
use tracing::{debug, info, warn};

use super::{
    retries::{is_answer, is_unanswered, paced},
    served::DEFINITIONS,
};
use crate::{
    misread::in_words,
    observe::{Kind, custom},
    operator::reconcile::reason,
    server::{Metrics, Need, Readiness},
};

/// Objects of a list that are held at once; client-go's 500 would be most of the memory at the start.
const PAGE: u32 = 100;

/// One carries its schemas and may be as large as all else together.
const DEFINITIONS_PAGE: u32 = 5;

/// How often in a row the API server may say that it prepares a kind, about half a minute, before that is a fault.
const PREPARES_MAX: u32 = 6;

/// Where the objects of a watch go.
pub trait Store<K>: Send + 'static {
    fn put(&self, object: K);
    fn remove(&self, namespace: &str, name: &str);
    /// Forgets what a new list no longer holds: a relist tells of no deletions.
    fn retain(&self, listed: &HashSet<(String, String)>);
}

/// What every watch needs.
#[derive(Clone)]
pub struct Watching {
    pub client: Client,
    pub readiness: Arc<Readiness>,
    pub metrics: Arc<Metrics>,
}

/// An object whose error names the field.
#[derive(Clone, Debug)]
pub struct Located<K>(pub K);

impl<'de, K: Deserialize<'de>> Deserialize<'de> for Located<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_path_to_error::deserialize(deserializer).map(Located).map_err(|error| {
            D::Error::custom(format!("{}: {}", error.path(), in_words(&error.inner().to_string())))
        })
    }
}

impl<K: Resource> Resource for Located<K> {
    type DynamicType = K::DynamicType;
    type Scope = K::Scope;

    fn kind(dt: &Self::DynamicType) -> Cow<'_, str> {
        K::kind(dt)
    }

    fn group(dt: &Self::DynamicType) -> Cow<'_, str> {
        K::group(dt)
    }

    fn version(dt: &Self::DynamicType) -> Cow<'_, str> {
        K::version(dt)
    }

    fn plural(dt: &Self::DynamicType) -> Cow<'_, str> {
        K::plural(dt)
    }

    fn meta(&self) -> &ObjectMeta {
        self.0.meta()
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        self.0.meta_mut()
    }
}

/// Follows every object of a kind, for as long as the process lives.
/// Of a kind of workload, only what has no owner, as far as labels tell.
pub async fn watch<K, S>(kind: &'static str, resource: K::DynamicType, watching: Watching, store: S)
where
    K: Resource + DeserializeOwned + Clone + Debug + Send + 'static,
    S: Store<K>,
{
    let api: Api<DeserializeGuard<Located<K>>> = Api::all_with(watching.client.clone(), &resource);
    let page = if kind == DEFINITIONS { DEFINITIONS_PAGE } else { PAGE };
    let mut config = watcher::Config::default().page_size(page);
    config.label_selector = Kind::parse(kind).and_then(Kind::ownerless).map(str::to_owned);
    let mut events = pin!(paced(watcher(api, config)));
    let mut listed = HashSet::new();
    let mut prepares = 0;
    let mut is_away = false;
    while let Some(event) = events.next().await {
        let was_away = is_away;
        match &event {
            Ok(event) if !is_answer(event) => {}
            event => is_away = event.as_ref().is_err_and(is_unanswered),
        }
        match event {
            Ok(Event::Init) => listed.clear(),
            Ok(Event::InitApply(object)) => {
                listed.insert(name_of(&object));
                take(kind, object, &store, &watching.metrics);
            }
            Ok(Event::Apply(object)) => take(kind, object, &store, &watching.metrics),
            Ok(Event::Delete(object)) => {
                let (namespace, name) = name_of(&object);
                store.remove(&namespace, &name);
            }
            Ok(Event::InitDone) => {
                store.retain(&std::mem::take(&mut listed));
                watching.readiness.met(Need::Watch(kind));
                prepares = 0;
                info!(kind, "listed");
            }
            // So an API server answers for a kind that is new to it, for a moment.
            Err(error) if prepares < PREPARES_MAX && is_being_prepared(&error) => {
                prepares += 1;
                info!(kind, "the API server prepares it, and is asked again");
            }
            // Where it left off is no longer kept: it lists anew, as every client does now and then.
            Err(error) if is_expired(&error) => {
                watching.metrics.watch_error(kind);
                info!(
                    kind,
                    "the API server no longer has what came since the last list, which is made again"
                );
            }
            // A kind of another project goes without a word of farewell: its definition's watch says the rest.
            Err(error) if custom::is_one(kind) && is_missing(&error) => {
                watching.readiness.met(Need::Watch(kind));
                debug!(kind, "isn't served just now");
            }
            // An outage is told of once, however long it takes.
            Err(error) if was_away && is_away => {
                watching.metrics.watch_error(kind);
                debug!(kind, "the API server still doesn't answer: {}", reason(&error));
            }
            Err(error) => {
                watching.metrics.watch_error(kind);
                // What can't be read of it costs evidence. It must not keep this replica from answering.
                if custom::is_one(kind) {
                    watching.readiness.met(Need::Watch(kind));
                }
                warn!(kind, "the watch failed and starts again: {}", reason(&error));
            }
        }
    }
}

fn is_expired(error: &watcher::Error) -> bool {
    status(error).is_some_and(|status| status.code == 410)
}

fn is_missing(error: &watcher::Error) -> bool {
    status(error).is_some_and(|status| status.code == 404)
}

/// Whether the kind's storage isn't ready yet: apart from its code only the message tells that from too much load.
fn is_being_prepared(error: &watcher::Error) -> bool {
    status(error).is_some_and(|status| status.code == 429 && status.message.contains("initializing"))
}

fn status(error: &watcher::Error) -> Option<&Status> {
    match error {
        watcher::Error::InitialListFailed(kube::Error::Api(status))
        | watcher::Error::WatchStartFailed(kube::Error::Api(status))
        | watcher::Error::WatchError(status)
        | watcher::Error::WatchFailed(kube::Error::Api(status)) => Some(status),
        _ => None,
    }
}

fn take<K: Resource>(
    kind: &'static str,
    object: DeserializeGuard<Located<K>>,
    store: &impl Store<K>,
    metrics: &Metrics,
) {
    match object.0 {
        Ok(object) => store.put(object.0),
        Err(invalid) => {
            let namespace = invalid.metadata.namespace.unwrap_or_default();
            let name = invalid.metadata.name.unwrap_or_default();
            // What was known of it is no longer true.
            store.remove(&namespace, &name);
            metrics.unreadable(kind);
            warn!(kind, namespace, name, "can't be read and is left out: {}", invalid.error);
        }
    }
}

fn name_of<K: Resource>(object: &K) -> (String, String) {
    let meta = object.meta();
    (meta.namespace.clone().unwrap_or_default(), meta.name.clone().unwrap_or_default())
}
