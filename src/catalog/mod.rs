//! The catalogue: AWS's limits and prices as data with source and date, typed on loading.

mod book;
mod target;

use std::{collections::BTreeMap, sync::LazyLock};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use target::Target;

use crate::yaml;

/// Hours in a month, as AWS's own calculators count them.
pub const HOURS_A_MONTH: f64 = 730.0;
/// Seconds in a month of 730 hours.
pub const SECONDS_A_MONTH: f64 = HOURS_A_MONTH * 3600.0;

/// One figure with its unit and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Figure {
    pub value: f64,
    pub unit: String,
    pub source: String,
    pub date: String,
    /// Whether an AWS text confirmed it.
    #[serde(default = "yes")]
    pub confirmed: bool,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Catalog {
    /// The day on which the whole was last checked.
    pub date: String,
    pub limits: Limits,
    pub lifecycle: BTreeMap<Target, Lifecycle>,
    pub ended: EndedServices,
    /// What AWS manages in place of a store that one runs oneself.
    pub managed_stores: BTreeMap<String, String>,
    pub fargate_sizes: Vec<Size>,
    pub app_runner_sizes: Vec<Size>,
    /// The sizes of a family of instances, as many times its first.
    pub instance_sizes: Vec<f64>,
    pub prices: Prices,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    pub lambda: LambdaLimits,
    pub ecs_fargate: FargateLimits,
    pub ecs: EcsLimits,
    pub eks_fargate: EksFargateLimits,
    pub app_runner: AppRunnerLimits,
    pub batch: BatchLimits,
    pub ec2: Ec2Limits,
    pub ecs_managed_instances: ManagedInstancesLimits,
    pub eks_auto_mode: AutoModeLimits,
    pub ecs_express: ExpressLimits,
    pub sage_maker: SageMakerLimits,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LambdaLimits {
    pub api_gateway: Figure,
    pub environment: Figure,
    pub concurrency: Figure,
    pub duration: Figure,
    pub managed_instances_duration: Figure,
    pub memory: Figure,
    pub vcpu: Figure,
    pub memory_per_vcpu: Figure,
    pub image: Figure,
    pub package: Figure,
    pub disk: Figure,
    pub free_disk: Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FargateLimits {
    pub vcpu: Figure,
    pub memory: Figure,
    pub disk: Figure,
    pub free_disk: Figure,
    pub stop_timeout: Figure,
    pub minimum_billing: Figure,
    pub windows_vcpu_least: Figure,
    pub windows_vcpu: Figure,
    pub windows_memory: Figure,
    pub vcpu_quota: Figure,
    pub containers: Figure,
    pub user_namespaces: Figure,
}

/// What holds for a service of ECS wherever its tasks run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EcsLimits {
    pub tasks: Figure,
    pub target_groups: Figure,
    pub idle_timeout: Figure,
    pub network_idle_timeout: Figure,
    pub longest_idle_timeout: Figure,
    pub deregistration_delay: Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EksFargateLimits {
    pub vcpu: Figure,
    pub memory: Figure,
    pub memory_overhead: Figure,
    pub disk: Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppRunnerLimits {
    pub vcpu: Figure,
    pub memory: Figure,
    pub disk: Figure,
    pub request_timeout: Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BatchLimits {
    pub duration: Figure,
    pub vcpu: Figure,
    pub memory: Figure,
    pub attempts: Figure,
    pub least_timeout: Figure,
    pub stop_timeout: Figure,
    pub array_size: Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ec2Limits {
    pub efa_pages: Figure,
    pub task_vcpu: Figure,
    pub gpus: Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ManagedInstancesLimits {
    pub instance_life: Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AutoModeLimits {
    pub node_life: Figure,
    /// The version from which on devices are claimed there.
    pub claims_since: Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpressLimits {
    pub stop_timeout: Figure,
    pub load_balancer_share: Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SageMakerLimits {
    pub realtime_request: Figure,
    pub streamed_answer: Figure,
    pub realtime_payload: Figure,
    pub port: Figure,
    pub asynchronous_request: Figure,
    pub training_run: Figure,
    pub scale_in: Figure,
}

/// Where a target stands between launch and retirement; targets that are open to all have no entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lifecycle {
    pub closed_to_new: String,
    pub instead: Target,
    pub source: String,
}

/// What AWS has ended, and workloads may still ask for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndedServices {
    pub app_mesh: Ended,
}

/// A service's last day, and what AWS points to in its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    pub last: String,
    pub instead: String,
    pub source: String,
    pub date: String,
}

/// A vCPU step with the memory, in GB, that it may have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    pub vcpu: f64,
    pub memory: Vec<f64>,
}

/// A price book: one region's list prices, or a file's that replaces them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Prices {
    pub date: String,
    pub region: String,
    pub lambda: LambdaPrices,
    pub fargate: FargatePrices,
    pub app_runner: AppRunnerPrices,
    pub eks: EksPrices,
    pub ecs: EcsPrices,
    pub sage_maker: SageMakerPrices,
    pub load_balancer: LoadBalancerPrices,
    pub ec2: Ec2Prices,
    pub instances: Vec<Instance>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LambdaPrices {
    pub gb_second: Figure,
    pub gb_second_arm: Figure,
    pub request: Figure,
    pub disk_gb_second: Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FargatePrices {
    pub vcpu_hour: Figure,
    pub gb_hour: Figure,
    pub vcpu_hour_arm: Figure,
    pub gb_hour_arm: Figure,
    pub vcpu_hour_windows: Figure,
    pub gb_hour_windows: Figure,
    pub spot_discount_most: Figure,
    pub disk_gb_hour: Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppRunnerPrices {
    pub vcpu_hour: Figure,
    pub gb_hour: Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EksPrices {
    pub cluster_hour: Figure,
    pub auto_mode_fee: Figure,
    pub auto_mode_fee_gpu: Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EcsPrices {
    pub managed_instances_fee: Figure,
    pub managed_instances_fee_gpu: Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SageMakerPrices {
    pub instance_factor_low: Figure,
    pub instance_factor_high: Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoadBalancerPrices {
    pub hour: Figure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ec2Prices {
    pub spot_discount_most: Figure,
    /// What Windows costs on top of an instance's price.
    pub windows_vcpu_hour: Figure,
}

/// An EC2 instance type: on-demand dollars an hour, memory in GiB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Instance {
    pub name: String,
    pub vcpu: f64,
    pub memory: f64,
    pub hour: f64,
    /// How many times as large the largest size of its family is, at the same price for each vCPU.
    #[serde(default = "one")]
    pub times: f64,
    #[serde(default)]
    pub arm: bool,
    /// Whether its price is for a part of its vCPU alone: it counts only where it is asked for by name.
    #[serde(default)]
    pub burstable: bool,
    /// Whether it counts only where nodes are pinned to it or were seen to be of it, such as one of an older generation.
    #[serde(default)]
    pub named: bool,
    #[serde(default)]
    pub gpus: f64,
    /// The GPU as nodes are labelled with it, such as H100.
    #[serde(default)]
    pub gpu: String,
    /// GiB of memory of each of its GPUs.
    #[serde(default)]
    pub gpu_memory: f64,
    /// Parts into which MIG divides each of its GPUs.
    #[serde(default)]
    pub slices: f64,
    /// Whether its GPUs are AMD's, which amd.com/gpu asks for.
    #[serde(default)]
    pub amd: bool,
    /// Devices of Neuron.
    #[serde(default)]
    pub neuron: f64,
    /// Cores of Neuron, all devices together.
    #[serde(default)]
    pub neuron_cores: f64,
    /// GB of its local NVMe disks.
    #[serde(default)]
    pub nvme: f64,
    /// EFA adapters, of the largest size where one price stands for a family.
    #[serde(default)]
    pub efa: f64,
    /// Whether its price comes from a text of AWS.
    #[serde(default = "yes")]
    pub confirmed: bool,
}

fn one() -> f64 {
    1.0
}

const EMBEDDED: &str = include_str!("aws.yaml");
/// Below this line is the price book, up to the end.
const BOOK: &str = "\nprices:\n";

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    // A test reads the same text, so that this can't fail in a build that passed.
    let mut catalog: Catalog =
        yaml::read(EMBEDDED).unwrap_or_else(|error| panic!("the embedded catalogue: {error}"));
    catalog.prices.put_general_first();
    catalog
});

impl Catalog {
    /// The catalogue that the binary carries.
    pub fn embedded() -> &'static Catalog {
        &CATALOG
    }

    /// The same limits with another price book.
    ///
    /// # Errors
    /// Names the line and the field that can't be read, or an amount that can't be a price.
    pub fn with_prices(&self, text: &str) -> Result<Catalog, yaml::Error> {
        let prices: Prices = yaml::read(text)?;
        prices.check().map_err(|invalid| invalid.in_text(text))?;
        Ok(self.with_book(prices))
    }

    /// The embedded price book as a file to start an own one from, with its comments.
    pub fn price_book() -> String {
        let (_, book) = EMBEDDED.split_once(BOOK).unwrap_or_default();
        book.lines().map(|line| format!("{}\n", line.strip_prefix("  ").unwrap_or(line))).collect()
    }

    /// The same limits with a price book that was checked.
    pub fn with_book(&self, mut prices: Prices) -> Catalog {
        prices.put_general_first();
        Catalog { prices, ..self.clone() }
    }
}

impl Prices {
    /// So that what wants no instance in particular needn't look at the others.
    fn put_general_first(&mut self) {
        self.instances.sort_by_key(|instance| !instance.is_general());
    }
}

impl Instance {
    /// Whether it suits what wants no instance in particular.
    pub fn is_general(&self) -> bool {
        !(self.named || self.burstable || self.gpus > 0.0 || self.neuron > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_price_book_that_is_printed_is_the_one_that_is_embedded() {
        let embedded = Catalog::embedded();
        assert_eq!(embedded.with_prices(&Catalog::price_book()).unwrap().prices, embedded.prices);
    }

    #[test]
    fn the_embedded_catalogue_is_readable_and_dated() {
        let catalog = Catalog::embedded();
        assert_eq!(catalog.date.len(), 10);
        assert!(catalog.fargate_sizes.is_sorted_by(|a, b| a.vcpu < b.vcpu));
        assert!(catalog.fargate_sizes.iter().all(|size| size.memory.is_sorted()));
        assert!(EMBEDDED.matches("source:").count() > 40);
    }

    #[test]
    fn every_figure_decides_something() {
        let code: String = ["", "rules", "targets", "platform"]
            .into_iter()
            .flat_map(|part| {
                fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/decide/").to_owned() + part)
            })
            .flatten()
            .flatten()
            .filter_map(|entry| fs::read_to_string(entry.path()).ok())
            .collect();
        for line in EMBEDDED.lines().filter(|line| line.contains(": {value: ")) {
            let name = line.trim().split(':').next().unwrap();
            let field = name.chars().fold(String::from("."), |field, letter| {
                if letter.is_uppercase() {
                    field + "_" + &letter.to_lowercase().to_string()
                } else {
                    field + &letter.to_string()
                }
            });
            assert!(code.contains(&field), "{name} is in the catalogue, and nothing reads it");
        }
    }

    #[test]
    fn a_price_book_is_refused_with_line_and_field() {
        let error =
            Catalog::embedded().with_prices("date: 2026-01-01\nregion: eu-west-1\nlambda: 3\n").unwrap_err();
        assert_eq!((error.line, error.field.as_deref()), (3, Some("lambda")));
    }
}
