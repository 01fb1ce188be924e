//! FGT007: how long a Pod may take to stop.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::trim,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Signal, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT007",
    name: "grace-over-fargate",
    effect: Effect::Excludes,
    targets: &[Target::ECSFargate, Target::ECSExpress],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "The Pod's terminationGracePeriodSeconds.",
        matters: "A Fargate task gets a signal and, at most 120 seconds later, is gone (Amazon ECS \
                  developer guide, stopTimeout). Work that takes longer to finish is cut off at each \
                  deployment.",
        todo: "Hand unfinished work back to its queue when the signal comes, and the period can be short.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 600
      containers: [{name: worker, image: worker}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 60
      containers: [{name: worker, image: worker}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let limit = catalog.limits.ecs_fargate.stop_timeout.value;
    let longer = |signal: &&Signal| {
        signal.what == Trait::LongGrace && signal.value.parse::<f64>().is_ok_and(|seconds| seconds > limit)
    };
    let signal = evidence.signals.iter().find(longer)?;
    Some(Found::excluded_by(signal, format!("Fargate's stopTimeout ends at {} s", trim(limit))))
}
