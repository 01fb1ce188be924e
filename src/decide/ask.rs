//! Open questions and confidence, by asking the same pure function again with other plausible values.

use std::borrow::Cow;

use super::{
    Answer, Confidence, Fit, OpenQuestion, Supposition,
    placement::{self, Placement},
    targets::{self, Question},
};
use crate::{
    catalog::Target,
    facts::{ColdStart, Connections, Copies, Evidence, Fact, Lifetime, Protocol, Storage, Trait, Trigger},
};

/// A fact that a person could answer, and the values that it could plausibly have.
struct Askable {
    fact: &'static str,
    /// The question, to be put together with others.
    question: &'static str,
    /// What answers it: an annotation, a field or the policy.
    answer_with: &'static str,
    state: fn(&Evidence) -> State,
    values: &'static [Value],
    /// Puts back what the values changed.
    restore: fn(&mut Evidence, &Evidence),
}

/// A plausible value: as a person would write it, and how the evidence takes it.
type Value = (&'static str, fn(&mut Evidence));

/// How much is known of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Certain,
    Inferred,
    Unknown,
    /// The question makes no sense for this workload.
    Moot,
}

fn state<T>(fact: &Fact<T>) -> State {
    if fact.is_unknown() {
        State::Unknown
    } else if fact.is_uncertain() {
        State::Inferred
    } else {
        State::Certain
    }
}

fn only_if(applies: bool, state: State) -> State {
    if applies { state } else { State::Moot }
}

/// Where a supposed value is said to come from.
const SUPPOSED: &str = "supposed";

fn supposed<T>(value: T) -> Fact<T> {
    Fact::declared(value, SUPPOSED)
}

/// An askable fact of one field.
macro_rules! askable {
    (
        $fact:literal, $question:literal, $answer_with:literal, $state:expr,
        $field:ident: $($label:literal => $value:expr),* $(,)?
    ) => {
        Askable {
            fact: $fact,
            question: $question,
            answer_with: $answer_with,
            state: $state,
            values: &[$(($label, |evidence: &mut Evidence| evidence.$field = supposed($value))),*],
            restore: |evidence, from| evidence.$field = from.$field.clone(),
        }
    };
}

const ASKABLE: &[Askable] = &[
    askable!(
        "trigger", "what starts one unit of work", "berth.dev/trigger",
        |e| state(&e.trigger),
        trigger: "HTTP" => Trigger::Http, "Queue" => Trigger::Queue, "ObjectEvent" => Trigger::ObjectEvent,
        "Continuous" => Trigger::Continuous,
    ),
    askable!(
        "unitDuration", "how long does one unit of work run", "berth.dev/unit-duration",
        |e| only_if(e.lifetime != Lifetime::PerNode, state(&e.unit_duration)),
        unit_duration: "200ms" => 0.2, "1m" => 60.0, "1h" => 3600.0,
    ),
    askable!(
        "connections", "do clients keep connections open", "berth.dev/connections",
        |e| only_if(e.lifetime == Lifetime::Service, state(&e.connections)),
        connections: "Stateless" => Connections::Stateless, "LongLived" => Connections::LongLived,
    ),
    askable!(
        "coldStartTolerance", "does a user wait while a copy starts", "berth.dev/cold-start-tolerance",
        |e| only_if(e.lifetime == Lifetime::Service, state(&e.cold_start)),
        cold_start: "Tolerant" => ColdStart::Tolerant, "Sensitive" => ColdStart::Sensitive,
    ),
    askable!(
        "meanRequestsPerSecond", "how many requests a second arrive, the mean over a month",
        "berth.dev/mean-requests-per-second",
        |e| only_if(e.lifetime == Lifetime::Service, state(&e.mean_rps)),
        mean_rps: "0.01" => 0.01, "1" => 1.0, "100" => 100.0,
    ),
    askable!(
        "packageSize", "how large is the image, uncompressed", "berth.dev/package-size",
        |e| only_if(e.signal(Trait::Model).is_some(), state(&e.package_size)),
        package_size: "2Gi" => 2.0, "12Gi" => 12.0,
    ),
    askable!(
        "modelSize", "how large is the model that it serves, if it serves one", "berth.dev/model-size",
        |e| only_if(e.gpus > 0.0 && e.signal(Trait::Model).is_none(), state(&e.model_size)),
        model_size: "8Gi" => 8.0,
    ),
    Askable {
        fact: "protocol",
        question: "what does its port speak",
        answer_with: "the port's name or appProtocol",
        state: |e| worst(&e.protocols),
        values: &[("http", |e| speak(e, Protocol::Http)), ("tcp", |e| speak(e, Protocol::Other))],
        restore: |evidence, from| evidence.protocols.clone_from(&from.protocols),
    },
    Askable {
        fact: "storage",
        question: "which storage class do its claims have",
        answer_with: "the claim's storageClassName",
        state: |e| worst(&e.storage),
        values: &[("EBS", |e| keep_on(e, Storage::Block)), ("EFS", |e| keep_on(e, Storage::Shared))],
        restore: |evidence, from| evidence.storage.clone_from(&from.storage),
    },
    askable!(
        "cpu", "how much CPU does a copy need", "resources.requests.cpu",
        |e| state(&e.cpu),
        cpu: "100m" => 0.1, "1" => 1.0,
    ),
    askable!(
        "memory", "how much memory does a copy need", "resources.requests.memory",
        |e| state(&e.memory),
        memory: "128Mi" => 0.125, "2Gi" => 2.0,
    ),
    askable!(
        "runs", "how often does it run in a month", "a CronJob's schedule",
        |e| only_if(e.lifetime == Lifetime::Run, state(&e.runs)),
        runs: "1" => 1.0, "730" => 730.0,
    ),
    askable!(
        "copies", "how many nodes does it run on", "the cluster's nodes",
        |e| only_if(e.lifetime == Lifetime::PerNode, state(&e.copies)),
        copies: "3" => Copies { min: 3.0, max: 3.0 }, "30" => Copies { min: 30.0, max: 30.0 },
    ),
    askable!(
        "platformTeam", "is operating the cluster a team's job", "the policy's operations.platformTeam",
        |e| state(&e.platform_team),
        platform_team: "true" => true, "false" => false,
    ),
];

/// The least that is known of any of them.
fn worst<T>(facts: &[Fact<T>]) -> State {
    if facts.iter().any(Fact::is_unknown) {
        State::Unknown
    } else if facts.iter().any(Fact::is_uncertain) {
        State::Inferred
    } else {
        State::Certain
    }
}

/// Whether what is supposed contradicts nothing that is certain.
fn is_plausible(evidence: &Evidence) -> bool {
    match (evidence.unit_duration.value(), evidence.run_limit.value()) {
        (Some(duration), Some(limit)) => duration <= limit,
        _ => true,
    }
}

fn speak(evidence: &mut Evidence, protocol: Protocol) {
    for fact in evidence.protocols.iter_mut().filter(|fact| fact.is_uncertain()) {
        *fact = supposed(protocol);
    }
}

fn keep_on(evidence: &mut Evidence, storage: Storage) {
    for fact in evidence.storage.iter_mut().filter(|fact| fact.is_uncertain()) {
        *fact = supposed(storage);
    }
}

/// What is open, and how sure the recommendation is without the answers.
pub struct Asked {
    /// The questions whose answers would change the recommendation.
    pub open: Vec<OpenQuestion>,
    /// High when nothing unknown changes the winner, low when an inference decided it.
    pub confidence: Confidence,
}

/// Asks again with each uncertain fact at its other plausible values.
pub fn ask(question: &Question<'_>, placement: &Placement) -> Asked {
    let Some(best) = placement.best() else { return Asked { open: Vec::new(), confidence: Confidence::Low } };
    let mut open = Vec::new();
    let mut inference_decides = false;
    let mut scratch = question.evidence.clone();
    for askable in asked(question.evidence) {
        if let Some(found) = single(askable, question, &mut scratch, best.target) {
            inference_decides |= (askable.state)(question.evidence) == State::Inferred;
            open.push(found);
        }
    }
    for placed in &placement.placed {
        let could_win = placed.fit != Fit::Excluded && placed.cost.total().low < best.cost.total().high;
        let reached =
            open.iter().flat_map(|q| &q.answers).any(|answer| answer.recommendation == placed.target);
        if placed.target != best.target && could_win && !reached {
            open.extend(joint(placed.target, question));
        }
    }
    let confidence = if inference_decides {
        Confidence::Low
    } else if open.is_empty() {
        Confidence::High
    } else {
        Confidence::Medium
    };
    Asked { open, confidence }
}

/// The same evidence with a fact as an open question supposes it; nothing when no question asks that.
pub fn suppose(evidence: &Evidence, supposition: &Supposition) -> Option<Evidence> {
    let askable = ASKABLE.iter().find(|askable| askable.fact == supposition.fact)?;
    let (_, set) = askable.values.iter().find(|(label, _)| *label == supposition.value)?;
    let mut supposed = evidence.clone();
    set(&mut supposed);
    Some(supposed)
}

fn asked(evidence: &Evidence) -> impl Iterator<Item = &'static Askable> {
    ASKABLE.iter().filter(|askable| matches!((askable.state)(evidence), State::Unknown | State::Inferred))
}

/// One fact at each of its values, all else as it is.
fn single(
    askable: &'static Askable,
    question: &Question<'_>,
    scratch: &mut Evidence,
    best: Target,
) -> Option<OpenQuestion> {
    let mut answers = Vec::new();
    for (label, set) in askable.values {
        // A value that is set isn't uncertain any more: each one starts from what is known.
        (askable.restore)(scratch, question.evidence);
        set(scratch);
        let target = is_plausible(scratch).then(|| placement::winner(&question.about(scratch))).flatten();
        answers.extend(target.map(|target| (*label, target)));
    }
    (askable.restore)(scratch, question.evidence);
    answers.iter().any(|(_, target)| *target != best).then(|| OpenQuestion {
        question: sentence(&[askable]),
        answers: answers
            .into_iter()
            .map(|(label, target)| Answer {
                suppose: vec![supposition(askable, label)],
                recommendation: target,
            })
            .collect(),
        answer_with: vec![askable.answer_with.to_owned()],
    })
}

/// The fewest facts that together would make a target win, where none does alone.
fn joint(target: Target, question: &Question<'_>) -> Option<OpenQuestion> {
    let mut evidence = question.evidence.clone();
    let mut supposed = evidence.clone();
    let mut chosen: Vec<(&'static Askable, &'static Value)> = Vec::new();
    for askable in asked(question.evidence) {
        let mut best: Option<((Fit, f64), &'static Value)> = None;
        for value in askable.values {
            (askable.restore)(&mut supposed, &evidence);
            (value.1)(&mut supposed);
            if !is_plausible(&supposed) {
                continue;
            }
            let question = question.about(&supposed);
            let favour =
                (placement::fit_of(target, &question), targets::cost(target, &question).total().high);
            if best.is_none_or(|(so_far, _)| favour < so_far) {
                best = Some((favour, value));
            }
        }
        (askable.restore)(&mut supposed, &evidence);
        if let Some((_, value)) = best {
            (value.1)(&mut evidence);
            (value.1)(&mut supposed);
            chosen.push((askable, value));
        }
    }
    if placement::winner(&question.about(&evidence)) != Some(target) {
        return None;
    }
    // What the target wins without isn't worth asking.
    chosen.retain(|(askable, value)| {
        (askable.restore)(&mut evidence, question.evidence);
        let needed = placement::winner(&question.about(&evidence)) != Some(target);
        if needed {
            (value.1)(&mut evidence);
        }
        needed
    });
    let asked: Vec<&Askable> = chosen.iter().map(|(askable, _)| *askable).collect();
    Some(OpenQuestion {
        question: sentence(&asked),
        answers: vec![Answer {
            suppose: chosen.iter().map(|(askable, (label, _))| supposition(askable, label)).collect(),
            recommendation: target,
        }],
        answer_with: asked.iter().map(|askable| askable.answer_with.to_owned()).collect(),
    })
}

fn supposition(askable: &Askable, label: &'static str) -> Supposition {
    Supposition { fact: Cow::Borrowed(askable.fact), value: Cow::Borrowed(label) }
}

/// "How long does one unit of work run, and how many requests a second arrive?"
fn sentence(asked: &[&Askable]) -> String {
    let text = asked.iter().map(|askable| askable.question).collect::<Vec<_>>().join(", and ");
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['?']).collect()
}
