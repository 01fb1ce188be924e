//! Sizes rounded to each platform's real steps, and what they cost an hour.

use super::Question;
use crate::{
    catalog::{HOURS_A_MONTH, Instance, Size},
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

/// The smallest step that holds a copy; what is larger than every step is priced as it is.
pub fn step(sizes: &[Size], vcpu: f64, memory: f64) -> (f64, f64) {
    sizes
        .iter()
        .filter(|size| size.vcpu >= vcpu)
        .find_map(|size| size.memory.iter().find(|step| **step >= memory).map(|step| (size.vcpu, *step)))
        .unwrap_or((vcpu, memory))
}

/// Dollars an hour of one copy on Fargate, `overhead` GiB of memory added before rounding.
pub fn fargate_hour(question: &Question<'_>, overhead: f64) -> Interval {
    let prices = &question.catalog.prices.fargate;
    let evidence = question.evidence;
    let (per_vcpu, per_gb) = if evidence.signal(Trait::Windows).is_some() {
        (prices.vcpu_hour_windows.value, prices.gb_hour_windows.value)
    } else if evidence.signal(Trait::Arm64).is_some() {
        (prices.vcpu_hour_arm.value, prices.gb_hour_arm.value)
    } else {
        (prices.vcpu_hour.value, prices.gb_hour.value)
    };
    let free = question.catalog.limits.ecs_fargate.free_disk.value;
    let disk = evidence.disk.value().map_or(0.0, |disk| (disk - free).max(0.0)) * prices.disk_gb_hour.value;
    let hour = |vcpu, memory| {
        let (vcpu, memory) = step(&question.catalog.fargate_sizes, vcpu, memory + overhead);
        vcpu * per_vcpu + memory * per_gb + disk
    };
    let (vcpu, memory) = (vcpu(question), memory(question));
    Interval::new(hour(vcpu.low, memory.low), hour(vcpu.high, memory.high))
}

/// Dollars an hour of one copy on EC2: its share of the instance that suits its shape best,
/// at the rate to which nodes are packed. An accelerator's share is of whole accelerators.
pub fn instance_hour(question: &Question<'_>) -> Interval {
    let packing = question.policy.operations.assumptions.node_packing;
    let (vcpu, memory) = (vcpu(question), memory(question));
    let hour = |vcpu: f64, memory: f64| {
        cheapest(question, |instance| {
            let share = (vcpu / instance.vcpu).max(memory / instance.memory);
            match accelerators(question) {
                Some((per_copy, of)) => share.max(per_copy / of(instance)) * instance.hour,
                None => share / packing * instance.hour,
            }
        })
    };
    Interval::new(hour(vcpu.low, memory.low), hour(vcpu.high, memory.high))
}

/// Dollars an hour of one copy with instances of its own, as many as it fills.
pub fn whole_instance_hour(question: &Question<'_>) -> Interval {
    let (vcpu, memory) = (vcpu(question), memory(question));
    let hour = |vcpu: f64, memory: f64| {
        cheapest(question, |instance| {
            let fill = (vcpu / instance.vcpu).max(memory / instance.memory);
            let fill =
                accelerators(question).map_or(fill, |(per_copy, of)| fill.max(per_copy / of(instance)));
            fill.ceil().max(1.0) * instance.hour
        })
    };
    Interval::new(hour(vcpu.low, memory.low), hour(vcpu.high, memory.high))
}

/// Whether the fee for accelerated instances applies.
pub fn is_accelerated(question: &Question<'_>) -> bool {
    accelerators(question).is_some()
}

/// How many accelerators of the kind in question an instance has.
type Offers = fn(&Instance) -> f64;

/// What one copy needs of an accelerator, and how an instance offers it.
fn accelerators(question: &Question<'_>) -> Option<(f64, Offers)> {
    if question.evidence.gpus > 0.0 {
        Some((question.evidence.gpus, |instance| instance.gpus))
    } else if question.evidence.signal(Trait::Neuron).is_some() {
        Some((1.0, |instance| instance.neuron))
    } else {
        None
    }
}

fn cheapest(question: &Question<'_>, price: impl Fn(&Instance) -> f64) -> f64 {
    let wanted = accelerators(question);
    let arm = question.evidence.signal(Trait::Arm64).is_some();
    let suits = |instance: &&Instance| match wanted {
        // One copy can't span instances: all its accelerators are in one.
        Some((per_copy, of)) => of(instance) >= per_copy,
        None => instance.gpus == 0.0 && instance.neuron == 0.0 && instance.arm == arm,
    };
    let instances = &question.catalog.prices.instances;
    let best = instances.iter().filter(suits).map(&price).fold(f64::INFINITY, f64::min);
    if best.is_finite() {
        return best;
    }
    // More accelerators than any instance has: the largest ones, side by side.
    let largest = instances.iter().filter(|i| wanted.is_none_or(|(_, of)| of(i) > 0.0)).map(price);
    largest.fold(f64::INFINITY, f64::min)
}

/// A share of a load balancer where HTTP comes in.
pub fn front_door(question: &Question<'_>, services_sharing: f64) -> Interval {
    if question.evidence.speaks(Protocol::Http).is_none() {
        return Interval::default();
    }
    let month = question.catalog.prices.load_balancer.hour.value * HOURS_A_MONTH;
    Interval::exactly(month / services_sharing.max(1.0))
}

/// The share where the platform doesn't say how many services stand behind one.
pub fn usual_front_door(question: &Question<'_>) -> Interval {
    front_door(question, question.policy.operations.assumptions.services_per_load_balancer)
}
