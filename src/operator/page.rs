//! The cluster's report as the operator's own page shows it: made from memory, by any replica.

use std::{path::Path, sync::Arc};

use super::{Operator, records};
use crate::{
    decide::{
        Verdict,
        platform::{Member, PricesUsed},
    },
    evidence::platform_features,
    observe::Key,
    report::form::{Platform, Report, find},
    server::page::{Made, Make, NotMade},
};

/// Workloads that the page shows: each is some fifteen kilobytes in both forms. The verdict counts all.
const SHOWN_MAX: usize = 1000;

/// What makes the page.
pub fn make(operator: Operator) -> Make {
    Arc::new(move || made(&operator))
}

fn made(operator: &Operator) -> Result<Made, NotMade> {
    if let Some(missing) = operator.readiness.missing().first() {
        return Err(NotMade::Yet(missing.to_string()));
    }
    let records::Fleet { mut records, mut members, left_out } = records::fleet(
        &operator.view,
        &operator.evaluator,
        &operator.cluster_name,
        by_weight(operator),
        SHOWN_MAX,
    );
    records.sort_by(|a, b| (&a.namespace, &a.kind, &a.name).cmp(&(&b.namespace, &b.kind, &b.name)));
    members.extend(operator.apart());
    let features = operator.view.read(|seen| platform_features(&seen.index));
    let verdict = operator.evaluator.judge(members.iter().collect::<Vec<&Member>>()).using(features);
    let in_force = operator.evaluator.in_force();
    let report = Report {
        records: &records,
        platforms: &[Platform { cluster: Some(operator.cluster_name.clone()), verdict }],
        overview: true,
        groups: None,
        left_out,
        catalog: &in_force.catalog,
        policy: &in_force.policy,
        prices: &[PricesUsed::of(&in_force.catalog)],
        colour: false,
        root: Path::new(""),
    };
    let written = |name| match find(name) {
        Some(form) => (form.write)(&report).map_err(NotMade::Failed),
        None => Err(NotMade::Failed(format!("no form {name}").into())),
    };
    Ok(Made { html: written("html")?, json: written("json")? })
}

/// All workloads, those to do something about first, by what their statuses say.
fn by_weight(operator: &Operator) -> Vec<Key> {
    let mut keys: Vec<Key> = operator.view.everything(&operator.scope).into_iter().collect();
    operator.view.read(|seen| {
        keys.sort_by_cached_key(|key| match seen.profiles.of(key).and_then(|profile| profile.said.verdict) {
            Some(Verdict::Misplaced) => 0,
            Some(Verdict::Undetermined) => 1,
            Some(Verdict::Exempt) => 2,
            Some(Verdict::WellPlaced) | None => 3,
        });
    });
    keys
}
