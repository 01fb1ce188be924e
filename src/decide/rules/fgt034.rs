//! FGT034: configuration and secrets that are files.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT034",
    name: "configuration-as-files",
    effect: Effect::Notes,
    targets: Target::OUTSIDE_KUBERNETES,
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A ConfigMap or a Secret that a volume of the Pod shows as files.",
        matters: "A task definition gives values of Secrets Manager and Parameter Store to a container as environment variables \
                  (Amazon ECS developer guide, passing sensitive data); a job's definition and App Runner do the same, and a function \
                  reads them itself. Nothing writes them into files.",
        todo: "Put configuration into the image, or read it from S3 or AppConfig at the start; let the program take a secret from its \
               variable, or an init container write it into a volume that both share. A certificate for clients is the load \
               balancer's.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      volumes: [{name: conf, configMap: {name: web}}]
      containers: [{name: web, image: web, volumeMounts: [{name: conf, mountPath: /etc/web}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, envFrom: [{configMapRef: {name: web}}]}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::ConfigFiles)?;
    Some(Found::notes(&signal.field, &signal.value, "outside Kubernetes it comes as variables, not as files"))
}
