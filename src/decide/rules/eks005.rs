//! EKS005: what the API server calls belongs in its cluster.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS005",
    name: "called-by-the-api-server",
    effect: Effect::Excludes,
    targets: Target::OUTSIDE_KUBERNETES,
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A ValidatingWebhookConfiguration, a MutatingWebhookConfiguration or an APIService that names a \
                 Service whose selector matches the workload's Pods.",
        matters: "The API server calls such a Service for each object that it admits, or for each request to the \
                  API that it adds (Kubernetes documentation, dynamic admission control and API aggregation). \
                  Without a cluster there is nobody to call it, and outside one the whole API waits for it.",
        todo: "If the registration is a leftover, delete it: a webhook that is gone can block a cluster.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: hook, namespace: tools}
spec:
  template:
    metadata: {labels: {app: hook}}
    spec: {containers: [{name: hook, image: hook}]}
---
apiVersion: v1
kind: Service
metadata: {name: hook, namespace: tools}
spec: {selector: {app: hook}, ports: [{port: 443, targetPort: 8443}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: hook}
webhooks: [{name: hook.example.com, clientConfig: {service: {namespace: tools, name: hook}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: hook, namespace: tools}
spec:
  template:
    metadata: {labels: {app: hook}}
    spec: {containers: [{name: hook, image: hook}]}
---
apiVersion: v1
kind: Service
metadata: {name: hook, namespace: tools}
spec: {selector: {app: hook}, ports: [{port: 443, targetPort: 8443}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: hook}
webhooks: [{name: hook.example.com, clientConfig: {url: 'https://hooks.example.com/admit'}}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::CalledByKubernetes)?;
    Some(Found::excluded_by(signal, "the API server calls it"))
}
