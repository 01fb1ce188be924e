//! ECI001: data on instances that are replaced every 14 days.

use super::{Docs, Found, Rule, claims};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Storage},
};

pub const RULE: Rule = Rule {
    code: "ECI001",
    name: "data-on-managed-instances",
    effect: Effect::Excludes,
    targets: &[Target::ECSManagedInstances],
    since: "0.1.0",
    docs: Docs {
        checks: "Claims of a block class, claims of a class that needs a driver on the node, and claims \
                 that every copy has of its own.",
        matters: "Managed Instances live 14 days at most (Amazon ECS developer guide, Managed Instances), \
                  AWS replaces them, and a task's own volume goes with its task. EFS stays.",
        todo: "Ask whether a managed store should hold the data; or keep it on ECS on EC2 or on nodes, \
               where a disk can wait for its task.",
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
    let kinds = [Storage::Block, Storage::NodeDriver];
    claims::excludes(evidence, &kinds, "Managed Instances are replaced within 14 days")
        .or_else(|| claims::asks(evidence, "instances go after 14 days: name the claim's storage class"))
}
