//! What the workload uses of Kubernetes beyond Deployment and Service, and what ties it to the Kubernetes API.

use crate::{
    facts::{Signal, Trait},
    observe::{
        Kind, Observed,
        neighbour::{Neighbour, What},
    },
};

pub fn signals(observed: &Observed) -> Vec<Signal> {
    let workload = &observed.workload;
    let mut found = Vec::new();
    let mut add = |what, field: String, value: String| found.push(Signal { what, field, value });
    for neighbour in &observed.neighbours {
        let named = format!("{} {}", neighbour.what.kind(), neighbour.name);
        match &neighbour.what {
            What::Autoscaler(_) | What::DisruptionBudget(_) | What::NetworkPolicy(_) | What::Ingress(_) => {
                add(Trait::Feature, neighbour.what.kind().to_owned(), neighbour.name.clone());
            }
            What::Service(service) if service.type_.as_deref() == Some("NodePort") => {
                add(Trait::NodePort, format!("{named} spec.type"), "NodePort".to_owned());
            }
            What::Binding(_) if calls_the_api(observed) => {
                let account = workload.service_account();
                let field = format!("{}.serviceAccountName", workload.key.kind.pod_path());
                add(Trait::KubernetesApi, field, format!("{account}, bound by {named}"));
            }
            _ => {}
        }
    }
    if let Some((field, value)) = mesh(observed) {
        add(Trait::Mesh, field, value);
    }
    if workload.key.kind != Kind::Deployment {
        add(Trait::Feature, "kind".to_owned(), workload.key.kind.name().to_owned());
    }
    found
}

/// Without a token in the Pod, no role bound to its account is of any use to it.
fn calls_the_api(observed: &Observed) -> bool {
    observed.workload.template.spec.automount_service_account_token != Some(false)
}

/// A proxy that the mesh will inject counts as much as one that is written.
fn mesh(observed: &Observed) -> Option<(String, String)> {
    let workload = &observed.workload;
    let template = &workload.template.metadata;
    let template_path = workload.key.kind.pod_path().trim_end_matches(".spec");
    let namespace = observed.neighbours.iter().find(|neighbour| matches!(neighbour.what, What::Namespace));
    let off = |value: &str| matches!(value, "false" | "disabled" | "none");
    let pod_says = |name: &str| {
        template
            .labels
            .get(name)
            .map(|value| ("labels", value))
            .or_else(|| template.annotations.get(name).map(|value| ("annotations", value)))
    };
    for (name, in_namespace) in MESHES {
        if let Some((side, value)) = pod_says(name) {
            // The Pod's own word is the last one, whatever its namespace says.
            if off(value) {
                continue;
            }
            return Some((format!("{template_path}.metadata.{side}[{name}]"), value.clone()));
        }
        for (label, on) in *in_namespace {
            let value =
                namespace.and_then(|ns| says(ns, label)).filter(|value| on.is_none_or(|on| *value == on));
            if let Some(value) = value {
                return Some((format!("Namespace metadata[{label}]"), value.to_owned()));
            }
        }
    }
    None
}

/// What a namespace is labelled with, and the value that counts where not every one does.
type Switch = (&'static str, Option<&'static str>);

/// How a Pod and its namespace ask for each mesh.
const MESHES: &[(&str, &[Switch])] = &[
    ("sidecar.istio.io/inject", &[("istio-injection", Some("enabled")), ("istio.io/rev", None)]),
    ("istio.io/rev", &[]),
    ("istio.io/dataplane-mode", &[("istio.io/dataplane-mode", Some("ambient"))]),
    ("linkerd.io/inject", &[("linkerd.io/inject", Some("enabled"))]),
    ("kuma.io/sidecar-injection", &[("kuma.io/sidecar-injection", Some("enabled"))]),
];

fn says<'a>(neighbour: &'a Neighbour, name: &str) -> Option<&'a str> {
    neighbour.labels.get(name).or_else(|| neighbour.annotations.get(name)).map(String::as_str)
}
