//! EKS024: a TPU, which AWS doesn't have.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS024",
    name: "tpu",
    effect: Effect::Excludes,
    targets: &Target::ALL,
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A request for google.com/tpu or cloud-tpus.google.com, and a node selector or a required node affinity by a TPU's type or \
                 topology.",
        matters: "TPUs are Google's own and in its cloud alone. EC2 has GPUs of NVIDIA and AMD, and Trainium and Inferentia (Amazon EC2 user \
                  guide, accelerated computing): a program for a TPU has to be ported to one of them, and what it needs of it is known only \
                  then.",
        todo: "If a port is planned, ask for that accelerator (nvidia.com/gpu or aws.amazon.com/neuron) to see where it belongs and what it \
               costs. If none is, it stays where it is: write down why in an exemption.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: model}
spec:
  template:
    spec:
      containers: [{name: model, image: model, resources: {limits: {google.com/tpu: 8}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: model}
spec:
  template:
    spec:
      containers: [{name: model, image: model, resources: {limits: {aws.amazon.com/neuron: 1}}}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Tpu)?;
    Some(Found::excluded_by(signal, "no compute of AWS has a TPU: a GPU or Trainium is a port"))
}
