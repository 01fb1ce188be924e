//! ECI022: disks that another driver made, on Auto Mode.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI022",
    name: "disk-driver-on-auto-mode",
    effect: Effect::Notes,
    targets: &[Target::EKSAutoMode],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "The driver that makes the disks of the claims: ebs.csi.aws.com, and the one before it, as the classes gp2 and gp3 have \
                 it by habit.",
        matters: "Auto Mode brings a driver of its own, ebs.csi.eks.amazonaws.com, and a claim that one of them made can't \
                  be mounted by the other (Amazon EKS user guide, enabling Auto Mode on existing clusters).",
        todo: "Make a StorageClass with the provisioner of Auto Mode. Data comes along by a snapshot, or by AWS Labs' \
               eks-auto-mode-ebs-migration-tool: both make claim and volume anew. Or install the other driver there too.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: ledger}
spec:
  template:
    spec:
      containers: [{name: ledger, image: ledger}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: ebs.csi.aws.com
",
    silent: "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: ledger}
spec:
  template:
    spec:
      containers: [{name: ledger, image: ledger}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: ebs.csi.eks.amazonaws.com
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let is_there = evidence.place.value() == Some(&Target::EKSAutoMode);
    let signal = evidence.signal(Trait::DiskDriver).filter(|_| !is_there)?;
    let because = "Auto Mode has a driver of its own: the disk is made anew";
    Some(Found::notes(&signal.field, &signal.value, because))
}
