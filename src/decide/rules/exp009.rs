//! EXP009: what works beside requests.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Lifetime, Trait, Trigger},
};

pub const RULE: Rule = Rule {
    code: "EXP009",
    name: "worker-on-express",
    effect: Effect::Excludes,
    targets: &[Target::ECSExpress, Target::AppRunner],
    since: "0.1.0",
    reads: Reads::TRIGGER,
    docs: Docs {
        checks: "A StatefulSet; and, where no Service leads clients to it, work that a queue, a stream, events or nothing at all \
                 starts, as a person or a scaler says.",
        matters: "Express Mode and App Runner serve requests from copies of which any will do, and scale them \
                  by requests or by use (Amazon ECS developer guide, resources created by Express Mode). A \
                  worker that listens for its health checks alone would wait there for requests that never \
                  come, and the length of its queue would scale nothing.",
        todo: "Run it as a plain ECS service, with a policy that scales by the queue.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker, annotations: {berth.dev/trigger: Queue}}
spec:
  template:
    spec:
      containers: [{name: worker, image: worker, ports: [{name: http, containerPort: 8080}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    if evidence.subject.kind == "StatefulSet" {
        return Some(Found::excludes("kind", &evidence.subject.kind, "any copy answers any request there"));
    }
    let known = evidence.trigger.get().filter(|known| known.value != Trigger::Http)?;
    // What ends is no service: other rules say so. Where a Service leads clients to it, it serves them as well.
    (evidence.lifetime == Lifetime::Service && evidence.signal(Trait::Served).is_none())
        .then(|| Found::excludes(&known.at, known.value.to_string(), "a service there answers requests: no workers"))
}
