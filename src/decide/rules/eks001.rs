//! EKS001: a workload that calls the Kubernetes API belongs in the cluster.

use super::{Docs, Found, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS001",
    name: "calls-the-kubernetes-api",
    effect: Effect::Excludes,
    targets: Target::OUTSIDE_KUBERNETES,
    since: "0.1.0",
    docs: Docs {
        checks: "A Role or ClusterRole bound to the workload's ServiceAccount: by name, through a group such as \
                 system:serviceaccounts:NAMESPACE, or by a binding in another namespace.",
        matters: "What reads or writes Kubernetes objects has no work outside a cluster. A ServiceAccount with \
                  nothing bound to it ties nobody to Kubernetes, nor do the bindings that every API server \
                  makes for itself.",
        todo: "If the role is a leftover, remove the binding; then the workload is judged by its other traits.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: controller, namespace: tools}
spec:
  template: {spec: {serviceAccountName: controller, containers: [{name: controller, image: controller}]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: controller}
roleRef: {kind: ClusterRole, name: controller}
subjects: [{kind: ServiceAccount, name: controller, namespace: tools}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: tools}
spec:
  template: {spec: {serviceAccountName: web, containers: [{name: web, image: web}]}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: tools}
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::KubernetesApi)?;
    Some(Found::excluded_by(signal, "it calls the Kubernetes API"))
}
