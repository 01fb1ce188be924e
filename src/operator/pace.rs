//! How fast the operator writes: evenly, so that a cold start on a large cluster leaves the API server to others.

use std::time::Duration;

use tokio::{
    sync::Mutex,
    time::{Interval, MissedTickBehavior, interval},
};

/// 200 writes a second: a profile, a status and an Event for each of 10,000 new workloads take two and a half minutes.
const BETWEEN_WRITES: Duration = Duration::from_millis(5);

#[derive(Debug, Default)]
pub struct Pace(Mutex<Option<Interval>>);

impl Pace {
    /// Waits for this write's turn.
    pub async fn turn(&self) {
        let mut interval = self.0.lock().await;
        interval.get_or_insert_with(every).tick().await;
    }
}

fn every() -> Interval {
    let mut interval = interval(BETWEEN_WRITES);
    // What wasn't written in a quiet time isn't made up for.
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_quiet_time_saves_nothing_up() {
        let pace = Pace::default();
        pace.turn().await;
        tokio::time::advance(Duration::from_secs(60)).await;
        let start = Instant::now();
        for _ in 0..101 {
            pace.turn().await;
        }
        assert!(start.elapsed() >= Duration::from_millis(500), "{:?}", start.elapsed());
    }
}
