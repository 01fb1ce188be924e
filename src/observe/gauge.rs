//! A gauge: one quantity that is sampled again and again, as a sketch of bounded size.

use std::fmt;

use jiff::Timestamp;
use sketches_ddsketch::{Config, DDSketch};

use super::history::{Series, Unit};

/// How far a percentile may be off, as a share of it; with this many buckets from the least value on, the largest is
/// some 300,000 times the least, and a gauge takes about a KiB.
const ACCURACY: f64 = 0.05;
const BUCKETS: u32 = 128;
const LEAST: f64 = 0.001;
/// Samples after which older ones fade to an eighth of that: two weeks of one in five minutes. What was true in spring
/// mustn't outweigh what is true now.
const MOST: u64 = 4032;
/// Steps between the median and the 95th percentile when a series is taken up again.
const STEPS: u64 = 8;

#[derive(Clone)]
pub struct Gauge {
    sketch: DDSketch,
    /// All that were ever counted; the sketch forgets, this doesn't.
    count: u64,
    unit: Unit,
    observed_at: Timestamp,
}

impl fmt::Debug for Gauge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.series().fmt(f)
    }
}

impl Gauge {
    pub fn new(unit: Unit) -> Self {
        let sketch = DDSketch::new(Config::new(ACCURACY, BUCKETS, LEAST));
        Gauge { sketch, count: 0, unit, observed_at: Timestamp::UNIX_EPOCH }
    }

    /// Takes up a series after a restart. A status keeps three figures and not the sketch: what lies between them
    /// is filled in evenly, at a weight that new samples soon outgrow.
    pub fn recalled(series: &Series) -> Self {
        Self::weighing(series, MOST / 2)
    }

    fn weighing(series: &Series, weight: u64) -> Self {
        let mut gauge = Gauge::new(series.unit);
        for (value, count) in filled_in(series, series.count.min(weight)) {
            gauge.sketch.add_with_count(value, count);
        }
        Gauge { count: series.count, observed_at: series.observed_at, ..gauge }
    }

    /// Counts samples of one moment; what no gauge can show isn't one.
    pub fn add(&mut self, values: impl Iterator<Item = f64>, at: Timestamp) {
        let values: Vec<f64> = values.filter(|value| value.is_finite() && *value >= 0.0).collect();
        if values.is_empty() {
            return;
        }
        self.count += values.len() as u64;
        self.observed_at = self.observed_at.max(at);
        values.iter().for_each(|value| self.sketch.add(*value));
        if self.sketch.count() as u64 > MOST
            && let Some(series) = self.series()
        {
            *self = Gauge::weighing(&series, MOST / 8);
        }
    }

    /// What a status shows of it.
    pub fn series(&self) -> Option<Series> {
        let at = |share| self.sketch.quantile(share).ok().flatten().map(|value| self.unit.rounded(value));
        Some(Series {
            count: self.count,
            // A bucket's middle may be above the largest value in it.
            p50: at(0.5)?.min(at(1.0)?),
            p95: at(0.95)?.min(at(1.0)?),
            max: at(1.0)?,
            unit: self.unit,
            observed_at: self.observed_at,
        })
    }
}

/// As many samples that have these figures, each value with how often it's there.
fn filled_in(series: &Series, count: u64) -> Vec<(f64, u64)> {
    // A status can be written by hand: what isn't in order or no number is put right.
    let p50 = sane(series.p50);
    let p95 = sane(series.p95).max(p50);
    let max = sane(series.max).max(p95);
    let Some(last) = count.checked_sub(1) else { return Vec::new() };
    let (half, most) = (last / 2 + 1, last * 95 / 100 + 1);
    let step = |index: u64| half + (most - half) * index / STEPS;
    let rising = (0..STEPS).map(|index| {
        let share = (index + 1) as f64 / STEPS as f64;
        (p50 + (p95 - p50) * share, step(index + 1) - step(index))
    });
    let mut samples = vec![(p50, half.min(last)), (p95, last.saturating_sub(most)), (max, 1)];
    samples.extend(rising.filter(|_| most <= last));
    samples
}

fn sane(value: f64) -> f64 {
    if value.is_finite() { value.max(0.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 0.11 * b.abs() + 0.002
    }

    #[test]
    fn a_day_of_samples_gives_its_percentiles() {
        let mut gauge = Gauge::new(Unit::Cores);
        (0..288).for_each(|index| gauge.add([f64::from(index) / 288.0].into_iter(), at(index.into())));
        let series = gauge.series().unwrap();
        assert!(near(series.p50, 0.5) && near(series.p95, 0.95) && near(series.max, 1.0), "{series:?}");
        assert_eq!((series.count, series.observed_at), (288, at(287)));
    }

    #[test]
    fn what_is_no_number_is_no_sample() {
        let mut gauge = Gauge::new(Unit::Cores);
        gauge.add([f64::NAN, -1.0, f64::INFINITY].into_iter(), at(1));
        assert_eq!(gauge.series(), None);
    }

    #[test]
    fn old_samples_fade() {
        let mut gauge = Gauge::new(Unit::Cores);
        (0..5000).for_each(|index| gauge.add([4.0].into_iter(), at(index)));
        (0..20_000).for_each(|index| gauge.add([1.0].into_iter(), at(5000 + index)));
        let series = gauge.series().unwrap();
        assert_eq!((series.count, series.max), (25_000, 4.0));
        assert!(near(series.p50, 1.0) && near(series.p95, 1.0), "{series:?}");
    }

    proptest! {
        /// A restart may lose the shape between the figures, and never the figures.
        #[test]
        fn a_restart_keeps_the_figures(values in proptest::collection::vec(0.01f64..64.0, 60..400)) {
            let mut before = Gauge::new(Unit::Cores);
            before.add(values.into_iter(), at(1));
            let before = before.series().unwrap();
            let after = Gauge::recalled(&before).series().unwrap();
            prop_assert_eq!((after.count, after.observed_at), (before.count, before.observed_at));
            prop_assert!(near(after.p50, before.p50), "{:?} {:?}", after, before);
            prop_assert!(near(after.p95, before.p95), "{:?} {:?}", after, before);
            prop_assert!(near(after.max, before.max), "{:?} {:?}", after, before);
        }
    }
}
