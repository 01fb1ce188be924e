//! SGM004: what comes in: a SageMaker endpoint answers over HTTP.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Protocol},
};

pub const RULE: Rule = Rule {
    code: "SGM004",
    name: "sagemaker-answers-over-http",
    effect: Effect::Excludes,
    targets: &[Target::SageMaker],
    since: "0.1.0",
    reads: Reads::PROTOCOLS,
    docs: Docs {
        checks: "What the workload's ports speak: gRPC, WebSocket and anything else that isn't HTTP exclude, and are asked about \
                 beside a port of HTTP.",
        matters: "Clients call an endpoint through InvokeEndpoint over HTTPS, and SageMaker passes each request \
                  to the container's /invocations (Amazon SageMaker developer guide, inference code). Whoever \
                  speaks gRPC to a model server would have to be changed. Servers such as Triton, for which SageMaker has containers, \
                  answer the same over HTTP (Amazon SageMaker developer guide, model deployment with Triton).",
        todo: "If the server answers over HTTP as well and all clients can use that, drop the other port here \
               first.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: infer}
spec:
  template:
    spec:
      containers: [{name: infer, image: tensorflow/serving, ports: [{name: grpc, containerPort: 8500}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: infer}
spec:
  template:
    spec:
      containers: [{name: infer, image: tensorflow/serving, ports: [{name: http, containerPort: 8501}]}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let others =
        [(Protocol::Grpc, "gRPC"), (Protocol::WebSocket, "WebSocket"), (Protocol::Other, "not HTTP")];
    others.into_iter().find_map(|(protocol, name)| {
        let known = evidence.speaks(protocol)?;
        if evidence.speaks(Protocol::Http).is_some() {
            return Some(Found::asks(&known.at, name, "an endpoint answers over HTTP alone: do all clients use that"));
        }
        Some(Found::excludes(&known.at, name, "a SageMaker endpoint answers over HTTP"))
    })
}
