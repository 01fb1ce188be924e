//! ECI004: data of each copy, on ECS on EC2.

use super::{Docs, Found, Rule, claims};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Storage, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI004",
    name: "data-on-ecs-on-ec2",
    effect: Effect::Notes,
    targets: &[Target::ECSOnEC2],
    since: "0.1.0",
    docs: Docs {
        checks: "Claims that every copy has of its own, and claims of a block class.",
        matters: "ECS gives a replaced task no volume of its predecessor's: on EC2 a disk has to be \
                  attached to the instance and the task held to it by a placement constraint (Amazon ECS \
                  developer guide, storage options). A StatefulSet does that by itself.",
        todo: "Weigh that work against a managed store before you move it.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: ledger}
spec:
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
  template:
    spec:
      containers: [{name: ledger, image: ledger}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: ledger}
spec:
  template:
    spec:
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
      containers: [{name: ledger, image: ledger}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {storageClassName: shared, accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: shared}
provisioner: efs.csi.aws.com
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    const BECAUSE: &str = "on ECS the team ties task to disk itself";
    if let Some(signal) = evidence.signal(Trait::ClaimPerCopy) {
        return Some(Found::notes(&signal.field, &signal.value, BECAUSE));
    }
    let known = claims::on(evidence, &[Storage::Block])?;
    Some(Found::notes(&known.at, claims::describe(known.value), BECAUSE))
}
