//! WRK005: a duration that the workload's own Jobs contradict.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "WRK005",
    name: "runs-unlike-declared",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "How long a person says that a run takes, against how long completed Jobs took. Half as long \
                 again, and 30 seconds for the start, are no contradiction; nor is less, unless the longest of five \
                 Jobs or more took under a third.",
        matters: "A limit ends a run at what it really takes, not at what is written, and a run that is said to take too \
                  long is kept off what would fit. The declared value is the one decided on: while it's wrong, so may \
                  the recommendation be.",
        todo: "Correct berth.dev/unit-duration, or leave it out: what the Jobs take is used then.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: Job
metadata: {name: report, annotations: {berth.dev/unit-duration: 1s}}
spec:
  template:
    spec:
      containers: [{name: report, image: report}]
status: {startTime: 2026-03-01T03:00:00Z, completionTime: 2026-03-01T03:22:00Z}
",
    silent: "
apiVersion: batch/v1
kind: Job
metadata: {name: report, annotations: {berth.dev/unit-duration: 1s}}
spec:
  template:
    spec:
      containers: [{name: report, image: report}]
status: {startTime: 2026-03-01T03:00:00Z, completionTime: 2026-03-01T03:00:12Z}
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::RunsUnlikeSaid)?;
    Some(Found::notes(&signal.field, &signal.value, "correct it or leave it out"))
}
