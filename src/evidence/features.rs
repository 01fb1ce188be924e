//! What the workload uses of Kubernetes beyond Deployment and Service.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    evidence::balancers,
    facts::{Evidence, Signal, Trait},
    observe::{
        Kind, Observed,
        neighbour::{Neighbour, What},
    },
};

pub fn signals(observed: &Observed) -> Vec<Signal> {
    let workload = &observed.workload;
    let mut found = Vec::new();
    let mut add = |what, field: String, value: String| found.push(Signal { what, field, value });
    if let Some(queue) = workload.queue() {
        add(Trait::Feature, "Kueue".to_owned(), queue.to_owned());
    }
    // What a Service says of its targets goes before what an Ingress does.
    let leads_to_pods = observed.neighbours.iter().any(|near| {
        matches!(near.what, What::Service(_))
            && near.annotations.get(ALB_TARGETS).is_some_and(|of| of == "ip")
    });
    for neighbour in &observed.neighbours {
        let named = format_args!("{} {}", neighbour.what.kind(), neighbour.name);
        if let Some((field, value)) = sticky(neighbour, &observed.neighbours) {
            add(Trait::Sticky, format!("{named} {field}"), value);
        }
        for (what, field, value) in balancers::settings(neighbour) {
            add(what, format!("{named} {field}"), value);
        }
        match &neighbour.what {
            What::Autoscaler(_)
            | What::Scaled(_)
            | What::Rollout(_)
            | What::DisruptionBudget(_)
            | What::NetworkPolicy(_)
            | What::Ingress(_)
            | What::Route(_)
            | What::Monitor(_) => {
                add(Trait::Feature, neighbour.what.kind().to_owned(), neighbour.name.clone());
                if matches!(neighbour.what, What::NetworkPolicy(_)) {
                    add(Trait::NetworkPolicy, neighbour.what.kind().to_owned(), neighbour.name.clone());
                }
                if matches!(neighbour.what, What::Ingress(_) | What::Route(_)) {
                    add(Trait::FrontDoor, neighbour.what.kind().to_owned(), neighbour.name.clone());
                }
                if let Some((field, value)) = node_targets(neighbour).filter(|_| !leads_to_pods) {
                    add(Trait::NodeTargets, format!("{named} {field}"), value);
                }
            }
            What::Service(service) => match service.type_.as_deref() {
                Some("NodePort") => {
                    add(Trait::NodePort, format!("{named} spec.type"), "NodePort".to_owned());
                }
                Some("LoadBalancer") => {
                    add(Trait::LoadBalancer, format!("{named} spec.type"), "LoadBalancer".to_owned());
                    if let Some((field, value)) = node_targets(neighbour) {
                        add(Trait::NodeTargets, format!("{named} {field}"), value);
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
    if let Some((field, value)) = mesh(observed) {
        add(Trait::Mesh, field, value);
    }
    if let Some((field, value)) = in_mesh(observed, &APP_MESH) {
        add(Trait::EndedMesh, field, value);
    }
    for Signal { what, field, value } in injected(observed) {
        add(what, field, value);
    }
    match workload.key.kind {
        // Less than a Deployment.
        Kind::Deployment | Kind::ReplicaSet | Kind::ReplicationController => {}
        Kind::Pod => add(Trait::Unmanaged, "kind".to_owned(), "Pod".to_owned()),
        kind => add(Trait::Feature, "kind".to_owned(), kind.name().to_owned()),
    }
    found
}

/// What it uses beyond Deployment and Service, by the names that people know, sorted.
pub fn used(evidence: &Evidence) -> Vec<String> {
    let of_signals = evidence.signals.iter().filter_map(|signal| match signal.what {
        // The kind of the workload itself, or of the object that speaks about it.
        Trait::Feature if signal.field == "kind" => Some(signal.value.as_str()),
        Trait::Feature => Some(signal.field.as_str()),
        Trait::KubernetesApi | Trait::MayCallKubernetes => Some("Kubernetes API through RBAC"),
        Trait::CalledByKubernetes => Some("called by the API server"),
        Trait::Mesh => Some("service mesh"),
        Trait::ClaimPerCopy => Some("volumeClaimTemplates"),
        Trait::ScratchVolume => Some("generic ephemeral volume"),
        Trait::CsiVolume => Some("CSI volume"),
        Trait::ForeignVolume => Some("volume of another cloud"),
        Trait::NativeSidecar => Some("native sidecar"),
        Trait::TopologySpread => Some("topologySpreadConstraints"),
        Trait::Affinity => Some("affinity"),
        Trait::RuntimeClass => Some("RuntimeClass"),
        Trait::ResourceClaim => Some("ResourceClaim"),
        Trait::HugePages | Trait::EfaPages => Some("huge pages"),
        Trait::Unconfined => Some("no seccomp or AppArmor"),
        Trait::SharedGpu => Some("shared GPU"),
        Trait::Tpu => Some("TPU"),
        Trait::PluginResource => Some("resource of a device plugin"),
        Trait::PodSecurityGroup => Some("security groups of a Pod"),
        Trait::CalledByName => Some("names of copies"),
        Trait::HostAlias => Some("hostAliases"),
        Trait::Subdomain => Some("subdomain"),
        Trait::UserNamespace => Some("user namespace"),
        Trait::ImageVolume => Some("image volume"),
        Trait::NodeName => Some("nodeName"),
        Trait::HybridNode => Some("hybrid nodes"),
        Trait::Toleration => Some("tolerations"),
        Trait::Gate => Some("gates of a Pod"),
        Trait::IssuedToken => Some("tokens of the cluster"),
        Trait::NameServer => Some("dnsConfig"),
        _ => None,
    });
    let claims = (!evidence.storage.is_empty()).then_some("PersistentVolumeClaim");
    let names: BTreeSet<&str> = of_signals.chain(claims).collect();
    names.into_iter().map(str::to_owned).collect()
}

/// What leads a client back to the copy that it came to first: by its address, or by a cookie.
fn sticky(near: &Neighbour, all: &[Arc<Neighbour>]) -> Option<(&'static str, String)> {
    match &near.what {
        What::Service(service) => {
            let affinity = service.session_affinity.as_ref().filter(|affinity| *affinity == "ClientIP");
            if let Some(affinity) = affinity {
                return Some(("spec.sessionAffinity", affinity.clone()));
            }
            // Nobody reads it where there is no load balancer.
            let attributes = near.annotations.get(SERVICE_GROUP_ATTRIBUTES);
            let is_balanced = service.type_.as_deref() == Some("LoadBalancer");
            attributes
                .filter(|said| is_balanced && said.contains(STICKINESS))
                .map(|_| (SERVICE_GROUP_ATTRIBUTES.trim_start_matches(SERVICE), STICKINESS.to_owned()))
        }
        // Of the rules that lead here alone.
        What::Route(route) => {
            let mut services = all.iter().filter(|near| matches!(near.what, What::Service(_)));
            let kept =
                services.find_map(|near| route.sessions.get(&(near.namespace.clone(), near.name.clone())));
            kept.map(|by| ("spec.rules[*].sessionPersistence", by.clone()))
        }
        What::Ingress(_) => {
            let says = |name: &'static str, word: &str| {
                near.annotations.get(name).filter(|value| value.contains(word)).map(|_| name)
            };
            says("nginx.ingress.kubernetes.io/affinity", "cookie")
                .or_else(|| says(GROUP_ATTRIBUTES, STICKINESS))
                .map(|name| (name, "a cookie".to_owned()))
        }
        _ => None,
    }
}

const STICKINESS: &str = "stickiness.enabled=true";
const GROUP_ATTRIBUTES: &str = "alb.ingress.kubernetes.io/target-group-attributes";
const SERVICE_GROUP_ATTRIBUTES: &str = "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes";
const ALB: &str = "alb.ingress.kubernetes.io/";
/// Left out where a field is named: the line has to hold a reason as well.
const SERVICE: &str = "service.beta.kubernetes.io/";
const LOAD_BALANCER: &str = "service.beta.kubernetes.io/aws-load-balancer-type";
/// What a load balancer's targets are, in the AWS Load Balancer Controller's words.
const TARGET_TYPES: &[&str] = &["service.beta.kubernetes.io/aws-load-balancer-nlb-target-type", ALB_TARGETS];
const ALB_TARGETS: &str = "alb.ingress.kubernetes.io/target-type";

/// What leaves a load balancer's targets nodes: they are wherever nothing says that they are addresses of Pods. An Ingress
/// is known to lead to a load balancer of AWS by such an annotation alone.
fn node_targets(near: &Neighbour) -> Option<(String, String)> {
    let mut said = TARGET_TYPES.iter().filter_map(|name| Some((*name, near.annotations.get(*name)?)));
    if let Some((name, value)) = said.next() {
        return (value == "instance").then(|| (name.trim_start_matches(SERVICE).to_owned(), value.clone()));
    }
    let by_address = near.annotations.get(LOAD_BALANCER).is_some_and(|type_| type_ == "nlb-ip");
    match &near.what {
        What::Service(_) if !by_address => Some(("spec.type".to_owned(), "LoadBalancer".to_owned())),
        What::Ingress(_) if near.annotations.keys().any(|name| name.starts_with(ALB)) => {
            Some((format!("{ALB}target-type"), "left out".to_owned()))
        }
        _ => None,
    }
}

/// A proxy that the mesh will inject counts as much as one that is written.
fn mesh(observed: &Observed) -> Option<(String, String)> {
    MESHES.iter().find_map(|mesh| in_mesh(observed, mesh))
}

/// The field and the value that ask for this mesh.
fn in_mesh(observed: &Observed, mesh: &Mesh) -> Option<(String, String)> {
    let Mesh { asked, in_namespace, settings } = mesh;
    let namespace = namespace(observed);
    let template_path = observed.workload.key.kind.pod_metadata_path();
    if let Some((side, value)) = pod_says(observed, asked) {
        // The Pod's own word is the last one, whatever its namespace says.
        return (!is_off(value)).then(|| (format!("{template_path}.{side}[{asked}]"), value.to_owned()));
    }
    let of_namespace = |label| namespace.and_then(|namespace| says(namespace, label));
    for (label, on) in *in_namespace {
        let value = of_namespace(label).filter(|(_, value)| on.is_none_or(|on| *value == on));
        if let Some((side, value)) = value {
            return Some((format!("Namespace metadata.{side}[{label}]"), value.to_owned()));
        }
    }
    // Who sets up its proxy counts on one: what asks for it may be the mesh's own default, or a namespace that isn't seen.
    let mut annotations = observed.workload.template.metadata.annotations.iter();
    let set = annotations.find(|(name, _)| {
        settings.iter().any(|prefix| name.starts_with(prefix)) && !PRECAUTIONS.contains(&name.as_str())
    });
    let is_off_there =
        || in_namespace.iter().any(|(label, _)| of_namespace(label).is_some_and(|(_, value)| is_off(value)));
    let (name, value) = set.filter(|_| !is_off_there())?;
    Some((format!("{template_path}.annotations[{name}]"), first_line(value)))
}

/// What a webhook adds to a Pod that asks for it, and is no mesh. All of them read annotations and no label.
fn injected(observed: &Observed) -> Vec<Signal> {
    let annotations = &observed.workload.template.metadata.annotations;
    let of_pod = format!("{}.annotations", observed.workload.key.kind.pod_metadata_path());
    let mut found = Vec::new();
    for Injector { asked, by_namespace } in INJECTORS {
        let said = annotations.get(*asked).map(|value| (&*of_pod, value));
        // An empty word of the Pod leaves it to its namespace.
        let said = said.filter(|(_, value)| !by_namespace || !value.is_empty());
        let of_namespace = || {
            let namespace = namespace(observed).filter(|_| *by_namespace)?;
            Some(("Namespace metadata.annotations", namespace.annotations.get(*asked)?))
        };
        let Some((at, value)) = said.or_else(of_namespace).filter(|(_, value)| !is_off(value)) else {
            continue;
        };
        // Vault's agent may have done its work before the others begin.
        let ends = *asked == VAULT && annotations.get(BEFORE_ALONE).is_some_and(|said| !is_off(said));
        let what = if ends { Trait::InitContainer } else { Trait::Sidecar };
        found.push(Signal { what, field: format!("{at}[{asked}]"), value: first_line(value) });
        found.push(Signal {
            what: Trait::Feature,
            field: "container by a webhook".to_owned(),
            value: (*asked).to_owned(),
        });
    }
    found
}

fn namespace(observed: &Observed) -> Option<&Neighbour> {
    observed.neighbours.iter().map(|near| &**near).find(|near| matches!(near.what, What::Namespace))
}

/// A label of the Pod, or an annotation, with the side that it stands on.
fn pod_says<'a>(observed: &'a Observed, name: &str) -> Option<(&'static str, &'a str)> {
    let template = &observed.workload.template.metadata;
    let label = template.labels.get(name).map(|value| ("labels", value.as_str()));
    label.or_else(|| template.annotations.get(name).map(|value| ("annotations", value.as_str())))
}

/// All the ways in which they let a Pod stay out.
fn is_off(value: &str) -> bool {
    const OFF: &[&str] = &["", "false", "f", "disabled", "none", "no", "n", "off", "0"];
    OFF.iter().any(|off| value.trim().eq_ignore_ascii_case(off))
}

/// Some are documents of their own.
fn first_line(value: &str) -> String {
    value.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("set").to_owned()
}

/// What a namespace is labelled with, and the value that counts where not every one does.
type Switch = (&'static str, Option<&'static str>);

/// How a Pod and its namespace ask for a mesh, and how annotations that set up a Pod's proxy begin.
struct Mesh {
    asked: &'static str,
    in_namespace: &'static [Switch],
    settings: &'static [&'static str],
}

const MESHES: &[Mesh] = &[
    Mesh {
        asked: "sidecar.istio.io/inject",
        in_namespace: &[("istio-injection", Some("enabled")), ("istio.io/rev", None)],
        settings: &["sidecar.istio.io/", "inject.istio.io/", "proxy.istio.io/"],
    },
    Mesh { asked: "istio.io/rev", in_namespace: &[], settings: &[] },
    Mesh {
        asked: "istio.io/dataplane-mode",
        in_namespace: &[("istio.io/dataplane-mode", Some("ambient"))],
        settings: &[],
    },
    Mesh {
        asked: "linkerd.io/inject",
        in_namespace: &[("linkerd.io/inject", Some("enabled"))],
        settings: &[],
    },
    Mesh {
        asked: "kuma.io/sidecar-injection",
        in_namespace: &[("kuma.io/sidecar-injection", Some("enabled"))],
        settings: &[],
    },
    Mesh { asked: "consul.hashicorp.com/connect-inject", in_namespace: &[], settings: &[] },
];

/// What manifests say that are to run with a proxy and without one: that there is one, it doesn't tell.
const PRECAUTIONS: &[&str] = &["sidecar.istio.io/rewriteAppHTTPProbers"];

/// None of those that a Pod can still be in.
const APP_MESH: Mesh = Mesh {
    asked: "appmesh.k8s.aws/sidecarInjectorWebhook",
    in_namespace: &[("appmesh.k8s.aws/sidecarInjectorWebhook", Some("enabled"))],
    settings: &[],
};

/// How a Pod asks for a container beside its own, and whether its namespace may ask for all of its Pods.
struct Injector {
    asked: &'static str,
    by_namespace: bool,
}

/// Dapr's, Vault's and that of OpenTelemetry's operator.
const INJECTORS: &[Injector] = &[
    Injector { asked: "dapr.io/enabled", by_namespace: false },
    Injector { asked: VAULT, by_namespace: false },
    Injector { asked: "sidecar.opentelemetry.io/inject", by_namespace: true },
];
const VAULT: &str = "vault.hashicorp.com/agent-inject";
const BEFORE_ALONE: &str = "vault.hashicorp.com/agent-pre-populate-only";

fn says<'a>(neighbour: &'a Neighbour, name: &str) -> Option<(&'static str, &'a str)> {
    let label = neighbour.labels.get(name).map(|value| ("labels", value.as_str()));
    label.or_else(|| neighbour.annotations.get(name).map(|value| ("annotations", value.as_str())))
}
