//! FGT009: a claim whose class nothing tells.

use super::{Docs, Found, Reads, Rule, claims};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "FGT009",
    name: "claim-unknown-on-fargate",
    effect: Effect::NeedsAnswer,
    targets: &[Target::ECSFargate, Target::ECSExpress, Target::AppRunner],
    since: "0.1.0",
    reads: Reads::STORAGE,
    docs: Docs {
        checks: "A claim with a storage class that isn't among the manifests, or with none while none is \
                 the default.",
        matters: "EFS comes along to Fargate, a disk such as EBS doesn't outlast its task (Amazon ECS \
                  developer guide, storage options): the class decides.",
        todo: "Give the claim a storageClassName, and scan the StorageClass too.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: upload}
spec:
  template:
    spec:
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
      containers: [{name: upload, image: upload}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: upload}
spec:
  template:
    spec:
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
      containers: [{name: upload, image: upload}]
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
    claims::asks(evidence, "Fargate keeps EFS, not EBS: name the claim's storage class")
}
