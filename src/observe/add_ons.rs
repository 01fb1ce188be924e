//! What belongs to the platform itself: add-ons that a cluster has because it's a cluster, by namespace and by image.
//!
//! They are counted apart from what teams run. A namespace or an image that isn't listed is a team's: better to ask
//! a platform team about one workload too many than to leave a team's out in silence.

use super::pod::PodSpec;

/// What an image that fills nodes to keep room on them does.
pub const ROOM: &str = "it keeps room on the cluster's nodes";

/// Why a namespace is the cluster's own, where it is.
pub fn by_namespace(namespace: &str) -> Option<&'static str> {
    if namespace.starts_with("kube-") {
        return Some("it runs in a namespace of Kubernetes itself");
    }
    NAMESPACES.iter().find(|(names, _)| names.contains(&namespace)).map(|(_, reason)| *reason)
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
const PAUSES: &[&str] = &["pause", "pause-amd64", "pause-arm64", "mirrored-pause"];

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

/// Repositories by their last parts, wherever they are mirrored.
const IMAGES: &[(&[&str], &str)] = &[
    (&["berth"], BERTH),
    (&["argoproj/argocd", "argoproj/argo-rollouts"], DELIVERY),
    (&["fluxcd/source-controller", "fluxcd/kustomize-controller", "fluxcd/helm-controller"], DELIVERY),
    (&["fluxcd/notification-controller"], DELIVERY),
    (&["coredns", "kube-proxy", "amazon-k8s-cni", "cilium/operator", "cilium/operator-generic"], NETWORK),
    (&["calico/kube-controllers", "calico/typha", "istio/pilot", "linkerd/controller"], NETWORK),
    (&["ingress-nginx/controller", "aws-load-balancer-controller", "external-dns"], DOOR),
    (&["cluster-autoscaler", "karpenter/controller", "descheduler"], NODES),
    (&["openpolicyagent/gatekeeper", "kyverno/kyverno"], POLICY),
    (&["cert-manager-controller", "cert-manager-webhook", "cert-manager-cainjector"], SECRETS),
    (&["external-secrets/external-secrets", "sealed-secrets-controller"], SECRETS),
    (&["metrics-server", "prometheus-adapter", "kedacore/keda", "keda-metrics-apiserver"], SCALING),
    (
        &["autoscaling/vpa-recommender", "autoscaling/vpa-updater", "autoscaling/vpa-admission-controller"],
        SCALING,
    ),
    (&["kube-state-metrics", "prometheus-operator", "prometheus", "alertmanager"], WATCHING),
    (&["aws-ebs-csi-driver", "aws-efs-csi-driver", "external-provisioner"], STORAGE),
    (&["velero/velero"], BACKUP),
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

fn is(repository: &str, of: &str) -> bool {
    repository.strip_suffix(of).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
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
        ] {
            assert!(is(repository(image), of), "{image}");
        }
        assert!(!is(repository("example/my-coredns:1"), "coredns"));
        assert!(!is(repository("example/prometheus-importer"), "prometheus"));
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
