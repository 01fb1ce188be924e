//! EKS020: what serves the cluster itself has no work outside of it.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS020",
    name: "serves-the-cluster",
    effect: Effect::Excludes,
    targets: Target::OUTSIDE_KUBERNETES,
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "The images of all containers, by the end of their paths in whatever registry (ingress controllers, network and \
                 storage drivers, autoscalers, cert-manager, external-dns, policy engines, operators), and namespaces of \
                 Kubernetes itself or named after what is installed into them. A name without its organisation or registry, \
                 such as snapshot-controller, counts in one of the classes system-cluster-critical and system-node-critical \
                 alone. One container that isn't known makes it a team's, unless it's a usual companion, such as a mesh's proxy. \
                 DaemonSets don't count: nodes tie them.",
        matters: "A controller reads and writes objects of its cluster: with the cluster its work goes. So it is counted as the \
                  platform's own: it bears no share of the platform's cost, whose hours contain its care, and isn't asked to move. \
                  The name of an image or of a namespace is an inference, and so an open question.",
        todo: "Nothing, if it's what its name says. What serves a team belongs in a namespace of the team's, under a name of its \
               own: then it's judged by its other traits, and bears a share.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress-nginx-controller}
spec:
  template:
    spec:
      containers: [{name: controller, image: 'registry.k8s.io/ingress-nginx/controller:v1.14.0'}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: oauth2-proxy, namespace: kube-system}
spec:
  template: {spec: {containers: [{name: proxy, image: quay.io/oauth2-proxy/oauth2-proxy}]}}
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: controller, namespace: shop}
spec:
  template: {spec: {containers: [{name: controller, image: example/snapshot-controller}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers: [{name: dns, image: coredns/coredns}, {name: web, image: example/web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::AddOn)?;
    let because = if signal.field == "metadata.namespace" {
        "inferred: the platform's own, with no share of its cost and no work elsewhere"
    } else {
        "inferred: no work elsewhere"
    };
    Some(Found::excluded_by(signal, because))
}
