//! EKS018: copies of a run that call each other by name.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS018",
    name: "copies-of-a-run-with-names",
    effect: Effect::Excludes,
    targets: &[Target::Lambda, Target::ECSExpress, Target::ECSFargate, Target::ECSManagedInstances, Target::ECSOnEC2, Target::AppRunner],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A Job with completionMode: Indexed, several copies at once and a subdomain, which gives each of them a name.",
        matters: "Copies of a training run meet at job-0.subdomain (Kubernetes documentation, Indexed Job with Pod-to-Pod \
                  communication). Tasks that are run on ECS know nothing of each other: none has a number or a name, and nothing \
                  starts them together (Amazon ECS API reference, RunTask).",
        todo: "Use a multi-node parallel job of Batch, whose nodes are told where the main one is, or a training job of SageMaker. \
               If no copy calls another, leave the subdomain out.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: Job
metadata: {name: train}
spec:
  completions: 4
  parallelism: 4
  completionMode: Indexed
  template:
    spec:
      subdomain: train
      containers: [{name: train, image: train}]
",
    silent: "
apiVersion: batch/v1
kind: Job
metadata: {name: train}
spec:
  completions: 4
  parallelism: 4
  completionMode: Indexed
  template:
    spec:
      containers: [{name: train, image: train}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::NamedRuns)?;
    Some(Found::excluded_by(signal, "no copy of a task has a name that another could call"))
}
