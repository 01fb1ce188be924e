//! How much one copy asks for: the scheduler's own sum over containers, sidecars and init containers.

use crate::{
    amount,
    facts::{Fact, Signal, Trait},
    observe::{
        Workload,
        pod::{Container, Quantity},
    },
};

pub struct Sizes {
    pub cpu: Fact<f64>,
    pub memory: Fact<f64>,
    pub disk: Fact<f64>,
    pub gpus: f64,
}

pub fn sizes(workload: &Workload, signals: &mut Vec<Signal>) -> Sizes {
    let cpu = total(workload, "cpu", amount::parse, signals);
    let memory = total(workload, "memory", amount::gib, signals);
    let disk = total(workload, "ephemeral-storage", amount::gib, signals);
    let gpus = accelerators(workload, signals);
    for (fact, name) in [(&cpu, "cpu"), (&memory, "memory")] {
        if fact.is_unknown() {
            let field = format!("{}.containers[*].resources.requests.{name}", workload.key.kind.pod_path());
            signals.push(Signal { what: Trait::Unsized, field, value: "none".to_owned() });
        }
    }
    Sizes { cpu, memory, disk, gpus }
}

/// Requests, or limits where requests are missing, as the API server fills them in.
fn asked<'a>(container: &'a Container, name: &str) -> Option<(&'static str, &'a Quantity)> {
    let resources = &container.resources;
    resources
        .requests
        .get(name)
        .map(|quantity| ("requests", quantity))
        .or_else(|| resources.limits.get(name).map(|quantity| ("limits", quantity)))
}

/// The larger of what runs together and of what any init container needs beside the sidecars before it.
fn total(
    workload: &Workload,
    name: &str,
    read: fn(&str) -> Option<f64>,
    signals: &mut Vec<Signal>,
) -> Fact<f64> {
    let pod = workload.key.kind.pod_path();
    let spec = &workload.template.spec;
    let mut amount = |list: &str, index: usize, container: &Container| -> Option<(f64, String)> {
        let (side, quantity) = asked(container, name)?;
        let field = format!("{pod}.{list}[{index}].resources.{side}.{name}");
        match read(&quantity.0) {
            Some(value) => Some((value, field)),
            None => {
                signals.push(Signal { what: Trait::Unreadable, field, value: quantity.0.clone() });
                None
            }
        }
    };
    let mut sidecars = 0.0;
    let mut largest_init = (0.0, String::new());
    for (index, container) in spec.init_containers.iter().enumerate() {
        let Some((value, field)) = amount("initContainers", index, container) else { continue };
        if is_native_sidecar(container) {
            sidecars += value;
        } else if sidecars + value > largest_init.0 {
            largest_init = (sidecars + value, field);
        }
    }
    let mut running = sidecars;
    let mut fields = Vec::new();
    for (index, container) in spec.containers.iter().enumerate() {
        match amount("containers", index, container) {
            Some((value, field)) => {
                running += value;
                fields.push(field);
            }
            // One container that asks for nothing makes the sum unknown.
            None if !is_injected(container) => return Fact::Unknown,
            None => {}
        }
    }
    if let Some(overhead) = spec.overhead.as_ref().and_then(|map| map.get(name)).and_then(|q| read(&q.0)) {
        running += overhead;
    }
    if largest_init.0 > running {
        return Fact::declared(largest_init.0, largest_init.1);
    }
    match fields.as_slice() {
        [] => Fact::Unknown,
        [one] => Fact::declared(running, one.clone()),
        _ => Fact::declared(running, format!("{pod}.containers[*].resources.requests.{name}")),
    }
}

/// An init container that keeps running beside the others.
pub fn is_native_sidecar(container: &Container) -> bool {
    container.restart_policy.as_deref() == Some("Always")
}

/// The mesh's proxy, which is sized by the mesh.
pub fn is_injected(container: &Container) -> bool {
    matches!(container.name.as_str(), "istio-proxy" | "linkerd-proxy" | "kuma-sidecar")
}

/// The names under which NVIDIA's device plugin offers slices of a GPU and turns on one.
fn is_shared_gpu(name: &str) -> bool {
    name.starts_with("nvidia.com/mig-") || name == "nvidia.com/gpu.shared"
}

fn accelerators(workload: &Workload, signals: &mut Vec<Signal>) -> f64 {
    let pod = workload.key.kind.pod_path();
    let spec = &workload.template.spec;
    let mut gpus = 0.0;
    let lists = [("containers", &spec.containers), ("initContainers", &spec.init_containers)];
    for (list, containers) in lists {
        for (index, container) in containers.iter().enumerate() {
            let resources = &container.resources;
            let all = resources.limits.iter().map(|(n, q)| ("limits", n, q));
            let requests = resources.requests.iter().map(|(n, q)| ("requests", n, q));
            for (side, name, quantity) in all.chain(requests) {
                let what = match name.as_str() {
                    "nvidia.com/gpu" | "amd.com/gpu" => Trait::Gpu,
                    name if is_shared_gpu(name) => Trait::Gpu,
                    name if name.starts_with("aws.amazon.com/neuron") => Trait::Neuron,
                    "vpc.amazonaws.com/efa" => Trait::Efa,
                    "hugepages-2Mi" | "hugepages-1Gi" => Trait::Device,
                    _ => continue,
                };
                let count = amount::parse(&quantity.0).unwrap_or(1.0);
                let field = format!("{pod}.{list}[{index}].resources.{side}[{name}]");
                let seen = signals
                    .iter()
                    .any(|s| s.what == what && s.field.starts_with(&format!("{pod}.{list}[{index}]")));
                if count > 0.0 && !seen {
                    if is_shared_gpu(name) {
                        let field = field.clone();
                        signals.push(Signal { what: Trait::SharedGpu, field, value: quantity.0.clone() });
                    }
                    signals.push(Signal { what, field, value: quantity.0.clone() });
                    if what == Trait::Gpu {
                        gpus += count;
                    }
                }
            }
        }
    }
    gpus
}
