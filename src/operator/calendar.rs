//! The day, in UTC: it decides whether an exemption holds, and the view is the only place that knows it.

use std::{sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval};
use tracing::info;

use super::{Scope, View, queue::Queue};
use crate::{evidence::exemption, observe};

/// Short enough that a clock which jumps, or a process that was stopped, is soon noticed.
const LOOK: Duration = Duration::from_secs(30);

/// Turns the page at midnight, and has every workload with an exemption looked at again.
pub async fn follow(view: Arc<View>, queue: Arc<Queue>, scope: Scope) {
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let today = observe::today();
        let exempt = view.write(|seen| {
            if !seen.index.date(today) {
                return Vec::new();
            }
            let all = seen.index.workloads();
            all.filter(|workload| exemption::is_asked_for(workload)).map(|w| w.key.clone()).collect()
        });
        if !exempt.is_empty() {
            info!(%today, workloads = exempt.len(), "a new day: exemptions are looked at again");
        }
        queue.add(exempt.into_iter().filter(|key| scope.profiles(key)));
    }
}
