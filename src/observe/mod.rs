//! Observe: whatever the source, the same [`Observed`] of one workload and its neighbours.
//!
//! Manifests ([`manifest`]), watches and admission requests all become [`Object`]s of an [`Index`].

pub mod answers;
mod index;
pub mod manifest;
pub mod neighbour;
pub mod object;
pub mod pod;
pub mod workload;

use std::sync::Arc;

pub use index::{Fleet, Id, Index, is_system};
pub use object::Object;
pub use workload::{Key, Kind, Workload};

/// One workload and all that was seen around it, at one moment.
#[derive(Clone, Debug)]
pub struct Observed {
    pub workload: Arc<Workload>,
    /// In a fixed order: by kind, namespace and name.
    pub neighbours: Vec<Arc<neighbour::Neighbour>>,
    /// The spec of its profile, where a person wrote one.
    pub answers: Option<Arc<answers::Answers>>,
    pub fleet: Fleet,
}
