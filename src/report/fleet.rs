//! What the workloads of a report come to together.

use std::collections::BTreeMap;

use serde::Serialize;

use super::record::Record;
use crate::{
    catalog::{Catalog, Target},
    decide::Verdict,
};

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fleet {
    pub workloads: usize,
    pub misplaced: usize,
    pub undetermined: usize,
    /// Workloads that only Kubernetes holds.
    pub need_kubernetes: Vec<String>,
    pub by_target: BTreeMap<Target, usize>,
    pub prices: PricesUsed,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PricesUsed {
    pub date: String,
    pub region: String,
}

/// Counts the records. Their costs don't add up: each bears a share of a platform that others would have to share.
pub fn fleet(records: &[Record], catalog: &Catalog) -> Fleet {
    let count = |verdict| records.iter().filter(|record| record.decision.verdict == verdict).count();
    let mut by_target = BTreeMap::new();
    for recommendation in records.iter().filter_map(|record| record.decision.recommendation.as_ref()) {
        *by_target.entry(recommendation.target).or_insert(0) += 1;
    }
    let held =
        |record: &&Record| record.decision.recommendation.as_ref().is_some_and(|r| r.target.is_kubernetes());
    Fleet {
        workloads: records.len(),
        misplaced: count(Verdict::Misplaced),
        undetermined: count(Verdict::Undetermined),
        need_kubernetes: records.iter().filter(held).map(Record::handle).collect(),
        by_target,
        prices: PricesUsed { date: catalog.prices.date.clone(), region: catalog.prices.region.clone() },
    }
}
