//! EXP003: containers beside the main one, on Express Mode.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EXP003",
    name: "express-sidecars",
    effect: Effect::Notes,
    targets: &[Target::ECSExpress],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "More than one container, and init containers of both sorts: those that Dapr, Vault and \
                 OpenTelemetry's operator add to a Pod that asks for them among them, or whose namespace does, as OpenTelemetry's allows.",
        matters: "Express Mode's own API takes one container. Others are added to its task definition, \
                  outside of Express Mode (Amazon ECS developer guide, updating resources outside of \
                  Express Mode).",
        todo: "Keep the sidecar out if CloudWatch or Service Connect does its work; otherwise plan that \
               step, or use a plain service.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - {name: web, image: web, ports: [{name: http, containerPort: 8080}]}
        - {name: log-shipper, image: fluent-bit}
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
    let traits = [Trait::Sidecar, Trait::NativeSidecar, Trait::InitContainer];
    // What ends is no service of Express Mode at all.
    let signal = host::any(evidence, &traits).filter(|_| !evidence.ends())?;
    let because = "Express Mode takes one; add others to its task definition";
    Some(Found::notes(&signal.field, &signal.value, because))
}
