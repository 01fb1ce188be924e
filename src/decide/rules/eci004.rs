//! ECI004: a disk that waits for its copy, which ECS doesn't know, and drivers, of which it leaves the work to the team.

use super::{Docs, Found, Reads, Rule, claims};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Storage},
};

pub const RULE: Rule = Rule {
    code: "ECI004",
    name: "data-on-ecs-on-ec2",
    effect: Effect::Excludes,
    targets: &[Target::ECSOnEC2],
    since: "0.1.0",
    reads: Reads::STORAGE,
    docs: Docs {
        checks: "Claims that every copy has of its own and claims of a block class, which exclude; a claim whose class \
                 isn't known, which is asked about; volumes that the node mounts by a driver, which are noted.",
        matters: "A service's task may have an EBS volume, but an empty one or one of a snapshot, and it is gone with the \
                  task, on EC2 as on Fargate (Amazon ECS developer guide, Amazon EBS volumes). No field ties a volume \
                  that exists to the task that comes next; a StatefulSet does that by itself. FSx and other file \
                  systems outlast a task: the team mounts them on its instances and the task mounts that folder \
                  (Amazon ECS developer guide, bind mounts), and the work is not in the cost. S3 Files, which takes a \
                  bucket's place elsewhere, isn't there on EC2 yet (Amazon ECS developer guide, S3 Files).",
        todo: "Ask whether a managed store should hold the data. If a copy may start empty, as with a cache or a \
               replica that fills itself, use an ephemeral volume instead of a claim: ECS has its match. Else nodes or \
               Auto Mode, where Kubernetes ties disk and copy.",
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
    claims::lost_with_its_copy(evidence, claims::NEW_VOLUME)
        .or_else(|| claims::asks(evidence, "ECS keeps EFS, not EBS: name the claim's storage class"))
        .or_else(|| {
            let known = claims::on(evidence, &[Storage::NodeDriver, Storage::Bucket])?;
            Some(Found::notes(
                &known.at,
                claims::describe(known.value),
                "on ECS the team mounts it on its instances",
            ))
        })
}
