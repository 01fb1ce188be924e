//! The facts of a decision as a list that people read.

use std::borrow::Cow;

use super::EvidenceItem;
use crate::{
    amount,
    facts::{Copies, Evidence, Fact, Trait, Trigger},
    printable,
};

/// Every known fact, in a fixed order. What is unknown and matters is an open question.
pub fn list(evidence: &Evidence) -> Vec<EvidenceItem> {
    // As many as most have, and some more.
    let mut items = Vec::with_capacity(16);
    let mut list = List { items: &mut items };
    list.add("trigger", &evidence.trigger, Trigger::to_string);
    list.add("unitDuration", &evidence.unit_duration, |value| amount::write_seconds(*value));
    list.add("usualDuration", &evidence.usual_duration, |[median, p95]| {
        format!("{} to {}", amount::write_seconds(*median), amount::write_seconds(*p95))
    });
    list.add("runLimit", &evidence.run_limit, |value| amount::write_seconds(*value));
    list.add("connections", &evidence.connections, word);
    list.add("coldStartTolerance", &evidence.cold_start, word);
    list.add("meanRequestsPerSecond", &evidence.mean_rps, |value| amount::write_number(*value));
    list.add("peakRequestsPerSecond", &evidence.peak_rps, |value| amount::write_number(*value));
    list.add("trafficShape", &evidence.traffic_shape, word);
    list.add("cpu", &evidence.cpu, |value| amount::write_cpu(*value));
    list.add("memory", &evidence.memory, |value| amount::write_gib(*value));
    list.add("usedCPU", &evidence.used_cpu, |value| amount::write_cpu(*value));
    list.add("usedMemory", &evidence.used_memory, |value| amount::write_gib(*value));
    list.add("ephemeralStorage", &evidence.disk, |value| amount::write_gib(*value));
    list.add("packageSize", &evidence.package_size, |value| amount::write_gib(*value));
    list.add("modelSize", &evidence.model_size, |value| amount::write_gib(*value));
    list.add("copies", &evidence.copies, copies);
    list.add("runsPerMonth", &evidence.runs, |value| amount::write_number(*value));
    for protocol in &evidence.protocols {
        list.add("protocol", protocol, word);
    }
    for storage in &evidence.storage {
        list.add("storage", storage, word);
    }
    list.add("place", &evidence.place, |value| value.to_string());
    if let Some(seen) = evidence.signal(Trait::RunsOn) {
        let types = Fact::observed(seen.value.clone(), seen.field.clone());
        list.add("nodeType", &types, Clone::clone);
    }
    list.add("services", &evidence.services, |value| amount::write_number(*value));
    list.add("platformTeam", &evidence.platform_team, |value| value.to_string());
    list.add("team", &evidence.team, Clone::clone);
    items
}

struct List<'a> {
    items: &'a mut Vec<EvidenceItem>,
}

impl List<'_> {
    fn add<T>(&mut self, name: &'static str, fact: &Fact<T>, write: impl Fn(&T) -> String) {
        if let Some(known) = fact.get() {
            self.items.push(EvidenceItem {
                fact: Cow::Borrowed(name),
                value: printable::owned(write(&known.value)),
                source: known.source,
                at: known.at.clone(),
            });
        }
    }
}

fn word<T: std::fmt::Debug>(value: &T) -> String {
    format!("{value:?}")
}

fn copies(copies: &Copies) -> String {
    let (min, max) = (amount::trim(copies.min), amount::trim(copies.max));
    if min == max { min } else { format!("{min} to {max}") }
}
