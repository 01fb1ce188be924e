//! SGM001: SageMaker serves and trains models.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "SGM001",
    name: "no-model",
    effect: Effect::Excludes,
    targets: &[Target::SageMaker],
    since: "0.1.0",
    reads: Reads::MODEL,
    docs: Docs {
        checks: "Whether the workload serves or trains a model: by its image, by a model's size that a \
                 person gave, or, as a question, by an accelerator.",
        matters: "SageMaker hosts models behind endpoints and runs training jobs (Amazon SageMaker \
                  developer guide). It costs more than the instances it runs on, and gives nothing for that \
                  to what has no model.",
        todo: "If it does serve or train a model, give its size with berth.dev/model-size.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: infer}
spec:
  template:
    spec:
      containers: [{name: infer, image: vllm/vllm-openai:v0.11.0}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    if evidence.signal(Trait::Model).is_some() || !evidence.model_size.is_unknown() {
        return None;
    }
    if let Some(signal) = host::any(evidence, &[Trait::Gpu, Trait::Neuron]) {
        let because = "a model? then answer with berth.dev/model-size";
        return Some(Found::asks(&signal.field, &signal.value, because));
    }
    Some(match evidence.image.get() {
        Some(image) => Found::excludes(&image.at, image.value.clone(), "nothing tells of a model"),
        None => Found::excludes("kind", &evidence.subject.kind, "nothing tells of a model"),
    })
}
