//! FGT008: data that a Fargate task would lose.

use super::{Docs, Found, Reads, Rule, claims};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "FGT008",
    name: "data-on-fargate",
    effect: Effect::Excludes,
    targets: &[Target::ECSFargate, Target::ECSExpress, Target::AppRunner],
    since: "0.1.0",
    reads: Reads::STORAGE,
    docs: Docs {
        checks: "Claims of a block class, claims of a class that needs a driver on the node, and claims \
                 that every copy has of its own.",
        matters: "A service's task on Fargate may have an EBS volume, but a new one each time: it is \
                  deleted with the task (AWS announcement of EBS for ECS, 2024-01). No task gets the data \
                  of the one that it replaces. EFS and S3 Files last and are shared (Amazon ECS developer guide, \
                  storage options); FSx isn't mounted there.",
        todo: "Ask whether a managed store should hold the data. If it has to be files, EFS fits; if it has \
               to be a disk, stay on nodes.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: ledger}
spec:
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
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
    claims::excludes(evidence, claims::NEW_VOLUME, "Fargate mounts EFS and S3 Files, by no driver")
}
