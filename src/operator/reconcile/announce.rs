//! The Event that tells of a changed verdict or target, for those who never see an admission warning. Pure.

use k8s_openapi::api::core::v1::ObjectReference;
use kube::runtime::events::{Event, EventType};

use crate::{
    decide::{Decision, Verdict},
    observe::Workload,
    operator::profile::{Profile, Said},
};

/// Characters of a note: the API server takes 1,024 bytes, and a character may take three.
const NOTE_MAX: usize = 340;

/// The Event, when there is a change to tell of: not of a first decision that asks for nothing.
pub fn event(before: &Said, decision: &Decision, profile: &Profile) -> Option<Event> {
    let recommendation = decision.recommendation.as_ref();
    let target = recommendation.map(|recommendation| recommendation.target);
    let first = before.verdict.is_none();
    let quiet = matches!(decision.verdict, Verdict::WellPlaced | Verdict::Exempt);
    let same = before.verdict == Some(decision.verdict) && before.target == target;
    if same || (first && quiet) {
        return None;
    }
    let action = target.map_or_else(|| "Recommend".to_owned(), |target| format!("Recommend{target:?}"));
    let summary =
        recommendation.map_or("Nothing holds it for certain.", |recommendation| &recommendation.summary);
    let note = format!("{summary} Why: kubectl describe wlp -n {} {}", profile.namespace, profile.name);
    Some(Event {
        type_: EventType::Normal,
        reason: decision.verdict.to_string(),
        note: Some(note.chars().take(NOTE_MAX).collect()),
        // Repeats of one action and reason become a series that keeps its first note: so the target is part of it.
        action,
        secondary: None,
    })
}

/// The workload, so that the Event shows up where people look.
pub fn regarding(workload: &Workload) -> ObjectReference {
    let key = &workload.key;
    ObjectReference {
        api_version: Some(key.kind.api_version().to_owned()),
        kind: Some(key.kind.name().to_owned()),
        name: Some(key.name.clone()),
        namespace: Some(key.namespace.clone()),
        uid: workload.uid.clone(),
        ..ObjectReference::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        catalog::Target,
        observe::{Key, Kind},
    };

    fn decision(verdict: &str, target: &str) -> Decision {
        let none = json!({"low": 0.0, "high": 0.0});
        serde_json::from_value(json!({
            "verdict": verdict,
            "recommendation": {
                "target": target, "confidence": "High", "summary": "Fits Lambda.",
                "monthlyCost": none, "currentMonthlyCost": none,
                "saving": {"ifClusterStays": none, "ifClusterGoes": none},
            },
        }))
        .unwrap()
    }

    fn told(before: (Option<Verdict>, Option<Target>), verdict: &str, target: &str) -> Option<Event> {
        let profile = Profile {
            namespace: "shop".to_owned(),
            name: "deployment-web".to_owned(),
            generation: Some(1),
            version: None,
            key: Key { namespace: "shop".to_owned(), kind: Kind::Deployment, name: "web".to_owned() },
            generated: true,
            answers: None,
            said: Said::default(),
        };
        let said = Said { verdict: before.0, target: before.1, ..Said::default() };
        event(&said, &decision(verdict, target), &profile)
    }

    #[test]
    fn a_first_decision_is_told_when_there_is_something_to_do() {
        assert!(told((None, None), "WellPlaced", "EKSNodes").is_none());
        assert!(told((None, None), "Exempt", "EKSNodes").is_none());
        let event = told((None, None), "Misplaced", "Lambda").unwrap();
        assert_eq!((event.reason.as_str(), event.action.as_str()), ("Misplaced", "RecommendLambda"));
        assert_eq!(event.note.unwrap(), "Fits Lambda. Why: kubectl describe wlp -n shop deployment-web");
    }

    #[test]
    fn only_changes_of_verdict_or_target_are_told_after_that() {
        let before = (Some(Verdict::Misplaced), Some(Target::Lambda));
        assert!(told(before, "Misplaced", "Lambda").is_none());
        assert!(told(before, "Misplaced", "ECSFargate").is_some());
        assert!(told(before, "WellPlaced", "Lambda").is_some());
    }
}
