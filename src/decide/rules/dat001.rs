//! DAT001: a datastore runs in a Pod.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "DAT001",
    name: "managed-store",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "An image that is known to be a datastore or a broker, where its own server goes on running. What ends (a Job, an \
                 init container) or runs a client of it, such as psql, redis-cli or mongodump, is none, nor is what only waits \
                 (sleep, tail -f, a shell that is told nothing).",
        matters: "Where its compute runs is the smaller question. Backups, failover, upgrades and a disk \
                  that outlives its node are work that AWS's managed stores do; a cache that may be lost is \
                  the exception.",
        todo: "Compare the managed store's price with the hours that this one takes. If it is a cache that \
               may be lost, leave it.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: orders}
spec:
  template:
    spec:
      containers: [{name: orders, image: postgres:18}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: orders}
spec:
  template:
    spec:
      containers: [{name: orders, image: example/orders:18}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Datastore)?;
    let managed = catalog.managed_stores.get(&signal.value).map_or("a managed store", String::as_str);
    let because = format!("the real question is a managed store: {managed}");
    Some(Found::notes(&signal.field, &signal.value, because))
}
