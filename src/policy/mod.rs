//! What a platform team decides: the spec of a PlatformProfile, and the file that `--policy` names.

mod enforcement;
mod exemptions;
mod operations;
mod outcome;

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use enforcement::{DenyOn, Enforcement, Existing, MODE_LABEL, Mode, Ruling};
pub use exemptions::Exemptions;
pub use operations::{Assumptions, Hours, Operations, PeakToMean};
pub use outcome::{Before, Outcome};

use crate::{
    api::PLATFORM,
    catalog::{Catalog, Prices},
    invalid::Invalid,
    misread::in_words,
    selector::Labels,
    yaml,
};

/// The platform team's policy. What is left out keeps its default; the defaults reproduce the field guide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Policy {
    pub operations: Operations,
    /// Dollars a month below which a workload isn't called misplaced: 10 when left out.
    #[schemars(range(min = 0.0))]
    pub minimum_monthly_saving: f64,
    /// Prices of your region, or with your discounts, in place of the list prices of us-east-1. The same that
    /// `--prices` takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_book: Option<Prices>,
    /// Modes by namespace; the first that selects a namespace counts, and the namespace's own label
    /// `berth.dev/mode` over it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub enforcement: Vec<Enforcement>,
    pub exemptions: Exemptions,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            operations: Operations::default(),
            minimum_monthly_saving: 10.0,
            price_book: None,
            enforcement: Vec::new(),
            exemptions: Exemptions::default(),
        }
    }
}

/// Of a PlatformProfile.
const VERSION: &str = "berth.dev/v1alpha1";

/// A PlatformProfile, of which the policy is the spec.
#[derive(Deserialize)]
struct InProfile {
    spec: Policy,
}

impl Policy {
    /// Reads a policy file; what it leaves out keeps its default.
    ///
    /// # Errors
    /// Names the line and the field that can't be read, or a value out of its range.
    pub fn read(text: &str) -> Result<Policy, yaml::Error> {
        if let Some(second) = yaml::documents(text).get(1) {
            let reason = "a second document begins here, and a policy is one".to_owned();
            return Err(yaml::Error { line: second.line, field: None, reason });
        }
        // A PlatformProfile carries the same policy as its spec.
        let value = yaml::parse(text)?;
        if ["apiVersion", "kind", "metadata", "spec"].iter().any(|field| value.get(field).is_some()) {
            is_the_profile(&value).map_err(|invalid| invalid.in_text(text))?;
            let policy = yaml::read::<InProfile>(text)?.spec;
            policy.check().map_err(|invalid| invalid.below("spec").in_text(text))?;
            return Ok(policy);
        }
        let policy: Policy = yaml::read(text)?;
        policy.check().map_err(|invalid| invalid.in_text(text))?;
        Ok(policy)
    }

    /// Whether a PlatformProfile's spec is empty, and so another policy holds.
    pub fn says_nothing(spec: &Value) -> bool {
        spec.as_object().is_none_or(serde_json::Map::is_empty)
    }

    /// The policy in a PlatformProfile's spec, as the API server stores it.
    ///
    /// # Errors
    /// Names the field that can't be read, or a value out of its range.
    pub fn of_spec(spec: &Value) -> Result<Policy, Invalid> {
        let spec = if spec.is_null() { &json!({}) } else { spec };
        let policy: Policy = serde_path_to_error::deserialize(spec)
            .map_err(|error| Invalid::new(error.path().to_string(), in_words(&error.inner().to_string())))
            .map_err(|invalid| invalid.below("spec"))?;
        policy.check().map_err(|invalid| invalid.below("spec"))?;
        Ok(policy)
    }

    /// The policy of a PlatformProfile that is in force: of its spec, or of the one that was accepted last. None where it
    /// says nothing.
    ///
    /// # Errors
    /// Names the field of its spec that can't be read, where none was accepted before.
    pub fn of_profile(profile: &Value) -> Result<Option<Policy>, Invalid> {
        let spec = &profile["spec"];
        if Policy::says_nothing(spec) {
            return Ok(None);
        }
        match (Policy::of_spec(spec), Policy::accepted(&profile["status"])) {
            (Ok(policy), _) | (Err(_), Some((_, policy))) => Ok(Some(policy)),
            (Err(invalid), None) => Err(invalid),
        }
    }

    /// The policy that a PlatformProfile's status keeps for a spec that can't be read, with the spec that it came from.
    pub fn accepted(status: &Value) -> Option<(&Value, Policy)> {
        let spec = status.get("acceptedSpec").filter(|spec| !Policy::says_nothing(spec))?;
        Some((spec, Policy::of_spec(spec).ok()?))
    }

    /// Whether all of it can be true.
    ///
    /// # Errors
    /// Names the first field that can't.
    pub fn check(&self) -> Result<(), Invalid> {
        self.operations.check().map_err(|invalid| invalid.below("operations"))?;
        let saving = self.minimum_monthly_saving;
        if !saving.is_finite() || saving < 0.0 {
            return Err(Invalid::new("minimumMonthlySaving", format!("{saving} must be 0 or more")));
        }
        if let Some(prices) = &self.price_book {
            prices.check().map_err(|invalid| invalid.below("priceBook"))?;
        }
        for (index, rule) in self.enforcement.iter().enumerate() {
            rule.check().map_err(|invalid| invalid.below(&format!("enforcement[{index}]")))?;
        }
        self.exemptions.check().map_err(|invalid| invalid.below("exemptions"))
    }

    /// The catalogue with this policy's prices, where it has its own.
    pub fn priced<'a>(&self, catalog: &'a Catalog) -> Cow<'a, Catalog> {
        match &self.price_book {
            Some(prices) => Cow::Owned(catalog.with_book(prices.clone())),
            None => Cow::Borrowed(catalog),
        }
    }

    /// What of it can be read and never comes to anything, each with its field.
    pub fn idle(&self) -> Vec<Invalid> {
        enforcement::left_nothing(&self.enforcement)
    }

    /// What holds in a namespace with these labels.
    pub fn ruling(&self, labels: &Labels) -> Ruling {
        enforcement::ruling(&self.enforcement, labels)
    }
}

/// Whether an object is the one PlatformProfile that a cluster follows.
fn is_the_profile(object: &Value) -> Result<(), Invalid> {
    for (pointer, field, wanted) in [
        ("/apiVersion", "apiVersion", VERSION),
        ("/kind", "kind", "PlatformProfile"),
        ("/metadata/name", "metadata.name", PLATFORM),
    ] {
        match object.pointer(pointer) {
            Some(Value::String(found)) if found == wanted => {}
            Some(Value::String(found)) => {
                let reason = format!("{found:?} must be {wanted}: a policy is one, or its spec alone");
                return Err(Invalid::new(field, reason));
            }
            _ => {
                return Err(Invalid::new(
                    field,
                    format!("must be {wanted}: a policy is one, or its spec alone"),
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Target;

    #[test]
    fn a_file_changes_only_what_it_names() {
        let text = "operations:\n  platformTeam: true\n  assumptions:\n    hours:\n      Lambda: {fixed: 1, perService: 2}\n";
        let policy = Policy::read(text).unwrap();
        assert_eq!(policy.operations.platform_team, Some(true));
        assert_eq!(policy.operations.assumptions.hours[&Target::Lambda].per_service, 2.0);
        assert_eq!(policy.operations.assumptions.hours.len(), Target::ALL.len());
        assert_eq!(policy.operations.hourly_rate, 90.0);
    }

    #[test]
    fn a_field_given_twice_is_refused_with_both_lines() {
        let error = Policy::read("minimumMonthlySaving: 5\noperations:\n  hourlyRate: 1\n  hourlyRate: 2\n");
        let error = error.unwrap_err();
        assert_eq!((error.line, error.field.as_deref()), (4, Some("operations.hourlyRate")));
        assert_eq!(error.reason, "given twice, on lines 3 and 4");
    }

    const PROFILE: &str =
        "apiVersion: berth.dev/v1alpha1\nkind: PlatformProfile\nmetadata: {name: cluster}\n";

    #[test]
    fn another_object_is_no_policy() {
        for (from, to, line, field, found) in [
            ("PlatformProfile", "Deployment", 2, "kind", "\"Deployment\" must be PlatformProfile"),
            ("name: cluster", "name: mine", 3, "metadata.name", "\"mine\" must be cluster"),
            ("berth.dev/v1alpha1", "apps/v1", 1, "apiVersion", "\"apps/v1\" must be berth.dev/v1alpha1"),
            ("kind: PlatformProfile\n", "", 1, "kind", "must be PlatformProfile"),
        ] {
            let error = Policy::read(&format!("{}spec: {{}}\n", PROFILE.replace(from, to))).unwrap_err();
            assert_eq!((error.line, error.field.as_deref()), (line, Some(field)));
            assert!(error.reason.starts_with(found), "{error}");
        }
        assert_eq!(Policy::read(&format!("{PROFILE}spec: {{}}\n")).unwrap(), Policy::default());
        let two = Policy::read("operations: {hourlyRate: 3}\n---\nkind: Namespace\n").unwrap_err();
        assert!(two.line == 3 && two.reason.contains("second document"), "{two}");
    }

    #[test]
    fn a_bare_off_is_told_to_be_quoted() {
        let error = Policy::read("enforcement:\n- mode: Off\n").unwrap_err();
        assert_eq!((error.line, error.field.as_deref()), (2, Some("enforcement[0].mode")));
        assert!(error.reason.ends_with("write \"Off\""), "{error}");
        assert!(Policy::read("enforcement:\n- mode: \"Off\"\n").is_ok());
    }

    #[test]
    fn a_wrong_value_is_named_with_line_and_field() {
        let refused = |text: &str| {
            let error = Policy::read(text).unwrap_err();
            (error.line, error.field.unwrap_or_default())
        };
        assert_eq!(
            refused("operations:\n  assumptions:\n    nodePacking: 3\n"),
            (3, "operations.assumptions.nodePacking".to_owned())
        );
        assert_eq!(refused("operations:\n  services: 0\n"), (2, "operations.services".to_owned()));
        assert_eq!(
            refused("operations:\n  platformsInUse: [EKSNodes]\n"),
            (2, "operations.platformsInUse".to_owned())
        );
        assert_eq!(
            refused(&format!("{PROFILE}spec:\n  exemptions:\n    maximumDuration: soon\n")),
            (6, "spec.exemptions.maximumDuration".to_owned())
        );
        assert_eq!(
            refused(
                "enforcement:\n- mode: Warn\n- mode: Deny\n  namespaceSelector:\n    matchExpressions:\n    \
                 - {key: stage, operator: Is, values: [prod]}\n"
            ),
            (6, "enforcement[1].namespaceSelector.matchExpressions[0].operator".to_owned())
        );
        let hours = |line: &str| format!("operations:\n  assumptions:\n    hours:\n      {line}\n");
        assert_eq!(
            refused(&hours("Lambda: {fixed: 1}")),
            (4, "operations.assumptions.hours.Lambda".to_owned())
        );
        let error = Policy::read(&hours("Lamda: {fixed: 1, perService: 1}")).unwrap_err();
        assert_eq!(error.field.as_deref(), Some("operations.assumptions.hours"));
        assert!(error.reason.contains("`Lamda`, expected one of `Lambda`"), "{error}");
        let error = Policy::read("minimumSaving: 3\n").unwrap_err();
        assert!(error.reason.contains("unknown field"), "{error}");
    }

    #[test]
    fn a_wrong_type_in_a_stored_spec_is_named_by_its_field() {
        let invalid = Policy::of_spec(&json!({"enforcement": [{"mode": "deny"}]})).unwrap_err();
        assert!(invalid.to_string().starts_with("spec.enforcement[0].mode: unknown variant"), "{invalid}");
    }

    #[test]
    fn a_price_book_replaces_the_list_prices() {
        let embedded = Catalog::embedded();
        let mut prices = embedded.prices.clone();
        prices.region = "eu-central-1".to_owned();
        let policy = Policy { price_book: Some(prices), ..Policy::default() };
        assert_eq!(policy.priced(embedded).prices.region, "eu-central-1");
        assert_eq!(policy.priced(embedded).limits, embedded.limits);
        let text = serde_json::to_string(&policy).unwrap();
        assert_eq!(Policy::read(&text).unwrap(), policy, "written and read, it's the same");
    }
}
