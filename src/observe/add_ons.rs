//! What belongs to the platform itself: add-ons that a cluster has because it's a cluster, by namespace and by image.
//!
//! They are counted apart from what teams run. A namespace or an image that isn't listed is a team's: better to ask
//! a platform team about one workload too many than to leave a team's out in silence.

use super::{Workload, pod::PodSpec};

/// What an image that fills nodes to keep room on them does.
pub const ROOM: &str = "it keeps room on the cluster's nodes";

/// Why a namespace is the cluster's own, where it is.
pub fn by_namespace(namespace: &str) -> Option<&'static str> {
    if namespace.starts_with("kube-") {
        return Some("it runs in a namespace of Kubernetes itself");
    }
    NAMESPACES.iter().find(|(names, _)| names.contains(&namespace)).map(|(_, reason)| *reason)
}

/// Whether a workload serves the cluster, as far as names tell.
pub fn is_one(workload: &Workload) -> bool {
    by_namespace(&workload.key.namespace).is_some()
        || first_image(&workload.template.spec).is_some_and(|image| by_image(image).is_some())
        || holds_room(&workload.template.spec)
}

/// The image that says what a Pod is.
pub fn first_image(spec: &PodSpec) -> Option<&str> {
    spec.containers.first()?.image.as_deref()
}

/// What an image does for the cluster, where it's known to.
pub fn by_image(image: &str) -> Option<&'static str> {
    let image = repository(image);
    IMAGES.iter().find(|(images, _)| images.iter().any(|of| is(image, of))).map(|(_, reason)| *reason)
}

/// Whether it only holds requests, for others to take the place of: the image that does nothing, and nothing beside it.
pub fn holds_room(spec: &PodSpec) -> bool {
    let pauses = |image: &str| PAUSES.iter().any(|of| is(repository(image), of));
    !spec.containers.is_empty()
        && spec.init_containers.is_empty()
        && spec
            .containers
            .iter()
            .all(|container| container.ports.is_empty() && container.image.as_deref().is_some_and(pauses))
}

/// Kubernetes' image that sleeps until it's stopped.
const PAUSES: &[&str] = &["pause", "pause-amd64", "pause-arm64"];

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

/// Repositories by their last parts, wherever they are mirrored. None has work where there is no cluster: what may as well
/// watch or serve something else, as Prometheus or Traefik do, isn't listed.
const IMAGES: &[(&[&str], &str)] = &[
    (&["berth"], BERTH),
    (&["argoproj/argocd", "argoproj/argo-rollouts"], DELIVERY),
    (&["fluxcd/source-controller", "fluxcd/kustomize-controller", "fluxcd/helm-controller"], DELIVERY),
    (&["fluxcd/notification-controller"], DELIVERY),
    (&["coredns", "coredns/coredns", "kube-proxy", "amazon-k8s-cni", "multus-cni"], NETWORK),
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

/// An image without its tag and digest.
fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        // A port belongs to the registry's name.
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    }
}

/// A mirror keeps the path, or makes one name of it: `mirrored-istio-pilot` of `istio/pilot`.
fn is(repository: &str, of: &str) -> bool {
    let last = repository.rsplit('/').next().unwrap_or(repository);
    let flat = last.strip_prefix("mirrored-").unwrap_or(last);
    let mut letters = flat.bytes().zip(of.bytes());
    repository.strip_suffix(of).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        || flat.len() == of.len() && letters.all(|(a, b)| a == b || (a, b) == (b'-', b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_known_by_its_last_parts_whatever_registry_and_tag() {
        for (image, of) in [
            ("registry.k8s.io/metrics-server/metrics-server:v0.8.0", "metrics-server"),
            ("localhost:5000/coredns", "coredns"),
            ("quay.io/argoproj/argocd@sha256:0123", "argoproj/argocd"),
            ("docker.io/rancher/mirrored-istio-pilot:1.28", "istio/pilot"),
            (
                "123456789012.dkr.ecr.eu-west-1.amazonaws.com/ingress-nginx-controller:v1",
                "ingress-nginx/controller",
            ),
        ] {
            assert!(is(repository(image), of), "{image}");
        }
        assert!(!is(repository("example/my-coredns:1"), "coredns"));
        for of_a_team in [
            "nginx",
            "example/controller",
            "example/tour-operator",
            "prom/prometheus",
            "example/external-dns-ui",
        ] {
            assert_eq!(by_image(of_a_team), None, "{of_a_team}");
        }
    }

    #[test]
    fn nothing_is_listed_twice() {
        let mut names: Vec<&str> =
            NAMESPACES.iter().chain(IMAGES).flat_map(|(names, _)| *names).copied().collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        // A few are named alike as a namespace and as an image.
        let twice = ["cluster-autoscaler", "external-dns"];
        assert_eq!(names.len() + twice.len(), all);
    }
}
