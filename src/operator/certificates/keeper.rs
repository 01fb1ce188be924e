//! Keeps the Secret, the served certificate and the caBundle in order. Needs a client.
//!
//! Level-triggered: whatever woke it, it reads both objects and does what they need. Only the leader writes; the others
//! serve what the Secret holds, and make what stays missing. Should two lead for a moment they converge: the Secret is written with its
//! resourceVersion, so that one of them wins and the other reads again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::{Stream, StreamExt, stream};
use k8s_openapi::{
    api::{
        admissionregistration::v1::ValidatingWebhookConfiguration,
        core::v1::{ObjectReference, Secret},
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{
    Api, Client, Resource,
    api::{Patch, PatchParams},
    core::PartialObjectMeta,
    runtime::{
        events::{Event, EventType, Recorder},
        utils::Backoff,
        watcher::{self, DefaultBackoff, watcher},
    },
};
use serde_json::json;
use time::OffsetDateTime;
use tokio::sync::watch;
use tracing::{debug, info, warn};

use super::{
    Issuer, Todo,
    assess::{self, accepted, assess, certified, renew},
    issue::Material,
};
use crate::{
    api::FIELD_MANAGER,
    operator::{reconcile::reason, retries::paced},
    server::{Metrics, Need, Readiness},
    webhook::Served,
};

/// Looked at this often at least: a clock may jump, and a watch may miss.
const LOOK: Duration = Duration::from_secs(3600);
/// Under this name the Secret's marks of ownership are put back. It's another than FIELD_MANAGER, which would drop
/// them with its next write, and it never claims what changes from version to version.
const RESTORER: &str = "berth-restore";
/// The marks by which Helm knows what is its own; without them it neither upgrades nor removes the Secret.
const MARKS: &[&str] = &[
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/name",
    "meta.helm.sh/release-name",
    "meta.helm.sh/release-namespace",
];
/// A Secret that is away for longer wasn't removed by an uninstall, which stops the operator too.
const AWAY: Duration = Duration::from_secs(10);
/// An API server learns of an authority by a watch, one of several or a busy one after seconds, and meets its
/// certificate after that.
const LEARNS: Duration = Duration::from_secs(5);
/// So long other replicas may go on with a certificate of the authorities before.
const OVERLAP: Duration = Duration::from_secs(60);
/// A look that takes longer asks over a connection that died in silence.
const LOOK_MAX: Duration = Duration::from_secs(30);
/// Changes that come together are looked at once.
const GATHER: Duration = Duration::from_millis(200);

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the Secret {namespace}/{name} doesn't exist: {todo}")]
    NoSecret { namespace: String, name: String, todo: &'static str },
    #[error("the ValidatingWebhookConfiguration {0} doesn't exist: install the chart, or leave the flag out")]
    NoConfiguration(String),
    #[error("no webhook of the ValidatingWebhookConfiguration {0} calls this Service")]
    NoWebhook(String),
    #[error("the API server hasn't answered for {LOOK_MAX:?}")]
    Silent,
    #[error("{what}: {}", reason(.source))]
    Api { what: &'static str, source: kube::Error },
    #[error(transparent)]
    Issue(#[from] super::Error),
    #[error("the certificate in the Secret can't be served: {0}")]
    Unusable(&'static str),
}

/// The objects that it keeps, and whom they are for.
#[derive(Clone, Debug)]
pub struct Names {
    pub namespace: String,
    pub secret: String,
    pub service: String,
    /// None where the chart installs no webhook.
    pub configuration: Option<String>,
}

impl Names {
    /// The names under which the API server may call the webhook.
    pub fn of_server(&self) -> Vec<String> {
        let short = format!("{}.{}.svc", self.service, self.namespace);
        vec![short.clone(), format!("{short}.cluster.local")]
    }
}

pub struct Keeper {
    pub client: Client,
    pub names: Names,
    pub issuer: Issuer,
    pub served: Arc<Served>,
    /// Whether this replica may write.
    pub leading: watch::Receiver<bool>,
    pub readiness: Arc<Readiness>,
    pub metrics: Arc<Metrics>,
    pub last: Mutex<Last>,
}

/// What was seen of the Secret last.
#[derive(Debug, Default)]
pub struct Last {
    /// Since when it has been away.
    away: Option<OffsetDateTime>,
    /// Since when something has been missing that the leader should have made.
    undone: Option<OffsetDateTime>,
    /// By whom it was kept.
    owner: Owner,
    /// The authorities of the certificate that is served.
    serving: String,
    /// Those of the one before, and since when they aren't any more.
    before: Option<(String, OffsetDateTime)>,
    /// Those that the API server was told of last, and when.
    told: Option<(String, OffsetDateTime)>,
}

/// The marks of ownership of an object.
#[derive(Clone, Debug, Default, PartialEq)]
struct Owner {
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
}

impl Owner {
    fn of(metadata: &ObjectMeta) -> Self {
        let marks = |of: &Option<BTreeMap<String, String>>| {
            let mut marks = of.clone().unwrap_or_default();
            marks.retain(|name, _| MARKS.contains(&name.as_str()));
            marks
        };
        Owner { labels: marks(&metadata.labels), annotations: marks(&metadata.annotations) }
    }
}

impl Last {
    fn serves(&mut self, authorities: &str, now: OffsetDateTime) {
        if !self.serving.is_empty() && self.serving != authorities {
            let serving = std::mem::take(&mut self.serving);
            self.hold(&serving, now);
        }
        authorities.clone_into(&mut self.serving);
    }

    /// Holds on to these for a while, and to what is held already.
    fn hold(&mut self, authorities: &str, now: OffsetDateTime) {
        let held = self.before.take().map(|(held, _)| held).unwrap_or_default();
        self.before = Some((held + authorities, now));
    }

    /// How long until each API server knows these, which stand in the bundle.
    fn learns(&mut self, authorities: &str, now: OffsetDateTime) -> Duration {
        let told = self.told.take().filter(|(told, _)| told == authorities);
        let (_, since) = self.told.insert(told.unwrap_or_else(|| (authorities.to_owned(), now)));
        Duration::try_from(*since + LEARNS - now).unwrap_or_default().min(LEARNS)
    }

    /// How long those before stay trusted.
    fn overlap(&self, now: OffsetDateTime) -> Option<Duration> {
        let (_, since) = self.before.as_ref()?;
        Duration::try_from(*since + OVERLAP - now).ok().filter(|left| !left.is_zero())
    }

    fn remember(&mut self, secret: &Secret) {
        self.away = None;
        self.owner = Owner::of(&secret.metadata);
    }
}

/// What the Secret holds after a look.
struct Found {
    material: Material,
    until: OffsetDateTime,
    /// This look has changed it.
    renewed: bool,
}

impl Keeper {
    /// Keeps them in order for as long as the process lives.
    pub async fn keep(self) {
        let mut changes = std::pin::pin!(self.changes());
        let mut leading = self.leading.clone();
        let mut backoff = DefaultBackoff::default();
        loop {
            let look = tokio::time::timeout(LOOK_MAX, self.look(OffsetDateTime::now_utc()));
            let wait = match look.await.unwrap_or(Err(Error::Silent)) {
                Ok(wait) => {
                    backoff.reset();
                    wait
                }
                Err(error) => {
                    let wait = backoff.next().unwrap_or(AWAY).min(AWAY);
                    warn!("{error}; again in {wait:.0?}");
                    wait
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                Some(()) = changes.next() => tokio::time::sleep(GATHER).await,
                Ok(()) = leading.changed() => {}
            }
            while let Some(Some(())) = futures::FutureExt::now_or_never(changes.next()) {}
        }
    }

    /// Something happens to one of the two objects.
    fn changes(&self) -> impl Stream<Item = ()> + use<> {
        let by_name = |name: &str| watcher::Config::default().fields(&format!("metadata.name={name}"));
        let secrets: Api<PartialObjectMeta<Secret>> =
            Api::namespaced(self.client.clone(), &self.names.namespace);
        let secret = paced(watcher(secrets, by_name(&self.names.secret)));
        let configuration = self.names.configuration.as_ref().map(|name| {
            let all: Api<PartialObjectMeta<ValidatingWebhookConfiguration>> = Api::all(self.client.clone());
            paced(watcher(all, by_name(name)))
        });
        let told = |what: &'static str| {
            move |error: watcher::Error| debug!("the watch on {what} failed: {}", reason(&error))
        };
        let secret =
            secret.filter_map(move |event| async move { event.map_err(told("the Secret")).ok().map(drop) });
        let configuration = stream::iter(configuration).flatten().filter_map(move |event| async move {
            event.map_err(told("the webhook's configuration")).ok().map(drop)
        });
        stream::select(secret.boxed(), configuration.boxed())
    }

    /// Reads both objects, does what they need, and says when to look again.
    ///
    /// # Errors
    /// When an object is missing or the API server refuses; the next look tries again.
    pub async fn look(&self, now: OffsetDateTime) -> Result<Duration, Error> {
        let Some(Found { material, until, renewed }) = self.secret(now).await? else {
            debug!("the Secret holds no certificate yet: the leader makes one");
            return Ok(AWAY);
        };
        // The authority first: an API server must know it before it meets the certificate, if one is served already.
        if self.served.is_empty() {
            self.serve(&material, now)?;
        }
        if !self.bundle(&material, renewed, now).await? {
            return Ok(AWAY);
        }
        let learns = self.last().learns(&material.ca_certificates, now);
        if self.is_another(&material) {
            tokio::time::sleep(learns).await;
        }
        self.serve(&material, now)?;
        let mut last = self.last();
        last.undone = None;
        let left = Duration::try_from(until - now).unwrap_or_default();
        let left = last.overlap(now).map_or(left, |overlap| overlap.min(left));
        Ok(left.clamp(Duration::from_secs(1), LOOK))
    }

    /// The Secret's content, renewed if need be; nothing while it's empty and another's to fill.
    async fn secret(&self, now: OffsetDateTime) -> Result<Option<Found>, Error> {
        let secrets: Api<Secret> = Api::namespaced(self.client.clone(), &self.names.namespace);
        let secret = secrets
            .get_opt(&self.names.secret)
            .await
            .map_err(|source| Error::Api { what: "the certificate's Secret can't be read", source })?;
        self.is_there(secret.as_ref(), now)?;
        let names = self.names.of_server();
        let data = secret.as_ref().and_then(|secret| secret.data.as_ref());
        let material = data.map(Material::from_secret).unwrap_or_default();
        if self.issuer == Issuer::Given {
            return self.given(material, &names, now).map(Some);
        }
        let (todo, secret, deleted) = match secret {
            Some(secret) => (assess(&material, &names, now), secret, false),
            None => (Todo::Everything("the Secret was deleted"), self.restore(&secrets).await?, true),
        };
        let why = match &todo {
            Todo::Keep { until } => return Ok(Some(Found { material, until: *until, renewed: false })),
            // The watch tells of what the leader does about it.
            _ if !(self.leads() || material == Material::default() && self.does_it(now)) => {
                let found = Found { material, until: now + LOOK, renewed: false };
                return Ok((found.material != Material::default()).then_some(found));
            }
            Todo::Leaf(why) | Todo::Authority(why) | Todo::Everything(why) => *why,
        };
        let renewed = renew(&todo, &material, &names, now)?;
        let body = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": self.names.secret,
                // Refused when another replica was faster.
                "resourceVersion": secret.metadata.resource_version,
            },
            "data": renewed.to_secret(),
        });
        let params = PatchParams::apply(FIELD_MANAGER).force();
        let written = secrets
            .patch(&self.names.secret, &params, &Patch::Apply(&body))
            .await
            .map_err(|source| Error::Api { what: "the certificate's Secret can't be written", source })?;
        info!(why, "the webhook's certificate was renewed");
        // The first one is no news.
        if deleted || material != Material::default() {
            let (type_, reason) = match todo {
                Todo::Everything(_) => (EventType::Warning, "CertificateReplaced"),
                _ => (EventType::Normal, "CertificateRenewed"),
            };
            let note = format!("The webhook's certificate was made anew: {why}.");
            self.tell(type_, reason, note, written.object_ref(&())).await;
        }
        let until = match assess(&renewed, &names, now) {
            Todo::Keep { until } => until,
            // An authority was added just now, and the certificate is due as well: at the next look.
            _ => now,
        };
        Ok(Some(Found { material: renewed, until, renewed: true }))
    }

    /// The Secret made anew, empty, with the marks of its owner.
    async fn restore(&self, secrets: &Api<Secret>) -> Result<Secret, Error> {
        let mut owner = self.last().owner.clone();
        if owner == Owner::default() {
            // Without them it serves as well; an uninstall leaves it then.
            owner = self.owner_of_release().await.unwrap_or_else(|error| {
                warn!("the certificate's Secret is made without Helm's marks: {error}");
                Owner::default()
            });
        }
        let mut metadata = json!({"name": self.names.secret});
        // An empty field of its own would stand in Helm's way.
        for (field, marks) in [("labels", &owner.labels), ("annotations", &owner.annotations)] {
            if !marks.is_empty() {
                metadata[field] = json!(marks);
            }
        }
        let body = json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque"});
        secrets
            .patch(&self.names.secret, &PatchParams::apply(RESTORER), &Patch::Apply(&body))
            .await
            .map_err(|source| Error::Api { what: "the certificate's Secret can't be made anew", source })
    }

    /// The marks of what came with the Secret, for a replica that never saw it.
    async fn owner_of_release(&self) -> Result<Owner, Error> {
        let Some(name) = &self.names.configuration else { return Ok(Owner::default()) };
        let configurations: Api<ValidatingWebhookConfiguration> = Api::all(self.client.clone());
        let configuration = configurations
            .get_opt(name)
            .await
            .map_err(|source| Error::Api { what: "the webhook's configuration can't be read", source })?;
        Ok(configuration.map(|configuration| Owner::of(&configuration.metadata)).unwrap_or_default())
    }

    /// Whether to go on: without a Secret only the leader does, and only after a while.
    fn is_there(&self, secret: Option<&Secret>, now: OffsetDateTime) -> Result<(), Error> {
        let mut last = self.last();
        if let Some(secret) = secret {
            last.remember(secret);
            return Ok(());
        }
        let since = *last.away.get_or_insert(now);
        let own = self.issuer == Issuer::Own;
        if own && self.leads() && now - since >= AWAY {
            return Ok(());
        }
        Err(Error::NoSecret {
            namespace: self.names.namespace.clone(),
            name: self.names.secret.clone(),
            todo: if own {
                "the leader makes it anew if it stays away"
            } else {
                "whoever issues it has to make it"
            },
        })
    }

    /// A certificate that another makes, and renews: served as it is, with a word on what is wrong with it.
    fn given(&self, material: Material, names: &[String], now: OffsetDateTime) -> Result<Found, Error> {
        if let Err(why) = accepted(&material, &material.ca_certificates, names, now) {
            warn!(secret = self.names.secret, "the API server won't accept the given certificate: {why}");
        }
        Ok(Found { material, until: now + LOOK, renewed: false })
    }

    /// An Event, for those who don't read logs.
    pub(super) async fn tell(
        &self,
        type_: EventType,
        reason_: &str,
        note: String,
        regarding: ObjectReference,
    ) {
        let (reason_, action) = (reason_.to_owned(), "Renew".to_owned());
        let event = Event { type_, reason: reason_, note: Some(note), action, secondary: None };
        let recorder = Recorder::new(self.client.clone(), crate::operator::reporter());
        if let Err(error) = recorder.publish(&event, &regarding).await {
            debug!("an Event on the certificate wasn't written: {}", reason(&error));
        }
    }

    pub(super) fn leads(&self) -> bool {
        *self.leading.borrow()
    }

    /// Whether this replica makes what is missing: the leader at once, another where it stays missing. An upgrade that
    /// changes who issues leaves the old leader without a right to the new Secret, and waits for the new replica.
    pub(super) fn does_it(&self, now: OffsetDateTime) -> bool {
        self.leads() || now - *self.last().undone.get_or_insert(now) >= AWAY
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The authorities of what this replica serves, and for a while those before.
    pub(super) fn trusted(&self, now: OffsetDateTime) -> String {
        let last = self.last();
        let before = last.overlap(now).and_then(|_| last.before.as_ref()).map_or("", |(before, _)| before);
        last.serving.clone() + before
    }

    /// Holds on to what was trusted until now: others may serve a certificate that this replica never did.
    pub(super) fn overlap(&self, present: &str, now: OffsetDateTime) {
        self.last().hold(present, now);
    }

    /// Whether those before have stayed long enough, just now.
    pub(super) fn overlap_ends(&self, now: OffsetDateTime) -> bool {
        let mut last = self.last();
        let ends = last.before.is_some() && last.overlap(now).is_none();
        if ends {
            last.before = None;
        }
        ends
    }

    /// Whether it isn't the certificate that is served.
    fn is_another(&self, material: &Material) -> bool {
        certified(material).is_ok_and(|certified| !self.served.is(&certified))
    }

    fn serve(&self, material: &Material, now: OffsetDateTime) -> Result<(), Error> {
        let certified = certified(material).map_err(Error::Unusable)?;
        if let Some(ends) = certified.cert.first().and_then(assess::ends) {
            self.metrics.certificate_expires(ends.unix_timestamp());
        }
        if self.served.replace(certified) {
            info!("the webhook serves a new certificate");
        }
        self.last().serves(&material.ca_certificates, now);
        self.readiness.met(Need::Certificate);
        Ok(())
    }
}
