//! ARN001: App Runner takes no new customers.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "ARN001",
    name: "closed-to-new-customers",
    effect: Effect::Excludes,
    targets: &[Target::AppRunner],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "App Runner's life cycle in the catalogue, and whether a person says that the team uses it \
                 already.",
        matters: "App Runner is closed to new customers since 2026-04-30; AWS points to ECS Express Mode \
                  (AWS App Runner developer guide). Nothing new should start there.",
        todo: "Use ECS Express Mode. A team that is on App Runner says so with berth.dev/in-use: AppRunner, \
               and is told what it costs.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {berth.dev/in-use: AppRunner}}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let lifecycle = catalog.lifecycle.get(&Target::AppRunner)?;
    if evidence.in_use.contains(&Target::AppRunner) {
        return None;
    }
    let because = format!(
        "App Runner takes no new customers since {}, AWS points to {}",
        lifecycle.closed_to_new,
        lifecycle.instead.title()
    );
    Some(Found::excludes("berth.dev/in-use", "none", because))
}
