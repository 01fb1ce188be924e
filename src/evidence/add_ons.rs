//! What serves the cluster itself: add-ons that it has because it's a cluster, by image and by namespace.
//!
//! One answer for all who ask: the count of services, the workload's traits and its row in the platform's verdict. A
//! namespace or an image that isn't known is a team's: better to ask a platform team about one workload too many than to
//! leave a team's out in silence, or to let it by where others are refused.

use super::image::repository;
use crate::observe::{
    Kind, Workload,
    pod::{Container, PodSpec},
};

/// That a workload serves the cluster, and what tells so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Serves<'a> {
    pub sign: Sign<'a>,
    /// What it does there.
    pub does: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sign<'a> {
    /// The image that sleeps, of the first container.
    Room(&'a str),
    /// The image of a container, by its place.
    Image(usize, &'a str),
    Namespace(&'a str),
}

/// What a workload does for the cluster, as far as names tell.
pub fn serves(workload: &Workload) -> Option<Serves<'_>> {
    let spec = &workload.template.spec;
    // What sleeps on each node is what is left of something that loads images there.
    let room = room(spec).filter(|_| workload.key.kind != Kind::DaemonSet);
    let room = room.map(|image| Serves { sign: Sign::Room(image), does: ROOM });
    room.or_else(|| by_images(spec)).or_else(|| by_namespace(&workload.key.namespace))
}

/// The image that does nothing, where there is nothing beside it: such a Pod only holds requests, for others to take the
/// place of.
fn room(spec: &PodSpec) -> Option<&str> {
    let pauses = |image: &str| PAUSES.iter().any(|of| is(repository(image), of));
    let sleeps =
        |container: &Container| container.ports.is_empty() && container.image.as_deref().is_some_and(pauses);
    let only_sleeps = spec.init_containers.is_empty() && spec.containers.iter().all(sleeps);
    spec.containers.first().filter(|_| only_sleeps)?.image.as_deref()
}

/// By all of its containers, but for what stands beside any: one that isn't known may be a team's, whatever is in its Pod.
fn by_images(spec: &PodSpec) -> Option<Serves<'_>> {
    let class = spec.priority_class_name.as_deref();
    let is_critical = class.is_some_and(|class| CRITICAL.contains(&class));
    let mut found: Option<Serves<'_>> = None;
    for (index, container) in spec.containers.iter().enumerate() {
        let image = container.image.as_deref()?;
        match by_image(image, is_critical) {
            // Whichever comes first, the same one of several speaks for all.
            Some(does) if found.is_some_and(|found| found.does <= does) => {}
            Some(does) => found = Some(Serves { sign: Sign::Image(index, image), does }),
            None if BESIDE.iter().any(|of| is(repository(image), of)) => {}
            None => return None,
        }
    }
    found
}

/// What an image does for the cluster, where it's known to.
fn by_image(image: &str, is_critical: bool) -> Option<&'static str> {
    let image = repository(image);
    // Anyone may choose a plain name: something else has to tell the same.
    let plain = |of: &str| is_critical && last(image) == of || is_published(image, of);
    let known = |of: &&str| if of.contains('/') { is(image, of) } else { plain(of) };
    IMAGES.iter().find(|(images, _)| images.iter().any(known)).map(|(_, does)| *does)
}

fn by_namespace(namespace: &str) -> Option<Serves<'_>> {
    let listed = || NAMESPACES.iter().find(|(names, _)| names.contains(&namespace)).map(|(_, does)| *does);
    let does = if namespace.starts_with("kube-") { Some(KUBERNETES) } else { listed() };
    does.map(|does| Serves { sign: Sign::Namespace(namespace), does })
}

/// Classes that Kubernetes has for what no cluster works without.
const CRITICAL: &[&str] = &["system-cluster-critical", "system-node-critical"];

/// Kubernetes' image that sleeps until it's stopped, where it's published and mirrored.
const PAUSES: &[&str] = &[
    "eks/pause",
    "google-containers/pause",
    "google-containers/pause-amd64",
    "google_containers/pause",
    "google_containers/pause-amd64",
    "k8s.gcr.io/pause",
    "kubernetes/pause",
    "rancher/mirrored-pause",
    "rancher/pause",
    "registry.k8s.io/pause",
];

/// What stands beside add-ons, and beside others: it tells nothing of its Pod.
const BESIDE: &[&str] = &[
    "autoscaling/addon-resizer",
    "brancz/kube-rbac-proxy",
    "eks/livenessprobe",
    "istio/proxyv2",
    "jimmidyson/configmap-reload",
    "kiwigrid/k8s-sidecar",
    "kubebuilder/kube-rbac-proxy",
    "kubernetes-csi/livenessprobe",
    "linkerd/proxy",
    "prometheus-operator/prometheus-config-reloader",
    "sig-storage/livenessprobe",
];

/// Registries and organisations that publish add-ons, or mirror them, under plain names.
const HOMES: &[&str] = &[
    "amazon",
    "autoscaling",
    "aws-ec2",
    "bitnami",
    "bitnamilegacy",
    "coredns",
    "cpa",
    "csi-components",
    "descheduler",
    "ebs-csi-driver",
    "eck",
    "efs-csi-driver",
    "eks",
    "external-dns",
    "fsx-csi-driver",
    "google-containers",
    "google_containers",
    "grafana",
    "hashicorp",
    "jcmoraisjr",
    "jetstack",
    "k8s.gcr.io",
    "k8scsi",
    "k8snetworkplumbingwg",
    "kedacore",
    "kube-state-metrics",
    "kubernetes",
    "kubernetes-csi",
    "kubernetes-ingress-controller",
    "metrics-server",
    "mongodb",
    "nginx",
    "nginxinc",
    "nvidia",
    "nvidia/cloud-native",
    "opentelemetry-operator",
    "prometheus-adapter",
    "prometheus-operator",
    "provider-aws",
    "rancher",
    "registry.k8s.io",
    "sig-storage",
    "summerwind",
];

/// What an image that fills nodes to keep room on them does.
const ROOM: &str = "it keeps room on the cluster's nodes";

const KUBERNETES: &str = "it runs in a namespace of Kubernetes itself";

const BERTH: &str = "it's Berth";
const DELIVERY: &str = "it deploys to this cluster";
const NETWORK: &str = "it is the cluster's network";
const DOOR: &str = "it lets traffic into the cluster";
const NODES: &str = "it adds and removes nodes";
const POLICY: &str = "it enforces the cluster's policies";
const SECRETS: &str = "it brings secrets and certificates into the cluster";
const SCALING: &str = "it measures and scales the cluster's Pods";
const WATCHING: &str = "it watches the cluster";
const STORAGE: &str = "it is the cluster's storage";
const BACKUP: &str = "it backs the cluster up";
const OPERATOR: &str = "it runs what custom resources ask for";

/// Namespaces that are named after what is installed into them.
const NAMESPACES: &[(&[&str], &str)] = &[
    (&["berth-system"], BERTH),
    (&["argocd", "argo-rollouts", "flux-system"], DELIVERY),
    (&["calico-system", "calico-apiserver", "tigera-operator", "cilium", "metallb-system"], NETWORK),
    (&["istio-system", "linkerd", "linkerd-viz", "kuma-system"], NETWORK),
    (&["ingress-nginx", "envoy-gateway-system", "nginx-gateway", "projectcontour"], DOOR),
    (&["external-dns"], DOOR),
    (&["karpenter", "cluster-autoscaler"], NODES),
    (&["gatekeeper-system", "kyverno", "falco"], POLICY),
    (&["cert-manager", "external-secrets"], SECRETS),
    (&["keda"], SCALING),
    (&["amazon-cloudwatch", "aws-for-fluent-bit"], WATCHING),
    (&["rook-ceph", "longhorn-system", "openebs"], STORAGE),
    (&["velero"], BACKUP),
];

/// Repositories by the end of their path, wherever they are mirrored, and plain names, which only count in one of the homes
/// or in a critical class. None has work where there is no cluster: what may as well watch or serve something else, as
/// Prometheus or Traefik do, isn't listed.
const IMAGES: &[(&[&str], &str)] = &[
    (&["berth.dev/berth"], BERTH),
    (&["argoproj/argocd", "argoproj/argo-rollouts"], DELIVERY),
    (&["fluxcd/source-controller", "fluxcd/kustomize-controller", "fluxcd/helm-controller"], DELIVERY),
    (&["fluxcd/notification-controller"], DELIVERY),
    (&["coredns", "kube-proxy", "amazon-k8s-cni", "multus-cni"], NETWORK),
    (&["cilium/operator", "cilium/operator-generic", "cilium/operator-aws", "tigera/operator"], NETWORK),
    (&["calico/kube-controllers", "calico/typha", "istio/pilot", "linkerd/controller"], NETWORK),
    (&["metallb/controller"], NETWORK),
    (&["ingress-nginx/controller", "nginx-ingress-controller", "nginx/nginx-ingress"], DOOR),
    (&["haproxytech/kubernetes-ingress", "haproxy-ingress", "kong/kubernetes-ingress-controller"], DOOR),
    (&["projectcontour/contour", "envoyproxy/gateway", "nginx-gateway-fabric"], DOOR),
    (&["aws-load-balancer-controller", "aws-alb-ingress-controller", "external-dns"], DOOR),
    (&["cluster-autoscaler", "karpenter/controller", "descheduler", "aws-node-termination-handler"], NODES),
    (&["openpolicyagent/gatekeeper", "kyverno/kyverno", "kyverno/background-controller"], POLICY),
    (&["kyverno/cleanup-controller", "kyverno/reports-controller"], POLICY),
    (&["cert-manager-controller", "cert-manager-webhook", "cert-manager-cainjector"], SECRETS),
    (&["external-secrets/external-secrets", "sealed-secrets-controller", "vault-k8s"], SECRETS),
    (&["metrics-server", "prometheus-adapter", "kedacore/keda", "keda-metrics-apiserver"], SCALING),
    (&["keda-admission-webhooks", "cluster-proportional-autoscaler"], SCALING),
    (
        &["autoscaling/vpa-recommender", "autoscaling/vpa-updater", "autoscaling/vpa-admission-controller"],
        SCALING,
    ),
    (&["kube-state-metrics", "kubernetesui/dashboard", "kubernetesui/metrics-scraper"], WATCHING),
    (&["aws-ebs-csi-driver", "aws-efs-csi-driver", "aws-fsx-csi-driver"], STORAGE),
    (&["external-provisioner", "csi-provisioner", "csi-attacher", "csi-resizer"], STORAGE),
    (&["csi-snapshotter", "snapshot-controller", "local-path-provisioner"], STORAGE),
    (&["nfs-subdir-external-provisioner", "rook/ceph"], STORAGE),
    (&["velero/velero"], BACKUP),
    (&["prometheus-operator", "opentelemetry-operator", "grafana-operator", "gpu-operator"], OPERATOR),
    (&["kuberay/operator", "strimzi/operator", "eck-operator", "mongodb-kubernetes-operator"], OPERATOR),
    (&["cloudnative-pg/cloudnative-pg", "zalando/postgres-operator", "acid/postgres-operator"], OPERATOR),
    (&["kubeflow/training-operator", "argoproj/workflow-controller", "crossplane/crossplane"], OPERATOR),
    (&["rabbitmqoperator/cluster-operator", "actions-runner-controller"], OPERATOR),
    (&["actions/gha-runner-scale-set-controller", "spark-operator/controller"], OPERATOR),
];

/// The last part of a path.
fn last(repository: &str) -> &str {
    repository.rsplit('/').next().unwrap_or(repository)
}

/// Whether a plain name stands in one of the homes.
fn is_published(repository: &str, of: &str) -> bool {
    let at_home = |home: &str| HOMES.iter().any(|of| is(home, of));
    let mirrored = || {
        let flat = last(repository).strip_prefix("mirrored-")?;
        flat.strip_suffix(of)?.strip_suffix('-')
    };
    match repository.rsplit_once('/') {
        Some((home, name)) if name == of => at_home(home),
        _ => mirrored().is_some_and(at_home),
    }
}

/// A mirror keeps the path, or makes one name of it and says so: `mirrored-istio-pilot` of `istio/pilot`.
fn is(repository: &str, of: &str) -> bool {
    let at_its_end = |rest: &str| rest.is_empty() || rest.ends_with('/');
    let is_flat = |flat: &str| {
        let mut letters = flat.bytes().zip(of.bytes());
        flat.len() == of.len() && letters.all(|(a, b)| a == b || (a, b) == (b'-', b'/'))
    };
    repository.strip_suffix(of).is_some_and(at_its_end)
        || last(repository).strip_prefix("mirrored-").is_some_and(is_flat)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A Pod of these images, with what else it says.
    fn pod(images: &[&str], more: serde_json::Value) -> PodSpec {
        let containers: Vec<_> = images.iter().map(|image| json!({"name": "main", "image": image})).collect();
        let mut spec = json!({"containers": containers});
        spec.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        serde_json::from_value(spec).unwrap()
    }

    #[test]
    fn an_image_is_known_by_the_end_of_its_path_whatever_registry_and_tag() {
        for image in [
            "registry.k8s.io/metrics-server/metrics-server:v0.8.0",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/k8s/metrics-server/metrics-server",
            "602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/snapshot-controller:v8",
            "localhost:5000/coredns/coredns",
            "quay.io/argoproj/argocd@sha256:0123",
            "docker.io/rancher/mirrored-istio-pilot:1.28",
            "docker.io/rancher/mirrored-coredns-coredns:1.12",
            "berth.dev/berth:0.1.0",
        ] {
            assert!(by_image(image, false).is_some(), "{image}");
        }
        for of_a_team in [
            "nginx",
            "example/controller",
            "example/tour-operator",
            "prom/prometheus",
            "example/external-dns-ui",
        ] {
            assert_eq!(by_image(of_a_team, true), None, "{of_a_team}");
        }
    }

    #[test]
    fn a_name_that_anyone_may_choose_needs_a_second_sign() {
        for image in [
            "example/snapshot-controller:1",
            "example/coredns",
            "myeks/coredns",
            "metrics-server",
            "example/actions-runner-controller",
        ] {
            assert_eq!(by_image(image, false), None, "{image}");
            assert!(by_image(image, true).is_some(), "{image}");
        }
        for image in ["example/berth", "example/istio-pilot", "example/argocd"] {
            assert_eq!(by_image(image, true), None, "{image}");
        }
    }

    #[test]
    fn one_container_that_isnt_known_makes_it_a_teams_wherever_it_stands() {
        let does = |images: &[&str]| by_images(&pod(images, json!({}))).map(|serves| serves.does);
        let (dns, proxy) = ("coredns/coredns:1", "quay.io/brancz/kube-rbac-proxy:v0.19.0");
        assert_eq!(does(&[dns]), Some(NETWORK));
        for [a, b] in [[dns, proxy], [dns, "docker.io/istio/proxyv2:1.28"]] {
            assert_eq!((does(&[a, b]), does(&[b, a])), (Some(NETWORK), Some(NETWORK)), "{b}");
        }
        for [a, b] in [[dns, "example/web"], [proxy, "example/web"], [dns, ""]] {
            assert_eq!((does(&[a, b]), does(&[b, a])), (None, None), "{b}");
        }
        assert_eq!(does(&[proxy]), None);
        let critical =
            pod(&["example/metrics-server"], json!({"priorityClassName": "system-cluster-critical"}));
        assert_eq!(by_images(&critical).map(|serves| serves.does), Some(SCALING));
    }

    #[test]
    fn only_kubernetes_own_image_that_sleeps_keeps_room() {
        let keeps = |image: &str| room(&pod(&[image, image], json!({}))).is_some();
        for image in [
            "registry.k8s.io/pause:3.10",
            "public.ecr.aws/eks-distro/kubernetes/pause",
            "rancher/mirrored-pause:3.6",
        ] {
            assert!(keeps(image), "{image}");
        }
        for image in ["example/pause", "pause", "myeks/pause", "berth.dev/pause:0.1.0"] {
            assert!(!keeps(image), "{image}");
        }
        assert_eq!(room(&pod(&["registry.k8s.io/pause", "example/web"], json!({}))), None);
        assert_eq!(room(&pod(&[], json!({}))), None);
    }

    #[test]
    fn nothing_is_listed_twice() {
        for list in [IMAGES, NAMESPACES] {
            let mut names: Vec<&str> = list.iter().flat_map(|(names, _)| *names).copied().collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all);
        }
        for list in [HOMES, PAUSES, BESIDE] {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
        }
    }
}
