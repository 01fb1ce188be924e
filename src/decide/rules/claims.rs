//! What is known of the volumes that a workload keeps data on, for the rules that depend on it.

use std::borrow::Cow;

use super::Found;
use crate::facts::{Evidence, Fact, Known, Signal, Storage, Trait};

/// The first volume of one of these kinds.
pub fn on<'a>(evidence: &'a Evidence, kinds: &[Storage]) -> Option<&'a Known<Storage>> {
    evidence.storage.iter().filter_map(Fact::get).find(|known| kinds.contains(&known.value))
}

/// Why a disk can't come along to ECS.
pub const NEW_VOLUME: &str = "a new task gets a new volume, not the last one's";
/// Why a file system of each copy's own can't come along, where a disk isn't what is in the way.
const NO_NAMES: &str = "outside of Pods no copy has a name to keep files under";

/// Excludes for data that each copy has of its own, then for disks, then for what only a node's driver mounts.
pub fn excludes<'a>(
    evidence: &'a Evidence,
    disk: impl Into<Cow<'static, str>>,
    driver: &'static str,
) -> Option<Found<'a>> {
    lost_with_its_copy(evidence, disk).or_else(|| {
        let known = on(evidence, &[Storage::NodeDriver])?;
        Some(Found::excludes(&known.at, describe(known.value), driver))
    })
}

/// Excludes for data that each copy has of its own, then for disks: a new copy gets neither of its predecessor's.
pub fn lost_with_its_copy<'a>(
    evidence: &'a Evidence,
    disk: impl Into<Cow<'static, str>>,
) -> Option<Found<'a>> {
    if let Some(signal) = evidence.signal(Trait::ClaimPerCopy) {
        let may_be_a_disk =
            evidence.storage.iter().any(|fact| fact.value().is_none_or(|kind| *kind == Storage::Block));
        let because = if may_be_a_disk { disk.into() } else { NO_NAMES.into() };
        return Some(Found::excluded_by(signal, because));
    }
    let known = on(evidence, &[Storage::Block])?;
    Some(Found::excludes(&known.at, describe(known.value), disk))
}
/// Asks for the class of a claim whose class isn't known. Data of each copy decides without it.
pub fn asks<'a>(evidence: &'a Evidence, because: impl Into<Cow<'static, str>>) -> Option<Found<'a>> {
    let is_open =
        evidence.storage.iter().any(Fact::is_unknown) && evidence.signal(Trait::ClaimPerCopy).is_none();
    is_open.then(|| Found::asks("storageClassName", "unknown", because))
}

/// What it keeps where no node of AWS mounts it. A repository of Git is none: it's cloned again for each Pod.
pub fn foreign(evidence: &Evidence) -> impl Iterator<Item = &Signal> {
    evidence.signals.iter().filter(|signal| signal.what == Trait::ForeignVolume && signal.value != GIT)
}

/// The kind of a volume that a clone of a repository fills.
pub const GIT: &str = "gitRepo";

pub fn describe(storage: Storage) -> &'static str {
    match storage {
        Storage::Block => "a block volume",
        Storage::Shared => "a shared file system",
        Storage::Bucket => "a bucket as files",
        Storage::NodeDriver => "a volume that its node mounts",
    }
}
