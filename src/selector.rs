//! Labels, and a label selector, as Kubernetes writes and matches them.

use std::collections::BTreeMap;

use litemap::LiteMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{invalid::Invalid, observe::pod::null_is_default};

/// Labels or annotations of one object. Most have a handful, and a cluster has tens of thousands of objects: a sorted
/// list holds them in a fraction of a tree's memory.
pub type Labels = LiteMap<String, String>;

/// Selects what has all of these labels; empty, it selects everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Selector {
    /// Labels with their values.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub match_labels: BTreeMap<String, String>,
    /// What labels must say otherwise.
    #[serde(deserialize_with = "null_is_default", skip_serializing_if = "Vec::is_empty")]
    pub match_expressions: Vec<Requirement>,
}

/// What one label must say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    pub key: String,
    /// In and NotIn compare with the values; Exists and DoesNotExist take none.
    #[schemars(extend("enum" = ["In", "NotIn", "Exists", "DoesNotExist"]))]
    pub operator: String,
    #[serde(default, deserialize_with = "null_is_default", skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

impl Selector {
    pub fn selects_everything(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }

    pub fn matches(&self, labels: &Labels) -> bool {
        self.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
            && self.match_expressions.iter().all(|requirement| {
                let value = labels.get(&requirement.key);
                let listed = value.is_some_and(|v| requirement.values.contains(v));
                match requirement.operator.as_str() {
                    "In" => listed,
                    "NotIn" => !listed,
                    "Exists" => value.is_some(),
                    "DoesNotExist" => value.is_none(),
                    _ => false,
                }
            })
    }

    /// Whether it's a selector that an API server takes.
    ///
    /// # Errors
    /// Names the first field that isn't.
    pub fn check(&self) -> Result<(), Invalid> {
        for (index, requirement) in self.match_expressions.iter().enumerate() {
            let at = |field: &str| format!("matchExpressions[{index}].{field}");
            if requirement.key.is_empty() {
                return Err(Invalid::new(at("key"), "must name a label"));
            }
            let compares = match requirement.operator.as_str() {
                "In" | "NotIn" => true,
                "Exists" | "DoesNotExist" => false,
                other => {
                    let reason = format!("{other:?} must be In, NotIn, Exists or DoesNotExist");
                    return Err(Invalid::new(at("operator"), reason));
                }
            };
            if compares == requirement.values.is_empty() {
                let many = if compares { "at least one" } else { "none" };
                let reason = format!("{} takes {many}", requirement.operator);
                return Err(Invalid::new(at("values"), reason));
            }
        }
        Ok(())
    }
}
