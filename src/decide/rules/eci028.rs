//! ECI028: machines of one's own, whose price isn't EC2's.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI028",
    name: "hybrid-nodes-not-in-the-price",
    effect: Effect::Notes,
    targets: &[Target::EKSNodes],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A node selector or a required node affinity by which only hybrid nodes will do.",
        matters: "What the machines cost is known to whoever owns them, and EKS charges for the vCPU of those that are joined (Amazon EKS \
                  pricing). The price here is that of instances of EC2, so that it is marked as unconfirmed.",
        todo: "Take the machines' own cost in its place before comparing.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {eks.amazonaws.com/compute-type: hybrid}
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {eks.amazonaws.com/compute-type: auto}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::HybridNode)?;
    Some(Found::notes(&signal.field, &signal.value, "the price is EC2's, not that of these machines"))
}
