//! EKS008: copies that others call by name.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS008",
    name: "copies-with-names",
    effect: Effect::Excludes,
    targets: Target::OUTSIDE_KUBERNETES,
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A StatefulSet of several copies with a Service that gives each of them a name. One that publishes the \
                 addresses of copies that aren't ready is there for peers, and excludes; whether anybody uses the names \
                 of another isn't seen, and is asked.",
        matters: "Peers of a cluster, such as brokers and members of a quorum, find each other as name-0, \
                  name-1 and so on (Kubernetes documentation, StatefulSet, stable network ID; Service, publishNotReadyAddresses). ECS has Cloud \
                  Map and Service Connect, which name a service; no task of it keeps a number or a name \
                  (Amazon ECS developer guide, service discovery).",
        todo: "If nobody calls a copy by name, make it a Deployment: then it is judged by its other traits. \
               Else keep it, or ask whether a managed service should take its place.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: peers}
spec:
  serviceName: peers
  replicas: 3
  template:
    metadata: {labels: {app: peers}}
    spec:
      containers: [{name: peers, image: peers}]
---
apiVersion: v1
kind: Service
metadata: {name: peers}
spec: {clusterIP: None, publishNotReadyAddresses: true, selector: {app: peers}, ports: [{port: 7000}]}
",
    silent: "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: peers}
spec:
  serviceName: peers
  replicas: 1
  template:
    spec:
      containers: [{name: peers, image: peers}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    if let Some(signal) = evidence.signal(Trait::CalledByName) {
        return Some(Found::excluded_by(signal, "no task keeps a name of its own"));
    }
    let signal = evidence.signal(Trait::NamedCopies)?;
    Some(Found::asks(&signal.field, &signal.value, "no task keeps a name: does anybody call a copy by its own"))
}
