//! FGT012: a mesh, which ECS has its own of.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT012",
    name: "mesh-on-ecs",
    effect: Effect::Notes,
    targets: &[Target::ECSFargate, Target::ECSExpress, Target::ECSManagedInstances, Target::ECSOnEC2],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A mesh's proxy, written in the Pod or injected because of a label on it or on its \
                 namespace.",
        matters: "ECS runs no Istio, Linkerd or Kuma. Service Connect finds and balances services, with \
                  retries and telemetry (Amazon ECS developer guide, Service Connect); policies between \
                  services and routes by header are the mesh's alone.",
        todo: "List what the mesh does for this workload. If it is encryption and retries, Service Connect \
               does them.",
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
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {sidecar.istio.io/inject: 'false'}}
    spec:
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Mesh)?;
    Some(Found::notes(&signal.field, &signal.value, "ECS has Service Connect in its place"))
}
