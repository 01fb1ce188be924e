//! WRK010: what is at rest.

use super::{Docs, Found, Reads, Rule};
use crate::{catalog::Catalog, decide::Effect, facts::{Evidence, Lifetime}};

pub const RULE: Rule = Rule {
    code: "WRK010",
    name: "at-rest",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::RUNS.and(Reads::COPIES),
    docs: Docs {
        checks: "Whether anything of it runs: replicas of 0, which KEDA brings back and a HorizontalPodAutoscaler doesn't; a \
                 suspended CronJob or Job; a Job whose completions or parallelism are 0; a schedule of which no time comes, such \
                 as one for the 30th of February; a DaemonSet whose status says that no node is to run it.",
        matters: "What doesn't run costs nothing, here or elsewhere, and bears no share of the platform's fixed \
                  cost. So it is never called misplaced for its cost. A namespace in Deny judges it as if it ran: \
                  to start it later is never refused. Only a schedule that never comes is judged as it stands: another one \
                  is a change, and judged then.",
        todo: "Remove it if nobody will start it again. Set it back to what it would run with to see where it \
               belongs. Mend a schedule that was meant to come.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  template:
    spec:
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  template:
    spec:
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let (at, nothing) = evidence.at_rest()?;
    let because = match evidence.lifetime {
        Lifetime::Scheduled if at == "spec.schedule" => "it never runs, and costs nothing anywhere",
        _ => "it costs nothing now, and moving it saves nothing",
    };
    Some(Found::notes(at, nothing, because))
}
