//! PRM001: nothing of Kubernetes is used but Deployment and Service.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "PRM001",
    name: "primitives-only",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::STORAGE,
    docs: Docs {
        checks: "A Deployment, or what is less than one (a ReplicaSet, a ReplicationController or a Pod of its \
                 own), that uses nothing of Kubernetes but itself and Services, of whatever type: no autoscaler, Ingress, \
                 NetworkPolicy, disruption budget, claim, volume of another cloud, mesh, sidecar by a webhook, host access, accelerator, placement rule or role. A \
                 ConfigMap, a Secret and a ServiceAccount with nothing bound to it are no more than that.",
        matters: "These two are what ECS on Fargate offers without a control plane, nodes and add-ons to operate. \
                  A cluster pays off through what it adds to them.",
        todo: "Ask which feature of Kubernetes this workload needs. If there is none, compare the costs that \
               berth explain shows; if there is one that manifests don't show, keep it and write down why.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelector: {matchLabels: {app: web}}}
",
};

/// What only Kubernetes, or a node of one's own, offers.
const MORE: &[Trait] = &[
    Trait::Feature,
    Trait::KubernetesApi,
    Trait::MayCallKubernetes,
    Trait::CalledByKubernetes,
    Trait::Mesh,
    Trait::Privileged,
    Trait::HostPath,
    Trait::HostNetwork,
    Trait::HostPort,
    Trait::HostPid,
    Trait::HostIpc,
    Trait::ScratchVolume,
    Trait::CsiVolume,
    Trait::ForeignVolume,
    Trait::Device,
    Trait::HugePages,
    Trait::NativeSidecar,
    Trait::Gpu,
    Trait::Neuron,
    Trait::Efa,
    Trait::Tpu,
    Trait::PluginResource,
    Trait::PodSecurityGroup,
    Trait::RuntimeClass,
    Trait::ResourceClaim,
    Trait::TopologySpread,
    Trait::Affinity,
    Trait::NodeLabel,
    Trait::InstanceType,
    Trait::OtherProcessor,
    Trait::HybridNode,
    Trait::LocalDisk,
    Trait::Windows,
    Trait::SeccompProfile,
    Trait::AppArmorProfile,
    Trait::Unconfined,
    Trait::RootlessContainers,
    Trait::NameServer,
    Trait::HostAlias,
    Trait::NamedCopies,
    Trait::Subdomain,
    Trait::SelinuxLabel,
    Trait::UserNamespace,
    Trait::ProcMount,
    Trait::NodeName,
    Trait::Toleration,
    Trait::NodeAddress,
    Trait::ImageVolume,
    Trait::Gate,
    Trait::IssuedToken,
    Trait::HoldsRoom,
    Trait::AddOn,
];

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let uses_more = evidence.signals.iter().any(|signal| MORE.contains(&signal.what))
        || host::capability(evidence, &[]).is_some();
    let kind = evidence.subject.kind.as_str();
    let because = match kind {
        "Deployment" => "it uses only Deployment and Service of Kubernetes",
        _ => "it uses less of Kubernetes than a Deployment and a Service",
    };
    (!uses_more && evidence.storage.is_empty()).then(|| Found::notes("kind", kind, because))
}
