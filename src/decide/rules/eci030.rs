//! ECI030: a GPU that nothing names.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount,
    catalog::{Catalog, Target},
    decide::{Effect, targets::instances},
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "ECI030",
    name: "unnamed-gpu",
    effect: Effect::Notes,
    targets: &[
        Target::ECSManagedInstances,
        Target::ECSOnEC2,
        Target::EKSAutoMode,
        Target::EKSNodes,
        Target::Batch,
        Target::SageMaker,
    ],
    since: "0.1.0",
    reads: Reads::SIZE,
    docs: Docs {
        checks: "Whether anything tells which GPU a copy needs: a label or an instance type that its nodes are chosen by, the size \
                 of its model, or the nodes that it was seen on.",
        matters: "The price is of the cheapest listed instance that has as many GPUs and holds the rest. A GPU of another \
                  generation costs up to twenty times that (prices.instances), and a model that doesn't fit the memory of \
                  the cheapest needs one.",
        todo: "Choose nodes by node.kubernetes.io/instance-type, karpenter.k8s.aws/instance-gpu-name or nvidia.com/gpu.product; or \
               write the model's size into berth.dev/model-size.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {limits: {nvidia.com/gpu: 1}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {karpenter.k8s.aws/instance-gpu-name: a10g}
      containers: [{name: web, image: web, resources: {limits: {nvidia.com/gpu: 1}}}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let signal = instances::unnamed_gpu(evidence)?;
    let instance = instances::part(evidence, catalog)?.instance;
    let memory = amount::trim(instance.gpu_memory);
    let because = format!("nothing names it; the price is {}'s, {} of {memory} GiB", instance.name, instance.gpu);
    Some(Found::notes(&signal.field, &signal.value, because))
}
