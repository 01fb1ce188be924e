//! EC2: which listed instances hold a copy, and what one copy costs an hour on them.

use super::{Compute, Question, infrastructure};
use crate::{
    catalog::{Catalog, Instance},
    decide::Interval,
    facts::{Evidence, Fact, Signal, Trait},
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
        share: Interval::new(least.share, most.unshared),
        whole: Interval::new(least.whole, most.whole),
        unconfirmed: !most.is_confirmed
            || !least.is_confirmed
            || windows && !question.catalog.prices.ec2.windows_vcpu_hour.confirmed
            // Nobody says which device that is, or what a machine outside of AWS costs.
            || [Trait::ResourceClaim, Trait::PluginResource, Trait::HybridNode, Trait::Tpu].iter().any(|what| question.evidence.signals.has(*what))
            || unnamed_gpu(question.evidence).is_some(),
    }
}

/// Hours of copies on EC2, of which Spot may take a part off. AWS says how much less it is at most, so that only the least
/// that it can cost is lower. A fee on an instance is one on its on-demand price all the same: `fee` is a part of that.
pub fn compute(question: &Question<'_>, on_demand: Interval, fee: f64, hours: Interval) -> Compute {
    let is_spot = question.evidence.signal(Trait::Spot).is_some();
    let most = if is_spot { question.catalog.prices.ec2.spot_discount_most.value / 100.0 } else { 0.0 };
    let with_fee = 1.0 + fee;
    Compute::Hourly { hour: on_demand * with_fee, hours, least: (with_fee - most) / with_fee }
}

/// The least that a copy of one size costs, in both ways.
#[derive(Clone, Copy)]
struct Cheapest {
    share: f64,
    /// The same where nothing but its own copies uses an accelerated instance.
    unshared: f64,
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
    let burstable = wanted.suited(catalog).map(|instance| instance.burstable).reduce(|a, b| a || b);
    Some(match burstable {
        None => Pinned::Unlisted,
        Some(true) => Pinned::Burstable,
        Some(false) => Pinned::Listed,
    })
}

/// The listed instance that a copy with an accelerator is priced by, and how much of it is that copy's.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    pub instance: &'a Instance,
    pub part: f64,
}

impl Part<'_> {
    /// Whether as many copies leave nothing of their instances to others.
    pub fn is_filled_by(&self, copies: f64) -> bool {
        let instances = copies * self.part;
        instances > 0.0 && (instances - instances.round()).abs() < SLACK
    }

    /// Whether nothing of it is left for another copy.
    pub fn is_whole(&self) -> bool {
        self.part >= 1.0 - SLACK
    }
}

/// What a copy takes of an accelerated instance; nothing without an accelerator, or where no listed one holds it.
pub fn part<'a>(evidence: &Evidence, catalog: &'a Catalog) -> Option<Part<'a>> {
    let wanted = Wanted::of(evidence);
    if wanted.kind == Kind::Cpu {
        return None;
    }
    let known = |fact: &Fact<f64>| fact.value().copied().unwrap_or(0.0);
    let (vcpu, memory) = (known(&evidence.cpu), known(&evidence.memory));
    let held = wanted.suited(catalog).filter(|instance| wanted.is_held(instance, vcpu, memory));
    let parts = held.map(|instance| Part {
        instance,
        part: wanted.part(instance, (vcpu, memory), wanted.accelerators, 1.0),
    });
    parts.min_by(|a, b| (a.part * a.instance.hour).total_cmp(&(b.part * b.instance.hour)))
}

/// The field that asks for GPUs of which nothing tells what they are: any will do, and the price is of the cheapest.
pub fn unnamed_gpu(evidence: &Evidence) -> Option<&Signal> {
    let names = [Trait::InstanceType, Trait::GpuProduct, Trait::GpuMemory, Trait::SharedGpu, Trait::RunsOn];
    let is_named = evidence.model_size.value().is_some()
        || names.iter().any(|name| evidence.signal(*name).is_some())
        || is_amd(evidence);
    evidence.signal(Trait::Gpu).filter(|_| !is_named)
}

/// The instance that a copy without an accelerator takes all of, by adapters or by size: the largest of its family.
pub fn taken_whole<'a>(question: &Question<'a>) -> Option<&'a str> {
    let wanted = Wanted::of(question.evidence);
    if wanted.kind != Kind::Cpu || wanted.efa == 0.0 {
        return None;
    }
    let size = (infrastructure::vcpu(question).high, infrastructure::memory(question).high);
    let packing = question.policy.operations.assumptions.node_packing;
    let held = wanted.suited(question.catalog).filter(|instance| wanted.is_held(instance, size.0, size.1));
    let parts = held.map(|instance| (instance, wanted.part(instance, size, 0.0, packing)));
    let (instance, part) = parts.min_by(|a, b| (a.1 * a.0.hour).total_cmp(&(b.1 * b.0.hour)))?;
    (part >= instance.times - SLACK).then(|| family(&instance.name))
}

/// Where its nodes are pinned to accelerators that it asks for none of: by their name, their memory or their instance.
pub fn accelerated_nodes<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<&'a Signal> {
    if evidence.gpus > 0.0 || evidence.signal(Trait::Neuron).is_some() {
        return None;
    }
    let of_gpu = evidence.signal(Trait::GpuProduct).or_else(|| evidence.signal(Trait::GpuMemory));
    of_gpu.or_else(|| {
        let signal = evidence.signal(Trait::InstanceType)?;
        let mut accelerated = catalog.prices.instances.iter().filter(|i| i.gpus > 0.0 || i.neuron > 0.0);
        accelerated.any(|instance| is_named(instance, &signal.value)).then_some(signal)
    })
}

/// Whether an instance would hold a copy if its model were smaller.
pub fn is_model_too_large(evidence: &Evidence, catalog: &Catalog) -> bool {
    let known = |fact: &Fact<f64>| fact.value().copied().unwrap_or(0.0);
    let wanted = Wanted { model: 0.0, ..Wanted::of(evidence) };
    wanted.kind == Kind::Gpu && wanted.is_listed(catalog, known(&evidence.cpu), known(&evidence.memory))
}

/// Whether the cores of Neuron that a copy asks for make whole devices of some instance.
pub fn is_whole_devices(evidence: &Evidence, catalog: &Catalog) -> bool {
    let wanted = Wanted::of(evidence);
    let is_whole = |cores: f64| (wanted.accelerators / cores).fract() == 0.0;
    let mut with_neuron = catalog.prices.instances.iter().filter(|instance| instance.neuron > 0.0);
    !wanted.cores || with_neuron.any(|instance| is_whole(instance.neuron_cores / instance.neuron))
}

/// Whether a copy asks for turns on a GPU that others have as well.
pub fn is_shared_in_turns(evidence: &Evidence) -> bool {
    evidence.signal(Trait::SharedGpu).is_some_and(|signal| signal.field.contains("gpu.shared"))
}

/// Whether a copy asks for AMD's GPUs.
pub fn is_amd(evidence: &Evidence) -> bool {
    evidence.signal(Trait::Gpu).is_some_and(|signal| signal.field.ends_with(AMD))
}

/// Whether the fee for accelerated instances applies.
pub fn is_accelerated(evidence: &Evidence) -> bool {
    evidence.gpus > 0.0 || evidence.signal(Trait::Neuron).is_some()
}

/// How a field ends that asks for a GPU of AMD.
const AMD: &str = "[amd.com/gpu]";
/// What counting in parts of an instance may be off by.
const SLACK: f64 = 1e-9;
/// Labels tell a GPU's memory with its own reserve or without.
const ABOUT: f64 = 0.9;

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
    /// The profile of that slice, where its name tells.
    slice: Option<Slice>,
    /// Turns on a GPU that others have as well.
    shared: bool,
    arm: bool,
    /// The type or the family that its nodes are pinned to.
    instance: Option<&'a str>,
    gpu: Option<&'a str>,
    /// GiB that each GPU must have at least.
    gpu_memory: f64,
    /// GiB of the model that has to be in the memory of its GPUs.
    model: f64,
    /// GB of local NVMe disk that its instance must have at least.
    nvme: Option<f64>,
    /// EFA adapters.
    efa: f64,
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

/// Whether an instance has a GPU of this name, such as NVIDIA-A100-SXM4-80GB: its parts name the product, one of them
/// its memory.
fn is_product(instance: &Instance, product: &str) -> bool {
    fn of(text: &str) -> impl Iterator<Item = &str> {
        text.split(|c: char| !c.is_ascii_alphanumeric())
    }
    let is_named = !instance.gpu.is_empty()
        && of(&instance.gpu).all(|name| of(product).any(|part| part.eq_ignore_ascii_case(name)));
    let memory = of(product).find_map(|part| {
        let number = part.len().checked_sub(2).filter(|at| part.is_char_boundary(*at))?;
        let (number, unit) = part.split_at(number);
        number.parse::<f64>().ok().filter(|_| unit.eq_ignore_ascii_case("gb"))
    });
    is_named
        && memory.is_none_or(|gb| instance.gpu_memory == 0.0 || (instance.gpu_memory / gb - 1.0).abs() < 0.15)
}

/// A profile of MIG, such as 3g.20gb.
#[derive(Clone, Copy)]
struct Slice {
    /// Of the seven parts for work.
    sevenths: f64,
    /// GB.
    memory: f64,
}

impl Slice {
    /// The one that a field ends with, such as `limits[nvidia.com/mig-3g.20gb]`.
    fn named(field: &str) -> Option<Slice> {
        let (_, slice) = field.split_once("nvidia.com/mig-")?;
        let (sevenths, memory) = slice.split_once("g.")?;
        let end = memory.find(|c: char| !c.is_ascii_digit())?;
        Some(Slice { sevenths: sevenths.parse().ok()?, memory: memory.get(..end)?.parse().ok()? })
    }

    /// The part of a GPU's memory that it has there; nothing where MIG makes no such slice of that GPU: each size for work
    /// comes with an eighth, a quarter, a half or all of the memory, the smallest with a quarter as well (NVIDIA MIG
    /// user guide, supported profiles).
    fn part_of(self, gpu_memory: f64) -> Option<f64> {
        let parts: &[f64] = match self.sevenths {
            1.0 => &[0.125, 0.25],
            2.0 => &[0.25],
            3.0 | 4.0 => &[0.5],
            7.0 => &[1.0],
            _ => &[],
        };
        parts.iter().copied().find(|part| (gpu_memory * part - self.memory).abs() < 1.0)
    }

    /// How many times a seventh a slice takes that has more memory than its part for work.
    fn by_memory(self, gpu_memory: f64) -> f64 {
        match self.part_of(gpu_memory) {
            Some(part) if self.sevenths == 1.0 && part > 0.125 => part * 7.0,
            _ => 1.0,
        }
    }
}

/// The part of a whole that each of as many as fit on it gets.
fn evenly(whole: f64, part: f64) -> f64 {
    let fit = (whole / part + SLACK).floor();
    if fit >= 1.0 { whole / fit } else { part }
}

impl<'a> Wanted<'a> {
    fn of(evidence: &'a Evidence) -> Wanted<'a> {
        let value = |what| evidence.signal(what).map(|signal| signal.value.as_str());
        let count = |what| -> f64 {
            let signals = evidence.signals.iter().filter(|signal| signal.what == what);
            signals.map(|signal| signal.value.parse().unwrap_or(1.0)).sum()
        };
        let (kind, accelerators) = if evidence.gpus > 0.0 {
            (Kind::Gpu, evidence.gpus)
        } else if value(Trait::Neuron).is_some() {
            (Kind::Neuron, count(Trait::Neuron))
        } else {
            (Kind::Cpu, 0.0)
        };
        let in_turns = is_shared_in_turns(evidence);
        let slice = evidence.signal(Trait::SharedGpu).filter(|_| !in_turns);
        // The name of the resource stands at the end of its field.
        let asks =
            |what, name: &str| evidence.signal(what).is_some_and(|signal| signal.field.ends_with(name));
        let number = |what| value(what).and_then(|value| value.parse::<f64>().ok());
        Wanted {
            kind,
            accelerators,
            cores: asks(Trait::Neuron, "[aws.amazon.com/neuroncore]"),
            amd: is_amd(evidence),
            sliced: slice.is_some(),
            slice: slice.and_then(|signal| Slice::named(&signal.field)),
            shared: in_turns,
            arm: evidence.signal(Trait::Arm64).is_some(),
            instance: value(Trait::InstanceType),
            gpu: value(Trait::GpuProduct),
            gpu_memory: number(Trait::GpuMemory).unwrap_or(0.0) / 1024.0,
            model: evidence.model_size.value().copied().unwrap_or(0.0),
            nvme: value(Trait::LocalDisk).map(|value| value.parse().unwrap_or(0.0)),
            efa: count(Trait::Efa),
        }
    }

    fn cheapest(&self, question: &Question<'_>, vcpu: f64, memory: f64, accelerators: f64) -> Cheapest {
        let prices = &question.catalog.prices;
        let windows = question.evidence.signal(Trait::Windows).is_some();
        let licence = if windows { prices.ec2.windows_vcpu_hour.value } else { 0.0 };
        let packing = question.policy.operations.assumptions.node_packing;
        let sizes = &question.catalog.instance_sizes;
        // Nodes for CPU are packed as the policy says, and so are turns as it says who else has some.
        let is_shared = self.kind == Kind::Cpu || self.shared;
        let copies = question.evidence.copies.value().map_or(1.0, |copies| copies.max.max(1.0));
        let among = |instances: &mut dyn Iterator<Item = &Instance>, is_listed: bool| {
            let [mut share, mut unshared, mut whole] = [(f64::INFINITY, true); 3];
            for instance in instances {
                let price = instance.hour + instance.vcpu * licence;
                let part = self.part(instance, (vcpu, memory), accelerators, packing);
                let alone = self.alone(instance, (vcpu, memory), sizes);
                let by_itself = if is_shared { part } else { (copies * part - SLACK).ceil() / copies };
                for (least, dollars) in [(&mut share, part), (&mut unshared, by_itself), (&mut whole, alone)]
                    .map(|(least, times)| (least, times * price))
                {
                    if dollars < least.0 {
                        *least = (dollars, instance.confirmed);
                    }
                }
            }
            let is_confirmed = is_listed && share.1 && unshared.1 && whole.1;
            share.0.is_finite().then_some(Cheapest {
                share: share.0,
                unshared: unshared.0,
                whole: whole.0,
                is_confirmed,
            })
        };
        let all = prices.instances.iter();
        let mut held = self.suited(question.catalog).filter(|i| self.is_held(i, vcpu, memory));
        among(&mut held, true)
            .or_else(|| among(&mut all.clone().filter(|instance| self.is_of_a_kind(instance)), false))
            .or_else(|| among(&mut all.clone(), false))
            // A price book without instances is refused.
            .unwrap_or(Cheapest { share: 0.0, unshared: 0.0, whole: 0.0, is_confirmed: false })
    }

    /// How many times a listed instance's price one copy pays among others: a part of its largest size, and all of that
    /// where no second copy fits on it. Of an accelerated one it's as many as its devices are for.
    fn part(&self, instance: &Instance, (vcpu, memory): (f64, f64), accelerators: f64, packing: f64) -> f64 {
        let fill = (vcpu / instance.vcpu).max(memory / instance.memory);
        let adapters = if instance.efa > 0.0 { instance.times * self.efa / instance.efa } else { 0.0 };
        match self.has(instance) {
            Some(has) => {
                let wider = self.slice.map_or(1.0, |slice| slice.by_memory(instance.gpu_memory));
                let devices = accelerators * wider / if has > 0.0 { has } else { 1.0 };
                evenly(instance.times, fill.max(devices).max(adapters))
            }
            None => {
                let of_largest = evenly(instance.times, fill.max(adapters));
                if of_largest >= instance.times { of_largest } else { of_largest.max(fill / packing) }
            }
        }
    }

    /// The same for a copy with an instance of its own: the smallest size of the family that holds it.
    fn alone(&self, instance: &Instance, (vcpu, memory): (f64, f64), sizes: &[f64]) -> f64 {
        if self.efa > 0.0 {
            return instance.times;
        }
        let fill = (vcpu / instance.vcpu).max(memory / instance.memory);
        let of_family = sizes.iter().filter(|times| **times <= instance.times);
        let holding = of_family
            .copied()
            .find(|times| vcpu <= instance.vcpu * times && memory < instance.memory * times);
        holding.unwrap_or_else(|| fill.ceil().max(1.0))
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
                instance.arm == self.arm && (instance.is_general() || named())
            }
        }
    }

    /// The listed instances that have what it wants.
    fn suited<'c>(&self, catalog: &'c Catalog) -> impl Iterator<Item = &'c Instance> {
        // What wants nothing special is suited by those that are, and they stand first.
        let general = self.kind == Kind::Cpu && self.instance.is_none();
        let instances = catalog.prices.instances.iter();
        instances
            .take_while(move |instance| !general || instance.is_general())
            .filter(|instance| self.suits(instance))
    }

    fn suits(&self, instance: &Instance) -> bool {
        self.is_of_a_kind(instance)
            && self.instance.is_none_or(|pins| is_named(instance, pins))
            && self.nvme.is_none_or(|gb| instance.nvme > 0.0 && instance.nvme * instance.times >= gb)
            && match self.kind {
                Kind::Cpu => true,
                Kind::Gpu => self.suits_gpu(instance),
                Kind::Neuron => self.arm == instance.arm,
            }
    }

    fn suits_gpu(&self, instance: &Instance) -> bool {
        self.amd == instance.amd
            && self.arm == instance.arm
            && self
                .gpu
                .is_none_or(|products| products.split(", ").any(|product| is_product(instance, product)))
            && (instance.gpu_memory == 0.0 || instance.gpu_memory >= self.gpu_memory * ABOUT)
            && (!self.sliced || instance.slices > 0.0)
            && self.slice.is_none_or(|slice| {
                instance.gpu_memory == 0.0 || slice.part_of(instance.gpu_memory).is_some()
            })
    }

    /// One copy can't span instances: all that it asks for is in one. Neither vCPU nor memory is there whole: the system
    /// and the agent take a part of it first (Kubernetes documentation, node allocatable; of memory also Amazon ECS
    /// developer guide, container instance memory).
    fn is_held(&self, instance: &Instance, vcpu: f64, memory: f64) -> bool {
        self.has(instance).is_none_or(|has| has >= self.accelerators)
            && vcpu < instance.vcpu * instance.times
            && memory < instance.memory * instance.times
            && self.efa <= instance.efa
            && (self.kind != Kind::Gpu || self.is_model_held(instance))
    }

    /// Whether the GPUs that a copy asks for have the memory for its model.
    fn is_model_held(&self, instance: &Instance) -> bool {
        // With more than one slice nobody knows how it is spread.
        let there_is = match self.slice {
            Some(slice) => slice.memory * self.accelerators.max(1.0),
            None => instance.gpu_memory * self.accelerators.max(1.0),
        };
        instance.gpu_memory == 0.0 || self.model <= there_is
    }

    fn is_listed(&self, catalog: &Catalog, vcpu: f64, memory: f64) -> bool {
        self.suited(catalog).any(|instance| self.is_held(instance, vcpu, memory))
    }
}
