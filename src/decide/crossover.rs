//! From how many services on a cluster with nodes costs less than ECS on Fargate, for a fleet of typical ones.

use super::{
    Interval,
    targets::{self, Question},
};
use crate::{
    catalog::{Catalog, Target},
    facts::{Copies, Evidence, Fact, Lifetime, Subject},
    policy::Policy,
    signals::Signals,
};

/// What one typical service asks for.
pub const TYPICAL_VCPU: f64 = 0.5;
pub const TYPICAL_MEMORY_GIB: f64 = 1.0;
pub const TYPICAL_REPLICAS: f64 = 2.0;

/// The most services that are looked at.
const MOST: u32 = 1000;

/// Dollars a month and service, with this many services on each platform.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub services: u32,
    pub fargate: Interval,
    pub nodes: Interval,
}

/// The cost of one of `services` typical services on both platforms.
pub fn point(services: u32, catalog: &Catalog, policy: &Policy) -> Point {
    let evidence = typical(services, policy);
    let question = Question::new(&evidence, catalog, policy);
    let total = |target| targets::cost(target, &question).total();
    Point { services, fargate: total(Target::ECSFargate), nodes: total(Target::EKSNodes) }
}

/// The first number of services at which nodes surely cost less, if there is one up to 1,000.
pub fn crossing(catalog: &Catalog, policy: &Policy) -> Option<u32> {
    (1..=MOST).find(|services| {
        let point = point(*services, catalog, policy);
        point.nodes.high < point.fargate.high
    })
}

pub(super) fn typical(services: u32, policy: &Policy) -> Evidence {
    const AT: &str = "a typical service";
    Evidence {
        subject: Subject { kind: "Deployment".to_owned(), namespace: String::new(), name: AT.to_owned() },
        lifetime: Lifetime::Service,
        trigger: Fact::Unknown,
        unit_duration: Fact::Unknown,
        run_limit: Fact::Unknown,
        usual_duration: Fact::Unknown,
        connections: Fact::Unknown,
        cold_start: Fact::Unknown,
        mean_rps: Fact::Unknown,
        peak_rps: Fact::Unknown,
        traffic_shape: Fact::Unknown,
        cpu: Fact::declared(TYPICAL_VCPU, AT),
        memory: Fact::declared(TYPICAL_MEMORY_GIB, AT),
        disk: Fact::Unknown,
        package_size: Fact::Unknown,
        model_size: Fact::Unknown,
        gpus: 0.0,
        copies: Fact::declared(Copies { min: TYPICAL_REPLICAS, max: TYPICAL_REPLICAS }, AT),
        runs: Fact::Unknown,
        image: Fact::Unknown,
        protocols: Vec::new(),
        storage: Vec::new(),
        signals: Signals::default(),
        place: Fact::inferred(Target::EKSNodes, AT),
        used_cpu: Fact::Unknown,
        used_memory: Fact::Unknown,
        in_use: Vec::new(),
        shares_platform: true,
        services: Fact::declared(f64::from(services), AT),
        platform_team: policy
            .operations
            .platform_team
            .map_or(Fact::Unknown, |exists| Fact::declared(exists, AT)),
        team: Fact::Unknown,
        exemption: None,
    }
}
