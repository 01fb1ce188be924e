//! How many services share the platform: settled now and then, because it's part of every workload's cost.
//!
//! Each new Deployment changes every other workload's share of the cluster by a little. Followed at once, one apply
//! in a cluster of 10,000 would rewrite 10,000 statuses. So decisions use a settled number: it moves once the count
//! has come to rest a tenth away from it, and at the slow resync when it's off by a hundredth.
//!
//! Only statuses use the settled number; warnings use the count of the moment, which is the same on every replica.
//! Every replica settles, by the same rule on the same count: one that takes over rewrites next to nothing.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval};
use tracing::info;

use super::{Scope, View, queue::Queue};
use crate::{observe::Fleet, server::Readiness};

/// The count is at rest when it stays the same this long.
const REST: Duration = Duration::from_secs(2);

/// Everything is looked at again this often, should an event ever have been lost.
const RESYNC: Duration = Duration::from_secs(600);

/// Settles the first count once all lists are in, and follows it from then on.
pub async fn follow(view: Arc<View>, queue: Arc<Queue>, scope: Scope, readiness: Arc<Readiness>) {
    readiness.all_listed().await;
    let mut last = view.write(|seen| {
        seen.index.settle(seen.index.counted());
        seen.index.counted()
    });
    let mut resynced = Instant::now();
    let mut ticks = interval(REST);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let resync = resynced.elapsed() >= RESYNC;
        let (settled, counted) = view.read(|seen| (seen.index.settled(), seen.index.counted()));
        let at_rest = counted == last;
        last = counted;
        let moved = settled.is_none_or(|settled| {
            resync && differ(settled, counted, 100) || at_rest && differ(settled, counted, 10)
        });
        if moved {
            info!(services = counted.services, "the number of services that share the platform was settled");
            view.write(|seen| seen.index.settle(counted));
        }
        if moved || resync {
            resynced = Instant::now();
            view.write(|seen| seen.index.forget_strays());
            queue.add(view.everything(&scope));
        }
    }
}

/// Whether shares of the fixed cost hold for now: no other count is about to be settled.
pub fn is_settled(view: &View) -> bool {
    view.read(|seen| seen.index.settled().is_none_or(|settled| !differ(settled, seen.index.counted(), 10)))
}

/// Whether two counts differ by at least one part in so many.
fn differ(settled: Fleet, counted: Fleet, parts: usize) -> bool {
    let difference = settled.services.abs_diff(counted.services);
    difference > 0 && difference * parts >= settled.services
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet(services: usize) -> Fleet {
        Fleet { services }
    }

    #[test]
    fn one_more_matters_to_few_and_not_to_many() {
        assert!(differ(fleet(10), fleet(11), 10) && differ(fleet(0), fleet(1), 10));
        assert!(!differ(fleet(11), fleet(12), 10) && !differ(fleet(10), fleet(10), 10));
        assert!(!differ(fleet(10_000), fleet(9_001), 10) && differ(fleet(10_000), fleet(9_000), 10));
        assert!(differ(fleet(100), fleet(101), 100) && !differ(fleet(101), fleet(102), 100));
    }
}
