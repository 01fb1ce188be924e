//! One Kubernetes object of any kind: what Berth reads of it, or why it reads nothing.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    answers::Answers,
    neighbour::{self, Neighbour},
    workload::{self, Key, Kind, Workload},
};

/// What Berth keeps of an object.
#[derive(Clone, Debug)]
pub enum Object {
    Workload(Box<Workload>),
    Neighbour(Box<Neighbour>),
    /// A person's answers about a workload.
    Profile {
        key: Key,
        answers: Box<Answers>,
    },
}

/// Why an object gives nothing, or not all that it seems to say.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Problem {
    #[error("{0}")]
    NotAnObject(&'static str),
    #[error("{field}: {reason}")]
    Field { field: String, reason: String },
    #[error("{api_version} {kind} was removed in Kubernetes {removed}: use {instead}")]
    Removed { api_version: String, kind: String, removed: &'static str, instead: &'static str },
    #[error("{api_version} {kind} isn't a kind that Berth reads")]
    UnknownKind { api_version: String, kind: String },
}

/// What was read, and what is wrong with it all the same.
#[derive(Debug)]
pub struct Reading {
    pub object: Option<Object>,
    pub problem: Option<Problem>,
}

/// API versions that no supported API server serves, and what took their place.
const REMOVED: &[(&str, &[&str], &str, &str)] = &[
    ("extensions/v1beta1", &["Deployment", "DaemonSet", "ReplicaSet"], "1.16", "apps/v1"),
    ("extensions/v1beta1", &["NetworkPolicy"], "1.16", "networking.k8s.io/v1"),
    ("extensions/v1beta1", &["Ingress"], "1.22", "networking.k8s.io/v1"),
    ("networking.k8s.io/v1beta1", &["Ingress"], "1.22", "networking.k8s.io/v1"),
    ("apps/v1beta1", &["Deployment", "StatefulSet"], "1.16", "apps/v1"),
    ("apps/v1beta2", &["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"], "1.16", "apps/v1"),
    ("batch/v1beta1", &["CronJob"], "1.25", "batch/v1"),
    ("batch/v2alpha1", &["CronJob"], "1.21", "batch/v1"),
    ("policy/v1beta1", &["PodDisruptionBudget"], "1.25", "policy/v1"),
    ("autoscaling/v2beta1", &["HorizontalPodAutoscaler"], "1.25", "autoscaling/v2"),
    ("autoscaling/v2beta2", &["HorizontalPodAutoscaler"], "1.26", "autoscaling/v2"),
    (
        "rbac.authorization.k8s.io/v1beta1",
        &["RoleBinding", "ClusterRoleBinding"],
        "1.22",
        "rbac.authorization.k8s.io/v1",
    ),
    ("storage.k8s.io/v1beta1", &["StorageClass"], "1.22", "storage.k8s.io/v1"),
];

/// Built-in kinds that say nothing a decision uses: passed over in silence.
const UNUSED: &[(&str, &[&str])] = &[
    (
        "v1",
        &[
            "ConfigMap",
            "Secret",
            "Endpoints",
            "Event",
            "LimitRange",
            "PersistentVolume",
            "PodTemplate",
            "ResourceQuota",
            "Node",
        ],
    ),
    ("apps/v1", &["ControllerRevision"]),
    ("rbac.authorization.k8s.io/v1", &["Role", "ClusterRole"]),
    ("autoscaling/v1", &["HorizontalPodAutoscaler"]),
    ("apiextensions.k8s.io/v1", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io/v1", &["APIService"]),
    (
        "admissionregistration.k8s.io/v1",
        &[
            "ValidatingWebhookConfiguration",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
        ],
    ),
    ("networking.k8s.io/v1", &["IngressClass"]),
    ("scheduling.k8s.io/v1", &["PriorityClass"]),
    ("discovery.k8s.io/v1", &["EndpointSlice"]),
    ("coordination.k8s.io/v1", &["Lease"]),
];

impl Object {
    /// Reads one object. A removed API version is read as its successor and named.
    pub fn read(value: &Value) -> Reading {
        let (Some(kind), Some(api_version)) = (text(value, "kind"), text(value, "apiVersion")) else {
            return Reading::problem(Problem::NotAnObject(match value {
                Value::Object(map) if map.contains_key("kind") => "no apiVersion: not a Kubernetes object",
                Value::Object(map) if map.contains_key("apiVersion") => "no kind: not a Kubernetes object",
                Value::Object(_) => "neither apiVersion nor kind: not a Kubernetes object",
                _ => "not a map of fields: not a Kubernetes object",
            }));
        };
        let removed =
            REMOVED.iter().find(|(version, kinds, ..)| *version == api_version && kinds.contains(&kind));
        let served = removed.map_or(Cow::Borrowed(api_version), |(.., instead)| Cow::Borrowed(*instead));
        let mut reading = read_as(&served, kind, value);
        if let Some((.., removed, instead)) = removed
            && reading.problem.is_none()
        {
            reading.problem = Some(Problem::Removed {
                api_version: api_version.to_owned(),
                kind: kind.to_owned(),
                removed,
                instead,
            });
        }
        reading
    }
}

fn read_as(api_version: &str, kind: &str, value: &Value) -> Reading {
    match (api_version, kind) {
        ("apps/v1", "Deployment") => work::<workload::Deployment>(value),
        ("apps/v1", "StatefulSet") => work::<workload::StatefulSet>(value),
        ("apps/v1", "DaemonSet") => work::<workload::DaemonSet>(value),
        ("batch/v1", "Job") => work::<workload::Job>(value),
        ("batch/v1", "CronJob") => work::<workload::CronJob>(value),
        ("v1", "Service") => near::<neighbour::Service>(value),
        ("v1", "ServiceAccount") => near::<neighbour::ServiceAccount>(value),
        ("v1", "Namespace") => near::<neighbour::Namespace>(value),
        ("v1", "PersistentVolumeClaim") => near::<neighbour::PersistentVolumeClaim>(value),
        ("storage.k8s.io/v1", "StorageClass") => near::<neighbour::StorageClass>(value),
        ("networking.k8s.io/v1", "Ingress") => near::<neighbour::Ingress>(value),
        ("networking.k8s.io/v1", "NetworkPolicy") => near::<neighbour::NetworkPolicy>(value),
        ("autoscaling/v2", "HorizontalPodAutoscaler") => near::<neighbour::HorizontalPodAutoscaler>(value),
        ("policy/v1", "PodDisruptionBudget") => near::<neighbour::PodDisruptionBudget>(value),
        ("rbac.authorization.k8s.io/v1", "RoleBinding") => near::<neighbour::RoleBinding>(value),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding") => {
            near::<neighbour::ClusterRoleBinding>(value)
        }
        ("berth.dev/v1alpha1", "WorkloadProfile") => profile(value),
        _ if UNUSED.iter().any(|(version, kinds)| *version == api_version && kinds.contains(&kind)) => {
            Reading { object: None, problem: None }
        }
        _ => Reading::problem(Problem::UnknownKind {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
        }),
    }
}

impl Reading {
    fn problem(problem: Problem) -> Self {
        Reading { object: None, problem: Some(problem) }
    }
}

fn work<K: DeserializeOwned + Into<Workload>>(value: &Value) -> Reading {
    match deserialize::<K>(value) {
        Ok(object) => {
            let workload: Workload = object.into();
            if workload.key.name.is_empty() {
                return Reading::problem(missing("metadata.name"));
            }
            if workload.template.spec.containers.is_empty() {
                return Reading::problem(missing(&format!("{}.containers", workload.key.kind.pod_path())));
            }
            Reading { object: Some(Object::Workload(Box::new(workload))), problem: None }
        }
        Err(problem) => Reading::problem(problem),
    }
}

fn near<K: DeserializeOwned + Into<Neighbour>>(value: &Value) -> Reading {
    match deserialize::<K>(value) {
        Ok(object) => Reading { object: Some(Object::Neighbour(Box::new(object.into()))), problem: None },
        Err(problem) => Reading::problem(problem),
    }
}

fn profile(value: &Value) -> Reading {
    let namespace = value.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or("default");
    let spec = value.get("spec").unwrap_or(&Value::Null);
    let read = subject_of(namespace, spec).and_then(|key| Ok((key, answers_of(spec)?)));
    match read {
        Ok((key, answers)) => {
            Reading { object: Some(Object::Profile { key, answers: Box::new(answers) }), problem: None }
        }
        Err(problem) => Reading::problem(problem),
    }
}

/// The workload that a profile's spec is about.
///
/// # Errors
/// Names the field of `workloadRef` that can't be read.
pub fn subject_of(namespace: &str, spec: &Value) -> Result<Key, Problem> {
    let text = |at: &str| spec.pointer(at).and_then(Value::as_str).unwrap_or_default();
    let kind = text("/workloadRef/kind");
    let Some(kind) = Kind::parse(kind) else {
        return Err(Problem::Field {
            field: "spec.workloadRef.kind".to_owned(),
            reason: format!("{kind:?} isn't Deployment, StatefulSet, DaemonSet, Job or CronJob"),
        });
    };
    Ok(Key { namespace: namespace.to_owned(), kind, name: text("/workloadRef/name").to_owned() })
}

/// The answers in a profile's spec.
///
/// # Errors
/// Names the field that can't be read.
pub fn answers_of(spec: &Value) -> Result<Answers, Problem> {
    deserialize::<Answers>(spec).map_err(|problem| match problem {
        Problem::Field { field, reason } => Problem::Field { field: format!("spec.{field}"), reason },
        other => other,
    })
}

fn deserialize<K: DeserializeOwned>(value: &Value) -> Result<K, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let field = error.path().to_string();
        Problem::Field { field, reason: error.into_inner().to_string() }
    })
}

fn missing(field: &str) -> Problem {
    Problem::Field { field: field.to_owned(), reason: "missing, and the API server requires it".to_owned() }
}

fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
}
