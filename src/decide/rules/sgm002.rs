//! SGM002: how long a request or a training run takes, on SageMaker.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::write_seconds,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait, Trigger},
};

pub const RULE: Rule = Rule {
    code: "SGM002",
    name: "unit-of-work-over-sagemaker",
    effect: Effect::Excludes,
    targets: &[Target::SageMaker],
    since: "0.1.0",
    reads: Reads::TRIGGER.and(Reads::UNIT_DURATION).and(Reads::MODEL),
    docs: Docs {
        checks: "How long one request or one run takes, where a person or a deadline tells, against the way in which \
                 it is called: by HTTP, from a queue, or as a run.",
        matters: "An endpoint answers at once within 60 seconds, and a streamed answer within 8 minutes; an \
                  asynchronous one puts its answer into S3 within an hour; a training job takes 28 days at most \
                  (Amazon SageMaker quotas and API). A client that waits for its answer gets nothing from an \
                  asynchronous endpoint.",
        todo: "Stream the answer, put the requests into a queue (berth.dev/trigger: Queue), or serve the model from a \
               container on ECS Managed Instances.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: infer, annotations: {berth.dev/unit-duration: 2h}}
spec:
  template:
    spec:
      containers: [{name: infer, image: vllm/vllm-openai:v0.11.0}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: infer, annotations: {berth.dev/unit-duration: 5s}}
spec:
  template:
    spec:
      containers: [{name: infer, image: vllm/vllm-openai:v0.11.0}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let limits = &catalog.limits.sage_maker;
    // Without a model there's nothing to serve or to train: SGM001 says so.
    let has_model = evidence.signal(Trait::Model).is_some()
        || evidence.gpus > 0.0
        || evidence.signal(Trait::Neuron).is_some()
        || !evidence.model_size.is_unknown();
    let known = evidence.unit_duration.get().filter(|_| has_model)?;
    let value = || write_seconds(known.value);
    let over = |most: f64, what: &str| {
        (known.value > most).then(|| {
            Found::excludes(&known.at, value(), format!("SageMaker ends {what} after {}", write_seconds(most)))
        })
    };
    if evidence.ends() {
        return over(limits.training_run.value, "a training job");
    }
    // Who takes work from a queue waits for no answer.
    let later = [Trigger::Queue, Trigger::ObjectEvent, Trigger::Stream];
    if evidence.trigger.value().is_some_and(|trigger| later.contains(trigger)) {
        return over(limits.asynchronous_request.value, "an asynchronous request");
    }
    let (realtime, streamed) = (limits.realtime_request.value, limits.streamed_answer.value);
    let asynchronous = limits.asynchronous_request.value;
    if known.value > asynchronous {
        return over(asynchronous, "an asynchronous request");
    }
    if known.value > streamed {
        let because = format!("over {} only an endpoint without a waiting client", write_seconds(streamed));
        return Some(if evidence.trigger.is_unknown() {
            Found::asks(&known.at, value(), because)
        } else {
            Found::excludes(&known.at, value(), because)
        });
    }
    (known.value > realtime).then(|| {
        let because = format!("over {} an endpoint has to stream its answer", write_seconds(realtime));
        Found::notes(&known.at, value(), because)
    })
}
