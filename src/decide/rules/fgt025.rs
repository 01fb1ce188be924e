//! FGT025: what runs on its node beside it.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT025",
    name: "agent-of-the-node",
    effect: Effect::Notes,
    targets: &[
        Target::Lambda,
        Target::ECSExpress,
        Target::ECSFargate,
        Target::AppRunner,
        Target::Batch,
        Target::SageMaker,
        Target::EKSFargate,
    ],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Environment variables that take status.hostIP: the address of the node, by which a workload reaches an agent that a \
                 DaemonSet runs there, for metrics or traces.",
        matters: "No DaemonSet runs beside it there (Amazon EKS user guide, Fargate considerations), and nobody else's agent is at that \
                  address.",
        todo: "Run the agent as a sidecar of the task, or send to an endpoint: CloudWatch, X-Ray, or a collector that is a service of \
               its own.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          image: web
          env: [{name: DD_AGENT_HOST, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          image: web
          env: [{name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::NodeAddress)?;
    Some(Found::notes(&signal.field, &signal.value, "there no agent runs beside it on a node: bring it along"))
}
