//! EKF007: local disk against what a Pod of EKS on Fargate has.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::{trim, write_gib},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "EKF007",
    name: "disk-over-eks-fargate",
    effect: Effect::Excludes,
    targets: &[Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "The ephemeral storage that one copy asks for.",
        matters: "A Pod has 20 GiB of ephemeral storage and at most 175 GiB (Amazon EKS user guide, Fargate \
                  Pod configuration).",
        todo: "Keep the data in S3 or EFS, or use nodes with disks of their own.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: Job
metadata: {name: index}
spec:
  template:
    spec:
      containers: [{name: index, image: index, resources: {requests: {ephemeral-storage: 180Gi}}}]
",
    silent: "
apiVersion: batch/v1
kind: Job
metadata: {name: index}
spec:
  template:
    spec:
      containers: [{name: index, image: index, resources: {requests: {ephemeral-storage: 100Gi}}}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let known = evidence.disk.get()?;
    let limit = catalog.limits.eks_fargate.disk.value;
    (known.value > limit).then(|| {
        let because = format!("a Pod of EKS on Fargate has at most {} GiB", trim(limit));
        Found::excludes(&known.at, write_gib(known.value), because)
    })
}
