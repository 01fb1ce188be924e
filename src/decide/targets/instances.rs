//! EC2: which listed instances hold a copy, and what one copy costs an hour on them.

use super::{Question, infrastructure};
use crate::{
    catalog::{Catalog, Instance},
    decide::Interval,
    facts::{Evidence, Fact, Trait},
};

/// One copy on EC2, an hour.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hour {
    /// Its share of the instance that suits it best, at the rate to which nodes are packed.
    pub share: Interval,
    /// With an instance of its own.
    pub whole: Interval,
    /// Whether a figure behind it is one that no AWS text confirmed, or that no listed instance has.
    pub unconfirmed: bool,
}

/// What one copy costs. What no listed instance holds is reckoned from those of its kind; a rule says that it's a guess.
pub fn hour(question: &Question<'_>) -> Hour {
    hour_on(question, Wanted::of(question.evidence))
}

/// What one copy costs on the nodes that it was seen on: from the least to the most of their types. Nothing where a type
/// has no price.
pub fn hour_here(question: &Question<'_>) -> Option<Hour> {
    let seen = question.evidence.signal(Trait::RunsOn)?;
    let instances = &question.catalog.prices.instances;
    let on = |name: &str| {
        let exact = instances.iter().find(|instance| instance.name == name).map(|listed| (listed, name));
        let of_family = || Some((instances.iter().find(|i| family(&i.name) == family(name))?, family(name)));
        let (listed, instance) = exact.or_else(of_family)?;
        let wanted = Wanted { instance: Some(instance), arm: listed.arm, ..Wanted::of(question.evidence) };
        Some(hour_on(question, wanted))
    };
    let hours: Option<Vec<Hour>> = seen.value.split(", ").map(on).collect();
    hours?.into_iter().reduce(|a, b| {
        let both = |a: Interval, b: Interval| Interval::new(a.low.min(b.low), a.high.max(b.high));
        Hour {
            share: both(a.share, b.share),
            whole: both(a.whole, b.whole),
            unconfirmed: a.unconfirmed || b.unconfirmed,
        }
    })
}

/// `m7i` of `m7i.large`: all sizes of a family without accelerators have one price for each vCPU.
fn family(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn hour_on(question: &Question<'_>, wanted: Wanted<'_>) -> Hour {
    let (vcpu, memory) = (infrastructure::vcpu(question), infrastructure::memory(question));
    let assumptions = &question.policy.operations.assumptions;
    let [few, many] = if wanted.shared { assumptions.copies_per_shared_gpu } else { [1.0, 1.0] };
    let most = wanted.cheapest(question, vcpu.high, memory.high, wanted.accelerators / few);
    let is_exact = vcpu.low == vcpu.high && memory.low == memory.high && !wanted.shared;
    let least = if is_exact {
        most
    } else {
        wanted.cheapest(question, vcpu.low, memory.low, wanted.accelerators / many)
    };
    let windows = question.evidence.signal(Trait::Windows).is_some();
    Hour {
        share: Interval::new(least.share, most.share),
        whole: Interval::new(least.whole, most.whole),
        unconfirmed: !most.is_confirmed
            || !least.is_confirmed
            || windows && !question.catalog.prices.ec2.windows_vcpu_hour.confirmed
            // Nobody says which device that is.
            || question.evidence.signal(Trait::ResourceClaim).is_some(),
    }
}

/// The least that a copy of one size costs, in both ways.
#[derive(Clone, Copy)]
struct Cheapest {
    share: f64,
    whole: f64,
    /// Whether a listed instance holds it, and AWS says what that one costs.
    is_confirmed: bool,
}

/// Whether a listed instance holds a copy of this size, with what it wants of its node.
pub fn is_listed(evidence: &Evidence, catalog: &Catalog) -> bool {
    let known = |fact: &Fact<f64>| fact.value().copied().unwrap_or(0.0);
    let wanted = Wanted::of(evidence);
    let (vcpu, memory) = (known(&evidence.cpu), known(&evidence.memory));
    // Without an accelerator any family will do for a price, whichever the nodes are pinned to.
    let wanted = if wanted.kind == Kind::Cpu { Wanted { instance: None, ..wanted } } else { wanted };
    wanted.is_listed(catalog, vcpu, memory)
}

/// How the price stands to the machine that its nodes are pinned to, where an accelerator doesn't say more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pinned {
    Listed,
    /// Its price holds while it uses a part of its vCPU.
    Burstable,
    /// Another of its kind stands in for it.
    Unlisted,
}

/// What the price of a copy on pinned nodes rests on.
pub fn pinned(evidence: &Evidence, catalog: &Catalog) -> Option<Pinned> {
    let wanted = Wanted::of(evidence);
    wanted.instance.filter(|_| wanted.kind == Kind::Cpu)?;
    let suited = catalog.prices.instances.iter().filter(|instance| wanted.suits(instance));
    let burstable = suited.map(|instance| instance.burstable).reduce(|a, b| a || b);
    Some(match burstable {
        None => Pinned::Unlisted,
        Some(true) => Pinned::Burstable,
        Some(false) => Pinned::Listed,
    })
}

/// Whether the fee for accelerated instances applies.
pub fn is_accelerated(question: &Question<'_>) -> bool {
    Wanted::of(question.evidence).kind != Kind::Cpu
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cpu,
    Gpu,
    Neuron,
}

/// What a copy wants of its instance beyond size.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    kind: Kind,
    /// GPUs, or devices or cores of Neuron.
    accelerators: f64,
    /// Cores of Neuron, not devices.
    cores: bool,
    /// AMD's GPUs, not NVIDIA's.
    amd: bool,
    /// A slice that MIG makes.
    sliced: bool,
    /// Turns on a GPU that others have as well.
    shared: bool,
    arm: bool,
    /// The type or the family that its nodes are pinned to.
    instance: Option<&'a str>,
    gpu: Option<&'a str>,
}

/// Whether an instance is one of those that nodes are pinned to, by type or by family. Several are a choice: any will do.
/// One size is listed for all of a family whose sizes cost the same for each vCPU.
fn is_named(instance: &Instance, pins: &str) -> bool {
    pins.split(", ").any(|pin| {
        let rest = instance.name.strip_prefix(pin);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            || instance.times > 1.0 && family(&instance.name) == family(pin)
    })
}

impl<'a> Wanted<'a> {
    fn of(evidence: &'a Evidence) -> Wanted<'a> {
        let value = |what| evidence.signal(what).map(|signal| signal.value.as_str());
        let neuron = value(Trait::Neuron);
        let (kind, accelerators) = if evidence.gpus > 0.0 {
            (Kind::Gpu, evidence.gpus)
        } else if let Some(count) = neuron {
            (Kind::Neuron, count.parse().unwrap_or(1.0))
        } else {
            (Kind::Cpu, 0.0)
        };
        let shared = evidence.signal(Trait::SharedGpu);
        let in_turns = shared.is_some_and(|signal| signal.field.contains("gpu.shared"));
        // The name of the resource stands at the end of its field.
        let asks =
            |what, name: &str| evidence.signal(what).is_some_and(|signal| signal.field.ends_with(name));
        Wanted {
            kind,
            accelerators,
            cores: asks(Trait::Neuron, "[aws.amazon.com/neuroncore]"),
            amd: asks(Trait::Gpu, "[amd.com/gpu]"),
            sliced: shared.is_some() && !in_turns,
            shared: in_turns,
            arm: evidence.signal(Trait::Arm64).is_some(),
            instance: value(Trait::InstanceType),
            gpu: value(Trait::GpuProduct),
        }
    }

    fn cheapest(&self, question: &Question<'_>, vcpu: f64, memory: f64, accelerators: f64) -> Cheapest {
        let prices = &question.catalog.prices;
        let windows = question.evidence.signal(Trait::Windows).is_some();
        let licence = if windows { prices.ec2.windows_vcpu_hour.value } else { 0.0 };
        let packing = question.policy.operations.assumptions.node_packing;
        let among = |suits: &dyn Fn(&Instance) -> bool, is_listed: bool| {
            let (mut share, mut whole) = ((f64::INFINITY, true), (f64::INFINITY, true));
            for instance in prices.instances.iter().filter(|instance| suits(instance)) {
                let price = instance.hour + instance.vcpu * licence;
                let fill = (vcpu / instance.vcpu).max(memory / instance.memory);
                let part = match self.has(instance) {
                    Some(has) if has > 0.0 => fill.max(accelerators / has),
                    Some(_) => fill.max(accelerators),
                    None => fill / packing,
                };
                for (least, dollars) in
                    [(&mut share, part * price), (&mut whole, fill.ceil().max(1.0) * price)]
                {
                    if dollars < least.0 {
                        *least = (dollars, instance.confirmed);
                    }
                }
            }
            let is_confirmed = is_listed && share.1 && whole.1;
            share.0.is_finite().then_some(Cheapest { share: share.0, whole: whole.0, is_confirmed })
        };
        among(&|instance| self.suits(instance) && self.is_held(instance, vcpu, memory), true)
            .or_else(|| among(&|instance| self.is_of_a_kind(instance), false))
            .or_else(|| among(&|_| true, false))
            // A price book without instances is refused.
            .unwrap_or(Cheapest { share: 0.0, whole: 0.0, is_confirmed: false })
    }

    /// How many of its accelerators an instance has.
    fn has(&self, instance: &Instance) -> Option<f64> {
        match self.kind {
            Kind::Cpu => None,
            Kind::Gpu => Some(instance.gpus),
            Kind::Neuron if self.cores => Some(instance.neuron_cores),
            Kind::Neuron => Some(instance.neuron),
        }
    }

    fn is_of_a_kind(&self, instance: &Instance) -> bool {
        match self.has(instance) {
            Some(has) => has > 0.0,
            None => {
                let named = || self.instance.is_some_and(|pins| is_named(instance, pins));
                let accelerated = instance.gpus > 0.0 || instance.neuron > 0.0;
                !accelerated && instance.arm == self.arm && (!instance.burstable || named())
            }
        }
    }

    fn suits(&self, instance: &Instance) -> bool {
        let pinned = self.instance.is_none_or(|pins| is_named(instance, pins));
        let gpu = self.gpu.is_none_or(|products| {
            let mut parts = products.split(|c: char| !c.is_ascii_alphanumeric());
            parts.any(|part| part.eq_ignore_ascii_case(&instance.gpu))
        });
        self.is_of_a_kind(instance)
            && pinned
            && (gpu && self.amd == instance.amd || self.kind != Kind::Gpu)
            && (!self.sliced || self.kind != Kind::Gpu || instance.slices > 0.0)
    }

    /// One copy can't span instances: all that it asks for is in one. Neither vCPU nor memory is there whole: the system
    /// and the agent take a part of it first (Kubernetes documentation, node allocatable; of memory also Amazon ECS
    /// developer guide, container instance memory).
    fn is_held(&self, instance: &Instance, vcpu: f64, memory: f64) -> bool {
        self.has(instance).is_none_or(|has| has >= self.accelerators)
            && vcpu < instance.vcpu * instance.times
            && memory < instance.memory * instance.times
    }

    fn is_listed(&self, catalog: &Catalog, vcpu: f64, memory: f64) -> bool {
        catalog.prices.instances.iter().any(|i| self.suits(i) && self.is_held(i, vcpu, memory))
    }
}
