//! ECI008: Spot capacity of EC2, of which only the most that it saves is known.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::trim,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI008",
    name: "spot-on-ec2",
    effect: Effect::Notes,
    targets: &[Target::ECSManagedInstances, Target::ECSOnEC2, Target::EKSAutoMode, Target::EKSNodes],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A node selector, or a required affinity, for Spot capacity.",
        matters: "Spot prices of EC2 change by the hour and differ by zone; the price list has on-demand prices only (Amazon EC2 \
                  user guide, Spot Instances). AWS says that Spot costs up to 90% less: only the least that it can cost is lower \
                  here.",
        todo: "If you know what you pay, write it into a price book (--prices): the price of the instances, and 0 as \
               ec2.spotDiscountMost.",
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
    let most = trim(catalog.prices.ec2.spot_discount_most.value);
    Some(Found::notes(&signal.field, &signal.value, format!("the lower end of a cost is Spot's, up to {most}% less")))
}
