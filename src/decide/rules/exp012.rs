//! EXP012: TLS that the container ends itself, on Express Mode.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EXP012",
    name: "tls-of-its-own-on-express",
    effect: Effect::Notes,
    targets: &[Target::ECSExpress],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A probe with scheme: HTTPS, and alb.ingress.kubernetes.io/backend-protocol: HTTPS.",
        matters: "Express Mode ends TLS at its load balancer, with a certificate of its own making, and its API asks for a port and a path of \
                  health checks, not for a protocol (Amazon ECS API reference, CreateExpressGatewayService, ManagedTargetGroup). That it \
                  leads on by plain HTTP no text of AWS says, but nothing can be said otherwise.",
        todo: "Let the container speak HTTP. If it has to be encrypted up to there, use a plain service with a target group of HTTPS.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, ports: [{name: https, containerPort: 8443}], readinessProbe: {httpGet: {path: /, port: 8443, scheme: HTTPS}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}], readinessProbe: {httpGet: {path: /, port: 8080}}}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::OwnTls)?;
    Some(Found::notes(&signal.field, &signal.value, "Express Mode ends TLS itself: let it speak HTTP"))
}
