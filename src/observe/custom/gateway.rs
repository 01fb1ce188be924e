//! Routes of the Gateway API: the Services that they lead to, and what they speak.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

use super::{Cut, Defined};
use crate::observe::{
    neighbour::{What, neighbour},
    object::Object,
    pod::null_is_default,
};

/// Where a route leads.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    pub kind: &'static str,
    /// Services by namespace and name, each with the ports that it's called at.
    pub services: BTreeMap<(String, String), BTreeSet<u32>>,
    /// Of these, those to whose copies clients come back, each with what they are known by.
    pub sessions: BTreeMap<(String, String), String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct HTTPRoute(RouteSpec);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct GRPCRoute(RouteSpec);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct RouteSpec {
    #[serde(deserialize_with = "null_is_default")]
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Rule {
    #[serde(deserialize_with = "null_is_default")]
    backend_refs: Vec<BackendRef>,
    session_persistence: Option<SessionPersistence>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SessionPersistence {
    /// `Cookie`, which it is where it's left out, or `Header`.
    #[serde(rename = "type")]
    type_: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct BackendRef {
    group: Option<String>,
    kind: Option<String>,
    name: String,
    namespace: Option<String>,
    port: Option<u32>,
}

impl Cut for HTTPRoute {
    const DEFINED: Defined = Defined {
        kind: "HTTPRoute",
        group: "gateway.networking.k8s.io",
        plural: "httproutes",
        // The fields that are read are the same in both.
        versions: &["v1", "v1beta1"],
    };

    fn object(metadata: ObjectMeta, spec: Self) -> Object {
        route(Self::DEFINED.kind, metadata, spec.0)
    }
}

impl Cut for GRPCRoute {
    const DEFINED: Defined = Defined {
        kind: "GRPCRoute",
        group: "gateway.networking.k8s.io",
        plural: "grpcroutes",
        versions: &["v1"],
    };

    fn object(metadata: ObjectMeta, spec: Self) -> Object {
        route(Self::DEFINED.kind, metadata, spec.0)
    }
}

fn route(kind: &'static str, metadata: ObjectMeta, spec: RouteSpec) -> Object {
    let own = metadata.namespace.clone().unwrap_or_else(|| "default".to_owned());
    let mut services: BTreeMap<(String, String), BTreeSet<u32>> = BTreeMap::new();
    let mut sessions = BTreeMap::new();
    for rule in spec.rules {
        let kept = rule.session_persistence.map(|by| by.type_.unwrap_or_else(|| "Cookie".to_owned()));
        for backend in rule.backend_refs {
            let is_service = backend.group.as_deref().unwrap_or_default().is_empty()
                && backend.kind.as_deref().unwrap_or("Service") == "Service";
            if is_service {
                let service = (backend.namespace.unwrap_or_else(|| own.clone()), backend.name);
                if let Some(by) = &kept {
                    sessions.insert(service.clone(), by.clone());
                }
                services.entry(service).or_default().extend(backend.port);
            }
        }
    }
    Object::Neighbour(Box::new(neighbour(metadata, What::Route(Route { kind, services, sessions }))))
}
