//! Berth's own part of an answer: from the bytes of a review to the bytes of the answer, on one core.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use anyhow::bail;
use berth::webhook::{Admission, Answer, Asked};

use crate::{reviews, webhooks};

/// Each size is measured this often; the quickest round tells, for all that others do only adds.
const ROUNDS: usize = 20;
const ROUND: Duration = Duration::from_millis(500);

pub fn measure() -> anyhow::Result<()> {
    let admission = webhooks::admission();
    for size in reviews::Size::ALL {
        let bodies = reviews::bodies(size);
        let mut least = f64::INFINITY;
        for _ in 0..ROUNDS {
            least = least.min(round(&admission, &bodies)?);
        }
        println!("{} {:.1} KB: {:.1} µs", size.name(), bodies[0].len() as f64 / 1e3, least * 1e6);
    }
    Ok(())
}

/// Seconds of one answer, the mean of a round.
fn round(admission: &Admission, bodies: &[hyper::body::Bytes]) -> anyhow::Result<f64> {
    let (start, mut answered) = (Instant::now(), 0_u32);
    while start.elapsed() < ROUND {
        for body in bodies {
            let Answer::Review { body, .. } = admission.answer(Asked::ToWarn, black_box(body)) else {
                bail!("no review came back");
            };
            black_box(body);
            answered += 1;
        }
    }
    Ok(start.elapsed().as_secs_f64() / f64::from(answered))
}
