//! What `berth doctor` looks at: whether an installation can do its work. One file a check, one list.
//!
//! Every check asks the API server with the caller's own rights; what the caller may not read is said so.

mod access;
mod admission;
mod certificate;
mod crds;
mod denial;
mod disruption;
mod failure;
mod installation;
mod leader;
mod modes;
mod platform;
mod release;
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

/// What an upgrade needs that puts back what somebody else set: Helm 4 applies server-side.
const FORCE: &str = "(Helm 4 wants --force-conflicts beside it where somebody patched it)";

type Run = fn(&Installation) -> BoxFuture<'_, Vec<Said>>;

/// What a check's answer takes to mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Nothing,
    /// A Pod that runs: without one it would tell of what comes of that alone.
    Replica,
}

/// A further check is one file, and one line here.
const CHECKS: &[(&str, Takes, Run)] = &[
    ("crds", Takes::Nothing, crds::check),
    ("replicas", Takes::Nothing, replicas::check),
    ("release", Takes::Nothing, release::check),
    ("rollout", Takes::Replica, rollout::check),
    ("disruption", Takes::Nothing, disruption::check),
    ("leader", Takes::Replica, leader::check),
    ("access", Takes::Nothing, access::check),
    ("certificate", Takes::Replica, certificate::check),
    ("service", Takes::Nothing, service::check),
    ("failure", Takes::Nothing, failure::check),
    ("admission", Takes::Replica, admission::check),
    ("platform", Takes::Replica, platform::check),
    ("modes", Takes::Nothing, modes::check),
    ("deny", Takes::Replica, denial::check),
];

/// What an examination is at.
pub enum Step<'a> {
    /// The check of this name, which may take seconds.
    Begins(&'static str),
    Finds(&'a Finding),
}

/// Makes every check, one after the other, and tells of each as it begins and ends.
pub async fn examine(installation: &Installation, mut tell: impl FnMut(Step)) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (check, takes, run) in CHECKS {
        tell(Step::Begins(check));
        let said = if *takes == Takes::Replica && installation.replicas() == 0 {
            vec![warn("not known: it takes a replica, and there is none", "mend what replicas names first")]
        } else {
            run(installation).await
        };
        for Said(level, reason, todo) in said {
            let finding = Finding { check, level, reason, todo };
            tell(Step::Finds(&finding));
            findings.push(finding);
        }
    }
    findings
}
