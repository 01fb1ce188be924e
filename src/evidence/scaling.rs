//! How many copies there are, who says so, and what KEDA's triggers say starts the work.

use crate::{
    facts::{Copies, Fact, Trigger},
    observe::{Kind, Observed, neighbour::What},
};

pub fn copies(observed: &Observed) -> Fact<Copies> {
    let workload = &observed.workload;
    if let Some((at, copies)) = scaled(observed) {
        return Fact::declared(copies, at);
    }
    let exactly = |count: u32, at: String| {
        let count = f64::from(count);
        Fact::declared(Copies { min: count, max: count }, at)
    };
    match workload.key.kind {
        Kind::DaemonSet => Fact::Unknown,
        Kind::Pod => exactly(1, "kind".to_owned()),
        Kind::Job | Kind::CronJob | Kind::ScaledJob => {
            let base = job_path(workload.key.kind);
            let (count, field) = match workload.job.as_ref().map(|job| (job.completions, job.parallelism)) {
                // None at once is none at all.
                Some((_, Some(0))) => (0, "parallelism"),
                Some((Some(count), _)) => (count, "completions"),
                Some((None, Some(count))) => (count, "parallelism"),
                _ => (1, "completions, 1 when left out"),
            };
            exactly(count, format!("{base}.{field}"))
        }
        _ => {
            let of_rollout = observed.neighbours.iter().find_map(|near| match &near.what {
                What::Rollout(of) => Some((of.replicas, format!("Rollout {} spec.replicas", near.name))),
                _ => None,
            });
            match (of_rollout, workload.replicas) {
                (Some((count, at)), _) => exactly(count, at),
                (None, Some(count)) => exactly(count, "spec.replicas".to_owned()),
                (None, None) => exactly(1, "spec.replicas, 1 when left out".to_owned()),
            }
        }
    }
}

/// The path of a Job's specification within its own object, or within what makes Jobs.
pub fn job_path(kind: Kind) -> &'static str {
    match kind {
        Kind::CronJob => "spec.jobTemplate.spec",
        Kind::ScaledJob => "spec.jobTargetRef",
        _ => "spec",
    }
}

/// The bounds that something else sets. KEDA makes an autoscaler of its own, which knows nothing of zero: its word is
/// the better one.
fn scaled(observed: &Observed) -> Option<(String, Copies)> {
    let bounds = |min: u32, max: u32| Copies { min: f64::from(min), max: f64::from(max.max(min)) };
    let mut found: Vec<(String, Copies)> = Vec::new();
    for near in observed.neighbours.iter().filter(|near| near.what.sets_replicas(&observed.workload)) {
        let at = || format!("{} {} spec", near.what.kind(), near.name);
        match &near.what {
            What::Scaled(scaled) => return Some((at(), bounds(scaled.min, scaled.max))),
            What::Autoscaler(scaler) => {
                found.push((at(), bounds(scaler.min_replicas.unwrap_or(1), scaler.max_replicas)));
            }
            _ => {}
        }
    }
    found.into_iter().next()
}

/// Scalers by what starts one unit of work. The others (CPU, Prometheus, a time of day) say how many copies there
/// should be, and nothing of what they work on.
const TRIGGERS: &[(Trigger, &[&str])] = &[
    (
        Trigger::Queue,
        &[
            "activemq",
            "artemis-queue",
            "aws-sqs-queue",
            "azure-queue",
            "azure-servicebus",
            "beanstalkd",
            "gcp-pubsub",
            "ibmmq",
            "rabbitmq",
            "redis",
            "redis-cluster",
            "redis-sentinel",
            "solace-event-queue",
            "temporal",
        ],
    ),
    (
        Trigger::Stream,
        &[
            "apache-kafka",
            "aws-dynamodb-streams",
            "aws-kinesis-stream",
            "azure-eventhub",
            "kafka",
            "nats-jetstream",
            "pulsar",
            "redis-cluster-streams",
            "redis-sentinel-streams",
            "redis-streams",
        ],
    ),
    (Trigger::ObjectEvent, &["azure-blob", "gcp-storage"]),
];

/// What starts its work, by the first of its triggers that says so: an inference, for one may scale by a queue and
/// serve requests beside it.
pub fn trigger(observed: &Observed) -> Fact<Trigger> {
    let workload = &observed.workload;
    let own = workload.triggers.iter().map(|type_| (String::new(), type_));
    let others = observed.neighbours.iter().flat_map(|near| {
        let types = match &near.what {
            What::Scaled(scaled) => scaled.triggers.as_slice(),
            _ => &[],
        };
        types.iter().map(move |type_| (format!("{} {} ", near.what.kind(), near.name), type_))
    });
    for (of, type_) in own.chain(others) {
        if let Some((trigger, _)) = TRIGGERS.iter().find(|(_, types)| types.contains(&type_.as_str())) {
            return Fact::inferred(*trigger, format!("{of}spec.triggers[*].type"));
        }
    }
    Fact::Unknown
}
