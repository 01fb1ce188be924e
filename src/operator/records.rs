//! Workloads with their decisions, for reports: decided again from memory, as their statuses were.
//!
//! 10,000 whole decisions would take hundreds of megabytes to keep, and a second to make.

use super::{Evaluator, View};
use crate::{
    decide::{Decision, platform::Member},
    observe::Key,
    policy::Mode,
    report::record::Record,
};

/// What there is to report of a cluster.
pub struct Fleet {
    pub records: Vec<Record>,
    /// What the verdict on the whole needs, of all.
    pub members: Vec<Member>,
    /// How many decisions there are no records of.
    pub left_out: usize,
}

/// Of each of these workloads that is decided on, a record of the first `most`. Takes its time: not for a thread that
/// others wait for.
pub fn fleet(
    view: &View,
    evaluator: &Evaluator,
    cluster: &str,
    keys: impl IntoIterator<Item = Key>,
    most: usize,
) -> Fleet {
    let mut fleet = Fleet { records: Vec::new(), members: Vec::new(), left_out: 0 };
    for key in keys {
        let Some(observed) = view.read(|seen| seen.index.observe(&key)) else { continue };
        if evaluator.ruling(&observed).mode == Mode::Off {
            continue;
        }
        // One that can't be decided on is told of where its status is written.
        let Ok((decision, member)) = evaluator.decide_member(&observed) else { continue };
        if fleet.records.len() < most {
            fleet.records.push(record(cluster, key, decision, member.own.is_some()));
        } else {
            fleet.left_out += 1;
        }
        fleet.members.push(member);
    }
    fleet
}

fn record(cluster: &str, key: Key, decision: Decision, own: bool) -> Record {
    Record {
        cluster: Some(cluster.to_owned()),
        kind: key.kind.name().to_owned(),
        namespace: key.namespace,
        name: key.name,
        source: cluster.to_owned(),
        decision,
        own,
        lines: Default::default(),
        costs: String::new(),
    }
}
