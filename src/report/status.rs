//! A decision as the status of a WorkloadProfile.

use crate::{
    api::{Condition, WorkloadProfileStatus},
    decide::{Decision, Verdict},
};

/// The status for a decision made on the profile's `generation`. A condition that didn't change keeps the
/// time of `previous`; `now` is RFC 3339.
pub fn status(
    decision: &Decision,
    generation: Option<i64>,
    previous: Option<&WorkloadProfileStatus>,
    now: &str,
) -> WorkloadProfileStatus {
    let conditions = [ready(decision), sufficient(decision), placed(decision)]
        .into_iter()
        .map(|(type_, status, reason, message)| {
            let before =
                previous.and_then(|p| p.conditions.iter().find(|c| c.type_ == type_ && c.status == status));
            Condition {
                type_: type_.to_owned(),
                status: status.to_owned(),
                reason: reason.to_owned(),
                message,
                last_transition_time: before
                    .map_or_else(|| now.to_owned(), |c| c.last_transition_time.clone()),
                observed_generation: generation,
            }
        })
        .collect();
    WorkloadProfileStatus { decision: Some(decision.clone()), observed_generation: generation, conditions }
}

/// The status of a profile whose workload doesn't exist.
pub fn without_workload(
    reference: &str,
    generation: Option<i64>,
    previous: Option<&WorkloadProfileStatus>,
    now: &str,
) -> WorkloadProfileStatus {
    let before =
        previous.and_then(|p| p.conditions.iter().find(|c| c.type_ == "Ready" && c.status == "False"));
    WorkloadProfileStatus {
        decision: None,
        observed_generation: generation,
        conditions: vec![Condition {
            type_: "Ready".to_owned(),
            status: "False".to_owned(),
            reason: "WorkloadNotFound".to_owned(),
            message: format!(
                "{reference} doesn't exist in this namespace: correct spec.workloadRef or apply it."
            ),
            last_transition_time: before.map_or_else(|| now.to_owned(), |c| c.last_transition_time.clone()),
            observed_generation: generation,
        }],
    }
}

type Said = (&'static str, &'static str, &'static str, String);

fn ready(decision: &Decision) -> Said {
    match &decision.recommendation {
        Some(recommendation) => ("Ready", "True", "Decided", recommendation.summary.clone()),
        None => ("Ready", "False", "NothingFits", "No target certainly holds it; see candidates.".to_owned()),
    }
}

fn sufficient(decision: &Decision) -> Said {
    match decision.open_questions.as_slice() {
        [] => {
            let message = "Nothing unknown would change the recommendation.".to_owned();
            ("EvidenceSufficient", "True", "NothingOpen", message)
        }
        [first, rest @ ..] => {
            let more = if rest.is_empty() { String::new() } else { format!(" ({} more)", rest.len()) };
            let message = format!("{}{more} Answer with {}.", first.question, first.answer_with.join(", "));
            ("EvidenceSufficient", "False", "OpenQuestions", message)
        }
    }
}

fn placed(decision: &Decision) -> Said {
    let summary = decision.recommendation.as_ref().map(|r| r.summary.clone()).unwrap_or_default();
    match decision.verdict {
        Verdict::WellPlaced => ("WellPlaced", "True", "WellPlaced", summary),
        Verdict::Misplaced => ("WellPlaced", "False", "Misplaced", summary),
        Verdict::Undetermined => ("WellPlaced", "Unknown", "Undetermined", summary),
        Verdict::Exempt => ("WellPlaced", "Unknown", "Exempt", summary),
    }
}
