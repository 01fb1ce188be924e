//! FGT019: local disks, which only instances have.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT019",
    name: "local-disk-on-fargate",
    effect: Effect::Excludes,
    targets: &[Target::Lambda, Target::ECSExpress, Target::ECSFargate, Target::AppRunner, Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A node selector, or a required affinity, for nodes with local NVMe disks (instance-local- \
                 nvme of Karpenter or Auto Mode).",
        matters: "Local NVMe disks belong to an instance (Amazon EC2 user guide, instance store). The \
                  ephemeral storage of Fargate is a volume over the network, of at most 200 GiB (Amazon ECS \
                  developer guide, ephemeral storage). The instances that the cost counts here have such \
                  disks.",
        todo: "Measure whether the ephemeral disk of a task is fast enough. If it is, drop the selector.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {karpenter.k8s.aws/instance-local-nvme: '900'}
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
    let signal = evidence.signal(Trait::LocalDisk)?;
    Some(Found::excluded_by(signal, "only instances have local NVMe disks"))
}
