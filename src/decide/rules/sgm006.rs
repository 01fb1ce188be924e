//! SGM006: what a container has to answer to on an endpoint.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::{trim, write_gib},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Lifetime, Trait},
};

pub const RULE: Rule = Rule {
    code: "SGM006",
    name: "endpoint-contract",
    effect: Effect::Notes,
    targets: &[Target::SageMaker],
    since: "0.1.0",
    reads: Reads::MODEL,
    docs: Docs {
        checks: "Whether a service has a model, so that an endpoint could serve it.",
        matters: "SageMaker calls /invocations and /ping on port 8080 of the container, with at most 25 MB in \
                  a request, 1 GB where it is answered later (Amazon SageMaker developer guide, inference code \
                  and asynchronous inference). Clients call InvokeEndpoint and sign each request: a model \
                  server's own paths, such as those of OpenAI's API, aren't reached.",
        todo: "Use an image that is made for SageMaker, or put a handler in front of the model server, and \
               change its clients.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: infer}
spec:
  template:
    spec:
      containers:
      - {name: infer, image: vllm/vllm-openai:v0.11.0, ports: [{name: http, containerPort: 8000}]}
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let limits = &catalog.limits.sage_maker;
    let is_endpoint = evidence.lifetime == Lifetime::Service;
    let model = evidence.signal(Trait::Model).map(|signal| (signal.field.as_str(), signal.value.clone()));
    let size = evidence.model_size.get().map(|known| (&*known.at, write_gib(known.value)));
    let (field, value) = model.or(size).filter(|_| is_endpoint)?;
    let (port, most) = (trim(limits.port.value), trim(limits.realtime_payload.value));
    Some(Found::notes(field, value, format!("it must answer /invocations on {port}, of {most} MB at most")))
}
