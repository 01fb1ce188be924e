//! Open questions and confidence, by asking the same pure function again with other plausible values.

use super::{
    Answer, Confidence, Effect, Fit, OpenQuestion, Verdict,
    askable::{Askable, State, Tried, is_plausible, uncertain},
    placement::{self, Outcome, Placement},
    rules, saving,
    targets::{self, Question},
};
use crate::{catalog::Target, facts::Evidence};

/// What is open, and how sure the recommendation is without the answers.
pub struct Asked {
    /// The questions whose answers would change the target or the verdict.
    pub open: Vec<OpenQuestion>,
    /// High when nothing unknown changes target or verdict, low when an inference decided them.
    pub confidence: Confidence,
}

/// Asks again with each uncertain fact at its other plausible values.
pub fn ask(question: &Question<'_>, placement: &Placement, verdict: Verdict) -> Asked {
    let best = placement.best();
    let stands = Outcome { target: best.map(|best| best.target), verdict };
    let mut found = Found::default();
    // At rest it costs nothing wherever it is, whatever the answers are.
    if question.evidence.at_rest().is_some() {
        let is_open = verdict == Verdict::Undetermined;
        return Asked {
            open: found.open,
            confidence: if is_open { Confidence::Medium } else { Confidence::High },
        };
    }
    let mut scratch = question.evidence.clone();
    for askable in uncertain(question.evidence) {
        let mut answers = single(askable, askable.values(), question, &mut scratch);
        if answers.iter().all(|(_, outcome)| *outcome == stands) {
            answers.extend(single(askable, askable.ends(question), question, &mut scratch));
        }
        if answers.iter().any(|(_, outcome)| *outcome != stands) {
            let answers = answers.into_iter().map(|(value, outcome)| (vec![(askable, value)], outcome));
            answers.for_each(|(suppose, outcome)| found.add(question.evidence, &suppose, outcome));
        }
    }
    let mut hangs_on = None;
    // What one fact alone doesn't reach, several may together.
    let most = best.map_or(f64::INFINITY, |best| best.cost.total().high);
    for placed in &placement.placed {
        let could_win = placed.fit != Fit::Excluded && placed.cost.total().low < most;
        let goal = Goal::Target(placed.target);
        if Some(placed.target) != stands.target && could_win && !found.reaches(goal) {
            let nearest = found.extend(goal, question);
            if hangs_on.is_none() && best.is_some() {
                hangs_on =
                    nearest.and_then(|nearest| beyond_answers(placed.target, &question.about(&nearest)));
            }
        }
    }
    for verdict in [Verdict::Misplaced, Verdict::WellPlaced] {
        let goal = Goal::Verdict(verdict);
        if stands.verdict == Verdict::Undetermined && best.is_some() && !found.reaches(goal) {
            found.extend(goal, question);
        }
    }
    // Something cheaper may hold it, and no fact says so: then the recommendation hangs on that.
    if found.open.is_empty() && stands.verdict != Verdict::Undetermined {
        found.open.extend(hangs_on);
    }
    let confidence = if found.inference_decides {
        Confidence::Low
    } else if found.open.is_empty() && stands.verdict != Verdict::Undetermined {
        Confidence::High
    } else {
        Confidence::Medium
    };
    Asked { open: found.open, confidence }
}

/// Facts, each with a value that it's supposed to have.
type Supposed = [(&'static Askable, Tried)];

/// The questions so far.
#[derive(Default)]
struct Found {
    open: Vec<OpenQuestion>,
    /// One of them asks for nothing but what was inferred: were that wrong, the answer would be too.
    inference_decides: bool,
}

impl Found {
    /// Adds an answer to its question, which is a new one where nobody asked it yet.
    fn add(&mut self, evidence: &Evidence, supposed: &Supposed, outcome: Outcome) {
        let text = sentence(supposed);
        let answer = Answer {
            suppose: supposed.iter().map(|(askable, value)| askable.supposition(*value)).collect(),
            recommendation: outcome.target,
            verdict: Some(outcome.verdict),
            write: super::askable::written(supposed.iter().copied()),
        };
        if let Some(asked) = self.open.iter_mut().find(|open| open.question == text) {
            asked.answers.push(answer);
            return;
        }
        self.inference_decides |=
            supposed.iter().all(|(askable, _)| (askable.state)(evidence) == State::Inferred);
        self.open.push(OpenQuestion {
            question: text,
            answers: vec![answer],
            answer_with: supposed.iter().map(|(askable, _)| askable.answer_with.to_owned()).collect(),
        });
    }

    fn reaches(&self, goal: Goal) -> bool {
        self.open.iter().flat_map(|open| &open.answers).any(|answer| match goal {
            Goal::Target(target) => answer.recommendation == Some(target),
            Goal::Verdict(verdict) => answer.verdict == Some(verdict),
        })
    }

    /// Adds the facts that together reach a goal; where there are none, the evidence that comes the nearest.
    fn extend(&mut self, goal: Goal, question: &Question<'_>) -> Option<Box<Evidence>> {
        let named = joint(goal, question, false);
        // The ends of what is assumed only change what it costs.
        let reached = match named {
            Err(nearest) if goal.is_held(&question.about(&nearest)) => joint(goal, question, true),
            named => named,
        };
        match reached {
            Ok((supposed, outcome)) => {
                self.add(question.evidence, &supposed, outcome);
                None
            }
            Err(nearest) => Some(nearest),
        }
    }
}

/// What is still to be known of a target once all is answered that can be: a question that no fact answers.
fn beyond_answers(target: Target, question: &Question<'_>) -> Option<OpenQuestion> {
    let (evidence, catalog) = (question.evidence, question.catalog);
    if placement::fit_of(target, question) != Fit::Unknown {
        return None;
    }
    let mut found = rules::about(target).iter().flat_map(|rule| rule.apply(evidence, catalog));
    let found = found.find(|finding| finding.effect == Effect::NeedsAnswer)?;
    Some(OpenQuestion {
        question: format!("Would {} hold it: {}?", target.title(), found.message),
        answers: Vec::new(),
        answer_with: vec![found.field],
    })
}

/// One fact at each of its values, all else as it is.
fn single(
    askable: &'static Askable,
    values: impl Iterator<Item = Tried>,
    question: &Question<'_>,
    scratch: &mut Evidence,
) -> Vec<(Tried, Outcome)> {
    let mut answers = Vec::new();
    for value in values {
        // A value that is set isn't uncertain any more: each one starts from what is known.
        (askable.restore)(scratch, question.evidence);
        askable.set(value, scratch);
        if is_plausible(question.evidence, scratch) {
            answers.push((value, placement::outcome(&question.about(scratch))));
        }
    }
    (askable.restore)(scratch, question.evidence);
    answers
}

/// What several facts together are asked to bring about.
#[derive(Clone, Copy)]
enum Goal {
    Target(Target),
    Verdict(Verdict),
}

impl Goal {
    fn is_met(self, outcome: Outcome) -> bool {
        match self {
            Goal::Target(target) => outcome.target == Some(target),
            Goal::Verdict(verdict) => outcome.verdict == verdict,
        }
    }

    /// Whether nothing but the cost stands against it.
    fn is_held(self, question: &Question<'_>) -> bool {
        match self {
            Goal::Target(target) => placement::fit_of(target, question) == Fit::Fits,
            Goal::Verdict(_) => true,
        }
    }

    /// How far the evidence is from it: less is nearer.
    fn distance(self, question: &Question<'_>) -> (Fit, f64) {
        match self {
            Goal::Target(target) => {
                (placement::fit_of(target, question), targets::cost(target, question).total().high)
            }
            Goal::Verdict(verdict) => {
                let (now, best) = placement::contest(question);
                let Some(best) = best else { return (Fit::Unknown, 0.0) };
                let saving = saving::that_counts(&now, &best);
                (Fit::Fits, if verdict == Verdict::Misplaced { -saving.low } else { saving.high })
            }
        }
    }
}

/// Facts that are supposed, and what comes of them.
type Reached = (Vec<(&'static Askable, Tried)>, Outcome);

/// The fewest facts that together reach a goal, where none does alone: at the values that people would name, or at the
/// ends of what is assumed as well. Where nothing reaches it, the evidence that comes the nearest.
fn joint(goal: Goal, question: &Question<'_>, to_the_ends: bool) -> Result<Reached, Box<Evidence>> {
    let mut evidence = question.evidence.clone();
    let mut supposed = evidence.clone();
    let mut chosen: Vec<(&'static Askable, Tried)> = Vec::new();
    for askable in uncertain(question.evidence) {
        let mut best: Option<((Fit, f64), Tried)> = None;
        let ends = to_the_ends.then(|| askable.ends(question)).into_iter().flatten();
        for value in askable.values().chain(ends) {
            (askable.restore)(&mut supposed, &evidence);
            askable.set(value, &mut supposed);
            if !is_plausible(question.evidence, &supposed) {
                continue;
            }
            let distance = goal.distance(&question.about(&supposed));
            if best.is_none_or(|(so_far, _)| distance < so_far) {
                best = Some((distance, value));
            }
        }
        (askable.restore)(&mut supposed, &evidence);
        if let Some((_, value)) = best {
            askable.set(value, &mut evidence);
            askable.set(value, &mut supposed);
            chosen.push((askable, value));
        }
    }
    let mut reached = placement::outcome(&question.about(&evidence));
    if !goal.is_met(reached) {
        return Err(Box::new(evidence));
    }
    // What the goal is reached without isn't worth asking.
    chosen.retain(|(askable, value)| {
        (askable.restore)(&mut evidence, question.evidence);
        let without = placement::outcome(&question.about(&evidence));
        let needed = !goal.is_met(without);
        if needed {
            askable.set(*value, &mut evidence);
        } else {
            reached = without;
        }
        needed
    });
    Ok((chosen, reached))
}

/// "How long does one unit of work run, and how many requests a second arrive?"
fn sentence(asked: &Supposed) -> String {
    let text = asked.iter().map(|(askable, _)| askable.question).collect::<Vec<_>>().join(", and ");
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['?']).collect()
}
