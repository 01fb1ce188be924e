//! EKS007: names that a Pod brings along.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS007",
    name: "names-of-its-own",
    effect: Effect::Notes,
    targets: Target::OUTSIDE_KUBERNETES,
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "hostAliases, a subdomain by which others call the Pod, and name servers in dnsConfig. Options of the resolver, such as ndots, mean \
                 nothing elsewhere and don't count.",
        matters: "A task of awsvpc, which each one on Fargate is, has neither extraHosts nor dnsServers \
                  (Amazon ECS developer guide, Fargate task definitions); a function and a job have no such \
                  field either. A private hosted zone has the names, and a rule of Route 53 Resolver asks \
                  another server for a whole domain: for all of the VPC.",
        todo: "Put the names into a private hosted zone, or the domain into a resolver rule, before the \
               move.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      hostAliases: [{ip: 10.0.0.9, hostnames: [old.example.com]}]
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      dnsConfig: {options: [{name: ndots, value: '2'}]}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    // By the domain of a run's copies nobody but they call each other: EKS018 and BAT009 tell of it.
    let subdomain = evidence.signal(Trait::Subdomain).filter(|_| evidence.signal(Trait::NamedRuns).is_none());
    let signal = host::any(evidence, &[Trait::HostAlias, Trait::NameServer]).or(subdomain)?;
    Some(Found::notes(&signal.field, &signal.value, "outside Kubernetes Route 53 has it, for all of the VPC"))
}
