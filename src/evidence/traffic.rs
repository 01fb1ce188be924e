//! What a workload is asked for, as Prometheus tells it, and where that contradicts what a person says.

use super::answers::Said;
use crate::{
    amount,
    facts::{Fact, Signal, TrafficShape, Trait},
    observe::Observed,
    policy::Policy,
};

/// Samples below which nothing is concluded: an hour of a day's window.
const ENOUGH: u64 = 12;
/// Further off than this, up or down, contradicts what is said: a figure that somebody estimated is no contradiction.
const FAR: f64 = 2.0;
/// Requests a second, and seconds, below which no difference matters.
const MATTERS: (f64, f64) = (0.1, 0.05);

/// What was seen of the requests.
pub struct Served {
    pub mean_rps: Fact<f64>,
    pub peak_rps: Fact<f64>,
    pub shape: Fact<TrafficShape>,
    /// What 99 of 100 requests take at most.
    pub duration: Fact<f64>,
}

pub fn served(observed: &Observed, policy: &Policy) -> Served {
    let traffic = observed.history.as_deref().and_then(|history| history.traffic.as_ref());
    let Some(traffic) = traffic.filter(|traffic| traffic.requests.count >= ENOUGH) else {
        return Served {
            mean_rps: Fact::Unknown,
            peak_rps: Fact::Unknown,
            shape: Fact::Unknown,
            duration: Fact::Unknown,
        };
    };
    let at = |what: &str| format!("{what} of {}, by Prometheus ({})", traffic.window, traffic.queries);
    let peak = traffic.requests.max;
    Served {
        mean_rps: Fact::observed(traffic.mean, at("the mean")),
        peak_rps: Fact::observed(peak, at("the busiest moment")),
        shape: shape(traffic.mean, peak, policy)
            .map_or(Fact::Unknown, |shape| Fact::observed(shape, at("peak to mean"))),
        duration: traffic.p99_seconds.map_or(Fact::Unknown, |p99| Fact::observed(p99, at("p99"))),
    }
}

/// The policy says how many times its mean the peak of a shape is. Without requests there is no shape.
fn shape(mean: f64, peak: f64, policy: &Policy) -> Option<TrafficShape> {
    let times = &policy.operations.assumptions.peak_to_mean;
    let ratio = peak / mean;
    if !ratio.is_finite() {
        None
    } else if ratio <= times.steady[1] {
        Some(TrafficShape::Steady)
    } else if ratio <= times.bursty[1] {
        Some(TrafficShape::Bursty)
    } else {
        Some(TrafficShape::Spiky)
    }
}

/// Requests that are surely more, fewer, longer or shorter than a person says. A peak may always be higher than the
/// one that was seen.
pub fn contradictions(said: &Said, seen: &Served, signals: &mut Vec<Signal>) {
    let rate = |value: f64| format!("{} a second", amount::write_number(value));
    let all = [
        (&said.mean_rps, &seen.mean_rps, MATTERS.0, true, &rate as &dyn Fn(f64) -> String),
        (&said.peak_rps, &seen.peak_rps, MATTERS.0, false, &rate),
        (&said.unit_duration, &seen.duration, MATTERS.1, false, &amount::write_seconds),
    ];
    for (said, seen, matters, both_ways, write) in all {
        if let (Fact::Known(said), Fact::Known(seen)) = (said, seen) {
            let more = seen.value > said.value * FAR && seen.value > said.value + matters;
            let less = said.value > seen.value * FAR && said.value > seen.value + matters;
            if more || less && both_ways {
                signals.push(Signal {
                    what: Trait::UnlikeSaid,
                    field: said.at.to_string(),
                    value: format!("{}, {} is {}", write(said.value), seen.at, write(seen.value)),
                });
            }
        }
    }
}
