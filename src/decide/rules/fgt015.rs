//! FGT015: a volume that a driver fills on the node.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT015",
    name: "inline-driver-outside-kubernetes",
    effect: Effect::Notes,
    targets: &[Target::Lambda, Target::ECSFargate, Target::ECSExpress, Target::ECSManagedInstances, Target::ECSOnEC2, Target::Batch, Target::SageMaker, Target::AppRunner],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A volume of csi in the Pod itself, such as those for secrets and certificates.",
        matters: "Its driver runs on each node and fills the volume when the Pod starts (Kubernetes documentation, CSI \
                  ephemeral volumes). Nothing lasts there. Outside Kubernetes secrets come from Secrets Manager by the \
                  task's or function's own definition (Amazon ECS developer guide, passing sensitive data).",
        todo: "Name the secrets in the task definition, or read them from Secrets Manager in the program.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      volumes: [{name: keys, csi: {driver: secrets-store.csi.k8s.io}}]
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      volumes: [{name: keys, secret: {secretName: keys}}]
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::CsiVolume)?;
    Some(Found::notes(&signal.field, &signal.value, "outside Kubernetes secrets are named in its definition"))
}
