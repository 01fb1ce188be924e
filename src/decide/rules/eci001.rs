//! ECI001: data on instances that are replaced every 14 days.

use super::{Docs, Found, Reads, Rule, claims};
use crate::{
    amount::write_seconds,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "ECI001",
    name: "data-on-managed-instances",
    effect: Effect::Excludes,
    targets: &[Target::ECSManagedInstances],
    since: "0.1.0",
    reads: Reads::STORAGE,
    docs: Docs {
        checks: "Claims of a block class, claims of a class that needs a driver on the node, and claims \
                 that every copy has of its own.",
        matters: "Managed Instances live 14 days at most (Amazon ECS developer guide, Managed Instances), \
                  AWS replaces them, a task's own volume goes with its task, \
                  and nobody installs a driver there. EFS and S3 Files stay.",
        todo: "Ask whether a managed store should hold the data; or keep it on nodes or Auto Mode, \
               where a disk waits for its copy. A file system such as FSx can be mounted on ECS on EC2.",
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

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let life = write_seconds(catalog.limits.ecs_managed_instances.instance_life.value);
    let disk = format!("Managed Instances are replaced within {life}");
    claims::excludes(evidence, disk, "no driver can be installed on Managed Instances")
        .or_else(|| claims::asks(evidence, format!("instances go after {life}: name the claim's storage class")))
}
