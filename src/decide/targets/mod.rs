//! What each target would cost this workload: one file a target, and this list.

use crate::{
    catalog::{Catalog, Target},
    decide::Interval,
    facts::Evidence,
    policy::Policy,
};

mod hours;
mod infrastructure;

/// The parts of a month's cost, kept apart because they leave at different moments.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// What AWS bills for the workload's own compute.
    pub infrastructure: Interval,
    /// Its share of what requests come in through.
    pub front_door: Interval,
    /// The hours that a service takes wherever it runs, at the hourly rate.
    pub service_operations: Interval,
    /// Its share of the platform's fixed cost: people's hours, and a control plane where there is one.
    pub platform_share: Interval,
}

impl Cost {
    pub fn total(&self) -> Interval {
        self.margin() + self.platform_share
    }

    /// What appears or disappears with this workload alone.
    pub fn margin(&self) -> Interval {
        self.infrastructure + self.front_door + self.service_operations
    }
}

/// All that a cost is computed from.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    pub evidence: &'a Evidence,
    pub catalog: &'a Catalog,
    pub policy: &'a Policy,
}

/// A target's own part of the cost; what people's hours cost is the same sum for all.
type Infrastructure = fn(&Question<'_>) -> Bill;

/// What AWS would bill.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bill {
    pub infrastructure: Interval,
    pub front_door: Interval,
    /// For the platform as a whole, whatever runs on it.
    pub platform: f64,
}

/// Declares each target's file and lists its function.
macro_rules! targets {
    ($($target:ident => $file:ident),* $(,)?) => {
        $(mod $file;)*
        fn bill(target: Target) -> Infrastructure {
            match target {
                $(Target::$target => $file::bill),*
            }
        }
    };
}

targets! {
    Lambda => lambda,
    ECSExpress => ecs_express,
    ECSFargate => ecs_fargate,
    ECSManagedInstances => ecs_managed_instances,
    ECSOnEC2 => ecs_on_ec2,
    AppRunner => app_runner,
    Batch => batch,
    SageMaker => sage_maker,
    EKSFargate => eks_fargate,
    EKSAutoMode => eks_auto_mode,
    EKSNodes => eks_nodes,
}

/// What the workload would cost on a target, whether it fits there or not.
pub fn cost(target: Target, question: &Question<'_>) -> Cost {
    let bill = bill(target)(question);
    let hours = hours::of(target, question);
    let rate = question.policy.operations.hourly_rate;
    let services = question.evidence.services.value().copied().unwrap_or(1.0).max(1.0);
    Cost {
        infrastructure: bill.infrastructure,
        front_door: bill.front_door,
        service_operations: Interval::exactly(hours.per_service * rate),
        platform_share: (hours.fixed * rate + Interval::exactly(bill.platform)) * (1.0 / services),
    }
}
