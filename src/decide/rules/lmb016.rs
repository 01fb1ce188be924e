//! LMB016: a user waits while a copy starts.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{ColdStart, Evidence, Source},
};

pub const RULE: Rule = Rule {
    code: "LMB016",
    name: "cold-starts-matter",
    effect: Effect::Excludes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::COLD_START,
    docs: Docs {
        checks: "A person's word that cold starts matter, or a service that calls a model provider, as the \
                 names of its variables tell: there a user already waits for the model.",
        matters: "Each new environment starts while somebody waits. Provisioned concurrency keeps some \
                  warm, at a price for every hour: that undoes what pay-per-use was chosen for (AWS Lambda \
                  pricing). Orchestrating a model also means holding a streamed answer open and paying for \
                  the wait.",
        todo: "If nobody waits, say so with berth.dev/cold-start-tolerance: Tolerant. Events, queues and \
               schedules are never asked this.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: assistant}
spec:
  template:
    spec:
      containers: [{name: assistant, image: assistant, env: [{name: OPENAI_API_KEY, value: none}]}]
",
    silent: "
apiVersion: batch/v1
kind: CronJob
metadata: {name: digest}
spec:
  schedule: 0 3 * * *
  jobTemplate:
    spec:
      template:
        spec:
          containers: [{name: digest, image: digest, env: [{name: OPENAI_API_KEY, value: none}]}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let known = evidence.cold_start.get().filter(|known| known.value == ColdStart::Sensitive)?;
    let because = "a user waits; provisioned concurrency undoes pay-per-use";
    if known.source == Source::Inferred {
        return Some(Found::excludes(&known.at, "set", because));
    }
    Some(Found::excludes(&known.at, "Sensitive", because))
}
