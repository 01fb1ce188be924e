//! LMB023: steps before the program, which a function has none of.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "LMB023",
    name: "init-containers-on-lambda",
    effect: Effect::Notes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Init containers that end before the others begin.",
        matters: "A function is one image and its handler (AWS Lambda developer guide, container images): nothing else runs before it. What \
                  fetched files or waited for something has to be done in the image, or in the code before the handler, which has \
                  10 seconds and is done again for each environment (AWS Lambda developer guide, execution environment).",
        todo: "Build what never changes into the image, read the rest from S3 or AppConfig as the program starts, and run migrations \
               in the pipeline.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: CronJob
metadata: {name: sync}
spec:
  schedule: '*/15 * * * *'
  jobTemplate:
    spec:
      template:
        spec:
          initContainers: [{name: fetch, image: fetch}]
          containers: [{name: sync, image: sync}]
",
    silent: "
apiVersion: batch/v1
kind: CronJob
metadata: {name: sync}
spec:
  schedule: '*/15 * * * *'
  jobTemplate:
    spec:
      template:
        spec:
          containers: [{name: sync, image: sync}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::InitContainer)?;
    Some(Found::notes(&signal.field, &signal.value, "nothing runs before a function: its image has to do it"))
}
