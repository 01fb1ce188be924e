//! One Kubernetes object of any kind: what Berth reads of it, or why it reads nothing.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    answers::Answers,
    custom::{self, definition::CustomResourceDefinition},
    history::History,
    neighbour::{self, Neighbour},
    workload::{self, Key, Kind, Workload},
};
use crate::misread::in_words;

/// What Berth keeps of an object.
#[derive(Clone, Debug)]
pub enum Object {
    Workload(Box<Workload>),
    Neighbour(Box<Neighbour>),
    /// A person's answers about a workload.
    Profile {
        key: Key,
        answers: Box<Answers>,
        /// What its status kept of what the workload was seen doing.
        history: Option<Box<History>>,
    },
}

/// Why an object gives nothing, or not all that it seems to say.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Problem {
    #[error("{0}")]
    NotAnObject(&'static str),
    #[error("{field}: {reason}")]
    Field { field: String, reason: String },
    #[error("{field}: missing, as in a template that another tool makes Pods of")]
    Template { field: String },
    #[error("{api_version} {kind} was removed in Kubernetes {removed}: use {instead}")]
    Removed { api_version: String, kind: String, removed: &'static str, instead: &'static str },
    #[error("{api_version} {kind} isn't a kind that Berth reads")]
    UnknownKind { api_version: String, kind: String },
    #[error("{api_version} {kind} isn't a version that Berth reads: it reads {read}")]
    UnknownVersion { api_version: String, kind: String, read: String },
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
        &["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"],
        "1.22",
        "rbac.authorization.k8s.io/v1",
    ),
    (
        "admissionregistration.k8s.io/v1beta1",
        &["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"],
        "1.22",
        "admissionregistration.k8s.io/v1",
    ),
    ("apiregistration.k8s.io/v1beta1", &["APIService"], "1.22", "apiregistration.k8s.io/v1"),
    ("storage.k8s.io/v1beta1", &["StorageClass"], "1.22", "storage.k8s.io/v1"),
];

/// Built-in kinds that say nothing a decision uses: passed over in silence.
const UNUSED: &[(&str, &[&str])] = &[
    (
        "v1",
        &["ConfigMap", "Secret", "Endpoints", "Event", "LimitRange", "PodTemplate", "ResourceQuota", "Node"],
    ),
    ("apps/v1", &["ControllerRevision"]),
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
        ("apps/v1", "ReplicaSet") => work::<workload::ReplicaSet>(value),
        ("v1", "ReplicationController") => work::<workload::ReplicationController>(value),
        ("v1", "Pod") => work::<workload::Pod>(value),
        ("batch/v1", "Job") => work::<workload::Job>(value),
        ("batch/v1", "CronJob") => work::<workload::CronJob>(value),
        ("v1", "Service") => near::<neighbour::Service>(value),
        ("v1", "ServiceAccount") => near::<neighbour::ServiceAccount>(value),
        ("v1", "Namespace") => near::<neighbour::Namespace>(value),
        ("v1", "PersistentVolumeClaim") => near::<neighbour::PersistentVolumeClaim>(value),
        ("v1", "PersistentVolume") => near::<neighbour::PersistentVolume>(value),
        ("storage.k8s.io/v1", "StorageClass") => near::<neighbour::StorageClass>(value),
        ("networking.k8s.io/v1", "Ingress") => near::<neighbour::Ingress>(value),
        ("networking.k8s.io/v1", "NetworkPolicy") => near::<neighbour::NetworkPolicy>(value),
        // The fields that are read are the same in both.
        ("autoscaling/v1" | "autoscaling/v2", "HorizontalPodAutoscaler") => {
            near::<neighbour::HorizontalPodAutoscaler>(value)
        }
        ("policy/v1", "PodDisruptionBudget") => near::<neighbour::PodDisruptionBudget>(value),
        ("rbac.authorization.k8s.io/v1", "Role") => near::<neighbour::Role>(value),
        ("rbac.authorization.k8s.io/v1", "ClusterRole") => near::<neighbour::ClusterRole>(value),
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration") => {
            near::<neighbour::ValidatingWebhookConfiguration>(value)
        }
        ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration") => {
            near::<neighbour::MutatingWebhookConfiguration>(value)
        }
        ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy") => {
            near::<neighbour::ValidatingAdmissionPolicy>(value)
        }
        ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding") => {
            near::<neighbour::ValidatingAdmissionPolicyBinding>(value)
        }
        ("apiregistration.k8s.io/v1", "APIService") => near::<neighbour::APIService>(value),
        ("rbac.authorization.k8s.io/v1", "RoleBinding") => near::<neighbour::RoleBinding>(value),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding") => {
            near::<neighbour::ClusterRoleBinding>(value)
        }
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition") => near::<CustomResourceDefinition>(value),
        ("berth.dev/v1alpha1", "WorkloadProfile") => profile(value),
        _ if UNUSED.iter().any(|(version, kinds)| *version == api_version && kinds.contains(&kind)) => {
            Reading { object: None, problem: None }
        }
        _ => match custom::named(api_version, kind) {
            Some((known, true)) => custom((known.read)(value)),
            Some((known, false)) => Reading::problem(Problem::UnknownVersion {
                api_version: api_version.to_owned(),
                kind: kind.to_owned(),
                read: known.defined.versions.join(" and "),
            }),
            None => Reading::problem(Problem::UnknownKind {
                api_version: api_version.to_owned(),
                kind: kind.to_owned(),
            }),
        },
    }
}

impl Reading {
    fn problem(problem: Problem) -> Self {
        Reading { object: None, problem: Some(problem) }
    }
}

fn work<K: DeserializeOwned + Into<Workload>>(value: &Value) -> Reading {
    match deserialize::<K>(value) {
        Ok(object) => complete(object.into()),
        Err(problem) => Reading::problem(problem),
    }
}

/// A workload that has what the API server asks of one.
fn complete(workload: Workload) -> Reading {
    if workload.key.name.is_empty() {
        return Reading::problem(missing("metadata.name"));
    }
    if workload.template.spec.containers.is_empty() {
        return Reading::problem(missing(&format!("{}.containers", workload.key.kind.pod_path())));
    }
    Reading { object: Some(Object::Workload(Box::new(workload))), problem: None }
}

fn custom(read: Result<Object, Problem>) -> Reading {
    match read {
        Ok(Object::Workload(workload)) => complete(*workload),
        Ok(object) => Reading { object: Some(object), problem: None },
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
            let kept = value.pointer("/status/observed").map(deserialize::<History>);
            // Berth wrote it: what another version wrote otherwise is as good as none.
            let history = kept.and_then(Result::ok).map(Box::new);
            Reading {
                object: Some(Object::Profile { key, answers: Box::new(answers), history }),
                problem: None,
            }
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
            reason: format!("{kind:?} isn't one of {}", Kind::ALL.map(Kind::name).join(", ")),
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

pub(super) fn deserialize<K: DeserializeOwned>(value: &Value) -> Result<K, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let field = error.path().to_string();
        Problem::Field { field, reason: in_words(&error.into_inner().to_string()) }
    })
}

fn missing(field: &str) -> Problem {
    Problem::Field { field: field.to_owned(), reason: "missing, and the API server requires it".to_owned() }
}

fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
}
