//! What `berth doctor` looks at: whether an installation can do its work. One file a check, one list.
//!
//! Every check asks the API server with the caller's own rights; what the caller may not read is said so.

mod access;
mod admission;
mod certificate;
mod crds;
mod denial;
mod failure;
mod installation;
mod leader;
mod modes;
mod platform;
mod replicas;
mod rollout;
mod service;

use futures::future::BoxFuture;
use serde::Serialize;

pub use installation::{Installation, NotFound};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Ok,
    Warn,
    Fail,
}

/// What a check found: the reason, then what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub check: &'static str,
    pub level: Level,
    pub reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub todo: Option<String>,
}

/// What a check says, before its name is put to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said(Level, String, Option<String>);

fn ok(reason: impl Into<String>) -> Said {
    Said(Level::Ok, reason.into(), None)
}

fn warn(reason: impl Into<String>, todo: impl Into<String>) -> Said {
    Said(Level::Warn, reason.into(), Some(todo.into()))
}

fn fail(reason: impl Into<String>, todo: impl Into<String>) -> Said {
    Said(Level::Fail, reason.into(), Some(todo.into()))
}

type Run = fn(&Installation) -> BoxFuture<'_, Vec<Said>>;

/// A further check is one file, and one line here.
const CHECKS: &[(&str, Run)] = &[
    ("crds", crds::check),
    ("replicas", replicas::check),
    ("rollout", rollout::check),
    ("leader", leader::check),
    ("access", access::check),
    ("certificate", certificate::check),
    ("service", service::check),
    ("failure", failure::check),
    ("admission", admission::check),
    ("platform", platform::check),
    ("modes", modes::check),
    ("deny", denial::check),
];

/// Makes every check, one after the other, and tells of each as it ends.
pub async fn examine(installation: &Installation, mut tell: impl FnMut(&Finding)) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (check, run) in CHECKS {
        for Said(level, reason, todo) in run(installation).await {
            let finding = Finding { check, level, reason, todo };
            tell(&finding);
            findings.push(finding);
        }
    }
    findings
}
