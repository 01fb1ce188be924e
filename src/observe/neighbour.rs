//! The objects around a workload that say something about it, cut to what is read.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;
use serde_json::Value;

use super::{
    pod::{ClaimSpec, IntOrName, null_is_default},
    workload::Workload,
};

/// An object that may touch workloads.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbour {
    /// Empty for what has no namespace.
    pub namespace: String,
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Service(ServiceSpec),
    Ingress(IngressSpec),
    Autoscaler(AutoscalerSpec),
    DisruptionBudget(SelectorSpec),
    NetworkPolicy(SelectorSpec),
    Binding(BindingBody),
    Claim(ClaimSpec),
    StorageClass(StorageClassBody),
    ServiceAccount,
    Namespace,
}

impl What {
    pub fn kind(&self) -> &'static str {
        match self {
            What::Service(_) => "Service",
            What::Ingress(_) => "Ingress",
            What::Autoscaler(_) => "HorizontalPodAutoscaler",
            What::DisruptionBudget(_) => "PodDisruptionBudget",
            What::NetworkPolicy(_) => "NetworkPolicy",
            What::Binding(binding) if binding.cluster => "ClusterRoleBinding",
            What::Binding(_) => "RoleBinding",
            What::Claim(_) => "PersistentVolumeClaim",
            What::StorageClass(_) => "StorageClass",
            What::ServiceAccount => "ServiceAccount",
            What::Namespace => "Namespace",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ServiceSpec {
    #[serde(deserialize_with = "null_is_default")]
    pub selector: BTreeMap<String, String>,
    #[serde(rename = "type")]
    pub type_: Option<String>,
    #[serde(deserialize_with = "null_is_default")]
    pub ports: Vec<ServicePort>,
    #[serde(rename = "clusterIP")]
    pub cluster_ip: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ServicePort {
    pub name: Option<String>,
    pub port: u32,
    pub target_port: Option<IntOrName>,
    pub app_protocol: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct IngressSpec {
    pub default_backend: Option<Value>,
    #[serde(deserialize_with = "null_is_default")]
    pub rules: Vec<Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AutoscalerSpec {
    pub scale_target_ref: TargetRef,
    pub min_replicas: Option<u32>,
    pub max_replicas: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct TargetRef {
    pub kind: String,
    pub name: String,
}

/// Of a PodDisruptionBudget (`selector`) and a NetworkPolicy (`podSelector`).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SelectorSpec {
    #[serde(alias = "podSelector")]
    pub selector: Option<Selector>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Selector {
    #[serde(deserialize_with = "null_is_default")]
    pub match_labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "null_is_default")]
    pub match_expressions: Vec<Requirement>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Requirement {
    pub key: String,
    pub operator: String,
    #[serde(deserialize_with = "null_is_default")]
    pub values: Vec<String>,
}

impl Selector {
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
            && self.match_expressions.iter().all(|requirement| {
                let value = labels.get(&requirement.key);
                let listed = value.is_some_and(|v| requirement.values.contains(v));
                match requirement.operator.as_str() {
                    "In" => listed,
                    "NotIn" => !listed,
                    "Exists" => value.is_some(),
                    "DoesNotExist" => value.is_none(),
                    _ => false,
                }
            })
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BindingBody {
    #[serde(deserialize_with = "null_is_default")]
    pub subjects: Vec<Subject>,
    pub role_ref: TargetRef,
    #[serde(skip)]
    pub cluster: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Subject {
    pub kind: String,
    pub name: String,
    pub namespace: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct StorageClassBody {
    pub provisioner: String,
    #[serde(deserialize_with = "null_is_default")]
    pub parameters: BTreeMap<String, String>,
}

/// One Kubernetes kind cut to what Berth reads, usable by a watch and by a scan alike.
macro_rules! cut {
    ($name:ident, $inherit:literal, $field:ident: $spec:ty, $what:expr) => {
        #[derive(Clone, Debug, Deserialize)]
        #[cfg_attr(feature = "cluster", derive(kube::Resource), resource(inherit = $inherit))]
        pub struct $name {
            #[serde(default)]
            pub metadata: ObjectMeta,
            #[serde(default)]
            pub $field: $spec,
        }

        impl From<$name> for Neighbour {
            fn from(object: $name) -> Neighbour {
                neighbour(object.metadata, $what(object.$field))
            }
        }
    };
    ($name:ident, $inherit:literal, flatten $spec:ty, $what:expr) => {
        #[derive(Clone, Debug, Deserialize)]
        #[cfg_attr(feature = "cluster", derive(kube::Resource), resource(inherit = $inherit))]
        pub struct $name {
            #[serde(default)]
            pub metadata: ObjectMeta,
            #[serde(flatten)]
            pub body: $spec,
        }

        impl From<$name> for Neighbour {
            fn from(object: $name) -> Neighbour {
                neighbour(object.metadata, $what(object.body))
            }
        }
    };
    ($name:ident, $inherit:literal, $what:expr) => {
        #[derive(Clone, Debug, Deserialize)]
        #[cfg_attr(feature = "cluster", derive(kube::Resource), resource(inherit = $inherit))]
        pub struct $name {
            #[serde(default)]
            pub metadata: ObjectMeta,
        }

        impl From<$name> for Neighbour {
            fn from(object: $name) -> Neighbour {
                neighbour(object.metadata, $what)
            }
        }
    };
}

cut!(Service, "k8s_openapi::api::core::v1::Service", spec: ServiceSpec, What::Service);
cut!(Ingress, "k8s_openapi::api::networking::v1::Ingress", spec: IngressSpec, What::Ingress);
cut!(
    HorizontalPodAutoscaler,
    "k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler",
    spec: AutoscalerSpec,
    What::Autoscaler
);
cut!(
    PodDisruptionBudget,
    "k8s_openapi::api::policy::v1::PodDisruptionBudget",
    spec: SelectorSpec,
    What::DisruptionBudget
);
cut!(NetworkPolicy, "k8s_openapi::api::networking::v1::NetworkPolicy", spec: SelectorSpec, What::NetworkPolicy);
cut!(PersistentVolumeClaim, "k8s_openapi::api::core::v1::PersistentVolumeClaim", spec: ClaimSpec, What::Claim);
cut!(RoleBinding, "k8s_openapi::api::rbac::v1::RoleBinding", flatten BindingBody, What::Binding);
cut!(ClusterRoleBinding, "k8s_openapi::api::rbac::v1::ClusterRoleBinding", flatten BindingBody, |body| {
    What::Binding(BindingBody { cluster: true, ..body })
});
cut!(StorageClass, "k8s_openapi::api::storage::v1::StorageClass", flatten StorageClassBody, What::StorageClass);
cut!(ServiceAccount, "k8s_openapi::api::core::v1::ServiceAccount", What::ServiceAccount);
cut!(Namespace, "k8s_openapi::api::core::v1::Namespace", What::Namespace);

fn neighbour(meta: ObjectMeta, what: What) -> Neighbour {
    let mut annotations = meta.annotations.unwrap_or_default();
    annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    let cluster_wide = matches!(&what, What::StorageClass(_) | What::Namespace)
        || matches!(&what, What::Binding(b) if b.cluster);
    let namespace = match meta.namespace {
        Some(namespace) => namespace,
        None if cluster_wide => String::new(),
        None => "default".to_owned(),
    };
    Neighbour {
        namespace,
        name: meta.name.unwrap_or_default(),
        labels: meta.labels.unwrap_or_default(),
        annotations,
        what,
    }
}

impl Neighbour {
    /// Whether it says something about this workload. Ingresses speak through Services: see [`super::Index`].
    pub fn touches(&self, workload: &Workload) -> bool {
        let same_namespace = self.namespace == workload.key.namespace;
        let pod_labels = &workload.template.metadata.labels;
        match &self.what {
            What::Service(service) => {
                same_namespace
                    && !service.selector.is_empty()
                    && service.selector.iter().all(|(key, value)| pod_labels.get(key) == Some(value))
            }
            What::Autoscaler(scaler) => {
                same_namespace
                    && scaler.scale_target_ref.name == workload.key.name
                    && scaler.scale_target_ref.kind == workload.key.kind.name()
            }
            What::DisruptionBudget(spec) | What::NetworkPolicy(spec) => {
                same_namespace && spec.selector.as_ref().is_some_and(|selector| selector.matches(pod_labels))
            }
            What::Binding(binding) => self.binds(binding, workload),
            What::Claim(_) => same_namespace && workload.claims().any(|claim| claim == self.name),
            What::StorageClass(_) => workload.has_claims(),
            What::ServiceAccount => same_namespace && self.name == workload.service_account(),
            What::Namespace => self.name == workload.key.namespace,
            What::Ingress(_) => false,
        }
    }

    fn binds(&self, binding: &BindingBody, workload: &Workload) -> bool {
        // Bound by every API server to let anyone find the API: says nothing about a workload.
        if self.labels.get("kubernetes.io/bootstrapping").is_some_and(|value| value == "rbac-defaults") {
            return false;
        }
        let namespace = &workload.key.namespace;
        binding.subjects.iter().any(|subject| match subject.kind.as_str() {
            "ServiceAccount" => {
                let subject_namespace = subject.namespace.as_ref().unwrap_or(&self.namespace);
                subject.name == workload.service_account() && subject_namespace == namespace
            }
            "Group" => {
                subject.name == "system:serviceaccounts"
                    || subject.name.strip_prefix("system:serviceaccounts:") == Some(namespace.as_str())
            }
            "User" => subject
                .name
                .strip_prefix("system:serviceaccount:")
                .and_then(|rest| rest.split_once(':'))
                .is_some_and(|(ns, name)| ns == namespace && name == workload.service_account()),
            _ => false,
        })
    }
}

impl IngressSpec {
    /// Whether a rule or the default backend names this Service.
    pub fn names(&self, service: &str) -> bool {
        fn named(value: &Value, service: &str) -> bool {
            match value {
                Value::Object(map) => {
                    map.get("service").and_then(|s| s.get("name")).and_then(Value::as_str) == Some(service)
                        || map.values().any(|inner| named(inner, service))
                }
                Value::Array(items) => items.iter().any(|inner| named(inner, service)),
                _ => false,
            }
        }
        self.default_backend.iter().chain(&self.rules).any(|value| named(value, service))
    }
}

impl Workload {
    pub fn service_account(&self) -> &str {
        let spec = &self.template.spec;
        spec.service_account_name.as_deref().or(spec.service_account.as_deref()).unwrap_or("default")
    }

    /// Names of the claims that its Pods mount.
    pub fn claims(&self) -> impl Iterator<Item = &str> {
        self.template
            .spec
            .volumes
            .iter()
            .filter_map(|volume| volume.persistent_volume_claim.as_ref())
            .map(|claim| claim.claim_name.as_str())
    }

    fn has_claims(&self) -> bool {
        !self.claim_templates.is_empty()
            || self
                .template
                .spec
                .volumes
                .iter()
                .any(|volume| volume.persistent_volume_claim.is_some() || volume.ephemeral.is_some())
    }
}
