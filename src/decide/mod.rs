//! Decide: evidence, catalogue and policy in, one decision out.
//!
//! Pure: no clock, no I/O, no hash order, and nothing of Kubernetes. The same facts give the same bytes.

mod ask;
mod askable;
mod break_even;
pub mod crossover;
mod decision;
mod items;
mod placement;
pub mod platform;
pub mod reads;
pub mod rules;
mod saving;
mod standing;
mod summary;
pub mod targets;
mod verdict;

pub use askable::{suppose, suppositions};
pub use decision::{
    Answer, AtUse, BreakEven, Candidate, Confidence, Decision, Effect, EvidenceItem, Finding, Fit, Interval,
    OpenQuestion, Reason, Recommendation, Saving, Supposition, Verdict,
};

use crate::{
    catalog::{Catalog, Target},
    facts::{Evidence, Exemption, Trait},
    policy::Policy,
};
use placement::{Placed, Placement};
use targets::Question;

/// Decides where a workload belongs, how sure that is, and what would change it.
pub fn decide(evidence: &Evidence, catalog: &Catalog, policy: &Policy) -> Decision {
    let question = Question::new(evidence, catalog, policy);
    let placement = placement::place(&question);
    let candidates = placement.candidates();
    let break_evens = break_even::all(&question, &placement);
    Decision { candidates, break_evens, ..judge(&question, placement) }
}

/// The same for an answer of admission, which says nothing of candidates and break-evens: both are left out, for
/// somebody waits.
pub fn decide_for_admission(evidence: &Evidence, catalog: &Catalog, policy: &Policy) -> Decision {
    let question = Question::new(evidence, catalog, policy);
    judge(&question, placement::place(&question))
}

/// All of a decision but the candidates and the break-evens.
fn judge(question: &Question<'_>, placement: Placement) -> Decision {
    let Question { evidence, policy, .. } = question;
    let now = placement.of(question.place());
    let verdict = verdict::verdict(now, placement.best(), policy.minimum_monthly_saving);
    let ask::Asked { open: open_questions, confidence } = ask::ask(question, &placement, verdict);
    // What it would be otherwise is still asked and told: the exemption only says that it stays all the same.
    let exempt = evidence.exemption.as_ref().is_some_and(Exemption::holds);
    let recommendation = placement.best().map(|best| Recommendation {
        target: best.target,
        confidence,
        summary: summary::Case { question, findings: &placement.findings, now, best }
            .summary(verdict, &open_questions),
        monthly_cost: best.cost.total().rounded(),
        current_monthly_cost: now.cost.total().rounded(),
        saving: saving(now, best, question),
        at_use: at_use(question, best.target, now.target),
    });
    Decision {
        verdict: if exempt { Verdict::Exempt } else { verdict },
        exemption: evidence.exemption.clone(),
        recommendation,
        candidates: Vec::new(),
        evidence: items::list(evidence),
        findings: placement.findings,
        open_questions,
        break_evens: Vec::new(),
    }
}

/// The same two costs for copies that ask for what they use, where they ask for far more.
fn at_use(question: &Question<'_>, best: Target, place: Target) -> Option<AtUse> {
    let evidence = question.evidence;
    evidence.signal(Trait::Oversized)?;
    let sized =
        Evidence { cpu: evidence.used_cpu.clone(), memory: evidence.used_memory.clone(), ..evidence.clone() };
    let question = Question::new(&sized, question.catalog, question.policy);
    let cost = |target| targets::cost(target, &question).total().rounded();
    Some(AtUse { monthly_cost: cost(best), current_monthly_cost: cost(place) })
}

/// If the cluster stays, this workload moves alone: the cluster's fixed cost is paid on without it, and where its new
/// platform isn't in use yet, that one's has to be paid as well. If it goes, all move: each bears its share on both.
fn saving(now: &Placed, best: &Placed, question: &Question<'_>) -> Saving {
    let anew = if now.target == best.target || saving::same_cluster(now, best) {
        Interval::default()
    } else {
        targets::fixed_anew(best.target, question)
    };
    Saving {
        if_cluster_stays: saving::alone(now, best).saving_over(anew).rounded(),
        if_cluster_goes: saving::together(now, best).rounded(),
    }
}
