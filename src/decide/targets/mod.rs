//! What each target would cost this workload, and what is to be known of it: one file a target, and this list.

use std::cmp::Ordering;

use crate::{
    catalog::{Catalog, Target},
    decide::{Interval, reads::Reads, rules},
    facts::Evidence,
    policy::Policy,
};

pub mod basis;
mod compute;
mod hours;
mod infrastructure;
pub mod instances;

pub use batch::needs_instances;
pub use compute::{Compute, Margin};
pub use infrastructure::FrontDoor;

/// The parts of a month's cost, kept apart because they leave at different moments.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// What AWS bills for the workload's own compute.
    pub infrastructure: Compute,
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
        self.margin().total() + self.platform_share
    }

    /// What appears or disappears with this workload alone.
    pub fn margin(&self) -> Margin {
        Margin { compute: self.infrastructure, rest: self.front_door + self.service_operations }
    }
}

/// All that a cost is computed from, with what several targets need computed once.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    pub evidence: &'a Evidence,
    pub catalog: &'a Catalog,
    pub policy: &'a Policy,
    /// Computed once for the targets that price by them.
    pub rates: Rates,
}

/// What several targets price by: dollars an hour of one copy.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rates {
    fargate: Interval,
    /// Whether Express Mode holds it only as the plain service that a change outside of it makes of it.
    beyond_express: bool,
    ec2: instances::Hour,
    /// On the nodes that it was seen on, where their types have a price.
    here: Option<instances::Hour>,
}

impl<'a> Question<'a> {
    pub fn new(evidence: &'a Evidence, catalog: &'a Catalog, policy: &'a Policy) -> Self {
        let question = Question { evidence, catalog, policy, rates: Rates::default() };
        let rates = Rates {
            fargate: infrastructure::fargate_hour(&question, 0.0),
            beyond_express: rules::is_beyond_express(evidence, catalog),
            ec2: instances::hour(&question),
            here: instances::hour_here(&question),
        };
        Question { rates, ..question }
    }

    /// The same question about other evidence, with the rates of evidence that differs from it only in the facts that
    /// are `changed`: an hour of a copy that asks for the same costs the same.
    pub fn about<'b>(&self, evidence: &'b Evidence, changed: Reads, rates: Rates) -> Question<'b>
    where
        'a: 'b,
    {
        if changed.meets(Reads::SIZE.and(Reads::TRAITS)) {
            return Question::new(evidence, self.catalog, self.policy);
        }
        Question { evidence, rates, ..*self }
    }

    /// An hour of one copy on the nodes of a cluster: of this one's types where it runs there, else of what suits it best.
    fn node_hour(&self, target: Target) -> instances::Hour {
        self.rates.here.filter(|_| self.place() == target).unwrap_or(self.rates.ec2)
    }

    /// Where the workload runs today, or would as manifests alone have it.
    pub fn place(&self) -> Target {
        self.evidence.place.value().copied().unwrap_or(Target::EKSNodes)
    }
}

/// A target's own part of the cost; what people's hours cost is the same sum for all.
type Infrastructure = fn(&Question<'_>) -> Bill;

/// What AWS would bill.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bill {
    pub infrastructure: Compute,
    pub front_door: FrontDoor,
    /// For the platform as a whole, whatever runs on it.
    pub platform: f64,
    /// Whether a figure behind it is one that no AWS text confirmed.
    pub unconfirmed: bool,
}

/// What a person reads about a target.
pub struct Guide {
    pub is: &'static str,
    pub wins: &'static str,
    pub billed: &'static str,
    /// The parts of the catalogue that decide about it, as JSON pointers.
    pub figures: &'static [&'static str],
}

/// Declares each target's file and lists its function and its guide.
macro_rules! targets {
    ($($target:ident => $file:ident),* $(,)?) => {
        $(mod $file;)*
        pub fn guide(target: Target) -> &'static Guide {
            match target {
                $(Target::$target => &$file::GUIDE),*
            }
        }
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
#[derive(Clone, Copy, Debug, Default)]
pub struct Price {
    /// What is the same whoever shares.
    alone: Cost,
    front_door: FrontDoor,
    /// Dollars a month for the platform as a whole.
    fixed: Interval,
}

impl Price {
    /// The cost when this many services share platform and load balancer, where anybody counted them.
    pub fn shared_by(&self, services: Option<f64>) -> Cost {
        Cost {
            front_door: self.front_door.shared_by(services),
            platform_share: self.fixed * (1.0 / services.unwrap_or(1.0).max(1.0)),
            ..self.alone
        }
    }
}

/// What the workload would cost on a target, whether it fits there or not. What is at rest costs nothing anywhere.
pub fn price(target: Target, question: &Question<'_>) -> Price {
    if question.evidence.at_rest().is_some() {
        return Price::default();
    }
    let bill = bill(target)(question);
    let hours = hours::of(target, question);
    let rate = question.policy.operations.hourly_rate;
    Price {
        alone: Cost {
            infrastructure: bill.infrastructure,
            front_door: Interval::default(),
            service_operations: Interval::exactly(hours.per_service * rate),
            platform_share: Interval::default(),
            unconfirmed: bill.unconfirmed,
        },
        front_door: bill.front_door,
        fixed: if question.evidence.shares_platform {
            hours.fixed * rate + Interval::exactly(bill.platform)
        } else {
            Interval::default()
        },
    }
}

/// The same, with the services that are known to share the platform.
pub fn cost(target: Target, question: &Question<'_>) -> Cost {
    price(target, question).shared_by(question.evidence.services.value().copied())
}

/// What the first workload on a platform pays for it: its whole fixed cost, less that of what is in use there.
pub fn fixed_anew(target: Target, question: &Question<'_>) -> Interval {
    let named = question.policy.operations.platforms_in_use.iter().chain(&question.evidence.in_use);
    let paid = named
        .filter(|used| used.platform() == target.platform())
        .map(|used| price(*used, question).fixed)
        .fold(Interval::default(), |a, b| Interval::new(a.low.max(b.low), a.high.max(b.high)));
    let Interval { low, high } = price(target, question).fixed;
    Interval::new((low - paid.low).max(0.0), (high - paid.high).max(0.0))
}

/// Which of two costs is the better one: the lower one to the cent, then the one with fewer of people's hours, then the
/// plain one, where the other needs a step beside its own API.
#[inline]
pub fn order(question: &Question<'_>, a: (f64, Target), b: (f64, Target)) -> Ordering {
    // Whole cents apart they are never the same to the cent, and this is asked more often than anything else.
    if (a.0 - b.0).abs() > 0.02 { a.0.total_cmp(&b.0) } else { order_to_the_cent(question, a, b) }
}

fn order_to_the_cent(question: &Question<'_>, a: (f64, Target), b: (f64, Target)) -> Ordering {
    let cents = |cost: f64| (cost * 100.0).round();
    let hours = |target| {
        let hours = question.policy.operations.assumptions.hours.get(&target);
        hours.map_or(0.0, |hours| hours.fixed + hours.per_service)
    };
    let is_beyond = |target| target == Target::ECSExpress && question.rates.beyond_express;
    (cents(a.0).total_cmp(&cents(b.0)))
        .then_with(|| hours(a.1).total_cmp(&hours(b.1)))
        .then_with(|| is_beyond(a.1).cmp(&is_beyond(b.1)))
        .then_with(|| a.1.cmp(&b.1))
}

/// Requests a second, at least and at most, where nobody counted them.
pub fn unknown_requests_per_second(question: &Question<'_>) -> [f64; 2] {
    let Interval { low, high } = hours::unknown_requests_per_second(question);
    [low, high]
}

/// The facts that a target's price is reckoned from, of those that a person could answer.
pub fn reads(target: Target, evidence: &Evidence) -> Reads {
    let all = Reads::SIZE
        .and(Reads::TRAFFIC_SHAPE)
        .and(Reads::PROTOCOLS)
        .and(Reads::PLATFORM_TEAM)
        .and(Reads::TRAITS);
    // Batch takes instances for what they mount.
    let all = if target == Target::Batch { all.and(Reads::STORAGE) } else { all };
    let by_requests = Reads::TRIGGER.and(Reads::REQUESTS).and(Reads::UNIT_DURATION);
    match target {
        _ if evidence.ends() => all.and(by_requests).and(Reads::RUNS),
        target if bills_requests(target) => all.and(by_requests),
        // How many copies there are follows the load.
        _ if evidence.is_scaled() => all.and(Reads::REQUESTS).and(Reads::UNIT_DURATION),
        // Which machines it takes is a matter of its longest run.
        Target::Batch => all.and(Reads::UNIT_DURATION),
        _ => all,
    }
}

/// Whether a target bills for requests, so that their number changes its price.
pub fn bills_requests(target: Target) -> bool {
    matches!(target, Target::Lambda | Target::AppRunner | Target::SageMaker)
}
