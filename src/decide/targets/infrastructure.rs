//! Sizes rounded to Fargate's real steps and what they cost an hour, and the share of a front door.

use super::{Compute, Question, hours};
use crate::{
    catalog::{HOURS_A_MONTH, Size},
    decide::Interval,
    facts::{Protocol, Trait},
};

/// vCPU of one copy.
pub fn vcpu(question: &Question<'_>) -> Interval {
    let [low, high] = question.policy.operations.assumptions.unsized_vcpu;
    question.evidence.cpu.value().map_or(Interval::new(low, high), |value| Interval::exactly(*value))
}

/// GiB of one copy.
pub fn memory(question: &Question<'_>) -> Interval {
    let [low, high] = question.policy.operations.assumptions.unsized_memory;
    question.evidence.memory.value().map_or(Interval::new(low, high), |value| Interval::exactly(*value))
}

/// The smallest step that holds a copy; what is larger than every step is priced from the largest on.
pub fn step(sizes: &[Size], vcpu: f64, memory: f64) -> (f64, f64) {
    sizes
        .iter()
        .filter(|size| size.vcpu >= vcpu)
        .find_map(|size| size.memory.iter().find(|step| **step >= memory).map(|step| (size.vcpu, *step)))
        .unwrap_or_else(|| {
            let least = |size: &Size| size.memory.first().copied().unwrap_or(0.0);
            sizes.last().map_or((vcpu, memory), |size| (vcpu.max(size.vcpu), memory.max(least(size))))
        })
}

/// Dollars an hour of one copy on Fargate, `overhead` GiB of memory added before rounding.
pub fn fargate_hour(question: &Question<'_>, overhead: f64) -> Interval {
    let prices = &question.catalog.prices.fargate;
    let evidence = question.evidence;
    let windows = evidence.signal(Trait::Windows).is_some();
    let (per_vcpu, per_gb) = if windows {
        (prices.vcpu_hour_windows.value, prices.gb_hour_windows.value)
    } else if evidence.signal(Trait::Arm64).is_some() {
        (prices.vcpu_hour_arm.value, prices.gb_hour_arm.value)
    } else {
        (prices.vcpu_hour.value, prices.gb_hour.value)
    };
    let free = question.catalog.limits.ecs_fargate.free_disk.value;
    let disk = evidence.disk.value().map_or(0.0, |disk| (disk - free).max(0.0)) * prices.disk_gb_hour.value;
    let least = if windows { question.catalog.limits.ecs_fargate.windows_vcpu_least.value } else { 0.0 };
    let hour = |vcpu: f64, memory| {
        let (vcpu, memory) = step(&question.catalog.fargate_sizes, vcpu.max(least), memory + overhead);
        vcpu * per_vcpu + memory * per_gb + disk
    };
    let (vcpu, memory) = (vcpu(question), memory(question));
    Interval::new(hour(vcpu.low, memory.low), hour(vcpu.high, memory.high))
}

/// Tasks on Fargate. How much less Spot is moves no other target's price.
pub fn task(question: &Question<'_>) -> Compute {
    let hours = hours::billed(question);
    let hour = on_spot(question, question.rates.fargate);
    if hour == question.rates.fargate {
        Compute::Hourly { hour, hours, least: 1.0 }
    } else {
        Compute::Other(hour * hours)
    }
}

/// Whether clients come in through a load balancer that others share: with HTTP, which a WebSocket begins as, or through
/// an Ingress or a route whatever they speak.
pub fn has_front_door(question: &Question<'_>) -> bool {
    let speaks = |protocol| question.evidence.speaks(protocol).is_some();
    speaks(Protocol::Http)
        || speaks(Protocol::WebSocket)
        || question.evidence.signal(Trait::FrontDoor).is_some()
}

/// Load balancers that it has to itself: one for each Service of that type, where what comes in isn't told apart by
/// host and path.
fn own_load_balancers(question: &Question<'_>) -> f64 {
    let signals = question.evidence.signals.iter();
    signals.filter(|signal| signal.what == Trait::LoadBalancer).count() as f64
}

/// What clients come in through, before it's counted who shares it: dollars a month.
#[derive(Clone, Copy, Debug, Default)]
pub struct FrontDoor {
    /// Of load balancers that nobody else uses.
    own: f64,
    /// Of one that others use as well.
    shared: f64,
    /// How many services share that one at most.
    most: f64,
}

impl FrontDoor {
    pub fn is_shared(self) -> bool {
        self.shared > 0.0
    }

    /// Its share with this many services, where anybody counted them. No more share one than there are.
    pub fn shared_by(self, services: Option<f64>) -> Interval {
        Interval::exactly(self.own + self.shared / self.most.min(services.unwrap_or(self.most)).max(1.0))
    }
}

/// A load balancer that as many services share, or one for each Service that has its own.
pub fn front_door(question: &Question<'_>, most: f64) -> FrontDoor {
    let month = question.catalog.prices.load_balancer.hour.value * HOURS_A_MONTH;
    // Nobody shares a load balancer whose addresses are one's own.
    let is_its_own = question.evidence.signal(Trait::FixedAddress).is_some();
    if has_front_door(question) && !is_its_own {
        FrontDoor { own: 0.0, shared: month, most }
    } else {
        FrontDoor { own: month * own_load_balancers(question), ..FrontDoor::default() }
    }
}

/// The same where the platform doesn't say how many services stand behind one.
pub fn usual_front_door(question: &Question<'_>) -> FrontDoor {
    front_door(question, question.policy.operations.assumptions.services_per_load_balancer)
}

/// The same of tasks that have addresses of their own: where a port of the node leads to another one of the container, a
/// listener has to stand in its place. Whatever isn't HTTP takes one that tells connections apart, which nobody shares.
pub fn task_front_door(question: &Question<'_>) -> FrontDoor {
    let evidence = question.evidence;
    let usual = usual_front_door(question);
    // Nothing leads clients to what ends.
    let is_moved = evidence.signal(Trait::MovedPort).is_some() && !evidence.ends();
    let has_listener = usual.own > 0.0 || usual.shared > 0.0 && evidence.speaks(Protocol::Other).is_none();
    if !is_moved || has_listener {
        return usual;
    }
    FrontDoor { own: question.catalog.prices.load_balancer.hour.value * HOURS_A_MONTH, ..usual }
}

/// The same on a cluster, which makes a load balancer of each Service that asks for one, whatever it speaks: elsewhere
/// what comes in by HTTP is told apart behind a shared one.
pub fn cluster_front_door(question: &Question<'_>) -> FrontDoor {
    let month = question.catalog.prices.load_balancer.hour.value * HOURS_A_MONTH;
    let own = own_load_balancers(question);
    let usual = usual_front_door(question);
    let is_shared = own == 0.0 || question.evidence.signal(Trait::FrontDoor).is_some();
    FrontDoor { own: month * own, shared: if is_shared { usual.shared } else { 0.0 }, ..usual }
}

/// The hour of a task that may run on Fargate Spot: AWS says how much less it is at most, so that only the least
/// that it can cost is lower.
pub fn on_spot(question: &Question<'_>, hour: Interval) -> Interval {
    let evidence = question.evidence;
    if evidence.signal(Trait::Spot).is_none() || evidence.signal(Trait::Windows).is_some() {
        return hour;
    }
    let most = question.catalog.prices.fargate.spot_discount_most.value / 100.0;
    Interval::new(hour.low * (1.0 - most), hour.high)
}
