//! Which Prometheus `berth run` asks, as its flags say it.

use std::{path::PathBuf, time::Duration};

use axum::http::Uri;

use super::{
    Failure,
    inputs::{read, refused},
    run::pause,
};
use crate::operator::prometheus::{Address, Asking, Window, queries};

#[derive(Debug, clap::Args)]
pub struct PrometheusArgs {
    /// The Prometheus that is asked for requests and their duration, such as http://prometheus.monitoring:9090
    #[arg(long, env = "BERTH_PROMETHEUS_URL", value_name = "URL", value_parser = address)]
    prometheus_url: Option<Uri>,
    /// How often it's asked, such as 1h
    #[arg(long, env = "BERTH_PROMETHEUS_INTERVAL", default_value = "1h", value_name = "DURATION", value_parser = pause)]
    prometheus_interval: Duration,
    /// How far back it's asked to look, such as 1d
    #[arg(long, env = "BERTH_PROMETHEUS_WINDOW", default_value = "1d", value_name = "DURATION", value_parser = window)]
    prometheus_window: Duration,
    /// Queries in place of those that come with Berth
    #[arg(long, env = "BERTH_PROMETHEUS_QUERIES", value_name = "FILE")]
    prometheus_queries: Option<PathBuf>,
    /// The bearer token that is sent to it; the file may change
    #[arg(long, env = "BERTH_PROMETHEUS_TOKEN", value_name = "FILE")]
    prometheus_token: Option<PathBuf>,
    /// Authorities (PEM) of its certificate
    #[arg(long, env = "BERTH_PROMETHEUS_CA", value_name = "FILE")]
    prometheus_ca: Option<PathBuf>,
}

impl PrometheusArgs {
    /// What is asked, where a Prometheus is named.
    pub fn asking(self) -> Result<Option<Asking>, Failure> {
        let Some(url) = self.prometheus_url else { return Ok(None) };
        let queries = match &self.prometheus_queries {
            Some(path) => queries::read(&read(path)?).map_err(|error| refused(path, &error))?,
            None => queries::default().map_err(|error| Failure(error.to_string()))?,
        };
        Ok(Some(Asking {
            address: Address { url, bearer_token: self.prometheus_token, authorities: self.prometheus_ca },
            queries,
            window: Window(self.prometheus_window),
            every: self.prometheus_interval,
        }))
    }
}

fn address(text: &str) -> Result<Uri, String> {
    let uri: Uri = text.parse().map_err(|error| format!("{error}"))?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
    if !is_web {
        return Err("use an address such as http://prometheus.monitoring:9090".to_owned());
    }
    if uri.query().is_some() || uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err("leave out its query and its user; --prometheus-token FILE holds a secret".to_owned());
    }
    Ok(uri)
}

fn window(text: &str) -> Result<Duration, String> {
    let window = pause(text)?;
    let is_useful = window >= Duration::from_secs(60) && window <= Duration::from_secs(31 * 86_400);
    is_useful.then_some(window).ok_or_else(|| "use 1m to 31d".to_owned())
}
