//! EKF013: roles of AWS by EKS Pod Identity, on EKS on Fargate.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKF013",
    name: "pod-identity-on-eks-fargate",
    effect: Effect::Excludes,
    targets: &[Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A projected token for pods.eks.amazonaws.com. An association that EKS keeps outside of the \
                 manifests is not seen. Of what surely runs on Fargate today it is noted: it works without.",
        matters: "EKS Pod Identity gives roles to Pods on Linux nodes of EC2 alone: its agent is a DaemonSet (Amazon \
                 EKS user guide, EKS Pod Identity). On Fargate the Pod finds nobody who gives it one.",
        todo: "Use IAM roles for service accounts (IRSA), which Fargate has; outside of Kubernetes a task has a \
                 role of its own.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      volumes:
      - name: aws
        projected: {sources: [{serviceAccountToken: {audience: pods.eks.amazonaws.com, path: token}}]}
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
      - name: aws
        projected: {sources: [{serviceAccountToken: {audience: sts.amazonaws.com, path: token}}]}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::PodIdentity)?;
    let because = "Fargate has no Pod Identity: use IRSA";
    if evidence.surely_runs_on(Target::EKSFargate) {
        return Some(Found::notes(&signal.field, &signal.value, because));
    }
    Some(Found::excluded_by(signal, because))
}
