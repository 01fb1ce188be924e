//! Observe: whatever the source, the same [`Observed`] of one workload and its neighbours.
//!
//! Manifests ([`manifest`]), watches and admission requests all become [`Object`]s of an [`Index`].

pub mod answers;
pub mod callers;
pub mod command;
pub mod custom;
mod environment;
mod gauge;
mod histories;
pub mod history;
mod index;
mod join;
mod kustomization;
pub mod manifest;
mod mend;
mod metadata;
pub mod neighbour;
pub mod object;
mod placeholder;
pub mod placement;
pub mod pod;
pub mod prometheus;
pub mod rbac;
mod rest;
mod rights;
pub mod runs;
pub mod traffic;
mod unread;
pub mod usage;
pub mod whose;
pub mod workload;

use std::sync::Arc;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

pub use index::{Fleet, Id, Index, is_system};
pub use object::Object;
pub use unread::Unread;
pub use workload::{Key, Kind, Workload};

use crate::selector::Labels;

/// One workload and all that was seen around it, at one moment.
#[derive(Clone, Debug)]
pub struct Observed {
    pub workload: Arc<Workload>,
    /// In a fixed order: by kind, namespace and name.
    pub neighbours: Vec<Arc<neighbour::Neighbour>>,
    /// The spec of its profile, where a person wrote one.
    pub answers: Option<Arc<answers::Answers>>,
    pub fleet: Fleet,
    /// The day in UTC, where it's known.
    pub today: Option<Date>,
    /// What it was seen doing.
    pub history: Option<Arc<history::History>>,
}

/// The label that every API server gives a namespace.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

impl Observed {
    /// The labels of its namespace: what was seen, and the name that an API server adds.
    pub fn namespace_labels(&self) -> Labels {
        let seen = self.neighbours.iter().find(|near| matches!(near.what, neighbour::What::Namespace));
        let mut labels = seen.map(|near| near.labels.clone()).unwrap_or_default();
        labels.insert(NAME_LABEL.to_owned(), self.workload.key.namespace.clone());
        labels
    }
}

/// The day in UTC: the only look at a clock that a decision depends on.
pub fn today() -> Date {
    TimeZone::UTC.to_datetime(Timestamp::now()).date()
}
