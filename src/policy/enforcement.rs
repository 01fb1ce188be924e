//! What Berth does about a misplaced workload, by namespace: nothing, a status, a warning, a refusal.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::Value;

use crate::{
    decide::Confidence,
    invalid::Invalid,
    selector::{Labels, Selector},
};

/// The label of a namespace that sets its mode, over every rule of the policy.
pub const MODE_LABEL: &str = "berth.dev/mode";

/// How far Berth goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Mode {
    /// Nothing is decided and no profile is written.
    Off,
    /// Profiles are written, and nobody is told at admission.
    Audit,
    /// Admission warns too.
    #[default]
    Warn,
    /// Admission refuses what `denyOn` names.
    Deny,
}

impl Mode {
    pub const ALL: [Mode; 4] = [Mode::Off, Mode::Audit, Mode::Warn, Mode::Deny];

    pub fn parse(text: &str) -> Option<Mode> {
        Self::ALL.into_iter().find(|mode| mode.to_string() == text)
    }

    /// What a label may say, for who wrote something else.
    pub fn words() -> String {
        let [off, audit, warn, deny] = Self::ALL;
        format!("{off}, {audit}, {warn} or {deny}")
    }
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

/// What is refused in Deny. A workload that is WellPlaced or Exempt never is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum DenyOn {
    /// It uses nothing of Kubernetes but Deployment and Service (PRM001).
    PrimitivesOnly,
    /// It is misplaced, and Lambda is where it belongs.
    FitsLambda,
    /// It is misplaced, and ECS on Fargate or Express Mode is where it belongs.
    FitsFargate,
    /// It is misplaced, wherever it belongs.
    Misplaced,
}

impl std::fmt::Display for DenyOn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

/// What is done in Deny about an update of a workload that was no better placed before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Existing {
    /// It's warned about: only what is new, or was WellPlaced or Exempt, is refused.
    #[default]
    Warn,
    /// It's refused like a new one, unless only what people say of it changed.
    Deny,
}

/// The mode of some namespaces. Of several that select a namespace the first counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Enforcement {
    /// By the namespace's labels; every namespace when left out.
    #[serde(default)]
    pub namespace_selector: Selector,
    /// How far Berth goes there. Quote "Off": YAML takes it for a boolean.
    #[serde(deserialize_with = "mode")]
    pub mode: Mode,
    /// What is refused in Deny: Misplaced when left out.
    #[serde(default = "misplaced", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 4))]
    pub deny_on: Vec<DenyOn>,
    /// How sure the recommendation must be for a refusal: High when left out.
    #[serde(default = "high")]
    pub minimum_confidence: Confidence,
    /// What is done in Deny about an update of a workload that was no better placed before: Warn when left out.
    #[serde(default)]
    pub existing: Existing,
}

/// A word; a bare Off is no word to YAML.
fn mode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Mode, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Bool(false) => {
            Err(D::Error::custom("YAML takes Off without quotes for the boolean false: write \"Off\""))
        }
        other => Mode::deserialize(other).map_err(D::Error::custom),
    }
}

fn misplaced() -> Vec<DenyOn> {
    vec![DenyOn::Misplaced]
}

fn high() -> Confidence {
    Confidence::High
}

/// What holds in one namespace.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruling {
    pub mode: Mode,
    pub deny_on: Vec<DenyOn>,
    pub minimum_confidence: Confidence,
    pub existing: Existing,
}

impl Enforcement {
    /// Whether all of it can be true.
    ///
    /// # Errors
    /// Names the first field that can't.
    pub fn check(&self) -> Result<(), Invalid> {
        if self.deny_on.is_empty() {
            return Err(Invalid::new("denyOn", "must name what is refused, or be left out for Misplaced"));
        }
        self.namespace_selector.check().map_err(|invalid| invalid.below("namespaceSelector"))
    }
}

/// What holds in a namespace with these labels: its own label over the first rule that selects it, and Warn without
/// either. A label that can't be read counts as none.
pub fn ruling(rules: &[Enforcement], labels: &Labels) -> Ruling {
    let rule = rules.iter().find(|rule| rule.namespace_selector.matches(labels));
    let labelled = labels.get(MODE_LABEL).and_then(|text| Mode::parse(text));
    Ruling {
        mode: labelled.or(rule.map(|rule| rule.mode)).unwrap_or_default(),
        deny_on: rule.map_or_else(misplaced, |rule| rule.deny_on.clone()),
        minimum_confidence: rule.map_or_else(high, |rule| rule.minimum_confidence),
        existing: rule.map(|rule| rule.existing).unwrap_or_default(),
    }
}

/// The rules that no namespace is left for, each with the one before it that takes them.
pub fn left_nothing(rules: &[Enforcement]) -> Vec<Invalid> {
    let before = |(index, rule): (usize, &Enforcement)| {
        let selector = &rule.namespace_selector;
        let takes = |before: &&Enforcement| {
            before.namespace_selector.selects_everything() || before.namespace_selector == *selector
        };
        let (first, taker) = rules.iter().enumerate().take(index).find(|(_, before)| takes(before))?;
        let what = if taker.namespace_selector.selects_everything() {
            "every namespace"
        } else {
            "the same namespaces"
        };
        let reason =
            format!("never applies: enforcement[{first}] before it selects {what}, and the first counts");
        Some(Invalid::new(format!("enforcement[{index}]"), reason))
    };
    rules.iter().enumerate().filter_map(before).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Vec<Enforcement> {
        serde_json::from_value(serde_json::json!([
            {"namespaceSelector": {"matchLabels": {"stage": "prod"}}, "mode": "Deny", "denyOn": ["FitsLambda"],
             "minimumConfidence": "Medium"},
            {"namespaceSelector": {"matchExpressions": [{"key": "stage", "operator": "Exists"}]}, "mode": "Off"},
        ]))
        .unwrap()
    }

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_label_wins_then_the_first_rule_then_warn() {
        let mode = |pairs: &[(&str, &str)]| ruling(&rules(), &labels(pairs)).mode;
        assert_eq!(mode(&[("stage", "prod")]), Mode::Deny);
        assert_eq!(mode(&[("stage", "test")]), Mode::Off);
        assert_eq!(mode(&[]), Mode::Warn);
        assert_eq!(mode(&[("stage", "prod"), (MODE_LABEL, "Audit")]), Mode::Audit);
        assert_eq!(mode(&[("stage", "prod"), (MODE_LABEL, "audit")]), Mode::Deny, "no mode is written so");
    }

    #[test]
    fn what_comes_behind_a_rule_for_all_never_applies() {
        let all = |mode| Enforcement { namespace_selector: Selector::default(), mode, ..rules().remove(0) };
        let told =
            |rules: &[Enforcement]| left_nothing(rules).iter().map(ToString::to_string).collect::<Vec<_>>();
        let [prod, staged] = [rules().remove(0), rules().remove(1)];
        assert_eq!(told(&[prod.clone(), staged.clone(), all(Mode::Warn)]), [""; 0]);
        assert_eq!(
            told(&[all(Mode::Warn), prod.clone()]),
            [
                "enforcement[1]: never applies: enforcement[0] before it selects every namespace, and the first counts"
            ]
        );
        assert_eq!(
            told(&[prod.clone(), staged, prod]),
            [
                "enforcement[2]: never applies: enforcement[0] before it selects the same namespaces, and the first counts"
            ]
        );
    }

    #[test]
    fn a_labelled_namespace_keeps_what_its_rule_refuses() {
        let prod = ruling(&rules(), &labels(&[("stage", "prod"), (MODE_LABEL, "Deny")]));
        assert_eq!(prod.deny_on, [DenyOn::FitsLambda]);
        let other = ruling(&rules(), &labels(&[(MODE_LABEL, "Deny")]));
        assert_eq!((other.deny_on, other.minimum_confidence), (vec![DenyOn::Misplaced], Confidence::High));
    }
}
