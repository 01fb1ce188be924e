//! ECI011: a claimed device, which no price list can tell.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI011",
    name: "claimed-device-not-in-the-price",
    effect: Effect::Notes,
    targets: &[Target::EKSNodes],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "resourceClaims of dynamic resource allocation, and requests for what a device plugin hands out under a name \
                 that nobody else knows.",
        matters: "Which device a claim gets is decided by its class and by what a driver offers on the cluster \
                  (Kubernetes documentation, Dynamic Resource Allocation), and what a device plugin counts, by its name alone. The price here is that of CPU and memory: \
                  with a GPU it is many times as much, so that it is marked as unconfirmed.",
        todo: "Ask for the GPU by its count (nvidia.com/gpu) to see what it costs.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      resourceClaims: [{name: gpu, resourceClaimTemplateName: gpu}]
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = host::any(evidence, &[Trait::ResourceClaim, Trait::PluginResource])?;
    Some(Found::notes(&signal.field, &signal.value, "the price leaves out the device that it claims"))
}
