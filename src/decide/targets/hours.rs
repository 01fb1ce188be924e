//! How long a workload runs in a month, and how long people work for it: assumptions by name, facts where there are any.

use super::Question;
use crate::{
    catalog::{HOURS_A_MONTH, Target},
    decide::Interval,
    facts::{Copies, Fact, Lifetime, TrafficShape},
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
    let copies = copies(question);
    match question.evidence.lifetime {
        Lifetime::Service | Lifetime::PerNode => copies * HOURS_A_MONTH,
        Lifetime::Run | Lifetime::Scheduled => {
            copies * runs(question) * run_seconds(question) * (1.0 / 3600.0)
        }
    }
}

pub fn copies(question: &Question<'_>) -> Interval {
    match &question.evidence.copies {
        Fact::Known(known) => {
            let Copies { min, max } = known.value;
            Interval::new(min, max)
        }
        Fact::Unknown => assumed(question.policy.operations.assumptions.unknown_copies),
    }
}

/// Runs a month.
pub fn runs(question: &Question<'_>) -> Interval {
    known_or(&question.evidence.runs, question.policy.operations.assumptions.unknown_runs)
}

/// Seconds of one run: a limit bounds what nobody measured.
pub fn run_seconds(question: &Question<'_>) -> Interval {
    let [low, high] = question.policy.operations.assumptions.unknown_run_seconds;
    let limit = question.evidence.run_limit.value().copied().unwrap_or(f64::INFINITY);
    known_or(&question.evidence.unit_duration, [low.min(limit), high.min(limit)])
}

/// Seconds of one request.
pub fn request_seconds(question: &Question<'_>) -> Interval {
    known_or(&question.evidence.unit_duration, question.policy.operations.assumptions.unknown_request_seconds)
}

/// Requests a second, the mean over a month. The shape and the peak bound what nobody counted.
pub fn requests_per_second(question: &Question<'_>) -> Interval {
    let evidence = question.evidence;
    let assumptions = &question.policy.operations.assumptions;
    if let Some(mean) = evidence.mean_rps.value() {
        return Interval::exactly(*mean);
    }
    let idle = evidence.traffic_shape.value() == Some(&TrafficShape::Idle);
    let range = assumed(if idle {
        assumptions.idle_requests_per_second
    } else {
        assumptions.unknown_requests_per_second
    });
    match evidence.peak_rps.value() {
        Some(peak) => Interval::new(range.low.min(*peak), range.high.min(*peak)),
        None => range,
    }
}

/// The part of a month, 0 to 1, in which at least one request is being served by one copy.
pub fn busy(question: &Question<'_>) -> Interval {
    let busy = requests_per_second(question) * request_seconds(question);
    Interval::new(busy.low.min(1.0), busy.high.min(1.0))
}

fn known_or(fact: &Fact<f64>, range: [f64; 2]) -> Interval {
    fact.value().map_or_else(|| assumed(range), |value| Interval::exactly(*value))
}

fn assumed([low, high]: [f64; 2]) -> Interval {
    Interval::new(low, high)
}
