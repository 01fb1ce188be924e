//! Whether a workload runs where it belongs: the saving that counts, against the least that matters.

use super::{Fit, Placed, Verdict, saving};

/// Misplaced when something else is surely cheaper by enough, or when its place can't hold it;
/// undetermined when that depends on what is unknown.
pub fn verdict(now: &Placed, best: Option<&Placed>, minimum_saving: f64) -> Verdict {
    let Some(best) = best else { return Verdict::Undetermined };
    if best.target == now.target {
        return Verdict::WellPlaced;
    }
    if now.fit == Fit::Excluded {
        return Verdict::Misplaced;
    }
    let saving = saving::that_counts(now, best);
    if saving.low >= minimum_saving {
        Verdict::Misplaced
    } else if saving.high < minimum_saving {
        Verdict::WellPlaced
    } else {
        Verdict::Undetermined
    }
}
