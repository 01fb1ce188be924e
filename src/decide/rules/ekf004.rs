//! EKF004: volumes that EKS on Fargate can't mount.

use super::{Docs, Found, Reads, Rule, claims};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Storage, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKF004",
    name: "volumes-on-eks-fargate",
    effect: Effect::Excludes,
    targets: &[Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::STORAGE,
    docs: Docs {
        checks: "The storage class of each claim, claims that a template, an ephemeral volume or an \
                 access point makes on demand, and volumes of a driver in the Pod itself. A class that isn't \
                 among the manifests is asked about.",
        matters: "EKS on Fargate mounts EFS volumes that exist; not EBS, FSx for Lustre or S3, none \
                  that is made on demand, and none of another driver, as no DaemonSet runs there (Amazon EKS \
                  user guide, Fargate considerations and storage).",
        todo: "Make the EFS volume and its PersistentVolume beforehand and claim that, or use nodes.",
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
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: ebs.csi.aws.com
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
    if let Some(disk) = claims::on(evidence, &[Storage::Block]) {
        return Some(Found::excludes(&disk.at, claims::describe(disk.value), "EKS on Fargate mounts EFS only"));
    }
    if let Some(signal) = evidence.signal(Trait::DynamicClaim) {
        return Some(Found::excluded_by(signal, "EKS on Fargate mounts no volume made on demand"));
    }
    if let Some(signal) = evidence.signal(Trait::CsiVolume) {
        return Some(Found::excluded_by(signal, "no driver runs on the hosts of EKS on Fargate"));
    }
    claims::excludes(evidence, "EKS on Fargate mounts EFS only", "EKS on Fargate mounts EFS only")
        .or_else(|| {
            let known = claims::on(evidence, &[Storage::Bucket])?;
            Some(Found::excludes(&known.at, claims::describe(known.value), "EKS on Fargate mounts EFS only"))
        })
        .or_else(|| claims::asks(evidence, "EKS on Fargate mounts EFS only: name the claim's class"))
}
