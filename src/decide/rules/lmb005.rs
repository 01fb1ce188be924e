//! LMB005: connections that stay open, which no invocation holds.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Connections, Evidence, Protocol},
};

pub const RULE: Rule = Rule {
    code: "LMB005",
    name: "long-lived-connections",
    effect: Effect::Excludes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::CONNECTIONS.and(Reads::PROTOCOLS),
    docs: Docs {
        checks: "A port that speaks WebSocket, by its name or appProtocol, or a person's word that clients \
                 keep connections open.",
        matters: "An invocation answers one event and ends; its environment is frozen between two (AWS \
                  Lambda developer guide). API Gateway can hold WebSockets in its place for two hours, but \
                  the program has to be written for it.",
        todo: "If clients don't keep connections open, say so with berth.dev/connections: Stateless and \
               name the port after what it speaks.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: chat}
spec:
  template:
    spec:
      containers: [{name: chat, image: chat, ports: [{name: ws, containerPort: 8080}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: chat}
spec:
  template:
    spec:
      containers: [{name: chat, image: chat, ports: [{name: http, containerPort: 8080}]}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    const BECAUSE: &str = "a Lambda invocation holds no connection";
    if let Some(known) = evidence.speaks(Protocol::WebSocket) {
        return Some(Found::excludes(&known.at, "WebSocket", BECAUSE));
    }
    let known = evidence.connections.get().filter(|known| known.value == Connections::LongLived)?;
    Some(Found::excludes(&known.at, "LongLived", BECAUSE))
}
