//! What a Pod may ask of its host, for the rules of platforms that share none.

use crate::facts::{Evidence, Signal, Trait};

/// Everything that reaches past the container: what it is granted, what it mounts, what it shares.
const ACCESS: &[Trait] = &[
    Trait::Privileged,
    Trait::HostPath,
    Trait::HostNetwork,
    Trait::HostPort,
    Trait::HostPid,
    Trait::HostIpc,
    Trait::Device,
    Trait::HugePages,
    Trait::RuntimeClass,
    Trait::ResourceClaim,
    Trait::PluginResource,
    Trait::SeccompProfile,
    Trait::AppArmorProfile,
    Trait::ProcMount,
];

/// What every container runtime grants unasked: adding one of these after dropping all takes nothing of the host.
const GRANTED_UNASKED: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// The first signal that the Pod reaches for its host.
pub fn access(evidence: &Evidence) -> Option<&Signal> {
    any(evidence, ACCESS)
}

/// The same of a task that has an address of its own: its ports are there all the same, or a load balancer leads to them from
/// another one (Amazon ECS API reference, PortMapping).
pub fn access_beside_ports(evidence: &Evidence) -> Option<&Signal> {
    let is_access = |what: Trait| what != Trait::HostPort && ACCESS.contains(&what);
    evidence.signals.iter().find(|signal| is_access(signal.what))
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Folders that Managed Instances let tasks write to (Amazon ECS developer guide).
pub fn is_open_to_tasks(path: &str) -> bool {
    ["/var", "/tmp"].iter().any(|folder| is_below(path, folder))
}

/// What the kubelet and its runtime keep on a node.
pub fn is_of_kubernetes(path: &str) -> bool {
    let folders = [
        "/var/lib/kubelet",
        "/var/log/pods",
        "/var/log/containers",
        "/var/lib/docker",
        "/var/lib/containerd",
    ];
    folders.iter().any(|folder| is_below(path, folder))
}

/// The first folder of its host that it mounts below one of these.
pub fn below<'a>(evidence: &'a Evidence, folders: &[&str]) -> Option<&'a Signal> {
    let mut paths = evidence.signals.iter().filter(|signal| signal.what == Trait::HostPath);
    paths.find(|signal| folders.iter().any(|folder| is_below(&signal.value, folder)))
}

/// The socket of Docker, where a runtime of that name has one.
pub fn docker_socket(evidence: &Evidence) -> Option<&Signal> {
    let mut paths = evidence.signals.iter().filter(|signal| signal.what == Trait::HostPath);
    paths.find(|signal| signal.value.ends_with("/docker.sock"))
}

/// Whether it mounts folders of its host, and only such as may hold nothing but its own files: no sockets, no logs of others, nothing
/// of the system.
pub fn may_be_its_own(evidence: &Evidence) -> bool {
    let mut paths = evidence.signals.iter().filter(|signal| signal.what == Trait::HostPath).peekable();
    paths.peek().is_some()
        && paths.all(|signal| {
            let path = signal.value.as_str();
            is_open_to_tasks(path)
                && !is_of_kubernetes(path)
                && !is_below(path, "/var/run")
                && !matches!(path, "/var" | "/var/" | "/var/log" | "/var/log/" | "/var/lib")
        })
}

/// The first capability that no runtime grants unasked and that isn't among those `allowed`.
pub fn capability<'a>(evidence: &'a Evidence, allowed: &[&str]) -> Option<&'a Signal> {
    evidence.signals.iter().filter(|signal| signal.what == Trait::Capability).find(|signal| {
        let name = signal.value.to_ascii_uppercase();
        let name = name.strip_prefix("CAP_").unwrap_or(&name);
        !GRANTED_UNASKED.contains(&name) && !allowed.contains(&name)
    })
}

/// The first signal of any of these traits.
pub fn any<'a>(evidence: &'a Evidence, traits: &[Trait]) -> Option<&'a Signal> {
    evidence.signals.iter().find(|signal| traits.contains(&signal.what))
}
