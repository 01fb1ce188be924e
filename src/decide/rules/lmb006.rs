//! LMB006: gRPC, which no front door of Lambda carries.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Protocol},
};

pub const RULE: Rule = Rule {
    code: "LMB006",
    name: "grpc-on-lambda",
    effect: Effect::Excludes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::PROTOCOLS,
    docs: Docs {
        checks: "A port that speaks gRPC, by its name, by a Service's appProtocol or by a gRPC probe.",
        matters: "gRPC ends each answer with HTTP/2 trailers. A function URL, API Gateway and a load \
                  balancer's Lambda target pass an event in and one answer out, without them (AWS Lambda \
                  developer guide, invoking over HTTP).",
        todo: "Keep gRPC in containers. If only browsers call it, gRPC-Web or JSON in its place would fit.",
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
    let known = evidence.speaks(Protocol::Grpc)?;
    Some(Found::excludes(&known.at, "gRPC", "no front door of Lambda carries HTTP/2 trailers"))
}
