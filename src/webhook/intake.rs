//! Takes a request's body in, within bounds: its size, its time, and the memory of all bodies together.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
};
use http_body_util::BodyExt;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

/// An UPDATE carries two objects of up to 3 MiB, as etcd and the API server allow, and the review around them.
pub const BODY_MAX: usize = 7 << 20;

/// Memory for all bodies at once: 32 MiB. Small bodies have a lane of their own: a few large ones that never arrive
/// would hold up every review behind them.
const SMALL: Bounds = Bounds {
    body: 256 << 10,
    room: (8 << 20) - (256 << 10),
    piece: 4 << 10,
    turn: Duration::from_millis(500),
};
const LARGE: Bounds =
    Bounds { body: BODY_MAX, room: (24 << 20) - BODY_MAX, piece: 64 << 10, turn: Duration::from_secs(2) };

/// What a lane holds.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// The largest body, for which there is memory beside the room: one that a full lane still lets end.
    body: usize,
    room: usize,
    /// What a body takes before more of it is read. One that never comes holds no more.
    piece: usize,
    /// How long it may take beyond a full lane, while the others wait for it.
    turn: Duration,
}

/// Why a body wasn't taken in.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused(pub StatusCode, pub &'static str);

const NOT_JSON: Refused = Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send Content-Type: application/json");
const TOO_LARGE: Refused = Refused(StatusCode::PAYLOAD_TOO_LARGE, "the body is over 7 MiB");
const BROKEN: Refused = Refused(StatusCode::BAD_REQUEST, "the body broke off");
const STOPPING: Refused = Refused(StatusCode::SERVICE_UNAVAILABLE, "stopping");
const SLOW: Refused = Refused(StatusCode::SERVICE_UNAVAILABLE, "the body came too slowly while others wait");

/// The memory that bodies may take.
#[derive(Clone, Debug)]
pub struct Intake {
    small: Lane,
    large: Lane,
}

impl Default for Intake {
    fn default() -> Self {
        Intake { small: Lane::new(SMALL), large: Lane::new(LARGE) }
    }
}

impl Intake {
    /// The body, with its share of the memory until that is dropped.
    /// Waits while others use all of it; the caller bounds the time.
    ///
    /// # Errors
    /// When the type is wrong or the body is too large, breaks off, or keeps the others waiting.
    pub async fn take(&self, headers: &HeaderMap, mut body: Body) -> Result<(Vec<u8>, Share), Refused> {
        if !is_json(headers) {
            return Err(NOT_JSON);
        }
        let size = announced(headers).unwrap_or(BODY_MAX);
        if size > BODY_MAX {
            return Err(TOO_LARGE);
        }
        let lane = if size <= SMALL.body { &self.small } else { &self.large };
        // What is announced is reserved and not touched: the system gives the memory as bytes are written to it.
        let (mut share, mut taken) = (lane.share(), Vec::with_capacity(announced(headers).unwrap_or(0)));
        loop {
            share.reach(size.min(taken.len() + lane.bounds.piece)).await?;
            let Some(frame) = share.in_time(body.frame()).await? else { return Ok((taken, share)) };
            let Ok(data) = frame.map_err(|_| BROKEN)?.into_data() else { continue };
            if taken.len() + data.len() > size {
                return Err(TOO_LARGE);
            }
            share.reach(taken.len() + data.len()).await?;
            taken.extend_from_slice(&data);
        }
    }
}

/// Room for bodies, which is taken as they come; and the turn of one of them that needs no more of it. Bodies that each
/// hold a part and wait for the rest would wait for each other: the one whose turn it is ends, and gives back what it
/// holds.
#[derive(Clone, Debug)]
struct Lane {
    bounds: Bounds,
    room: Arc<Semaphore>,
    turn: Arc<Semaphore>,
}

impl Lane {
    fn new(bounds: Bounds) -> Self {
        let of = |permits| Arc::new(Semaphore::new(permits));
        Lane { bounds, room: of(bounds.room), turn: of(1) }
    }

    fn share(&self) -> Share {
        Share { lane: self.clone(), held: None, turn: None }
    }
}

/// What one body takes of a lane.
#[derive(Debug)]
pub struct Share {
    lane: Lane,
    held: Option<OwnedSemaphorePermit>,
    /// The turn, and until when.
    turn: Option<(OwnedSemaphorePermit, Instant)>,
}

impl Share {
    /// Takes as much as makes this many bytes.
    async fn reach(&mut self, bytes: usize) -> Result<(), Refused> {
        let held = self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = u32::try_from(bytes.saturating_sub(held)).unwrap_or(u32::MAX);
        if more == 0 || self.turn.is_some() {
            return Ok(());
        }
        tokio::select! {
            biased;
            more = self.lane.room.clone().acquire_many_owned(more) => {
                let more = more.map_err(|_| STOPPING)?;
                match &mut self.held {
                    Some(held) => held.merge(more),
                    held => *held = Some(more),
                }
            }
            turn = self.lane.turn.clone().acquire_owned() => {
                self.turn = Some((turn.map_err(|_| STOPPING)?, Instant::now() + self.lane.bounds.turn));
            }
        }
        Ok(())
    }

    /// What comes of it, unless it's this one's turn and that ends first.
    async fn in_time<T>(&self, coming: impl Future<Output = T>) -> Result<T, Refused> {
        match &self.turn {
            Some((_, until)) => timeout_at(*until, coming).await.map_err(|_| SLOW),
            None => Ok(coming.await),
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

#[cfg(test)]
mod tests {
    use futures::{FutureExt, StreamExt};

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

    type Taken<'a> = std::pin::Pin<Box<dyn Future<Output = Result<(Vec<u8>, Share), Refused>> + Send + 'a>>;

    /// Bodies of the largest small size, of which this much comes, and then nothing.
    async fn stalled(intake: &Intake, count: usize, come: usize) -> Vec<Taken<'_>> {
        let some = move || futures::stream::iter([Ok::<_, axum::Error>(vec![b' '; come])]);
        let body = move || Body::from_stream(some().chain(futures::stream::pending()));
        let mut waiting: Vec<Taken<'_>> = Vec::new();
        for _ in 0..count {
            let mut taken: Taken<'_> =
                Box::pin(async move { intake.take(&headers(Some(SMALL.body)), body()).await });
            assert!(taken.as_mut().now_or_never().is_none());
            waiting.push(taken);
            // Each poll of a task may do so much and no more.
            tokio::task::yield_now().await;
        }
        waiting
    }

    fn review(intake: &Intake) -> Option<Result<(Vec<u8>, Share), Refused>> {
        intake.take(&headers(Some(4 << 10)), Body::from(vec![b' '; 4 << 10])).now_or_never()
    }

    #[tokio::test]
    async fn silent_bodies_hold_up_none() {
        let intake = Intake::default();
        let silent = stalled(&intake, 64, 0).await;
        assert!(matches!(review(&intake), Some(Ok(_))));
        assert_eq!(intake.small.room.available_permits(), SMALL.room - 64 * SMALL.piece);
        drop(silent);
        // As many as fill the lane: the next has its turn.
        let count = SMALL.room / SMALL.piece;
        let silent = stalled(&intake, count, 0).await;
        for _ in 0..3 {
            assert!(matches!(review(&intake), Some(Ok(_))));
        }
        drop(silent);
        assert_eq!(intake.small.room.available_permits(), SMALL.room, "some is lost");
    }

    #[tokio::test(start_paused = true)]
    async fn bodies_that_stall_in_a_full_lane_are_given_up_one_after_the_other() {
        let intake = Intake::default();
        let mut stalled = stalled(&intake, 32, SMALL.body - 1).await;
        assert!(review(&intake).is_none(), "the last of them has the turn");
        let slow = stalled.pop().unwrap().await;
        assert_eq!(slow.unwrap_err(), SLOW);
        assert!(matches!(review(&intake), Some(Ok(_))));
    }

    #[tokio::test]
    async fn bodies_that_grow_side_by_side_all_end() {
        for (size, count) in [(SMALL.body, 300), (BODY_MAX, 30)] {
            let intake = Intake::default();
            let growing = (0..count).map(|_| {
                let intake = intake.clone();
                let bits = futures::stream::unfold(size, |left| async move {
                    tokio::task::yield_now().await;
                    let bit = left.min(16 << 10);
                    (bit > 0).then(|| (Ok::<_, axum::Error>(vec![b' '; bit]), left - bit))
                });
                async move {
                    intake.take(&headers(Some(size)), Body::from_stream(bits)).await.map(|(all, _)| all.len())
                }
            });
            let all = futures::future::join_all(growing).await;
            assert!(all.iter().all(|taken| *taken == Ok(size)), "{all:?}");
        }
    }

    #[tokio::test]
    async fn a_body_without_a_length_is_cut_at_the_limit() {
        let body = |size| Body::from_stream(futures::stream::iter([Ok::<_, axum::Error>(vec![b' '; size])]));
        let intake = Intake::default();
        assert!(intake.take(&headers(None), body(BODY_MAX)).await.is_ok());
        assert_eq!(intake.take(&headers(None), body(BODY_MAX + 1)).await.unwrap_err(), TOO_LARGE);
    }
}
