//! What a cost was reckoned from, in words: sizes, hours, rates, and each assumption by its field in the policy.

use super::{
    Question, batch, bills_requests, ecs_managed_instances, eks_auto_mode, hours, infrastructure, instances,
};
use crate::{
    amount::{trim, write_number},
    catalog::{SECONDS_A_MONTH, Target},
    decide::Interval,
    facts::{Fact, Trait},
};

/// The basis of one target's cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Basis {
    /// "$0.0247 an hour for each copy, 1,460 hours".
    pub compute: String,
    /// Fields of the policy below `operations`, with the values that counted.
    pub assumed: Vec<(String, String)>,
}

/// How a target's machines are billed.
#[derive(Clone, Copy, PartialEq)]
enum Billed {
    Requests,
    Fargate,
    Share,
    Whole,
    /// Memory all day, vCPU while a request is served.
    Active,
}

fn billed(target: Target, question: &Question<'_>) -> Billed {
    match target {
        Target::Lambda => Billed::Requests,
        Target::Batch if batch::is_on_ec2(question) => Billed::Whole,
        Target::SageMaker => Billed::Whole,
        Target::ECSExpress | Target::ECSFargate | Target::EKSFargate | Target::Batch => Billed::Fargate,
        Target::AppRunner => Billed::Active,
        Target::ECSManagedInstances | Target::ECSOnEC2 | Target::EKSAutoMode | Target::EKSNodes => {
            Billed::Share
        }
    }
}

/// What a target's cost was reckoned from.
pub fn basis(target: Target, question: &Question<'_>) -> Basis {
    let how = billed(target, question);
    let compute = match how {
        Billed::Requests => requests(question),
        Billed::Fargate => {
            let overhead = question.catalog.limits.eks_fargate.memory_overhead.value / 1024.0;
            let added = if target == Target::EKSFargate { overhead } else { 0.0 };
            let task = infrastructure::on_spot(question, infrastructure::fargate_hour(question, added));
            format!(
                "{} for a task of the next larger size, {}",
                hour(task),
                run(question, hours::billed(question))
            )
        }
        Billed::Share => format!(
            "{} for {}{}, {}",
            hour(question.node_hour(target).share),
            nodes(target, question),
            fee(target, question),
            run(question, hours::running(question))
        ),
        Billed::Active => "memory all day, vCPU while a request is served".to_owned(),
        Billed::Whole if target == Target::SageMaker => {
            let prices = &question.catalog.prices.sage_maker;
            let (low, high) = (prices.instance_factor_low.value, prices.instance_factor_high.value);
            format!(
                "{} for an instance of its own on EC2, {low} to {high} times that here",
                hour(question.rates.ec2.whole)
            )
        }
        Billed::Whole => format!(
            "{} for an instance of its own, {}",
            hour(question.rates.ec2.whole),
            run(question, hours::billed(question))
        ),
    };
    Basis { compute, assumed: assumed(target, how, question) }
}

/// What a copy has of what: of the nodes that it was seen on, where it's judged by their price.
fn nodes(target: Target, question: &Question<'_>) -> String {
    let seen = question.evidence.signal(Trait::RunsOn).filter(|_| question.place() == target);
    match (seen, question.rates.here, instances::part(question.evidence, question.catalog)) {
        (Some(seen), Some(_), _) => format!("a share of {}", seen.value),
        (Some(seen), None, _) => format!("a share of an instance, as no price of {} is known", seen.value),
        (None, _, Some(part)) if instances::is_shared_in_turns(question.evidence) => {
            format!("turns on a GPU of {}", part.instance.name)
        }
        (None, _, Some(part)) if part.is_whole() => format!("all of {}", part.instance.name),
        (None, _, Some(part)) => {
            format!("1/{} of {}", trim((1.0 / part.part).round()), part.instance.name)
        }
        (None, _, None) => match instances::taken_whole(question) {
            Some(family) => format!("all of the largest {family}"),
            None => "a share of an instance".to_owned(),
        },
    }
}

/// What AWS takes beside the price of an instance for operating it.
fn fee(target: Target, question: &Question<'_>) -> String {
    let fee = match target {
        Target::ECSManagedInstances => ecs_managed_instances::fee(question),
        Target::EKSAutoMode => eks_auto_mode::fee(question),
        _ => return String::new(),
    };
    format!(" and {}% of it as the fee", trim(fee.value))
}

fn requests(question: &Question<'_>) -> String {
    let (count, seconds) = if question.evidence.ends() {
        (hours::copies(question) * hours::runs(question), hours::run_seconds(question))
    } else {
        (hours::requests_per_second(question) * SECONDS_A_MONTH, hours::request_seconds(question))
    };
    format!("{} requests a month of {} s each", span(count), span(seconds))
}

fn hour(dollars: Interval) -> String {
    let digits = |value: f64| format!("{value:.4}");
    let (low, high) = (digits(dollars.low), digits(dollars.high));
    if low == high { format!("${low} an hour") } else { format!("${low} to ${high} an hour") }
}

fn run(question: &Question<'_>, hours: Interval) -> String {
    let at_once = question.evidence.at_once();
    let at_once = at_once.map_or_else(String::new, |(_, count)| format!(", {} at once", trim(count)));
    format!("{} hours of all copies{at_once}", span(hours))
}

fn span(of: Interval) -> String {
    let (low, high) = (write_number(of.low), write_number(of.high));
    if low == high { low } else { format!("{low} to {high}") }
}

/// The assumptions that stood in for what nobody knows, and the weights that every cost has.
fn assumed(target: Target, how: Billed, question: &Question<'_>) -> Vec<(String, String)> {
    let assumptions = &question.policy.operations.assumptions;
    let evidence = question.evidence;
    let mut all = Vec::new();
    let mut add = |counts: bool, field: &str, value: String| {
        if counts {
            all.push((format!("assumptions.{field}"), value));
        }
    };
    let range = |[low, high]: [f64; 2]| format!("{} to {}", trim(low), trim(high));
    if let Some(hours) = assumptions.hours.get(&target) {
        let alone = hours.fixed_without_team.filter(|_| evidence.platform_team.value() != Some(&true));
        let alone = alone.map_or_else(String::new, |alone| format!(", {} without a team", trim(alone)));
        let value = format!("fixed {}{alone}, perService {}", trim(hours.fixed), trim(hours.per_service));
        add(true, &format!("hours.{}", target.id()), value);
    }
    let on_requests = bills_requests(target) && !evidence.ends();
    add(
        how == Billed::Share && !instances::is_accelerated(question.evidence),
        "nodePacking",
        trim(assumptions.node_packing),
    );
    let door = if target.is_kubernetes() {
        infrastructure::cluster_front_door(question)
    } else {
        infrastructure::usual_front_door(question)
    };
    let behind_one = matches!(
        target,
        Target::ECSFargate
            | Target::ECSManagedInstances
            | Target::ECSOnEC2
            | Target::EKSFargate
            | Target::EKSAutoMode
            | Target::EKSNodes
    );
    add(
        behind_one && door.is_shared(),
        "servicesPerLoadBalancer",
        trim(assumptions.services_per_load_balancer),
    );
    add(evidence.cpu.is_unknown(), "unsizedVcpu", range(assumptions.unsized_vcpu));
    add(evidence.memory.is_unknown(), "unsizedMemory", range(assumptions.unsized_memory));
    add(
        how != Billed::Requests && evidence.copies.is_unknown(),
        "unknownCopies",
        range(assumptions.unknown_copies),
    );
    add(
        how != Billed::Requests && hours::load_needs(question).is_some(),
        "scalingHeadroom",
        trim(assumptions.scaling_headroom),
    );
    add(evidence.ends() && evidence.runs.is_unknown(), "unknownRuns", range(assumptions.unknown_runs));
    let unmeasured = |fact: &Fact<f64>| fact.is_unknown();
    add(
        evidence.ends() && unmeasured(&evidence.unit_duration),
        "unknownRunSeconds",
        range(assumptions.unknown_run_seconds),
    );
    add(
        evidence.ends() && matches!(how, Billed::Fargate | Billed::Whole),
        "imagePullSeconds",
        range(assumptions.image_pull_seconds),
    );
    add(
        on_requests && unmeasured(&evidence.unit_duration),
        "unknownRequestSeconds",
        span(hours::request_seconds(question)),
    );
    add(
        on_requests && unmeasured(&evidence.mean_rps),
        "unknownRequestsPerSecond",
        span(hours::unknown_requests_per_second(question)),
    );
    let takes_turns =
        evidence.signal(Trait::SharedGpu).is_some_and(|signal| signal.field.contains("gpu.shared"));
    add(takes_turns, "copiesPerSharedGpu", range(assumptions.copies_per_shared_gpu));
    if let (Some(shape), Some(times)) = (evidence.traffic_shape.value(), hours::peak_to_mean(question)) {
        add(true, &format!("peakToMean.{}", format!("{shape:?}").to_lowercase()), range(times));
    }
    all
}
