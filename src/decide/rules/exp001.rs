//! EXP001: what comes in: Express Mode serves HTTP.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Fact, Protocol},
};

pub const RULE: Rule = Rule {
    code: "EXP001",
    name: "express-serves-http",
    effect: Effect::Excludes,
    targets: &[Target::ECSExpress],
    since: "0.1.0",
    reads: Reads::PROTOCOLS,
    docs: Docs {
        checks: "What the workload's ports speak. No port at all, gRPC and anything that isn't HTTP \
                 exclude; a port that nothing tells about is asked about; one that looks like HTTP is \
                 accepted.",
        matters: "An Express Mode service is a web application: a task behind an HTTPS listener and its \
                  target group (Amazon ECS developer guide, resources created by Express Mode).",
        todo: "Run workers and other protocols as plain ECS services on Fargate. If the port does speak \
               HTTP, name it http.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  template:
    spec:
      containers: [{name: worker, image: worker}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    if evidence.protocols.is_empty() {
        return Some(Found::excludes("containers[*].ports", "none for clients", "Express Mode serves HTTP requests"));
    }
    for (protocol, name) in [(Protocol::Grpc, "gRPC"), (Protocol::Other, "not HTTP")] {
        if let Some(known) = evidence.speaks(protocol) {
            return Some(Found::excludes(&known.at, name, "Express Mode serves HTTP only"));
        }
    }
    evidence.protocols.iter().any(Fact::is_unknown).then(|| {
        Found::asks(
            "port protocol",
            "unknown",
            "Express Mode serves HTTP only: name the port after what it speaks",
        )
    })
}
