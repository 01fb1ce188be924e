//! What Prometheus is asked: the queries that come with Berth, or those of a file in their place.

use std::time::Duration;

use serde::Deserialize;

use crate::{amount, invalid::Invalid, yaml};

const DEFAULT: &str = include_str!("queries.yaml");
/// More ask for one thing several times.
const MOST: usize = 20;
/// Steps into which a window is divided: five minutes of a day.
const STEPS: u32 = 288;
const SHORTEST_STEP: Duration = Duration::from_secs(1);
const LONGEST_STEP: Duration = Duration::from_secs(300);
/// A rate needs two scrapes, which are up to half a minute apart.
const SHORTEST_RATE: Duration = Duration::from_secs(60);
/// The workload in a Pod's name: what controllers add is random, of an alphabet without vowels, or an ordinal.
const POD: &str =
    "(.+?)(?:-[bcdfghjklmnpqrstvwxz2456789]{6,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}|(.+)-[0-9]+";

/// One way in which requests are measured.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Query {
    /// What evidence calls it.
    pub name: String,
    /// Requests a second by workload, `$range` being how far back its rate looks.
    pub requests: String,
    /// Seconds that 99 of 100 requests take at most, likewise.
    #[serde(default)]
    pub p99_seconds: Option<String>,
}

/// How far back it's looked, and in which steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window(pub Duration);

/// The queries that come with Berth.
///
/// # Errors
/// Never: a test reads the same text.
pub fn default() -> Result<Vec<Query>, yaml::Error> {
    read(DEFAULT)
}

/// Reads a file of queries.
///
/// # Errors
/// Names the line and the field that can't be read or can't be right.
pub fn read(text: &str) -> Result<Vec<Query>, yaml::Error> {
    let queries: Vec<Query> = yaml::read(text)?;
    check(&queries).map_err(|invalid| invalid.in_text(text))?;
    Ok(queries)
}

fn check(queries: &[Query]) -> Result<(), Invalid> {
    if queries.is_empty() || queries.len() > MOST {
        return Err(Invalid::new("", format!("use 1 to {MOST} queries")));
    }
    for (index, query) in queries.iter().enumerate() {
        let wrong = |field: &str, reason: &str| Err(Invalid::new(format!("[{index}].{field}"), reason));
        if query.name.is_empty() || query.name.chars().count() > 40 {
            return wrong("name", "use 1 to 40 characters");
        }
        if !query.requests.contains("$range") {
            return wrong("requests", "write [$range] where its rate looks back, as in rate(x[$range])");
        }
        if query.p99_seconds.as_ref().is_some_and(|seconds| !seconds.contains("$range")) {
            return wrong("p99Seconds", "write [$range] where its rate looks back, as in rate(x[$range])");
        }
    }
    Ok(())
}

impl Query {
    /// Requests a second in each step of the window, made one number by a function over time.
    pub fn over(&self, function: &str, window: Window) -> String {
        let short = seconds(window.step().max(SHORTEST_RATE));
        let requests = filled(&self.requests, &short);
        format!("{function}({requests})[{}:{}])", seconds(window.0), seconds(window.step()))
    }

    pub fn p99(&self, window: Window) -> Option<String> {
        self.p99_seconds.as_ref().map(|query| filled(query, &seconds(window.0)))
    }
}

impl Window {
    fn step(self) -> Duration {
        (self.0 / STEPS).clamp(SHORTEST_STEP, LONGEST_STEP)
    }

    /// As people write it.
    pub fn name(self) -> String {
        amount::write_seconds(self.0.as_secs_f64())
    }
}

fn filled(query: &str, range: &str) -> String {
    query.replace("$range", range).replace("$pod", POD)
}

fn seconds(duration: Duration) -> String {
    format!("{}s", duration.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_come_with_berth_can_be_read() {
        let queries = default().unwrap();
        let names: Vec<&str> = queries.iter().map(|query| query.name.as_str()).collect();
        assert_eq!(names, ["istio", "linkerd", "opentelemetry", "spring", "http", "ingress-nginx"]);
        assert!(queries.iter().all(|query| query.p99_seconds.is_some()));
    }

    #[test]
    fn a_window_is_looked_through_in_steps() {
        let query = &read("[{name: own, requests: 'sum(rate(x[$range]))'}]").unwrap()[0];
        let asked = |seconds| query.over("max_over_time(", Window(Duration::from_secs(seconds)));
        assert_eq!(asked(86_400), "max_over_time((sum(rate(x[300s])))[86400s:300s])");
        assert_eq!(asked(120), "max_over_time((sum(rate(x[60s])))[120s:1s])");
    }

    #[test]
    fn a_wrong_file_is_told_with_line_and_field() {
        let error = |text: &str| {
            let error = read(text).unwrap_err();
            (error.line, error.field.unwrap_or_default(), error.reason)
        };
        let (line, field, reason) = error("- name: own\n  requests: sum(rate(x[5m]))\n");
        assert_eq!((line, field.as_str()), (2, "[0].requests"));
        assert!(reason.contains("$range"), "{reason}");
        assert_eq!(error("- name: own\n  request: x\n").0, 2);
        assert!(error("[]").2.contains("1 to 20"));
    }
}
