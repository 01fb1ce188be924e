//! EKS001: a workload that calls the Kubernetes API belongs in the cluster.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Signal, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS001",
    name: "calls-the-kubernetes-api",
    effect: Effect::Excludes,
    targets: Target::OUTSIDE_KUBERNETES,
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A Role or ClusterRole bound to the workload's ServiceAccount: by name, through a group such as \
                 system:serviceaccounts:NAMESPACE, or by a binding in another namespace. Roles that let it only find \
                 the API or use a policy don't count, nor does any where its Pods get no token.",
        matters: "What reads or writes Kubernetes objects has no work outside a cluster. A ServiceAccount with \
                  nothing bound to it ties nobody to Kubernetes, nor do the bindings that every API server \
                  makes for itself. A binding to a group, or to the account that Pods have by default, had nobody \
                  in mind, and one to an account whose namespace is left out may mean another: it is an \
                  inference, and so an open question.",
        todo: "If the role is a leftover, remove the binding; if the workload never calls the API, set \
               automountServiceAccountToken: false. Then it is judged by its other traits.",
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
    if let Some(signal) = evidence.signal(Trait::KubernetesApi) {
        return Some(match evidence.signal(Trait::Controller) {
            Some(Signal { value: group, .. }) => {
                Found::excluded_by(signal, format!("it is a controller of {group}"))
            }
            None => Found::excluded_by(signal, "it calls the Kubernetes API"),
        });
    }
    let signal = evidence.signal(Trait::MayCallKubernetes)?;
    Some(Found::excluded_by(signal, "inferred: it may call the Kubernetes API"))
}
