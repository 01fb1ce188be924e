//! The platform's verdict, written into the PlatformProfile once the workloads have come to rest.

mod apply;
mod members;
mod rhythm;

use std::{sync::Arc, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tracing::warn;

pub use apply::{Outcome, PlatformWriter};
pub use members::Members;
use rhythm::{Due, Rhythm};

use super::Operator;
use crate::{
    decide::platform::{Member, PlatformVerdict},
    evidence::platform_features,
    facts::Subject,
    observe::Key,
};

/// How often it's looked whether something changed, and so how long rest is.
const REST: Duration = Duration::from_secs(2);

/// Why a workload that isn't profiled is counted apart.
const APART: &str = "it runs in a namespace that isn't profiled";

/// Follows the members, for as long as this replica leads.
pub async fn follow(operator: Operator) {
    let mut writer = PlatformWriter::new(operator.client.clone(), operator.cluster_name.clone());
    let mut rhythm = Rhythm::new(Instant::now());
    let mut in_force = operator.evaluator.in_force();
    let mut backoff = retries();
    let mut ticks = interval(REST);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now_in_force = operator.evaluator.in_force();
        if !Arc::ptr_eq(&in_force, &now_in_force) && *in_force != *now_in_force {
            in_force = now_in_force;
            rhythm.policy_changed();
        }
        let (state, all) = progress(&operator);
        let due = rhythm.look(Instant::now(), state, all);
        match due {
            Due::Nothing => continue,
            Due::Resync => writer.forget(),
            Due::Verdict => {}
        }
        let Some(verdict) = judge(&operator).await else { continue };
        match writer.write(&verdict).await {
            Ok(_) => {
                rhythm.done(due, Instant::now());
                backoff = retries();
            }
            Err(error) => {
                let delay = backoff.next().unwrap_or_default().max(error.retry_after());
                warn!("the platform's verdict wasn't written: {error}; again in {:.0?}", delay);
                tokio::time::sleep(delay).await;
            }
        }
    }
}

/// How often the members changed or what the platform itself uses, and whether every workload was looked at.
pub(super) fn progress(operator: &Operator) -> (u64, bool) {
    operator.view.read(|seen| {
        let workloads = seen.index.workloads().filter(|workload| operator.scope.profiles(&workload.key));
        let changes = seen.members.changes() + seen.index.platform_changes();
        (changes, seen.members.looked_at() >= workloads.count())
    })
}

/// Judges all members, on a thread of its own: with 10,000 of them it takes longer than a request may wait.
async fn judge(operator: &Operator) -> Option<PlatformVerdict> {
    let (members, features) =
        operator.view.read(|seen| (seen.members.all().0, platform_features(&seen.index)));
    let apart = operator.apart();
    let evaluator = operator.evaluator.clone();
    let judging = tokio::task::spawn_blocking(move || {
        let members = members.iter().map(|member| &**member).chain(&apart);
        evaluator.judge(members).using(features)
    });
    match judging.await {
        Ok(verdict) => Some(verdict),
        Err(error) => {
            warn!("judging the platform failed: {error}");
            None
        }
    }
}

impl Operator {
    /// The workloads that aren't profiled: the verdict counts them apart.
    pub(super) fn apart(&self) -> Vec<Member> {
        let apart = self.view.read(|seen| seen.members.all().1);
        let member = |key: Key| {
            let kind = key.kind.name().to_owned();
            Member::apart(Subject { kind, namespace: key.namespace, name: key.name }, APART)
        };
        apart.into_iter().map(member).collect()
    }
}

/// Half a second to five minutes.
fn retries() -> backon::ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(500))
        .with_max_delay(Duration::from_secs(300))
        .with_jitter()
        .without_max_times()
        .build()
}
