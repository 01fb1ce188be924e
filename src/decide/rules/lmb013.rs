//! LMB013: volumes that a function can't mount.

use super::{Docs, Found, Reads, Rule, claims};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "LMB013",
    name: "volumes-on-lambda",
    effect: Effect::Excludes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::STORAGE,
    docs: Docs {
        checks: "The storage class of each claim, and claims that every copy has of its own. A class that \
                 isn't among the manifests is unknown and asked about.",
        matters: "A function mounts EFS or S3 Files (AWS Lambda developer guide): no disk such as EBS, \
                  nothing that needs a driver on a node, and no copy of it has a name to keep data under.",
        todo: "Put what has to last into S3, DynamoDB or EFS. Name the claim's class if only that is \
               missing.",
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
spec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: ebs.csi.aws.com
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
    claims::excludes(evidence, "Lambda mounts EFS or S3 Files only", "Lambda mounts EFS or S3 Files only")
        .or_else(|| {
            let signal = evidence.signal(Trait::ScratchVolume)?;
            Some(Found::excluded_by(signal, "Lambda mounts EFS or S3 Files only"))
        })
        .or_else(|| claims::asks(evidence, "Lambda mounts EFS only: name the claim's storage class"))
}
