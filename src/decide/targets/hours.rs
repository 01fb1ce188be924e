//! How long a workload runs in a month, and how long people work for it: assumptions by name, facts where there are any.

use super::Question;
use crate::{
    catalog::{HOURS_A_MONTH, Target},
    decide::Interval,
    facts::{Copies, Fact, Lifetime, Source, TrafficShape, Trait},
};

/// People's hours a month on a target.
pub struct Hours {
    pub fixed: Interval,
    pub per_service: f64,
}

/// A platform team makes the fixed hours fewer; not knowing whether there is one widens them.
pub fn of(target: Target, question: &Question<'_>) -> Hours {
    let Some(hours) = question.policy.operations.assumptions.hours.get(&target) else {
        return Hours { fixed: Interval::default(), per_service: 0.0 };
    };
    let alone = hours.fixed_without_team.unwrap_or(hours.fixed);
    let fixed = match question.evidence.platform_team.value() {
        Some(true) => Interval::exactly(hours.fixed),
        Some(false) => Interval::exactly(alone),
        None => Interval::new(hours.fixed.min(alone), hours.fixed.max(alone)),
    };
    Hours { fixed, per_service: hours.per_service }
}

/// Hours a month that copies run, all copies added up.
pub fn running(question: &Question<'_>) -> Interval {
    running_for(question, run_seconds(question))
}

/// The hours that are billed where each run has a machine of its own, as on Fargate: from the image's first byte on,
/// and a minute at least.
pub fn billed(question: &Question<'_>) -> Interval {
    let least = question.catalog.limits.ecs_fargate.minimum_billing.value;
    let billed = run_seconds(question) + assumed(question.policy.operations.assumptions.image_pull_seconds);
    running_for(question, Interval::new(billed.low.max(least), billed.high.max(least)))
}

fn running_for(question: &Question<'_>, seconds: Interval) -> Interval {
    let copies = copies(question);
    match question.evidence.lifetime {
        Lifetime::Service | Lifetime::PerNode => copies * HOURS_A_MONTH,
        Lifetime::Run | Lifetime::Scheduled => copies * run_hours(question, seconds),
    }
}

/// Hours a month of all runs. One at a time they fill a month at most.
fn run_hours(question: &Question<'_>, seconds: Interval) -> Interval {
    let hours = runs(question) * seconds * (1.0 / 3600.0);
    let in_turn = question.evidence.signal(Trait::OneAtATime).is_some();
    let most = if in_turn { HOURS_A_MONTH } else { f64::INFINITY };
    Interval::new(hours.low.min(most), hours.high.min(most))
}

/// Copies, the mean over a month. The most of them are there for the peak: the shape says how far below the mean is.
pub fn copies(question: &Question<'_>) -> Interval {
    match &question.evidence.copies {
        Fact::Known(known) => {
            let Copies { min, max } = known.value;
            let [least, _] = peak_to_mean(question).unwrap_or([1.0; 2]);
            let most = load_needs(question).unwrap_or(max).min(max / least.max(1.0));
            Interval::new(min, most.clamp(min, max))
        }
        Fact::Unknown => assumed(question.policy.operations.assumptions.unknown_copies),
    }
}

/// Copies that the load needs at most, the mean over a month, where an autoscaler follows a load that is known: those that
/// it keeps busy one request at a time, what is kept beside them, and a part of one taken whole. Else a container would be
/// billed for the autoscaler's bounds, and a function for the load.
pub fn load_needs(question: &Question<'_>) -> Option<f64> {
    let evidence = question.evidence;
    let copies = evidence.copies.value().filter(|_| evidence.is_scaled())?;
    let seconds = evidence.unit_duration.value()?;
    let busy = requests_per_second(question).high * seconds;
    let needed = busy * question.policy.operations.assumptions.scaling_headroom + 1.0;
    Some(needed).filter(|needed| *needed < copies.max)
}

/// Runs a month.
pub fn runs(question: &Question<'_>) -> Interval {
    known_or(&question.evidence.runs, question.policy.operations.assumptions.unknown_runs)
}

/// Seconds of one run, which its limit ends. Where they were seen it's their usual length that is billed, not the longest.
pub fn run_seconds(question: &Question<'_>) -> Interval {
    let evidence = question.evidence;
    let seconds = match (&evidence.unit_duration, &evidence.usual_duration) {
        (Fact::Known(most), Fact::Known(usual)) if most.source == Source::Observed => assumed(usual.value),
        (duration, _) => known_or(duration, question.policy.operations.assumptions.unknown_run_seconds),
    };
    let limit = evidence.run_limit.value().copied().unwrap_or(f64::INFINITY);
    Interval::new(seconds.low.min(limit), seconds.high.min(limit))
}

/// Seconds of one request. Where nobody knows, those that keep all copies busy, which an autoscaler may add, are not too many:
/// a function is in doubt about the load as much as the copies are.
pub fn request_seconds(question: &Question<'_>) -> Interval {
    let evidence = question.evidence;
    known_or_else(&evidence.unit_duration, || {
        let [low, high] = question.policy.operations.assumptions.unknown_request_seconds;
        let requests = requests_per_second(question).high;
        let copies = evidence.copies.value().filter(|_| evidence.is_scaled() && requests > 0.0);
        Interval::new(low, copies.map_or(high, |copies| high.max(copies.max / requests)))
    })
}

/// The least of them.
fn least_request_seconds(question: &Question<'_>) -> f64 {
    let [least, _] = question.policy.operations.assumptions.unknown_request_seconds;
    question.evidence.unit_duration.value().copied().unwrap_or(least)
}

/// Requests a second, the mean over a month. The shape and the peak bound what nobody counted.
pub fn requests_per_second(question: &Question<'_>) -> Interval {
    known_or_else(&question.evidence.mean_rps, || unknown_requests_per_second(question))
}

/// The same where nobody counted them. Copies are there for what they serve: the more run, the more may arrive.
pub fn unknown_requests_per_second(question: &Question<'_>) -> Interval {
    let evidence = question.evidence;
    let assumptions = &question.policy.operations.assumptions;
    let idle = evidence.traffic_shape.value() == Some(&TrafficShape::Idle);
    let range = if idle {
        assumed(assumptions.idle_requests_per_second)
    } else {
        let [low, high] = assumptions.unknown_requests_per_second;
        // One request at a time in each.
        let served =
            evidence.copies.value().map_or(0.0, |copies| copies.max / least_request_seconds(question));
        Interval::new(low, high.max(served))
    };
    match evidence.peak_rps.value() {
        Some(peak) => {
            let (low, high) = (range.low.min(*peak), range.high.min(*peak));
            let [least, most] = peak_to_mean(question).unwrap_or([1.0, f64::INFINITY]);
            Interval::new((peak / most).clamp(low, high), (peak / least.max(1.0)).clamp(low, high))
        }
        None => range,
    }
}

/// How many times its mean the traffic's peak is, where a person named its shape.
pub fn peak_to_mean(question: &Question<'_>) -> Option<[f64; 2]> {
    let assumed = &question.policy.operations.assumptions.peak_to_mean;
    match question.evidence.traffic_shape.value()? {
        TrafficShape::Steady => Some(assumed.steady),
        TrafficShape::Bursty => Some(assumed.bursty),
        TrafficShape::Spiky => Some(assumed.spiky),
        TrafficShape::Idle => None,
    }
}

/// The part of a month, 0 to 1, in which at least one request is being served by one copy.
pub fn busy(question: &Question<'_>) -> Interval {
    let busy = requests_per_second(question) * request_seconds(question);
    Interval::new(busy.low.min(1.0), busy.high.min(1.0))
}

fn known_or(fact: &Fact<f64>, range: [f64; 2]) -> Interval {
    known_or_else(fact, || assumed(range))
}

fn known_or_else(fact: &Fact<f64>, range: impl Fn() -> Interval) -> Interval {
    fact.value().map_or_else(range, |value| Interval::exactly(*value))
}

fn assumed([low, high]: [f64; 2]) -> Interval {
    Interval::new(low, high)
}
