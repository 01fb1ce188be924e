//! What a Pod asks of its host, and what its images and variables say it is.

use std::fmt::Arguments;

use crate::{
    evidence::{
        accelerators,
        add_ons::{self, Sign},
        image, lifetime, nodes, size,
    },
    facts::{Lifetime, Signal, Trait},
    observe::{
        Kind, Workload,
        pod::{Container, Probe, Volume},
    },
};

/// Bytes of environment variables that no platform minds.
const LONG_ENVIRONMENT: usize = 1024;

pub fn signals(workload: &Workload) -> Vec<Signal> {
    let pod = workload.key.kind.pod_path();
    let spec = &workload.template.spec;
    let mut found = Found { signals: Vec::new() };
    found.flag(spec.host_network, Trait::HostNetwork, || format!("{pod}.hostNetwork"));
    found.flag(spec.host_pid, Trait::HostPid, || format!("{pod}.hostPID"));
    found.flag(spec.host_ipc, Trait::HostIpc, || format!("{pod}.hostIPC"));
    for (index, container) in spec.containers.iter().enumerate() {
        let at = format_args!("{pod}.containers[{index}]");
        container_signals(container, at, &mut found);
        if !ends(workload) {
            store(container, at, &mut found);
        }
    }
    for (index, container) in spec.init_containers.iter().enumerate() {
        let at = format_args!("{pod}.initContainers[{index}]");
        container_signals(container, at, &mut found);
        let stays = size::is_native_sidecar(container);
        if stays && !ends(workload) {
            store(container, at, &mut found);
        }
        let what = if stays { Trait::NativeSidecar } else { Trait::InitContainer };
        found.add(what, format!("{at}.name"), &container.name);
    }
    stock_image(workload, &mut found);
    if workload.key.kind != Kind::DaemonSet {
        serves_the_cluster(workload, &mut found);
    }
    sidecars(workload, &mut found);
    volumes(workload, &mut found);
    scheduling(workload, &mut found);
    found.signals
}

struct Found {
    signals: Vec<Signal>,
}

impl Found {
    fn add(&mut self, what: Trait, field: String, value: &str) {
        self.signals.push(Signal { what, field, value: value.to_owned() });
    }

    fn flag(&mut self, value: Option<bool>, what: Trait, field: impl Fn() -> String) {
        if value == Some(true) {
            self.add(what, field(), "true");
        }
    }
}

fn container_signals(container: &Container, at: Arguments<'_>, found: &mut Found) {
    if let Some(context) = &container.security_context {
        found.flag(context.privileged, Trait::Privileged, || format!("{at}.securityContext.privileged"));
        for capability in context.capabilities.iter().flat_map(|c| &c.add) {
            found.add(Trait::Capability, format!("{at}.securityContext.capabilities.add"), capability);
        }
    }
    for (index, port) in container.ports.iter().enumerate() {
        if let Some(host_port) = port.host_port.filter(|port| *port > 0) {
            let at = format!("{at}.ports[{index}].hostPort");
            if host_port != port.container_port {
                found.add(Trait::MovedPort, at.clone(), &format!("{host_port}, not {}", port.container_port));
            }
            found.add(Trait::HostPort, at, &host_port.to_string());
        }
    }
    let probes =
        [("readinessProbe", &container.readiness_probe), ("livenessProbe", &container.liveness_probe)];
    let scheme = |probe: &Option<Probe>| probe.as_ref()?.http_get.as_ref()?.scheme.clone();
    let encrypted =
        |(name, probe)| scheme(probe).filter(|scheme| &**scheme == "HTTPS").map(|scheme| (name, scheme));
    if let Some((name, scheme)) = probes.into_iter().find_map(encrypted) {
        found.add(Trait::OwnTls, format!("{at}.{name}.httpGet.scheme"), &scheme);
    }
    if !container.volume_devices.is_empty() {
        found.add(Trait::Device, format!("{at}.volumeDevices"), "a raw block device");
    }
    if let Some(image) = &container.image {
        if image::serves_a_model(image) {
            found.add(Trait::Model, format!("{at}.image"), image);
        }
        if image::nests_containers(image) {
            found.add(Trait::RootlessContainers, format!("{at}.image"), image);
        }
    }
    if container.env.bytes >= LONG_ENVIRONMENT {
        // Each build may have a name or a number of its own there: a few bytes are no change.
        let size = format!("{} KiB", container.env.bytes.div_ceil(1024));
        found.add(Trait::Environment, format!("{at}.env"), &size);
    }
    if let Some(variable) = container.env.model_provider {
        found.add(Trait::ModelProvider, format!("{at}.env[{variable}]"), "set");
    }
}

/// A store that goes on running. Its image alone is none: it has the store's clients and a shell too.
fn store(container: &Container, at: Arguments<'_>, found: &mut Found) {
    let is_none = container.command.with(container.args).no_server();
    let store = container.image.as_deref().and_then(image::datastore).filter(|_| !is_none);
    if let Some(store) = store {
        found.add(Trait::Datastore, format!("{at}.image"), store);
    }
}

/// Images that nobody built for this. Beside one of a team's own, a stock one is there to help it.
fn stock_image(workload: &Workload, found: &mut Found) {
    let containers = &workload.template.spec.containers;
    let is_stock = |container: &Container| container.image.as_deref().is_some_and(image::is_stock);
    let own = || containers.iter().enumerate().filter(|(_, container)| !size::is_injected(container));
    if own().all(|(_, container)| is_stock(container))
        && let Some((index, container)) = own().next()
    {
        let field = format!("{}.containers[{index}].image", workload.key.kind.pod_path());
        found.add(Trait::StockImage, field, container.image.as_deref().unwrap_or_default());
    }
}

/// What the cluster has because it's a cluster. A node agent is tied to nodes already.
fn serves_the_cluster(workload: &Workload, found: &mut Found) {
    let Some(serves) = add_ons::serves(workload) else { return };
    let field = |index: usize| format!("{}.containers[{index}].image", workload.key.kind.pod_path());
    match serves.sign {
        Sign::Room(image) => found.add(Trait::HoldsRoom, field(0), image),
        Sign::Image(index, image) => {
            // Its name is the end of its path, and what it's known for has to be told beside it.
            let path = image::repository(image);
            let name = path.rmatch_indices('/').nth(1).map_or(path, |(at, _)| &path[at + 1..]);
            found.add(Trait::AddOn, field(index), &format!("{name} ({})", serves.does));
        }
        Sign::Namespace(namespace) => found.add(Trait::AddOn, "metadata.namespace".to_owned(), namespace),
    }
}

fn ends(workload: &Workload) -> bool {
    matches!(lifetime(workload), Lifetime::Run | Lifetime::Scheduled)
}

fn sidecars(workload: &Workload, found: &mut Found) {
    let pod = workload.key.kind.pod_path();
    let containers = &workload.template.spec.containers;
    for (index, container) in containers.iter().enumerate() {
        if size::is_injected(container) {
            found.add(Trait::Mesh, format!("{pod}.containers[{index}].name"), &container.name);
        }
    }
    let all = containers.len() + workload.template.spec.init_containers.len();
    if all > 1 {
        found.add(Trait::Containers, format!("{pod}.containers"), &all.to_string());
    }
    let own = containers.iter().filter(|container| !size::is_injected(container)).count();
    if own > 1 {
        found.add(Trait::Sidecar, format!("{pod}.containers"), &format!("{own} containers"));
    }
}

fn volumes(workload: &Workload, found: &mut Found) {
    let pod = workload.key.kind.pod_path();
    let spec = &workload.template.spec;
    for (index, volume) in spec.volumes.iter().enumerate() {
        let at = format_args!("{pod}.volumes[{index}]");
        if let Some(host_path) = &volume.host_path {
            found.add(Trait::HostPath, format!("{at}.hostPath.path"), &host_path.path);
        }
        if let Some((name, source)) = config_files(volume) {
            found.add(Trait::ConfigFiles, format!("{at}.{name}"), source);
        }
        let in_memory = volume.empty_dir.as_ref().is_some_and(|dir| dir.medium.as_deref() == Some("Memory"));
        if in_memory {
            let sidecars = spec.init_containers.iter().filter(|container| size::is_native_sidecar(container));
            let mut mounts = spec.containers.iter().chain(sidecars).flat_map(|c| &c.volume_mounts);
            let shared = mounts.any(|mount| {
                mount.name == volume.name && mount.mount_path.trim_end_matches('/') == "/dev/shm"
            });
            let what = if shared { Trait::SharedMemory } else { Trait::MemoryVolume };
            found.add(
                what,
                format!("{at}.emptyDir.medium"),
                if shared { "Memory at /dev/shm" } else { "Memory" },
            );
        }
    }
}

/// The ConfigMap or Secret whose keys a volume shows as files, with the part of its path that names it. What Kubernetes
/// and meshes put into each Pod doesn't count.
fn config_files(volume: &Volume) -> Option<(String, &str)> {
    let everywhere = |source: &str| matches!(source, "kube-root-ca.crt" | "istio-ca-root-cert");
    let own = [
        ("configMap.name", "a ConfigMap", &volume.config_map),
        ("secret.secretName", "a Secret", &volume.secret),
    ];
    let own = own.into_iter().filter_map(|(field, unnamed, files)| {
        Some((field.to_owned(), files.as_ref()?.name().unwrap_or(unnamed)))
    });
    let sources = volume.projected.iter().flat_map(|projected| &projected.sources).enumerate();
    let projected = sources.flat_map(|(index, source)| {
        let each = [("a ConfigMap", &source.config_map), ("a Secret", &source.secret)].into_iter();
        each.filter_map(move |(unnamed, files)| {
            let name = files.as_ref()?.name().unwrap_or(unnamed);
            Some((format!("projected.sources[{index}]"), name))
        })
    });
    own.chain(projected).find(|(_, source)| !everywhere(source))
}

/// Taints that nodes have by themselves, or for what a Pod that comes to them asks for elsewhere in its own words.
fn is_everywhere(taint: &str) -> bool {
    taint.is_empty()
        || taint.starts_with("node.kubernetes.io/")
        || taint.starts_with("aws.amazon.com/neuron")
        || matches!(
            taint,
            "kubernetes.io/arch"
                | "nvidia.com/gpu"
                | "amd.com/gpu"
                | "vpc.amazonaws.com/efa"
                | "karpenter.sh/capacity-type"
                | "eks.amazonaws.com/compute-type"
        )
}

fn scheduling(workload: &Workload, found: &mut Found) {
    let pod = workload.key.kind.pod_path();
    let spec = &workload.template.spec;
    found.signals.extend(nodes::signals(workload));
    if let Some(os) = spec.os.as_ref().filter(|os| os.name == "windows") {
        found.add(Trait::Windows, format!("{pod}.os.name"), &os.name);
    }
    if let Some(seconds) = spec.termination_grace_period_seconds {
        found.add(Trait::LongGrace, format!("{pod}.terminationGracePeriodSeconds"), &seconds.to_string());
    }
    // A Pod of its own that runs has the node that the scheduler gave it.
    let node = spec.node_name.as_deref().filter(|node| !node.is_empty() && workload.key.kind != Kind::Pod);
    if let Some(node) = node {
        found.add(Trait::NodeName, format!("{pod}.nodeName"), node);
    }
    let mut taints = spec.tolerations.iter().filter_map(|toleration| toleration.key.as_deref());
    if let Some(taint) = taints.find(|taint| !is_everywhere(taint)) {
        found.add(Trait::Toleration, format!("{pod}.tolerations"), taint);
    }
    // With a GPU, NVIDIA's runtime is what every platform that has GPUs starts a container with.
    let class = spec.runtime_class_name.as_ref();
    if let Some(class) = class.filter(|class| *class != "nvidia" || !accelerators::asks_nvidia(spec)) {
        found.add(Trait::RuntimeClass, format!("{pod}.runtimeClassName"), class);
    }
    if !spec.resource_claims.is_empty() {
        found.add(
            Trait::ResourceClaim,
            format!("{pod}.resourceClaims"),
            &spec.resource_claims.len().to_string(),
        );
    }
    if !spec.topology_spread_constraints.is_empty() {
        let count = spec.topology_spread_constraints.len().to_string();
        found.add(Trait::TopologySpread, format!("{pod}.topologySpreadConstraints"), &count);
    }
    if let Some(affinity) = &spec.affinity {
        let kinds: Vec<&str> = [
            ("nodeAffinity", affinity.node_affinity.is_some()),
            ("podAffinity", affinity.pod_affinity.is_some()),
            ("podAntiAffinity", affinity.pod_anti_affinity.is_some()),
        ]
        .into_iter()
        .filter_map(|(kind, is_there)| is_there.then_some(kind))
        .collect();
        if !kinds.is_empty() {
            found.add(Trait::Affinity, format!("{pod}.affinity"), &kinds.join(", "));
        }
    }
}
