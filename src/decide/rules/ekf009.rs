//! EKF009: placement rules that EKS on Fargate ignores.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKF009",
    name: "placement-on-eks-fargate",
    effect: Effect::Notes,
    targets: &[Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Topology spread constraints and affinity.",
        matters: "Each Pod has a node of its own there, so that neither has an effect (Amazon EKS user \
                  guide, Fargate profiles); Pods are spread over the profile's subnets.",
        todo: "If they spread copies over zones, subnets in several zones do as much. If they keep Pods \
               together, use nodes.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}]
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
    let signal = host::any(evidence, &[Trait::TopologySpread, Trait::Affinity])?;
    Some(Found::notes(&signal.field, &signal.value, "EKS on Fargate ignores it"))
}
