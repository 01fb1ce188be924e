//! What the workload's ports speak, from the best hint there is: appProtocol, probes, names, then numbers.

use crate::{
    evidence::{image, size},
    facts::{Fact, Protocol},
    observe::{
        Workload,
        neighbour::{Neighbour, ServicePort, ServiceSpec, What},
        pod::{Container, ContainerPort, IntOrName, Probe},
    },
};

/// Ports that web servers listen on by habit: an inference, not a fact.
const HTTP_BY_HABIT: &[u32] = &[80, 443, 3000, 4000, 5000, 8000, 8080, 8081, 8443, 8888];

pub fn protocols<'a>(
    workload: &Workload,
    neighbours: impl Iterator<Item = &'a Neighbour> + Clone,
) -> Vec<Fact<Protocol>> {
    let pod = workload.key.kind.pod_path();
    let services: Vec<&ServiceSpec> = neighbours
        .filter_map(|neighbour| match &neighbour.what {
            What::Service(service) => Some(service),
            _ => None,
        })
        .collect();
    let mut found = Vec::new();
    for (index, container) in workload.template.spec.containers.iter().enumerate() {
        if size::is_injected(container) {
            continue;
        }
        for (number, port) in container.ports.iter().enumerate() {
            let at = format!("{pod}.containers[{index}].ports[{number}]");
            found.push(protocol(container, port, &services, &at));
        }
        if container.ports.is_empty()
            && let Some(fact) = probed(container, &format!("{pod}.containers[{index}]"))
        {
            found.push(fact);
        }
    }
    if found.is_empty() {
        // A container need not list its ports: a Service that reaches it says as much.
        let ports = services.iter().flat_map(|service| &service.ports);
        found.extend(ports.map(|port| by_service(port).unwrap_or(Fact::Unknown)));
    }
    found
}

fn protocol(
    container: &Container,
    port: &ContainerPort,
    services: &[&ServiceSpec],
    at: &str,
) -> Fact<Protocol> {
    if port.protocol.as_deref() == Some("UDP") {
        return Fact::declared(Protocol::Other, format!("{at}.protocol"));
    }
    let probe_path = at.rsplit_once(".ports").map_or(at, |(path, _)| path);
    let probes = probes(container);
    if let Some((name, _)) = probes
        .iter()
        .find(|(_, probe)| probe.grpc.as_ref().is_some_and(|g| probe_port(g) == port.container_port))
    {
        return Fact::declared(Protocol::Grpc, format!("{probe_path}.{name}.grpc"));
    }
    let reached = |service_port: &&ServicePort| match &service_port.target_port {
        Some(IntOrName::Int(number)) => *number == port.container_port,
        Some(IntOrName::Name(name)) => Some(name) == port.name.as_ref(),
        None => service_port.port == port.container_port,
    };
    let service_ports = services.iter().flat_map(|service| &service.ports).filter(reached);
    if let Some(fact) = service_ports.clone().find_map(by_app_protocol) {
        return fact;
    }
    if let Some(protocol) = port.name.as_deref().and_then(by_name) {
        return Fact::declared(protocol, format!("{at}.name"));
    }
    if let Some(fact) = service_ports.clone().find_map(by_service) {
        return fact;
    }
    let get = probes.iter().find(|(_, probe)| {
        probe.http_get.as_ref().is_some_and(|get| match &get.port {
            IntOrName::Int(number) => *number == port.container_port,
            IntOrName::Name(name) => Some(name) == port.name.as_ref(),
        })
    });
    if let Some((name, _)) = get {
        return Fact::declared(Protocol::Http, format!("{probe_path}.{name}.httpGet"));
    }
    if container.image.as_deref().is_some_and(|image| image::datastore(image).is_some()) {
        return Fact::inferred(Protocol::Other, format!("{at}.containerPort"));
    }
    if HTTP_BY_HABIT.contains(&port.container_port) {
        return Fact::inferred(Protocol::Http, format!("{at}.containerPort"));
    }
    Fact::Unknown
}

fn probes(container: &Container) -> Vec<(&'static str, &Probe)> {
    [
        ("readinessProbe", &container.readiness_probe),
        ("livenessProbe", &container.liveness_probe),
        ("startupProbe", &container.startup_probe),
    ]
    .into_iter()
    .filter_map(|(name, probe)| probe.as_ref().map(|probe| (name, probe)))
    .collect()
}

fn probe_port(grpc: &serde_json::Value) -> u32 {
    grpc.get("port")
        .and_then(serde_json::Value::as_u64)
        .and_then(|port| u32::try_from(port).ok())
        .unwrap_or(0)
}

/// A container that lists no ports but answers a probe.
fn probed(container: &Container, at: &str) -> Option<Fact<Protocol>> {
    probes(container).into_iter().find_map(|(name, probe)| {
        if probe.grpc.is_some() {
            Some(Fact::declared(Protocol::Grpc, format!("{at}.{name}.grpc")))
        } else {
            probe.http_get.as_ref().map(|_| Fact::declared(Protocol::Http, format!("{at}.{name}.httpGet")))
        }
    })
}

fn by_service(port: &ServicePort) -> Option<Fact<Protocol>> {
    by_app_protocol(port).or_else(|| {
        let protocol = by_name(port.name.as_deref()?)?;
        Some(Fact::declared(protocol, "service.spec.ports[*].name"))
    })
}

fn by_app_protocol(port: &ServicePort) -> Option<Fact<Protocol>> {
    let protocol = match port.app_protocol.as_deref()? {
        "http" | "https" | "HTTP" | "HTTPS" | "http2" => Protocol::Http,
        "grpc" | "GRPC" | "grpcs" => Protocol::Grpc,
        "kubernetes.io/ws" | "kubernetes.io/wss" | "ws" | "wss" => Protocol::WebSocket,
        "kubernetes.io/h2c" => {
            return Some(Fact::inferred(Protocol::Grpc, "service.spec.ports[*].appProtocol"));
        }
        _ => Protocol::Other,
    };
    Some(Fact::declared(protocol, "service.spec.ports[*].appProtocol"))
}

/// Istio's convention `protocol[-suffix]`, which most charts follow.
fn by_name(name: &str) -> Option<Protocol> {
    match name.split('-').next().unwrap_or(name) {
        "http" | "https" | "http2" | "web" | "rest" => Some(Protocol::Http),
        "grpc" | "grpcs" => Some(Protocol::Grpc),
        "ws" | "wss" | "websocket" => Some(Protocol::WebSocket),
        "redis" | "mysql" | "postgres" | "postgresql" | "mongo" | "mongodb" | "amqp" | "kafka" | "cql"
        | "smtp" | "ssh" | "ldap" | "dns" | "mqtt" | "nats" | "tcp" => Some(Protocol::Other),
        _ => None,
    }
}
