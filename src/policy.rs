//! What a platform team decides: the hourly rate, the assumptions behind operations cost, the smallest saving that matters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{catalog::Target, yaml};

/// The platform team's policy; the defaults reproduce the field guide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Policy {
    pub operations: Operations,
    /// Dollars a month below which a workload isn't called misplaced.
    pub minimum_monthly_saving: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Operations {
    /// Whether a team's job is to operate the cluster; unknown when left out.
    pub platform_team: Option<bool>,
    /// Dollars that an hour of an engineer costs.
    pub hourly_rate: f64,
    /// The label that names a workload's or a namespace's team.
    pub team_label: String,
    pub assumptions: Assumptions,
}

/// Weights, not facts: public figures contradict each other, so each is shown and can be set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Assumptions {
    /// Hours a month to run each platform, and each service on it.
    pub hours: BTreeMap<Target, Hours>,
    /// The part of a node's capacity that Pods really request, 0 to 1.
    pub node_packing: f64,
    /// HTTP services behind one load balancer, where the platform doesn't say.
    pub services_per_load_balancer: f64,
    /// vCPU of a container that requests none: at least, at most.
    pub unsized_vcpu: [f64; 2],
    /// GiB of a container that requests none: at least, at most.
    pub unsized_memory: [f64; 2],
    /// Requests a second where nobody knows: at least, at most.
    pub unknown_requests_per_second: [f64; 2],
    /// Requests a second where only "idle" is known: at least, at most.
    pub idle_requests_per_second: [f64; 2],
    /// Seconds of a run where nobody knows: at least, at most.
    pub unknown_run_seconds: [f64; 2],
    /// Seconds of a request where nobody knows: at least, at most.
    pub unknown_request_seconds: [f64; 2],
    /// Copies where nobody knows, as of a DaemonSet: at least, at most.
    pub unknown_copies: [f64; 2],
    /// Runs a month of a Job that no schedule starts: at least, at most.
    pub unknown_runs: [f64; 2],
}

/// A PlatformProfile, of which the policy is the spec.
#[derive(Deserialize)]
struct InProfile {
    spec: Policy,
}

/// Hours of work a month.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Hours {
    /// For the platform as a whole, shared by its services.
    pub fixed: f64,
    /// The same when no team's job is to operate it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_without_team: Option<f64>,
    /// For each service.
    pub per_service: f64,
}

impl Default for Policy {
    fn default() -> Self {
        Policy { operations: Operations::default(), minimum_monthly_saving: 10.0 }
    }
}

impl Default for Operations {
    fn default() -> Self {
        Operations {
            platform_team: None,
            hourly_rate: 90.0,
            team_label: "team".to_owned(),
            assumptions: Assumptions::default(),
        }
    }
}

impl Default for Assumptions {
    fn default() -> Self {
        let hours = |fixed: f64, fixed_without_team: Option<f64>, per_service: f64| Hours {
            fixed,
            fixed_without_team,
            per_service,
        };
        Assumptions {
            hours: BTreeMap::from([
                (Target::Lambda, hours(2.0, None, 0.75)),
                (Target::ECSExpress, hours(4.0, None, 1.5)),
                (Target::ECSFargate, hours(4.0, None, 1.5)),
                (Target::ECSManagedInstances, hours(6.0, None, 1.5)),
                (Target::ECSOnEC2, hours(16.0, Some(24.0), 1.5)),
                (Target::AppRunner, hours(2.0, None, 1.5)),
                (Target::Batch, hours(3.0, None, 1.0)),
                (Target::SageMaker, hours(8.0, None, 2.0)),
                // No nodes, but agents that a DaemonSet would carry go into every Pod.
                (Target::EKSFargate, hours(34.0, Some(54.0), 0.75)),
                (Target::EKSAutoMode, hours(34.5, Some(56.0), 0.5)),
                (Target::EKSNodes, hours(36.0, Some(72.0), 0.5)),
            ]),
            node_packing: 0.8,
            services_per_load_balancer: 10.0,
            unsized_vcpu: [0.1, 1.0],
            unsized_memory: [0.125, 2.0],
            unknown_requests_per_second: [0.001, 100.0],
            idle_requests_per_second: [0.0001, 0.1],
            unknown_run_seconds: [10.0, 14_400.0],
            unknown_request_seconds: [0.05, 2.0],
            unknown_copies: [1.0, 10.0],
            unknown_runs: [1.0, 730.0],
        }
    }
}

impl Policy {
    /// Reads a policy file; what it leaves out keeps its default.
    ///
    /// # Errors
    /// Names the line and the field that can't be read, or a value out of its range.
    pub fn read(text: &str) -> Result<Policy, yaml::Error> {
        let mut policy: Policy = match yaml::parse(text)?.get("spec") {
            // A PlatformProfile carries the same policy as its spec.
            Some(_) => yaml::read::<InProfile>(text)?.spec,
            None => yaml::read(text)?,
        };
        let defaults = Assumptions::default().hours;
        for (target, hours) in defaults {
            policy.operations.assumptions.hours.entry(target).or_insert(hours);
        }
        let assumptions = &policy.operations.assumptions;
        let ranges = [
            ("unsizedVcpu", assumptions.unsized_vcpu),
            ("unsizedMemory", assumptions.unsized_memory),
            ("unknownRequestsPerSecond", assumptions.unknown_requests_per_second),
            ("idleRequestsPerSecond", assumptions.idle_requests_per_second),
            ("unknownRunSeconds", assumptions.unknown_run_seconds),
            ("unknownRequestSeconds", assumptions.unknown_request_seconds),
            ("unknownCopies", assumptions.unknown_copies),
            ("unknownRuns", assumptions.unknown_runs),
        ];
        for (name, [low, high]) in ranges {
            if !(low > 0.0 && low <= high && high.is_finite()) {
                let reason = format!("[{low}, {high}] must be two numbers above 0, the smaller first");
                return Err(refuse(text, &format!("operations.assumptions.{name}"), reason));
            }
        }
        let packing = assumptions.node_packing;
        if !(packing > 0.0 && packing <= 1.0) {
            let reason = format!("{packing} must be above 0 and at most 1");
            return Err(refuse(text, "operations.assumptions.nodePacking", reason));
        }
        if assumptions.services_per_load_balancer < 1.0 {
            let reason = format!("{} must be at least 1", assumptions.services_per_load_balancer);
            return Err(refuse(text, "operations.assumptions.servicesPerLoadBalancer", reason));
        }
        for (target, hours) in &assumptions.hours {
            let all = [hours.fixed, hours.per_service, hours.fixed_without_team.unwrap_or(0.0)];
            if all.iter().any(|value| !value.is_finite() || *value < 0.0) {
                let field = format!("operations.assumptions.hours.{target}");
                return Err(refuse(text, &field, "hours must be 0 or more".to_owned()));
            }
        }
        let money = [
            ("operations.hourlyRate", policy.operations.hourly_rate),
            ("minimumMonthlySaving", policy.minimum_monthly_saving),
        ];
        for (field, value) in money {
            if !value.is_finite() || value < 0.0 {
                return Err(refuse(text, field, format!("{value} must be 0 or more")));
            }
        }
        Ok(policy)
    }
}

fn refuse(text: &str, field: &str, reason: String) -> yaml::Error {
    yaml::Error { line: yaml::line_of(text, field), field: Some(field.to_owned()), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_wrong_value_is_named_with_line_and_field() {
        let error = Policy::read("operations:\n  assumptions:\n    nodePacking: 3\n").unwrap_err();
        assert_eq!((error.line, error.field.as_deref()), (3, Some("operations.assumptions.nodePacking")));
        let error = Policy::read("minimumSaving: 3\n").unwrap_err();
        assert!(error.reason.contains("unknown field"), "{error}");
    }
}
