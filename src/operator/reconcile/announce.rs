//! The Event that tells of a changed verdict or target, for those who never see an admission warning. Pure.

use k8s_openapi::api::core::v1::ObjectReference;
use kube::runtime::events::{Event, EventType};

use crate::{
    clip::clip,
    decide::{Decision, Verdict},
    facts::ExemptionState,
    observe::Workload,
    operator::profile::{Profile, Said},
    report,
};

/// Bytes of a note: the API server takes 1,024.
const NOTE_MAX: usize = 1000;
/// Bytes that a character takes at most here.
const BYTES: usize = 3;

/// Whether what is said of dollars holds: an Event that comes again keeps its first note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figures {
    Hold,
    /// Services come or go, and with them each one's share of the cluster.
    Move,
}

/// The Event, when there is a change to tell of. A first decision is one when it asks to move something; another target
/// is one when that is where it should move, since the Event before named the old one.
pub fn event(before: &Said, decision: &Decision, profile: &Profile, figures: Figures) -> Option<Event> {
    if let Some(event) = exemption(before, decision) {
        return Some(event);
    }
    let recommendation = decision.recommendation.as_ref();
    let target = recommendation.map(|recommendation| recommendation.target);
    let misplaced = decision.verdict == Verdict::Misplaced;
    let told = match before.verdict {
        None => misplaced,
        Some(verdict) => verdict != decision.verdict || (misplaced && before.target != target),
    };
    if !told {
        return None;
    }
    let action = target.map_or_else(|| "Recommend".to_owned(), |target| format!("Recommend{target:?}"));
    // The command is of use only in full.
    let why = format!(" Why: kubectl describe wlp -n {} {}", profile.namespace, profile.name);
    let advice = match figures {
        Figures::Hold => report::advice::advice(decision),
        Figures::Move => without_figures(decision),
    };
    let room = NOTE_MAX.saturating_sub(why.len()) / if advice.is_ascii() { 1 } else { BYTES };
    Some(Event {
        type_: EventType::Normal,
        reason: decision.verdict.to_string(),
        note: Some(format!("{}{why}", clip(&advice, room))),
        // Repeats of one action and reason become a series that keeps its first note: so the target is part of it.
        action,
        secondary: None,
    })
}

/// The advice but for its dollars, which wait for the services to be counted.
fn without_figures(decision: &Decision) -> String {
    let Some(best) = &decision.recommendation else { return report::advice::advice(decision) };
    let (sure, title) = (best.confidence.to_string().to_lowercase(), best.target.title());
    format!(
        "{}, {sure} confidence. It fits {title}; the figures are in its status once the cluster's services are counted.",
        decision.verdict
    )
}

/// The Event of an exemption that ends soon, or doesn't hold (any longer).
fn exemption(before: &Said, decision: &Decision) -> Option<Event> {
    let exemption = decision.exemption.as_ref()?;
    if before.exemption == Some(exemption.state) || exemption.state == ExemptionState::Valid {
        return None;
    }
    let (code, reason) =
        if exemption.holds() { ("EXM002", "ExemptionEndsSoon") } else { ("EXM001", "NotExempt") };
    let finding = decision.finding(code)?;
    let summary = decision.recommendation.as_ref().map_or("", |recommendation| &recommendation.summary);
    let note = format!("{} ({code}). {summary}", finding.message);
    Some(Event {
        type_: EventType::Warning,
        reason: reason.to_owned(),
        note: Some(note.chars().take(NOTE_MAX).collect()),
        // A later end is another Event, and no repeat of this one.
        action: format!("{:?}", exemption.state),
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
        facts::Exemption,
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
        told_of(before, verdict, target, Figures::Hold)
    }

    fn told_of(
        before: (Option<Verdict>, Option<Target>),
        verdict: &str,
        target: &str,
        figures: Figures,
    ) -> Option<Event> {
        let profile = Profile {
            namespace: "shop".to_owned(),
            // As a person named it.
            name: "mine".to_owned(),
            generation: Some(1),
            version: None,
            key: Key { namespace: "shop".to_owned(), kind: Kind::Deployment, name: "web".to_owned() },
            generated: true,
            answers: None,
            said: Said::default(),
        };
        let said = Said { verdict: before.0, target: before.1, ..Said::default() };
        event(&said, &decision(verdict, target), &profile, figures)
    }

    #[test]
    fn figures_that_move_are_left_to_the_status() {
        let event = told_of((None, None), "Misplaced", "Lambda", Figures::Move).unwrap();
        let note = event.note.unwrap();
        assert!(note.ends_with("Why: kubectl describe wlp -n shop mine"), "{note}");
        assert!(note.starts_with("Misplaced, high confidence. It fits Lambda;"), "{note}");
        assert!(!note.contains('$'), "{note}");
    }

    #[test]
    fn a_first_decision_is_told_when_there_is_something_to_do() {
        assert!(told((None, None), "WellPlaced", "EKSNodes").is_none());
        assert!(told((None, None), "Exempt", "EKSNodes").is_none());
        assert!(told((None, None), "Undetermined", "Lambda").is_none(), "most of a new cluster would be");
        let event = told((None, None), "Misplaced", "Lambda").unwrap();
        assert_eq!((event.reason.as_str(), event.action.as_str()), ("Misplaced", "RecommendLambda"));
        assert_eq!(
            event.note.unwrap(),
            "Misplaced, high confidence. Fits Lambda. Why: kubectl describe wlp -n shop mine"
        );
    }

    #[test]
    fn only_changes_of_verdict_or_of_where_to_move_are_told_after_that() {
        let before = (Some(Verdict::Misplaced), Some(Target::Lambda));
        assert!(told(before, "Misplaced", "Lambda").is_none());
        assert!(told(before, "Misplaced", "ECSFargate").is_some());
        assert!(told(before, "WellPlaced", "Lambda").is_some());
        assert!(told(before, "Undetermined", "Lambda").is_some());
        let before = (Some(Verdict::WellPlaced), Some(Target::EKSNodes));
        assert!(told(before, "WellPlaced", "EKSAutoMode").is_none());
    }

    #[test]
    fn an_exemption_is_told_when_it_nears_its_end_and_when_it_fails() {
        let told = |before: Option<&str>, now: &str, rule: &str| {
            let state = |text: &str| serde_json::from_value(json!(text)).unwrap();
            let mut decision = decision("Exempt", "Lambda");
            decision.exemption =
                Some(Exemption { state: state(now), reason: None, until: None, latest: None });
            decision.findings = serde_json::from_value(json!([
                {"rule": rule, "effect": "Notes", "field": "", "value": "", "message": "It ends."}
            ]))
            .unwrap();
            let said = Said {
                exemption: before.map(state),
                verdict: Some(Verdict::Exempt),
                target: Some(Target::Lambda),
                ..Said::default()
            };
            super::exemption(&said, &decision).map(|event| event.reason)
        };
        assert_eq!(told(Some("Valid"), "EndsSoon", "EXM002").as_deref(), Some("ExemptionEndsSoon"));
        assert_eq!(told(Some("EndsSoon"), "EndsSoon", "EXM002"), None);
        assert_eq!(told(Some("EndsSoon"), "Expired", "EXM001").as_deref(), Some("NotExempt"));
        assert_eq!(told(None, "Valid", "EXM002"), None);
    }
}
