//! How much one copy asks for: the scheduler's own sum over containers, sidecars and init containers.

use crate::{
    amount,
    evidence::accelerators,
    facts::{Fact, Signal, Trait},
    observe::{
        Workload,
        pod::{Container, EmptyDir, Quantity},
    },
};

pub struct Sizes {
    pub cpu: Fact<f64>,
    pub memory: Fact<f64>,
    pub disk: Fact<f64>,
    pub gpus: f64,
}

pub fn sizes(workload: &Workload, signals: &mut Vec<Signal>) -> Sizes {
    let cpu = of_pod(workload, "cpu", vcpu, signals);
    let memory = with_files(of_pod(workload, "memory", memory, signals), workload, signals);
    let asked = total(workload, "ephemeral-storage", amount::gib, signals);
    let disk = most(asked, volumes(workload, false, signals));
    let gpus = accelerators::gpus(workload, signals);
    for (fact, name) in [(&cpu, "cpu"), (&memory, "memory")] {
        if fact.is_uncertain() {
            let which = silent(workload, name).filter(|_| !fact.is_unknown());
            let which = which.map_or_else(|| "*".to_owned(), |index| index.to_string());
            let pod = workload.key.kind.pod_path();
            let field = format!("{pod}.containers[{which}].resources.requests.{name}");
            signals.push(Signal { what: Trait::Unsized, field, value: "none".to_owned() });
        }
    }
    Sizes { cpu, memory, disk, gpus }
}

/// vCPU. A suffix that counts bytes is a slip of the pen.
fn vcpu(text: &str) -> Option<f64> {
    let suffix = text.trim().chars().last().filter(char::is_ascii_alphabetic);
    amount::parse(text).filter(|_| suffix.is_none_or(|suffix| matches!(suffix, 'm' | 'u' | 'n')))
}

/// GiB. `512m` is half a byte and `512` are as many: no container starts with less than a MiB.
fn memory(text: &str) -> Option<f64> {
    amount::gib(text).filter(|gib| *gib == 0.0 || *gib >= 1.0 / 1024.0)
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

/// The first container that asks for none of it, though others of its Pod may.
fn silent(workload: &Workload, name: &str) -> Option<usize> {
    let says = |container: &Container| {
        asked(container, name)
            .is_some_and(|(_, quantity)| amount::parse(&quantity.0).is_some_and(|n| n > 0.0))
    };
    workload.template.spec.containers.iter().position(|container| !is_injected(container) && !says(container))
}

/// What the Pod asks for as a whole, which counts in place of its containers' sum. A limit alone stands in where no
/// container asks for any.
fn of_pod(
    workload: &Workload,
    name: &str,
    read: fn(&str) -> Option<f64>,
    signals: &mut Vec<Signal>,
) -> Fact<f64> {
    let of_containers = |signals: &mut Vec<Signal>| total(workload, name, read, signals);
    let spec = &workload.template.spec;
    let Some(resources) = &spec.resources else { return of_containers(signals) };
    let mut said = |side: &str, quantity: Option<&Quantity>| -> Option<(f64, String)> {
        let field = format!("{}.resources.{side}.{name}", workload.key.kind.pod_path());
        match read(&quantity?.0) {
            Some(value) => (value > 0.0).then_some((value, field)),
            None => {
                signals.push(Signal::unreadable(field, &quantity?.0, such_as(name)));
                None
            }
        }
    };
    let requested = said("requests", resources.requests.get(name));
    let limit = said("limits", resources.limits.get(name));
    let overhead = || spec.overhead.as_ref().and_then(|map| read(&map.get(name)?.0)).unwrap_or(0.0);
    match (requested, limit) {
        (Some((value, field)), _) => Fact::declared(value + overhead(), field),
        (None, Some((limit, field))) => match of_containers(signals) {
            // Those that ask for none may take what the limit leaves.
            Fact::Known(known) => Fact::declared(known.value, known.at),
            Fact::Unknown => Fact::declared(limit + overhead(), field),
        },
        (None, None) => of_containers(signals),
    }
}

/// What can be read instead: a thousandth of a byte is written by mistake.
fn such_as(name: &str) -> &'static str {
    if name == "cpu" { "a quantity such as 500m or 2" } else { "a quantity such as 512Mi or 2Gi" }
}

/// The larger of what runs together and of what any init container needs beside the sidecars before it. Where one
/// container asks for nothing, the others' sum is the least that it can be: an inference, not a declaration.
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
            // The scheduler takes a request of nothing for none.
            Some(0.0) => None,
            Some(value) => Some((value, field)),
            None => {
                signals.push(Signal::unreadable(field, &quantity.0, such_as(name)));
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
    let mut is_whole = true;
    for (index, container) in spec.containers.iter().enumerate() {
        match amount("containers", index, container) {
            Some((value, field)) => {
                running += value;
                fields.push(field);
            }
            None => is_whole &= is_injected(container),
        }
    }
    if let Some(overhead) = spec.overhead.as_ref().and_then(|map| map.get(name)).and_then(|q| read(&q.0)) {
        running += overhead;
    }
    if !is_whole && fields.is_empty() {
        return Fact::Unknown;
    }
    let known = if is_whole { Fact::declared } else { Fact::inferred };
    if largest_init.0 > running {
        return known(largest_init.0, largest_init.1);
    }
    match fields.as_slice() {
        [] => Fact::Unknown,
        [one] => known(running, one.clone()),
        _ => {
            // Where all say it in one way, that way; else what holds both.
            let all = |side: &str| fields.iter().all(|field| field.ends_with(&format!(".{side}.{name}")));
            let side = ["requests", "limits"].into_iter().find(|side| all(side));
            let sides = side.map_or("{requests,limits}", |side| side);
            known(running, format!("{pod}.containers[*].resources.{sides}.{name}"))
        }
    }
}

/// Files in memory count as what their containers use, so that a request holds them. Where their volumes may grow
/// beyond it, and no limit of the containers ends that, they say how much a copy may need.
fn with_files(asked: Fact<f64>, workload: &Workload, signals: &mut Vec<Signal>) -> Fact<f64> {
    let containers = workload.template.spec.containers.iter().filter(|container| !is_injected(container));
    let limits = containers.map(|container| memory(&container.resources.limits.get("memory")?.0));
    let all = workload.template.spec.resources.as_ref();
    let all = all.and_then(|all| memory(&all.limits.get("memory")?.0)).unwrap_or(f64::INFINITY);
    let most = limits.sum::<Option<f64>>().unwrap_or(f64::INFINITY).min(all);
    match (asked.value(), volumes(workload, true, signals)) {
        (Some(least), Fact::Known(files)) if files.value.min(most) > *least => {
            let known = if asked.is_uncertain() { Fact::inferred } else { Fact::declared };
            known(files.value.min(most), files.at)
        }
        _ => asked,
    }
}

/// What its volumes of local disk, or of memory, may take, as far as they say.
fn volumes(workload: &Workload, in_memory: bool, signals: &mut Vec<Signal>) -> Fact<f64> {
    let pod = workload.key.kind.pod_path();
    let (mut sum, mut fields) = (0.0, Vec::new());
    for (index, volume) in workload.template.spec.volumes.iter().enumerate() {
        let of_kind = |dir: &&EmptyDir| (dir.medium.as_deref() == Some("Memory")) == in_memory;
        let dir = volume.empty_dir.as_ref().filter(of_kind);
        let Some(limit) = dir.and_then(|dir| dir.size_limit.as_ref()) else { continue };
        let field = format!("{pod}.volumes[{index}].emptyDir.sizeLimit");
        match amount::gib(&limit.0) {
            Some(gib) => {
                sum += gib;
                fields.push(field);
            }
            None => signals.push(Signal::unreadable(field, &limit.0, "a size such as 250Mi or 2Gi")),
        }
    }
    match fields.as_slice() {
        [] => Fact::Unknown,
        [one] => Fact::declared(sum, one.clone()),
        _ => Fact::declared(sum, format!("{pod}.volumes[*].emptyDir.sizeLimit")),
    }
}

/// The larger of two, where both are known.
fn most(a: Fact<f64>, b: Fact<f64>) -> Fact<f64> {
    match (a.value(), b.value()) {
        (Some(x), Some(y)) if y > x => b,
        _ => a.or(b),
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
