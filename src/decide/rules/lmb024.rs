//! LMB024: Lambda runs an image only if it implements the Runtime API.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "LMB024",
    name: "image-without-runtime-api",
    effect: Effect::NeedsAnswer,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "The images of its containers. Where all are such as their vendors ship for everybody (a store's, a tool's such as curl \
                 or kubectl, a Linux or a language as such), it's asked; of others it's noted.",
        matters: "Lambda starts an image and waits for it to fetch its events by the Runtime API: an image works there only with a \
                  runtime interface client in it, or a base image of AWS's that has one (AWS Lambda developer guide, create a \
                  function from a container image). What answers HTTP needs no change of its code: the Lambda Web Adapter is added \
                  to its image. A stock image has neither, and a script in it no handler: it would have to be built anew.",
        todo: "Build an image of your own with the client of your language, or with the Lambda Web Adapter, before counting on the \
               price. A script that needs a stock image's tools runs as it is on Batch or as a task of ECS.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: Job
metadata: {name: populate}
spec:
  template: {spec: {containers: [{name: populate, image: 'postgres:18'}]}}
",
    silent: "
apiVersion: batch/v1
kind: Job
metadata: {name: populate}
spec:
  template: {spec: {containers: [{name: populate, image: ' '}]}}
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    if let Some(stock) = evidence.signal(Trait::StockImage) {
        let because = "a stock image: Lambda runs it only rebuilt with its Runtime API";
        return Some(Found::asks(&stock.field, &stock.value, because));
    }
    let image = evidence.image.get()?;
    Some(Found::notes(&image.at, &image.value, "Lambda runs it only with its Runtime API (HTTP: its Web Adapter)"))
}
