//! What a Pod asks for beside CPU and memory: GPUs whole, in slices or in turns, Neuron, EFA, huge pages.

use crate::{
    amount,
    evidence::size,
    facts::{Signal, Trait},
    observe::{
        Workload,
        pod::{PodSpec, Resources},
    },
};

/// The GPUs that one copy asks for. Each kind of device becomes a signal for each container that asks for it.
pub fn gpus(workload: &Workload, signals: &mut Vec<Signal>) -> f64 {
    let pod = workload.key.kind.pod_path();
    let spec = &workload.template.spec;
    let has_efa = asks(spec, |name| name == EFA);
    let devices =
        |resources: &Resources, at: &str, signals: &mut Vec<Signal>| devices(resources, at, has_efa, signals);
    let mut running = 0.0;
    // Huge pages, which a Pod may ask for as a whole.
    if let Some(resources) = &spec.resources {
        devices(resources, pod, signals);
    }
    for (index, container) in spec.containers.iter().enumerate() {
        running += devices(&container.resources, &format!("{pod}.containers[{index}]"), signals);
    }
    // One that ends before the others begin leaves its devices to them.
    let mut before: f64 = 0.0;
    for (index, container) in spec.init_containers.iter().enumerate() {
        let gpus = devices(&container.resources, &format!("{pod}.initContainers[{index}]"), signals);
        if size::is_native_sidecar(container) { running += gpus } else { before = before.max(gpus) }
    }
    signals.extend(has_efa.then(|| efa_pages(spec, pod)).flatten());
    running.max(before)
}

/// The pages of the size that a node sets aside for its adapters: all that the Pod asks for at once.
fn efa_pages(spec: &PodSpec, pod: &str) -> Option<Signal> {
    let mut first = None;
    let mut of = |resources: &Resources, at: String| {
        let sides = [("limits", &resources.limits), ("requests", &resources.requests)];
        let asked = sides.into_iter().find_map(|(side, all)| Some((side, all.get(EFA_PAGES)?)));
        let (side, pages) = asked.and_then(|(side, quantity)| Some((side, amount::gib(&quantity.0)?)))?;
        (pages > 0.0).then(|| first.get_or_insert(format!("{at}.resources.{side}[{EFA_PAGES}]")))?;
        Some(pages)
    };
    let whole = spec.resources.as_ref().and_then(|resources| of(resources, pod.to_owned()));
    let mut running = 0.0;
    for (index, container) in spec.containers.iter().enumerate() {
        running += of(&container.resources, format!("{pod}.containers[{index}]")).unwrap_or(0.0);
    }
    let mut before: f64 = 0.0;
    for (index, container) in spec.init_containers.iter().enumerate() {
        let pages = of(&container.resources, format!("{pod}.initContainers[{index}]")).unwrap_or(0.0);
        if size::is_native_sidecar(container) { running += pages } else { before = before.max(pages) }
    }
    let pages = whole.unwrap_or(running.max(before));
    // In MiB, of which a page is two: GiB would be rounded.
    first.map(|field| Signal {
        what: Trait::EfaPages,
        field,
        value: format!("{}Mi", amount::trim(pages * 1024.0)),
    })
}

/// Whether a container asks for a GPU of NVIDIA, whole or in parts.
pub fn asks_nvidia(spec: &PodSpec) -> bool {
    asks(spec, |name| name.starts_with("nvidia.com/"))
}

fn asks(spec: &PodSpec, is_it: impl Fn(&str) -> bool) -> bool {
    let all = spec.containers.iter().chain(&spec.init_containers).map(|container| &container.resources);
    let mut names = all.flat_map(|resources| resources.limits.keys().chain(resources.requests.keys()));
    names.any(|name| is_it(name))
}

const EFA: &str = "vpc.amazonaws.com/efa";
const EFA_PAGES: &str = "hugepages-2Mi";

fn devices(resources: &Resources, at: &str, has_efa: bool, signals: &mut Vec<Signal>) -> f64 {
    let limits = resources.limits.iter().map(|(name, quantity)| ("limits", name, quantity));
    // Of a device request and limit are the same.
    let requests = resources.requests.iter().map(|(name, quantity)| ("requests", name, quantity));
    let requests = requests.filter(|(_, name, _)| resources.limits.get(*name).is_none());
    let mut gpus = 0.0;
    for (side, name, quantity) in limits.chain(requests) {
        let Some(what) = device(name) else { continue };
        // Those are counted for the whole Pod.
        if has_efa && name == EFA_PAGES {
            continue;
        }
        let count = amount::parse(&quantity.0).unwrap_or(1.0);
        if count <= 0.0 {
            continue;
        }
        let signal = |what| Signal {
            what,
            field: format!("{at}.resources.{side}[{name}]"),
            value: quantity.0.clone(),
        };
        if is_shared(name) {
            signals.push(signal(Trait::SharedGpu));
        }
        signals.push(signal(what));
        if what == Trait::Gpu {
            gpus += count * part_of_gpu(name);
        }
    }
    gpus
}

fn device(name: &str) -> Option<Trait> {
    match name {
        "nvidia.com/gpu" | "amd.com/gpu" => Some(Trait::Gpu),
        name if is_shared(name) => Some(Trait::Gpu),
        // Devices under both of their names, and cores.
        name if name.starts_with("aws.amazon.com/neuron") => Some(Trait::Neuron),
        EFA => Some(Trait::Efa),
        // By chips, or by the older name with a version.
        "google.com/tpu" => Some(Trait::Tpu),
        name if name.starts_with("cloud-tpus.google.com/") => Some(Trait::Tpu),
        "vpc.amazonaws.com/pod-eni" => Some(Trait::PodSecurityGroup),
        // The address of a Pod on Windows, which EKS writes there.
        "vpc.amazonaws.com/PrivateIPv4Address" => None,
        name if name.starts_with("hugepages-") => Some(Trait::HugePages),
        // A device class by the name of a resource: the cluster makes a claim of it.
        name if name.starts_with("deviceclass.resource.kubernetes.io/") => Some(Trait::ResourceClaim),
        // All that Kubernetes counts by itself has a name without a domain.
        name if name.contains('/') => Some(Trait::PluginResource),
        _ => None,
    }
}

/// The names under which NVIDIA's device plugin offers slices of a GPU and turns on one.
fn is_shared(name: &str) -> bool {
    name.starts_with("nvidia.com/mig-") || name == "nvidia.com/gpu.shared"
}

/// What one of them is of a GPU. MIG divides it into seven parts for work and eight of memory: three slices of two
/// parts fit on one, and two of three.
fn part_of_gpu(name: &str) -> f64 {
    let sevenths = name.strip_prefix("nvidia.com/mig-").and_then(|slice| slice.split_once('g'));
    match sevenths.and_then(|(count, _)| count.parse::<u8>().ok()) {
        Some(1) => 1.0 / 7.0,
        Some(2) => 1.0 / 3.0,
        Some(3) => 1.0 / 2.0,
        Some(4) => 4.0 / 7.0,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::observe::workload::Deployment;

    fn read(pod: Value) -> (f64, Vec<Trait>) {
        let deployment: Deployment =
            serde_json::from_value(json!({"metadata": {"name": "web"}, "spec": {"template": {"spec": pod}}}))
                .unwrap();
        let mut signals = Vec::new();
        let gpus = gpus(&deployment.into(), &mut signals);
        (gpus, signals.into_iter().map(|signal| signal.what).collect())
    }

    #[test]
    fn devices_of_all_containers_add_up_and_those_of_init_containers_are_left_to_them() {
        let gpu = |count: u8| json!({"limits": {"nvidia.com/gpu": count}});
        let container = |resources: &Value| json!({"name": "a", "resources": resources});
        let pod = |running: Vec<Value>, before: Vec<Value>| {
            json!({
                "containers": running.iter().map(container).collect::<Vec<_>>(),
                "initContainers": before.iter().map(container).collect::<Vec<_>>(),
            })
        };
        assert_eq!(read(pod(vec![gpu(1), gpu(2)], vec![])).0, 3.0);
        assert_eq!(read(pod(vec![gpu(1)], vec![gpu(1)])).0, 1.0);
        assert_eq!(read(pod(vec![gpu(1)], vec![gpu(4)])).0, 4.0);
        let both = json!({"limits": {"nvidia.com/gpu": 2}, "requests": {"nvidia.com/gpu": 2}});
        assert_eq!(read(pod(vec![both], vec![])), (2.0, vec![Trait::Gpu]));
    }

    #[test]
    fn every_kind_of_device_is_seen_and_slices_are_parts() {
        let of =
            |name: &str| read(json!({"containers": [{"name": "a", "resources": {"limits": {name: 2}}}]}));
        assert_eq!(of("nvidia.com/mig-3g.20gb"), (1.0, vec![Trait::SharedGpu, Trait::Gpu]));
        assert_eq!(of("nvidia.com/mig-2g.10gb").0, 2.0 / 3.0);
        assert_eq!(of("nvidia.com/gpu.shared"), (2.0, vec![Trait::SharedGpu, Trait::Gpu]));
        assert_eq!(of("amd.com/gpu"), (2.0, vec![Trait::Gpu]));
        for neuron in ["neuron", "neurondevice", "neuroncore"] {
            assert_eq!(of(&format!("aws.amazon.com/{neuron}")), (0.0, vec![Trait::Neuron]));
        }
        assert_eq!(of("vpc.amazonaws.com/efa"), (0.0, vec![Trait::Efa]));
        assert_eq!(of("google.com/tpu"), (0.0, vec![Trait::Tpu]));
        assert_eq!(of("cloud-tpus.google.com/v2"), (0.0, vec![Trait::Tpu]));
        assert_eq!(of("hugepages-2Mi"), (0.0, vec![Trait::HugePages]));
        assert_eq!(of("cpu"), (0.0, vec![]));
    }
}
