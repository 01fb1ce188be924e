//! Workloads of every kind as one type, and how each kind is read into it.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use serde::Deserialize;

use super::{
    answers::Answers,
    pod::{ClaimTemplate, Container, PodSpec, PodTemplate, TemplateMeta, null_is_default},
    runs::{Ended, Run},
};
use crate::{printable, selector::Labels};

/// The kinds of workload that Berth decides on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    CronJob,
    DaemonSet,
    Deployment,
    Job,
    Pod,
    ReplicaSet,
    ReplicationController,
    Rollout,
    ScaledJob,
    StatefulSet,
}

impl Kind {
    /// In their own order.
    pub const ALL: [Kind; 10] = [
        Kind::CronJob,
        Kind::DaemonSet,
        Kind::Deployment,
        Kind::Job,
        Kind::Pod,
        Kind::ReplicaSet,
        Kind::ReplicationController,
        Kind::Rollout,
        Kind::ScaledJob,
        Kind::StatefulSet,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::CronJob => "CronJob",
            Kind::DaemonSet => "DaemonSet",
            Kind::Deployment => "Deployment",
            Kind::Job => "Job",
            Kind::Pod => "Pod",
            Kind::ReplicaSet => "ReplicaSet",
            Kind::ReplicationController => "ReplicationController",
            Kind::Rollout => "Rollout",
            Kind::ScaledJob => "ScaledJob",
            Kind::StatefulSet => "StatefulSet",
        }
    }

    pub fn api_version(self) -> &'static str {
        match self {
            Kind::CronJob | Kind::Job => "batch/v1",
            Kind::Pod | Kind::ReplicationController => "v1",
            Kind::Rollout => "argoproj.io/v1alpha1",
            Kind::ScaledJob => "keda.sh/v1alpha1",
            Kind::DaemonSet | Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet => "apps/v1",
        }
    }

    /// A label selector that leaves out most of those that another object owns: of these kinds a cluster has many times
    /// as many as of all others. Controllers put the labels there; an owner is still looked for.
    pub fn ownerless(self) -> Option<&'static str> {
        match self {
            Kind::Pod => {
                Some("!pod-template-hash,!rollouts-pod-template-hash,!controller-revision-hash,!job-name")
            }
            Kind::ReplicaSet => Some("!pod-template-hash,!rollouts-pod-template-hash"),
            _ => None,
        }
    }

    /// The path of the Pod's specification within the object.
    pub fn pod_path(self) -> &'static str {
        match self {
            Kind::CronJob => "spec.jobTemplate.spec.template.spec",
            Kind::Pod => "spec",
            Kind::ScaledJob => "spec.jobTargetRef.template.spec",
            _ => "spec.template.spec",
        }
    }

    /// The path of the Pod's labels and annotations within the object.
    pub fn pod_metadata_path(self) -> &'static str {
        match self {
            Kind::CronJob => "spec.jobTemplate.spec.template.metadata",
            Kind::Pod => "metadata",
            Kind::ScaledJob => "spec.jobTargetRef.template.metadata",
            _ => "spec.template.metadata",
        }
    }

    pub fn parse(name: &str) -> Option<Kind> {
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which workload: two of one name and different kinds don't collide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub namespace: String,
    pub kind: Kind,
    pub name: String,
}

impl Key {
    /// The name of the profile that Berth makes for it.
    pub fn profile_name(&self) -> String {
        format!("{}-{}", self.kind.name().to_lowercase(), self.name)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

/// The part of a workload that decisions use.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    pub key: Key,
    pub uid: Option<String>,
    pub labels: Labels,
    pub annotations: Labels,
    pub answers: Answers,
    /// Owned by another object, which is the one to decide on.
    pub owned: bool,
    pub replicas: Option<u32>,
    /// Nodes that a DaemonSet's controller wants a copy on.
    pub wanted_nodes: Option<u32>,
    pub template: PodTemplate,
    pub claim_templates: Vec<ClaimTemplate>,
    /// The Service by which the copies of a StatefulSet have names.
    pub service_name: Option<String>,
    pub job: Option<Box<JobSpec>>,
    pub schedule: Option<Schedule>,
    /// The types of the triggers that start it, such as aws-sqs-queue.
    pub triggers: Vec<String>,
    /// How it ended, and whose run that was: its CronJob's or its own. An index takes it into a history.
    pub ended: Option<(Key, Ended)>,
}

impl Workload {
    /// The first image that is missing, within the Pod's specification. A blank is OpenShift's word for one that comes later, and
    /// the API server takes it.
    pub fn without_image(&self) -> Option<String> {
        let spec = &self.template.spec;
        let lists = [("containers", &*spec.containers), ("initContainers", &*spec.init_containers)];
        lists.into_iter().find_map(|(list, containers)| {
            let lacks = |container: &Container| container.image.as_deref().is_none_or(str::is_empty);
            containers.iter().position(lacks).map(|nth| format!("{list}[{nth}].image"))
        })
    }

    /// Whether its specification lets nothing run. An autoscaler may bring back a copy where there is one.
    pub fn is_stopped(&self) -> bool {
        let suspended =
            self.is_suspended() || self.schedule.as_ref().is_some_and(|schedule| schedule.suspended);
        let none = self.job.as_ref().is_some_and(|job| [job.completions, job.parallelism].contains(&Some(0)));
        self.replicas == Some(0) || suspended || none
    }

    /// Whether its Jobs wait until somebody lets them go. One that a queue admits is let go as soon as there is room.
    pub fn is_suspended(&self) -> bool {
        self.job.as_ref().is_some_and(|job| job.suspend == Some(true)) && self.queue().is_none()
    }

    /// The queue that Kueue takes it into.
    pub fn queue(&self) -> Option<&str> {
        self.labels.get(QUEUE_LABEL).map(String::as_str)
    }

    /// A Job or a Pod that ends, which no schedule and no trigger starts.
    pub fn is_a_run(&self) -> bool {
        match self.key.kind {
            Kind::Job => true,
            Kind::Pod => matches!(self.template.spec.restart_policy.as_deref(), Some("Never" | "OnFailure")),
            _ => false,
        }
    }

    /// Whether it bears a share of the platform's fixed cost. Node agents and what serves the cluster are part of the
    /// platform; what is at rest costs nobody anything.
    pub fn shares_the_platform(&self, is_scaled: impl FnOnce() -> bool) -> bool {
        // What names tell is a convention: the count asks those who tell it elsewhere too.
        let serves_it = self.key.kind == Kind::DaemonSet || crate::evidence::serves(self).is_some();
        !serves_it && (!self.is_stopped() || is_scaled())
    }
}

/// The label by which Kueue takes a Job into a queue.
const QUEUE_LABEL: &str = "kueue.x-k8s.io/queue-name";

/// When a CronJob runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    pub cron: String,
    pub time_zone: Option<String>,
    pub suspended: bool,
    pub concurrency_policy: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct JobSpec {
    pub completions: Option<u32>,
    pub parallelism: Option<u32>,
    pub active_deadline_seconds: Option<f64>,
    pub backoff_limit: Option<u32>,
    pub suspend: Option<bool>,
    /// `Indexed` gives each copy a number, and a name by it.
    pub completion_mode: Option<Box<str>>,
    #[serde(deserialize_with = "null_is_default")]
    pub template: PodTemplate,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RunningSpec {
    pub replicas: Option<u32>,
    #[serde(deserialize_with = "null_is_default")]
    pub template: PodTemplate,
    #[serde(deserialize_with = "null_is_default")]
    pub volume_claim_templates: Vec<ClaimTemplate>,
    pub service_name: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct CronJobSpec {
    pub schedule: String,
    pub time_zone: Option<String>,
    pub suspend: Option<bool>,
    pub concurrency_policy: Option<String>,
    #[serde(deserialize_with = "null_is_default")]
    pub job_template: JobTemplate,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct JobTemplate {
    #[serde(deserialize_with = "null_is_default")]
    pub spec: JobSpec,
}

/// What a Job's controller says of it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct JobStatus {
    pub start_time: Option<Timestamp>,
    pub completion_time: Option<Timestamp>,
    #[serde(deserialize_with = "null_is_default")]
    pub conditions: Vec<JobCondition>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct JobCondition {
    #[serde(rename = "type")]
    pub type_: String,
    pub status: String,
    pub last_transition_time: Option<Timestamp>,
}

impl JobStatus {
    /// Only a completed Job has a time of completion; one that failed has a condition.
    fn ended(&self) -> Option<Ended> {
        if let (Some(start), Some(finished)) = (self.start_time, self.completion_time) {
            let seconds = finished.duration_since(start).as_secs_f64();
            return Some(Ended::Complete(Run { finished, seconds }));
        }
        let failed = |condition: &&JobCondition| condition.type_ == "Failed" && condition.status == "True";
        self.conditions.iter().find(failed)?.last_transition_time.map(Ended::Failed)
    }
}

/// One Kubernetes kind cut to what Berth reads, usable by a watch and by a scan alike.
macro_rules! cut {
    ($name:ident, $inherit:literal, $spec:ty, $into:expr) => {
        #[derive(Clone, Debug, Deserialize)]
        #[cfg_attr(feature = "cluster", derive(kube::Resource), resource(inherit = $inherit))]
        pub struct $name {
            #[serde(default, deserialize_with = "super::metadata::read")]
            pub metadata: ObjectMeta,
            #[serde(default)]
            pub spec: $spec,
        }

        impl From<$name> for Workload {
            fn from(object: $name) -> Workload {
                $into(object.metadata, object.spec)
            }
        }
    };
}

cut!(Deployment, "k8s_openapi::api::apps::v1::Deployment", RunningSpec, |meta, spec| running(
    Kind::Deployment,
    meta,
    spec
));
cut!(StatefulSet, "k8s_openapi::api::apps::v1::StatefulSet", RunningSpec, |meta, spec| running(
    Kind::StatefulSet,
    meta,
    spec
));
cut!(ReplicaSet, "k8s_openapi::api::apps::v1::ReplicaSet", RunningSpec, |meta, spec| running(
    Kind::ReplicaSet,
    meta,
    spec
));
cut!(
    ReplicationController,
    "k8s_openapi::api::core::v1::ReplicationController",
    RunningSpec,
    |meta, spec| running(Kind::ReplicationController, meta, spec)
);
cut!(Pod, "k8s_openapi::api::core::v1::Pod", PodSpec, |meta: ObjectMeta, spec| {
    // Made by a node's kubelet from a file on it, or shown for one.
    let of_a_node = meta.owner_references.iter().flatten().any(|owner| owner.kind == "Node")
        || meta.annotations.iter().flatten().any(|(name, _)| name == "kubernetes.io/config.mirror");
    let mut workload = base(Kind::Pod, meta);
    workload.owned |= of_a_node;
    workload.template.metadata =
        TemplateMeta { labels: workload.labels.clone(), annotations: workload.annotations.clone() };
    workload.template.spec = spec;
    workload
});
/// Its status is read: it says how many nodes it runs on.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(
    feature = "cluster",
    derive(kube::Resource),
    resource(inherit = "k8s_openapi::api::apps::v1::DaemonSet")
)]
pub struct DaemonSet {
    #[serde(default, deserialize_with = "super::metadata::read")]
    pub metadata: ObjectMeta,
    #[serde(default)]
    pub spec: RunningSpec,
    #[serde(default, deserialize_with = "null_is_default")]
    pub status: DaemonSetStatus,
}

impl From<DaemonSet> for Workload {
    fn from(DaemonSet { metadata, spec, status }: DaemonSet) -> Workload {
        // Until its controller has looked at what is there now, its number is of something else, or 0 that nobody counted.
        let looked =
            status.observed_generation.is_some() && status.observed_generation >= metadata.generation;
        let wanted = status.desired_number_scheduled.filter(|_| looked);
        let mut workload = running(Kind::DaemonSet, metadata, spec);
        workload.wanted_nodes = wanted.and_then(|n| n.try_into().ok());
        workload
    }
}

/// What a DaemonSet's controller says of it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DaemonSetStatus {
    pub desired_number_scheduled: Option<i64>,
    pub observed_generation: Option<i64>,
}

/// Its status is read, too: it says how long a run took.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(
    feature = "cluster",
    derive(kube::Resource),
    resource(inherit = "k8s_openapi::api::batch::v1::Job")
)]
pub struct Job {
    #[serde(default, deserialize_with = "super::metadata::read")]
    pub metadata: ObjectMeta,
    #[serde(default)]
    pub spec: JobSpec,
    #[serde(default, deserialize_with = "null_is_default")]
    pub status: JobStatus,
}

impl From<Job> for Workload {
    fn from(Job { metadata, spec, status }: Job) -> Workload {
        let owner = controller(&metadata).map(|owner| (Kind::parse(&owner.kind), owner.name.clone()));
        let mut workload = base(Kind::Job, metadata);
        // Whose run it was; that of another kind's Job is nobody's that is decided on.
        let whose = match owner {
            None => Some(workload.key.clone()),
            Some((Some(kind), name)) => Some(Key { kind, name, ..workload.key.clone() }),
            Some((None, _)) => None,
        };
        workload.ended = whose.and_then(|key| Some((key, status.ended()?)));
        workload.template = spec.template.clone();
        workload.job = Some(Box::new(JobSpec { template: PodTemplate::default(), ..spec }));
        workload
    }
}

cut!(CronJob, "k8s_openapi::api::batch::v1::CronJob", CronJobSpec, |meta, spec: CronJobSpec| {
    let mut workload = base(Kind::CronJob, meta);
    let job = spec.job_template.spec;
    workload.template = job.template.clone();
    workload.job = Some(Box::new(JobSpec { template: PodTemplate::default(), ..job }));
    workload.schedule = Some(Schedule {
        cron: spec.schedule,
        time_zone: spec.time_zone,
        suspended: spec.suspend.unwrap_or(false),
        concurrency_policy: spec.concurrency_policy,
    });
    workload
});

fn running(kind: Kind, meta: ObjectMeta, spec: RunningSpec) -> Workload {
    let mut workload = base(kind, meta);
    workload.replicas = spec.replicas;
    workload.template = spec.template;
    workload.claim_templates = spec.volume_claim_templates;
    workload.service_name = spec.service_name;
    workload
}

/// All annotations but the one that is as large as the object itself, and never read.
pub(super) fn annotations(all: Option<BTreeMap<String, String>>) -> Labels {
    let all = all.unwrap_or_default().into_iter();
    all.filter(|(key, _)| key != "kubectl.kubernetes.io/last-applied-configuration").collect()
}

pub(super) fn base(kind: Kind, meta: ObjectMeta) -> Workload {
    let owned = controller(&meta).is_some();
    let annotations = annotations(meta.annotations);
    let answers = Answers::from_annotations(&annotations);
    Workload {
        // A file may name an object what no API server takes, and names are printed everywhere.
        key: Key {
            namespace: meta.namespace.map_or_else(|| "default".to_owned(), printable::owned),
            kind,
            // A created object may have a prefix only; the API server adds the rest later.
            name: meta.name.or(meta.generate_name).map(printable::owned).unwrap_or_default(),
        },
        uid: meta.uid,
        labels: meta.labels.unwrap_or_default().into_iter().collect(),
        annotations,
        answers,
        owned,
        replicas: None,
        wanted_nodes: None,
        template: PodTemplate::default(),
        claim_templates: Vec::new(),
        service_name: None,
        job: None,
        schedule: None,
        triggers: Vec::new(),
        ended: None,
    }
}

fn controller(meta: &ObjectMeta) -> Option<&OwnerReference> {
    meta.owner_references.iter().flatten().find(|owner| owner.controller == Some(true))
}
