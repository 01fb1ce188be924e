//! What operating each platform costs in people's hours, and what is assumed where nobody knows.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{IntoDeserializer, value::StrDeserializer},
};
use serde_json::{Value, json};

use crate::{catalog::Target, invalid::Invalid};

/// Who operates the platforms, and what that costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Operations {
    /// Whether a team's job is to operate the cluster; unknown when left out.
    pub platform_team: Option<bool>,
    /// Dollars that an hour of an engineer costs.
    #[schemars(range(min = 0.0))]
    pub hourly_rate: f64,
    /// Services that share the platform's fixed cost, where what is looked at is only a part of the cluster.
    /// Counted when left out.
    #[schemars(range(min = 1.0))]
    pub services: Option<f64>,
    /// Targets outside of Kubernetes that are in use already, so that a workload that moves there pays nothing anew
    /// for the platform as such. All kinds of ECS are one platform.
    pub platforms_in_use: Vec<Target>,
    /// The label that names a workload's or a namespace's team.
    pub team_label: String,
    pub assumptions: Assumptions,
}

/// Weights, not facts: public figures contradict each other, so each is shown and can be set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Assumptions {
    /// Hours a month to run each platform, and each service on it.
    #[serde(deserialize_with = "completed")]
    #[schemars(with = "BTreeMap<Target, Hours>")]
    pub hours: BTreeMap<Target, Hours>,
    /// The part of a node's capacity that Pods really request, 0 to 1.
    #[schemars(extend("minimum" = 0, "exclusiveMinimum" = true, "maximum" = 1))]
    pub node_packing: f64,
    /// HTTP services behind one load balancer, where the platform doesn't say and there are as many.
    #[schemars(range(min = 1.0))]
    pub services_per_load_balancer: f64,
    /// vCPU of a container that requests none: at least, at most.
    #[schemars(extend("x-kubernetes-validations" = low_then_high()))]
    pub unsized_vcpu: [f64; 2],
    /// GiB of a container that requests none: at least, at most.
    #[schemars(extend("x-kubernetes-validations" = low_then_high()))]
    pub unsized_memory: [f64; 2],
    /// Requests a second where nobody knows: at least, at most. More where that many copies could serve more.
    #[schemars(extend("x-kubernetes-validations" = low_then_high()))]
    pub unknown_requests_per_second: [f64; 2],
    /// Requests a second where only "idle" is known: at least, at most.
    #[schemars(extend("x-kubernetes-validations" = low_then_high()))]
    pub idle_requests_per_second: [f64; 2],
    /// Seconds of a run where nobody knows: at least, at most.
    #[schemars(extend("x-kubernetes-validations" = low_then_high()))]
    pub unknown_run_seconds: [f64; 2],
    /// Seconds of a request where nobody knows: at least, at most.
    #[schemars(extend("x-kubernetes-validations" = low_then_high()))]
    pub unknown_request_seconds: [f64; 2],
    /// Seconds that pulling an image takes, which Fargate bills: at least, at most.
    #[schemars(extend("x-kubernetes-validations" = low_then_high()))]
    pub image_pull_seconds: [f64; 2],
    /// Copies that share one GPU where they take turns on it: at least, at most.
    #[schemars(extend("x-kubernetes-validations" = low_then_high()))]
    pub copies_per_shared_gpu: [f64; 2],
    /// Copies that an autoscaler keeps at most for each that its load keeps busy; one more is there for what is left
    /// over.
    #[schemars(range(min = 1.0))]
    pub scaling_headroom: f64,
    /// How many times the mean of a month the peak is, by the traffic's shape.
    pub peak_to_mean: PeakToMean,
    /// Copies where nobody knows, as of a DaemonSet: at least, at most.
    #[schemars(extend("x-kubernetes-validations" = low_then_high()))]
    pub unknown_copies: [f64; 2],
    /// Runs a month of a Job that no schedule starts: at least, at most.
    #[schemars(extend("x-kubernetes-validations" = low_then_high()))]
    pub unknown_runs: [f64; 2],
}

/// Peak over mean, at least and at most, for each shape of traffic that a person can name.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PeakToMean {
    #[schemars(extend("x-kubernetes-validations" = low_then_high()))]
    pub steady: [f64; 2],
    #[schemars(extend("x-kubernetes-validations" = low_then_high()))]
    pub bursty: [f64; 2],
    #[schemars(extend("x-kubernetes-validations" = low_then_high()))]
    pub spiky: [f64; 2],
}

impl Default for PeakToMean {
    fn default() -> Self {
        PeakToMean { steady: [1.0, 2.0], bursty: [2.0, 10.0], spiky: [10.0, 100.0] }
    }
}

/// Hours of work a month.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Hours {
    /// For the platform as a whole, shared by its services.
    #[schemars(range(min = 0.0))]
    pub fixed: f64,
    /// The same when no team's job is to operate it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub fixed_without_team: Option<f64>,
    /// For each service.
    #[schemars(range(min = 0.0))]
    pub per_service: f64,
}

impl Default for Operations {
    fn default() -> Self {
        Operations {
            platform_team: None,
            hourly_rate: 90.0,
            services: None,
            platforms_in_use: Vec::new(),
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
                // Tasks are sized to instances too, and move whenever AWS replaces one: each fortnight at least.
                (Target::ECSManagedInstances, hours(6.0, None, 1.6)),
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
            image_pull_seconds: [5.0, 60.0],
            copies_per_shared_gpu: [2.0, 10.0],
            scaling_headroom: 2.0,
            peak_to_mean: PeakToMean::default(),
            unknown_copies: [1.0, 10.0],
            unknown_runs: [1.0, 730.0],
        }
    }
}

/// What a policy says of the hours, and the default of each platform that it leaves out.
fn completed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Target, Hours>, D::Error> {
    let mut hours = Assumptions::default().hours;
    // Names as text: what is wrong below one of them is told with it.
    for (name, of) in BTreeMap::<String, Hours>::deserialize(deserializer)? {
        let name: StrDeserializer<'_, D::Error> = name.as_str().into_deserializer();
        hours.insert(Target::deserialize(name)?, of);
    }
    Ok(hours)
}

fn low_then_high() -> Value {
    json!([{
        "rule": "self[0] > 0.0 && self[0] <= self[1]",
        "message": "must be two numbers above 0, the smaller first",
    }])
}

impl Operations {
    /// Whether all of it can be true.
    ///
    /// # Errors
    /// Names the first field that can't.
    pub fn check(&self) -> Result<(), Invalid> {
        if !self.hourly_rate.is_finite() || self.hourly_rate < 0.0 {
            return Err(Invalid::new("hourlyRate", format!("{} must be 0 or more", self.hourly_rate)));
        }
        if let Some(services) = self.services.filter(|services| !(*services >= 1.0 && services.is_finite())) {
            return Err(Invalid::new("services", format!("{services} must be at least 1")));
        }
        if let Some(target) = self.platforms_in_use.iter().find(|target| target.is_kubernetes()) {
            let reason = format!("{target} is on the platform that would be left: name the others");
            return Err(Invalid::new("platformsInUse", reason));
        }
        self.assumptions.check().map_err(|invalid| invalid.below("assumptions"))
    }
}

impl Assumptions {
    fn check(&self) -> Result<(), Invalid> {
        let ranges = [
            ("unsizedVcpu", self.unsized_vcpu),
            ("unsizedMemory", self.unsized_memory),
            ("unknownRequestsPerSecond", self.unknown_requests_per_second),
            ("idleRequestsPerSecond", self.idle_requests_per_second),
            ("unknownRunSeconds", self.unknown_run_seconds),
            ("unknownRequestSeconds", self.unknown_request_seconds),
            ("imagePullSeconds", self.image_pull_seconds),
            ("copiesPerSharedGpu", self.copies_per_shared_gpu),
            ("peakToMean.steady", self.peak_to_mean.steady),
            ("peakToMean.bursty", self.peak_to_mean.bursty),
            ("peakToMean.spiky", self.peak_to_mean.spiky),
            ("unknownCopies", self.unknown_copies),
            ("unknownRuns", self.unknown_runs),
        ];
        for (name, [low, high]) in ranges {
            if !(low > 0.0 && low <= high && high.is_finite()) {
                let reason = format!("[{low}, {high}] must be two numbers above 0, the smaller first");
                return Err(Invalid::new(name, reason));
            }
        }
        let packing = self.node_packing;
        if !(packing > 0.0 && packing <= 1.0) {
            return Err(Invalid::new("nodePacking", format!("{packing} must be above 0 and at most 1")));
        }
        let shared = self.services_per_load_balancer;
        if !(shared >= 1.0 && shared.is_finite()) {
            return Err(Invalid::new("servicesPerLoadBalancer", format!("{shared} must be at least 1")));
        }
        let headroom = self.scaling_headroom;
        if !(headroom >= 1.0 && headroom.is_finite()) {
            return Err(Invalid::new("scalingHeadroom", format!("{headroom} must be at least 1")));
        }
        for (target, hours) in &self.hours {
            let all = [hours.fixed, hours.per_service, hours.fixed_without_team.unwrap_or(0.0)];
            if all.iter().any(|value| !value.is_finite() || *value < 0.0) {
                return Err(Invalid::new(format!("hours.{target}"), "hours must be 0 or more"));
            }
        }
        Ok(())
    }
}
