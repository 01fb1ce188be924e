//! How long a watch waits after an error. With kube's default an outage of a minute is followed by as much again, in which
//! the view is old and nobody sees to the certificate.

use std::time::Duration;

use backon::ExponentialBuilder;
use futures::{Stream, StreamExt, stream};
use kube::runtime::{
    utils::Backoff,
    watcher::{DefaultBackoff, Error, ExponentialBackoff},
};

use super::watch::status;

/// The least, and half of the most, after a try that the API server didn't answer: where nobody is, nobody is spared.
const UNANSWERED: Duration = Duration::from_secs(3);

/// The events of a watch, with a pause after each error: ever longer ones while the API server answers with errors, the
/// same short one while it doesn't answer.
pub fn paced<T>(
    events: impl Stream<Item = Result<T, Error>> + Send,
) -> impl Stream<Item = Result<T, Error>> + Send {
    stream::unfold((Box::pin(events), Retries::default(), None), async |(mut events, mut retries, wait)| {
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
        }
        let event = events.next().await?;
        let wait = retries.after(event.as_ref().err());
        Some((event, (events, retries, wait)))
    })
}

/// Whether the API server said why.
pub fn is_answered(error: &Error) -> bool {
    status(error).is_some()
}

struct Retries {
    answered: DefaultBackoff,
    unanswered: ExponentialBackoff,
}

impl Default for Retries {
    fn default() -> Self {
        let unanswered =
            ExponentialBuilder::new().with_min_delay(UNANSWERED).with_max_delay(UNANSWERED).with_factor(1.0);
        Retries {
            answered: DefaultBackoff::default(),
            unanswered: unanswered.with_jitter().without_max_times().into(),
        }
    }
}

impl Retries {
    fn after(&mut self, error: Option<&Error>) -> Option<Duration> {
        match error {
            Some(error) if is_answered(error) => self.answered.next(),
            Some(_) => self.unanswered.next(),
            None => {
                self.answered.reset();
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use kube::core::Status;
    use tokio::time::Instant;

    use super::*;

    /// How long after each of so many errors in a row it goes on.
    async fn pauses(error: fn() -> Error, count: usize) -> Vec<Duration> {
        let events = stream::repeat_with(|| Err::<(), _>(error())).take(count).chain(stream::iter([Ok(())]));
        let mut events = std::pin::pin!(paced(events));
        let mut pauses = Vec::new();
        while events.next().await.is_some_and(|event| event.is_err()) {
            let since = Instant::now();
            pauses.push(since);
        }
        pauses.push(Instant::now());
        pauses.windows(2).map(|two| two[1] - two[0]).collect()
    }

    fn away() -> Error {
        Error::WatchStartFailed(kube::Error::Service("connection refused".into()))
    }

    fn refused() -> Error {
        Error::WatchStartFailed(kube::Error::Api(Box::new(Status::failure("forbidden", "Forbidden"))))
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_long_outage_it_is_back_within_seconds() {
        for pause in pauses(away, 100).await {
            assert!((3..=6).contains(&pause.as_secs()), "{pause:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_refused_asks_ever_more_rarely() {
        let pauses = pauses(refused, 10).await;
        assert!(pauses[0] < Duration::from_secs(2) && pauses[9] >= Duration::from_secs(30), "{pauses:?}");
    }
}
