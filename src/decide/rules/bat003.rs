//! BAT003: volumes that a Batch job can't mount.

use super::{Docs, Found, Reads, Rule, claims};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Storage, Trait},
};

pub const RULE: Rule = Rule {
    code: "BAT003",
    name: "volumes-on-batch",
    effect: Effect::Excludes,
    targets: &[Target::Batch],
    since: "0.1.0",
    reads: Reads::STORAGE,
    docs: Docs {
        checks: "The storage class of each claim: EBS and data of each copy exclude, what a node's driver mounts is noted.",
        matters: "A job's volumes are EFS, S3 Files or a folder of its host (AWS Batch API, Volume): no \
                  disk such as EBS that existed before. FSx, NFS and other file systems are mounted by the instances, by the user data of \
                  their launch template, and a job mounts that folder: on EC2, as Fargate has neither (AWS Batch user guide, launch \
                  templates).",
        todo: "Read input from S3 and write results there; or put shared files on EFS. For FSx prepare the launch template of an EC2 \
               environment.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: Job
metadata: {name: merge}
spec:
  template:
    spec:
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
      containers: [{name: merge, image: merge}]
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
apiVersion: batch/v1
kind: Job
metadata: {name: merge}
spec:
  template:
    spec:
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
      containers: [{name: merge, image: merge}]
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
    claims::lost_with_its_copy(evidence, "Batch mounts EFS or S3 Files")
        .or_else(|| {
            let signal = evidence.signal(Trait::ScratchVolume)?;
            Some(Found::asks(&signal.field, &signal.value, "a Batch job has its ephemeral disk alone: is that enough"))
        })
        .or_else(|| claims::asks(evidence, "Batch mounts EFS, not EBS: name the claim's storage class"))
        .or_else(|| {
            let known = claims::on(evidence, &[Storage::NodeDriver])?;
            let because = "the launch template mounts it, and the job its folder: on EC2";
            Some(Found::notes(&known.at, claims::describe(known.value), because))
        })
}
