//! WRK009: an annotation that looks like one of Berth's and isn't read.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "WRK009",
    name: "ignored-annotation",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Annotations under berth.dev/ with a name that Berth doesn't know, those on the Pod template, labels \
                 of such a name, and a mode, which is for a Namespace's label.",
        matters: "An answer that isn't read changes nothing, and whoever wrote it believes that it does. On the Pod \
                  template a new answer would also restart every Pod, so that it is read on the workload alone.",
        todo: "Correct the name, or move the annotation to the workload's own metadata.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {berth.dev/unit-durration: 3s}}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {berth.dev/unit-duration: 3s}}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let mut ignored = evidence.signals.iter().filter(|signal| signal.what == Trait::IgnoredAnnotation);
    let first = ignored.next()?;
    Some(Found::notes(&first.field, &first.value, "it is ignored").and_of(ignored.collect()))
}
