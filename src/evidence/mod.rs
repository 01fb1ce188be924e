//! Evidence: what was observed of one workload, as facts with their source or an explicit Unknown.
//!
//! Pure, and the only stage that knows Kubernetes' conventions.

mod answers;
mod features;
pub mod image;
mod ports;
mod schedule;
mod size;
mod storage;
mod traits;

use crate::{
    amount,
    catalog::Target,
    facts::{
        ColdStart, Connections, Copies, Evidence, Fact, Lifetime, Protocol, Signal, Subject, Trait, Trigger,
    },
    observe::{
        Kind, Observed, Workload,
        neighbour::{Neighbour, What},
    },
    policy::Policy,
};

/// All facts about one workload.
pub fn evidence(observed: &Observed, policy: &Policy) -> Evidence {
    let workload = &*observed.workload;
    let mut signals = traits::signals(workload);
    signals.extend(features::signals(observed));
    let sizes = size::sizes(workload, &mut signals);
    let storage = storage::storage(observed, &mut signals);
    let protocols = ports::protocols(workload, observed.neighbours.iter().map(|near| &**near));
    signals.extend(ports::many(workload, observed.neighbours.iter().map(|near| &**near)));
    let said = answers::read(observed, &mut signals);
    let (runs, deadline) = runs(workload, &mut signals);
    overlap(workload, &said.unit_duration, &runs, &mut signals);
    contradiction(&said.unit_duration, &deadline, &mut signals);
    let trigger = said.trigger.or(trigger(workload, &protocols));
    Evidence {
        subject: Subject {
            kind: workload.key.kind.name().to_owned(),
            namespace: workload.key.namespace.clone(),
            name: workload.key.name.clone(),
        },
        lifetime: lifetime(workload.key.kind),
        unit_duration: said.unit_duration,
        run_limit: deadline,
        connections: said.connections.or(connections(&protocols)),
        cold_start: said.cold_start.or(cold_start(workload, &trigger, &signals)),
        trigger,
        mean_rps: said.mean_rps,
        peak_rps: said.peak_rps,
        traffic_shape: said.traffic_shape,
        cpu: sizes.cpu,
        memory: sizes.memory,
        disk: sizes.disk,
        package_size: said.package_size,
        model_size: said.model_size,
        gpus: sizes.gpus,
        copies: copies(observed),
        runs,
        image: image(workload),
        protocols,
        storage,
        place: place(workload),
        in_use: said.in_use,
        services: Fact::observed(observed.fleet.services as f64, "workloads counted around it"),
        platform_team: match policy.operations.platform_team {
            Some(exists) => Fact::declared(exists, "policy operations.platformTeam"),
            None => Fact::Unknown,
        },
        team: said.team.or(team(observed, &policy.operations.team_label)),
        signals,
    }
}

fn lifetime(kind: Kind) -> Lifetime {
    match kind {
        Kind::Deployment | Kind::StatefulSet => Lifetime::Service,
        Kind::DaemonSet => Lifetime::PerNode,
        Kind::Job => Lifetime::Run,
        Kind::CronJob => Lifetime::Scheduled,
    }
}

fn trigger(workload: &Workload, protocols: &[Fact<Protocol>]) -> Fact<Trigger> {
    match workload.key.kind {
        Kind::CronJob => return Fact::declared(Trigger::Schedule, "spec.schedule"),
        Kind::DaemonSet => return Fact::declared(Trigger::Continuous, "kind"),
        _ => {}
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
    let someone_waits = lifetime(workload.key.kind) == Lifetime::Service
        && trigger.value().is_none_or(|trigger| *trigger == Trigger::Http);
    if !someone_waits {
        return Fact::Unknown;
    }
    match signals.iter().find(|signal| signal.what == Trait::ModelProvider) {
        Some(signal) => Fact::inferred(ColdStart::Sensitive, signal.field.clone()),
        None => Fact::Unknown,
    }
}

/// Runs a month, and the longest that one may take.
fn runs(workload: &Workload, signals: &mut Vec<Signal>) -> (Fact<f64>, Fact<f64>) {
    let job = workload.job.as_ref();
    let pod_limit = workload.template.spec.active_deadline_seconds;
    let base = if workload.key.kind == Kind::CronJob { "spec.jobTemplate.spec" } else { "spec" };
    let deadline = match (job.and_then(|job| job.active_deadline_seconds), pod_limit) {
        (Some(seconds), _) => Fact::declared(seconds, format!("{base}.activeDeadlineSeconds")),
        (None, Some(seconds)) => {
            Fact::declared(seconds, format!("{}.activeDeadlineSeconds", workload.key.kind.pod_path()))
        }
        _ => Fact::Unknown,
    };
    let deadline = if workload.key.kind == Kind::Job || workload.key.kind == Kind::CronJob {
        deadline
    } else {
        Fact::Unknown
    };
    let Some(schedule) = &workload.schedule else { return (Fact::Unknown, deadline) };
    if let Some(zone) = schedule.time_zone.as_ref().filter(|zone| !schedule::is_time_zone(zone)) {
        signals.push(Signal {
            what: Trait::Unreadable,
            field: "spec.timeZone".to_owned(),
            value: zone.clone(),
        });
    }
    let runs = match schedule::runs_a_month(&schedule.cron) {
        Ok(runs) => Fact::declared(runs, "spec.schedule"),
        Err(_) => {
            let value = schedule.cron.clone();
            signals.push(Signal { what: Trait::Unreadable, field: "spec.schedule".to_owned(), value });
            Fact::Unknown
        }
    };
    let runs = if schedule.suspended { Fact::declared(0.0, "spec.suspend") } else { runs };
    (runs, deadline)
}

/// Runs that take longer than the time between two of them.
fn overlap(workload: &Workload, declared: &Fact<f64>, runs: &Fact<f64>, signals: &mut Vec<Signal>) {
    let (Some(schedule), Some(seconds), Some(runs)) = (&workload.schedule, declared.value(), runs.value())
    else {
        return;
    };
    let between = crate::catalog::SECONDS_A_MONTH / runs.max(1e-9);
    if *seconds > between {
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
            field: limit.at.clone(),
            value: format!(
                "{}, a run takes {}",
                amount::write_seconds(limit.value),
                amount::write_seconds(said.value)
            ),
        });
    }
}

fn image(workload: &Workload) -> Fact<String> {
    let first = workload.template.spec.containers.first().and_then(|container| container.image.clone());
    let at = format!("{}.containers[0].image", workload.key.kind.pod_path());
    first.map_or(Fact::Unknown, |image| Fact::declared(image, at))
}

fn copies(observed: &Observed) -> Fact<Copies> {
    let workload = &observed.workload;
    let scaler = observed.neighbours.iter().find_map(|neighbour| match &neighbour.what {
        What::Autoscaler(scaler) => Some((&neighbour.name, scaler)),
        _ => None,
    });
    if let Some((name, scaler)) = scaler {
        let min = f64::from(scaler.min_replicas.unwrap_or(1));
        let max = f64::from(scaler.max_replicas).max(min);
        return Fact::declared(Copies { min, max }, format!("HorizontalPodAutoscaler {name} spec"));
    }
    match workload.key.kind {
        Kind::DaemonSet => Fact::Unknown,
        Kind::Job | Kind::CronJob => {
            let job = workload.job.as_ref();
            let runs = job.and_then(|job| job.completions.or(job.parallelism)).unwrap_or(1);
            Fact::declared(Copies { min: f64::from(runs), max: f64::from(runs) }, "spec.completions")
        }
        _ => {
            let replicas = workload.replicas;
            let at = if replicas.is_some() { "spec.replicas" } else { "spec.replicas, 1 when left out" };
            let count = f64::from(replicas.unwrap_or(1));
            Fact::declared(Copies { min: count, max: count }, at)
        }
    }
}

/// Where it runs today, as far as its own labels tell; a Kubernetes object runs on nodes until shown otherwise.
fn place(workload: &Workload) -> Fact<Target> {
    let pod = workload.key.kind.pod_path();
    let selector = &workload.template.spec.node_selector;
    let template = &workload.template.metadata.labels;
    let told = |name: &str, value: &str| selector.get(name).is_some_and(|found| found == value);
    if told("eks.amazonaws.com/compute-type", "fargate")
        || template.contains_key("eks.amazonaws.com/fargate-profile")
    {
        Fact::declared(Target::EKSFargate, format!("{pod}.nodeSelector[eks.amazonaws.com/compute-type]"))
    } else if told("eks.amazonaws.com/compute-type", "auto") {
        Fact::declared(Target::EKSAutoMode, format!("{pod}.nodeSelector[eks.amazonaws.com/compute-type]"))
    } else {
        Fact::inferred(Target::EKSNodes, "kind")
    }
}

fn team(observed: &Observed, label: &str) -> Fact<String> {
    let workload = &observed.workload;
    let own = workload.labels.get(label).or_else(|| workload.template.metadata.labels.get(label));
    if let Some(team) = own {
        return Fact::declared(team.clone(), format!("metadata.labels[{label}]"));
    }
    let namespace = observed.neighbours.iter().find(|near| matches!(near.what, What::Namespace));
    let labelled = |near: &Neighbour| near.labels.get(label).cloned();
    match namespace.and_then(|near| labelled(near)) {
        Some(team) => Fact::declared(team, format!("Namespace metadata.labels[{label}]")),
        None => Fact::Unknown,
    }
}
