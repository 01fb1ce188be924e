//! What a Service or an Ingress asks of its load balancer, by annotations of the AWS Load Balancer Controller and of Auto Mode.

use crate::{
    facts::Trait,
    observe::neighbour::{Neighbour, ServiceSpec, What},
};

const SERVICE: &str = "service.beta.kubernetes.io/aws-load-balancer-";
const INGRESS: &str = "alb.ingress.kubernetes.io/";

/// Classes of a Service that stand for a Network Load Balancer: of the controller, and of Auto Mode.
const NETWORK_CLASSES: &[&str] = &["service.k8s.aws/nlb", "eks.amazonaws.com/nlb"];

/// What it asks for, each with the field and the value that say so.
pub fn settings(near: &Neighbour) -> Vec<(Trait, String, String)> {
    match &near.what {
        What::Service(service) if service.type_.as_deref() == Some("LoadBalancer") => {
            of_service(near, service)
        }
        What::Ingress(_) => of_ingress(near),
        _ => Vec::new(),
    }
}

fn of_service(near: &Neighbour, service: &ServiceSpec) -> Vec<(Trait, String, String)> {
    // What a chart writes without a value asks for nothing.
    let said = |name: &str| {
        let value = near.annotations.get(&format!("{SERVICE}{name}")).map(|value| value.trim());
        value.filter(|value| !value.is_empty())
    };
    let mut found = Vec::new();
    let mut add = |what, name: &str, value: &str| {
        // The prefix is left out: the line has to hold a reason as well.
        found.push((what, format!("aws-load-balancer-{name}"), value.to_owned()));
    };
    let type_ = said("type").filter(|type_| matches!(*type_, "nlb" | "nlb-ip" | "external"));
    let network = [("type", type_), ("nlb-target-type", said("nlb-target-type"))];
    if let Some((name, value)) = network.iter().find_map(|(name, value)| Some((*name, (*value)?))) {
        add(Trait::NetworkBalancer, name, value);
    }
    for name in ["eip-allocations", "private-ipv4-addresses"] {
        if let Some(value) = said(name) {
            add(Trait::FixedAddress, name, value);
        }
    }
    let by_group =
        said("target-group-attributes").filter(|value| value.contains("proxy_protocol_v2.enabled=true"));
    if let Some(value) = said("proxy-protocol").filter(|value| *value == "*") {
        add(Trait::ProxyProtocol, "proxy-protocol", value);
    } else if by_group.is_some() {
        add(Trait::ProxyProtocol, "target-group-attributes", "proxy_protocol_v2.enabled=true");
    }
    if let Some(seconds) = said("connection-idle-timeout") {
        add(Trait::IdleTimeout, "connection-idle-timeout", seconds);
    }
    // One for each listener, such as `.TCP-443`.
    let listeners = format!("{SERVICE}listener-attributes.");
    let mut of_listeners = near.annotations.iter().filter(|(name, _)| name.starts_with(&listeners));
    if let Some(seconds) = of_listeners.find_map(|(_, value)| attribute(value, "tcp.idle_timeout.seconds")) {
        add(Trait::IdleTimeout, "listener-attributes", seconds);
    }
    let class = service.load_balancer_class.as_deref().filter(|class| NETWORK_CLASSES.contains(class));
    if let Some(class) = class {
        found.push((Trait::NetworkBalancer, "spec.loadBalancerClass".to_owned(), class.to_owned()));
    }
    found
}

fn of_ingress(near: &Neighbour) -> Vec<(Trait, String, String)> {
    let said = |name: &str| near.annotations.get(&format!("{INGRESS}{name}")).map(String::as_str);
    let idle =
        said("load-balancer-attributes").and_then(|value| attribute(value, "idle_timeout.timeout_seconds"));
    let tls = said("backend-protocol").filter(|protocol| protocol.eq_ignore_ascii_case("https"));
    [(Trait::IdleTimeout, "load-balancer-attributes", idle), (Trait::OwnTls, "backend-protocol", tls)]
        .into_iter()
        .filter_map(|(what, name, value)| Some((what, name.to_owned(), value?.to_owned())))
        .collect()
}

/// One of `a=1,b=2`.
fn attribute<'a>(all: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = all.split(',').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
}
