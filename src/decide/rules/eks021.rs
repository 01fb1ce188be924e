//! EKS021: volumes that no node of AWS mounts.

use super::{
    Docs, Found, Reads, Rule,
    claims::{self, GIT},
};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS021",
    name: "volume-that-no-node-of-aws-mounts",
    effect: Effect::NeedsAnswer,
    targets: &Target::ALL,
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Volumes of the Pod, or behind its claims, of azureDisk, azureFile, cinder, gcePersistentDisk, vsphereVolume, \
                 cephfs, rbd, glusterfs, flocker, quobyte, scaleIO, storageos and photonPersistentDisk; and any kind that Berth \
                 doesn't know. A gitRepo is noted.",
        matters: "Disks and shares of another cloud are attached by that cloud's CSI driver, which finds no instance of EC2. The \
                  drivers of Ceph (1.31), GlusterFS (1.26), Flocker, Quobyte and StorageOS (1.25), ScaleIO and Photon are gone from \
                  Kubernetes, and gitRepo is off since 1.33 (Kubernetes documentation, Volumes; enhancement 5040). So the workload runs nowhere \
                  on AWS as it stands, and where it belongs depends on what takes the volume's place.",
        todo: "Put the data on EBS, EFS, FSx or S3 and claim that by its class. For Ceph in the cluster itself, claim a volume of its CSI \
               driver. In place of a gitRepo, clone into an emptyDir by an init container.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      volumes: [{name: files, azureFile: {secretName: share, shareName: files}}]
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      volumes:
        - {name: files, emptyDir: {}}
        - {name: labels, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let mut foreign = claims::foreign(evidence);
    if let Some(first) = foreign.next() {
        let because = "no node of AWS mounts it: what takes its place";
        return Some(Found::asks(&first.field, &first.value, because).and_of(foreign.collect()));
    }
    let signal = evidence.signal(Trait::ForeignVolume).filter(|signal| signal.value == GIT)?;
    Some(Found::notes(&signal.field, &signal.value, "Kubernetes has turned it off: clone in an init container"))
}
