//! LMB020: more environment variables than a function has.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::trim,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Signal, Trait},
};

pub const RULE: Rule = Rule {
    code: "LMB020",
    name: "environment-over-lambda",
    effect: Effect::Notes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "How long the names and values of env are that the manifest writes out. What comes from a ConfigMap or \
                 a Secret isn't counted.",
        matters: "All environment variables of a function together have 4 KB (AWS Lambda quotas), and no quota raises \
                  that. A task and a Pod have no such limit.",
        todo: "Put what is long into a file of the image, or into Parameter Store, AppConfig or S3, and read it when \
               the function starts.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          image: web
          env:
            - {name: ROUTES_0, value: &routes '/eu/*=checkout.eu.example.com;/eu/*=checkout.eu.example.com;/eu/*=checkout.eu.example.com;/eu/*=checkout.eu.example.com;/eu/*=checkout.
                eu.example.com;/eu/*=checkout.eu.example.com;/eu/*=checkout.eu.example.com;/eu/*=checkout.eu.example.com;/eu/*=checkout.eu.example.com;'}
            - {name: ROUTES_1, value: *routes}
            - {name: ROUTES_2, value: *routes}
            - {name: ROUTES_3, value: *routes}
            - {name: ROUTES_4, value: *routes}
            - {name: ROUTES_5, value: *routes}
            - {name: ROUTES_6, value: *routes}
            - {name: ROUTES_7, value: *routes}
            - {name: ROUTES_8, value: *routes}
            - {name: ROUTES_9, value: *routes}
            - {name: ROUTES_10, value: *routes}
            - {name: ROUTES_11, value: *routes}
            - {name: ROUTES_12, value: *routes}
            - {name: ROUTES_13, value: *routes}
            - {name: ROUTES_14, value: *routes}
            - {name: ROUTES_15, value: *routes}
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, env: [{name: ROUTES, value: short}]}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let limit = catalog.limits.lambda.environment.value / 1024.0;
    let is_over = |signal: &&Signal| {
        let size = signal.value.split(' ').next().and_then(|number| number.parse::<f64>().ok());
        signal.what == Trait::Environment && size.is_some_and(|size| size > limit)
    };
    let signal = evidence.signals.iter().find(is_over)?;
    let because = format!("a function has {} KiB of variables: read the rest at start", trim(limit));
    Some(Found::notes(&signal.field, &signal.value, because))
}
