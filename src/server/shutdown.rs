//! How the process is told to stop, and how it takes leave of those who still send requests.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::http::HeaderValue;
use tokio::{
    signal::unix::{SignalKind, signal},
    time::{Instant, sleep},
};

/// A Service's endpoints follow a Pod's end with a delay, mostly of a second or two.
const FOLLOW: Duration = Duration::from_secs(8);

/// Requests that come after that say that they haven't yet. Without one for this long, they have.
const QUIET: Duration = Duration::from_secs(3);

/// No longer than this: the Pod's grace period is 30 seconds.
const DRAIN_MAX: Duration = Duration::from_secs(15);

/// For the Lease, so that the next replica needn't wait until it runs out.
pub const RELEASE_MAX: Duration = Duration::from_secs(5);

/// Requests that are still being answered after this long are cut.
pub const GRACE: Duration = Duration::from_secs(10);

/// Who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The kubelet, with SIGTERM: others still send requests for a moment.
    ByTheKubelet,
    /// A person at a terminal, with Ctrl-C.
    ByAPerson,
}

/// Waits until the process is told to stop.
///
/// # Errors
/// When the signals can't be listened for.
pub async fn asked() -> io::Result<Asked> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminate.recv() => Asked::ByTheKubelet,
        _ = interrupt.recv() => Asked::ByAPerson,
    })
}

/// Winds connections down by their own answers. API servers speak HTTP/1.1 to webhooks and send no POST twice: a
/// connection that is closed from this side while a request is on its way drops that request.
#[derive(Clone, Debug, Default)]
pub struct Drain(Arc<Draining>);

#[derive(Debug, Default)]
struct Draining {
    begun: AtomicBool,
    answers: AtomicUsize,
}

impl Drain {
    /// From now on each answer is the last of its connection.
    pub fn begin(&self) {
        self.0.begun.store(true, Ordering::Relaxed);
    }

    /// The Connection header of an answer that is about to be sent.
    pub fn connection(&self) -> Option<HeaderValue> {
        if !self.0.begun.load(Ordering::Relaxed) {
            return None;
        }
        self.0.answers.fetch_add(1, Ordering::Relaxed);
        Some(HeaderValue::from_static("close"))
    }

    /// Waits until endpoints have had time to follow and no more requests come. Those that do come by new connections,
    /// or by one that had been idle since before.
    pub async fn quiet(&self) {
        let end = Instant::now() + DRAIN_MAX;
        sleep(FOLLOW - QUIET).await;
        loop {
            let before = self.0.answers.load(Ordering::Relaxed);
            sleep(QUIET).await;
            if self.0.answers.load(Ordering::Relaxed) == before || Instant::now() >= end {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn seconds_with_an_answer_each(seconds: u64) -> u64 {
        let (drain, start) = (Drain::default(), Instant::now());
        assert_eq!(drain.connection(), None);
        drain.begin();
        let answering = drain.clone();
        tokio::spawn(async move {
            for _ in 0..seconds {
                assert!(answering.connection().is_some());
                sleep(Duration::from_secs(1)).await;
            }
        });
        drain.quiet().await;
        start.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn it_lasts_until_no_more_requests_come_and_no_longer_than_the_pod_may_live() {
        assert_eq!(seconds_with_an_answer_each(0).await, 8);
        assert_eq!(seconds_with_an_answer_each(4).await, 8);
        assert_eq!(seconds_with_an_answer_each(7).await, 11);
        assert_eq!(seconds_with_an_answer_each(100).await, 17);
    }
}
