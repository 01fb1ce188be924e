//! Open questions and confidence, by asking the same pure function again with other plausible values.

use super::{
    Answer, Confidence, Effect, Fit, OpenQuestion, Verdict,
    askable::{Askable, State, Tried, is_plausible, uncertain},
    placement::{Outcome, Placement},
    reads::Reads,
    rules, saving,
    standing::{Again, Standing},
    targets::{Question, Rates},
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
    let mut supposing = Supposing::new(question, &placement.standing);
    for (askable, answers) in supposing.each(stands) {
        for (value, outcome) in answers {
            found.add(question.evidence, &[(askable, value)], outcome);
        }
    }
    let mut hangs_on = None;
    // What one fact alone doesn't reach, several may together.
    let most = best.map_or(f64::INFINITY, |best| best.cost.total().high);
    for placed in &placement.placed {
        let could_win = placed.fit != Fit::Excluded && placed.cost.total().low < most;
        let goal = Goal::Target(placed.target);
        if Some(placed.target) != stands.target && could_win && !found.reaches(goal) {
            let beyond = found.extend(goal, &mut supposing);
            hangs_on = hangs_on.or(beyond.filter(|_| best.is_some()));
        }
    }
    for verdict in [Verdict::Misplaced, Verdict::WellPlaced] {
        let goal = Goal::Verdict(verdict);
        if stands.verdict == Verdict::Undetermined && best.is_some() && !found.reaches(goal) {
            found.extend(goal, &mut supposing);
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

    /// Adds the facts that together reach a goal; where there are none, what a target still hangs on with the facts
    /// that come the nearest.
    fn extend(&mut self, goal: Goal, supposing: &mut Supposing<'_>) -> Option<OpenQuestion> {
        let mut reached = supposing.joint(goal, false);
        // The ends of what is assumed only change what it costs.
        if reached.outcome.is_none() && reached.is_held {
            reached = supposing.joint(goal, true);
        }
        match reached.outcome {
            Some(outcome) => {
                self.add(supposing.question.evidence, &reached.chosen, outcome);
                None
            }
            None => reached.beyond,
        }
    }
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
    fn is_held(self, again: &Again<'_>) -> bool {
        match self {
            Goal::Target(target) => again.fit(target) == Fit::Fits,
            Goal::Verdict(_) => true,
        }
    }

    /// What is still to be known once all is answered that can be: a question that no fact answers.
    fn beyond_answers(self, again: &Again<'_>) -> Option<OpenQuestion> {
        let Goal::Target(target) = self else { return None };
        if again.fit(target) != Fit::Unknown {
            return None;
        }
        let mut found = rules::about(target).iter().flat_map(|(_, rule)| again.apply(rule));
        let found = found.find(|finding| finding.effect == Effect::NeedsAnswer)?;
        Some(OpenQuestion {
            question: format!("Would {} hold it: {}?", target.title(), found.message),
            answers: Vec::new(),
            answer_with: vec![found.field],
        })
    }

    /// How far what is supposed is from it: less is nearer.
    fn distance(self, again: &Again<'_>) -> (Fit, f64) {
        match self {
            Goal::Target(target) => (again.fit(target), again.cost(target).total().high),
            Goal::Verdict(verdict) => {
                let (now, best) = again.contest();
                let Some(best) = best else { return (Fit::Unknown, 0.0) };
                let saving = saving::that_counts(&now, &best);
                (Fit::Fits, if verdict == Verdict::Misplaced { -saving.low } else { saving.high })
            }
        }
    }
}

/// What facts that are supposed together come to.
struct Reached {
    chosen: Vec<(&'static Askable, Tried)>,
    /// What comes of them, where that is the goal.
    outcome: Option<Outcome>,
    /// Where it isn't: whether nothing but the cost stands against it, and what no fact answers.
    is_held: bool,
    beyond: Option<OpenQuestion>,
}

/// A fact that isn't certain, and the values that are tried for it.
struct Uncertain {
    askable: &'static Askable,
    values: Vec<Tried>,
    /// The ends of what is assumed of it.
    ends: Vec<Tried>,
}

/// The evidence, with room to suppose other values in copies of it.
struct Supposing<'a> {
    question: &'a Question<'a>,
    standing: &'a Standing,
    uncertain: Vec<Uncertain>,
    /// What has been chosen so far, and what is tried beside it.
    chosen: Evidence,
    tried: Evidence,
}

impl<'a> Supposing<'a> {
    fn new(question: &'a Question<'a>, standing: &'a Standing) -> Supposing<'a> {
        let evidence = question.evidence;
        let uncertain = uncertain(evidence).map(|askable| Uncertain {
            askable,
            values: askable.values().collect(),
            ends: askable.ends(question).collect(),
        });
        Supposing {
            question,
            standing,
            uncertain: uncertain.collect(),
            chosen: evidence.clone(),
            tried: evidence.clone(),
        }
    }

    /// Each uncertain fact alone: what comes of its values, and where they change nothing, of its ends.
    fn each(&mut self, stands: Outcome) -> Vec<(&'static Askable, Vec<(Tried, Outcome)>)> {
        let (question, standing, tried) = (self.question, self.standing, &mut self.tried);
        let mut single = |askable: &Askable, values: &[Tried]| {
            let mut answers = Vec::new();
            for value in values {
                // A value that is set isn't uncertain any more: each one starts from what is known.
                (askable.restore)(tried, question.evidence);
                askable.set(*value, tried);
                if is_plausible(question.evidence, tried) {
                    let about = question.about(tried, askable.changes, question.rates);
                    answers.push((*value, standing.again(about, askable.changes).outcome()));
                }
            }
            (askable.restore)(tried, question.evidence);
            answers
        };
        let all = self.uncertain.iter().map(|uncertain| {
            let mut answers = single(uncertain.askable, &uncertain.values);
            if answers.iter().all(|(_, outcome)| *outcome == stands) {
                answers.extend(single(uncertain.askable, &uncertain.ends));
            }
            (uncertain.askable, answers)
        });
        all.filter(|(_, answers)| answers.iter().any(|(_, outcome)| *outcome != stands)).collect()
    }

    /// The fewest facts that together reach a goal, where none does alone: at the values that people would name, or at
    /// the ends of what is assumed as well. Where nothing reaches it, those that come the nearest.
    fn joint(&mut self, goal: Goal, to_the_ends: bool) -> Reached {
        let (question, known) = (self.question, self.question.evidence);
        let mut chosen: Vec<(&'static Askable, Tried)> = Vec::new();
        let (mut changed, mut rates) = (Reads::NONE, question.rates);
        for Uncertain { askable, values, ends } in &self.uncertain {
            let changes = askable.changes;
            let mut best: Option<((Fit, f64), Tried)> = None;
            let ends = ends.iter().filter(|_| to_the_ends);
            for value in values.iter().chain(ends) {
                (askable.restore)(&mut self.tried, &self.chosen);
                askable.set(*value, &mut self.tried);
                if !is_plausible(known, &self.tried) {
                    continue;
                }
                let about = question.about(&self.tried, changes, rates);
                let distance = goal.distance(&self.standing.again(about, changed.and(changes)));
                if best.is_none_or(|(so_far, _)| distance < so_far) {
                    best = Some((distance, *value));
                }
            }
            (askable.restore)(&mut self.tried, &self.chosen);
            if let Some((_, value)) = best {
                askable.set(value, &mut self.chosen);
                askable.set(value, &mut self.tried);
                rates = question.about(&self.chosen, changes, rates).rates;
                changed = changed.and(changes);
                chosen.push((askable, value));
            }
        }
        let about = question.about(&self.chosen, Reads::NONE, rates);
        let again = self.standing.again(about, changed);
        let outcome = again.outcome();
        let reached = if goal.is_met(outcome) {
            let mut stands = self.standing.clone();
            stands.settle(&about, changed);
            let (needed, outcome) = self.keep_what_counts(goal, (chosen, outcome), stands, rates);
            Reached { chosen: needed, outcome: Some(outcome), is_held: true, beyond: None }
        } else {
            let (is_held, beyond) = (goal.is_held(&again), goal.beyond_answers(&again));
            Reached { chosen, outcome: None, is_held, beyond }
        };
        for Uncertain { askable, .. } in &self.uncertain {
            (askable.restore)(&mut self.chosen, known);
            (askable.restore)(&mut self.tried, known);
        }
        reached
    }

    /// What the goal is reached without isn't worth asking.
    fn keep_what_counts(
        &mut self,
        goal: Goal,
        (chosen, mut outcome): (Vec<(&'static Askable, Tried)>, Outcome),
        mut stands: Standing,
        mut rates: Rates,
    ) -> (Vec<(&'static Askable, Tried)>, Outcome) {
        let question = self.question;
        let mut needed: Vec<(&'static Askable, Tried)> = Vec::new();
        for (index, (askable, value)) in chosen.iter().enumerate() {
            let changes = askable.changes;
            (askable.restore)(&mut self.chosen, question.evidence);
            // What is restored together, as traits are: the others that are supposed of it are supposed still.
            let others = needed.iter().chain(&chosen[index + 1..]);
            for (other, value) in others.filter(|(other, _)| other.changes.meets(changes)) {
                other.set(*value, &mut self.chosen);
            }
            let about = question.about(&self.chosen, changes, rates);
            let without = stands.again(about, changes).outcome();
            if goal.is_met(without) {
                stands.settle(&about, changes);
                (rates, outcome) = (about.rates, without);
            } else {
                askable.set(*value, &mut self.chosen);
                needed.push((askable, *value));
            }
        }
        (needed, outcome)
    }
}

/// "How long does one unit of work run, and how many requests a second arrive?"
fn sentence(asked: &Supposed) -> String {
    let mut text = asked.iter().map(|(askable, _)| askable.question).collect::<Vec<_>>().join(", and ");
    text.push('?');
    text.get_mut(..1).into_iter().for_each(str::make_ascii_uppercase);
    text
}
