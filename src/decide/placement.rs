//! Fit and cost of every target, and the cheapest that certainly fits: the function that is asked again and again.

use super::{
    Candidate, Effect, Finding, Fit, Reason, Verdict, rules,
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
}

/// Judges every target.
pub fn place(question: &Question<'_>) -> Placement {
    let findings = findings(question);
    let mut placed: Vec<Placed> = Target::ALL
        .into_iter()
        .map(|target| Placed { target, fit: fit(target, &findings), cost: targets::cost(target, question) })
        .collect();
    // What is certain counts: the least that one can be sure to pay.
    placed.sort_by(|a, b| {
        let cost = |placed: &Placed| (placed.cost.total().high, placed.target);
        a.fit.cmp(&b.fit).then_with(|| targets::order(question, cost(a), cost(b)))
    });
    Placement { placed, findings }
}

/// Where it would go and what that makes of its place, without the reasons.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    pub target: Option<Target>,
    pub verdict: Verdict,
}

/// The cheapest that certainly fits, and where it runs now: all that a verdict takes.
pub fn contest(question: &Question<'_>) -> (Placed, Option<Placed>) {
    let mut costs = Target::ALL.map(|target| (targets::cost(target, question), target));
    costs.sort_by(|a, b| targets::order(question, (a.0.total().high, a.1), (b.0.total().high, b.1)));
    let best = costs.iter().find(|(_, target)| fit_of(*target, question) == Fit::Fits);
    let best = best.map(|(cost, target)| Placed { target: *target, fit: Fit::Fits, cost: *cost });
    let target = question.place();
    let now = match best {
        Some(best) if best.target == target => best,
        _ => {
            let cost = costs.iter().find(|(_, each)| *each == target).map(|(cost, _)| *cost);
            Placed { target, fit: fit_of(target, question), cost: cost.unwrap_or_default() }
        }
    };
    (now, best)
}

/// What comes of a question.
pub fn outcome(question: &Question<'_>) -> Outcome {
    let (now, best) = contest(question);
    Outcome {
        target: best.map(|best| best.target),
        verdict: verdict(&now, best.as_ref(), question.policy.minimum_monthly_saving),
    }
}

/// Whether one target holds it, from the rules that speak about it.
pub fn fit_of(target: Target, question: &Question<'_>) -> Fit {
    let mut fit = Fit::Fits;
    for rule in rules::about(target) {
        match rule.effect_on(question.evidence, question.catalog) {
            Some(Effect::Excludes) => return Fit::Excluded,
            Some(Effect::NeedsAnswer) => fit = Fit::Unknown,
            Some(Effect::Notes) | None => {}
        }
    }
    fit
}

fn findings(question: &Question<'_>) -> Vec<Finding> {
    rules::RULES.iter().flat_map(|rule| rule.apply(question.evidence, question.catalog)).collect()
}

fn fit(target: Target, findings: &[Finding]) -> Fit {
    let about = |effect: Effect| {
        findings.iter().any(|finding| finding.effect == effect && finding.targets.contains(&target))
    };
    if about(Effect::Excludes) {
        Fit::Excluded
    } else if about(Effect::NeedsAnswer) {
        Fit::Unknown
    } else {
        Fit::Fits
    }
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

    pub fn candidate(&self, placed: &Placed) -> Candidate {
        let decided = |finding: &&Finding| {
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
            findings: self.findings.iter().filter(decided).map(reason).collect(),
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
