//! EKS014: tokens that the cluster issues.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS014",
    name: "token-of-the-cluster",
    effect: Effect::Notes,
    targets: Target::OUTSIDE_KUBERNETES,
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Projected tokens of the ServiceAccount with an audience of their own. One for sts.amazonaws.com stands for an IAM role, \
                 which a task and a function have too, and counts for nothing; nor do those of meshes.",
        matters: "The cluster signs such a token, and whoever it is for trusts the cluster (Kubernetes documentation, projected volumes, \
                  serviceAccountToken). Elsewhere a task has its IAM role as an identity (Amazon ECS developer guide, task IAM \
                  role).",
        todo: "Let the other side know the workload by its role: Vault has an AWS auth method; what speaks OpenID Connect needs a token \
               from elsewhere, such as Cognito.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      volumes: [{name: vault, projected: {sources: [{serviceAccountToken: {path: token, audience: vault}}]}}]
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      volumes: [{name: aws, projected: {sources: [{serviceAccountToken: {path: token, audience: sts.amazonaws.com}}]}}]
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::IssuedToken)?;
    Some(Found::notes(&signal.field, &signal.value, "elsewhere an IAM role takes its place"))
}
