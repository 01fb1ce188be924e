//! A decision as the status of a WorkloadProfile.

use super::advice;
use crate::{
    api::{Condition, WorkloadProfileStatus},
    decide::{Decision, Verdict},
    facts::{Exemption, ExemptionState},
    observe::history::History,
};

/// The status for a decision made on the profile's `generation`. A condition that didn't change keeps the
/// time of `previous`; `now` is RFC 3339.
pub fn status(
    decision: &Decision,
    observed: Option<&History>,
    generation: Option<i64>,
    previous: Option<&WorkloadProfileStatus>,
    now: &str,
) -> WorkloadProfileStatus {
    let conditions = [ready(decision), sufficient(decision), placed(decision)]
        .into_iter()
        .chain(decision.exemption.as_ref().map(exempt))
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
    WorkloadProfileStatus {
        advice: Some(advice::advice(decision)),
        decision: Some(decision.clone()),
        observed: observed.cloned(),
        observed_generation: generation,
        conditions,
    }
}

/// The status of a profile whose workload doesn't exist.
pub fn without_workload(
    reference: &str,
    generation: Option<i64>,
    previous: Option<&WorkloadProfileStatus>,
    now: &str,
) -> WorkloadProfileStatus {
    let message =
        format!("{reference} doesn't exist in this namespace: correct spec.workloadRef or apply it.");
    undecided("WorkloadNotFound", message, None, generation, previous, now)
}

/// The status of a profile in a namespace where nothing is decided. What was seen is kept for when it is again.
pub fn turned_off(
    observed: Option<&History>,
    generation: Option<i64>,
    previous: Option<&WorkloadProfileStatus>,
    now: &str,
) -> WorkloadProfileStatus {
    let message = "This namespace is in mode Off: nothing is decided here.".to_owned();
    undecided("ModeOff", message, observed, generation, previous, now)
}

/// The status of a profile that doesn't count, because another is about the same workload.
pub fn superseded(
    by: &str,
    generation: Option<i64>,
    previous: Option<&WorkloadProfileStatus>,
    now: &str,
) -> WorkloadProfileStatus {
    let message =
        format!("{by} is about the same workload and counts: move these answers there, and delete this.");
    undecided("Superseded", message, None, generation, previous, now)
}

fn undecided(
    reason: &str,
    message: String,
    observed: Option<&History>,
    generation: Option<i64>,
    previous: Option<&WorkloadProfileStatus>,
    now: &str,
) -> WorkloadProfileStatus {
    let before =
        previous.and_then(|p| p.conditions.iter().find(|c| c.type_ == "Ready" && c.status == "False"));
    WorkloadProfileStatus {
        advice: None,
        decision: None,
        observed: observed.cloned(),
        observed_generation: generation,
        conditions: vec![Condition {
            type_: "Ready".to_owned(),
            status: "False".to_owned(),
            reason: reason.to_owned(),
            message,
            last_transition_time: before.map_or_else(|| now.to_owned(), |c| c.last_transition_time.clone()),
            observed_generation: generation,
        }],
    }
}

type Said = (&'static str, &'static str, &'static str, String);

fn ready(decision: &Decision) -> Said {
    match &decision.recommendation {
        Some(recommendation) => ("Ready", "True", "Decided", recommendation.summary.clone()),
        None => ("Ready", "False", "NothingFits", advice::nothing_fits(decision)),
    }
}

fn sufficient(decision: &Decision) -> Said {
    match decision.open_questions.as_slice() {
        [] if decision.verdict == Verdict::Undetermined => {
            let message = "What decides it is known, but varies: see advice.".to_owned();
            ("EvidenceSufficient", "False", "Undetermined", message)
        }
        [] => {
            let message = "Nothing unknown would change target or verdict.".to_owned();
            ("EvidenceSufficient", "True", "NothingOpen", message)
        }
        [first, rest @ ..] => {
            let more = match rest.len() {
                0 => String::new(),
                1 => " 1 more question is open.".to_owned(),
                more => format!(" {more} more questions are open."),
            };
            let message = format!(
                "{} Answer with {}; an answer can raise further questions.{more}",
                first.question,
                first.answer_with.join(", ")
            );
            ("EvidenceSufficient", "False", "OpenQuestions", message)
        }
    }
}

fn exempt(exemption: &Exemption) -> Said {
    let reason = exemption.reason.as_deref().unwrap_or("no reason given");
    let until = exemption.until.as_deref().unwrap_or("any day");
    let fails = "the workload is judged as if it weren't there";
    match exemption.state {
        ExemptionState::Valid if exemption.until.is_none() => {
            ("Exempt", "True", "Exempted", format!("Stays, without an end: {reason}"))
        }
        ExemptionState::Valid => ("Exempt", "True", "Exempted", format!("Stays until {until}: {reason}")),
        ExemptionState::EndsSoon => {
            ("Exempt", "True", "EndsSoon", format!("Stays until {until} and no longer: {reason}"))
        }
        ExemptionState::Expired => {
            ("Exempt", "False", "Expired", format!("The exemption ended with {until}: {fails}."))
        }
        ExemptionState::NoReason => {
            ("Exempt", "False", "NoReason", format!("berth.dev/exempt must say why: {fails}."))
        }
        ExemptionState::Placeholder => (
            "Exempt",
            "False",
            "Placeholder",
            format!("{reason:?} is the placeholder and no reason: {fails}."),
        ),
        ExemptionState::NoEnd => {
            ("Exempt", "False", "NoEnd", format!("The policy asks for berth.dev/exempt-until: {fails}."))
        }
        ExemptionState::TooLong => {
            ("Exempt", "False", "TooLong", format!("{until} is later than the policy allows: {fails}."))
        }
        ExemptionState::Unreadable => {
            ("Exempt", "False", "Unreadable", format!("{until:?} is no date such as 2027-03-31: {fails}."))
        }
    }
}

fn placed(decision: &Decision) -> Said {
    let summary = decision
        .recommendation
        .as_ref()
        .map_or_else(|| advice::nothing_fits(decision), |best| best.summary.clone());
    match decision.verdict {
        Verdict::WellPlaced => ("WellPlaced", "True", "WellPlaced", summary),
        Verdict::Misplaced => ("WellPlaced", "False", "Misplaced", summary),
        Verdict::Undetermined => ("WellPlaced", "Unknown", "Undetermined", summary),
        Verdict::Exempt => ("WellPlaced", "Unknown", "Exempt", summary),
    }
}
