//! From a decision and a mode to what admission does: one function for the webhooks and the command line.

use super::{DenyOn, Existing, Mode, Ruling};
use crate::{
    catalog::Target,
    decide::{Decision, Verdict},
};

/// What an update made of a workload that was there before.
#[derive(Clone, Copy, Debug)]
pub enum Before<'a> {
    /// It wasn't there, or can't be read.
    Nothing,
    /// It is as it was; only what people say of it changed.
    Same,
    /// The decision about it as it was, by what people say of it now.
    Judged(&'a Decision),
}

/// What is done about a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It's let through without a word.
    Allow,
    /// It's let through with whatever there is to say.
    Warn,
    /// It's refused, for this.
    Refuse(DenyOn),
}

impl Ruling {
    /// What is done about a workload in a namespace where this holds.
    pub fn outcome(&self, decision: &Decision) -> Outcome {
        match self.mode {
            Mode::Off | Mode::Audit => Outcome::Allow,
            Mode::Warn => Outcome::Warn,
            Mode::Deny => self.ground(decision).map_or(Outcome::Warn, Outcome::Refuse),
        }
    }

    /// What is done about a workload that was there before: Deny stops what is new or becomes worse, and neither an
    /// urgent change to what runs anyway nor an answer.
    pub fn outcome_after(&self, decision: &Decision, before: Before<'_>) -> Outcome {
        let outcome = self.outcome(decision);
        let as_before = match before {
            Before::Nothing => false,
            Before::Same => true,
            Before::Judged(before) => {
                self.existing == Existing::Warn
                    && !matches!(before.verdict, Verdict::WellPlaced | Verdict::Exempt)
            }
        };
        if as_before && matches!(outcome, Outcome::Refuse(_)) { Outcome::Warn } else { outcome }
    }

    /// The first of `denyOn` that is true of it, where the recommendation is sure enough.
    fn ground(&self, decision: &Decision) -> Option<DenyOn> {
        let recommendation = decision.recommendation.as_ref()?;
        if recommendation.confidence < self.minimum_confidence {
            return None;
        }
        let misplaced = decision.verdict == Verdict::Misplaced;
        let holds = |ground: &DenyOn| match ground {
            // A matter of what it uses: that its cost is uncertain doesn't save it.
            DenyOn::PrimitivesOnly => {
                (misplaced || decision.verdict == Verdict::Undetermined)
                    && decision.finding("PRM001").is_some()
            }
            DenyOn::FitsLambda => misplaced && recommendation.target == Target::Lambda,
            DenyOn::FitsFargate => {
                misplaced && matches!(recommendation.target, Target::ECSFargate | Target::ECSExpress)
            }
            DenyOn::Misplaced => misplaced,
        };
        self.deny_on.iter().copied().find(|ground| holds(ground))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::decide::Confidence;

    fn decision(verdict: &str, target: &str, confidence: &str, rule: Option<&str>) -> Decision {
        let none = json!({"low": 0.0, "high": 0.0});
        let finding =
            |rule| json!({"rule": rule, "effect": "Notes", "field": "", "value": "", "message": ""});
        serde_json::from_value(json!({
            "verdict": verdict,
            "findings": rule.map(finding).into_iter().collect::<Vec<_>>(),
            "recommendation": {
                "target": target, "confidence": confidence, "summary": "",
                "monthlyCost": none, "currentMonthlyCost": none,
                "saving": {"ifClusterStays": none, "ifClusterGoes": none},
            },
        }))
        .unwrap()
    }

    fn deny(on: DenyOn) -> Ruling {
        Ruling {
            mode: Mode::Deny,
            deny_on: vec![on],
            minimum_confidence: Confidence::Medium,
            existing: Existing::Warn,
        }
    }

    #[test]
    fn only_deny_refuses() {
        let misplaced = decision("Misplaced", "Lambda", "High", None);
        let outcome = |mode| Ruling { mode, ..deny(DenyOn::Misplaced) }.outcome(&misplaced);
        assert_eq!(
            Mode::ALL.map(outcome),
            [Outcome::Allow, Outcome::Allow, Outcome::Warn, Outcome::Refuse(DenyOn::Misplaced)]
        );
    }

    #[test]
    fn each_ground_refuses_what_it_names_and_nothing_else() {
        let refused = |on, decision: &Decision| deny(on).outcome(decision) == Outcome::Refuse(on);
        let lambda = decision("Misplaced", "Lambda", "High", None);
        let fargate = decision("Misplaced", "ECSExpress", "High", None);
        let undetermined = decision("Undetermined", "Batch", "High", Some("PRM001"));
        assert!(refused(DenyOn::FitsLambda, &lambda) && !refused(DenyOn::FitsLambda, &fargate));
        assert!(refused(DenyOn::FitsFargate, &fargate) && !refused(DenyOn::FitsFargate, &lambda));
        assert!(refused(DenyOn::PrimitivesOnly, &undetermined) && !refused(DenyOn::PrimitivesOnly, &lambda));
        assert!(refused(DenyOn::Misplaced, &lambda) && !refused(DenyOn::Misplaced, &undetermined));
        for verdict in ["WellPlaced", "Exempt"] {
            for on in [DenyOn::PrimitivesOnly, DenyOn::FitsLambda, DenyOn::Misplaced] {
                assert!(!refused(on, &decision(verdict, "Lambda", "High", Some("PRM001"))), "{on} {verdict}");
            }
        }
    }

    #[test]
    fn what_isnt_sure_enough_is_only_warned_about() {
        let unsure = decision("Misplaced", "Lambda", "Low", None);
        assert_eq!(deny(DenyOn::Misplaced).outcome(&unsure), Outcome::Warn);
    }

    #[test]
    fn what_was_no_better_before_is_refused_only_where_the_policy_says_so() {
        let misplaced = decision("Misplaced", "Lambda", "High", None);
        let lax = deny(DenyOn::Misplaced);
        let strict = Ruling { existing: Existing::Deny, ..lax.clone() };
        for (before, refused) in
            [("WellPlaced", true), ("Exempt", true), ("Misplaced", false), ("Undetermined", false)]
        {
            let before = decision(before, "Lambda", "Low", None);
            let refuses = |ruling: &Ruling| {
                matches!(ruling.outcome_after(&misplaced, Before::Judged(&before)), Outcome::Refuse(_))
            };
            assert_eq!((refuses(&lax), refuses(&strict)), (refused, true), "{}", before.verdict);
        }
        for ruling in [&lax, &strict] {
            assert_eq!(ruling.outcome_after(&misplaced, Before::Same), Outcome::Warn);
            assert_eq!(ruling.outcome_after(&misplaced, Before::Nothing), Outcome::Refuse(DenyOn::Misplaced));
        }
    }
}
