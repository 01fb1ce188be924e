//! From the bytes of an AdmissionReview to the bytes of the answer. Pure, given what the cluster looks like.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tracing::{debug, warn};

use super::review::{Reply, Request, Review, VERSION};
use crate::{
    observe::{Kind, Workload, workload},
    operator::{Evaluator, View},
    report,
};

/// What the webhook decides by.
#[derive(Clone, Debug)]
pub struct Admission {
    pub view: Arc<View>,
    pub evaluator: Evaluator,
}

/// The answer to one request.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// An AdmissionReview, and what it was for the metric.
    Review { body: Vec<u8>, decision: &'static str },
    /// Not a review that can be answered, and why.
    Invalid(String),
}

/// What there is to say about a request.
struct Said {
    decision: &'static str,
    warnings: Vec<String>,
}

impl Said {
    fn nothing(decision: &'static str) -> Self {
        Said { decision, warnings: Vec::new() }
    }
}

impl Admission {
    /// Answers a review. Whatever is in it, a review with a uid is allowed.
    pub fn answer(&self, body: &[u8]) -> Answer {
        let review: Review<'_> = match serde_json::from_slice(body) {
            Ok(review) => review,
            Err(error) => return Answer::Invalid(format!("not an AdmissionReview: {error}")),
        };
        let Some(request) = review.request else {
            return Answer::Invalid("the AdmissionReview has no request".to_owned());
        };
        if request.uid.is_empty() {
            return Answer::Invalid("the AdmissionReview's request has no uid".to_owned());
        }
        let said = if review.api_version == VERSION {
            self.look(&request)
        } else {
            warn!(
                version = review.api_version,
                "an AdmissionReview of another version than {VERSION} was let through"
            );
            Said::nothing("ignored")
        };
        match serde_json::to_vec(&Reply::allowed(&request.uid, &said.warnings)) {
            Ok(body) => Answer::Review { body, decision: said.decision },
            Err(error) => Answer::Invalid(error.to_string()),
        }
    }

    fn look(&self, request: &Request<'_>) -> Said {
        let main = request.sub_resource.as_deref().unwrap_or_default().is_empty();
        let (Some(kind), Some(object), true) = (kind_of(request), request.object, main) else {
            return Said::nothing("ignored");
        };
        if !matches!(request.operation.as_str(), "CREATE" | "UPDATE") {
            return Said::nothing("ignored");
        }
        let workload = match read(kind, object, request) {
            Ok(workload) => workload,
            Err(reason) => {
                warn!(uid = request.uid, %kind, "an object to admit can't be read: {reason}");
                return Said::nothing("unreadable");
            }
        };
        if workload.owned {
            return Said::nothing("ignored");
        }
        let old = request.old_object.and_then(|old| read(kind, old, request).ok());
        self.judge(workload, old)
    }

    /// Warnings about a workload, unless it's as it was in all that a decision uses.
    fn judge(&self, workload: Workload, old: Option<Workload>) -> Said {
        let key = workload.key.clone();
        let (observed, before) = self.view.read(|seen| {
            let before = old.map(|old| seen.index.observe_as(Arc::new(old)));
            (seen.index.observe_as(Arc::new(workload)), before)
        });
        let unchanged = before.is_some_and(|before| {
            matches!((self.evaluator.evidence(&before), self.evaluator.evidence(&observed)), (Ok(a), Ok(b)) if a == b)
        });
        if unchanged {
            return Said::nothing("unchanged");
        }
        match self.evaluator.decide(&observed) {
            Ok(decision) => {
                let warnings = report::warning::warnings(&decision, &key);
                debug!(workload = %key, verdict = %decision.verdict, "admitted");
                Said { decision: if warnings.is_empty() { "quiet" } else { "warned" }, warnings }
            }
            Err(panicked) => {
                warn!(workload = %key, "{panicked}");
                Said::nothing("failed")
            }
        }
    }
}

fn kind_of(request: &Request<'_>) -> Option<Kind> {
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == request.kind.kind)?;
    let (group, _) = kind.api_version().split_once('/')?;
    (group == request.kind.group).then_some(kind)
}

/// Reads an object of this kind; the request knows its namespace and name better than a new object does.
fn read(kind: Kind, object: &RawValue, request: &Request<'_>) -> Result<Workload, String> {
    let mut workload = match kind {
        Kind::Deployment => parse::<workload::Deployment>(object),
        Kind::StatefulSet => parse::<workload::StatefulSet>(object),
        Kind::DaemonSet => parse::<workload::DaemonSet>(object),
        Kind::Job => parse::<workload::Job>(object),
        Kind::CronJob => parse::<workload::CronJob>(object),
    }?;
    if workload.template.spec.containers.is_empty() {
        return Err(format!("{}.containers: missing, and the API server requires it", kind.pod_path()));
    }
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if let Some(namespace) = given(&request.namespace) {
        workload.key.namespace = namespace;
    }
    if let Some(name) = given(&request.name) {
        workload.key.name = name;
    }
    Ok(workload)
}

fn parse<K: DeserializeOwned + Into<Workload>>(object: &RawValue) -> Result<Workload, String> {
    let mut deserializer = serde_json::Deserializer::from_str(object.get());
    serde_path_to_error::deserialize::<_, K>(&mut deserializer)
        .map(Into::into)
        .map_err(|error| format!("{}: {}", error.path(), error.inner()))
}
