//! ECI014: nodes of a type whose price says less than others' do.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::{
        Effect,
        targets::instances::{self, Pinned},
    },
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI014",
    name: "price-of-pinned-nodes",
    effect: Effect::Notes,
    targets: &[Target::ECSManagedInstances, Target::ECSOnEC2, Target::EKSAutoMode, Target::EKSNodes],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "The instance type or family that a node selector or a required affinity names, against the price list.",
        matters: "A burstable instance such as t3 is cheap for a part of its vCPU; what runs beyond that all day is \
                  billed on top (Amazon EC2 user guide, burstable performance instances, unlimited mode), and that isn't \
                  in the cost. A type without a listed price is reckoned as one for general use.",
        todo: "Look at the credits that the nodes use, or add the instance to a price book (--prices). Ask first whether \
               the type is needed.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {node.kubernetes.io/instance-type: t3.medium}
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {node.kubernetes.io/instance-type: m7i.xlarge}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::InstanceType)?;
    let because = match instances::pinned(evidence, catalog)? {
        Pinned::Listed => return None,
        Pinned::Burstable => "its price leaves out extra credits",
        Pinned::Unlisted => "without a listed price another's stands in",
    };
    Some(Found::notes(&signal.field, &signal.value, because))
}
