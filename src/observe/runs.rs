//! Runs: how long finished Jobs took. The newest are kept one by one, so that none is counted twice after a restart
//! and old ones stop counting.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::history::{Series, Unit, differ, quantile};
use crate::catalog::SECONDS_A_MONTH;

const SECONDS_A_DAY: f64 = 86_400.0;
/// Runs that are kept: the fewest of which a 95th percentile isn't the longest.
const KEPT: usize = 20;

/// How a Job ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ended {
    Complete(Run),
    /// It took as long as its limits let it, which says nothing about the work.
    Failed(Timestamp),
}

/// One Job that did what it was for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// When it completed, in RFC 3339.
    #[schemars(with = "String")]
    pub finished: Timestamp,
    /// From its start to its completion: scheduling and pulling the image included.
    pub seconds: f64,
}

/// Finished Jobs, as a summary and the newest of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Runs {
    /// How long they took: the count is of all, the figures are of those in `recent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<Series>,
    /// Runs a month at the pace of all that were counted, once they were for a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_month: Option<f64>,
    /// When the first one that was counted completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(with = "i64", range(min = 0))]
    pub failed: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub last_failure: Option<Timestamp>,
    /// The newest that completed, the oldest first.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub recent: Vec<Run>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Runs {
    /// Counts a Job that ended, unless it was counted before.
    pub fn add(&mut self, ended: Ended) {
        match ended {
            Ended::Failed(at) if self.last_failure.is_none_or(|last| last < at) => {
                self.failed += 1;
                self.last_failure = Some(at);
            }
            Ended::Failed(_) => {}
            Ended::Complete(run) => self.complete(run),
        }
    }

    fn complete(&mut self, run: Run) {
        let is_old =
            self.recent.len() >= KEPT && self.recent.first().is_some_and(|o| run.finished <= o.finished);
        if is_old || self.recent.contains(&run) || !run.seconds.is_finite() || run.seconds < 0.0 {
            return;
        }
        // All that were ever counted are still there, or the first of them was kept.
        let counted = self.duration.as_ref().map_or(0, |duration| duration.count);
        if self.since.is_none() && counted == self.recent.len() as u64 {
            self.since = Some(run.finished);
        }
        self.since = self.since.map(|since| since.min(run.finished));
        let place = self.recent.partition_point(|other| other.finished <= run.finished);
        self.recent.insert(place, run);
        if self.recent.len() > KEPT {
            self.recent.remove(0);
        }
        self.summarise(counted + 1);
    }

    fn summarise(&mut self, count: u64) {
        let Some(last) = self.recent.last() else { return };
        let mut seconds: Vec<f64> = self.recent.iter().map(|run| run.seconds).collect();
        seconds.sort_by(f64::total_cmp);
        self.duration = Some(Series {
            count,
            p50: quantile(&seconds, 0.5),
            p95: quantile(&seconds, 0.95),
            max: quantile(&seconds, 1.0),
            unit: Unit::Seconds,
            observed_at: last.finished,
        });
        let span = self.since.map_or(0.0, |since| last.finished.duration_since(since).as_secs_f64());
        let pace = (count as f64 - 1.0) * SECONDS_A_MONTH / span;
        // A few runs within minutes are a start or somebody's trial, and no pace.
        self.per_month = (span >= SECONDS_A_DAY).then(|| (pace * 10.0).round() / 10.0);
    }

    /// The same with what the other one counted since.
    pub fn with(&self, newer: &Runs) -> Runs {
        let mut runs = self.clone();
        for run in &newer.recent {
            runs.add(Ended::Complete(*run));
        }
        if let Some(at) = newer.last_failure {
            runs.add(Ended::Failed(at));
        }
        runs
    }

    /// How long the longest of the kept ones took.
    pub fn longest(&self) -> Option<f64> {
        self.recent.iter().map(|run| run.seconds).max_by(f64::total_cmp)
    }

    pub fn differs_from(&self, other: &Runs) -> bool {
        let failures = self.failed.abs_diff(other.failed) * 10 > other.failed;
        failures || differ(&self.duration, &other.duration, Series::differs_from)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(minute: i64, seconds: f64) -> Ended {
        let finished = Timestamp::from_second(minute * 60).unwrap();
        Ended::Complete(Run { finished, seconds })
    }

    fn all(ended: impl IntoIterator<Item = Ended>) -> Runs {
        let mut runs = Runs::default();
        ended.into_iter().for_each(|ended| runs.add(ended));
        runs
    }

    #[test]
    fn an_old_outlier_stops_counting_and_is_still_counted() {
        let mut runs = all([run(0, 9000.0)]);
        assert_eq!(runs.longest(), Some(9000.0));
        (1..=30).for_each(|minute| runs.add(run(minute, 5.0)));
        let duration = runs.duration.clone().unwrap();
        assert_eq!((duration.count, duration.p50, duration.p95, duration.max), (31, 5.0, 5.0, 5.0));
        assert_eq!(runs.recent.len(), KEPT);
    }

    #[test]
    fn a_pace_is_one_of_a_day_at_least() {
        let hourly = |hours| all((0..=hours).map(|hour| run(hour * 60, 5.0)));
        assert_eq!(hourly(23).per_month, None, "a young one's pace isn't known");
        assert_eq!(hourly(24).per_month, Some(730.0));
        // Twenty are kept; the pace is of all.
        let mut tried = hourly(24 * 30);
        (0..20).for_each(|second| tried.add(run(24 * 30 * 60 + 1 + second, 5.0)));
        assert!(
            tried.per_month.is_some_and(|pace| pace < 760.0),
            "a trial is no pace: {:?}",
            tried.per_month
        );
    }

    #[test]
    fn failures_are_counted_apart() {
        let at = |second| Ended::Failed(Timestamp::from_second(second).unwrap());
        let runs = all([at(60), run(2, 5.0), at(60), at(180)]);
        assert_eq!((runs.failed, runs.duration.unwrap().count), (2, 1));
    }

    #[test]
    fn a_clock_that_went_back_counts_for_nothing() {
        assert_eq!(all([run(1, -3.0), run(2, f64::NAN)]), Runs::default());
    }

    proptest! {
        /// A list comes by name, a watch by time, and both again after a restart.
        #[test]
        fn order_and_repetition_change_nothing(
            minutes in proptest::collection::btree_map(0i64..500, 1u32..5000, 1..KEPT),
            repeats in proptest::collection::vec(0usize..100, 0..60),
        ) {
            let listed: Vec<Ended> =
                minutes.iter().map(|(minute, seconds)| run(*minute, f64::from(*seconds))).collect();
            let again = repeats.iter().map(|index| listed[index % listed.len()]);
            let shuffled = all(again.chain(listed.iter().rev().copied()));
            prop_assert_eq!(&shuffled, &all(listed.iter().copied()));
            prop_assert_eq!(&shuffled.with(&shuffled), &shuffled);
        }
    }
}
