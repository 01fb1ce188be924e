//! What the cluster was seen doing with one workload, as its profile's status keeps it: bounded, and mergeable
//! after a restart.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{placement::Placement, runs::Runs, traffic::Traffic};

/// What really ran, as far as it was seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// Finished Jobs: this one, or those of this CronJob.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<Runs>,
    /// CPU and memory of one copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Requests of all copies, as Prometheus tells them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<Traffic>,
    /// Where its Pods run, and how large its images are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
}

/// What copies of it use, each copy at each look being a sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    pub cpu: Series,
    pub memory: Series,
}

impl History {
    /// Whether the other one says something so different that it's worth a write.
    pub fn differs_from(&self, other: &History) -> bool {
        differ(&self.runs, &other.runs, Runs::differs_from)
            || differ(&self.usage, &other.usage, |a, b| {
                a.cpu.differs_from(&b.cpu) || a.memory.differs_from(&b.memory)
            })
            || differ(&self.traffic, &other.traffic, Traffic::differs_from)
            || differ(&self.placement, &other.placement, Placement::differs_from)
    }
}

pub(super) fn differ<T>(a: &Option<T>, b: &Option<T>, differ: impl Fn(&T, &T) -> bool) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => differ(a, b),
        (a, b) => a.is_some() != b.is_some(),
    }
}

/// What the numbers of a series count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Unit {
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "vCPU")]
    Cores,
    #[serde(rename = "GiB")]
    Gib,
    #[serde(rename = "1/s")]
    PerSecond,
}

impl Unit {
    /// How much more counted samples are news. Runs are few and each one matters; use is looked at all day.
    fn growth(self) -> f64 {
        match self {
            Unit::Seconds => 1.1,
            Unit::Cores | Unit::Gib | Unit::PerSecond => 2.0,
        }
    }

    /// A difference that changes no size and no bill, whatever share of the figure it is.
    fn least(self) -> f64 {
        match self {
            Unit::Seconds => 0.0,
            Unit::Cores => 0.02,
            Unit::Gib => 0.03,
            Unit::PerSecond => 0.01,
        }
    }

    /// Whether a figure moved so far that a reader would call it another one: by a quarter, and enough to matter.
    pub(super) fn moved(self, a: f64, b: f64) -> bool {
        (a - b).abs() > (a.abs().max(b.abs()) / 4.0).max(self.least())
    }

    /// Up to the next millisecond, millicore or MiB: what was used a little isn't nothing.
    pub fn rounded(self, value: f64) -> f64 {
        let step = if self == Unit::Gib { 1024.0 } else { 1000.0 };
        (value * step).ceil() / step
    }
}

/// One measured quantity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Series {
    /// All that were ever counted.
    #[schemars(with = "i64", range(min = 0))]
    pub count: u64,
    pub p50: f64,
    pub p95: f64,
    pub max: f64,
    pub unit: Unit,
    /// When the newest was observed, in RFC 3339.
    #[schemars(with = "String")]
    pub observed_at: Timestamp,
}

impl Series {
    /// Whether a reader would call it another one: many more were counted, or a figure moved by a quarter.
    /// Less isn't worth a write, for one sample after the other would rewrite a status for ever.
    pub fn differs_from(&self, other: &Series) -> bool {
        let moved = |a, b| self.unit.moved(a, b);
        self.count as f64 > other.count as f64 * self.unit.growth()
            || moved(self.p50, other.p50)
            || moved(self.p95, other.p95)
            || moved(self.max, other.max)
    }
}

/// The value that a share of a sorted list doesn't exceed: one that was really seen, never one between two.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).or(sorted.last()).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_a_value_that_was_seen() {
        let twenty: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!((quantile(&twenty, 0.5), quantile(&twenty, 0.95)), (10.0, 19.0));
        assert_eq!((quantile(&[7.0], 0.5), quantile(&[7.0], 0.95), quantile(&[], 0.5)), (7.0, 7.0, 0.0));
    }

    #[test]
    fn a_sample_more_is_no_news_among_many() {
        let series = |count, p95| Series {
            count,
            p50: 60.0,
            p95,
            max: 120.0,
            unit: Unit::Seconds,
            observed_at: Timestamp::UNIX_EPOCH,
        };
        assert!(series(2, 90.0).differs_from(&series(1, 90.0)));
        assert!(!series(1001, 91.0).differs_from(&series(1000, 90.0)));
        assert!(series(1101, 90.0).differs_from(&series(1000, 90.0)));
        assert!(series(1000, 120.5).differs_from(&series(1000, 90.0)));
    }
}
