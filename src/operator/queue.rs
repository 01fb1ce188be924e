//! The queue of workloads to look at: each once, a moment after its first change, and never twice at the same time.

use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    pin::pin,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use futures::{
    StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
};
use kube::runtime::scheduler::{ScheduleRequest, scheduler};
use tokio::time::Instant;
use tracing::warn;

use super::reconcile::{Error, Outcome, Reconciler};
use crate::{observe::Key, server::Metrics};

/// An apply of a whole application comes as many changes: this long they gather. The first counts, not the last, so
/// that a workload which never rests is looked at all the same.
const GATHER: Duration = Duration::from_millis(500);

/// This long a profile without its workload is left to Kubernetes, which mostly takes a second.
const LEFT_TO_KUBERNETES: Duration = Duration::from_secs(15);

/// The sending side. While nobody works, what is added is forgotten: whoever begins looks at everything.
#[derive(Default)]
pub struct Queue(RwLock<Vec<UnboundedSender<ScheduleRequest<Key>>>>);

/// One worker's part of the keys.
pub struct Shard {
    requests: UnboundedReceiver<ScheduleRequest<Key>>,
    again: UnboundedSender<ScheduleRequest<Key>>,
}

impl Queue {
    /// Begins anew, for this many workers.
    pub fn open(&self, workers: usize) -> Vec<Shard> {
        let (senders, shards) = (0..workers)
            .map(|_| {
                let (sender, requests) = unbounded();
                (sender.clone(), Shard { requests, again: sender })
            })
            .unzip();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = senders;
        shards
    }

    /// Asks for these workloads to be looked at.
    pub fn add(&self, keys: impl IntoIterator<Item = Key>) {
        let run_at = Instant::now() + GATHER;
        let shards = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if shards.is_empty() {
            return;
        }
        for key in keys {
            let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(&key);
            let shard = &shards[hash as usize % shards.len()];
            // Its worker is gone when another replica leads now.
            let _ = shard.unbounded_send(ScheduleRequest { message: key, run_at });
        }
    }
}

impl Shard {
    /// Looks at one workload after the other; at one that failed again later, and later each time.
    pub async fn work(self, reconciler: Arc<Reconciler>, metrics: Arc<Metrics>) {
        let mut keys = pin!(scheduler(self.requests));
        let mut failing: HashMap<Key, ExponentialBackoff> = HashMap::new();
        // Since when a profile has been there without its workload.
        let mut orphaned: HashMap<Key, Instant> = HashMap::new();
        while let Some(key) = keys.next().await {
            let looked = match reconciler.reconcile(&key).await {
                Ok(Outcome::Orphaned)
                    if orphaned.get(&key).is_some_and(|since| since.elapsed() >= LEFT_TO_KUBERNETES) =>
                {
                    reconciler.collect(&key).await
                }
                looked => looked,
            };
            match looked {
                Ok(Outcome::Orphaned) => {
                    failing.remove(&key);
                    metrics.reconciled(Outcome::Orphaned.name());
                    let since = *orphaned.entry(key.clone()).or_insert_with(Instant::now);
                    let run_at = since + LEFT_TO_KUBERNETES;
                    let _ = self.again.unbounded_send(ScheduleRequest { message: key, run_at });
                }
                Ok(outcome) => {
                    orphaned.remove(&key);
                    failing.remove(&key);
                    metrics.reconciled(outcome.name());
                }
                Err(error) => {
                    metrics.reconciled("failed");
                    let delay = delay(failing.entry(key.clone()).or_insert_with(backoff), &error);
                    warn!(workload = %key, "{error}; again in {:.0?}", delay);
                    let request = ScheduleRequest { message: key, run_at: Instant::now() + delay };
                    let _ = self.again.unbounded_send(request);
                }
            }
        }
    }
}

/// Half a second to five minutes, spread so that many failures at once don't return at once.
fn backoff() -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(500))
        .with_max_delay(Duration::from_secs(300))
        .with_factor(2.0)
        .with_jitter()
        .without_max_times()
        .build()
}

/// The next delay, and at least what the API server asked for.
fn delay(backoff: &mut ExponentialBackoff, error: &Error) -> Duration {
    let own = backoff.next().unwrap_or(Duration::from_secs(300));
    own.max(error.retry_after())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::Kind;

    fn key(name: &str) -> Key {
        Key { namespace: "shop".to_owned(), kind: Kind::Deployment, name: name.to_owned() }
    }

    #[tokio::test(start_paused = true)]
    async fn many_changes_of_one_workload_are_one_look() {
        let queue = Queue::default();
        let mut shards = queue.open(1);
        let mut keys = pin!(scheduler(shards.remove(0).requests));
        queue.add([key("web"), key("web")]);
        tokio::time::advance(Duration::from_millis(400)).await;
        queue.add([key("web")]);
        assert_eq!(keys.next().await, Some(key("web")));
        let more = tokio::time::timeout(Duration::from_secs(60), keys.next()).await;
        assert!(more.is_err(), "looked at again: {more:?}");
    }

    #[test]
    fn what_is_added_while_nobody_works_is_forgotten() {
        let queue = Queue::default();
        queue.add([key("before")]);
        drop(queue.open(1));
        queue.add([key("between")]);
        let mut shards = queue.open(1);
        assert!(shards[0].requests.try_recv().is_err());
        queue.add([key("after")]);
        assert_eq!(shards[0].requests.try_recv().unwrap().message, key("after"));
    }

    #[test]
    fn a_workload_always_has_the_same_worker() {
        let queue = Queue::default();
        let mut shards = queue.open(4);
        for _ in 0..8 {
            queue.add([key("web")]);
        }
        let counts: Vec<usize> = shards
            .iter_mut()
            .map(|shard| std::iter::from_fn(|| shard.requests.try_recv().ok()).count())
            .collect();
        assert_eq!(counts.iter().filter(|count| **count == 8).count(), 1, "{counts:?}");
        assert_eq!(counts.iter().sum::<usize>(), 8);
    }

    #[test]
    fn each_failure_waits_longer_up_to_five_minutes() {
        let delays: Vec<Duration> = backoff().take(20).collect();
        assert!(delays[0] < Duration::from_millis(1100) && delays[5] > Duration::from_secs(10), "{delays:?}");
        assert!(
            delays[19] >= Duration::from_secs(300) && delays[19] <= Duration::from_secs(600),
            "{delays:?}"
        );
    }
}
