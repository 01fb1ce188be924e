//! EXP011: a mesh, on Express Mode.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EXP011",
    name: "mesh-on-express",
    effect: Effect::Excludes,
    targets: &[Target::ECSExpress],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A mesh's proxy, written in the Pod or injected because of a label or an annotation on it or on its namespace.",
        matters: "An Express service is one container behind a load balancer that it shares, and its own API has no Service Connect (Amazon ECS \
                  API reference, CreateExpressGatewayService). Nothing of what a mesh does is there.",
        todo: "Find out what the mesh does for this workload: FGT012 asks. If it is nothing, take its Pods out of it.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {sidecar.istio.io/inject: 'true'}}
    spec:
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {sidecar.istio.io/inject: 'false'}}
    spec:
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Mesh)?;
    Some(Found::excluded_by(signal, "Express Mode has no mesh and no Service Connect"))
}
