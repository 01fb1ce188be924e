//! The value of one fact at which the cheapest target changes.

use std::borrow::Cow;

use super::{
    BreakEven, Fit,
    placement::Placement,
    targets::{self, Question},
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
    set: fn(&mut Evidence, f64),
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
        set: |e, value| e.mean_rps = Fact::declared(value, "supposed"),
        from: 0.0001,
        to: 10_000.0,
        whole: false,
    },
    Scale {
        fact: "services",
        unit: "services",
        applies: |_| true,
        set: |e, value| e.services = Fact::declared(value, "supposed"),
        from: 1.0,
        to: 1000.0,
        whole: true,
    },
];

/// Points at which a scale is looked at before the change is narrowed down.
const GRID: u32 = 24;

/// The break-evens next to where the workload stands: those that the recommended target takes part in.
pub fn all(question: &Question<'_>, placement: &Placement) -> Vec<BreakEven> {
    let Some(best) = placement.best().map(|best| best.target) else { return Vec::new() };
    let rivals: Vec<Target> =
        placement.placed.iter().filter(|p| p.fit == Fit::Fits).map(|p| p.target).collect();
    if rivals.len() < 2 {
        return Vec::new();
    }
    let mut found = Vec::new();
    for scale in SCALES.iter().filter(|scale| (scale.applies)(question.evidence)) {
        let mut evidence = question.evidence.clone();
        let mut cheapest = |value: f64| {
            (scale.set)(&mut evidence, value);
            cheapest(&rivals, &Question { evidence: &evidence, ..*question })
        };
        let step = (scale.to / scale.from).powf(1.0 / f64::from(GRID));
        let mut low = (scale.from, cheapest(scale.from));
        for index in 1..=GRID {
            let value = scale.from * step.powi(i32::try_from(index).unwrap_or(1));
            let high = (value, cheapest(value));
            if high.1 != low.1 {
                let narrowed = narrow(low, high, &mut cheapest);
                if narrowed.1 == best || narrowed.2 == best {
                    found.push(scale.tell(narrowed, best));
                }
            }
            low = high;
        }
    }
    found
}

fn cheapest(rivals: &[Target], question: &Question<'_>) -> Target {
    let cost = |target: &Target| targets::cost(*target, question).total().high;
    // The same order as the ranking: cost, then the target's own order.
    rivals
        .iter()
        .copied()
        .min_by(|a, b| cost(a).total_cmp(&cost(b)).then(a.cmp(b)))
        .unwrap_or(Target::EKSNodes)
}

/// Halves the gap until both sides cost the same within rounding.
fn narrow(
    low: (f64, Target),
    high: (f64, Target),
    cheapest: &mut impl FnMut(f64) -> Target,
) -> (f64, Target, Target) {
    let (mut from, below) = low;
    let (mut to, mut above) = high;
    for _ in 0..48 {
        let middle = (from + to) / 2.0;
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
        let value = if self.whole { value.ceil() } else { value };
        // What would win instead, and on which side.
        let summary = if above == best {
            format!("{below} below {} {}", write_number(value), self.unit)
        } else {
            format!("{above} from {} {}", write_number(value), self.unit)
        };
        BreakEven { fact: Cow::Borrowed(self.fact), value, below, above, summary }
    }
}
