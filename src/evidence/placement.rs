//! Where a workload's Pods were seen to run, on what, and how large its images are.

use crate::{
    catalog::Target,
    facts::{Copies, Fact, Signal, Trait},
    observe::{
        Observed,
        placement::{Compute, Placement, Share},
    },
};

/// GiB up to which what unpacking adds to an image changes no answer: it's two to four times as large on a disk.
const SURELY_SMALL: f64 = 2.0;

fn seen(observed: &Observed) -> Option<&Placement> {
    observed.history.as_deref()?.placement.as_ref()
}

/// What operates the nodes of most of its Pods.
pub fn place(observed: &Observed) -> Fact<Target> {
    let Some(placement) = seen(observed) else { return Fact::Unknown };
    let pods = |compute| -> u32 {
        placement.kinds.iter().filter(|share| share.kind.compute == compute).map(|share| share.pods).sum()
    };
    let all = [
        (Compute::Nodes, Target::EKSNodes),
        (Compute::Fargate, Target::EKSFargate),
        (Compute::AutoMode, Target::EKSAutoMode),
    ];
    let most = all.into_iter().max_by_key(|(compute, _)| pods(*compute));
    match most.filter(|(compute, _)| pods(*compute) > 0) {
        Some((_, target)) => Fact::observed(target, "the nodes of its Pods"),
        None => Fact::Unknown,
    }
}

/// The types of its nodes, for their price: those of the place that it's judged by.
pub fn node_types(observed: &Observed, place: &Fact<Target>) -> Option<Signal> {
    let compute = match place.value()? {
        Target::EKSNodes => Compute::Nodes,
        Target::EKSAutoMode => Compute::AutoMode,
        _ => return None,
    };
    let on: Vec<&Share> =
        seen(observed)?.kinds.iter().filter(|share| share.kind.compute == compute).collect();
    let mut types: Vec<&str> =
        on.iter().map(|share| share.kind.instance_type.as_deref()).collect::<Option<_>>()?;
    types.sort_unstable();
    types.dedup();
    let spot = on.iter().any(|share| share.kind.spot);
    let field = if spot { "the nodes of its Pods, Spot among them" } else { "the nodes of its Pods" };
    (!types.is_empty()).then(|| Signal {
        what: Trait::RunsOn,
        field: field.to_owned(),
        value: types.join(", "),
    })
}

/// A DaemonSet has one copy on each node that it runs on. Those that were seen stay in mind where there are none any more:
/// its controller knows.
pub fn copies(observed: &Observed) -> Fact<Copies> {
    let exactly = |nodes: u32, at: &'static str| {
        let nodes = f64::from(nodes);
        Fact::observed(Copies { min: nodes, max: nodes }, at)
    };
    let wanted = observed.workload.wanted_nodes;
    match (wanted, seen(observed).and_then(|placement| placement.nodes)) {
        (None | Some(1..), Some(nodes)) => exactly(nodes, "the nodes that it runs on"),
        (Some(nodes), _) => exactly(nodes, "status.desiredNumberScheduled"),
        (None, None) => Fact::Unknown,
    }
}

/// The size of its largest image. Nodes tell the compressed one: above a size, what it unpacks to is a question.
pub fn package_size(observed: &Observed) -> Fact<f64> {
    let Some(gib) = seen(observed).and_then(|placement| placement.image_gib) else { return Fact::Unknown };
    let at = "its largest image on its nodes, compressed";
    if gib <= SURELY_SMALL { Fact::observed(gib, at) } else { Fact::inferred(gib, at) }
}
