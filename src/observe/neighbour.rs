//! The objects around a workload that say something about it, cut to what is read.

use std::collections::{BTreeSet, HashSet};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

use super::{
    callers::{Callback, ClientConfig, IngressSpec, WebhooksBody},
    custom::{Cut, Monitor, PodMonitor, RolloutOf, Route, Scaled, ServiceMonitor},
    pod::{ClaimSpec, IntOrName, VolumeSpec, null_is_default},
    rbac::{BindingBody, Grants, RoleBody, Subject},
    workload::{self, Key, Workload},
};
use crate::selector::{Labels, Selector};

/// An object that may touch workloads.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbour {
    /// Empty for what has no namespace.
    pub namespace: String,
    pub name: String,
    pub labels: Labels,
    pub annotations: Labels,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Service(ServiceSpec),
    /// The Services that it leads to.
    Ingress(BTreeSet<String>),
    Route(Route),
    Autoscaler(AutoscalerSpec),
    Scaled(Scaled),
    Rollout(RolloutOf),
    Monitor(Monitor),
    DisruptionBudget(SelectorSpec),
    NetworkPolicy(SelectorSpec),
    Binding(BindingBody),
    Role(Grants),
    /// What the API server itself calls.
    Callback(Callback),
    /// What the API server itself checks, once it's bound.
    AdmissionPolicy,
    /// The policy that it puts in force.
    AdmissionBinding(String),
    Claim(ClaimSpec),
    Volume(VolumeSpec),
    StorageClass(StorageClassBody),
    ServiceAccount(AccountBody),
    Namespace,
}

impl What {
    /// Whether it says how many copies of a workload there are. Kubernetes' own autoscaler leaves what has none alone, unless
    /// none is its least (Kubernetes documentation, Horizontal Pod Autoscaling); KEDA brings it back.
    pub fn sets_replicas(&self, workload: &Workload) -> bool {
        match self {
            What::Autoscaler(scaler) => {
                let is_off = workload.replicas == Some(0)
                    && scaler.scale_target_ref.is(&workload.key)
                    && scaler.min_replicas != Some(0);
                !is_off
            }
            What::Scaled(_) => true,
            What::Rollout(of) => of.replicas > 0,
            _ => false,
        }
    }

    /// Whether it may be something that the platform itself uses.
    pub fn is_the_platforms(&self) -> bool {
        matches!(self, What::Callback(_) | What::AdmissionPolicy | What::AdmissionBinding(_))
    }

    /// Takes in the rights of another object of its name and role, and says whether they are any more. `held` are its
    /// subjects, gathered at the first asking: there may be many, each given again.
    pub fn unite(&mut self, other: &What, held: &mut HashSet<Subject>) -> bool {
        match (self, other) {
            (What::Binding(binding), What::Binding(other)) => {
                if held.is_empty() {
                    held.extend(binding.subjects.iter().cloned());
                }
                let before = binding.subjects.len();
                let new = other.subjects.iter().filter(|subject| held.insert((*subject).clone()));
                binding.subjects.extend(new.cloned());
                binding.subjects.len() > before
            }
            (What::Role(grants), What::Role(other)) => {
                let before = (grants.objects, grants.controls.len());
                grants.objects |= other.objects;
                grants.controls.extend(other.controls.iter().cloned());
                (grants.objects, grants.controls.len()) != before
            }
            _ => false,
        }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            What::Service(_) => "Service",
            What::Ingress(_) => "Ingress",
            What::Route(route) => route.kind,
            What::Autoscaler(_) => "HorizontalPodAutoscaler",
            What::Scaled(_) => "ScaledObject",
            What::Rollout(_) => "Rollout",
            What::Monitor(monitor) => monitor.kind,
            What::DisruptionBudget(_) => "PodDisruptionBudget",
            What::NetworkPolicy(_) => "NetworkPolicy",
            What::Binding(binding) if binding.cluster => "ClusterRoleBinding",
            What::Binding(_) => "RoleBinding",
            What::Role(grants) if grants.cluster => "ClusterRole",
            What::Role(_) => "Role",
            What::Callback(callback) => callback.kind,
            What::AdmissionPolicy => "ValidatingAdmissionPolicy",
            What::AdmissionBinding(_) => "ValidatingAdmissionPolicyBinding",
            What::Claim(_) => "PersistentVolumeClaim",
            What::Volume(_) => "PersistentVolume",
            What::StorageClass(_) => "StorageClass",
            What::ServiceAccount(_) => "ServiceAccount",
            What::Namespace => "Namespace",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ServiceSpec {
    #[serde(deserialize_with = "null_is_default")]
    pub selector: Labels,
    #[serde(rename = "type")]
    pub type_: Option<String>,
    #[serde(deserialize_with = "null_is_default")]
    pub ports: Vec<ServicePort>,
    #[serde(rename = "clusterIP")]
    pub cluster_ip: Option<String>,
    /// `ClientIP`, or nothing.
    pub session_affinity: Option<String>,
    /// Whose load balancer it gets.
    pub load_balancer_class: Option<Box<str>>,
    /// For peers that look for each other before they are ready.
    pub publish_not_ready_addresses: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ServicePort {
    pub name: Option<String>,
    pub port: u32,
    pub target_port: Option<IntOrName>,
    pub app_protocol: Option<String>,
    /// TCP where it's left out.
    pub protocol: Option<Box<str>>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AutoscalerSpec {
    pub scale_target_ref: TargetRef,
    pub min_replicas: Option<u32>,
    pub max_replicas: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default)]
pub struct TargetRef {
    pub kind: String,
    pub name: String,
}

impl TargetRef {
    fn is(&self, key: &Key) -> bool {
        self.name == key.name && self.kind == key.kind.name()
    }
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
pub struct AccountBody {
    pub automount_service_account_token: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AdmissionBindingSpec {
    policy_name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct StorageClassBody {
    pub provisioner: String,
    #[serde(deserialize_with = "null_is_default")]
    pub parameters: Labels,
}

/// One Kubernetes kind cut to what Berth reads, usable by a watch and by a scan alike.
macro_rules! cut {
    ($name:ident, $inherit:literal, $field:ident: $spec:ty, $what:expr) => {
        #[derive(Clone, Debug, Deserialize)]
        #[cfg_attr(feature = "cluster", derive(kube::Resource), resource(inherit = $inherit))]
        pub struct $name {
            #[serde(default, deserialize_with = "super::metadata::read")]
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
            #[serde(default, deserialize_with = "super::metadata::read")]
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
            #[serde(default, deserialize_with = "super::metadata::read")]
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
cut!(Ingress, "k8s_openapi::api::networking::v1::Ingress", spec: IngressSpec, |spec: IngressSpec| {
    What::Ingress(spec.services())
});
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
cut!(PersistentVolume, "k8s_openapi::api::core::v1::PersistentVolume", spec: VolumeSpec, What::Volume);
cut!(RoleBinding, "k8s_openapi::api::rbac::v1::RoleBinding", flatten BindingBody, What::Binding);
cut!(ClusterRoleBinding, "k8s_openapi::api::rbac::v1::ClusterRoleBinding", flatten BindingBody, |body| {
    What::Binding(BindingBody { cluster: true, ..body })
});
cut!(StorageClass, "k8s_openapi::api::storage::v1::StorageClass", flatten StorageClassBody, What::StorageClass);
cut!(Role, "k8s_openapi::api::rbac::v1::Role", flatten RoleBody, |body| What::Role(Grants::of(&body, false)));
cut!(ClusterRole, "k8s_openapi::api::rbac::v1::ClusterRole", flatten RoleBody, |body| {
    What::Role(Grants::of(&body, true))
});
cut!(
    ValidatingWebhookConfiguration,
    "k8s_openapi::api::admissionregistration::v1::ValidatingWebhookConfiguration",
    flatten WebhooksBody,
    |body: WebhooksBody| What::Callback(body.callback("ValidatingWebhookConfiguration"))
);
cut!(
    MutatingWebhookConfiguration,
    "k8s_openapi::api::admissionregistration::v1::MutatingWebhookConfiguration",
    flatten WebhooksBody,
    |body: WebhooksBody| What::Callback(body.callback("MutatingWebhookConfiguration"))
);
cut!(
    APIService,
    "k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService",
    spec: ClientConfig,
    |spec: ClientConfig| What::Callback(Callback { kind: "APIService", services: spec.service().into_iter().collect() })
);
cut!(
    ValidatingAdmissionPolicy,
    "k8s_openapi::api::admissionregistration::v1::ValidatingAdmissionPolicy",
    What::AdmissionPolicy
);
cut!(
    ValidatingAdmissionPolicyBinding,
    "k8s_openapi::api::admissionregistration::v1::ValidatingAdmissionPolicyBinding",
    spec: AdmissionBindingSpec,
    |spec: AdmissionBindingSpec| What::AdmissionBinding(spec.policy_name)
);
cut!(ServiceAccount, "k8s_openapi::api::core::v1::ServiceAccount", flatten AccountBody, What::ServiceAccount);
cut!(Namespace, "k8s_openapi::api::core::v1::Namespace", What::Namespace);

pub(super) fn neighbour(meta: ObjectMeta, what: What) -> Neighbour {
    let cluster_wide = match &what {
        What::StorageClass(_) | What::Volume(_) | What::Namespace => true,
        what if what.is_the_platforms() => true,
        What::Binding(binding) => binding.cluster,
        What::Role(grants) => grants.cluster,
        _ => false,
    };
    let namespace = match meta.namespace {
        Some(namespace) => namespace,
        None if cluster_wide => String::new(),
        None => "default".to_owned(),
    };
    Neighbour {
        namespace,
        name: meta.name.unwrap_or_default(),
        labels: meta.labels.unwrap_or_default().into_iter().collect(),
        annotations: workload::annotations(meta.annotations),
        what,
    }
}

impl Neighbour {
    /// Whether it's a Service without an address of its own.
    pub fn is_headless(&self) -> bool {
        matches!(&self.what, What::Service(service) if service.cluster_ip.as_deref() == Some("None"))
    }

    /// Whether it says something about this workload by itself. What speaks through Services and bindings doesn't: see
    /// [`super::Index`].
    pub fn touches(&self, workload: &Workload) -> bool {
        let same_namespace = self.namespace == workload.key.namespace;
        let pod_labels = &workload.template.metadata.labels;
        match &self.what {
            What::Service(service) => {
                same_namespace
                    && !service.selector.is_empty()
                    && service.selector.iter().all(|(key, value)| pod_labels.get(key) == Some(value))
            }
            What::Autoscaler(scaler) => same_namespace && scaler.scale_target_ref.is(&workload.key),
            What::Scaled(scaled) => same_namespace && scaled.target.is(&workload.key),
            What::Rollout(of) => same_namespace && of.target.is(&workload.key),
            What::Monitor(monitor) => {
                monitor.kind == PodMonitor::DEFINED.kind
                    && monitor.scrapes(&workload.key.namespace, pod_labels)
            }
            What::DisruptionBudget(spec) | What::NetworkPolicy(spec) => {
                same_namespace && spec.selector.as_ref().is_some_and(|selector| selector.matches(pod_labels))
            }
            What::Binding(binding) => binding.tie(self, workload).is_some(),
            What::Claim(_) => same_namespace && workload.claims().any(|claim| claim == self.name),
            What::Volume(volume) => volume.claim_ref.as_ref().is_some_and(|kept_for| {
                kept_for.namespace == workload.key.namespace
                    && workload.claims().any(|claim| claim == kept_for.name)
            }),
            What::StorageClass(_) => workload.has_claims(),
            What::ServiceAccount(_) => same_namespace && self.name == workload.service_account(),
            What::Namespace => self.name == workload.key.namespace,
            What::Ingress(_) | What::Route(_) | What::Role(_) => false,
            What::Callback(_) | What::AdmissionPolicy | What::AdmissionBinding(_) => false,
        }
    }

    /// Whether it's a ServiceMonitor for this Service.
    pub fn scrapes(&self, service: &Neighbour) -> bool {
        matches!(&self.what, What::Monitor(monitor) if monitor.kind == ServiceMonitor::DEFINED.kind
            && monitor.scrapes(&service.namespace, &service.labels))
    }

    /// The Services that it leads to, by namespace and name.
    pub fn services(&self) -> impl Iterator<Item = (&str, &str)> {
        let (local, called, routed) = match &self.what {
            What::Ingress(services) => (Some(services), None, None),
            What::Callback(callback) => (None, Some(&callback.services), None),
            What::Route(route) => (None, None, Some(route.services.keys())),
            _ => (None, None, None),
        };
        let local = local.into_iter().flatten().map(|name| (self.namespace.as_str(), name.as_str()));
        let anywhere = called.into_iter().flatten().chain(routed.into_iter().flatten());
        local.chain(anywhere.map(|(namespace, name)| (namespace.as_str(), name.as_str())))
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
