//! FGT013: Spot capacity of Fargate.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::trim,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT013",
    name: "fargate-spot",
    effect: Effect::Notes,
    targets: &[Target::ECSFargate, Target::Batch],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A node selector, or a required affinity, for Spot capacity.",
        matters: "Fargate Spot runs Linux tasks for up to 70% less, with a warning of two minutes before it takes one away (AWS \
                  Fargate pricing, Spot). How much less changes: only the least that it can cost is lower here.",
        todo: "Use a capacity provider with FARGATE_SPOT, and a base on FARGATE for what must not stop.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {karpenter.sh/capacity-type: spot}
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {karpenter.sh/capacity-type: on-demand}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Spot)?;
    if evidence.signal(Trait::Windows).is_some() {
        return Some(Found::notes(&signal.field, &signal.value, "Fargate Spot runs no Windows: the price is on-demand"));
    }
    let most = trim(catalog.prices.fargate.spot_discount_most.value);
    Some(Found::notes(&signal.field, &signal.value, format!("the lower end of a cost is Spot's, up to {most}% less")))
}
