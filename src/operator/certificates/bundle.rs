//! The authorities in the webhook's configuration, by which the API server trusts the certificate that is served.

use k8s_openapi::{
    ByteString,
    api::admissionregistration::v1::{ValidatingWebhook, ValidatingWebhookConfiguration},
};
use kube::{
    Api, Resource,
    api::{Patch, PatchParams},
    runtime::events::EventType,
};
use serde_json::json;
use time::OffsetDateTime;
use tracing::info;

use super::{
    assess::joined,
    issue::Material,
    keeper::{Error, Keeper},
};
use crate::{api::FIELD_MANAGER, server::Need};

impl Keeper {
    /// Puts the authorities where the API server looks for them, unless they are there. Says whether they are now.
    pub(super) async fn bundle(
        &self,
        material: &Material,
        renewed: bool,
        now: OffsetDateTime,
    ) -> Result<bool, Error> {
        let Some(name) = &self.names.configuration else { return Ok(true) };
        let configurations: Api<ValidatingWebhookConfiguration> = Api::all(self.client.clone());
        let configuration = configurations
            .get_opt(name)
            .await
            .map_err(|source| Error::Api { what: "the webhook's configuration can't be read", source })?
            .ok_or_else(|| Error::NoConfiguration(name.clone()))?;
        let regarding = configuration.object_ref(&());
        let webhooks = configuration.webhooks.unwrap_or_default();
        let ours: Vec<&ValidatingWebhook> =
            webhooks.iter().filter(|webhook| self.calls_us(webhook)).collect();
        if ours.is_empty() {
            return Err(Error::NoWebhook(name.clone()));
        }
        if material.ca_certificates.is_empty() {
            return Err(Error::Unusable("ca.crt is missing, and the API server needs it"));
        }
        let overlap_ends = self.overlap_ends(now);
        if renewed
            && let Some(present) = ours.iter().find_map(|webhook| webhook.client_config.ca_bundle.as_ref())
        {
            self.overlap(&String::from_utf8_lossy(&present.0), now);
        }
        let wanted: Vec<ByteString> =
            ours.iter().map(|webhook| self.wanted(webhook, material, now)).collect();
        let is_there = |(webhook, wanted): (&&ValidatingWebhook, &ByteString)| {
            webhook.client_config.ca_bundle.as_ref() == Some(wanted)
        };
        if !ours.iter().zip(&wanted).all(is_there) {
            let was_there = !self.readiness.missing().contains(&Need::CaBundle);
            if !self.does_it(now) {
                return Ok(false);
            }
            let body = json!({
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": "ValidatingWebhookConfiguration",
                "metadata": {"name": name},
                "webhooks": ours.iter().zip(&wanted).map(|(webhook, wanted)| json!({
                    "name": webhook.name,
                    "clientConfig": {"caBundle": wanted},
                })).collect::<Vec<_>>(),
            });
            let params = PatchParams::apply(FIELD_MANAGER).force();
            configurations
                .patch(name, &params, &Patch::Apply(&body))
                .await
                .map_err(|source| Error::Api { what: "the caBundle can't be written", source })?;
            info!(configuration = name, "the caBundle was written");
            if was_there && !renewed && !overlap_ends {
                let note = "Somebody changed the caBundle; it was written again.".to_owned();
                self.tell(EventType::Warning, "CaBundleRestored", note, regarding).await;
            }
        }
        // Once met it stays so: a replica that left its Service wouldn't bring the bundle back, and be back after it.
        self.readiness.met(Need::CaBundle);
        Ok(true)
    }

    /// What the bundle of a webhook should be: the leader's authorities, with those of the certificate that replicas are
    /// still serving. Another replica only adds its own, for the leader's certificate is still in use.
    fn wanted(&self, webhook: &ValidatingWebhook, material: &Material, now: OffsetDateTime) -> ByteString {
        let own = &material.ca_certificates;
        let present =
            webhook.client_config.ca_bundle.as_ref().map(|bundle| String::from_utf8_lossy(&bundle.0));
        let wanted = match present {
            Some(present) if !self.leads() && present.contains(own.trim()) => present.into_owned(),
            Some(present) if !self.leads() && !present.is_empty() => format!("{}\n{own}", present.trim_end()),
            _ => joined(own, &self.trusted(now), now),
        };
        ByteString(wanted.into_bytes())
    }

    fn calls_us(&self, webhook: &ValidatingWebhook) -> bool {
        webhook.client_config.service.as_ref().is_some_and(|service| {
            service.name == self.names.service && service.namespace == self.names.namespace
        })
    }
}
