//! What leads to Services, cut to their names: an Ingress, and what the API server calls.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::pod::null_is_default;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct IngressSpec {
    /// `backend` in the versions before v1.
    #[serde(alias = "backend")]
    default_backend: Option<Backend>,
    #[serde(deserialize_with = "null_is_default")]
    rules: Vec<IngressRule>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct IngressRule {
    http: Option<HttpRule>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct HttpRule {
    #[serde(deserialize_with = "null_is_default")]
    paths: Vec<HttpPath>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct HttpPath {
    #[serde(deserialize_with = "null_is_default")]
    backend: Backend,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Backend {
    service: Option<ServiceRef>,
    /// Its form in the versions before v1.
    service_name: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ServiceRef {
    name: String,
    namespace: Option<String>,
}

impl IngressSpec {
    /// The Services that its rules and its default backend name.
    pub fn services(self) -> BTreeSet<String> {
        let paths = self.rules.into_iter().filter_map(|rule| rule.http).flat_map(|http| http.paths);
        let backends = self.default_backend.into_iter().chain(paths.map(|path| path.backend));
        backends
            .filter_map(|backend| backend.service.map(|service| service.name).or(backend.service_name))
            .collect()
    }
}

/// Services that the API server calls, and the kind of object that says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Callback {
    pub kind: &'static str,
    /// By namespace and name.
    pub services: BTreeSet<(String, String)>,
}

/// Of a webhook, and an APIService's whole specification.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClientConfig {
    service: Option<ServiceRef>,
}

impl ClientConfig {
    pub fn service(self) -> Option<(String, String)> {
        self.service.map(|service| (service.namespace.unwrap_or_else(|| "default".to_owned()), service.name))
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WebhooksBody {
    #[serde(deserialize_with = "null_is_default")]
    webhooks: Vec<Webhook>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Webhook {
    client_config: ClientConfig,
}

impl WebhooksBody {
    pub fn callback(self, kind: &'static str) -> Callback {
        let services = self.webhooks.into_iter().filter_map(|webhook| webhook.client_config.service());
        Callback { kind, services: services.collect() }
    }
}
