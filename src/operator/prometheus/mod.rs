//! What workloads are asked for, from Prometheus: looked at now and then by the leader, where one is named.
//!
//! It's apart from all that reconciles and admits: a Prometheus that is slow, absent or wrong costs this evidence, and is
//! told once each way.

mod client;
pub mod queries;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use jiff::Timestamp;
use tokio::{sync::watch, time::sleep};
use tracing::{debug, info, warn};

pub use client::{Address, Prometheus, Refused};
pub use queries::{Query, Window};

use super::{View, queue::Queue};
use crate::{
    observe::{
        Index, Key,
        history::{Series, Unit},
        prometheus::{Sample, workload_of},
        traffic::Traffic,
    },
    server::{Metrics, Readiness},
};

/// More than any service is asked, and longer than any request takes: what is above wasn't measured.
const MOST_REQUESTS: f64 = 1e7;
const MOST_SECONDS: f64 = 1e6;
/// Between two queries, so that a look is no burst.
const GAP: Duration = Duration::from_millis(200);

/// Which Prometheus is asked, for what, and how often.
#[derive(Clone, Debug)]
pub struct Asking {
    pub address: Address,
    pub queries: Vec<Query>,
    pub window: Window,
    pub every: Duration,
}

/// Asks it, for as long as the process lives and whenever this replica leads.
pub struct Poll {
    pub asking: Asking,
    pub view: Arc<View>,
    pub metrics: Arc<Metrics>,
    pub leading: watch::Receiver<bool>,
}

/// What one look showed.
#[derive(Debug, Default)]
pub struct Look {
    pub traffic: BTreeMap<Key, Traffic>,
    /// Series that are some workload's, and those that fit none.
    pub fitting: u64,
    pub stray: u64,
}

impl Poll {
    pub async fn follow(mut self, readiness: Arc<Readiness>, queue: Arc<Queue>) {
        readiness.all_listed().await;
        let mut answers = None;
        let mut retries = retries(self.asking.every);
        loop {
            if self.leading.wait_for(|leads| *leads).await.is_err() {
                // Nobody can lead any more: the process is about to end.
                return std::future::pending().await;
            }
            let looked = self.asking.look(&self.view, &self.metrics).await;
            let refused = looked.as_ref().err().map(ToString::to_string);
            if answers != Some(refused.is_none()) {
                let url = &self.asking.address.url;
                match &refused {
                    None => info!("requests are read from Prometheus at {url}"),
                    Some(why) => warn!("requests aren't known: Prometheus at {url}: {why}"),
                }
                answers = Some(refused.is_none());
            }
            let pause = match looked {
                Ok(look) => {
                    self.metrics.series(look.fitting, look.stray);
                    queue.add(take(look, &self.view));
                    retries = self::retries(self.asking.every);
                    self.asking.every
                }
                Err(_) => {
                    self.metrics.evidence_missed("Prometheus");
                    retries.next().unwrap_or(self.asking.every)
                }
            };
            sleep(pause).await;
        }
    }
}

/// From a quarter of the time between two looks, and a minute at most, up to all of it.
fn retries(every: Duration) -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay((every / 4).min(Duration::from_secs(60)))
        .with_max_delay(every)
        .with_jitter()
        .without_max_times()
        .build()
}

/// Keeps what was seen, and names the workloads of which it's news.
fn take(look: Look, view: &View) -> Vec<Key> {
    view.write(|seen| {
        let traffic = look.traffic.into_iter();
        traffic.filter_map(|(key, traffic)| seen.index.served(&key, traffic)).collect()
    })
}

impl Asking {
    /// Every query once. One that fails by itself costs what it would have shown.
    ///
    /// # Errors
    /// When Prometheus can't be asked at all.
    pub async fn look(&self, view: &View, metrics: &Metrics) -> Result<Look, Refused> {
        let prometheus = self.address.connect()?;
        let mut look = Look::default();
        for query in &self.queries {
            match self.ask(query, &prometheus, view, &mut look).await {
                Ok(()) => debug!(query = query.name, "Prometheus was asked"),
                Err(Refused::This(why)) => {
                    metrics.evidence_missed("Prometheus");
                    warn!(query = query.name, "Prometheus doesn't answer this query: {why}");
                }
                Err(altogether) => return Err(altogether),
            }
            sleep(GAP).await;
        }
        Ok(look)
    }

    async fn ask(
        &self,
        query: &Query,
        prometheus: &Prometheus,
        view: &View,
        look: &mut Look,
    ) -> Result<(), Refused> {
        let now = Timestamp::now();
        // To the second, as conditions have it.
        let now = now.round(jiff::Unit::Second).unwrap_or(now);
        let counts = prometheus.ask(&query.over("count_over_time(", self.window)).await?;
        if counts.is_empty() {
            return Ok(());
        }
        let fitting = |samples: &[Sample], most, together: fn(f64, f64) -> f64| {
            view.read(|seen| by_workload(&seen.index, samples, most, together))
        };
        let counted = fitting(&counts, f64::MAX, f64::max);
        look.fitting += counted.series;
        look.stray += counts.len() as u64 - counted.series;
        // Two Services may lead to one workload: their requests add up.
        let over = async |function: &str| {
            let samples = prometheus.ask(&query.over(function, self.window)).await?;
            Ok::<_, Refused>(fitting(&samples, MOST_REQUESTS, |a, b| a + b).values)
        };
        let mean = over("avg_over_time(").await?;
        let p50 = over("quantile_over_time(0.5, ").await?;
        let p95 = over("quantile_over_time(0.95, ").await?;
        let max = over("max_over_time(").await?;
        let p99 = match query.p99(self.window) {
            Some(p99) => fitting(&prometheus.ask(&p99).await?, MOST_SECONDS, f64::max).values,
            None => BTreeMap::new(),
        };
        for (key, count) in counted.values {
            let figures = (|| Some((mean.get(&key)?, p50.get(&key)?, p95.get(&key)?, max.get(&key)?)))();
            let (Some((mean, p50, p95, max)), false) = (figures, look.traffic.contains_key(&key)) else {
                continue;
            };
            let unit = Unit::PerSecond;
            let requests = Series {
                count: count as u64,
                p50: unit.rounded(*p50),
                p95: unit.rounded(*p95),
                // A mean above the most is no mean.
                max: unit.rounded(max.max(*mean)),
                unit,
                observed_at: now,
            };
            let traffic = Traffic {
                requests,
                mean: unit.rounded(*mean),
                p99_seconds: p99.get(&key).map(|seconds| Unit::Seconds.rounded(*seconds)),
                window: self.window.name(),
                queries: query.name.clone(),
            };
            look.traffic.insert(key, traffic);
        }
        Ok(())
    }
}

struct ByWorkload {
    values: BTreeMap<Key, f64>,
    /// Series that are some workload's.
    series: u64,
}

fn by_workload(index: &Index, samples: &[Sample], most: f64, together: fn(f64, f64) -> f64) -> ByWorkload {
    let mut found = ByWorkload { values: BTreeMap::new(), series: 0 };
    for sample in samples {
        let Some(key) = workload_of(&sample.metric, index) else { continue };
        found.series += 1;
        if let Some(number) = sample.number(most) {
            found.values.entry(key).and_modify(|value| *value = together(*value, number)).or_insert(number);
        }
    }
    found
}
