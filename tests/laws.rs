//! Laws that hold for every decision, over generated evidence.

use berth::{
    catalog::{Catalog, Target},
    decide::{Fit, decide, suppose, targets},
    facts::{
        ColdStart, Connections, Copies, Evidence, Fact, Lifetime, Protocol, Signal, Storage, Subject, Trait,
        Trigger,
    },
    policy::Policy,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

const TRAITS: &[Trait] = &[
    Trait::Privileged,
    Trait::Capability,
    Trait::HostPath,
    Trait::HostNetwork,
    Trait::HostPort,
    Trait::SharedMemory,
    Trait::MemoryVolume,
    Trait::Gpu,
    Trait::Windows,
    Trait::Arm64,
    Trait::Spot,
    Trait::LongGrace,
    Trait::NativeSidecar,
    Trait::Sidecar,
    Trait::Mesh,
    Trait::TopologySpread,
    Trait::ClaimPerCopy,
    Trait::NodePort,
    Trait::KubernetesApi,
    Trait::Datastore,
    Trait::Model,
    Trait::ModelProvider,
    Trait::Unsized,
    Trait::Feature,
];

/// A value that is declared, inferred, or not known.
fn fact<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Fact<T>> {
    option::of((value, any::<bool>())).prop_map(|known| match known {
        None => Fact::Unknown,
        Some((value, true)) => Fact::declared(value, "spec.here"),
        Some((value, false)) => Fact::inferred(value, "spec.here"),
    })
}

fn signal(what: Trait) -> Signal {
    Signal { what, field: format!("spec.template.spec.{what:?}"), value: "180".to_owned() }
}

prop_compose! {
    fn work()(
        lifetime in select(vec![Lifetime::Service, Lifetime::Run, Lifetime::Scheduled, Lifetime::PerNode]),
        trigger in fact(select(Trigger::ALL.to_vec())),
        unit_duration in fact(select(vec![0.05, 1.0, 60.0, 900.0, 901.0, 5000.0, 90_000.0])),
        connections in fact(select(vec![Connections::Stateless, Connections::LongLived])),
        cold_start in fact(select(vec![ColdStart::Tolerant, ColdStart::Sensitive])),
        mean_rps in fact(0.001..200.0f64),
        runs in fact(select(vec![0.0, 1.0, 30.0, 8760.0])),
    ) -> Evidence {
        Evidence {
            subject: Subject { kind: kind(lifetime).into(), namespace: "shop".into(), name: "web".into() },
            lifetime, trigger, unit_duration, connections, cold_start, mean_rps, runs,
            run_limit: Fact::Unknown,
            peak_rps: Fact::Unknown,
            traffic_shape: Fact::Unknown,
            cpu: Fact::Unknown,
            memory: Fact::Unknown,
            disk: Fact::Unknown,
            package_size: Fact::Unknown,
            model_size: Fact::Unknown,
            gpus: 0.0,
            copies: Fact::Unknown,
            image: Fact::declared("example/web:1".to_owned(), "spec.template.spec.containers[0].image"),
            protocols: Vec::new(),
            storage: Vec::new(),
            signals: Vec::new(),
            place: Fact::inferred(Target::EKSNodes, "kind"),
            in_use: Vec::new(),
            services: Fact::observed(1.0, "counted"),
            platform_team: Fact::Unknown,
            team: Fact::Unknown,
        }
    }
}

prop_compose! {
    fn evidence()(
        work in work(),
        cpu in fact(select(vec![0.1, 0.5, 4.0, 40.0])),
        memory in fact(select(vec![0.125, 1.0, 12.0, 300.0])),
        disk in fact(select(vec![1.0, 30.0, 500.0])),
        gpus in select(vec![0.0, 0.0, 0.0, 1.0, 8.0]),
        copies in fact((1u8..4, 0u8..4)),
        protocols in vec(fact(select(vec![
            Protocol::Http, Protocol::Grpc, Protocol::WebSocket, Protocol::Other,
        ])), 0..3),
        storage in vec(fact(select(vec![Storage::Block, Storage::Shared, Storage::NodeDriver])), 0..2),
        traits in vec(select(TRAITS), 0..5),
        services in 1u16..300,
        platform_team in fact(any::<bool>()),
    ) -> Evidence {
        let copies = match copies {
            Fact::Known(known) => {
                let (min, more) = known.value;
                Fact::declared(Copies { min: min.into(), max: (min + more).into() }, "spec.replicas")
            }
            Fact::Unknown => Fact::Unknown,
        };
        Evidence {
            cpu, memory, disk, gpus, copies, protocols, storage, platform_team,
            signals: traits.into_iter().map(signal).collect(),
            services: Fact::observed(services.into(), "counted"),
            ..work
        }
    }
}

fn kind(lifetime: Lifetime) -> &'static str {
    match lifetime {
        Lifetime::Service => "Deployment",
        Lifetime::Run => "Job",
        Lifetime::Scheduled => "CronJob",
        Lifetime::PerNode => "DaemonSet",
    }
}

fn decision(evidence: &Evidence) -> berth::decide::Decision {
    decide(evidence, Catalog::embedded(), &Policy::default())
}

fn fits(evidence: &Evidence) -> Vec<(Target, Fit)> {
    let mut fits: Vec<_> = decision(evidence).candidates.into_iter().map(|c| (c.target, c.fit)).collect();
    fits.sort();
    fits
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_facts_give_the_same_bytes(evidence in evidence()) {
        let bytes = |e: &Evidence| serde_json::to_string(&decision(e)).unwrap();
        prop_assert_eq!(bytes(&evidence), bytes(&evidence.clone()));
    }

    #[test]
    fn order_changes_neither_fit_nor_recommendation(evidence in evidence()) {
        let mut turned = evidence.clone();
        turned.signals.reverse();
        turned.protocols.reverse();
        turned.storage.reverse();
        prop_assert_eq!(fits(&evidence), fits(&turned));
        let target = |e: &Evidence| decision(e).recommendation.map(|r| (r.target, r.confidence));
        prop_assert_eq!(target(&evidence), target(&turned));
    }

    #[test]
    fn more_traits_never_make_a_target_fit(evidence in evidence(), what in select(TRAITS)) {
        // A model and its accelerator open SageMaker; what is asked of a host only closes targets.
        let opens = |target| target == Target::SageMaker && matches!(what, Trait::Model | Trait::Gpu);
        let mut more = evidence.clone();
        more.signals.push(signal(what));
        for ((target, before), (_, after)) in fits(&evidence).into_iter().zip(fits(&more)) {
            prop_assert!(after >= before || opens(target), "{target} was {before} and is {after} with {what:?}");
        }
    }

    #[test]
    fn the_recommendation_is_never_excluded_and_exclusions_have_reasons(evidence in evidence()) {
        let decision = decision(&evidence);
        if let Some(recommendation) = &decision.recommendation {
            let chosen = decision.candidates.iter().find(|c| c.target == recommendation.target).unwrap();
            prop_assert_eq!(chosen.fit, Fit::Fits);
        }
        for candidate in decision.candidates.iter().filter(|c| c.fit == Fit::Excluded) {
            prop_assert!(!candidate.findings.is_empty(), "{:?}", candidate.target);
            for finding in &candidate.findings {
                prop_assert!(!finding.field.is_empty() && !finding.value.is_empty(), "{finding:?}");
            }
        }
    }

    #[test]
    fn an_open_question_keeps_its_word(evidence in evidence()) {
        for question in decision(&evidence).open_questions {
            for answer in question.answers {
                let supposed = answer
                    .suppose
                    .iter()
                    .try_fold(evidence.clone(), |evidence, supposition| suppose(&evidence, supposition))
                    .expect("every supposition can be made");
                let target = decision(&supposed).recommendation.map(|r| r.target);
                prop_assert_eq!(target, Some(answer.recommendation), "{}", question.question);
            }
        }
    }

    #[test]
    fn costs_are_intervals_and_answers_never_widen_them(evidence in evidence(), rps in 0.001..100.0f64) {
        let (catalog, policy) = (Catalog::embedded(), Policy::default());
        let cost = |evidence: &Evidence, target| {
            targets::cost(target, &targets::Question::new(evidence, catalog, &policy)).total()
        };
        let answers: Vec<fn(&mut Evidence, f64)> = vec![
            |e, rps| e.mean_rps = Fact::declared(rps, "answer"),
            |e, _| e.cpu = Fact::declared(0.5, "answer"),
            |e, _| e.memory = Fact::declared(1.0, "answer"),
            |e, _| e.platform_team = Fact::declared(false, "answer"),
            |e, _| e.copies = Fact::declared(Copies { min: 3.0, max: 3.0 }, "answer"),
            |e, _| e.runs = Fact::declared(30.0, "answer"),
        ];
        for target in Target::ALL {
            let before = cost(&evidence, target);
            prop_assert!(0.0 <= before.low && before.low <= before.high && before.high.is_finite());
            for answer in &answers {
                let mut answered = evidence.clone();
                answer(&mut answered, rps);
                let unknown = [
                    (evidence.mean_rps.is_unknown(), answered.mean_rps != evidence.mean_rps),
                    (evidence.cpu.is_unknown(), answered.cpu != evidence.cpu),
                    (evidence.memory.is_unknown(), answered.memory != evidence.memory),
                    (evidence.platform_team.is_unknown(), answered.platform_team != evidence.platform_team),
                    (evidence.copies.is_unknown(), answered.copies != evidence.copies),
                    (evidence.runs.is_unknown(), answered.runs != evidence.runs),
                ];
                if unknown.iter().any(|(was_unknown, changed)| *changed && !was_unknown) {
                    continue;
                }
                let after = cost(&answered, target);
                let slack = 1e-9 * before.high.max(1.0);
                prop_assert!(after.low >= before.low - slack && after.high <= before.high + slack, "{target}");
            }
        }
    }

    #[test]
    fn at_a_break_even_both_cost_the_same_and_each_side_has_its_winner(evidence in evidence()) {
        let (catalog, policy) = (Catalog::embedded(), Policy::default());
        for break_even in decision(&evidence).break_evens {
            let at = |value: f64| {
                let mut evidence = evidence.clone();
                let fact = Fact::declared(value, "there");
                if break_even.fact == "services" { evidence.services = fact } else { evidence.mean_rps = fact }
                evidence
            };
            let winner = |value: f64| decision(&at(value)).recommendation.map(|r| r.target);
            let (less, more) = if break_even.fact == "services" {
                (break_even.value - 1.0, break_even.value)
            } else {
                (break_even.value * 0.999, break_even.value * 1.001)
            };
            prop_assert_eq!(winner(less), Some(break_even.below), "below {}", break_even.summary);
            prop_assert_eq!(winner(more), Some(break_even.above), "above {}", break_even.summary);
            if break_even.fact != "services" {
                let evidence = at(break_even.value);
                let cost = |target| {
                    let question = targets::Question::new(&evidence, catalog, &policy);
                    targets::cost(target, &question).total().high
                };
                let (a, b) = (cost(break_even.below), cost(break_even.above));
                prop_assert!((a - b).abs() <= 0.01 + a * 1e-6, "{a} against {b}");
            }
        }
    }
}
