//! Why a workload couldn't be reconciled, in words and as what to do next.

use std::time::Duration;

use super::super::Panicked;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Panicked(#[from] Panicked),
    #[error("{what}: {}", reason(.source))]
    Api { what: &'static str, source: kube::Error },
    #[error("the profile {name} is about another workload: rename that one, so that Berth can write its own")]
    NameTaken { name: String },
    #[error("the workload has no uid to own its profile by")]
    NoUid,
    #[error("the API server sent a profile that can't be read: {0}")]
    Unreadable(String),
}

impl Error {
    /// How long the API server asked to wait.
    pub fn retry_after(&self) -> Duration {
        let seconds = match self {
            Error::Api { source: kube::Error::Api(status), .. } => {
                status.details.as_ref().map_or(0, |details| details.retry_after_seconds)
            }
            _ => 0,
        };
        Duration::from_secs(seconds.into())
    }

    pub fn is_not_found(&self) -> bool {
        matches!(self, Error::Api { source: kube::Error::Api(status), .. } if status.code == 404)
    }
}

/// The last cause of an error: what went wrong, without the layers around it.
pub fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
