//! What a workload was seen doing, as facts, and where that contradicts what a person says of it.

use super::size::Sizes;
use crate::{
    amount,
    facts::{Fact, Signal, Trait},
    observe::{Observed, runs::Runs},
};

/// A Job's time includes scheduling its Pod and pulling the image: so much longer is no contradiction.
const START_SECONDS: f64 = 30.0;
/// Nor is this much of what is said.
const TOLERANCE: f64 = 1.5;
/// Runs that all took less than a third of what is said, a minute less at least: the work has become less, and there
/// are enough of them not to be the short ones of many.
const SHORTER: f64 = 3.0;
const SHORTER_SECONDS: f64 = 60.0;
const ENOUGH_RUNS: usize = 5;

/// Samples of use below which nothing is concluded: an hour of one copy.
const ENOUGH: u64 = 12;
/// A request this many times the use is far above it; below, it's prudence.
const FAR: f64 = 3.0;
/// vCPU and GiB that a request must be above the use for it to matter on any bill.
const MATTERS: (f64, f64) = (0.2, 0.25);

fn seen(observed: &Observed) -> Option<&Runs> {
    observed.history.as_deref()?.runs.as_ref()
}

/// What one run took at most. The longest counts, not a percentile: a limit would have ended that one.
pub fn unit_duration(observed: &Observed) -> Fact<f64> {
    let Some(runs) = seen(observed) else { return Fact::Unknown };
    let rounds = rounds(observed);
    let at = if rounds > 1 { format!("one of {rounds} rounds of {}", at(runs)) } else { at(runs) };
    runs.longest().map_or(Fact::Unknown, |seconds| Fact::observed(seconds / f64::from(rounds), at))
}

/// How often a Job's copies follow each other: it's as long as all of them, and each completion is as long as one.
fn rounds(observed: &Observed) -> u32 {
    let Some(job) = &observed.workload.job else { return 1 };
    let at_once = job.parallelism.unwrap_or(1).max(1);
    job.completions.map_or(1, |completions| completions.div_ceil(at_once)).max(1)
}

/// What runs took for the most part, which is what is billed.
pub fn usual_duration(observed: &Observed) -> Fact<[f64; 2]> {
    let Some(runs) = seen(observed) else { return Fact::Unknown };
    let rounds = f64::from(rounds(observed));
    let usual = runs.duration.as_ref().map(|duration| [duration.p50 / rounds, duration.p95 / rounds]);
    usual.map_or(Fact::Unknown, |usual| Fact::observed(usual, "median and p95 of the last Jobs"))
}

/// Runs a month, where no schedule says it.
pub fn runs(observed: &Observed) -> Fact<f64> {
    let pace = seen(observed).and_then(|runs| Some((runs.per_month?, runs)));
    pace.map_or(Fact::Unknown, |(pace, _)| Fact::observed(pace, "the Jobs that completed, for a day or more"))
}

/// Whose times these are, as in "the longest of the last 20 Jobs is 22m".
fn at(runs: &Runs) -> String {
    match runs.recent.len() {
        1 => "the one Job that completed".to_owned(),
        count => format!("the longest of the last {count} Jobs"),
    }
}

/// Runs that took surely longer than a person says, or all of them far less.
pub fn contradiction(observed: &Observed, said: &Fact<f64>, seen: &Fact<f64>, signals: &mut Vec<Signal>) {
    let (Fact::Known(said), Fact::Known(seen)) = (said, seen) else { return };
    let is_longer = seen.value > said.value * TOLERANCE && seen.value > said.value + START_SECONDS;
    let is_shorter = seen.value * SHORTER < said.value
        && seen.value + SHORTER_SECONDS < said.value
        && self::seen(observed).is_some_and(|runs| runs.recent.len() >= ENOUGH_RUNS);
    if is_longer || is_shorter {
        signals.push(Signal {
            what: Trait::RunsUnlikeSaid,
            field: said.at.to_string(),
            value: format!(
                "{}, {} took {}",
                amount::write_seconds(said.value),
                seen.at,
                amount::write_seconds(seen.value)
            ),
        });
    }
}

/// What a copy uses.
pub struct Used {
    pub cpu: Fact<f64>,
    pub memory: Fact<f64>,
}

/// CPU but for its busiest moments, when it's slowed down; memory at most, for a copy that needs more is killed.
pub fn used(observed: &Observed) -> Used {
    let usage = observed.history.as_deref().and_then(|history| history.usage.as_ref());
    let Some(usage) = usage.filter(|usage| usage.cpu.count >= ENOUGH) else {
        return Used { cpu: Fact::Unknown, memory: Fact::Unknown };
    };
    Used {
        cpu: Fact::observed(usage.cpu.p95, "p95 of what copies use, by metrics.k8s.io"),
        memory: Fact::observed(usage.memory.max, "the most that a copy used, by metrics.k8s.io"),
    }
}

/// Requests far above use.
pub fn oversized(sizes: &Sizes, used: &Used, signals: &mut Vec<Signal>) {
    let both = [
        (&sizes.cpu, &used.cpu, MATTERS.0, "p95 of use is", amount::write_cpu as fn(f64) -> String),
        (&sizes.memory, &used.memory, MATTERS.1, "the most used is", amount::write_gib),
    ];
    for (asked, used, matters, words, write) in both {
        if let (Fact::Known(asked), Fact::Known(used)) = (asked, used)
            && asked.value > used.value * FAR
            && asked.value > used.value + matters
        {
            signals.push(Signal {
                what: Trait::Oversized,
                field: asked.at.to_string(),
                value: format!("{}, {words} {}", write(asked.value), write(used.value)),
            });
        }
    }
}
