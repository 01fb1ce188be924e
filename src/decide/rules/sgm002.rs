//! SGM002: how long a request or a training run takes, on SageMaker.

use super::{Docs, Found, Rule};
use crate::{
    amount::write_seconds,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "SGM002",
    name: "unit-of-work-over-sagemaker",
    effect: Effect::Excludes,
    targets: &[Target::SageMaker],
    since: "0.1.0",
    docs: Docs {
        checks: "How long one request or one run takes, where a person or a deadline tells.",
        matters: "A real-time endpoint answers within 60 seconds, an asynchronous one within an hour, a \
                  training job within 28 days (SageMaker quotas and API).",
        todo: "Stream the answer, make the request asynchronous, or serve the model from a container on ECS \
               Managed Instances.",
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
    let (most, what) = if evidence.ends() {
        (limits.training_run.value, "a training job")
    } else {
        (limits.asynchronous_request.value, "an asynchronous request")
    };
    if known.value > most {
        let because = format!("SageMaker ends {what} after {}", write_seconds(most));
        return Some(Found::excludes(&known.at, value(), because));
    }
    let realtime = limits.realtime_request.value;
    (!evidence.ends() && known.value > realtime).then(|| {
        let because = format!("over {} only an asynchronous endpoint answers", write_seconds(realtime));
        Found::notes(&known.at, value(), because)
    })
}
