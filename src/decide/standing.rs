//! Where a question stands, kept so that asking it again with a fact supposed looks only at what that fact could change.

use super::{
    Effect, Finding, Fit,
    placement::{self, Outcome, Placed},
    reads::Reads,
    rules::{self, RULES, Rule},
    targets::{self, Cost, Question},
};
use crate::catalog::Target;

/// What each rule does and what each target costs, in the order of their lists.
#[derive(Clone, Debug)]
pub struct Standing {
    pub effects: Vec<Option<Effect>>,
    pub costs: [Cost; Target::ALL.len()],
    /// The targets by what they cost when this was asked first: other facts change that order little, and what is
    /// nearly in order is soon sorted.
    pub order: [Target; Target::ALL.len()],
}

impl Standing {
    /// What becomes of it with a question about evidence that differs from what this stands for in the facts that are
    /// `changed`, and in no other.
    pub fn again<'a>(&'a self, question: Question<'a>, changed: Reads) -> Again<'a> {
        Again { standing: self, question, changed }
    }

    /// Stands for that question from now on.
    pub fn settle(&mut self, question: &Question<'_>, changed: Reads) {
        let evidence = question.evidence;
        for (effect, rule) in self.effects.iter_mut().zip(RULES).filter(|(_, rule)| rule.looks_at(changed)) {
            *effect = rule.effect_on(evidence, question.catalog);
        }
        for (cost, target) in self.costs.iter_mut().zip(Target::ALL) {
            if targets::reads(target, evidence).meets(changed) {
                *cost = targets::cost(target, question);
            }
        }
    }
}

/// What becomes of a question when some facts are other ones.
pub struct Again<'a> {
    standing: &'a Standing,
    question: Question<'a>,
    changed: Reads,
}

impl Again<'_> {
    /// Whether one target holds it, from the rules that speak about it.
    pub fn fit(&self, target: Target) -> Fit {
        let mut fit = Fit::Fits;
        for (index, rule) in rules::about(target) {
            let effect = if rule.looks_at(self.changed) {
                rule.effect_on(self.question.evidence, self.question.catalog)
            } else {
                self.standing.effects[*index]
            };
            match effect {
                Some(Effect::Excludes) => return Fit::Excluded,
                Some(Effect::NeedsAnswer) => fit = Fit::Unknown,
                Some(Effect::Notes) | None => {}
            }
        }
        fit
    }

    /// What a rule finds.
    pub fn apply(&self, rule: &Rule) -> Vec<Finding> {
        rule.apply(self.question.evidence, self.question.catalog)
    }

    pub fn cost(&self, target: Target) -> Cost {
        if targets::reads(target, self.question.evidence).meets(self.changed) {
            targets::cost(target, &self.question)
        } else {
            self.standing.costs[target as usize]
        }
    }

    /// Where it runs now, and the cheapest that certainly fits: all that a verdict takes.
    pub fn contest(&self) -> (Placed, Option<Placed>) {
        // What is certain counts: the least that one can be sure to pay.
        let mut order = self.standing.order.map(|target| (self.cost(target).total().high, target));
        order.sort_by(|a, b| targets::order(&self.question, *a, *b));
        let best = order.iter().map(|(_, target)| *target).find(|target| self.fit(*target) == Fit::Fits);
        let best = best.map(|target| Placed { target, fit: Fit::Fits, cost: self.cost(target) });
        let now = self.question.place();
        let now = match best {
            Some(best) if best.target == now => best,
            _ => Placed { target: now, fit: self.fit(now), cost: self.cost(now) },
        };
        (now, best)
    }

    pub fn outcome(&self) -> Outcome {
        let (now, best) = self.contest();
        placement::outcome(&self.question, &now, best.as_ref())
    }
}
