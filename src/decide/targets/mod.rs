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
    /// Whether a figure behind it is one that no AWS text confirmed.
    pub unconfirmed: bool,
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

/// All that a cost is computed from, with what several targets need computed once.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    pub evidence: &'a Evidence,
    pub catalog: &'a Catalog,
    pub policy: &'a Policy,
    /// Dollars an hour of one copy on Fargate and on a share of EC2.
    fargate_hour: Interval,
    instance_hour: Interval,
}

impl<'a> Question<'a> {
    pub fn new(evidence: &'a Evidence, catalog: &'a Catalog, policy: &'a Policy) -> Self {
        let none = Interval::default();
        let mut question = Question { evidence, catalog, policy, fargate_hour: none, instance_hour: none };
        question.fargate_hour = infrastructure::fargate_hour(&question, 0.0);
        question.instance_hour = infrastructure::instance_hour(&question);
        question
    }

    /// The same question about other evidence.
    pub fn about<'b>(&self, evidence: &'b Evidence) -> Question<'b>
    where
        'a: 'b,
    {
        let Question { catalog, policy, .. } = *self;
        Question::new(evidence, catalog, policy)
    }
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
    /// Whether a figure behind it is one that no AWS text confirmed.
    pub unconfirmed: bool,
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

/// What a target would cost, before the services that share its fixed part are counted.
#[derive(Clone, Copy, Debug)]
pub struct Price {
    margin: Cost,
    /// Dollars a month for the platform as a whole.
    fixed: Interval,
}

impl Price {
    /// The cost when this many services share the platform.
    pub fn shared_by(&self, services: f64) -> Cost {
        Cost { platform_share: self.fixed * (1.0 / services.max(1.0)), ..self.margin }
    }
}

/// What the workload would cost on a target, whether it fits there or not.
pub fn price(target: Target, question: &Question<'_>) -> Price {
    let bill = bill(target)(question);
    let hours = hours::of(target, question);
    let rate = question.policy.operations.hourly_rate;
    Price {
        margin: Cost {
            infrastructure: bill.infrastructure,
            front_door: bill.front_door,
            service_operations: Interval::exactly(hours.per_service * rate),
            platform_share: Interval::default(),
            unconfirmed: bill.unconfirmed,
        },
        fixed: hours.fixed * rate + Interval::exactly(bill.platform),
    }
}

/// The same, with the services that are known to share the platform.
pub fn cost(target: Target, question: &Question<'_>) -> Cost {
    price(target, question).shared_by(question.evidence.services.value().copied().unwrap_or(1.0))
}

/// Whether a target bills for requests, so that their number changes its price.
pub fn bills_requests(target: Target) -> bool {
    matches!(target, Target::Lambda | Target::AppRunner | Target::SageMaker)
}
