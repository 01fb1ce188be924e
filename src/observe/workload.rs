//! Workloads of every kind as one type, and how each kind is read into it.

use std::{collections::BTreeMap, fmt};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

use super::{
    answers::Answers,
    pod::{ClaimTemplate, PodTemplate, null_is_default},
};

/// The kinds of workload that Berth decides on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    CronJob,
    DaemonSet,
    Deployment,
    Job,
    StatefulSet,
}

impl Kind {
    pub const ALL: [Kind; 5] =
        [Kind::CronJob, Kind::DaemonSet, Kind::Deployment, Kind::Job, Kind::StatefulSet];

    pub fn name(self) -> &'static str {
        match self {
            Kind::CronJob => "CronJob",
            Kind::DaemonSet => "DaemonSet",
            Kind::Deployment => "Deployment",
            Kind::Job => "Job",
            Kind::StatefulSet => "StatefulSet",
        }
    }

    pub fn api_version(self) -> &'static str {
        match self {
            Kind::CronJob | Kind::Job => "batch/v1",
            _ => "apps/v1",
        }
    }

    /// The path of the Pod's specification within the object.
    pub fn pod_path(self) -> &'static str {
        match self {
            Kind::CronJob => "spec.jobTemplate.spec.template.spec",
            _ => "spec.template.spec",
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
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    pub answers: Answers,
    /// Owned by another object, which is the one to decide on.
    pub owned: bool,
    pub replicas: Option<u32>,
    pub template: PodTemplate,
    pub claim_templates: Vec<ClaimTemplate>,
    pub job: Option<JobSpec>,
    pub schedule: Option<Schedule>,
}

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
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct CronJobSpec {
    pub schedule: String,
    pub time_zone: Option<String>,
    pub suspend: Option<bool>,
    pub concurrency_policy: Option<String>,
    pub job_template: JobTemplate,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct JobTemplate {
    pub metadata: super::pod::TemplateMeta,
    pub spec: JobSpec,
}

/// One Kubernetes kind cut to what Berth reads, usable by a watch and by a scan alike.
macro_rules! cut {
    ($name:ident, $inherit:literal, $spec:ty, $into:expr) => {
        #[derive(Clone, Debug, Deserialize)]
        #[cfg_attr(feature = "cluster", derive(kube::Resource), resource(inherit = $inherit))]
        pub struct $name {
            #[serde(default)]
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
cut!(DaemonSet, "k8s_openapi::api::apps::v1::DaemonSet", RunningSpec, |meta, spec| running(
    Kind::DaemonSet,
    meta,
    spec
));
cut!(Job, "k8s_openapi::api::batch::v1::Job", JobSpec, |meta, spec: JobSpec| {
    let mut workload = base(Kind::Job, meta);
    workload.template = spec.template.clone();
    workload.job = Some(JobSpec { template: PodTemplate::default(), ..spec });
    workload
});
cut!(CronJob, "k8s_openapi::api::batch::v1::CronJob", CronJobSpec, |meta, spec: CronJobSpec| {
    let mut workload = base(Kind::CronJob, meta);
    let job = spec.job_template.spec;
    workload.template = job.template.clone();
    workload.job = Some(JobSpec { template: PodTemplate::default(), ..job });
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
    workload
}

fn base(kind: Kind, meta: ObjectMeta) -> Workload {
    let mut annotations = meta.annotations.unwrap_or_default();
    // As large as the object itself, and never read.
    annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    let answers = Answers::from_annotations(&annotations);
    let owned = meta.owner_references.iter().flatten().any(|owner| owner.controller == Some(true));
    Workload {
        key: Key {
            namespace: meta.namespace.unwrap_or_else(|| "default".to_owned()),
            kind,
            // A created object may have a prefix only; the API server adds the rest later.
            name: meta.name.or(meta.generate_name).unwrap_or_default(),
        },
        uid: meta.uid,
        labels: meta.labels.unwrap_or_default(),
        annotations,
        answers,
        owned,
        replicas: None,
        template: PodTemplate::default(),
        claim_templates: Vec::new(),
        job: None,
        schedule: None,
    }
}
