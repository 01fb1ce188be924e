//! The value of one fact at which the cheapest target changes.

use std::borrow::Cow;

use super::{
    BreakEven, Fit,
    placement::Placement,
    reads::Reads,
    targets::{self, Price, Question},
};
use crate::{
    amount::write_number,
    catalog::Target,
    facts::{Evidence, Fact, Lifetime},
};

/// A fact with a number that moves costs but no fit.
struct Scale {
    fact: &'static str,
    unit: &'static str,
    applies: fn(&Evidence) -> bool,
    /// Whether the cost of a target hangs on it at all.
    moves: fn(Target, &Evidence) -> bool,
    /// The cost of a target at a value of the fact, its price as it stands being known.
    cost: fn(Target, &Price, &mut Evidence, f64, &Question<'_>) -> f64,
    from: f64,
    to: f64,
    /// Whether only whole numbers make sense.
    whole: bool,
}

const SCALES: &[Scale] = &[
    Scale {
        fact: "meanRequestsPerSecond",
        unit: "requests/s",
        applies: |e| e.lifetime == Lifetime::Service,
        moves: |target, e| targets::reads(target, e).meets(Reads::REQUESTS),
        cost: |target, _, evidence, value, question| {
            evidence.mean_rps = Fact::declared(value, "");
            let about = question.about(evidence, Reads::REQUESTS, question.rates);
            targets::cost(target, &about).total().high
        },
        from: 0.0001,
        to: 10_000.0,
        whole: false,
    },
    Scale {
        fact: "services",
        unit: "services on the platform",
        applies: |_| true,
        moves: |_, _| true,
        cost: |_, price, _, value, _| price.shared_by(Some(value)).total().high,
        from: 1.0,
        to: 1000.0,
        whole: true,
    },
];

/// Points at which a scale is looked at before the change is narrowed down.
const GRID: i32 = 24;

/// The break-evens next to where the workload stands: those that the recommended target takes part in.
pub fn all(question: &Question<'_>, placement: &Placement) -> Vec<BreakEven> {
    let Some(best) = placement.best().map(|best| best.target) else { return Vec::new() };
    let fitting = placement.placed.iter().filter(|placed| placed.fit == Fit::Fits);
    let rivals: Vec<(Target, Price)> =
        fitting.map(|placed| (placed.target, targets::price(placed.target, question))).collect();
    if rivals.len() < 2 {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut evidence = question.evidence.clone();
    for scale in SCALES.iter().filter(|scale| (scale.applies)(question.evidence)) {
        let (moved, still): (Vec<_>, Vec<_>) =
            rivals.iter().partition(|(target, _)| (scale.moves)(*target, question.evidence));
        // The same order as the ranking: cost, then the target's own order.
        let order = |a: &(f64, Target), b: &(f64, Target)| targets::order(question, *a, *b);
        let services = question.evidence.services.value().copied();
        let still = still.iter().map(|(target, price)| (price.shared_by(services).total().high, *target));
        let still = still.min_by(order);
        let mut cheapest = |value: f64| {
            let costs = moved.iter().map(|(target, price)| {
                ((scale.cost)(*target, price, &mut evidence, value, question), *target)
            });
            costs.chain(still).min_by(order).map_or(best, |(_, target)| target)
        };
        let step = (scale.to / scale.from).powf(1.0 / f64::from(GRID));
        let mut low = (scale.from, cheapest(scale.from));
        for index in 1..=GRID {
            let value = scale.from * step.powi(index);
            let value = if scale.whole { value.round() } else { value };
            let high = (value, cheapest(value));
            if high.1 != low.1 {
                let narrowed = narrow(low, high, scale.whole, &mut cheapest);
                if narrowed.1 == best || narrowed.2 == best {
                    found.push(scale.tell(narrowed, best));
                }
            }
            low = high;
        }
    }
    found
}

/// Halves the gap until both sides cost the same within rounding, or are neighbours where only whole numbers count.
fn narrow(
    low: (f64, Target),
    high: (f64, Target),
    whole: bool,
    cheapest: &mut impl FnMut(f64) -> Target,
) -> (f64, Target, Target) {
    let (mut from, below) = low;
    let (mut to, mut above) = high;
    for _ in 0..48 {
        if whole && to - from <= 1.0 {
            break;
        }
        let middle = (from + to) / 2.0;
        let middle = if whole { middle.floor() } else { middle };
        let target = cheapest(middle);
        if target == below {
            from = middle;
        } else {
            (to, above) = (middle, target);
        }
    }
    (to, below, above)
}

impl Scale {
    fn tell(&self, (value, below, above): (f64, Target, Target), best: Target) -> BreakEven {
        // What would win instead, and on which side.
        let summary = if above == best {
            format!("{} below {} {}", below.title(), write_number(value), self.unit)
        } else {
            format!("{} from {} {}", above.title(), write_number(value), self.unit)
        };
        BreakEven { fact: Cow::Borrowed(self.fact), value, below, above, summary }
    }
}
