//! What the workload's ports speak, from the best hint there is: appProtocol, probes, names, then numbers.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Arguments,
};

use crate::{
    evidence::{image, size},
    facts::{Fact, Protocol, Signal, Trait},
    observe::{
        Workload,
        custom::{Cut, GRPCRoute},
        neighbour::{Neighbour, ServicePort, What},
        pod::{Container, ContainerPort, IntOrName, Probe},
    },
};

/// Ports that web servers listen on by habit: an inference, not a fact.
const HTTP_BY_HABIT: &[u32] = &[80, 443, 3000, 4000, 5000, 8000, 8080, 8443, 8888];

/// Ports on which stores speak HTTP all the same: CouchDB, Qdrant, InfluxDB, ClickHouse, Elasticsearch and OpenSearch.
const HTTP_OF_STORES: &[u32] = &[5984, 6333, 8086, 8123, 9200];

pub fn protocols<'a>(
    workload: &Workload,
    neighbours: impl Iterator<Item = &'a Neighbour> + Clone,
) -> Vec<Fact<Protocol>> {
    let pod = workload.key.kind.pod_path();
    let routes: Vec<&Neighbour> =
        neighbours.clone().filter(|near| matches!(near.what, What::Route(_))).collect();
    let services = services(neighbours);
    let mut found = Vec::new();
    for (index, container) in workload.template.spec.containers.iter().enumerate() {
        if size::is_injected(container) {
            continue;
        }
        let at = format_args!("{pod}.containers[{index}]");
        for (number, port) in container.ports.iter().enumerate() {
            if !port.name.as_deref().is_some_and(is_telemetry) {
                let port_at = format_args!("{at}.ports[{number}]");
                found.push(protocol((container, at), (port, port_at), &services, &routes));
            }
        }
        found.extend(probed_over_grpc(container, at));
    }
    if found.is_empty() {
        // A container need not list its ports: a Service that reaches it says as much.
        let known = |port: &Reached<'_>| by_service(port).or_else(|| by_route(port, &routes));
        found.extend(services.iter().map(|port| known(port).unwrap_or(Fact::Unknown)));
    }
    found
}

/// A Service's port, with the namespace and name of its Service.
struct Reached<'a> {
    namespace: &'a str,
    service: &'a str,
    port: &'a ServicePort,
}

fn services<'a>(neighbours: impl Iterator<Item = &'a Neighbour>) -> Vec<Reached<'a>> {
    neighbours
        .filter_map(|neighbour| match &neighbour.what {
            What::Service(spec) => Some((&*neighbour.namespace, &*neighbour.name, spec)),
            _ => None,
        })
        .flat_map(|(namespace, service, spec)| {
            spec.ports.iter().map(move |port| Reached { namespace, service, port })
        })
        .filter(|reached| !reached.port.name.as_deref().is_some_and(is_telemetry))
        .collect()
}

/// Ports that are there to watch the workload by: nothing that it works for comes in through them.
fn is_telemetry(name: &str) -> bool {
    name.split('-').any(|part| {
        matches!(
            part,
            "metrics" | "prometheus" | "prom" | "health" | "healthz" | "probes" | "pprof" | "debug"
        )
    })
}

/// Whether clients reach more than one of its ports; HTTP and its twin with TLS are one.
pub fn many<'a>(workload: &Workload, neighbours: impl Iterator<Item = &'a Neighbour>) -> Option<Signal> {
    let services = services(neighbours);
    let numbers = numbers(workload);
    let mut seen = BTreeSet::new();
    let mut reached: Vec<String> = Vec::new();
    for Reached { port, .. } in &services {
        let is_twin = services.len() > 1 && (port.port == 443 || port.name.as_deref() == Some("https"));
        let target = led_to(&numbers, port);
        if !is_twin && seen.insert(target.clone()) {
            reached.push(target);
        }
    }
    let first = services.first().filter(|_| reached.len() > 1)?;
    let field = format!("Service {} spec.ports", first.service);
    Some(Signal { what: Trait::ManyPorts, field, value: reached.join(", ") })
}

/// The numbers of the ports that its containers name. Nobody limits how many they list, so none is looked for twice.
fn numbers(workload: &Workload) -> BTreeMap<&str, u32> {
    let mut numbers = BTreeMap::new();
    for port in workload.template.spec.containers.iter().flat_map(|container| &container.ports) {
        if let Some(name) = &port.name {
            numbers.entry(name.as_str()).or_insert(port.container_port);
        }
    }
    numbers
}

/// The port of its containers that one of a Service leads to, which may be named in one place and numbered in another.
fn led_to(numbers: &BTreeMap<&str, u32>, port: &ServicePort) -> String {
    match &port.target_port {
        Some(IntOrName::Int(number)) => number.to_string(),
        Some(IntOrName::Name(name)) => {
            numbers.get(name.as_str()).map_or_else(|| name.clone(), |number| number.to_string())
        }
        None => port.port.to_string(),
    }
}

/// How many of its ports load balancers of its own lead to, where it's more than one. Two that lead to the same port
/// don't share how they do it.
pub fn balanced<'a>(workload: &Workload, neighbours: impl Iterator<Item = &'a Neighbour>) -> Option<Signal> {
    let services = neighbours.filter_map(|near| match &near.what {
        What::Service(spec) if spec.type_.as_deref() == Some("LoadBalancer") => Some((&near.name, spec)),
        _ => None,
    });
    let ports = services.flat_map(|(service, spec)| spec.ports.iter().map(move |port| (service, port)));
    let numbers = numbers(workload);
    let mut ports = ports.filter(|(_, port)| !port.name.as_deref().is_some_and(is_telemetry)).peekable();
    let (service, _) = *ports.peek()?;
    let reached: BTreeSet<_> = ports.map(|(service, port)| (service, led_to(&numbers, port))).collect();
    if reached.len() < 2 {
        return None;
    }
    let field = format!("Service {service} spec.ports");
    Some(Signal { what: Trait::BalancedPorts, field, value: reached.len().to_string() })
}

/// A port that Services lead to by two protocols. One that is only listed needs no mapping, and a headless Service
/// leads to none: its clients call the copies themselves.
pub fn two_protocols<'a>(
    workload: &Workload,
    neighbours: impl Iterator<Item = &'a Neighbour>,
) -> Option<Signal> {
    let services = neighbours.filter_map(|near| match &near.what {
        What::Service(spec) if spec.cluster_ip.as_deref() != Some("None") => Some((&near.name, spec)),
        _ => None,
    });
    let numbers = numbers(workload);
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (service, port) in
        services.flat_map(|(service, spec)| spec.ports.iter().map(move |port| (service, port)))
    {
        let protocol = port.protocol.as_deref().unwrap_or("TCP");
        let target = led_to(&numbers, port);
        match seen.get(&target) {
            Some(&first) if first != protocol => {
                let field = format!("Service {service} spec.ports[*].protocol");
                let value = format!("{protocol} of {target}, {first} too");
                return Some(Signal { what: Trait::PortOfTwoProtocols, field, value });
            }
            Some(_) => {}
            None => {
                seen.insert(target, protocol);
            }
        }
    }
    None
}

/// The first Service that leads clients to it, whatever they speak.
pub fn served<'a>(neighbours: impl Iterator<Item = &'a Neighbour>) -> Option<Signal> {
    let services = services(neighbours);
    let Reached { service, port, .. } = services.first()?;
    let field = format!("Service {service} spec.ports");
    Some(Signal { what: Trait::Served, field, value: port.port.to_string() })
}

fn protocol(
    (container, container_at): (&Container, Arguments<'_>),
    (port, at): (&ContainerPort, Arguments<'_>),
    services: &[Reached<'_>],
    routes: &[&Neighbour],
) -> Fact<Protocol> {
    if port.protocol.as_deref() == Some("UDP") {
        return Fact::declared(Protocol::Other, format!("{at}.protocol"));
    }
    if let Some((name, _)) = probes(container)
        .find(|(_, probe)| probe.grpc.as_ref().is_some_and(|grpc| grpc.port == port.container_port))
    {
        return Fact::declared(Protocol::Grpc, format!("{container_at}.{name}.grpc"));
    }
    let reached = |reached: &&Reached<'_>| match &reached.port.target_port {
        Some(IntOrName::Int(number)) => *number == port.container_port,
        Some(IntOrName::Name(name)) => Some(name) == port.name.as_ref(),
        None => reached.port.port == port.container_port,
    };
    let service_ports = services.iter().filter(reached);
    if let Some(fact) = service_ports.clone().find_map(by_app_protocol) {
        return fact;
    }
    if let Some(protocol) = port.name.as_deref().and_then(by_name) {
        return Fact::declared(protocol, format!("{at}.name"));
    }
    if let Some(fact) = service_ports.clone().find_map(by_service) {
        return fact;
    }
    if let Some(fact) = service_ports.clone().find_map(|port| by_route(port, routes)) {
        return fact;
    }
    let get = probes(container).find(|(_, probe)| {
        probe.http_get.as_ref().is_some_and(|get| match &get.port {
            IntOrName::Int(number) => *number == port.container_port,
            IntOrName::Name(name) => Some(name) == port.name.as_ref(),
        })
    });
    if let Some((name, _)) = get {
        return Fact::declared(Protocol::Http, format!("{container_at}.{name}.httpGet"));
    }
    if container.image.as_deref().is_some_and(|image| image::datastore(image).is_some()) {
        let speaks_http = HTTP_OF_STORES.contains(&port.container_port);
        let protocol = if speaks_http { Protocol::Http } else { Protocol::Other };
        return Fact::inferred(protocol, format!("{at}.containerPort"));
    }
    if HTTP_BY_HABIT.contains(&port.container_port) {
        return Fact::inferred(Protocol::Http, format!("{at}.containerPort"));
    }
    Fact::Unknown
}

fn probes(container: &Container) -> impl Iterator<Item = (&'static str, &Probe)> {
    [
        ("readinessProbe", &container.readiness_probe),
        ("livenessProbe", &container.liveness_probe),
        ("startupProbe", &container.startup_probe),
    ]
    .into_iter()
    .filter_map(|(name, probe)| probe.as_ref().map(|probe| (name, probe)))
}

/// A gRPC probe of a port that the container doesn't list. An HTTP one says nothing: the kubelet alone asks it.
fn probed_over_grpc(container: &Container, at: Arguments<'_>) -> Option<Fact<Protocol>> {
    let listed = |port: u32| container.ports.iter().any(|listed| listed.container_port == port);
    probes(container)
        .find(|(_, probe)| probe.grpc.as_ref().is_some_and(|grpc| !listed(grpc.port)))
        .map(|(name, _)| Fact::declared(Protocol::Grpc, format!("{at}.{name}.grpc")))
}

fn by_service(reached: &Reached<'_>) -> Option<Fact<Protocol>> {
    by_app_protocol(reached).or_else(|| {
        let protocol = by_name(reached.port.name.as_deref()?)?;
        Some(Fact::declared(protocol, format!("Service {} spec.ports[*].name", reached.service)))
    })
}

/// What a route of the Gateway API sends there.
fn by_route(reached: &Reached<'_>, routes: &[&Neighbour]) -> Option<Fact<Protocol>> {
    routes.iter().find_map(|near| {
        let What::Route(route) = &near.what else { return None };
        let ports = route.services.get(&(reached.namespace.to_owned(), reached.service.to_owned()))?;
        let protocol = if route.kind == GRPCRoute::DEFINED.kind { Protocol::Grpc } else { Protocol::Http };
        let leads_here = ports.is_empty() || ports.contains(&reached.port.port);
        leads_here.then(|| Fact::declared(protocol, format!("{} {} spec.rules", route.kind, near.name)))
    })
}

fn by_app_protocol(reached: &Reached<'_>) -> Option<Fact<Protocol>> {
    let at = || format!("Service {} spec.ports[*].appProtocol", reached.service);
    let protocol = match reached.port.app_protocol.as_deref()? {
        "http" | "https" | "HTTP" | "HTTPS" | "http2" => Protocol::Http,
        "grpc" | "GRPC" | "grpcs" => Protocol::Grpc,
        "kubernetes.io/ws" | "kubernetes.io/wss" | "ws" | "wss" => Protocol::WebSocket,
        "kubernetes.io/h2c" => {
            return Some(Fact::inferred(Protocol::Grpc, at()));
        }
        _ => Protocol::Other,
    };
    Some(Fact::declared(protocol, at()))
}

/// Istio's convention `protocol[-suffix]`, which most charts follow; others write the protocol last.
fn by_name(name: &str) -> Option<Protocol> {
    // Browsers speak it over plain HTTP.
    if name == "grpc-web" || name.starts_with("grpc-web-") {
        return Some(Protocol::Http);
    }
    name.split('-').find_map(|part| match part {
        "http" | "https" | "http2" | "web" | "rest" => Some(Protocol::Http),
        "grpc" | "grpcs" => Some(Protocol::Grpc),
        "ws" | "wss" | "websocket" => Some(Protocol::WebSocket),
        "redis" | "mysql" | "postgres" | "postgresql" | "mongo" | "mongodb" | "amqp" | "kafka" | "cql"
        | "smtp" | "ssh" | "ldap" | "dns" | "mqtt" | "nats" | "tcp" | "udp" => Some(Protocol::Other),
        _ => None,
    })
}
