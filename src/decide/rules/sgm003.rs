//! SGM003: what a container on SageMaker can't have.

use super::{Docs, Found, Reads, Rule, claims, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Lifetime, Trait},
};

pub const RULE: Rule = Rule {
    code: "SGM003",
    name: "host-access-on-sagemaker",
    effect: Effect::Excludes,
    targets: &[Target::SageMaker],
    since: "0.1.0",
    reads: Reads::STORAGE,
    docs: Docs {
        checks: "Host access, capabilities, Windows, a copy on every node, and claims of a disk or of each \
                 copy.",
        matters: "SageMaker starts the container itself and brings the model from S3 (Amazon SageMaker \
                  developer guide, bringing your own inference code): there is no Pod, no host and no claim \
                  to describe.",
        todo: "Put the model into S3 instead of a volume. If the host is needed, choose ECS on EC2 or \
               nodes.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: infer}
spec:
  template:
    spec:
      hostIPC: true
      containers: [{name: infer, image: vllm/vllm-openai:v0.11.0}]
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
    const BECAUSE: &str = "SageMaker starts the container its own way";
    if evidence.lifetime == Lifetime::PerNode {
        return Some(Found::excludes("kind", &evidence.subject.kind, BECAUSE));
    }
    host::access(evidence)
        .or_else(|| host::capability(evidence, &[]))
        .or_else(|| evidence.signal(Trait::Windows))
        .map(|signal| Found::excluded_by(signal, BECAUSE))
        .or_else(|| {
            claims::excludes(evidence, "SageMaker brings the model from S3", "SageMaker brings the model from S3")
        })
        .or_else(|| claims::asks(evidence, "SageMaker reads S3: name the claim's storage class"))
}
