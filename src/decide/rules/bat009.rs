//! BAT009: copies of a run that call each other by name, on Batch.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "BAT009",
    name: "copies-with-names-on-batch",
    effect: Effect::Notes,
    targets: &[Target::Batch],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A Job with completionMode: Indexed, several copies at once and a subdomain.",
        matters: "Children of an array job start one by one and know nothing of each other. A multi-node parallel job starts its nodes \
                  together and tells each its number and the main one's address, in AWS_BATCH_JOB_NODE_INDEX and \
                  AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS. It runs on EC2, with one container to an instance, neither on Fargate \
                  nor on Spot (AWS Batch user guide, multi-node parallel jobs).",
        todo: "Register a multi-node parallel job, and let the program take the address from that variable in place of the name.",
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
    Some(Found::notes(&signal.field, &signal.value, "an array has no names: use a multi-node parallel job, on EC2"))
}
