//! ARN002: what comes in: App Runner serves HTTP/1.1.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Fact, Protocol},
};

pub const RULE: Rule = Rule {
    code: "ARN002",
    name: "app-runner-serves-http",
    effect: Effect::Excludes,
    targets: &[Target::AppRunner],
    since: "0.1.0",
    reads: Reads::PROTOCOLS,
    docs: Docs {
        checks: "What the workload's ports speak. No port, gRPC, WebSocket and anything else that isn't \
                 HTTP exclude; a port that nothing tells about is asked about.",
        matters: "App Runner speaks HTTP/1.0 and 1.1 and holds no WebSocket (AWS App Runner developer guide).",
        todo: "Run other protocols as ECS services on Fargate. If the port does speak HTTP, name it http.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  template:
    spec:
      containers: [{name: cart, image: cart, ports: [{name: grpc, containerPort: 7070}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  template:
    spec:
      containers: [{name: cart, image: cart, ports: [{name: http, containerPort: 7070}]}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    if evidence.protocols.is_empty() {
        return Some(Found::excludes("containers[*].ports", "none for clients", "App Runner serves HTTP requests"));
    }
    let others =
        [(Protocol::Grpc, "gRPC"), (Protocol::WebSocket, "WebSocket"), (Protocol::Other, "not HTTP")];
    for (protocol, name) in others {
        if let Some(known) = evidence.speaks(protocol) {
            return Some(Found::excludes(&known.at, name, "App Runner serves HTTP/1.1 only"));
        }
    }
    evidence.protocols.iter().any(Fact::is_unknown).then(|| {
        Found::asks(
            "port protocol",
            "unknown",
            "App Runner serves HTTP only: name the port after what it speaks",
        )
    })
}
