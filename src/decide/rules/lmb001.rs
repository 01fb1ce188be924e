//! LMB001: how long one unit of work runs, against Lambda's timeout.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::write_seconds,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Lifetime},
};

pub const RULE: Rule = Rule {
    code: "LMB001",
    name: "unit-of-work-over-lambda",
    effect: Effect::Excludes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::UNIT_DURATION,
    docs: Docs {
        checks: "How long one request, message or run takes, against Lambda's timeout of 15 minutes. \
                 A Job's activeDeadlineSeconds bounds it; otherwise a person has to say.",
        matters: "Lambda ends an invocation after 900 seconds (AWS Lambda quotas). Lambda Managed Instances allow \
                  90 minutes for asynchronous invocations, and durable functions checkpoint longer work, each \
                  step still within 15 minutes.",
        todo: "Answer with the annotation berth.dev/unit-duration (200ms, 30s, 20m, 2h) on the workload, or split \
               the work if it is longer only because nobody cut it.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, annotations: {berth.dev/unit-duration: 40m}}
spec:
  schedule: 0 3 * * *
  jobTemplate:
    spec: {template: {spec: {containers: [{name: report, image: report}]}}}
",
    silent: "
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, annotations: {berth.dev/unit-duration: 4m}}
spec:
  schedule: 0 3 * * *
  jobTemplate:
    spec: {template: {spec: {containers: [{name: report, image: report}]}}}
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let limits = &catalog.limits.lambda;
    // A copy on every node has no unit of work to ask about: LMB008 says so.
    if evidence.lifetime == Lifetime::PerNode {
        return None;
    }
    let Some(known) = evidence.unit_duration.get() else {
        let most = write_seconds(limits.duration.value);
        let because = format!("Lambda takes up to {most}: answer with berth.dev/unit-duration");
        return match evidence.run_limit.get() {
            // Ended before Lambda would end it.
            Some(limit) if limit.value <= limits.duration.value => None,
            Some(limit) => Some(Found::asks(&limit.at, write_seconds(limit.value), because)),
            None => Some(Found::asks("unit of work", "unknown", because)),
        };
    };
    if known.value <= limits.duration.value {
        return None;
    }
    let limit = write_seconds(limits.duration.value);
    let longer = limits.managed_instances_duration.value;
    let because = if known.value <= longer {
        let longer = write_seconds(longer);
        format!("Lambda's limit is {limit} ({longer} only on Managed Instances, asynchronous)")
    } else {
        format!("Lambda's limit is {limit} (durable functions take longer work in steps)")
    };
    Some(Found::excludes(&known.at, write_seconds(known.value), because))
}
