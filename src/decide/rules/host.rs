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
