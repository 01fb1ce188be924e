//! The crossover between ECS on Fargate and EKS with nodes: the curve, and every assumption behind it.

use std::fmt::{self, Write};

use rasciigraph::{Config, plot_many};

use super::{terms, wrap::wrap};
use crate::{
    amount,
    catalog::Catalog,
    decide::crossover::{self, Point},
    policy::Policy,
};

/// Numbers of services at which the curve is printed.
const AT: &[u32] = &[1, 3, 5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 80, 100, 150, 200];
/// The part of the curve that is drawn, one column a service: below it the cluster's cost dwarfs all else.
const PLOT_FROM: u32 = 10;
const PLOT_TO: u32 = 80;
const PLOT_HEIGHT: u32 = 12;
const FARGATE: &str = "ECS on Fargate";
const NODES: &str = "EKS with nodes";
/// The widest line.
const WIDTH: usize = 100;

/// The text that `berth explain crossover` prints. A policy that doesn't say whether there is a platform team is
/// shown with one and without one.
pub fn text(catalog: &Catalog, policy: &Policy) -> String {
    let mut out = String::new();
    // Writing to a String can't fail.
    let _ = write_text(&mut out, catalog, policy);
    out
}

fn write_text(out: &mut String, catalog: &Catalog, policy: &Policy) -> fmt::Result {
    writeln!(
        out,
        "From how many services on do nodes pay? For typical services: {} vCPU, {} GiB, {} replicas, all day.",
        amount::trim(crossover::TYPICAL_VCPU),
        amount::trim(crossover::TYPICAL_MEMORY_GIB),
        amount::trim(crossover::TYPICAL_REPLICAS),
    )?;
    let cases = match policy.operations.platform_team {
        Some(exists) => vec![exists],
        None => vec![true, false],
    };
    for exists in cases {
        let mut policy = policy.clone();
        policy.operations.platform_team = Some(exists);
        curve(out, catalog, &policy, exists)?;
    }
    assumptions(out, catalog, policy)
}

fn curve(out: &mut String, catalog: &Catalog, policy: &Policy, team: bool) -> fmt::Result {
    let case = if team { "With a platform team" } else { "Without a platform team" };
    match crossover::crossing(catalog, policy) {
        Some(services) => writeln!(
            out,
            "\n{case}: ECS on Fargate costs less up to {}, EKS with nodes from {services} services on.",
            services - 1
        )?,
        None => writeln!(out, "\n{case}: ECS on Fargate costs less, however many services there are.")?,
    }
    let cost = |services: u32| crossover::point(services, catalog, policy);
    let series =
        |side: fn(&Point) -> f64| (PLOT_FROM..=PLOT_TO).map(|services| side(&cost(services))).collect();
    let config = Config::default()
        .with_height(PLOT_HEIGHT)
        .with_caption(format!("$ a month for each service, {PLOT_FROM} to {PLOT_TO} services"));
    let plot = plot_many(vec![series(|p| p.fargate.high), series(|p| p.nodes.high)], config);
    let last = cost(PLOT_TO);
    writeln!(out)?;
    out.push_str(&named(&plot, last.fargate.high > last.nodes.high));
    writeln!(out)?;
    writeln!(out, "  services   ECS on Fargate   EKS with nodes")?;
    for services in AT {
        let point = cost(*services);
        writeln!(out, "  {services:>8}   {:>14.0}   {:>14.0}", point.fargate.high, point.nodes.high)?;
    }
    Ok(())
}

/// The plot with each curve's name where it ends, on the right.
fn named(plot: &str, fargate_above: bool) -> String {
    let lines: Vec<&str> = plot.lines().map(str::trim_end).collect();
    let drawn = |line: &str| line.contains(['┤', '┼']);
    let length = |line: &str| line.chars().count();
    let widest = lines.iter().filter(|line| drawn(line)).map(|line| length(line)).max();
    let mut ends = lines.iter().enumerate().filter(|(_, line)| drawn(line) && Some(length(line)) == widest);
    let first = ends.next().map(|(at, _)| at);
    let last = ends.next_back().map(|(at, _)| at);
    let (above, below) = if fargate_above { (FARGATE, NODES) } else { (NODES, FARGATE) };
    let name = |at: usize| match (Some(at) == first, Some(at) == last) {
        (true, _) if last.is_none() => " both".to_owned(),
        (true, _) => format!(" {above}"),
        (_, true) => format!(" {below}"),
        _ => String::new(),
    };
    lines.iter().enumerate().map(|(at, line)| format!("{line}{}\n", name(at))).collect()
}

fn assumptions(out: &mut String, catalog: &Catalog, policy: &Policy) -> fmt::Result {
    let operations = &policy.operations;
    let assumed = &operations.assumptions;
    writeln!(out, "\nAssumptions (weights, not facts; each can be set with --policy FILE)")?;
    writeln!(
        out,
        "  operations.hourlyRate                {}",
        amount::write_dollars(operations.hourly_rate)
    )?;
    writeln!(out, "  operations.assumptions.nodePacking   {}", amount::trim(assumed.node_packing))?;
    writeln!(
        out,
        "  operations.assumptions.servicesPerLoadBalancer   {}",
        amount::trim(assumed.services_per_load_balancer)
    )?;
    writeln!(out, "  operations.assumptions.hours, a month   fixed   without a team   for each service")?;
    for (target, hours) in &assumed.hours {
        let alone = hours.fixed_without_team.map_or_else(|| "the same".to_owned(), amount::trim);
        writeln!(
            out,
            "    {:<36} {:>6} {:>16} {:>18}",
            target.id(),
            amount::trim(hours.fixed),
            alone,
            amount::trim(hours.per_service)
        )?;
    }
    let prices = &catalog.prices;
    let text = format!(
        "Prices of {} ({}): Fargate {}/vCPU-h and {}/GB-h, an EKS cluster {}/h, instances by the hour from {}. {}",
        prices.date,
        prices.region,
        prices.fargate.vcpu_hour.value,
        prices.fargate.gb_hour.value,
        prices.eks.cluster_hour.value,
        prices.instances.iter().map(|i| i.hour).fold(f64::INFINITY, f64::min),
        terms::NOT_COUNTED,
    );
    write!(out, "\n{}", wrap(&text, 0, WIDTH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fits_a_terminal_and_each_curve_has_its_name() {
        let text = text(Catalog::embedded(), &Policy::default());
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH, "{} columns: {line}", line.chars().count());
        }
        let named = |name: &str| {
            let ends = |line: &&str| line.contains('─') && line.ends_with(name);
            text.lines().enumerate().filter(|(_, line)| ends(line)).map(|(at, _)| at).collect::<Vec<_>>()
        };
        let (fargate, nodes) = (named(FARGATE), named(NODES));
        // Without a team they end too near to each other.
        assert_eq!((fargate.len(), nodes.len(), named(" both").len()), (1, 1, 1), "{text}");
        assert!(fargate[0] < nodes[0], "with 80 services and a team, nodes cost less:\n{text}");
    }
}
