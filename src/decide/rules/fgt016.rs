//! FGT016: a bucket that is mounted as files, of which S3 Files is the match outside of Kubernetes.

use super::{Docs, Found, Reads, Rule, claims};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Storage},
};

pub const RULE: Rule = Rule {
    code: "FGT016",
    name: "bucket-as-files",
    effect: Effect::Notes,
    targets: &[Target::ECSFargate, Target::ECSManagedInstances, Target::Lambda, Target::Batch],
    since: "0.1.0",
    reads: Reads::STORAGE,
    docs: Docs {
        checks: "Volumes of the driver of Mountpoint for Amazon S3.",
        matters: "No task definition has Mountpoint. S3 Files mounts the same bucket, on Fargate and on Managed Instances \
                  (Amazon ECS developer guide, S3 Files); it is another file system, with a mount target and a price of \
                  its own that is not in the cost.",
        todo: "Make an S3 file system for the bucket, or read S3 by its API.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: render}
spec:
  template:
    spec:
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
      containers: [{name: render, image: render}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {storageClassName: bucket}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: bucket}
provisioner: s3.csi.aws.com
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: render}
spec:
  template:
    spec:
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
      containers: [{name: render, image: render}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {storageClassName: shared}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: shared}
provisioner: efs.csi.aws.com
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let known = claims::on(evidence, &[Storage::Bucket])?;
    Some(Found::notes(&known.at, claims::describe(known.value), "S3 Files takes the place of Mountpoint"))
}
