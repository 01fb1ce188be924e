//! LMB017: ports that don't speak HTTP.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Fact, Protocol},
};

pub const RULE: Rule = Rule {
    code: "LMB017",
    name: "not-http-on-lambda",
    effect: Effect::Excludes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::PROTOCOLS,
    docs: Docs {
        checks: "What the workload's ports speak, as far as names, Services, probes and images tell. A port \
                 that nothing tells about is asked about.",
        matters: "Requests reach a function through a function URL, API Gateway or a load balancer, all of \
                  them HTTP (AWS Lambda developer guide, invoking over HTTP). There is no socket to connect \
                  to.",
        todo: "Name the port after what it speaks (http, grpc, tcp-…) or give the Service's port an \
               appProtocol.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway}
spec:
  template:
    spec:
      containers: [{name: gateway, image: gateway, ports: [{name: mqtt, containerPort: 1883}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway}
spec:
  template:
    spec:
      containers: [{name: gateway, image: gateway, ports: [{name: http, containerPort: 8080}]}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    if let Some(known) = evidence.speaks(Protocol::Other) {
        return Some(Found::excludes(&known.at, "not HTTP", "nothing but HTTP reaches a function"));
    }
    evidence.protocols.iter().any(Fact::is_unknown).then(|| {
        Found::asks(
            "port protocol",
            "unknown",
            "only HTTP reaches a function: name the port after what it speaks",
        )
    })
}
