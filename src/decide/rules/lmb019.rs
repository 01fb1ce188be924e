//! LMB019: kernel parameters where nobody sets any.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "LMB019",
    name: "sysctl-on-lambda",
    effect: Effect::Excludes,
    targets: &[Target::Lambda, Target::AppRunner, Target::SageMaker, Target::Batch],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Parameters in securityContext.sysctls.",
        matters: "Neither a function nor a service of App Runner, an endpoint or a job has a field for them \
                  (AWS Lambda, App Runner, Amazon SageMaker and AWS Batch API references).",
        todo: "Find out whether the parameter is needed: most are there for many connections at once.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      securityContext: {sysctls: [{name: net.ipv4.tcp_keepalive_time, value: '60'}]}
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
    let signal = evidence.signal(Trait::Sysctl)?;
    Some(Found::excludes(&signal.field, &signal.value, "only ECS and Pods set kernel parameters"))
}
