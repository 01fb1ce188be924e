//! WRK016: App Mesh, which AWS has ended.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "WRK016",
    name: "app-mesh",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "appmesh.k8s.aws/sidecarInjectorWebhook: enabled, as an annotation of the Pod or a label of its namespace.",
        matters: "After its last day nobody reaches App Mesh's console or its resources any more (AWS App Mesh user guide, end of \
                  support). A proxy that its injector still adds learns of no mesh, so that this ties the workload to nothing. AWS points \
                  those on ECS to Service Connect, and those on EKS to VPC Lattice (AWS Containers blog).",
        todo: "Take the annotation and the label away, and its controller out of the cluster. Where calls were encrypted or \
               retried by the mesh, see that something does it still.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {annotations: {appmesh.k8s.aws/sidecarInjectorWebhook: enabled}}
    spec:
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {annotations: {appmesh.k8s.aws/sidecarInjectorWebhook: disabled}}
    spec:
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::EndedMesh)?;
    let ended = &catalog.ended.app_mesh;
    // Its field is long, and the whole has to fit.
    let because = format!("App Mesh ended {}: {}", ended.last, ended.instead);
    Some(Found::notes(&signal.field, &signal.value, because))
}
