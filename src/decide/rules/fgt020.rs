//! FGT020: nodes with accelerators, and no request for one.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::{Effect, targets::instances},
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "FGT020",
    name: "accelerated-nodes",
    effect: Effect::NeedsAnswer,
    targets: &[Target::Lambda, Target::ECSExpress, Target::ECSFargate, Target::AppRunner, Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A node selector, or a required affinity, for a GPU, its memory, or an instance type that has \
                 an accelerator, where no container asks for one.",
        matters: "A container sees all GPUs of its node where the runtime gives them to it unasked, as with \
                  NVIDIA_VISIBLE_DEVICES (NVIDIA container toolkit). Then it needs what neither Fargate nor \
                  Lambda has (Amazon ECS developer guide, Fargate task definitions). Or the selector is a \
                  leftover.",
        todo: "Ask for the GPU by its count (nvidia.com/gpu) if it uses one; else drop the selector.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {node.kubernetes.io/instance-type: g5.xlarge}
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
    let signal = instances::accelerated_nodes(evidence, catalog)?;
    Some(Found::asks(&signal.field, &signal.value, "if it uses a GPU, ask for it by nvidia.com/gpu"))
}
