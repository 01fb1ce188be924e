//! Keeps the Secret, the served certificate and the caBundle in order. Needs a client.
//!
//! Level-triggered: whatever woke it, it reads both objects and does what they need. Two replicas at once converge:
//! the Secret is written with its resourceVersion, so that one of them wins and the other reads again.

use std::{sync::Arc, time::Duration};

use futures::{Stream, StreamExt, stream};
use k8s_openapi::{
    ByteString,
    api::{
        admissionregistration::v1::{ValidatingWebhook, ValidatingWebhookConfiguration},
        core::v1::{ObjectReference, Secret},
    },
};
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
    core::PartialObjectMeta,
    runtime::{
        WatchStreamExt,
        events::{Event, EventType, Recorder},
        utils::Backoff,
        watcher::{self, DefaultBackoff, watcher},
    },
};
use serde_json::json;
use time::OffsetDateTime;
use tracing::{debug, info, warn};

use super::{
    Todo,
    assess::{self, assess, certified, renew},
    issue::Material,
};
use crate::{
    api::FIELD_MANAGER,
    operator::reconcile::reason,
    server::{Metrics, Need, Readiness},
    webhook::Served,
};

/// Looked at this often at least: a clock may jump, and a watch may miss.
const LOOK: Duration = Duration::from_secs(3600);
/// Changes that come together are looked at once.
const GATHER: Duration = Duration::from_millis(200);

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "the Secret {namespace}/{name} doesn't exist: install the chart, which creates it, or create it empty"
    )]
    NoSecret { namespace: String, name: String },
    #[error("the ValidatingWebhookConfiguration {0} doesn't exist: install the chart, or leave the flag out")]
    NoConfiguration(String),
    #[error("no webhook of the ValidatingWebhookConfiguration {0} calls this Service")]
    NoWebhook(String),
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
    fn of_server(&self) -> Vec<String> {
        let short = format!("{}.{}.svc", self.service, self.namespace);
        vec![short.clone(), format!("{short}.cluster.local")]
    }
}

pub struct Keeper {
    pub client: Client,
    pub names: Names,
    pub served: Arc<Served>,
    pub readiness: Arc<Readiness>,
    pub metrics: Arc<Metrics>,
}

impl Keeper {
    /// Keeps them in order for as long as the process lives.
    pub async fn keep(self) {
        let mut changes = std::pin::pin!(self.changes());
        let mut backoff = DefaultBackoff::default();
        loop {
            let wait = match self.look(OffsetDateTime::now_utc()).await {
                Ok(wait) => {
                    backoff.reset();
                    wait
                }
                Err(error) => {
                    let wait = backoff.next().unwrap_or(LOOK);
                    warn!("{error}; again in {wait:.0?}");
                    wait
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                Some(()) = changes.next() => tokio::time::sleep(GATHER).await,
            }
            while let Some(Some(())) = futures::FutureExt::now_or_never(changes.next()) {}
        }
    }

    /// Something happens to one of the two objects.
    fn changes(&self) -> impl Stream<Item = ()> + use<> {
        let by_name = |name: &str| watcher::Config::default().fields(&format!("metadata.name={name}"));
        let secrets: Api<PartialObjectMeta<Secret>> =
            Api::namespaced(self.client.clone(), &self.names.namespace);
        let secret = watcher(secrets, by_name(&self.names.secret)).default_backoff();
        let configuration = self.names.configuration.as_ref().map(|name| {
            let all: Api<PartialObjectMeta<ValidatingWebhookConfiguration>> = Api::all(self.client.clone());
            watcher(all, by_name(name)).default_backoff()
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
        let (material, until) = self.secret(now).await?;
        // The authority first: an API server must know it before it meets the certificate, if one is served already.
        if self.served.is_empty() {
            self.serve(&material)?;
        }
        self.configuration(&material).await?;
        self.serve(&material)?;
        let left = Duration::try_from(until - now).unwrap_or_default();
        Ok(left.clamp(Duration::from_secs(1), LOOK))
    }

    /// The Secret's content, renewed if need be, and until when it's good.
    async fn secret(&self, now: OffsetDateTime) -> Result<(Material, OffsetDateTime), Error> {
        let secrets: Api<Secret> = Api::namespaced(self.client.clone(), &self.names.namespace);
        let secret = secrets
            .get_opt(&self.names.secret)
            .await
            .map_err(|source| Error::Api { what: "the certificate's Secret can't be read", source })?
            .ok_or_else(|| Error::NoSecret {
                namespace: self.names.namespace.clone(),
                name: self.names.secret.clone(),
            })?;
        let names = self.names.of_server();
        let material = Material::from_secret(secret.data.as_ref().unwrap_or(&Default::default()));
        let todo = assess(&material, &names, now);
        let why = match &todo {
            Todo::Keep { until } => return Ok((material, *until)),
            Todo::Leaf(why) | Todo::Authority(why) | Todo::Everything(why) => *why,
        };
        let renewed = renew(&todo, &material, &names, now)?;
        let body = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            // Refused when another replica was faster.
            "metadata": {"name": self.names.secret, "resourceVersion": secret.metadata.resource_version},
            "data": renewed.to_secret(),
        });
        let params = PatchParams::apply(FIELD_MANAGER).force();
        secrets
            .patch(&self.names.secret, &params, &Patch::Apply(&body))
            .await
            .map_err(|source| Error::Api { what: "the certificate's Secret can't be written", source })?;
        info!(why, "the webhook's certificate was renewed");
        if material != Material::default() {
            self.tell(&secret, &todo, why).await;
        }
        match assess(&renewed, &names, now) {
            Todo::Keep { until } => Ok((renewed, until)),
            // An authority was added just now, and the certificate is due as well: at the next look.
            _ => Ok((renewed, now)),
        }
    }

    /// An Event on the Secret, for those who don't read logs.
    async fn tell(&self, secret: &Secret, todo: &Todo, why: &str) {
        let (type_, reason_) = match todo {
            Todo::Everything(_) => (EventType::Warning, "CertificateReplaced"),
            _ => (EventType::Normal, "CertificateRenewed"),
        };
        let event = Event {
            type_,
            reason: reason_.to_owned(),
            note: Some(format!("The webhook's certificate was made anew: {why}.")),
            action: "Renew".to_owned(),
            secondary: None,
        };
        let regarding = ObjectReference {
            api_version: Some("v1".to_owned()),
            kind: Some("Secret".to_owned()),
            namespace: Some(self.names.namespace.clone()),
            name: Some(self.names.secret.clone()),
            uid: secret.metadata.uid.clone(),
            ..ObjectReference::default()
        };
        let recorder = Recorder::new(self.client.clone(), crate::operator::reporter());
        if let Err(error) = recorder.publish(&event, &regarding).await {
            debug!("the Event on the Secret wasn't written: {}", reason(&error));
        }
    }

    /// Puts the authorities where the API server looks for them, unless they are there.
    async fn configuration(&self, material: &Material) -> Result<(), Error> {
        let Some(name) = &self.names.configuration else { return Ok(()) };
        let configurations: Api<ValidatingWebhookConfiguration> = Api::all(self.client.clone());
        let configuration = configurations
            .get_opt(name)
            .await
            .map_err(|source| Error::Api { what: "the webhook's configuration can't be read", source })?
            .ok_or_else(|| {
                self.readiness.unmet(Need::CaBundle);
                Error::NoConfiguration(name.clone())
            })?;
        let webhooks = configuration.webhooks.unwrap_or_default();
        let ours: Vec<&ValidatingWebhook> =
            webhooks.iter().filter(|webhook| self.calls_us(webhook)).collect();
        if ours.is_empty() {
            self.readiness.unmet(Need::CaBundle);
            return Err(Error::NoWebhook(name.clone()));
        }
        let bundle = ByteString(material.ca_certificates.clone().into_bytes());
        if ours.iter().any(|webhook| webhook.client_config.ca_bundle.as_ref() != Some(&bundle)) {
            self.readiness.unmet(Need::CaBundle);
            let body = json!({
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": "ValidatingWebhookConfiguration",
                "metadata": {"name": name},
                "webhooks": ours.iter().map(|webhook| json!({
                    "name": webhook.name,
                    "clientConfig": {"caBundle": bundle},
                })).collect::<Vec<_>>(),
            });
            let params = PatchParams::apply(FIELD_MANAGER).force();
            configurations
                .patch(name, &params, &Patch::Apply(&body))
                .await
                .map_err(|source| Error::Api { what: "the caBundle can't be written", source })?;
            info!(configuration = name, "the caBundle was written");
        }
        self.readiness.met(Need::CaBundle);
        Ok(())
    }

    fn calls_us(&self, webhook: &ValidatingWebhook) -> bool {
        webhook.client_config.service.as_ref().is_some_and(|service| {
            service.name == self.names.service && service.namespace == self.names.namespace
        })
    }

    fn serve(&self, material: &Material) -> Result<(), Error> {
        let certified = certified(material).map_err(Error::Unusable)?;
        if let Some(ends) = certified.cert.first().and_then(assess::ends) {
            self.metrics.certificate_expires(ends.unix_timestamp());
        }
        if self.served.replace(certified) {
            info!("the webhook serves a new certificate");
        }
        self.readiness.met(Need::Certificate);
        Ok(())
    }
}
