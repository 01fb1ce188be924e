//! LMB015: containers beside the main one, and a mesh's proxy.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "LMB015",
    name: "sidecars-on-lambda",
    effect: Effect::Excludes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "More than one container, an init container that keeps running, or a mesh's proxy: written \
                 in the Pod, or injected because of a label or an annotation on it or on its namespace. So are the \
                 sidecars of Dapr and of Vault's agent, for an annotation of the Pod's, and that of OpenTelemetry's operator, for one \
                 of its namespace's too.",
        matters: "A function is one image with one handler (AWS Lambda developer guide). What runs beside \
                  it has to be rebuilt as an extension, and a function is no member of a mesh.",
        todo: "If the sidecar only ships logs or metrics, Lambda does that itself and it can go.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - {name: web, image: web}
        - {name: log-shipper, image: fluent-bit}
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers: [{name: migrate, image: migrate}]
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = host::any(evidence, &[Trait::Sidecar, Trait::NativeSidecar, Trait::Mesh])?;
    Some(Found::excluded_by(signal, "a function is one container"))
}
