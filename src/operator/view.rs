//! The cluster in memory: watches write it, workers and the webhook read it.

use std::{
    collections::BTreeSet,
    sync::{PoisonError, RwLock},
};

use super::{Profiles, Scope, platform::Members};
use crate::observe::{Index, Key};

/// All that was seen.
#[derive(Debug, Default)]
pub struct Contents {
    pub index: Index,
    pub profiles: Profiles,
    pub members: Members,
}

/// Access to it, by closures, so that no lock outlives a step or is held while waiting for the network.
#[derive(Debug, Default)]
pub struct View(RwLock<Contents>);

impl View {
    pub fn read<T>(&self, look: impl FnOnce(&Contents) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn write<T>(&self, change: impl FnOnce(&mut Contents) -> T) -> T {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Every workload that is profiled, and those that only a profile names.
    pub fn everything(&self, scope: &Scope) -> BTreeSet<Key> {
        self.read(|seen| {
            let workloads = seen.index.workloads().map(|workload| &workload.key);
            let named = seen.profiles.iter().map(|profile| &profile.key);
            workloads.chain(named).filter(|key| scope.profiles(key)).cloned().collect()
        })
    }
}
