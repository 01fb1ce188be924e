//! PlatformProfile: the platform team's policy, and whether Berth follows it.

// Each column repeats the names of its own attributes.
#![allow(clippy::duplicated_attributes)]

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema, transform::transform_subschemas};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Condition;
use crate::{decide::platform::PlatformVerdict, policy::Policy};

/// The only PlatformProfile that counts.
pub const PLATFORM: &str = "cluster";

/// The platform team's policy: the same structure as the file that `berth scan --policy` reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "cluster", derive(kube::CustomResource))]
#[cfg_attr(
    feature = "cluster",
    kube(
        group = "berth.dev",
        version = "v1alpha1",
        kind = "PlatformProfile",
        plural = "platformprofiles",
        shortname = "plp",
        category = "berth",
        status = "PlatformProfileStatus",
        doc = "What a platform team decides for the cluster: assumptions, prices, enforcement, exemptions.",
        validation = kube::core::Rule::new("self.metadata.name == 'cluster'")
            .message("there is one PlatformProfile, and its name is cluster"),
        printcolumn(name = "Verdict", type_ = "string", json_path = ".status.verdict"),
        printcolumn(
            name = "Services",
            type_ = "integer",
            json_path = ".status.services",
            description = "What teams run that lasts or returns"
        ),
        printcolumn(
            name = "Need Kubernetes",
            type_ = "integer",
            json_path = ".status.needKubernetes.count",
            description = "Workloads that nothing else holds"
        ),
        printcolumn(
            name = "Saving $/month",
            type_ = "number",
            json_path = ".status.saving.ifClusterGoes.low",
            description = "Dollars a month at least, when what could leave does and the cluster goes"
        ),
        printcolumn(
            name = "Accepted",
            type_ = "string",
            json_path = ".status.conditions[?(@.type==\"Accepted\")].status"
        ),
        printcolumn(
            name = "Reason",
            type_ = "string",
            json_path = ".status.conditions[?(@.type==\"Accepted\")].message",
            priority = "1"
        ),
        printcolumn(name = "Summary", type_ = "string", json_path = ".status.summary", priority = "1"),
        printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    )
)]
#[serde(transparent)]
#[schemars(transform = without_defaults)]
pub struct PlatformProfileSpec(pub Policy);

/// What Berth makes of it; written by the operator alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformProfileStatus {
    /// What this cluster is called, for who reads the reports of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_name: Option<String>,
    /// The cluster's own verdict: the report of all workloads together.
    #[serde(flatten)]
    pub platform: Option<PlatformVerdict>,
    /// The spec that was accepted last, where it said anything: in force while a newer one can't be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "any_object")]
    pub accepted_spec: Option<Value>,
    /// The generation of the policy that the conditions are about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

/// A version that reads less keeps what it doesn't know.
fn any_object(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-map-type": "atomic"})
}

/// An API server would write defaults into the stored spec, and a later version's could not take their place.
fn without_defaults(schema: &mut Schema) {
    schema.remove("default");
    transform_subschemas(&mut without_defaults, schema);
}

#[cfg(all(test, feature = "cluster"))]
mod tests {
    use kube::CustomResourceExt;

    use super::*;

    fn schema() -> Value {
        let definition = serde_json::to_value(PlatformProfile::crd()).unwrap();
        definition.pointer("/spec/versions/0/schema/openAPIV3Schema").unwrap().clone()
    }

    #[test]
    fn there_is_one_of_its_name() {
        assert_eq!(schema()["x-kubernetes-validations"][0]["rule"], "self.metadata.name == 'cluster'");
    }

    #[test]
    fn nothing_is_written_into_a_spec_that_a_person_wrote() {
        fn defaults(value: &Value) -> usize {
            let below: usize = match value {
                Value::Object(map) => map.values().map(defaults).sum(),
                Value::Array(items) => items.iter().map(defaults).sum(),
                _ => 0,
            };
            below + usize::from(value.get("default").is_some())
        }
        assert_eq!(defaults(&schema()), 0);
    }

    #[test]
    fn the_spec_is_the_policy_file() {
        let policy = "operations: {hourlyRate: 110}\nenforcement: [{mode: Deny, denyOn: [FitsLambda]}]\n";
        let spec: PlatformProfileSpec = crate::yaml::read(policy).unwrap();
        assert_eq!(spec.0, Policy::read(policy).unwrap());
        let fields = |of: &str| schema().pointer(of).unwrap().as_object().unwrap().len();
        let written = serde_json::to_value(Policy {
            price_book: Some(crate::catalog::Catalog::embedded().prices.clone()),
            enforcement: spec.0.enforcement,
            ..Policy::default()
        });
        assert_eq!(fields("/properties/spec/properties"), written.unwrap().as_object().unwrap().len());
    }
}
