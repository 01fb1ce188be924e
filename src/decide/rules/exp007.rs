//! EXP007: what only the task definition behind Express Mode can say.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Signal, Trait},
};

pub const RULE: Rule = Rule {
    code: "EXP007",
    name: "beyond-express-mode",
    effect: Effect::Notes,
    targets: &[Target::ECSExpress],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "arm64, a terminationGracePeriodSeconds of more than 30, sysctls, shareProcessNamespace, nodes of Spot \
                 capacity, and capabilities that no runtime grants unasked, such as SYS_PTRACE.",
        matters: "Express Mode writes a task definition for x86_64 that stops a task after 30 seconds; its own API has \
                  no field for any of these (Amazon ECS developer guide, resources that Express Mode creates). They are \
                  changed in the task definition and the service, outside of Express Mode.",
        todo: "Build for x86_64 and stop within 30 seconds, plan that step, or use a plain service.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {kubernetes.io/arch: arm64}
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 30
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let stop = catalog.limits.ecs_express.stop_timeout.value;
    let longer = |signal: &&Signal| {
        signal.what == Trait::LongGrace && signal.value.parse::<f64>().is_ok_and(|seconds| seconds > stop)
    };
    let signal = host::any(evidence, &[Trait::Arm64, Trait::Sysctl, Trait::SharedPids, Trait::Spot])
        .or_else(|| host::capability(evidence, &[]))
        .or_else(|| evidence.signals.iter().find(longer))?;
    let because = "Express Mode has no field for it: its task definition has";
    Some(Found::notes(&signal.field, &signal.value, because))
}
