//! Laws that hold for every decision, over generated evidence.

use berth::{
    catalog::{Catalog, Target},
    decide::{
        Confidence, Decision, Fit, Supposition, Verdict, decide, decide_for_admission,
        platform::{self, Justification, Member, Need},
        rules::RULES,
        suppose, suppositions, targets,
    },
    facts::{
        ColdStart, Connections, Copies, Evidence, Exemption, ExemptionState, Fact, Kubernetes, Lifetime,
        Protocol, Signal, Source, Storage, Subject, TrafficShape, Trait, Trigger,
    },
    observe::{Key, Kind},
    policy::{DenyOn, Existing, Mode, Outcome, Policy, Ruling},
    report::{
        advice,
        warning::{Rest, warnings},
    },
};
use proptest::{collection::vec, option, prelude::*, sample::select};

const TRAITS: &[Trait] = &[
    Trait::Privileged,
    Trait::Capability,
    Trait::HostPath,
    Trait::NamedCopies,
    Trait::LoadBalancer,
    Trait::Sysctl,
    Trait::SeccompProfile,
    Trait::ProcMount,
    Trait::NodeName,
    Trait::NodeTargets,
    Trait::Sticky,
    Trait::BalancedPorts,
    Trait::HostNetwork,
    Trait::MovedPort,
    Trait::HostProcess,
    Trait::EfaPages,
    Trait::NamedRuns,
    Trait::ConfigFiles,
    Trait::FixedAddress,
    Trait::OwnTls,
    Trait::HostPort,
    Trait::SharedMemory,
    Trait::MemoryVolume,
    Trait::Gpu,
    Trait::Windows,
    Trait::Arm64,
    Trait::OtherProcessor,
    Trait::HybridNode,
    Trait::Spot,
    Trait::LongGrace,
    Trait::NativeSidecar,
    Trait::Sidecar,
    Trait::Mesh,
    Trait::TopologySpread,
    Trait::ClaimPerCopy,
    Trait::ForeignVolume,
    Trait::NodePort,
    Trait::KubernetesApi,
    Trait::MayCallKubernetes,
    Trait::CalledByKubernetes,
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
        usual_duration: Fact::Unknown,
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
            signals: Vec::new().into(),
            place: Fact::inferred(Target::EKSNodes, "kind"),
            used_cpu: Fact::Unknown,
            used_memory: Fact::Unknown,
            in_use: Vec::new(),
            shares_platform: true,
            services: Fact::observed(1.0, "counted"),
            platform_team: Fact::Unknown,
            team: Fact::Unknown,
            exemption: None,
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
        storage in vec(fact(select(vec![Storage::Block, Storage::Shared, Storage::Bucket, Storage::NodeDriver])), 0..2),
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
            signals: traits.into_iter().map(signal).collect::<Vec<_>>().into(),
            services: Fact::observed(services.into(), "counted"),
            ..work
        }
    }
}

/// What only some workloads show, and what a price or a rule may look at beside the rest.
const RARER: &[(Trait, &str, &str)] = &[
    (Trait::InstanceType, "nodeSelector", "m5.large"),
    (Trait::InstanceType, "nodeSelector", "t3.medium"),
    (Trait::InstanceType, "nodeSelector", "p4d.24xlarge"),
    (Trait::GpuProduct, "nodeSelector", "NVIDIA-A100-SXM4-80GB"),
    (Trait::GpuMemory, "nodeSelector", "40000"),
    (Trait::SharedGpu, "requests[nvidia.com/gpu.shared]", "1"),
    (Trait::SharedGpu, "requests[nvidia.com/mig-3g.20gb]", "1"),
    (Trait::Neuron, "requests[aws.amazon.com/neuroncore]", "2"),
    (Trait::Neuron, "requests[aws.amazon.com/neuron]", "1"),
    (Trait::Efa, "requests[vpc.amazonaws.com/efa]", "4"),
    (Trait::PluginResource, "limits[squat.ai/fuse]", "1"),
    (Trait::Tpu, "limits[google.com/tpu]", "8"),
    (Trait::PodSecurityGroup, "limits[vpc.amazonaws.com/pod-eni]", "1"),
    (Trait::NetworkPolicy, "NetworkPolicy", "web"),
    (Trait::PortOfTwoProtocols, "ports[1].protocol", "TCP of 53, UDP too"),
    (Trait::Unconfined, "seccompProfile.type", "Unconfined"),
    (Trait::HostPath, "volumes[1].hostPath.path", "/opt/cni/bin"),
    (Trait::LocalDisk, "nodeSelector", "100"),
    (Trait::RunsOn, "nodes", "m5.large, m5.xlarge"),
    (Trait::HostPath, "volumes[0].hostPath.path", "/var/lib/web"),
    (Trait::Device, "volumeDevices", "/dev/xvda"),
    (Trait::HugePages, "requests[hugepages-2Mi]", "1Gi"),
    (Trait::ResourceClaim, "resourceClaims", "gpu"),
    (Trait::RuntimeClass, "runtimeClassName", "gvisor"),
    (Trait::FrontDoor, "Ingress", "web"),
    (Trait::Served, "Service web spec.ports", "80"),
    (Trait::NetworkBalancer, "Service web", "external"),
    (Trait::IdleTimeout, "Ingress web", "3600"),
    (Trait::CalledByName, "serviceName", "web"),
    (Trait::DynamicClaim, "volumeClaimTemplates[0]", "gp3"),
    (Trait::DiskDriver, "StorageClass provisioner", "ebs.csi.aws.com"),
    (Trait::ScratchVolume, "volumes[0].ephemeral", "gp3"),
    (Trait::ForeignVolume, "volumes[0]", "azureFile"),
    (Trait::ForeignVolume, "volumes[0]", "gitRepo"),
    (Trait::ManyPorts, "Service web spec.ports", "80, 81"),
    (Trait::Environment, "containers[0].env", "9 KiB"),
    (Trait::Retries, "spec.backoffLimit", "20"),
    (Trait::OneAtATime, "spec.concurrencyPolicy", "Forbid"),
    (Trait::Controller, "ClusterRole web", "watch"),
    (Trait::Containers, "containers", "12"),
    (Trait::StockImage, "containers[0].image", "postgres:18"),
    (Trait::AddOn, "metadata.namespace", "kube-system"),
    (Trait::HoldsRoom, "containers[0].image", "registry.k8s.io/pause"),
];

prop_compose! {
    /// The same with what is rarer: other traits, what was seen and what a person says of traffic and size.
    fn wider()(
        evidence in evidence(),
        rarer in vec(select(RARER), 0..4),
        (peak_rps, traffic_shape) in (fact(select(vec![0.0, 0.5, 500.0])), fact(select(vec![
            TrafficShape::Steady, TrafficShape::Bursty, TrafficShape::Spiky, TrafficShape::Idle,
        ]))),
        (package_size, model_size) in (fact(select(vec![0.1, 2.0, 12.0])), fact(select(vec![1.0, 8.0, 500.0]))),
        (usual, run_limit) in (fact(Just([10.0, 40.0])), fact(select(vec![30.0, 7200.0]))),
        at_rest in select(vec![false, false, false, false, true]),
        (seen, in_use, slices) in (any::<bool>(), any::<bool>(), any::<bool>()),
        place in fact(select(Target::ALL.to_vec())),
    ) -> Evidence {
        let mut wider = Evidence {
            peak_rps, traffic_shape, package_size, model_size, run_limit, place, usual_duration: usual, ..evidence
        };
        for (what, field, value) in rarer {
            wider.signals.push(Signal { what, field: field.to_owned(), value: value.to_owned() });
        }
        if at_rest {
            wider.copies = Fact::declared(Copies { min: 0.0, max: 0.0 }, "spec.replicas");
        }
        if let (true, Fact::Known(known)) = (seen, &mut wider.unit_duration) {
            known.source = Source::Observed;
        }
        if in_use {
            wider.in_use.push(Target::AppRunner);
        }
        if slices && wider.gpus == 1.0 {
            wider.gpus = 1.0 / 7.0;
        }
        wider
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

fn decision(evidence: &Evidence) -> Decision {
    decide(evidence, Catalog::embedded(), &Policy::default())
}

/// A fleet of these, each under its own name.
fn fleet(all: &[Evidence]) -> Vec<Member> {
    let (catalog, policy) = (Catalog::embedded(), Policy::default());
    all.iter()
        .enumerate()
        .map(|(number, evidence)| {
            let mut evidence = evidence.clone();
            evidence.subject.name = format!("web-{number}");
            let decision = decide(&evidence, catalog, &policy);
            Member::of(&evidence, &decision, Kubernetes::default(), catalog, &policy)
        })
        .collect()
}

fn verdict(members: &[Member]) -> platform::PlatformVerdict {
    platform::verdict(members, Catalog::embedded(), &Policy::default())
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
    fn admission_is_told_the_same(evidence in prop_oneof![evidence(), wider()]) {
        let told = decide_for_admission(&evidence, Catalog::embedded(), &Policy::default());
        let all = decision(&evidence);
        prop_assert_eq!(told, Decision { candidates: Vec::new(), break_evens: Vec::new(), ..all });
    }

    #[test]
    fn order_changes_neither_fit_nor_recommendation(evidence in evidence()) {
        let mut turned = evidence.clone();
        turned.signals = evidence.signals.iter().rev().cloned().collect::<Vec<_>>().into();
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
    fn an_open_question_keeps_its_word(evidence in prop_oneof![evidence(), wider()]) {
        for question in decision(&evidence).open_questions {
            for answer in question.answers {
                let supposed = answer
                    .suppose
                    .iter()
                    .try_fold(evidence.clone(), |evidence, supposition| suppose(&evidence, supposition))
                    .expect("every supposition can be made");
                let answered = decision(&supposed);
                let target = answered.recommendation.map(|r| r.target);
                prop_assert_eq!(target, answer.recommendation, "{}", question.question);
                prop_assert_eq!(Some(answered.verdict), answer.verdict, "{}", question.question);
            }
        }
    }

    /// Asking again looks only at what a supposed fact could change: it must be all of that.
    #[test]
    fn what_does_not_read_a_fact_finds_the_same_whatever_it_is(evidence in wider()) {
        let (catalog, policy) = (Catalog::embedded(), Policy::default());
        let cost = |evidence: &Evidence, target| {
            targets::cost(target, &targets::Question::new(evidence, catalog, &policy))
        };
        for (supposition, changes) in suppositions() {
            let Some(other) = suppose(&evidence, &supposition) else { continue };
            for rule in RULES.iter().filter(|rule| !rule.looks_at(changes)) {
                let (before, after) = (rule.apply(&evidence, catalog), rule.apply(&other, catalog));
                prop_assert_eq!(before, after, "{} with {:?}", rule.code, supposition);
            }
            for target in Target::ALL.into_iter().filter(|t| !targets::reads(*t, &evidence).meets(changes)) {
                let (before, after) = (cost(&evidence, target), cost(&other, target));
                prop_assert_eq!(before, after, "{} with {:?}", target, supposition);
            }
        }
    }

    #[test]
    fn what_is_undetermined_is_explained(evidence in evidence()) {
        let decision = decision(&evidence);
        if decision.verdict != Verdict::Undetermined {
            return Ok(());
        }
        let advice = advice::advice(&decision);
        prop_assert!(!advice.contains("high confidence"), "{advice}");
        match decision.open_questions.first() {
            // Where nothing holds it for sure, what is in the way comes before what would move it.
            Some(first) => prop_assert!(
                advice.contains(&first.question[1..])
                    || decision.recommendation.is_none() && advice.contains("but for one question"),
                "{advice}"
            ),
            None => prop_assert!(
                advice.contains("No single answer settles it") || advice.contains("its copies vary")
                    || advice.contains("Nothing surely holds it") || advice.contains("Every target is excluded"),
                "{advice}"
            ),
        }
    }

    #[test]
    fn high_confidence_means_that_no_unknown_fact_changes_target_or_verdict(evidence in evidence()) {
        let stands = decision(&evidence);
        let Some(best) = stands.recommendation.filter(|best| best.confidence == Confidence::High) else {
            return Ok(());
        };
        // What is at rest costs nothing anywhere, and is asked nothing.
        prop_assume!(evidence.at_rest().is_none());
        let service = evidence.lifetime == Lifetime::Service;
        let from_clients = evidence.trigger.is_uncertain()
            || matches!(evidence.trigger.value(), Some(Trigger::Http | Trigger::Continuous));
        for (fact, is_open, values) in [
            ("unitDuration", evidence.unit_duration.is_uncertain() && evidence.lifetime != Lifetime::PerNode,
                &["200ms", "1m", "1h"][..]),
            ("connections", evidence.connections.is_uncertain() && service && from_clients,
                &["Stateless", "LongLived"]),
            ("meanRequestsPerSecond", evidence.mean_rps.is_uncertain() && service, &["0.01", "1", "100"]),
            ("trafficShape", service && evidence.copies.value().is_some_and(|copies| copies.min < copies.max),
                &["Steady", "Bursty", "Spiky"]),
            ("cpu", evidence.cpu.is_uncertain(), &["100m", "1"]),
            ("memory", evidence.memory.is_uncertain(), &["128Mi", "2Gi"]),
            ("platformTeam", evidence.platform_team.is_uncertain(), &["true", "false"]),
        ] {
            for value in values.iter().filter(|_| is_open) {
                let supposition = Supposition { fact: fact.into(), value: (*value).into() };
                let answered = decision(&suppose(&evidence, &supposition).expect("it can be supposed"));
                let target = answered.recommendation.map(|r| r.target);
                prop_assert_eq!(target, Some(best.target), "{} {}", fact, value);
                prop_assert_eq!(answered.verdict, stands.verdict, "{} {}", fact, value);
            }
        }
    }

    /// Only what bills for requests has a cost that the requests move: all else of both moves together.
    #[test]
    fn what_the_fewest_requests_would_make_cheaper_is_asked(evidence in evidence()) {
        let stands = decision(&evidence);
        let is_open = evidence.lifetime == Lifetime::Service && evidence.mean_rps.is_uncertain();
        let best = stands.recommendation.filter(|best| best.confidence == Confidence::High);
        let Some(best) = best.filter(|best| is_open && !targets::bills_requests(best.target)) else {
            return Ok(());
        };
        let mut fewest = evidence.clone();
        fewest.mean_rps = Fact::declared(0.001, "supposed");
        for rival in decision(&fewest).candidates.iter().filter(|c| targets::bills_requests(c.target)) {
            prop_assert!(
                rival.fit != Fit::Fits || rival.monthly_cost.high >= best.monthly_cost.high,
                "{} for {:?}, {} for {:?}", rival.target, rival.monthly_cost, best.target, best.monthly_cost
            );
        }
    }

    #[test]
    fn warnings_fit_whatever_the_names_and_keep_the_confidence(
        evidence in evidence(), name in "[a-z]([a-z0-9-]{0,251}[a-z0-9])?", namespace in "[a-z]{1,63}",
        let_through in any::<bool>(), dry_run in any::<bool>(),
    ) {
        let decision = decision(&evidence);
        let key = Key { namespace, kind: Kind::StatefulSet, name };
        let rest = if dry_run { Rest::NoProfile } else { Rest::NewProfile };
        let lines = warnings(&decision, &key, rest, let_through);
        prop_assert!(lines.len() <= 3, "{lines:#?}");
        for line in &lines {
            prop_assert!(line.chars().count() <= 120, "{line}");
            prop_assert!(line.starts_with("statefulset/"), "{line}");
        }
        if decision.verdict == Verdict::Misplaced {
            let sure = decision.recommendation.map(|best| best.confidence.to_string().to_lowercase());
            let sure = format!("({} confidence)", sure.unwrap_or_default());
            prop_assert!(lines.iter().any(|line| line.ends_with(&sure)), "{lines:#?}");
        }
        if let Some(last) = lines.last() {
            let mut describe = format!("kubectl describe wlp -n {} statefulset-{}", key.namespace, key.name);
            let mut list = format!("kubectl get wlp -n {} -o wide", key.namespace);
            if dry_run {
                (describe, list) = (format!("FILE --explain statefulset/{}", key.name), "berth scan FILE".to_owned());
            }
            prop_assert!(last.ends_with(&describe) || last.ends_with(&list), "no whole command: {last}");
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
    fn more_never_costs_less(evidence in evidence(), copies in 0u8..9, cpu in 0.1..40.0f64, rps in 0.001..100.0f64) {
        let (catalog, policy) = (Catalog::embedded(), Policy::default());
        let high = |evidence: &Evidence, target| {
            targets::cost(target, &targets::Question::new(evidence, catalog, &policy)).total().high
        };
        let with = |copies: f64, cpu: f64, rps: f64| {
            let mut evidence = evidence.clone();
            evidence.copies = Fact::declared(Copies { min: copies, max: copies }, "there");
            evidence.cpu = Fact::declared(cpu, "there");
            evidence.mean_rps = Fact::declared(rps, "there");
            evidence
        };
        let (copies, slack) = (f64::from(copies), 1e-6);
        let less = with(copies, cpu, rps);
        for target in Target::ALL {
            for more in [with(copies + 1.0, cpu, rps), with(copies, cpu * 1.5, rps), with(copies, cpu, rps * 2.0)] {
                prop_assert!(high(&more, target) >= high(&less, target) - slack, "{target}");
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
                (break_even.value * 0.999_999, break_even.value * 1.000_001)
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

    #[test]
    fn the_order_of_workloads_changes_no_byte_of_the_platforms_verdict(
        all in vec(evidence(), 0..8), turn in 0usize..8,
    ) {
        let members = fleet(&all);
        let mut turned = members.clone();
        turned.reverse();
        turned.rotate_left(turn % members.len().max(1));
        let bytes = |members: &[Member]| serde_json::to_string(&verdict(members)).unwrap();
        prop_assert_eq!(bytes(&members), bytes(&turned));
    }

    #[test]
    fn a_platforms_verdict_keeps_to_its_reasons(all in vec(evidence(), 1..8)) {
        let members = fleet(&all);
        let held = members.iter().filter(|m| m.own.is_none()).any(|m| matches!(m.need, Need::Yes(_)));
        let verdict = verdict(&members);
        let saving = verdict.saving.if_cluster_goes;
        prop_assert!(saving.low <= saving.high && verdict.monthly_cost.now.low <= verdict.monthly_cost.now.high);
        if held {
            prop_assert_eq!(verdict.verdict, Justification::Justified);
        }
        if verdict.verdict == Justification::NotJustified {
            prop_assert!(saving.low >= Policy::default().minimum_monthly_saving - 0.01, "{saving:?}");
            prop_assert_eq!(verdict.may_need_kubernetes.count, 0);
        }
    }

    #[test]
    fn nothing_elsewhere_is_cheaper_than_the_cheapest_placing_together(all in vec(evidence(), 1..6)) {
        let members: Vec<Member> =
            fleet(&all).into_iter().filter(|m| m.own.is_none() && m.need == Need::No).collect();
        prop_assume!(!members.is_empty());
        let together = verdict(&members).monthly_cost.elsewhere.expect("all could leave").high;
        let (catalog, policy) = (Catalog::embedded(), Policy::default());
        // All of them on one target, where it holds them all. The policy is what says whether there's a team.
        let anyone = Evidence {
            platform_team: Fact::Unknown,
            copies: Fact::Unknown,
            runs: Fact::Unknown,
            ..all[0].clone()
        };
        for target in Target::OUTSIDE_KUBERNETES {
            let on_it: Option<f64> = members
                .iter()
                .map(|member| member.outside().find(|m| m.target == *target).map(|m| m.cost.total().high))
                .sum();
            let fixed = targets::fixed_anew(*target, &targets::Question::new(&anyone, catalog, &policy));
            if let Some(on_it) = on_it {
                prop_assert!(together <= on_it + fixed.high + 0.01, "{together} on {target}: {on_it}");
            }
        }
    }

    /// A person's decision stands: whatever it is and wherever it belongs, nothing refuses it.
    #[test]
    fn an_exempt_workload_is_never_refused(evidence in evidence(), soon in any::<bool>()) {
        let state = if soon { ExemptionState::EndsSoon } else { ExemptionState::Valid };
        let decision = decision(&Evidence { exemption: Some(exemption(state)), ..evidence });
        let ruling = Ruling {
            mode: Mode::Deny,
            deny_on: vec![DenyOn::PrimitivesOnly, DenyOn::FitsLambda, DenyOn::FitsFargate, DenyOn::Misplaced],
            minimum_confidence: Confidence::Low,
            existing: Existing::Deny,
        };
        prop_assert_eq!(ruling.outcome(&decision), Outcome::Warn);
    }

    /// But for what is said of the exemption itself.
    #[test]
    fn an_exemption_that_fails_is_as_good_as_none(
        evidence in evidence(),
        state in select(vec![
            ExemptionState::Expired, ExemptionState::NoReason, ExemptionState::NoEnd,
            ExemptionState::TooLong, ExemptionState::Unreadable,
        ]),
    ) {
        let without = decision(&evidence);
        let mut with = decision(&Evidence { exemption: Some(exemption(state)), ..evidence });
        prop_assert!(with.finding("EXM001").is_some());
        with.exemption = None;
        with.findings.retain(|finding| finding.rule != "EXM001");
        prop_assert_eq!(with, without);
    }
}

fn exemption(state: ExemptionState) -> Exemption {
    Exemption {
        state,
        reason: Some("licence".to_owned()),
        until: Some("2026-06-30".to_owned()),
        latest: None,
    }
}
