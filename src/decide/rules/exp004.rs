//! EXP004: a datastore is no stateless web service.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EXP004",
    name: "datastore-on-express",
    effect: Effect::Excludes,
    targets: &[Target::ECSExpress, Target::AppRunner],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "An image that is known to be a datastore or a broker, even if it speaks HTTP.",
        matters: "Express Mode and App Runner scale copies up and down behind one address and send each \
                  request to any of them (Amazon ECS developer guide, Express Mode): copies of a store \
                  would answer from different data.",
        todo: "Look at DAT001: the question is which managed store takes its place.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: search}
spec:
  template:
    spec:
      containers: [{name: search, image: opensearchproject/opensearch:3, ports: [{name: http, containerPort: 9200}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: search}
spec:
  template:
    spec:
      containers: [{name: search, image: example/search-api:3, ports: [{name: http, containerPort: 9200}]}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Datastore)?;
    Some(Found::excluded_by(signal, "any copy answers any request there"))
}
