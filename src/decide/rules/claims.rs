//! What is known of the volumes that a workload keeps data on, for the rules that depend on it.

use super::Found;
use crate::facts::{Evidence, Fact, Known, Storage, Trait};

/// The first volume of one of these kinds.
pub fn on<'a>(evidence: &'a Evidence, kinds: &[Storage]) -> Option<&'a Known<Storage>> {
    evidence.storage.iter().filter_map(Fact::get).find(|known| kinds.contains(&known.value))
}

/// Excludes for data that each copy has of its own, then for volumes of these kinds.
pub fn excludes<'a>(evidence: &'a Evidence, kinds: &[Storage], because: &'static str) -> Option<Found<'a>> {
    if let Some(signal) = evidence.signal(Trait::ClaimPerCopy) {
        return Some(Found::excluded_by(signal, because));
    }
    on(evidence, kinds).map(|known| Found::excludes(&known.at, describe(known.value), because))
}

/// Asks for the class of a claim whose class isn't known. Data of each copy decides without it.
pub fn asks<'a>(evidence: &'a Evidence, because: &'static str) -> Option<Found<'a>> {
    let is_open =
        evidence.storage.iter().any(Fact::is_unknown) && evidence.signal(Trait::ClaimPerCopy).is_none();
    is_open.then(|| Found::asks("storageClassName", "unknown", because))
}

pub fn describe(storage: Storage) -> &'static str {
    match storage {
        Storage::Block => "a block volume",
        Storage::Shared => "a shared file system",
        Storage::NodeDriver => "a node driver's volume",
    }
}
