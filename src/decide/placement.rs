//! Fit and cost of every target, and the cheapest that certainly fits: the function that is asked again and again.

use std::sync::Arc;

use super::{
    Candidate, Effect, Finding, Fit, Reason, Verdict, rules,
    standing::Standing,
    targets::{self, Cost, Question},
    verdict::verdict,
};
use crate::catalog::Target;

/// One target's answer.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    pub target: Target,
    pub fit: Fit,
    pub cost: Cost,
}

/// Every target's answer, the best first, with the findings behind it.
#[derive(Debug)]
pub struct Placement {
    pub placed: Vec<Placed>,
    pub findings: Vec<Finding>,
    pub standing: Standing,
}

/// Judges every target.
pub fn place(question: &Question<'_>) -> Placement {
    let (mut findings, mut effects) = (Vec::new(), Vec::with_capacity(rules::RULES.len()));
    for rule in rules::RULES {
        let found = rule.apply(question.evidence, question.catalog);
        effects.push(found.first().map(|finding| finding.effect));
        findings.extend(found);
    }
    let costs = Target::ALL.map(|target| targets::cost(target, question));
    // What is certain counts: the least that one can be sure to pay.
    let mut order = Target::ALL;
    let cost = |target: Target| (costs[target as usize].total().high, target);
    order.sort_by(|a, b| targets::order(question, cost(*a), cost(*b)));
    let placed = |target| Placed { target, fit: fit(target, &findings), cost: costs[target as usize] };
    let mut placed: Vec<Placed> = order.into_iter().map(placed).collect();
    // What costs less stays before what costs more.
    placed.sort_by_key(|placed| placed.fit);
    Placement { placed, findings, standing: Standing { effects, costs, order } }
}

/// Where it would go and what that makes of its place, without the reasons.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    pub target: Option<Target>,
    pub verdict: Verdict,
}

/// What comes of a question.
pub fn outcome(question: &Question<'_>, now: &Placed, best: Option<&Placed>) -> Outcome {
    Outcome {
        target: best.map(|best| best.target),
        verdict: verdict(now, best, question.policy.minimum_monthly_saving),
    }
}

fn fit(target: Target, findings: &[Finding]) -> Fit {
    let about = findings.iter().filter(|finding| finding.targets.contains(&target));
    let fits = about.map(|finding| match finding.effect {
        Effect::Excludes => Fit::Excluded,
        Effect::NeedsAnswer => Fit::Unknown,
        Effect::Notes => Fit::Fits,
    });
    fits.max().unwrap_or(Fit::Fits)
}

impl Placement {
    /// The cheapest target that certainly fits.
    pub fn best(&self) -> Option<&Placed> {
        self.placed.first().filter(|placed| placed.fit == Fit::Fits)
    }

    pub fn of(&self, target: Target) -> &Placed {
        // Every target is there: `place` judges them all.
        self.placed.iter().find(|placed| placed.target == target).unwrap_or(&self.placed[0])
    }

    /// All targets as a decision carries them.
    pub fn candidates(&self) -> Vec<Candidate> {
        let reasons: Vec<Arc<Reason>> =
            self.findings.iter().map(|finding| Arc::new(reason(finding))).collect();
        self.placed.iter().map(|placed| self.candidate(placed, &reasons)).collect()
    }

    fn candidate(&self, placed: &Placed, reasons: &[Arc<Reason>]) -> Candidate {
        let decided = |(finding, _): &(&Finding, &Arc<Reason>)| {
            finding.targets.contains(&placed.target)
                && match placed.fit {
                    Fit::Excluded => finding.effect == Effect::Excludes,
                    Fit::Unknown => finding.effect == Effect::NeedsAnswer,
                    Fit::Fits => finding.effect == Effect::Notes,
                }
        };
        Candidate {
            target: placed.target,
            fit: placed.fit,
            monthly_cost: placed.cost.total().rounded(),
            cost_unconfirmed: placed.cost.unconfirmed,
            findings: self
                .findings
                .iter()
                .zip(reasons)
                .filter(decided)
                .map(|(_, reason)| reason.clone())
                .collect(),
        }
    }
}

fn reason(finding: &Finding) -> Reason {
    Reason {
        rule: finding.rule.clone(),
        field: finding.field.clone(),
        value: finding.value.clone(),
        message: finding.message.clone(),
    }
}
