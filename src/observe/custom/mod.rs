//! Kinds that other projects define by a CustomResourceDefinition: a cluster may have them, get them and lose them.
//!
//! A further kind is one type with [`Cut`], one line in [`ALL`] and one in the operator's list.

pub mod definition;
mod gateway;
mod keda;
mod monitor;
mod rollout;

use std::fmt::Debug;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

pub use gateway::{GRPCRoute, HTTPRoute, Route};
pub use keda::{Scaled, ScaledJob, ScaledObject};
pub use monitor::{Monitor, PodMonitor, ServiceMonitor};
pub use rollout::{Rollout, RolloutOf};

use super::object::{Object, Problem, deserialize};

/// A kind, and the versions of it that Berth reads, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defined {
    pub kind: &'static str,
    pub group: &'static str,
    pub plural: &'static str,
    pub versions: &'static [&'static str],
}

impl Defined {
    /// Whether a CustomResourceDefinition of this name is the kind's.
    pub fn is_named(&self, name: &str) -> bool {
        name.strip_prefix(self.plural).and_then(|rest| rest.strip_prefix('.')) == Some(self.group)
    }
}

/// The part of a kind's specification that is read.
pub trait Cut: DeserializeOwned + Default + Clone + Debug + Send + Sync + 'static {
    const DEFINED: Defined;

    fn object(metadata: ObjectMeta, spec: Self) -> Object;
}

/// A kind, and how an object of it is read.
pub struct Known {
    pub defined: Defined,
    pub read: fn(&Value) -> Result<Object, Problem>,
}

const fn known<S: Cut>() -> Known {
    Known { defined: S::DEFINED, read: |value| deserialize::<Custom<S>>(value).map(Into::into) }
}

/// The kinds, whatever a cluster has of them.
pub const ALL: &[Known] = &[
    known::<Rollout>(),
    known::<ScaledJob>(),
    known::<ScaledObject>(),
    known::<HTTPRoute>(),
    known::<GRPCRoute>(),
    known::<ServiceMonitor>(),
    known::<PodMonitor>(),
];

/// An object of such a kind, cut to what is read.
#[derive(Clone, Debug, Deserialize)]
pub struct Custom<S> {
    #[serde(default, deserialize_with = "crate::observe::metadata::read")]
    pub metadata: ObjectMeta,
    #[serde(default = "Default::default", bound(deserialize = "S: Default + Deserialize<'de>"))]
    pub spec: S,
}

impl<S: Cut> From<Custom<S>> for Object {
    fn from(custom: Custom<S>) -> Object {
        S::object(custom.metadata, custom.spec)
    }
}

pub fn is_one(kind: &str) -> bool {
    ALL.iter().any(|known| known.defined.kind == kind)
}

/// The kind that is written this way, and whether its version is one that is read.
pub fn named(api_version: &str, kind: &str) -> Option<(&'static Known, bool)> {
    let (group, version) = api_version.split_once('/')?;
    let known = ALL.iter().find(|known| known.defined.kind == kind && known.defined.group == group)?;
    Some((known, known.defined.versions.contains(&version)))
}

#[cfg(feature = "cluster")]
mod cluster {
    use std::borrow::Cow;

    use kube::{Resource, core::ApiResource};

    use super::{Custom, Cut, Defined, ObjectMeta};

    impl Defined {
        /// The kind in one of its versions, as the API server calls it.
        pub fn resource(&self, version: &str) -> ApiResource {
            ApiResource {
                group: self.group.to_owned(),
                version: version.to_owned(),
                api_version: format!("{}/{version}", self.group),
                kind: self.kind.to_owned(),
                plural: self.plural.to_owned(),
            }
        }
    }

    impl<S: Cut> Resource for Custom<S> {
        type DynamicType = ApiResource;
        type Scope = kube::core::NamespaceResourceScope;

        fn kind(of: &ApiResource) -> Cow<'_, str> {
            Cow::Borrowed(&of.kind)
        }

        fn group(of: &ApiResource) -> Cow<'_, str> {
            Cow::Borrowed(&of.group)
        }

        fn version(of: &ApiResource) -> Cow<'_, str> {
            Cow::Borrowed(&of.version)
        }

        fn plural(of: &ApiResource) -> Cow<'_, str> {
            Cow::Borrowed(&of.plural)
        }

        fn meta(&self) -> &ObjectMeta {
            &self.metadata
        }

        fn meta_mut(&mut self) -> &mut ObjectMeta {
            &mut self.metadata
        }
    }
}
