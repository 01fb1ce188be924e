//! Takes a request's body in, within bounds: its size, its time, and the memory of all bodies together.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, StatusCode, header},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// An UPDATE carries two objects of up to 3 MiB, as etcd and the API server allow, and the review around them.
pub const BODY_MAX: usize = 7 << 20;

/// Memory for all bodies at once, 32 MiB, in units of 64 KiB. A body takes at least one unit, so this also bounds how
/// many requests are worked on. Small bodies have a lane of their own: whoever waits does so in turn, and a few large
/// ones that never arrive would hold up every review behind them.
const UNIT: usize = 64 << 10;
const SMALL_MAX: usize = 256 << 10;
const SMALL_UNITS: usize = (8 << 20) / UNIT;
const LARGE_UNITS: usize = (24 << 20) / UNIT;

/// Why a body wasn't taken in.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused(pub StatusCode, pub &'static str);

const NOT_JSON: Refused = Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send Content-Type: application/json");
const TOO_LARGE: Refused = Refused(StatusCode::PAYLOAD_TOO_LARGE, "the body is over 7 MiB");
const BROKEN: Refused = Refused(StatusCode::BAD_REQUEST, "the body broke off");
const STOPPING: Refused = Refused(StatusCode::SERVICE_UNAVAILABLE, "stopping");

/// The memory that bodies may take.
#[derive(Clone, Debug)]
pub struct Intake {
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

impl Default for Intake {
    fn default() -> Self {
        let lane = |units| Arc::new(Semaphore::new(units));
        Intake { small: lane(SMALL_UNITS), large: lane(LARGE_UNITS) }
    }
}

impl Intake {
    /// The body, with its share of the memory until that is dropped.
    /// Waits while others use all of it; the caller bounds the time.
    ///
    /// # Errors
    /// When the type is wrong or the body is too large or breaks off.
    pub async fn take(
        &self,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<(Bytes, OwnedSemaphorePermit), Refused> {
        if !is_json(headers) {
            return Err(NOT_JSON);
        }
        let size = announced(headers).unwrap_or(BODY_MAX);
        if size > BODY_MAX {
            return Err(TOO_LARGE);
        }
        let units = u32::try_from(size.div_ceil(UNIT).max(1)).unwrap_or(u32::MAX);
        let lane = if size <= SMALL_MAX { &self.small } else { &self.large };
        let share = lane.clone().acquire_many_owned(units).await.map_err(|_| STOPPING)?;
        match to_bytes(body, size).await {
            Ok(bytes) => Ok((bytes, share)),
            Err(error) if is_over(&error) => Err(TOO_LARGE),
            Err(_) => Err(BROKEN),
        }
    }
}

/// A body that says nothing of its type is read all the same; one that says it's something else is not.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return true };
    let text = value.to_str().unwrap_or_default();
    text.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_over(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn headers(length: Option<usize>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "application/json; charset=utf-8".parse().unwrap());
        if let Some(length) = length {
            headers.insert(header::CONTENT_LENGTH, length.into());
        }
        headers
    }

    #[tokio::test]
    async fn the_largest_bodies_wait_for_memory_and_small_ones_fit_beside_them() {
        let intake = Intake::default();
        let body = || Body::from(vec![b' '; BODY_MAX]);
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(intake.take(&headers(Some(BODY_MAX)), body()).await.unwrap());
        }
        assert!(intake.take(&headers(Some(BODY_MAX)), body()).now_or_never().is_none());
        assert!(intake.take(&headers(Some(2)), Body::from("{}")).now_or_never().is_some());
        held.pop();
        assert!(intake.take(&headers(Some(BODY_MAX)), body()).now_or_never().is_some());
    }

    #[tokio::test]
    async fn large_bodies_that_never_arrive_hold_up_no_small_one() {
        let intake = Intake::default();
        let silent = || Body::from_stream(futures::stream::pending::<Result<Vec<u8>, axum::Error>>());
        let head = headers(Some(BODY_MAX));
        let mut waiting: Vec<_> = (0..5).map(|_| Box::pin(intake.take(&head, silent()))).collect();
        for taken in &mut waiting {
            assert!(taken.now_or_never().is_none());
        }
        let review = Body::from(vec![b' '; 4 << 10]);
        assert!(intake.take(&headers(Some(4 << 10)), review).now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_body_without_a_length_is_cut_at_the_limit() {
        let body = |size| Body::from_stream(futures::stream::iter([Ok::<_, axum::Error>(vec![b' '; size])]));
        let intake = Intake::default();
        assert!(intake.take(&headers(None), body(BODY_MAX)).await.is_ok());
        assert_eq!(intake.take(&headers(None), body(BODY_MAX + 1)).await.unwrap_err(), TOO_LARGE);
    }
}
