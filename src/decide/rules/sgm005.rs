//! SGM005: what an endpoint has no place for beside its container.

use super::{Docs, Found, Reads, Rule, claims, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Storage, Trait},
};

pub const RULE: Rule = Rule {
    code: "SGM005",
    name: "one-container-on-an-endpoint",
    effect: Effect::Excludes,
    targets: &[Target::SageMaker],
    since: "0.1.0",
    reads: Reads::STORAGE,
    docs: Docs {
        checks: "Sidecars of both sorts and a mesh's proxy; and, for what serves, claims of file systems, \
                 volumes that are made for the Pod, and EFA. Several ports that clients reach are asked about.",
        matters: "An endpoint starts one container for a model, without a Pod around it, calls its one port, \
                  and mounts no file system: the model comes from S3 or in the image (Amazon SageMaker \
                  developer guide, inference code, and deploying models). The several containers that an \
                  endpoint may have are models of their own, called one by one or in turn. A training job may \
                  mount EFS and FSx, and may use EFA.",
        todo: "Put the model into S3, and what the sidecar does into the image or to CloudWatch. Else serve \
               it from ECS or from nodes.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: infer}
spec:
  template:
    spec:
      containers:
      - {name: infer, image: vllm/vllm-openai:v0.11.0, ports: [{name: http, containerPort: 8000}]}
      - {name: proxy, image: envoyproxy/envoy}
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: infer}
spec:
  template:
    spec:
      containers:
      - {name: infer, image: vllm/vllm-openai:v0.11.0, ports: [{name: http, containerPort: 8000}]}
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    if let Some(signal) = host::any(evidence, &[Trait::Sidecar, Trait::NativeSidecar, Trait::Mesh]) {
        return Some(Found::excluded_by(signal, "SageMaker starts one container for a model"));
    }
    if evidence.ends() {
        return None;
    }
    if let Some(known) = claims::on(evidence, &[Storage::Shared, Storage::Bucket]) {
        return Some(Found::excludes(&known.at, claims::describe(known.value), "an endpoint mounts nothing"));
    }
    if let Some(signal) = host::any(evidence, &[Trait::ScratchVolume, Trait::Efa]) {
        return Some(Found::excluded_by(signal, "a SageMaker endpoint has no place for it"));
    }
    let signal = evidence.signal(Trait::ManyPorts)?;
    Some(Found::asks(&signal.field, &signal.value, "an endpoint has one port: do clients need the others"))
}
