//! The facts that a person could answer, each with the values that it could plausibly have.

use std::borrow::Cow;

use super::{
    Supposition,
    reads::Reads,
    rules::{claims, host},
    targets::{Question, unknown_requests_per_second},
};
use crate::{
    amount,
    facts::{
        ColdStart, Connections, Copies, Evidence, Fact, Lifetime, Protocol, Signal, Source, Storage,
        TrafficShape, Trait, Trigger,
    },
};

/// A fact that a person could answer, and the values that it could plausibly have.
pub struct Askable {
    pub fact: &'static str,
    /// The question, to be put together with others.
    pub question: &'static str,
    /// What answers it: an annotation, a field or the policy.
    pub answer_with: &'static str,
    pub state: fn(&Evidence) -> State,
    pub values: &'static [Value],
    /// For a number: the ends of what is assumed of it, which are asked where no other value changes anything.
    pub ends: Option<Ends>,
    /// What its values change.
    pub changes: Reads,
    /// Puts back what the values changed.
    pub restore: fn(&mut Evidence, &Evidence),
}

/// A plausible value: as a person would write it, and how the evidence takes it.
pub type Value = (&'static str, fn(&mut Evidence));

/// What costs assume of a number that nobody knows: an answer may lie anywhere between.
pub struct Ends {
    of: fn(&Question<'_>) -> [f64; 2],
    write: fn(f64) -> String,
    read: fn(&str) -> Option<f64>,
    set: fn(&mut Evidence, f64),
}

/// One answer of those that are tried.
#[derive(Clone, Copy)]
pub enum Tried {
    Value(&'static Value),
    End(f64),
}

/// How much is known of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
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

/// The prefix of the annotations that answer a question.
const PREFIX: &str = "berth.dev/";
/// What a container asks for.
const REQUESTS: &str = "resources.requests.";
/// What answers for all workloads at once.
const POLICY: &str = "the policy's operations.platformTeam";
/// Where a supposed value is said to come from.
const SUPPOSED: &str = "supposed";

fn supposed<T>(value: T) -> Fact<T> {
    Fact::declared(value, SUPPOSED)
}

impl Askable {
    /// The line of YAML that gives an answer, for what is answered in YAML and by the value alone.
    fn write(&self, value: &str) -> Option<String> {
        match self.answer_with {
            // Annotations are text: what YAML would read as a number or a duration needs its quotes.
            annotation if annotation.starts_with(PREFIX) => Some(format!("{annotation}: \"{value}\"")),
            POLICY => Some(format!("operations: {{platformTeam: {value}}}")),
            _ => None,
        }
    }

    /// The same within `requests`, for what a container asks for.
    fn request(&self, value: &str) -> Option<String> {
        let name = self.answer_with.strip_prefix(REQUESTS)?;
        Some(format!("{name}: \"{value}\""))
    }

    pub fn supposition(&self, tried: Tried) -> Supposition {
        Supposition { fact: Cow::Borrowed(self.fact), value: self.label(tried) }
    }

    /// The values that are tried first.
    pub fn values(&self) -> impl Iterator<Item = Tried> + use<> {
        self.values.iter().map(Tried::Value)
    }

    /// The ends that none of the values is, each as it reads once it's written.
    pub fn ends(&self, question: &Question<'_>) -> impl Iterator<Item = Tried> + use<> {
        let values = self.values;
        let both = self.ends.as_ref().map(|ends| (ends.of)(question).map(|end| (ends.write)(end)));
        let new = both.into_iter().flatten().filter(move |end| values.iter().all(|(label, _)| label != end));
        let read = self.ends.as_ref().map(|ends| ends.read);
        new.filter_map(move |end| read.and_then(|read| read(&end))).map(Tried::End)
    }

    /// As a person would write it.
    pub fn label(&self, tried: Tried) -> Cow<'static, str> {
        match (tried, &self.ends) {
            (Tried::Value((label, _)), _) => Cow::Borrowed(label),
            (Tried::End(end), Some(ends)) => Cow::Owned((ends.write)(end)),
            (Tried::End(end), None) => Cow::Owned(amount::write_number(end)),
        }
    }

    pub fn set(&self, tried: Tried, evidence: &mut Evidence) {
        match (tried, &self.ends) {
            (Tried::Value((_, set)), _) => set(evidence),
            (Tried::End(end), Some(ends)) => (ends.set)(evidence, end),
            (Tried::End(_), None) => {}
        }
    }
}

/// The lines of YAML that give all of an answer; none where a part of it is given otherwise. What a container asks for
/// is one line: of two, pasted one below the other, the last would count.
pub fn written<'a>(supposed: impl Iterator<Item = (&'a Askable, Tried)>) -> Vec<String> {
    let (mut lines, mut requests) = (Vec::new(), Vec::new());
    for (askable, tried) in supposed {
        let value = askable.label(tried);
        match (askable.request(&value), askable.write(&value)) {
            (Some(request), _) => requests.push(request),
            (None, Some(line)) => lines.push(line),
            (None, None) => return Vec::new(),
        }
    }
    if !requests.is_empty() {
        lines.push(format!("resources: {{requests: {{{}}}}}", requests.join(", ")));
    }
    lines
}

/// The facts that nobody is certain of, and that make sense for this workload.
pub fn uncertain(evidence: &Evidence) -> impl Iterator<Item = &'static Askable> {
    ASKABLE.iter().filter(|askable| matches!((askable.state)(evidence), State::Unknown | State::Inferred))
}

/// Every value that is tried of a fact, whatever the workload, and what it changes.
pub fn suppositions() -> impl Iterator<Item = (Supposition, Reads)> {
    ASKABLE
        .iter()
        .flat_map(|askable| askable.values().map(|value| (askable.supposition(value), askable.changes)))
}

/// The same evidence with a fact as an open question supposes it; nothing when no question asks that.
pub fn suppose(evidence: &Evidence, supposition: &Supposition) -> Option<Evidence> {
    let askable = ASKABLE.iter().find(|askable| askable.fact == supposition.fact)?;
    let mut supposed = evidence.clone();
    match askable.values.iter().find(|(label, _)| *label == supposition.value) {
        Some((_, set)) => set(&mut supposed),
        None => {
            let ends = askable.ends.as_ref()?;
            (ends.set)(&mut supposed, (ends.read)(&supposition.value)?);
        }
    }
    Some(supposed)
}

/// An askable fact of one field.
macro_rules! askable {
    (
        $fact:literal, $question:literal, $answer_with:expr, $state:expr,
        $changes:ident, $field:ident: $($label:literal => $value:expr),* $(,)?
    ) => {
        askable!(None, $fact, $question, $answer_with, $state, $changes, $field: $($label => $value),*)
    };
    (
        $of:expr, $write:expr, $read:expr;
        $fact:literal, $question:literal, $answer_with:expr, $state:expr,
        $changes:ident, $field:ident: $($label:literal => $value:expr),* $(,)?
    ) => {
        askable!(
            Some(Ends { of: $of, write: $write, read: $read, set: |e, value| e.$field = supposed(value) }),
            $fact, $question, $answer_with, $state, $changes, $field: $($label => $value),*
        )
    };
    (
        $ends:expr, $fact:literal, $question:literal, $answer_with:expr, $state:expr,
        $changes:ident, $field:ident: $($label:literal => $value:expr),*
    ) => {
        Askable {
            fact: $fact,
            question: $question,
            answer_with: $answer_with,
            state: $state,
            values: &[$(($label, |evidence: &mut Evidence| evidence.$field = supposed($value))),*],
            ends: $ends,
            changes: Reads::$changes,
            restore: |evidence, from| evidence.$field = from.$field.clone(),
        }
    };
}

pub const ASKABLE: &[Askable] = &[
    askable!(
        "trigger", "what starts one unit of work", "berth.dev/trigger",
        |e| state(&e.trigger),
        TRIGGER, trigger: "HTTP" => Trigger::Http, "Queue" => Trigger::Queue, "ObjectEvent" => Trigger::ObjectEvent,
        "Schedule" => Trigger::Schedule, "Continuous" => Trigger::Continuous,
    ),
    askable!(
        assumed_seconds, amount::write_seconds, amount::seconds;
        "unitDuration", "how long does one unit of work run", "berth.dev/unit-duration",
        |e| only_if(e.lifetime != Lifetime::PerNode, state(&e.unit_duration)),
        UNIT_DURATION, unit_duration: "200ms" => 0.2, "1m" => 60.0, "1h" => 3600.0,
    ),
    askable!(
        "connections", "do clients keep connections open", "berth.dev/connections",
        |e| only_if(has_clients(e), state(&e.connections)),
        CONNECTIONS, connections: "Stateless" => Connections::Stateless, "LongLived" => Connections::LongLived,
    ),
    askable!(
        "coldStartTolerance", "does a user wait while a copy starts", "berth.dev/cold-start-tolerance",
        |e| only_if(has_clients(e), state(&e.cold_start)),
        COLD_START, cold_start: "Tolerant" => ColdStart::Tolerant, "Sensitive" => ColdStart::Sensitive,
    ),
    askable!(
        unknown_requests_per_second, amount::write_number, number;
        "meanRequestsPerSecond", "how many requests a second arrive, the mean over a month",
        "berth.dev/mean-requests-per-second",
        |e| only_if(e.lifetime == Lifetime::Service, state(&e.mean_rps)),
        REQUESTS, mean_rps: "0.01" => 0.01, "1" => 1.0, "100" => 100.0,
    ),
    askable!(
        "trafficShape", "how does its traffic spread over the day", "berth.dev/traffic-shape",
        |e| only_if(scales(e), state(&e.traffic_shape)),
        TRAFFIC_SHAPE, traffic_shape: "Steady" => TrafficShape::Steady, "Bursty" => TrafficShape::Bursty,
        "Spiky" => TrafficShape::Spiky,
    ),
    askable!(
        "packageSize", "how large is the image, uncompressed", "berth.dev/package-size",
        |e| only_if(e.signal(Trait::Model).is_some(), state(&e.package_size)),
        PACKAGE, package_size: "2Gi" => 2.0, "12Gi" => 12.0,
    ),
    askable!(
        "modelSize", "how large is the model that it serves, if it serves one", "berth.dev/model-size",
        |e| only_if(e.gpus > 0.0 && e.signal(Trait::Model).is_none(), state(&e.model_size)),
        MODEL, model_size: "8Gi" => 8.0,
    ),
    Askable {
        fact: "protocol",
        question: "what does its port speak",
        answer_with: "the port's name or appProtocol",
        state: |e| worst(&e.protocols),
        values: &[("http", |e| speak(e, Protocol::Http)), ("tcp", |e| speak(e, Protocol::Other))],
        ends: None,
        changes: Reads::PROTOCOLS,
        restore: |evidence, from| evidence.protocols.clone_from(&from.protocols),
    },
    Askable {
        fact: "kubernetesApi",
        question: "does it call the Kubernetes API",
        answer_with: "automountServiceAccountToken: false, or a ServiceAccount of its own with a role",
        state: may_call_kubernetes,
        values: &[("true", |e| call_kubernetes(e, true)), ("false", |e| call_kubernetes(e, false))],
        ends: None,
        changes: Reads::TRAITS,
        restore: restore_signals,
    },
    Askable {
        fact: "servesTheCluster",
        question: "does it serve the cluster itself",
        answer_with: "a name of its own for its image and its namespace, if it doesn't; berth.dev/exempt with a reason, if it does",
        state: serves_the_cluster,
        values: &[("true", |_| {}), ("false", serve_others)],
        ends: None,
        changes: Reads::TRAITS,
        restore: |evidence, from| {
            restore_signals(evidence, from);
            evidence.shares_platform = from.shares_platform;
        },
    },
    Askable {
        fact: "calledByName",
        question: "does anybody call one of its copies by name",
        answer_with: "a Deployment in place of the StatefulSet, if nobody does",
        state: |e| only_if(e.signal(Trait::NamedCopies).is_some(), State::Unknown),
        values: &[
            ("true", |e| e.signals.turn(Trait::NamedCopies, Trait::CalledByName)),
            ("false", |e| e.signals.remove(Trait::NamedCopies)),
        ],
        ends: None,
        changes: Reads::TRAITS,
        restore: restore_signals,
    },
    Askable {
        fact: "hostFolder",
        question: "would a folder of its own do in place of the host's",
        answer_with: "an emptyDir in place of the hostPath, if it would; berth.dev/exempt with a reason, if not",
        state: |e| only_if(e.lifetime != Lifetime::PerNode && host::may_be_its_own(e), State::Unknown),
        values: &[("true", |e| e.signals.remove(Trait::HostPath)), ("false", |_| {})],
        ends: None,
        changes: Reads::TRAITS,
        restore: restore_signals,
    },
    Askable {
        fact: "unconfined",
        question: "does it need seccomp or AppArmor to be off, as builders of images do",
        answer_with: "a profile of RuntimeDefault, if it doesn't; berth.dev/exempt with a reason, if it does",
        state: |e| only_if(e.signal(Trait::Unconfined).is_some(), State::Unknown),
        values: &[("true", |_| {}), ("false", |e| e.signals.remove(Trait::Unconfined))],
        ends: None,
        changes: Reads::TRAITS,
        restore: restore_signals,
    },
    Askable {
        fact: "balancer",
        question: "would a load balancer do in place of its node's ports",
        answer_with: "a Service of type LoadBalancer in place of each hostPort, if it would; berth.dev/exempt with a reason, if not",
        state: |e| only_if(e.signal(Trait::MovedPort).is_some(), State::Unknown),
        values: &[("true", balance), ("false", |_| {})],
        ends: None,
        changes: Reads::TRAITS,
        restore: restore_signals,
    },
    Askable {
        fact: "oneProtocol",
        question: "would one protocol at each of its ports do, or a service for each protocol",
        answer_with: "a port or a Deployment of its own for the second protocol, if it would; berth.dev/exempt with a reason, if not",
        state: |e| only_if(e.signal(Trait::PortOfTwoProtocols).is_some(), State::Unknown),
        values: &[("true", |e| e.signals.remove(Trait::PortOfTwoProtocols)), ("false", |_| {})],
        ends: None,
        changes: Reads::TRAITS,
        restore: restore_signals,
    },
    Askable {
        fact: "mesh",
        question: "does it need more of its mesh than encryption and retries",
        answer_with: "its Pods out of the mesh, as by sidecar.istio.io/inject: \"false\", once nobody there refuses plain calls; or berth.dev/exempt with a reason, if it does",
        state: |e| only_if(e.signal(Trait::Mesh).is_some(), State::Unknown),
        values: &[("true", |_| {}), ("false", |e| e.signals.remove(Trait::Mesh))],
        ends: None,
        changes: Reads::TRAITS,
        restore: restore_signals,
    },
    Askable {
        fact: "storage",
        question: "which storage class do its claims have",
        answer_with: "the claim's storageClassName",
        state: |e| worst(&e.storage),
        values: &[("EBS", |e| keep_on(e, Storage::Block)), ("EFS", |e| keep_on(e, Storage::Shared))],
        ends: None,
        changes: Reads::STORAGE,
        restore: |evidence, from| evidence.storage.clone_from(&from.storage),
    },
    Askable {
        fact: "foreignVolume",
        question: "what takes the place of a volume that no node of AWS mounts",
        answer_with: "a claim in its place, with its storageClassName",
        state: |e| only_if(claims::foreign(e).next().is_some(), State::Unknown),
        values: &[
            ("EBS", |e| replace_volume(e, Storage::Block)),
            ("EFS", |e| replace_volume(e, Storage::Shared)),
        ],
        ends: None,
        changes: Reads::STORAGE.and(Reads::TRAITS),
        restore: |evidence, from| {
            evidence.storage.clone_from(&from.storage);
            restore_signals(evidence, from);
        },
    },
    askable!(
        |q| q.policy.operations.assumptions.unsized_vcpu, amount::write_cpu, amount::parse;
        "cpu", "how much CPU does a copy need", "resources.requests.cpu",
        |e| state(&e.cpu),
        CPU, cpu: "100m" => 0.1, "1" => 1.0,
    ),
    askable!(
        |q| q.policy.operations.assumptions.unsized_memory, amount::write_gib, amount::gib;
        "memory", "how much memory does a copy need", "resources.requests.memory",
        |e| state(&e.memory),
        MEMORY, memory: "128Mi" => 0.125, "2Gi" => 2.0,
    ),
    askable!(
        |q| q.policy.operations.assumptions.unknown_runs, amount::write_number, number;
        "runs", "how often does it run in a month", "berth.dev/runs-per-month",
        |e| only_if(e.ends(), state(&e.runs)),
        RUNS, runs: "1" => 1.0, "730" => 730.0,
    ),
    askable!(
        "copies", "how many nodes does it run on", "the cluster's nodes",
        |e| only_if(e.lifetime == Lifetime::PerNode, state(&e.copies)),
        COPIES, copies: "3" => Copies { min: 3.0, max: 3.0 }, "30" => Copies { min: 30.0, max: 30.0 },
    ),
    askable!(
        "platformTeam", "is operating the cluster a team's job", POLICY,
        |e| state(&e.platform_team),
        PLATFORM_TEAM, platform_team: "true" => true, "false" => false,
    ),
];

/// Seconds of a unit of work as costs assume them.
fn assumed_seconds(question: &Question<'_>) -> [f64; 2] {
    let assumptions = &question.policy.operations.assumptions;
    if question.evidence.ends() {
        assumptions.unknown_run_seconds
    } else {
        assumptions.unknown_request_seconds
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// Whether anybody may keep a connection open or wait for a copy: nobody does for an event, a message or a schedule.
fn has_clients(evidence: &Evidence) -> bool {
    // What is concluded of its queue is certain enough where nothing listens.
    let certain = !evidence.trigger.is_uncertain() || evidence.protocols.is_empty();
    let trigger = evidence.trigger.value().filter(|_| certain);
    let certainly_none =
        matches!(trigger, Some(Trigger::Queue | Trigger::ObjectEvent | Trigger::Stream | Trigger::Schedule));
    evidence.lifetime == Lifetime::Service && !certainly_none
}

/// Whether the traffic decides how many of its copies run.
fn scales(evidence: &Evidence) -> bool {
    evidence.lifetime == Lifetime::Service
        && evidence.copies.value().is_some_and(|copies| copies.min < copies.max)
}

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

/// Whether what is supposed contradicts nothing that is certain. What is known may contradict itself: that makes no
/// answer to another question less plausible.
pub fn is_plausible(known: &Evidence, supposed: &Evidence) -> bool {
    let takes_too_long = match (supposed.unit_duration.value(), known.run_limit.value()) {
        (Some(duration), Some(limit)) => duration > limit && supposed.unit_duration != known.unit_duration,
        _ => false,
    };
    // Who counts requests says that the work comes in units.
    let counted = known.mean_rps.get().is_some_and(|known| known.source == Source::Declared);
    let has_no_units =
        supposed.trigger.value() == Some(&Trigger::Continuous) && supposed.trigger != known.trigger;
    // What ends is no server and never goes on; what a schedule starts ends.
    let starts_otherwise = supposed.trigger != known.trigger
        && supposed.trigger.value().is_some_and(|trigger| match trigger {
            Trigger::Http | Trigger::Continuous => known.ends(),
            Trigger::Schedule => !known.ends(),
            Trigger::Queue | Trigger::ObjectEvent | Trigger::Stream => false,
        });
    !(takes_too_long || starts_otherwise || counted && has_no_units)
}

fn restore_signals(evidence: &mut Evidence, from: &Evidence) {
    evidence.signals.clone_from(&from.signals);
}

fn speak(evidence: &mut Evidence, protocol: Protocol) {
    for fact in evidence.protocols.iter_mut().filter(|fact| fact.is_uncertain()) {
        *fact = supposed(protocol);
    }
}

/// A role that is bound to a group says of nobody in it that it's used.
fn may_call_kubernetes(evidence: &Evidence) -> State {
    let certain = evidence.signal(Trait::KubernetesApi).is_some();
    only_if(!certain && evidence.signal(Trait::MayCallKubernetes).is_some(), State::Inferred)
}

/// What tells that something serves the cluster, and nothing certain does.
const SERVES: &[Trait] = &[Trait::HoldsRoom, Trait::AddOn];

/// A name tells, of an image or a namespace. Where the API is surely called, that ties it already.
fn serves_the_cluster(evidence: &Evidence) -> State {
    let tied = [Trait::KubernetesApi, Trait::CalledByKubernetes].map(|what| evidence.signal(what).is_some());
    let inferred = SERVES.iter().any(|what| evidence.signal(*what).is_some());
    only_if(inferred && !tied.contains(&true), State::Inferred)
}

/// Then it's a service as others are, and bears its share.
fn serve_others(evidence: &mut Evidence) {
    SERVES.iter().for_each(|what| evidence.signals.remove(*what));
    evidence.shares_platform = evidence.lifetime != Lifetime::PerNode;
}

/// What manifests say then: no port of the node, and a Service that asks for a load balancer.
fn balance(evidence: &mut Evidence) {
    let Some(moved) = evidence.signal(Trait::MovedPort).cloned() else { return };
    evidence.signals.remove(Trait::MovedPort);
    evidence.signals.remove(Trait::HostPort);
    if !evidence.signals.has(Trait::LoadBalancer) {
        evidence.signals.push(Signal { what: Trait::LoadBalancer, ..moved });
    }
}

fn call_kubernetes(evidence: &mut Evidence, calls: bool) {
    if calls {
        evidence.signals.turn(Trait::MayCallKubernetes, Trait::KubernetesApi);
    } else {
        evidence.signals.remove(Trait::MayCallKubernetes);
    }
}

fn keep_on(evidence: &mut Evidence, storage: Storage) {
    for fact in evidence.storage.iter_mut().filter(|fact| fact.is_uncertain()) {
        *fact = supposed(storage);
    }
}

fn replace_volume(evidence: &mut Evidence, storage: Storage) {
    evidence.signals.remove(Trait::ForeignVolume);
    // It's there already where only traits were restored.
    let place = supposed(storage);
    if !evidence.storage.contains(&place) {
        evidence.storage.push(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{decide::crossover, policy::Policy};

    #[test]
    fn a_worker_is_asked_about_clients_only_where_something_listens() {
        let mut worker = crossover::typical(1, &Policy::default());
        let asks = |of: &Evidence| uncertain(of).any(|askable| askable.fact == "coldStartTolerance");
        worker.trigger = Fact::inferred(Trigger::Queue, "ScaledObject");
        assert!(!asks(&worker));
        worker.protocols.push(Fact::declared(Protocol::Http, "ports"));
        assert!(asks(&worker), "what was concluded of its queue may be wrong");
    }

    #[test]
    fn an_answer_that_changes_nothing_is_an_exemption() {
        let mut pod = crossover::typical(1, &Policy::default());
        let traits = [
            Trait::Mesh,
            Trait::MovedPort,
            Trait::PortOfTwoProtocols,
            Trait::Unconfined,
            Trait::HostPath,
            Trait::HoldsRoom,
        ];
        pod.signals = traits
            .into_iter()
            .map(|what| Signal { what, field: "field".into(), value: "/var/lib/web".into() })
            .collect::<Vec<_>>()
            .into();
        let changes_nothing = |askable: &Askable| {
            askable.values.iter().any(|(_, set)| {
                let mut supposed = pod.clone();
                set(&mut supposed);
                supposed == pod
            })
        };
        let same: Vec<_> = uncertain(&pod).filter(|askable| changes_nothing(askable)).collect();
        assert_eq!(same.len(), traits.len());
        for askable in same {
            assert!(askable.answer_with.contains("berth.dev/exempt"), "{}", askable.fact);
        }
    }

    /// A report that finds nothing but annotations says so, and would call a sentence one.
    #[test]
    fn what_begins_as_an_annotation_is_its_name() {
        for askable in ASKABLE.iter().filter(|askable| askable.answer_with.starts_with("berth.dev/")) {
            assert!(!askable.answer_with.contains(' '), "{}", askable.fact);
        }
    }
}
