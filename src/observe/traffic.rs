//! What a workload is asked for: its requests and how long they take, over a window that Prometheus remembers.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::history::{Series, differ};

/// A difference in seconds that changes no limit and no bill.
const LEAST_SECONDS: f64 = 0.01;

/// The requests of all copies together. Each look replaces the one before: the window is Prometheus's own memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Traffic {
    /// Requests a second, each sample being a short while of the window.
    pub requests: Series,
    /// Requests a second, the mean over the window.
    pub mean: f64,
    /// What 99 of 100 requests take at most, where a histogram shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99_seconds: Option<f64>,
    /// How far back it looks, such as 1d.
    pub window: String,
    /// The queries that showed it, by their name.
    pub queries: String,
}

impl Traffic {
    pub fn observed_at(&self) -> Timestamp {
        self.requests.observed_at
    }

    pub fn differs_from(&self, other: &Traffic) -> bool {
        let seconds = |a: &f64, b: &f64| (a - b).abs() > (a.max(*b) / 4.0).max(LEAST_SECONDS);
        self.requests.differs_from(&other.requests)
            || self.requests.unit.moved(self.mean, other.mean)
            || differ(&self.p99_seconds, &other.p99_seconds, seconds)
            || (&self.window, &self.queries) != (&other.window, &other.queries)
    }
}
