//! LMB002: the size of image or package against what Lambda loads.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::{trim, write_gib},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "LMB002",
    name: "package-over-lambda",
    effect: Effect::Excludes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::PACKAGE,
    docs: Docs {
        checks: "The size of the image or package, uncompressed where a person has given it, compressed where \
                 nodes tell it.",
        matters: "Lambda takes container images of up to 10 GB, and packages with their layers of up to 250 \
                  MB unzipped (AWS Lambda quotas). Between the two it has to be an image; well before the \
                  upper one, loading it is felt at each cold start.",
        todo: "Give the size with berth.dev/package-size. Leave the model out of the image, or drop what \
               the program doesn't load.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, annotations: {berth.dev/package-size: 12Gi}}
spec:
  schedule: 0 3 * * *
  jobTemplate:
    spec:
      template:
        spec:
          containers: [{name: report, image: report}]
",
    silent: "
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, annotations: {berth.dev/package-size: 180Mi}}
spec:
  schedule: 0 3 * * *
  jobTemplate:
    spec:
      template:
        spec:
          containers: [{name: report, image: report}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let limits = &catalog.limits.lambda;
    let known = evidence.package_size.get()?;
    let (image, package) = (limits.image.value, limits.package.value);
    if known.value > image {
        let because = format!("Lambda's limit for an image is {} GB", trim(image));
        return Some(Found::excludes(&known.at, write_gib(known.value), because));
    }
    (known.value > package / 1024.0).then(|| {
        let because = format!("over {} MB it has to be a container image on Lambda", trim(package));
        Found::notes(&known.at, write_gib(known.value), because)
    })
}
