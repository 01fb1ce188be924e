//! Evidence: what was observed of one workload, as facts with their source or an explicit Unknown.
//!
//! Pure, and the only stage that knows Kubernetes' conventions.

mod accelerators;
mod add_ons;
mod answers;
mod balancers;
pub mod exemption;
mod features;
mod history;
pub mod image;
mod loads;
mod nodes;
mod placement;
mod platform;
mod pod_only;
mod ports;
mod scaling;
mod schedule;
mod size;
mod storage;
mod ties;
mod traffic;
mod traits;

pub(crate) use add_ons::serves;
pub use features::used as features_used;
pub use platform::platform_features;

use crate::{
    amount,
    catalog::SECONDS_A_MONTH,
    facts::{
        ColdStart, Connections, Evidence, Fact, Kubernetes, Lifetime, Protocol, Signal, Subject, Trait,
        Trigger,
    },
    observe::{
        Kind, Observed, Workload,
        neighbour::{Neighbour, What},
    },
    policy::{MODE_LABEL, Mode, Policy},
};

/// All facts about one workload.
pub fn evidence(observed: &Observed, policy: &Policy) -> Evidence {
    let workload = &*observed.workload;
    let mut signals = traits::signals(workload);
    signals.extend(pod_only::signals(observed));
    signals.extend(ties::signals(observed));
    signals.extend(features::signals(observed));
    let sizes = size::sizes(workload, &mut signals);
    let used = history::used(observed);
    history::oversized(&sizes, &used, &mut signals);
    let storage = storage::storage(observed, &mut signals);
    let protocols = ports::protocols(workload, observed.neighbours.iter().map(|near| &**near));
    signals.extend(ports::many(workload, observed.neighbours.iter().map(|near| &**near)));
    signals.extend(ports::balanced(workload, observed.neighbours.iter().map(|near| &**near)));
    signals.extend(ports::two_protocols(workload, observed.neighbours.iter().map(|near| &**near)));
    // A Service without an address leads nobody: it gives a name to each Pod.
    let leading = observed.neighbours.iter().filter(|near| !near.is_headless());
    signals.extend(ports::served(leading.map(|near| &**near)));
    let said = answers::read(observed, &mut signals);
    signals.extend(unreadable_mode(observed));
    let times = workload.schedule.as_ref().map(|schedule| schedule::read(&schedule.cron));
    let (runs, deadline) = runs(workload, times.as_ref(), &mut signals);
    let runs = runs.or(said_runs(workload, &said, &mut signals)).or(history::runs(observed));
    let seen_duration = history::unit_duration(observed);
    history::contradiction(observed, &said.unit_duration, &seen_duration, &mut signals);
    contradiction(&said.unit_duration, &deadline, &mut signals);
    signals.extend(unlike_schedule(workload, &said, &runs));
    let served = traffic::served(observed, policy);
    traffic::contradictions(&said, &served, &mut signals);
    let copies = scaling::copies(observed).or(placement::copies(observed));
    let autoscaled =
        copies.value().filter(|copies| lifetime(workload) == Lifetime::Service && copies.min < copies.max);
    signals.extend(loads::at_odds(&said, policy));
    signals.extend(autoscaled.and_then(|copies| loads::over_most(&said, copies.max, policy)));
    let unit_duration = said.unit_duration.or(seen_duration).or(served.duration);
    let runs = kept(workload, runs, &unit_duration);
    signals.extend(one_at_a_time(workload, times.as_ref(), &deadline));
    signals.extend(retries(workload));
    signals.extend(at_once(workload));
    overlap(workload, times.as_ref(), &unit_duration, &mut signals);
    let place = nodes::place(workload).or(placement::place(observed));
    signals.extend(placement::node_types(observed, &place));
    let trigger = said.trigger.or(trigger(observed, &protocols));
    Evidence {
        subject: Subject {
            kind: workload.key.kind.name().to_owned(),
            namespace: workload.key.namespace.clone(),
            name: workload.key.name.clone(),
        },
        lifetime: lifetime(workload),
        unit_duration,
        usual_duration: history::usual_duration(observed),
        run_limit: deadline,
        connections: said.connections.or(connections(&protocols)),
        cold_start: said.cold_start.or(cold_start(workload, &trigger, &signals)),
        trigger,
        mean_rps: said.mean_rps.or(served.mean_rps),
        peak_rps: said.peak_rps.or(served.peak_rps),
        traffic_shape: said.traffic_shape.or(served.shape),
        cpu: sizes.cpu.or(used.cpu.clone()),
        memory: sizes.memory.or(used.memory.clone()),
        used_cpu: used.cpu,
        used_memory: used.memory,
        disk: sizes.disk,
        package_size: said.package_size.or(placement::package_size(observed)),
        model_size: said.model_size,
        gpus: sizes.gpus,
        copies,
        runs,
        image: image(workload),
        protocols,
        storage,
        place,
        in_use: said.in_use,
        shares_platform: workload
            .shares_the_platform(|| observed.neighbours.iter().any(|near| near.what.sets_replicas(workload))),
        services: match policy.operations.services {
            Some(services) => Fact::declared(services, "policy operations.services"),
            None => Fact::observed(observed.fleet.services as f64, "workloads counted around it"),
        },
        platform_team: match policy.operations.platform_team {
            Some(exists) => Fact::declared(exists, "policy operations.platformTeam"),
            None => Fact::Unknown,
        },
        exemption: exemption::exemption(observed, &policy.exemptions),
        team: said.team.or(team(observed, &policy.operations.team_label)),
        signals: signals.into(),
    }
}

/// What the platform's verdict asks of Kubernetes' conventions.
pub fn kubernetes(observed: &Observed, evidence: &Evidence) -> Kubernetes {
    let add_on = serves(&observed.workload).map(|serves| serves.does);
    Kubernetes { features: features_used(evidence), add_on }
}

fn lifetime(workload: &Workload) -> Lifetime {
    match workload.key.kind {
        Kind::Deployment
        | Kind::StatefulSet
        | Kind::ReplicaSet
        | Kind::ReplicationController
        | Kind::Rollout => Lifetime::Service,
        // One that isn't started again when it ends is there to end.
        Kind::Pod => match workload.template.spec.restart_policy.as_deref() {
            Some("Never" | "OnFailure") => Lifetime::Run,
            _ => Lifetime::Service,
        },
        Kind::DaemonSet => Lifetime::PerNode,
        Kind::Job | Kind::ScaledJob => Lifetime::Run,
        Kind::CronJob => Lifetime::Scheduled,
    }
}

fn trigger(observed: &Observed, protocols: &[Fact<Protocol>]) -> Fact<Trigger> {
    match observed.workload.key.kind {
        Kind::CronJob => return Fact::declared(Trigger::Schedule, "spec.schedule"),
        Kind::DaemonSet => return Fact::declared(Trigger::Continuous, "kind"),
        _ => {}
    }
    let scaled_by = scaling::trigger(observed);
    if !scaled_by.is_unknown() {
        return scaled_by;
    }
    let http = protocols.iter().filter_map(Fact::get).find(|known| known.value == Protocol::Http);
    match http {
        Some(known) => Fact::inferred(Trigger::Http, known.at.clone()),
        None => Fact::Unknown,
    }
}

fn connections(protocols: &[Fact<Protocol>]) -> Fact<Connections> {
    let held = protocols.iter().filter_map(Fact::get).find(|known| known.value == Protocol::WebSocket);
    match held {
        Some(known) => Fact::declared(Connections::LongLived, known.at.clone()),
        None => Fact::Unknown,
    }
}

/// A person waits for a model's answer: a second start on top of it shows. Nobody waits for a run or a message.
fn cold_start(workload: &Workload, trigger: &Fact<Trigger>, signals: &[Signal]) -> Fact<ColdStart> {
    let someone_waits = lifetime(workload) == Lifetime::Service
        && trigger.value().is_none_or(|trigger| *trigger == Trigger::Http);
    if !someone_waits {
        return Fact::Unknown;
    }
    match signals.iter().find(|signal| signal.what == Trait::ModelProvider) {
        Some(signal) => Fact::inferred(ColdStart::Sensitive, signal.field.clone()),
        None => Fact::Unknown,
    }
}

/// What a schedule says, or why it can't be read.
type Times = Result<schedule::Runs, String>;

/// Runs a month, and the longest that one may take.
fn runs(workload: &Workload, times: Option<&Times>, signals: &mut Vec<Signal>) -> (Fact<f64>, Fact<f64>) {
    let job = workload.job.as_ref();
    let pod_limit = workload.template.spec.active_deadline_seconds;
    let base = scaling::job_path(workload.key.kind);
    let deadline = match (job.and_then(|job| job.active_deadline_seconds), pod_limit) {
        (Some(seconds), _) => Fact::declared(seconds, format!("{base}.activeDeadlineSeconds")),
        (None, Some(seconds)) => {
            Fact::declared(seconds, format!("{}.activeDeadlineSeconds", workload.key.kind.pod_path()))
        }
        _ => Fact::Unknown,
    };
    let ends = matches!(lifetime(workload), Lifetime::Run | Lifetime::Scheduled);
    let deadline = if ends { deadline } else { Fact::Unknown };
    let at_rest = || Fact::declared(0.0, format!("{base}.suspend"));
    let (Some(schedule), Some(times)) = (&workload.schedule, times) else {
        return (if workload.is_suspended() { at_rest() } else { Fact::Unknown }, deadline);
    };
    if let Some(zone) = schedule.time_zone.as_ref().filter(|zone| !schedule::is_time_zone(zone)) {
        signals.push(Signal::unreadable("spec.timeZone", zone, "a name such as Europe/Berlin"));
    }
    let runs = match times {
        Ok(runs) => Fact::declared(runs.a_month, "spec.schedule"),
        Err(_) => {
            signals.push(Signal::unreadable("spec.schedule", &schedule.cron, "five fields, or @every 5m"));
            Fact::Unknown
        }
    };
    let runs = if schedule.suspended {
        Fact::declared(0.0, "spec.suspend")
    } else if workload.is_suspended() {
        at_rest()
    } else {
        runs
    };
    (runs, deadline)
}

/// With `Forbid`, a run that another one is still in the way of is left out: a month holds those that fit one after
/// the other.
fn kept(workload: &Workload, runs: Fact<f64>, duration: &Fact<f64>) -> Fact<f64> {
    let policy = workload.schedule.as_ref().and_then(|schedule| schedule.concurrency_policy.as_deref());
    match (&runs, duration.value().map(|seconds| SECONDS_A_MONTH / seconds)) {
        (Fact::Known(known), Some(most)) if policy == Some("Forbid") && known.value > most => {
            Fact::declared(most, "spec.concurrencyPolicy")
        }
        _ => runs,
    }
}

/// How often a person lets a run be tried again.
fn retries(workload: &Workload) -> Option<Signal> {
    let value = workload.job.as_ref()?.backoff_limit?.to_string();
    let field = format!("{}.backoffLimit", scaling::job_path(workload.key.kind));
    Some(Signal { what: Trait::Retries, field, value })
}

/// How many copies of a run there are at once; those that are left to complete may be fewer.
fn at_once(workload: &Workload) -> Option<Signal> {
    let job = workload.job.as_ref()?;
    let most = job.parallelism?;
    let count = job.completions.map_or(most, |completions| completions.min(most));
    let field = format!("{}.parallelism", scaling::job_path(workload.key.kind));
    (count > 1).then(|| Signal { what: Trait::AtOnce, field, value: count.to_string() })
}

/// Whether a schedule's runs follow each other: with `Forbid` and `Replace`, unless each is ended before the next one.
fn one_at_a_time(workload: &Workload, times: Option<&Times>, deadline: &Fact<f64>) -> Option<Signal> {
    let gap = times.and_then(|times| times.as_ref().ok()?.shortest_gap);
    if deadline.value().zip(gap).is_some_and(|(deadline, gap)| *deadline <= gap) {
        return None;
    }
    let policy = workload.schedule.as_ref()?.concurrency_policy.as_deref();
    let value = policy.filter(|policy| matches!(*policy, "Forbid" | "Replace"))?.to_owned();
    Some(Signal { what: Trait::OneAtATime, field: "spec.concurrencyPolicy".to_owned(), value })
}

/// Runs that take longer than the shortest time between two of them.
fn overlap(workload: &Workload, times: Option<&Times>, duration: &Fact<f64>, signals: &mut Vec<Signal>) {
    let (Some(schedule), Some(seconds)) = (&workload.schedule, duration.value()) else { return };
    let gap = times.and_then(|times| times.as_ref().ok()?.shortest_gap);
    if !schedule.suspended && gap.is_some_and(|gap| *seconds > gap) {
        signals.push(Signal {
            what: Trait::Overlap,
            field: "spec.schedule".to_owned(),
            value: format!("{}, each run {}", schedule.cron, amount::write_seconds(*seconds)),
        });
    }
}

/// A person says that a run takes longer than the manifest lets it.
fn contradiction(declared: &Fact<f64>, deadline: &Fact<f64>, signals: &mut Vec<Signal>) {
    if let (Fact::Known(said), Fact::Known(limit)) = (declared, deadline)
        && said.value > limit.value
    {
        signals.push(Signal {
            what: Trait::Contradiction,
            field: limit.at.to_string(),
            value: format!(
                "{}, a run takes {}",
                amount::write_seconds(limit.value),
                amount::write_seconds(said.value)
            ),
        });
    }
}

/// What a person says of how often it runs; what never ends has no runs.
fn said_runs(workload: &Workload, said: &answers::Said, signals: &mut Vec<Signal>) -> Fact<f64> {
    match (lifetime(workload), &said.runs) {
        (Lifetime::Run | Lifetime::Scheduled, runs) => runs.clone(),
        (_, Fact::Known(known)) => {
            let value = format!("{}, of what never ends", amount::write_number(known.value));
            signals.push(Signal { what: Trait::IgnoredAnnotation, field: known.at.to_string(), value });
            Fact::Unknown
        }
        _ => Fact::Unknown,
    }
}

/// A person names another start than the schedule, or a pace unlike it.
fn unlike_schedule(workload: &Workload, said: &answers::Said, runs: &Fact<f64>) -> Option<Signal> {
    let cron = &workload.schedule.as_ref()?.cron;
    let contradiction =
        |field: &str, value| Some(Signal { what: Trait::Contradiction, field: field.to_owned(), value });
    if let Some(known) = said.trigger.get().filter(|known| known.value != Trigger::Schedule) {
        return contradiction(&known.at, format!("{}, spec.schedule is {cron}", known.value));
    }
    let runs = runs.get().filter(|runs| runs.at == "spec.schedule" && runs.value > 0.0)?.value;
    let by_pace = said.mean_rps.get().map(|known| (known, known.value * SECONDS_A_MONTH));
    let (known, said) = said.runs.get().map(|known| (known, known.value)).or(by_pace)?;
    if (0.5..=2.0).contains(&(said / runs)) {
        return None;
    }
    let [said, runs] = [said, runs].map(amount::write_number);
    contradiction(&known.at, format!("{said} runs a month, spec.schedule has {runs}"))
}

fn image(workload: &Workload) -> Fact<String> {
    let first = workload.template.spec.containers.first().and_then(|container| container.image.clone());
    let first = first.filter(|image| !image.trim().is_empty());
    let at = format!("{}.containers[0].image", workload.key.kind.pod_path());
    first.map_or(Fact::Unknown, |image| Fact::declared(image, at))
}

fn team(observed: &Observed, label: &str) -> Fact<String> {
    let workload = &observed.workload;
    if let Some(team) = workload.labels.get(label) {
        return Fact::declared(team.clone(), format!("metadata.labels[{label}]"));
    }
    if let Some(team) = workload.template.metadata.labels.get(label) {
        let template = workload.key.kind.pod_metadata_path();
        return Fact::declared(team.clone(), format!("{template}.labels[{label}]"));
    }
    let namespace = observed.neighbours.iter().find(|near| matches!(near.what, What::Namespace));
    let labelled = |near: &Neighbour| near.labels.get(label).cloned();
    match namespace.and_then(|near| labelled(near)) {
        Some(team) => Fact::declared(team, format!("Namespace metadata.labels[{label}]")),
        None => Fact::Unknown,
    }
}

/// A mode that nobody can read holds for a whole namespace: each of its workloads tells.
fn unreadable_mode(observed: &Observed) -> Option<Signal> {
    let namespace = observed.neighbours.iter().find(|near| matches!(near.what, What::Namespace))?;
    let value = namespace.labels.get(MODE_LABEL).filter(|value| Mode::parse(value).is_none())?;
    let field = format!("Namespace label {MODE_LABEL}");
    Some(Signal::unreadable(field, value, &Mode::words()))
}
