//! How long a watch waits after an error. With kube's default an outage of a minute is followed by as much again, in which
//! the view is old and nobody sees to the certificate.

use std::time::Duration;

use backon::ExponentialBuilder;
use futures::{Stream, StreamExt, stream};
use kube::runtime::{
    utils::Backoff,
    watcher::{DefaultBackoff, Error, Event, ExponentialBackoff},
};

/// The least, and half of the most, after a try that the API server didn't answer: where nobody is, nobody is spared.
const UNANSWERED: Duration = Duration::from_secs(3);

/// The events of a watch, with a pause after each error: ever longer ones while the API server answers with errors, the
/// same short one while it doesn't answer.
pub fn paced<K>(
    events: impl Stream<Item = Result<Event<K>, Error>> + Send,
) -> impl Stream<Item = Result<Event<K>, Error>> + Send {
    stream::unfold((Box::pin(events), Retries::default(), None), async |(mut events, mut retries, wait)| {
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
        }
        let event = events.next().await?;
        let wait = retries.after(&event);
        Some((event, (events, retries, wait)))
    })
}

/// Whether nobody was there to say why.
pub fn is_unanswered(error: &Error) -> bool {
    use kube::Error::{HyperError, ReadEvents, Service};
    let (Error::InitialListFailed(error) | Error::WatchStartFailed(error) | Error::WatchFailed(error)) =
        error
    else {
        return false;
    };
    matches!(error, Service(_) | HyperError(_) | ReadEvents(_))
}

/// Whether the API server gave something. That a list begins is said before anybody is asked.
pub fn is_answer<K>(event: &Event<K>) -> bool {
    !matches!(event, Event::Init)
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
    fn after<K>(&mut self, event: &Result<Event<K>, Error>) -> Option<Duration> {
        match event {
            Err(error) if is_unanswered(error) => self.unanswered.next(),
            Err(_) => self.answered.next(),
            Ok(event) => {
                if is_answer(event) {
                    self.answered.reset();
                }
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::{
        body::Body,
        http::{Request, Response},
    };
    use k8s_openapi::api::core::v1::Secret;
    use kube::{Api, Client, runtime::watcher::watcher};
    use serde_json::json;
    use tokio::time::Instant;

    use super::*;

    /// How an API server answers so long after the start, and whether it's asked for a watch; nothing where it's away.
    type Answers = fn(Duration, bool) -> Option<Response<Body>>;

    /// The times of requests within ten minutes, and of events but for those that a list begins with.
    async fn times(answers: Answers) -> (Vec<Duration>, Vec<Duration>) {
        let start = Instant::now();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let asking = asked.clone();
        let service = tower::service_fn(move |request: Request<kube::client::Body>| {
            asking.lock().unwrap().push(start.elapsed());
            let is_watch = request.uri().query().is_some_and(|query| query.contains("watch=true"));
            let answer = answers(start.elapsed(), is_watch);
            async move { answer.ok_or_else(|| std::io::Error::other("connection refused")) }
        });
        let secrets: Api<Secret> = Api::all(Client::new(service, "default"));
        let mut events = std::pin::pin!(paced(watcher(secrets, Default::default())));
        let mut told = Vec::new();
        let ten_minutes = Duration::from_secs(600);
        while let Ok(Some(event)) = tokio::time::timeout_at(start + ten_minutes, events.next()).await {
            told.extend(event.is_ok_and(|event| is_answer(&event)).then(|| start.elapsed()));
        }
        let asked = asked.lock().unwrap().clone();
        (asked, told)
    }

    fn answered(status: u16, body: serde_json::Value) -> Response<Body> {
        Response::builder().status(status).body(Body::from(body.to_string() + "\n")).unwrap()
    }

    /// A watch that tells of this, and of nothing more.
    fn watched(event: Option<serde_json::Value>) -> Response<Body> {
        let told = stream::iter(event.map(|event| Ok::<_, std::io::Error>(event.to_string() + "\n")));
        Response::new(Body::from_stream(told.chain(stream::pending())))
    }

    fn list() -> Response<Body> {
        answered(200, json!({"metadata": {"resourceVersion": "5"}, "items": []}))
    }

    #[tokio::test(start_paused = true)]
    async fn after_an_outage_it_is_back_within_seconds() {
        const BACK: Duration = Duration::from_secs(200);
        // One had listed before, and watches; another comes to list.
        let listed: Answers = |time, is_watch| match (is_watch, time < BACK) {
            (false, _) => Some(list()),
            (true, true) => None,
            (true, false) => Some(watched(Some(json!({"type": "ADDED", "object": {
                "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "resourceVersion": "6"},
            }})))),
        };
        let lists: Answers =
            |time, is_watch| (time >= BACK).then(|| if is_watch { watched(None) } else { list() });
        for answers in [listed, lists] {
            let (_, told) = times(answers).await;
            let back = told.iter().find(|time| **time >= BACK).expect("it comes back");
            assert!(*back <= BACK + 2 * UNANSWERED, "{back:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_refused_asks_ever_more_rarely() {
        let (asked, _) = times(|_, _| {
            Some(answered(403, json!({"kind": "Status", "status": "Failure", "code": 403, "message": "no"})))
        })
        .await;
        assert!((10..30).contains(&asked.len()), "{asked:?}");
    }
}
