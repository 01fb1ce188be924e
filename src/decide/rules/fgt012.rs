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
    effect: Effect::NeedsAnswer,
    targets: &[Target::ECSFargate, Target::ECSManagedInstances, Target::ECSOnEC2, Target::Batch],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A mesh's proxy, written in the Pod or injected because of a label or an annotation on it or on its \
                 namespace. An annotation that only sets up the proxy, such as sidecar.istio.io/proxyCPU, tells of one too.",
        matters: "ECS and Batch run no Istio, Linkerd, Kuma or Consul on Kubernetes. Service Connect finds and balances services, with \
                  retries, encryption and telemetry (Amazon ECS developer guide, Service Connect); policies between \
                  services and routes by header or by weight are the mesh's alone, and a reason for Kubernetes. Which of them it uses \
                  stands in the mesh's own objects: so it is asked. A job of Batch has no Service Connect either: it makes plain calls.",
        todo: "List what the mesh does for this workload. If it is encryption and retries, Service Connect \
               does them: take its Pods out of the mesh once nobody there refuses plain calls, and it is judged by its other \
               traits.",
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
    // Service Connect is for services, and a job is none.
    let question = match evidence.ends() {
        true => "does it do without the mesh",
        false => "is Service Connect enough in place of the mesh",
    };
    Some(Found::asks(&signal.field, &signal.value, question))
}
