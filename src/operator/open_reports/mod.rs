//! A Report in each namespace, for tools that read OpenReports: written by the leader, once statuses have come to rest.

mod apply;
mod rest;

use std::{
    collections::{BTreeMap, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    time::Duration,
};

use tokio::time::{Instant, MissedTickBehavior, interval};
use tracing::warn;

pub use apply::{Outcome, ReportWriter};
use rest::Rest;

use super::{Operator, platform, records::fleet};
use crate::report::open_reports::{Api, report};

/// How often it's looked whether a status changed, and so how long rest is.
const LOOK: Duration = Duration::from_secs(5);
/// Reports are listed again this often, should somebody have changed one.
const RESYNC: Duration = Duration::from_secs(600);
/// What failed is tried again after this: a missing CustomResourceDefinition may come.
const AGAIN: Duration = Duration::from_secs(60);

/// Follows the statuses, for as long as this replica leads.
pub async fn follow(operator: Operator, api: Api) {
    let mut writer = ReportWriter::new(operator.client.clone(), api);
    let mut rest = Rest::default();
    let mut resynced = Instant::now();
    let mut said = String::new();
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if !platform::progress(&operator).1 {
            // Not all was looked at yet: a report would leave out what isn't.
            continue;
        }
        if resynced.elapsed() >= RESYNC {
            resynced = Instant::now();
            writer.forget();
            rest = Rest::default();
        }
        if let Err(error) = update(&operator, api, &mut writer, &mut rest).await {
            let error = error.to_string();
            // A cluster without the kind would fill the log.
            if said != error {
                warn!("the {} wasn't written: {error}", api.names()[2]);
                said = error;
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}

async fn update(
    operator: &Operator,
    api: Api,
    writer: &mut ReportWriter,
    rest: &mut Rest,
) -> Result<(), super::reconcile::Error> {
    let mut signs = signs(operator);
    // Where nothing is left, a report may be.
    for namespace in writer.known().await? {
        signs.entry(namespace).or_default();
    }
    for (namespace, sign) in rest.due(Instant::now(), signs) {
        let (by, of) = (operator.clone(), namespace.clone());
        let making = tokio::task::spawn_blocking(move || {
            let keys = by.view.everything(&by.scope).into_iter().filter(|key| key.namespace == of);
            let fleet = fleet(&by.view, &by.evaluator, &by.cluster_name, keys, usize::MAX);
            report(api, &of, &fleet.records)
        });
        match making.await {
            Ok(report) => writer.write(&namespace, report.as_ref()).await?,
            Err(error) => {
                warn!(namespace, "making its report failed: {error}");
                continue;
            }
        };
        rest.done(namespace, sign);
    }
    Ok(())
}

/// What the statuses of each namespace say, as a number that changes with any of them.
fn signs(operator: &Operator) -> BTreeMap<String, u64> {
    operator.view.read(|seen| {
        let mut signs: BTreeMap<String, DefaultHasher> = BTreeMap::new();
        for profile in seen.profiles.iter().filter(|profile| operator.scope.profiles(&profile.key)) {
            let sign = signs.entry(profile.namespace.clone()).or_default();
            (&profile.name, profile.said.fingerprint).hash(sign);
        }
        signs.into_iter().map(|(namespace, sign)| (namespace, sign.finish())).collect()
    })
}
