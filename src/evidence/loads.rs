//! What a person says of the load, held against itself and against the copies that an autoscaler may add.

use super::answers::Said;
use crate::{
    amount::{write_number, write_seconds},
    facts::{Fact, Known, Signal, TrafficShape, Trait},
    observe::answers::PREFIX,
    policy::{PeakToMean, Policy},
};

/// Further off than this, a peak isn't one of its shape: figures are estimates.
const FAR: f64 = 2.0;

/// A mean above its peak, or a shape that mean and peak haven't. Of what isn't said nothing is concluded.
pub fn at_odds(said: &Said, policy: &Policy) -> Vec<Signal> {
    let assumptions = &policy.operations.assumptions;
    let Fact::Known(mean) = &said.mean_rps else { return Vec::new() };
    let mut signals = Vec::new();
    let mut tell = |at: &str, value: String| {
        signals.push(Signal { what: Trait::AtOdds, field: at.to_owned(), value });
    };
    let peak = said.peak_rps.get();
    let above = peak.filter(|peak| mean.value > peak.value);
    if let Some(peak) = above {
        tell(&mean.at, format!("{}, {}", write_number(mean.value), named(peak)));
    }
    let Fact::Known(shape) = &said.traffic_shape else { return signals };
    let range = times(shape.value, &assumptions.peak_to_mean);
    match (range, peak) {
        (Some([least, most]), Some(peak)) if above.is_none() && mean.value > 0.0 => {
            let ratio = peak.value / mean.value;
            // Nothing is too spiky for Spiky.
            let is_above = shape.value != TrafficShape::Spiky && ratio > most * FAR;
            if ratio * FAR < least || is_above {
                let [mean, peak] = [mean.value, peak.value].map(write_number);
                tell(&shape.at, format!("{:?}, mean {mean} and peak {peak} requests a second", shape.value));
            }
        }
        (None, _) if mean.value > assumptions.idle_requests_per_second[1] * FAR => {
            tell(&shape.at, format!("{:?}, {}", shape.value, named(mean)));
        }
        _ => {}
    }
    signals
}

/// More at once than the most copies, one request at a time in each: by the mean, by the peak, or by the least peak that
/// the shape has.
pub fn over_most(said: &Said, most: f64, policy: &Policy) -> Option<Signal> {
    let seconds = said.unit_duration.get()?;
    let lasts = format!("{} {}", name(&seconds.at), write_seconds(seconds.value));
    let for_copies = |at_once: f64, when: &str| {
        (at_once > most)
            .then(|| format!("{} {when} for {} copies", write_number(at_once), write_number(most)))
    };
    let of_rate = |rate: &Known<f64>| {
        let told = for_copies(rate.value * seconds.value, "at once")?;
        let value = format!("{} x {lasts}: {told}", write_number(rate.value));
        Some(Signal { what: Trait::OverMost, field: rate.at.to_string(), value })
    };
    let by_rate = [&said.mean_rps, &said.peak_rps].into_iter().filter_map(Fact::get).find_map(of_rate);
    by_rate.or_else(|| {
        let (mean, shape) = (said.mean_rps.get()?, said.traffic_shape.get()?);
        // A peak that is said needs no shape.
        said.peak_rps.is_unknown().then_some(())?;
        let [least, _] = times(shape.value, &policy.operations.assumptions.peak_to_mean)?;
        let told = for_copies(mean.value * seconds.value * least, "at peak")?;
        let value = format!("{:?}, mean {} x {lasts}: {told}", shape.value, write_number(mean.value));
        Some(Signal { what: Trait::OverMost, field: shape.at.to_string(), value })
    })
}

/// How many times its mean the peak of a shape is.
fn times(shape: TrafficShape, assumed: &PeakToMean) -> Option<[f64; 2]> {
    match shape {
        TrafficShape::Steady => Some(assumed.steady),
        TrafficShape::Bursty => Some(assumed.bursty),
        TrafficShape::Spiky => Some(assumed.spiky),
        TrafficShape::Idle => None,
    }
}

fn named(known: &Known<f64>) -> String {
    format!("{} {}", name(&known.at), write_number(known.value))
}

/// The answer's own name, without its place.
fn name(at: &str) -> &str {
    let annotation = at.strip_prefix("metadata.annotations[").and_then(|rest| rest.strip_suffix(']'));
    let own = annotation.and_then(|name| name.strip_prefix(PREFIX));
    own.unwrap_or_else(|| at.rsplit('.').next().unwrap_or(at))
}
