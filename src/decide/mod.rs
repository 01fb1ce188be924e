//! Decide: evidence, catalogue and policy in, one decision out.
//!
//! Pure: no clock, no I/O, no hash order, and nothing of Kubernetes. The same facts give the same bytes.

mod ask;
mod break_even;
pub mod crossover;
mod decision;
mod items;
mod placement;
pub mod rules;
mod summary;
pub mod targets;

pub use ask::suppose;
pub use decision::{
    Answer, BreakEven, Candidate, Confidence, Decision, Effect, EvidenceItem, Finding, Fit, Interval,
    OpenQuestion, Reason, Recommendation, Saving, Supposition, Verdict,
};

use crate::{
    catalog::{Catalog, Target},
    facts::Evidence,
    policy::Policy,
};
use placement::{Placed, Placement};
use targets::Question;

/// Decides where a workload belongs, how sure that is, and what would change it.
pub fn decide(evidence: &Evidence, catalog: &Catalog, policy: &Policy) -> Decision {
    let question = Question::new(evidence, catalog, policy);
    let placement = placement::place(&question);
    let ask::Asked { open: open_questions, confidence } = ask::ask(&question, &placement);
    let break_evens = break_even::all(&question, &placement);
    let place = evidence.place.value().copied().unwrap_or(Target::EKSNodes);
    let verdict = verdict(&placement, place, policy.minimum_monthly_saving);
    let recommendation = placement.best().map(|best| {
        let now = placement.of(place);
        Recommendation {
            target: best.target,
            confidence,
            summary: summary::summary(evidence, best, now, &placement.findings),
            monthly_cost: best.cost.total().rounded(),
            current_monthly_cost: now.cost.total().rounded(),
            saving: saving(now, best),
        }
    });
    Decision {
        verdict,
        recommendation,
        candidates: placement.placed.iter().map(|placed| placement.candidate(placed)).collect(),
        evidence: items::list(evidence),
        findings: placement.findings,
        open_questions,
        break_evens,
    }
}

/// Misplaced when something else is surely cheaper by enough, or when its place can't hold it;
/// undetermined when that depends on what is unknown.
fn verdict(placement: &Placement, place: Target, minimum_saving: f64) -> Verdict {
    let now = placement.of(place);
    let Some(best) = placement.best() else { return Verdict::Undetermined };
    if best.target == place {
        return Verdict::WellPlaced;
    }
    if now.fit == Fit::Excluded {
        return Verdict::Misplaced;
    }
    let saving = saving(now, best);
    let saving = if same_cluster(now, best) { saving.if_cluster_stays } else { saving.if_cluster_goes };
    if saving.low >= minimum_saving {
        Verdict::Misplaced
    } else if saving.high < minimum_saving {
        Verdict::WellPlaced
    } else {
        Verdict::Undetermined
    }
}

fn saving(now: &Placed, best: &Placed) -> Saving {
    if now.target == best.target {
        return Saving { if_cluster_stays: Interval::default(), if_cluster_goes: Interval::default() };
    }
    let if_cluster_stays = if same_cluster(now, best) {
        // The same Pods on the same kind of machine: what is unknown of them moves both costs together.
        now.cost.margin().saving_beside(best.cost.margin())
    } else {
        now.cost.margin().saving_over(best.cost.total())
    };
    let if_cluster_goes = now.cost.total().saving_over(best.cost.total());
    Saving { if_cluster_stays: if_cluster_stays.rounded(), if_cluster_goes: if_cluster_goes.rounded() }
}

/// One cluster can have nodes, Auto Mode and Fargate side by side: between them, its fixed cost moves with nothing.
fn same_cluster(now: &Placed, best: &Placed) -> bool {
    now.target.is_kubernetes() && best.target.is_kubernetes()
}
