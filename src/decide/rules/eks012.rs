//! EKS012: files of another image.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS012",
    name: "image-volume",
    effect: Effect::Notes,
    targets: Target::OUTSIDE_KUBERNETES,
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Volumes whose source is an image (volumes of type image).",
        matters: "A task mounts EFS, a disk or a folder of its host, and never an image; a function and a job do no more (Amazon ECS \
                  developer guide, storage options for tasks). It counts in what a place holds of images, too.",
        todo: "Copy the files in when the image is built (COPY --from), or put what is large or changes by itself, such as a model, \
               onto S3 or EFS.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      volumes: [{name: model, image: {reference: registry.example.com/model:3}}]
      containers: [{name: web, image: web, volumeMounts: [{name: model, mountPath: /model}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      volumes: [{name: model, emptyDir: {}}]
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::ImageVolume)?;
    Some(Found::notes(&signal.field, &signal.value, "only a Pod mounts an image: copy its files in at build"))
}
