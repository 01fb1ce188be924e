//! CustomResourceDefinitions cut to the name, the versions and who converts between them: a schema is never built.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

use crate::observe::{
    callers::{Callback, ClientConfig},
    neighbour::{Neighbour, What, neighbour},
    pod::null_is_default,
};

pub const KIND: &str = "CustomResourceDefinition";

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(
    feature = "cluster",
    derive(kube::Resource),
    resource(
        inherit = "k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition"
    )
)]
pub struct CustomResourceDefinition {
    #[serde(default, deserialize_with = "crate::observe::metadata::read")]
    pub metadata: ObjectMeta,
    #[serde(default)]
    pub spec: Spec,
    #[serde(default, deserialize_with = "null_is_default")]
    pub status: Status,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Spec {
    #[serde(deserialize_with = "null_is_default")]
    versions: Vec<Version>,
    conversion: Option<Conversion>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Version {
    name: String,
    served: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Conversion {
    webhook: Option<ConversionWebhook>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ConversionWebhook {
    client_config: ClientConfig,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Status {
    #[serde(deserialize_with = "null_is_default")]
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Condition {
    #[serde(rename = "type")]
    type_: String,
    status: String,
}

impl CustomResourceDefinition {
    /// The versions that the API server answers for: none before it's established, and none once it's being deleted.
    pub fn served(&self) -> Vec<&str> {
        let is_established =
            self.status.conditions.iter().any(|c| c.type_ == "Established" && c.status == "True");
        if !is_established || self.metadata.deletion_timestamp.is_some() {
            return Vec::new();
        }
        self.spec.versions.iter().filter(|version| version.served).map(|version| &*version.name).collect()
    }
}

impl From<CustomResourceDefinition> for Neighbour {
    fn from(object: CustomResourceDefinition) -> Neighbour {
        let webhook = object.spec.conversion.and_then(|conversion| conversion.webhook);
        let service = webhook.and_then(|webhook| webhook.client_config.service());
        let callback = Callback { kind: KIND, services: service.into_iter().collect() };
        neighbour(object.metadata, What::Callback(callback))
    }
}
