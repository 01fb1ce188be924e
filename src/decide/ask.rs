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
    values: &'static [(&'static str, fn(&mut Evidence))],
}

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

macro_rules! values {
    ($field:ident: $($label:literal => $value:expr),* $(,)?) => {
        &[$(($label, |evidence: &mut Evidence| evidence.$field = supposed($value))),*]
    };
}

const ASKABLE: &[Askable] = &[
    Askable {
        fact: "trigger",
        question: "what starts one unit of work",
        answer_with: "berth.dev/trigger",
        state: |e| state(&e.trigger),
        values: values!(trigger:
            "HTTP" => Trigger::Http, "Queue" => Trigger::Queue, "ObjectEvent" => Trigger::ObjectEvent,
            "Continuous" => Trigger::Continuous),
    },
    Askable {
        fact: "unitDuration",
        question: "how long does one unit of work run",
        answer_with: "berth.dev/unit-duration",
        state: |e| only_if(e.lifetime != Lifetime::PerNode, state(&e.unit_duration)),
        values: values!(unit_duration: "200ms" => 0.2, "1m" => 60.0, "1h" => 3600.0),
    },
    Askable {
        fact: "connections",
        question: "do clients keep connections open",
        answer_with: "berth.dev/connections",
        state: |e| only_if(e.lifetime == Lifetime::Service, state(&e.connections)),
        values: values!(connections: "Stateless" => Connections::Stateless, "LongLived" => Connections::LongLived),
    },
    Askable {
        fact: "coldStartTolerance",
        question: "does a user wait while a copy starts",
        answer_with: "berth.dev/cold-start-tolerance",
        state: |e| only_if(e.lifetime == Lifetime::Service, state(&e.cold_start)),
        values: values!(cold_start: "Tolerant" => ColdStart::Tolerant, "Sensitive" => ColdStart::Sensitive),
    },
    Askable {
        fact: "meanRequestsPerSecond",
        question: "how many requests a second arrive, the mean over a month",
        answer_with: "berth.dev/mean-requests-per-second",
        state: |e| only_if(e.lifetime == Lifetime::Service, state(&e.mean_rps)),
        values: values!(mean_rps: "0.01" => 0.01, "1" => 1.0, "100" => 100.0),
    },
    Askable {
        fact: "packageSize",
        question: "how large is the image, uncompressed",
        answer_with: "berth.dev/package-size",
        state: |e| only_if(e.signal(Trait::Model).is_some(), state(&e.package_size)),
        values: values!(package_size: "2Gi" => 2.0, "12Gi" => 12.0),
    },
    Askable {
        fact: "protocol",
        question: "what does its port speak",
        answer_with: "the port's name or appProtocol",
        state: |e| only_if(e.protocols.iter().any(Fact::is_unknown), State::Unknown),
        values: &[("http", |e| speak(e, Protocol::Http)), ("tcp", |e| speak(e, Protocol::Other))],
    },
    Askable {
        fact: "storage",
        question: "which storage class do its claims have",
        answer_with: "the claim's storageClassName",
        state: |e| only_if(e.storage.iter().any(Fact::is_unknown), State::Unknown),
        values: &[("EBS", |e| keep_on(e, Storage::Block)), ("EFS", |e| keep_on(e, Storage::Shared))],
    },
    Askable {
        fact: "cpu",
        question: "how much CPU does a copy need",
        answer_with: "resources.requests.cpu",
        state: |e| state(&e.cpu),
        values: values!(cpu: "100m" => 0.1, "1" => 1.0),
    },
    Askable {
        fact: "memory",
        question: "how much memory does a copy need",
        answer_with: "resources.requests.memory",
        state: |e| state(&e.memory),
        values: values!(memory: "128Mi" => 0.125, "2Gi" => 2.0),
    },
    Askable {
        fact: "runs",
        question: "how often does it run in a month",
        answer_with: "a CronJob's schedule",
        state: |e| only_if(e.lifetime == Lifetime::Run, state(&e.runs)),
        values: values!(runs: "1" => 1.0, "730" => 730.0),
    },
    Askable {
        fact: "copies",
        question: "how many nodes does it run on",
        answer_with: "the cluster's nodes",
        state: |e| only_if(e.lifetime == Lifetime::PerNode, state(&e.copies)),
        values: values!(copies: "3" => Copies { min: 3.0, max: 3.0 }, "30" => Copies { min: 30.0, max: 30.0 }),
    },
    Askable {
        fact: "platformTeam",
        question: "is operating the cluster a team's job",
        answer_with: "the policy's operations.platformTeam",
        state: |e| state(&e.platform_team),
        values: values!(platform_team: "true" => true, "false" => false),
    },
];

fn speak(evidence: &mut Evidence, protocol: Protocol) {
    for fact in evidence.protocols.iter_mut().filter(|fact| fact.is_unknown()) {
        *fact = supposed(protocol);
    }
}

fn keep_on(evidence: &mut Evidence, storage: Storage) {
    for fact in evidence.storage.iter_mut().filter(|fact| fact.is_unknown()) {
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
    for askable in asked(question.evidence) {
        if let Some(found) = single(askable, question, best.target) {
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
fn single(askable: &'static Askable, question: &Question<'_>, best: Target) -> Option<OpenQuestion> {
    let answers: Vec<Answer> = askable
        .values
        .iter()
        .filter_map(|(label, set)| {
            let mut evidence = question.evidence.clone();
            set(&mut evidence);
            let target = placement::winner(&question.about(&evidence))?;
            Some(Answer { suppose: vec![supposition(askable, label)], recommendation: target })
        })
        .collect();
    answers.iter().any(|answer| answer.recommendation != best).then(|| OpenQuestion {
        question: sentence(&[askable]),
        answers,
        answer_with: vec![askable.answer_with.to_owned()],
    })
}

/// The fewest facts that together would make a target win, where none does alone.
fn joint(target: Target, question: &Question<'_>) -> Option<OpenQuestion> {
    type Chosen = (&'static Askable, &'static str, fn(&mut Evidence));
    let mut evidence = question.evidence.clone();
    let mut chosen: Vec<Chosen> = Vec::new();
    for askable in asked(question.evidence) {
        let favoured = askable.values.iter().map(|(label, set)| {
            let mut supposed = evidence.clone();
            set(&mut supposed);
            let question = question.about(&supposed);
            let favour =
                (placement::fit_of(target, &question), targets::cost(target, &question).total().high);
            (favour, *label, *set)
        });
        let best = favoured.min_by(|(a, ..), (b, ..)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        if let Some((_, label, set)) = best {
            set(&mut evidence);
            chosen.push((askable, label, set));
        }
    }
    let wins = |chosen: &[Chosen]| {
        let mut evidence = question.evidence.clone();
        chosen.iter().for_each(|(_, _, set)| set(&mut evidence));
        placement::winner(&question.about(&evidence)) == Some(target)
    };
    if !wins(&chosen) {
        return None;
    }
    let mut index = 0;
    while index < chosen.len() {
        let mut fewer = chosen.clone();
        fewer.remove(index);
        if wins(&fewer) { chosen = fewer } else { index += 1 }
    }
    let asked: Vec<&Askable> = chosen.iter().map(|(askable, ..)| *askable).collect();
    Some(OpenQuestion {
        question: sentence(&asked),
        answers: vec![Answer {
            suppose: chosen.iter().map(|(askable, label, _)| supposition(askable, label)).collect(),
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
