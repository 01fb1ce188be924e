//! What a platform team asks of an exemption: a reason, and an end that isn't too far away.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::invalid::Invalid;

/// Limits on `berth.dev/exempt` and `berth.dev/exempt-until`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Exemptions {
    /// Whether an exemption must say why: true when left out.
    pub require_reason: bool,
    /// How far away its end may be, in days, such as 90d; without it an exemption needs no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[1-9][0-9]{0,4}d$"))]
    pub maximum_duration: Option<String>,
}

impl Default for Exemptions {
    fn default() -> Self {
        Exemptions { require_reason: true, maximum_duration: None }
    }
}

impl Exemptions {
    /// The days that an exemption may have left.
    pub fn maximum_days(&self) -> Option<i64> {
        self.maximum_duration.as_deref()?.strip_suffix('d')?.parse().ok()
    }

    /// Whether all of it can be true.
    ///
    /// # Errors
    /// Names the first field that can't.
    pub fn check(&self) -> Result<(), Invalid> {
        let Some(text) = &self.maximum_duration else { return Ok(()) };
        match self.maximum_days() {
            Some(1..=99_999) => Ok(()),
            _ => Err(Invalid::new("maximumDuration", format!("{text:?} must be days, such as 90d"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_of_days() {
        let days =
            |text: &str| Exemptions { maximum_duration: Some(text.to_owned()), ..Exemptions::default() };
        assert_eq!(days("90d").maximum_days(), Some(90));
        assert_eq!(days("90d").check(), Ok(()));
        for text in ["90", "0d", "-1d", "3 months", "1.5d", "100000d", ""] {
            assert!(days(text).check().is_err(), "{text}");
        }
    }
}
