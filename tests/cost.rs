//! What a workload costs where, by the parts that an engineer would check on a bill.

mod common;

use berth::{
    catalog::{Catalog, Target},
    decide::{Confidence, Decision, Fit, Interval, Verdict},
    evaluate, evaluate_member,
    observe::Observed,
    policy::Policy,
};

const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: shop}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers:
      - name: main
        image: example/main
        ports: [{name: grpc, containerPort: 9000}]
        resources: {requests: {cpu: 500m, memory: 1Gi}}
";

fn deployment(name: &str) -> String {
    DEPLOYMENT.replace("NAME", name)
}

fn named<'a>(all: &'a [Observed], name: &str) -> &'a Observed {
    all.iter().find(|observed| observed.workload.key.name == name).expect("it is in the text")
}

fn decide(text: &str, name: &str, policy: &Policy) -> Decision {
    evaluate(named(&common::observe("cost", text), name), Catalog::embedded(), policy)
}

fn policy(text: &str) -> Policy {
    Policy::read(text).expect("the policy is right")
}

fn cost(decision: &Decision, target: Target) -> Interval {
    decision
        .candidates
        .iter()
        .find(|candidate| candidate.target == target)
        .expect("every target")
        .monthly_cost
}

fn services(text: &str, name: &str) -> String {
    let decision = decide(text, name, &Policy::default());
    decision.evidence.iter().find(|item| item.fact == "services").expect("always known").value.clone()
}

#[test]
fn the_services_that_bear_a_share_are_those_that_are_counted() {
    let text = [
        &deployment("web"),
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: backfill}\nspec: {template: {spec: {containers: [{name: m, image: m}]}}}\n",
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: report}\nspec: {schedule: 0 3 * * *, jobTemplate: {spec: {template: {spec: {containers: [{name: m, image: m}]}}}}}\n",
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent}\nspec: {template: {spec: {containers: [{name: m, image: m}]}}}\n",
        &deployment("old").replace("replicas: 2", "replicas: 0"),
        &deployment("coredns").replace("namespace: shop", "namespace: kube-system"),
    ]
    .join("---\n");
    assert_eq!(services(&text, "web"), "2", "web and report: backfill may run once");
    let paced =
        text.replace("{name: backfill}", "{name: backfill, annotations: {berth.dev/runs-per-month: '30'}}");
    assert_eq!(services(&paced, "web"), "3");
    let profiled = format!(
        "{text}---\napiVersion: berth.dev/v1alpha1\nkind: WorkloadProfile\nmetadata: {{name: job-backfill}}\nspec:\n  \
         workloadRef: {{apiVersion: batch/v1, kind: Job, name: backfill}}\n  work: {{runsPerMonth: 30}}\n"
    );
    assert_eq!(services(&profiled, "web"), "3", "whoever says the pace, wherever they say it");
    for text in [&text, &paced, &profiled] {
        let all = common::observe("cost", text);
        let bears = |of: &Observed| evaluate_member(of, Catalog::embedded(), &Policy::default()).1.service;
        let members = all.iter().filter(|of| bears(of)).count();
        assert_eq!(services(text, "web"), members.to_string(), "the count and the rows are of the same");
    }
    let policy = policy("operations: {platformTeam: true}");
    let share = |name: &str, target| {
        let all = common::observe("cost", &text);
        let total = |services: f64| {
            let mut policy = policy.clone();
            policy.operations.services = Some(services);
            cost(&evaluate(named(&all, name), Catalog::embedded(), &policy), target).high
        };
        total(1.0) - total(1e12)
    };
    // 36 hours at $90 and the control plane.
    for (name, fixed) in
        [("web", 3313.0), ("backfill", 3313.0), ("agent", 0.0), ("old", 0.0), ("coredns", 0.0)]
    {
        assert!(
            (share(name, Target::EKSNodes) - fixed).abs() < 0.02,
            "{name}: {}",
            share(name, Target::EKSNodes)
        );
    }
}

#[test]
fn keda_brings_back_what_has_no_copies_and_kubernetes_own_autoscaler_does_not() {
    let text = deployment("web").replace("replicas: 2", "replicas: 0");
    let scaled = |by: &str| format!("{text}---\n{by}\n---\n{}", deployment("other"));
    let keda = scaled(
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: web, namespace: shop}\n\
         spec: {scaleTargetRef: {name: web}, maxReplicaCount: 4, triggers: [{type: aws-sqs-queue}]}",
    );
    let own = |least: u8| {
        scaled(&format!(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web, namespace: shop}}\n\
             spec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}, minReplicas: {least}, maxReplicas: 4}}"
        ))
    };
    let finding = |text: &str| decide(text, "web", &Policy::default()).finding("WRK010").cloned();
    for scaled in [keda, own(0)] {
        assert_eq!(services(&scaled, "web"), "2");
        assert!(finding(&scaled).is_none());
    }
    assert_eq!(services(&own(2), "other"), "1");
    let told = finding(&own(2)).expect("it's off");
    assert_eq!((told.field.as_str(), told.value.as_str()), ("spec.replicas", "no copy"));
}

#[test]
fn all_completions_of_a_job_are_billed_and_those_at_once_are_told() {
    let text = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: run, annotations: {berth.dev/unit-duration: 30m, berth.dev/runs-per-month: '2'}}\n\
                spec: {completions: 40, parallelism: 8, template: {spec: {containers: [{name: m, image: m, resources: {requests: {cpu: 1, memory: 2Gi}}}]}}}\n";
    let all = common::observe("cost", text);
    let evidence = berth::evidence::evidence(named(&all, "run"), &Policy::default());
    let decision = decide(text, "run", &Policy::default());
    let shown = berth::report::costs::costs(&evidence, &decision, Catalog::embedded(), &Policy::default());
    assert!(shown.contains("40 hours of all copies, 8 at once"), "{shown}");
    let quota = decision.finding("FGT026").expect("8 vCPU at once");
    assert_eq!((quota.field.as_str(), quota.value.as_str()), ("spec.parallelism", "8 of 1 vCPU"));
}

#[test]
fn what_never_runs_is_told_with_what_keeps_it_from_it() {
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: run}\nspec: {completions: 5, parallelism: 0, template: {spec: {containers: [{name: m, image: m}]}}}\n";
    let schedule = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: run}\nspec: {schedule: 0 0 30 2 *, jobTemplate: {spec: {template: {spec: {containers: [{name: m, image: m}]}}}}}\n";
    let suspended = schedule.replace("spec: {schedule", "spec: {suspend: true, schedule");
    for (text, told) in [
        (job, "spec.parallelism is no copy; it costs nothing now, and moving it saves nothing"),
        (schedule, "spec.schedule is no time that comes; it never runs, and costs nothing anywhere"),
        (&suspended, "spec.suspend is no run; it costs nothing now, and moving it saves nothing"),
    ] {
        let decision = decide(text, "run", &Policy::default());
        assert_eq!(decision.finding("WRK010").expect("at rest").message, told);
        assert_eq!(cost(&decision, Target::EKSNodes), Interval::default());
    }
}

#[test]
fn what_is_at_rest_costs_nothing_and_is_not_misplaced() {
    let suspended = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: report}\nspec: {suspend: true, schedule: 0 3 * * *, jobTemplate: {spec: {template: {spec: {containers: [{name: m, image: m}]}}}}}\n";
    for (text, name) in
        [(deployment("web").replace("replicas: 2", "replicas: 0"), "web"), (suspended.into(), "report")]
    {
        let decision = decide(&text, name, &Policy::default());
        assert_eq!(decision.verdict, Verdict::WellPlaced, "{name}");
        assert_eq!(cost(&decision, Target::EKSNodes), Interval::default(), "{name}");
        assert!(decision.finding("WRK010").is_some(), "{name}");
        let advice = berth::report::advice::advice(&decision);
        assert!(advice.contains("Nothing of it runs (spec.") && !advice.contains('$'), "{advice}");
    }
}

#[test]
fn a_daemon_set_runs_on_as_many_nodes_as_its_status_says() {
    let agent = |status: &str| {
        format!(
            "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: agent}}\nspec: {{template: {{spec: {{containers: [{{name: m, image: m, resources: {{requests: {{cpu: 1, memory: 2Gi}}}}}}]}}}}}}\nstatus: {{{status}}}\n"
        )
    };
    let of = |status: &str| decide(&agent(status), "agent", &Policy::default());
    let three = of("desiredNumberScheduled: 3, observedGeneration: 1");
    let known = three.evidence.iter().find(|item| item.fact == "copies").expect("known");
    assert_eq!((&*known.value, &*known.at), ("3", "status.desiredNumberScheduled"));
    let none = of("desiredNumberScheduled: 0, observedGeneration: 1");
    assert_eq!(none.finding("WRK010").expect("at rest").field, "status.desiredNumberScheduled");
    assert_eq!(cost(&none, Target::EKSNodes), Interval::default());
    let new = of("desiredNumberScheduled: 0");
    assert!(new.finding("WRK010").is_none(), "nobody has counted its nodes yet");
    let changed = agent("desiredNumberScheduled: 0, observedGeneration: 2")
        .replace("{name: agent}", "{name: agent, generation: 3}");
    let changed = decide(&changed, "agent", &Policy::default());
    assert!(changed.finding("WRK010").is_none(), "the count is of what it was before");
}

#[test]
fn who_moves_alone_pays_for_the_new_platform_unless_it_is_in_use() {
    let text: Vec<String> = (0..10).map(|number| deployment(&format!("svc-{number}"))).collect();
    let text = text.join("---\n");
    let saving = |in_use: &str| {
        let policy = policy(&format!("operations: {{platformTeam: true, platformsInUse: [{in_use}]}}"));
        let decision = decide(&text, "svc-0", &policy);
        let best = decision.recommendation.expect("something holds it");
        assert_eq!(best.target, Target::ECSFargate);
        best.saving
    };
    let (alone, beside) = (saving(""), saving("ECSExpress"));
    // Four hours at $90 for ECS; the share of them if all move is in the other saving, whoever is there already.
    assert!(
        (beside.if_cluster_stays.low - alone.if_cluster_stays.low - 360.0).abs() < 0.02,
        "{alone:?} {beside:?}"
    );
    assert_eq!(beside.if_cluster_goes, alone.if_cluster_goes);
    assert!(alone.if_cluster_stays.high < 0.0 && alone.if_cluster_goes.low > 200.0, "{alone:?}");
    // Another platform of the same name helps nobody; the dearer kind covers the cheaper one.
    assert_eq!(saving("Lambda"), alone);
    assert_eq!(saving("ECSOnEC2"), beside);
}

#[test]
fn a_policy_says_how_many_share_the_cluster() {
    let shared = |services: u32| {
        let policy = policy(&format!("operations: {{platformTeam: true, services: {services}}}"));
        cost(&decide(&deployment("web"), "web", &policy), Target::EKSNodes).high
    };
    assert!((shared(1) - shared(10) - 0.9 * 3313.0).abs() < 0.02);
}

fn job(pod: &str, resources: &str) -> String {
    format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: run, annotations: {{berth.dev/unit-duration: 10s}}}}\n\
         spec: {{template: {{spec: {{{pod}containers: [{{name: m, image: m, resources: {{{resources}}}}}]}}}}}}\n"
    )
}

fn pod(pod: &str, resources: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: run}}\n\
         spec: {{template: {{spec: {{{pod}containers: [{{name: m, image: m, resources: {{{resources}}}}}]}}}}}}\n"
    )
}

/// What AWS bills for the compute alone.
fn infrastructure(text: &str, target: Target) -> Interval {
    let policy = policy("operations: {platformTeam: true, hourlyRate: 0, services: 1000000000000}");
    cost(&decide(text, "run", &policy), target)
}

fn fit(text: &str, target: Target) -> Fit {
    let decision = decide(text, "run", &Policy::default());
    decision.candidates.iter().find(|candidate| candidate.target == target).expect("every target").fit
}

fn is_about(interval: Interval, low: f64, high: f64) {
    let near = |a: f64, b: f64| (a - b).abs() <= 0.01 + b * 1e-3;
    assert!(near(interval.low, low) && near(interval.high, high), "{interval:?} isn't {low} to {high}");
}

#[test]
fn windows_costs_its_licence_wherever_it_runs() {
    let windows = pod("os: {name: windows}, ", "requests: {cpu: 250m, memory: 1Gi}");
    // The smallest Windows task: 1 vCPU with 2 GB.
    let hour = 0.092552 + 2.0 * 0.0051117;
    is_about(infrastructure(&windows, Target::ECSFargate), hour * 730.0, hour * 730.0);
    let linux = pod("", "requests: {cpu: 1, memory: 1Gi}");
    let windows = pod("os: {name: windows}, ", "requests: {cpu: 1, memory: 1Gi}");
    let more =
        infrastructure(&windows, Target::EKSNodes).high - infrastructure(&linux, Target::EKSNodes).high;
    assert!((more - 0.046 / 0.8 * 730.0).abs() < 0.02, "{more}");
    let decision = decide(&windows, "run", &Policy::default());
    let nodes = decision.candidates.iter().find(|c| c.target == Target::EKSNodes).expect("every target");
    assert!(nodes.cost_unconfirmed, "no AWS text says what Windows costs on EC2");
    for target in [Target::ECSExpress, Target::ECSManagedInstances, Target::EKSAutoMode, Target::EKSFargate] {
        assert_eq!(fit(&windows, target), Fit::Excluded, "{target}");
    }
}

#[test]
fn what_no_instance_has_is_excluded_or_asked_about() {
    let gpus = pod("", "limits: {nvidia.com/gpu: 16}");
    for target in Target::ALL {
        assert_eq!(fit(&gpus, target), Fit::Excluded, "{target}");
    }
    let large = pod("", "requests: {cpu: 300, memory: 1Gi}");
    assert_eq!(fit(&large, Target::ECSOnEC2), Fit::Excluded);
    assert_eq!(fit(&large, Target::EKSNodes), Fit::Unknown);
    assert_eq!(fit(&pod("", "requests: {cpu: 150, memory: 1Gi}"), Target::EKSNodes), Fit::Fits);
}

#[test]
fn no_node_gives_all_of_its_vcpu_or_memory_to_pods() {
    let nodes = |requests: &str| {
        let text = pod("", &format!("requests: {{{requests}}}, limits: {{nvidia.com/gpu: 1}}"));
        infrastructure(&text, Target::EKSNodes)
    };
    // A g4dn.xlarge has 4 vCPU and 16 GiB; the next in price is a g4dn.2xlarge.
    for (requests, hour) in
        [("cpu: 3, memory: 15Gi", 0.526), ("cpu: 3, memory: 16Gi", 0.752), ("cpu: 4, memory: 15Gi", 0.752)]
    {
        is_about(nodes(requests), hour * 730.0, hour * 730.0);
    }
}

#[test]
fn files_in_memory_are_held_by_the_request_or_are_more_memory() {
    let memory = |limit: &str, resources: &str| {
        let volume = format!("volumes: [{{name: v, emptyDir: {{medium: Memory, sizeLimit: {limit}}}}}], ");
        let decision = decide(&pod(&volume, resources), "run", &Policy::default());
        let item = decision.evidence.iter().find(|item| item.fact == "memory").expect("its memory");
        (item.value.clone(), item.at.ends_with("sizeLimit"))
    };
    let asked = "requests: {cpu: 1, memory: 4Gi}";
    assert_eq!(memory("2Gi", asked), ("4Gi".to_owned(), false));
    assert_eq!(memory("64Gi", asked), ("64Gi".to_owned(), true));
    // What a container may use at most ends its files too.
    let bounded = "requests: {cpu: 1, memory: 4Gi}, limits: {memory: 6Gi}";
    assert_eq!(memory("64Gi", bounded), ("6Gi".to_owned(), true));
}

#[test]
fn nodes_that_are_pinned_set_the_price() {
    let gpu = "requests: {cpu: 1, memory: 4Gi}, limits: {nvidia.com/gpu: 1}";
    let month = |pin: &str| infrastructure(&pod(pin, gpu), Target::EKSNodes).high;
    assert!(
        (month("nodeSelector: {node.kubernetes.io/instance-type: g5.xlarge}, ") - 1.006 * 730.0).abs() < 0.02
    );
    let h100 = month("nodeSelector: {nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3}, ");
    assert!((h100 - 6.88 * 730.0).abs() < 0.02, "{h100}");
    let affine = month(
        "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: \
         [{matchExpressions: [{key: karpenter.k8s.aws/instance-family, operator: In, values: [g6e]}]}]}}}, ",
    );
    assert!((affine - 1.861 * 730.0).abs() < 0.02, "{affine}");
    let unlisted = pod("nodeSelector: {node.kubernetes.io/instance-type: p3.2xlarge}, ", gpu);
    assert_eq!(fit(&unlisted, Target::EKSNodes), Fit::Unknown);
    // A burstable type counts where it's asked for, at its own size.
    let cpu = "requests: {cpu: 1, memory: 1Gi}";
    let month = |pin: &str| infrastructure(&pod(pin, cpu), Target::EKSNodes).high;
    let t3 = month("nodeSelector: {node.kubernetes.io/instance-type: t3.medium}, ");
    assert!((t3 - 0.0416 / 2.0 / 0.8 * 730.0).abs() < 0.02, "{t3}");
    let free = month("");
    assert!((free - 0.08925 / 2.0 / 0.8 * 730.0).abs() < 0.02, "{free}");
    assert_eq!(month("nodeSelector: {node.kubernetes.io/instance-type: c7i.4xlarge}, "), free);
    assert!(month("nodeSelector: {node.kubernetes.io/instance-type: r7i.4xlarge}, ") > free);
}

#[test]
fn neuron_is_counted_in_devices_or_in_cores() {
    let nodes = |limit: &str| fit(&pod("", &format!("limits: {{{limit}}}")), Target::EKSNodes);
    assert_eq!(nodes("aws.amazon.com/neuron: 1"), Fit::Fits);
    assert_eq!(nodes("aws.amazon.com/neuron: 16"), Fit::Fits);
    assert_eq!(nodes("aws.amazon.com/neuron: 17"), Fit::Unknown);
    // One device has two.
    assert_eq!(nodes("aws.amazon.com/neuroncore: 32"), Fit::Fits);
    assert_eq!(nodes("aws.amazon.com/neuroncore: 33"), Fit::Unknown);
    let month =
        |limit: &str| infrastructure(&pod("", &format!("limits: {{{limit}}}")), Target::EKSNodes).high;
    // Of an inf2.24xlarge with its six devices, as of an inf2.xlarge with one.
    is_about(Interval::exactly(month("aws.amazon.com/neuron: 6")), 6.49063 * 730.0, 6.49063 * 730.0);
    assert_eq!(month("aws.amazon.com/neuron: 1"), month("aws.amazon.com/neuroncore: 2"));
}

#[test]
fn a_gpu_of_amd_has_no_price_of_nvidias() {
    assert_eq!(fit(&pod("", "limits: {nvidia.com/gpu: 1}"), Target::EKSNodes), Fit::Fits);
    assert_eq!(fit(&pod("", "limits: {amd.com/gpu: 1}"), Target::EKSNodes), Fit::Unknown);
}

#[test]
fn a_slice_of_a_gpu_costs_its_part() {
    let slice = |name: &str| infrastructure(&pod("", &format!("limits: {{{name}: 1}}")), Target::EKSNodes);
    let least = |name: &str, dollars: f64| {
        let of = slice(name).low;
        assert!((of - dollars).abs() < 0.1, "{name}: {of} and not {dollars}");
    };
    // Of what MIG divides, an A100 of p4d is the cheapest: an eighth of it, and a seventh of that.
    let (small, large) = (21.957642 / 8.0 * 730.0, 27.44705 / 8.0 * 730.0);
    least("nvidia.com/mig-1g.5gb", small / 7.0);
    // Two of three parts fit on one.
    least("nvidia.com/mig-3g.20gb", small / 2.0);
    // A quarter of 40 GB goes four times into one, which is dearer than an eighth of 80 GB; half of 40 GB isn't 40 GB.
    least("nvidia.com/mig-1g.10gb", large / 7.0);
    least("nvidia.com/mig-3g.40gb", large / 2.0);
    least("nvidia.com/mig-7g.80gb", large);
    // Where nobody uses the other slices: an H100 that comes alone.
    assert!((slice("nvidia.com/mig-7g.80gb").high - 6.88 * 730.0).abs() < 0.1);
    assert!((slice("nvidia.com/mig-1g.10gb").high - 6.88 * 730.0).abs() < 0.1);
    assert_eq!(
        fit(&pod("", "limits: {nvidia.com/mig-1g.6gb: 1}"), Target::EKSNodes),
        Fit::Unknown,
        "an A30 isn't on EC2"
    );
    let turns = slice("nvidia.com/gpu.shared");
    assert!(turns.high <= 0.526 / 2.0 * 730.0 + 0.02 && turns.low < turns.high, "{turns:?}");
}

#[test]
fn a_gpu_is_one_with_the_memory_that_is_asked_for() {
    let gpu = "requests: {cpu: 1, memory: 4Gi}, limits: {nvidia.com/gpu: 1}";
    let of = |pin: &str, resources: &str| infrastructure(&pod(pin, resources), Target::EKSNodes).low / 730.0;
    let close = |hour: f64, price: f64| assert!((hour - price).abs() < 0.001, "{hour} isn't {price}");
    close(of("nodeSelector: {nvidia.com/gpu.product: NVIDIA-A100-SXM4-40GB}, ", gpu), 21.957642 / 8.0);
    close(of("nodeSelector: {nvidia.com/gpu.product: NVIDIA-A100-SXM4-80GB}, ", gpu), 27.44705 / 8.0);
    close(of("nodeSelector: {karpenter.k8s.aws/instance-gpu-name: l40s}, ", gpu), 1.861);
    close(of("nodeSelector: {k8s.amazonaws.com/accelerator: nvidia-tesla-t4}, ", gpu), 0.526);
    close(of("nodeSelector: {cloud.google.com/gke-accelerator: nvidia-a100-80gb}, ", gpu), 27.44705 / 8.0);
    close(of("nodeSelector: {eks.amazonaws.com/instance-gpu-name: rtx-pro-server-6000}, ", gpu), 3.36312);
    // 45,776 MiB as Karpenter tells of an L40S, 46,068 as NVIDIA does.
    close(of("nodeSelector: {nvidia.com/gpu.memory: '46068'}, ", gpu), 1.861);
    // An Arm GPU instance is one that asks for Arm.
    let arm = "requests: {cpu: 1, memory: 4Gi}, limits: {nvidia.com/gpu: 1}";
    close(of("nodeSelector: {kubernetes.io/arch: arm64}, ", arm), 0.42);
    let model = |size: &str, gpus: u8| {
        let text = pod("", &format!("requests: {{cpu: 1, memory: 4Gi}}, limits: {{nvidia.com/gpu: {gpus}}}"));
        text.replace(
            "metadata: {name: run",
            &format!("metadata: {{annotations: {{berth.dev/model-size: {size}}}, name: run"),
        )
    };
    close(infrastructure(&model("14Gi", 1), Target::EKSNodes).high / 730.0, 0.526);
    close(infrastructure(&model("20Gi", 1), Target::EKSNodes).high / 730.0, 0.8048);
    close(infrastructure(&model("140Gi", 8), Target::EKSNodes).high / 730.0, 13.3504);
    assert_eq!(fit(&model("300Gi", 1), Target::EKSNodes), Fit::Unknown);
    let decision = decide(&model("300Gi", 1), "run", &Policy::default());
    assert_eq!(decision.finding("ECI007").map(|finding| finding.value.as_str()), Some("300Gi"));
}

#[test]
fn the_rest_of_a_gpu_instance_is_paid_where_nobody_else_uses_it() {
    let pin = "nodeSelector: {karpenter.k8s.aws/instance-gpu-name: a100}, ";
    let month = |copies: u8| {
        let text = pod(pin, "requests: {cpu: 1, memory: 4Gi}, limits: {nvidia.com/gpu: 1}");
        let text = text.replace("spec: {template", &format!("spec: {{replicas: {copies}, template"));
        let noted = decide(&text, "run", &Policy::default()).finding("ECI015").is_some();
        (infrastructure(&text, Target::EKSNodes), noted)
    };
    let p4d = 21.957642 * 730.0;
    let (alone, noted) = month(1);
    is_about(alone, p4d / 8.0, p4d);
    assert!(noted);
    is_about(month(3).0, p4d * 3.0 / 8.0, p4d);
    let (full, noted) = month(8);
    is_about(full, p4d, p4d);
    assert!(!noted, "its own copies use all of it");
    is_about(month(9).0, p4d * 9.0 / 8.0, p4d * 2.0);
    // A GPU that comes alone is all of its instance.
    let one = pod("", "requests: {cpu: 1, memory: 4Gi}, limits: {nvidia.com/gpu: 1}");
    is_about(infrastructure(&one, Target::EKSNodes), 0.526 * 730.0, 0.526 * 730.0);
}

#[test]
fn adapters_and_local_disks_are_on_some_instances_alone() {
    let month =
        |pin: &str, resources: &str| infrastructure(&pod(pin, resources), Target::EKSNodes).high / 730.0;
    // Only the largest size of a family has EFA, and one adapter is one copy's.
    let efa = month("", "requests: {cpu: 4, memory: 8Gi}, limits: {vpc.amazonaws.com/efa: 1}");
    assert!((efa - 0.1008 * 64.0).abs() < 0.001, "{efa}: of c6id.32xlarge");
    let both =
        month("", "requests: {cpu: 4, memory: 8Gi}, limits: {nvidia.com/gpu: 8, vpc.amazonaws.com/efa: 4}");
    assert!((both - 21.957642).abs() < 0.001, "{both}: of p4d, not of g6");
    for target in [
        Target::Lambda,
        Target::ECSExpress,
        Target::ECSFargate,
        Target::AppRunner,
        Target::SageMaker,
        Target::EKSFargate,
    ] {
        let text = pod("", "requests: {cpu: 4, memory: 8Gi}, limits: {vpc.amazonaws.com/efa: 1}");
        assert_eq!(fit(&text, target), Fit::Excluded, "{target}");
    }
    let disk = month(
        "nodeSelector: {karpenter.k8s.aws/instance-local-nvme: '900'}, ",
        "requests: {cpu: 1, memory: 2Gi}",
    );
    assert!((disk - 0.1008 / 2.0 / 0.8).abs() < 0.001, "{disk}: of c6id");
}

#[test]
fn a_copy_that_leaves_no_room_for_another_pays_the_whole_instance() {
    let month = |resources: &str| infrastructure(&pod("", resources), Target::EKSNodes).high / 730.0;
    // 130 of the 192 vCPU of a c7i.48xlarge.
    assert!((month("requests: {cpu: 130, memory: 100Gi}") - 0.08925 * 96.0).abs() < 0.001);
    assert!((month("requests: {cpu: 96, memory: 100Gi}") - 0.08925 * 96.0 / 2.0 / 0.8).abs() < 0.001);
    // Three of eight GPUs twice, five of eight once.
    let gpus = |count: u8| {
        let pin = "nodeSelector: {karpenter.k8s.aws/instance-gpu-name: h200}, ";
        let resources = format!("requests: {{cpu: 1, memory: 2Gi}}, limits: {{nvidia.com/gpu: {count}}}");
        let text = pod(pin, &resources);
        (infrastructure(&text, Target::EKSNodes).low / 730.0, decide(&text, "run", &Policy::default()))
    };
    let says = |decision: &Decision| decision.finding("ECI015").map(|finding| finding.message.clone());
    let (hour, decision) = gpus(3);
    assert!((hour - 63.296 / 2.0).abs() < 0.001, "{hour}");
    assert!(says(&decision).is_some_and(|text| text.contains("1/2 of p5en.48xlarge")));
    let (hour, decision) = gpus(5);
    assert!((hour - 63.296).abs() < 0.001, "{hour}");
    assert_eq!(says(&decision), None);
}

#[test]
fn spot_lowers_the_least_that_it_can_cost() {
    let spot = "nodeSelector: {karpenter.sh/capacity-type: spot}, ";
    let [dear, cheap] = ["", spot].map(|pin| pod(pin, "requests: {cpu: 1, memory: 2Gi}"));
    let (before, after) =
        (infrastructure(&dear, Target::ECSFargate), infrastructure(&cheap, Target::ECSFargate));
    is_about(after, before.low * 0.3, before.high);
    // What runs on Spot of EC2 today is no dearer for the want of a price list.
    let (before, after) = (infrastructure(&dear, Target::EKSNodes), infrastructure(&cheap, Target::EKSNodes));
    is_about(after, before.low * 0.1, before.high);
    // The fee is one on the on-demand price.
    let fee = infrastructure(&cheap, Target::EKSAutoMode);
    is_about(fee, before.low * (0.1 + 0.12), before.high * 1.12);
    let decision = decide(&cheap, "run", &Policy::default());
    assert!(decision.finding("ECI008").is_some() && decision.finding("FGT013").is_some());
}

#[test]
fn batch_runs_on_ec2_what_fargate_cannot() {
    let fargate = infrastructure(&job("", "requests: {cpu: 2, memory: 4Gi}"), Target::Batch);
    let privileged = job("hostNetwork: true, ", "requests: {cpu: 2, memory: 4Gi}");
    // An m7i.large of its own, as a c7i.large doesn't give all of its 4 GiB: a minute once a month to 70 seconds once an
    // hour.
    is_about(
        infrastructure(&privileged, Target::Batch),
        0.1008 * 60.0 / 3600.0,
        0.1008 * 70.0 * 730.0 / 3600.0,
    );
    assert!(fargate.high < infrastructure(&privileged, Target::Batch).high);
    // Fargate ends a job after 14 days.
    let long = job("", "requests: {cpu: 2, memory: 4Gi}").replace("10s", "480h");
    let low = infrastructure(&long, Target::Batch).low;
    assert!((low - 0.1008 * 480.0).abs() < 0.1, "{low}");
    let large = infrastructure(&job("", "requests: {cpu: 20, memory: 40Gi}"), Target::Batch);
    // A c7i.8xlarge: none has 20 vCPU.
    is_about(large, 1.428 * 60.0 / 3600.0, 1.428 * 70.0 * 730.0 / 3600.0);
    assert_eq!(
        fit(&job("os: {name: windows}, ", "requests: {cpu: 8, memory: 16Gi}"), Target::Batch),
        Fit::Excluded
    );
}

#[test]
fn fargate_bills_a_minute_and_the_image() {
    let text = job("", "requests: {cpu: 1, memory: 2Gi}");
    let hour = 0.04048 + 2.0 * 0.004445;
    // Ten seconds, with 5 to 60 for the image: a minute at least.
    is_about(infrastructure(&text, Target::ECSFargate), hour * 60.0 / 3600.0, hour * 70.0 / 3600.0 * 730.0);
}

#[test]
fn runs_that_are_left_out_arent_billed() {
    let often = |policy: &str, duration: &str| {
        let text = format!(
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: run, annotations: {{berth.dev/unit-duration: {duration}}}}}\n\
             spec: {{schedule: '*/5 * * * *', concurrencyPolicy: {policy}, jobTemplate: {{spec: {{template: {{spec: \
             {{containers: [{{name: a, image: a, resources: {{requests: {{cpu: 1, memory: 2Gi}}}}}}]}}}}}}}}}}\n"
        );
        infrastructure(&text, Target::EKSNodes).high
    };
    let month = often("Forbid", "2h");
    assert!((often("Allow", "2h") / month - 288.0 * 365.0 / 12.0 * 2.0 / 730.0).abs() < 0.01, "{month}");
    assert_eq!(often("Forbid", "1m"), often("Allow", "1m"));
    // The next run takes the place of the one that is still there.
    assert!((often("Replace", "2h") - month).abs() < 0.01);
}

#[test]
fn runs_one_at_a_time_fill_a_month_at_most_whatever_they_take() {
    let nodes = |policy: &str| {
        let text = format!(
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: run}}\n\
             spec: {{schedule: '*/5 * * * *', concurrencyPolicy: {policy}, jobTemplate: {{spec: {{template: {{spec: \
             {{containers: [{{name: a, image: a, resources: {{requests: {{cpu: 1, memory: 2Gi}}}}}}]}}}}}}}}}}\n"
        );
        infrastructure(&text, Target::EKSNodes)
    };
    for policy in ["Forbid", "Replace"] {
        assert!((nodes(policy).high - 0.08925 / 2.0 / 0.8 * 730.0).abs() < 0.01, "{:?}", nodes(policy));
        assert_eq!(nodes(policy).low, nodes("Allow").low);
    }
    assert!(nodes("Allow").high > nodes("Forbid").high * 10.0);
}

#[test]
fn small_tasks_dont_pay_for_instances() {
    let small = DEPLOYMENT.replace("NAME", "frontend").replace("replicas: 2", "replicas: 3");
    let small = small.replace("cpu: 500m, memory: 1Gi", "cpu: 100m, memory: 100Mi");
    for services in [5, 15, 26, 40] {
        let policy = policy(&format!("operations: {{platformTeam: false, services: {services}}}"));
        let target = decide(&small, "frontend", &policy).recommendation.expect("it fits").target;
        assert_eq!(target, Target::ECSFargate, "{services}");
    }
}

#[test]
fn a_lone_service_pays_its_load_balancer_whole() {
    let share = |port: &str, services: f64, target| {
        let text = deployment("web").replace("{name: grpc, containerPort: 9000}", port);
        let total = |text: &str| {
            let policy = policy(&format!("operations: {{services: {services}}}"));
            cost(&decide(text, "web", &policy), target).high
        };
        total(&text) - total(&deployment("web"))
    };
    let whole = 0.0225 * 730.0;
    for port in ["{name: http, containerPort: 8080}", "{name: ws, containerPort: 8080}"] {
        for (services, target, sharing) in [
            (1.0, Target::ECSExpress, 1.0),
            (1.0, Target::ECSFargate, 1.0),
            (5.0, Target::ECSFargate, 5.0),
            (100.0, Target::ECSFargate, 10.0),
            (100.0, Target::ECSExpress, 25.0),
        ] {
            let share = share(port, services, target);
            assert!((share - whole / sharing).abs() < 0.02, "{port}, {services} on {target}: {share}");
        }
    }
}

#[test]
fn a_load_balancer_of_its_own_is_paid_wherever_it_goes() {
    let service = |spec: &str| {
        let text = deployment("web")
            .replace("{name: grpc, containerPort: 9000}", "{name: tcp, containerPort: 9000}");
        format!(
            "{text}---\napiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop}}\nspec: {{selector: {{app: web}}, {spec}ports: [{{port: 9000}}]}}\n"
        )
    };
    let policy = policy("operations: {services: 100}");
    for target in [Target::ECSFargate, Target::ECSOnEC2, Target::EKSFargate, Target::EKSNodes] {
        let month = |spec: &str| cost(&decide(&service(spec), "web", &policy), target).high;
        let more = month("type: LoadBalancer, ") - month("");
        assert!((more - 0.0225 * 730.0).abs() < 0.02, "{target}: {more}");
    }
}

#[test]
fn what_takes_the_place_of_a_port_of_the_node_is_paid_and_asked_about() {
    let text = |port: &str| deployment("web").replace("{name: grpc, containerPort: 9000}", port);
    let policy = policy("operations: {services: 100}");
    let more = |moved: &str, stays: &str, target| {
        let month = |port| cost(&decide(&text(port), "web", &policy), target).high;
        month(moved) - month(stays)
    };
    for protocol in ["TCP", "UDP"] {
        let port = |host| format!("{{containerPort: 7777, hostPort: {host}, protocol: {protocol}}}");
        for target in [Target::ECSFargate, Target::ECSManagedInstances] {
            let more = more(&port(17777), &port(7777), target);
            assert!((more - 0.0225 * 730.0).abs() < 0.02, "{protocol} on {target}: {more}");
        }
        // There a node has the port still.
        for target in [Target::ECSOnEC2, Target::EKSNodes] {
            assert_eq!(more(&port(17777), &port(7777), target), 0.0, "{protocol} on {target}");
        }
    }
    let http = |host| format!("{{name: http, containerPort: 8080, hostPort: {host}}}");
    assert_eq!(
        more(&http(80), &http(8080), Target::ECSFargate),
        0.0,
        "HTTP comes in by one that others share"
    );
    let moved = text("{containerPort: 7777, hostPort: 17777, protocol: UDP}");
    let decision = decide(&moved, "web", &Policy::default());
    assert!(decision.recommendation.is_some_and(|best| best.confidence < Confidence::High));
    let open = decision.open_questions.iter().find(|open| open.question.contains("load balancer"));
    let answers = &open.expect("it is asked").answers;
    assert!(answers.iter().any(|answer| answer.recommendation == Some(Target::ECSFargate)), "{answers:?}");
}

#[test]
fn a_cluster_makes_a_load_balancer_of_each_service_that_asks_for_one() {
    let http =
        deployment("web").replace("{name: grpc, containerPort: 9000}", "{name: http, containerPort: 8080}");
    let service = |kind: &str| {
        format!(
            "{http}---\napiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop}}\nspec: {{type: {kind}, selector: {{app: web}}, ports: [{{port: 80, targetPort: 8080}}]}}\n"
        )
    };
    let policy = policy("operations: {services: 100}");
    let more = |target| {
        let month = |kind| cost(&decide(&service(kind), "web", &policy), target).high;
        month("LoadBalancer") - month("ClusterIP")
    };
    for target in [Target::EKSFargate, Target::EKSAutoMode, Target::EKSNodes] {
        assert!((more(target) - 0.9 * 0.0225 * 730.0).abs() < 0.02, "{target}: {}", more(target));
    }
    // There HTTP is told apart by host and path behind a shared one.
    assert_eq!(more(Target::ECSFargate), 0.0);
}

#[test]
fn what_comes_in_through_an_ingress_has_a_front_door_whatever_it_speaks() {
    let text = deployment("web");
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}, ports: [{name: grpc, port: 9000}]}\n";
    let ingress = "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop}\nspec: {defaultBackend: {service: {name: web, port: {number: 9000}}}}\n";
    let policy = policy("operations: {services: 10}");
    for target in [Target::ECSFargate, Target::EKSNodes] {
        let month =
            |more: &str| cost(&decide(&format!("{text}{service}{more}"), "web", &policy), target).high;
        assert!((month(ingress) - month("") - 0.0225 * 73.0).abs() < 0.02, "{target}");
    }
}

#[test]
fn nvidias_runtime_is_no_wish_beyond_its_gpu() {
    let gpu =
        pod("runtimeClassName: nvidia, ", "requests: {cpu: 1, memory: 4Gi}, limits: {nvidia.com/gpu: 1}");
    for target in [Target::ECSManagedInstances, Target::ECSOnEC2, Target::EKSAutoMode, Target::EKSNodes] {
        assert_eq!(fit(&gpu, target), Fit::Fits, "{target}");
    }
    // Without one it's how a container gets all GPUs of a node.
    let all = pod("runtimeClassName: nvidia, ", "requests: {cpu: 1, memory: 4Gi}");
    assert_eq!(fit(&all, Target::ECSFargate), Fit::Excluded);
}

#[test]
fn nodes_with_gpus_are_asked_about_and_priced_as_what_they_are() {
    let pinned = pod(
        "nodeSelector: {node.kubernetes.io/instance-type: g5.xlarge}, ",
        "requests: {cpu: 1, memory: 2Gi}",
    );
    for target in [Target::ECSFargate, Target::ECSExpress, Target::EKSFargate] {
        let asked = decide(&pinned, "run", &Policy::default()).finding("FGT020").is_some();
        assert!(asked && fit(&pinned, target) != Fit::Fits, "{target}");
    }
    is_about(infrastructure(&pinned, Target::EKSNodes), 1.006 / 4.0 / 0.8 * 730.0, 1.006 / 4.0 / 0.8 * 730.0);
    let decision = decide(&pinned, "run", &Policy::default());
    assert!(decision.finding("ECI014").is_none(), "it is listed");
}

#[test]
fn an_older_family_counts_where_nodes_are_pinned_to_it() {
    let cpu = "requests: {cpu: 1, memory: 4Gi}";
    let hour = |pin: &str| {
        let pin = if pin.is_empty() { String::new() } else { format!("nodeSelector: {{{pin}}}, ") };
        let text = pod(&pin, cpu);
        let says = decide(&text, "run", &Policy::default()).finding("ECI014").is_some();
        (infrastructure(&text, Target::EKSNodes).high / 730.0, says)
    };
    let (m5, says) = hour("node.kubernetes.io/instance-type: m5.2xlarge");
    assert!((m5 - 0.096 / 2.0 / 0.8).abs() < 0.001 && !says, "{m5}");
    let (m6g, says) = hour("karpenter.k8s.aws/instance-family: m6g");
    assert!((m6g - 0.077 / 2.0 / 0.8).abs() < 0.001 && !says, "{m6g}");
    assert!((hour("").0 - 0.1008 / 2.0 / 0.8).abs() < 0.001, "where nothing says so, no older one");
}

#[test]
fn what_spot_takes_off_is_no_matter_of_the_size() {
    use berth::decide::targets::Compute;
    // A copy of unknown size on nodes with Spot, beside a task: a large one may have all of the discount, or nothing of it.
    let hours = Interval::exactly(1.0);
    let spot = Compute::Hourly { hour: Interval::new(1.0, 10.0), hours, least: 0.1 };
    let task = Compute::Hourly { hour: Interval::new(2.0, 20.0), hours, least: 1.0 };
    assert_eq!(spot.total(), Interval::new(0.1, 10.0));
    assert_eq!(spot.saving_over(task), Interval::new(-19.0, -1.0));
    assert_eq!(task.saving_over(spot), Interval::new(1.0, 19.0));
}

#[test]
fn local_disks_are_on_instances_alone() {
    let disk = pod(
        "nodeSelector: {eks.amazonaws.com/instance-local-nvme: '900'}, ",
        "requests: {cpu: 1, memory: 4Gi}",
    );
    for target in [Target::Lambda, Target::ECSFargate, Target::ECSExpress, Target::EKSFargate] {
        assert_eq!(fit(&disk, target), Fit::Excluded, "{target}");
    }
    assert_eq!(fit(&disk, Target::ECSManagedInstances), Fit::Fits);
}

#[test]
fn at_one_cost_the_plainer_target_comes_first() {
    let target = |more: &str| {
        let text = deployment("web")
            .replace("{name: grpc, containerPort: 9000}", "{name: http, containerPort: 8080}");
        let text =
            text.replace("    spec:\n      containers:", &format!("    spec:\n{more}      containers:"));
        let policy = policy("operations: {platformTeam: false, services: 1}");
        decide(&text, "web", &policy).recommendation.expect("it fits").target
    };
    assert_eq!(target(""), Target::ECSExpress);
    // What takes a step outside of Express Mode's API is a plain service's.
    assert_eq!(target("      terminationGracePeriodSeconds: 60\n"), Target::ECSFargate);
}

#[test]
fn the_shape_of_traffic_says_how_many_copies_run_in_the_mean() {
    let scaled = |shape: &str| {
        let text = format!(
            "{}---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: run}}\n\
             spec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: run}}, minReplicas: 2, maxReplicas: 20}}\n",
            pod("", "requests: {cpu: 1, memory: 2Gi}")
        );
        let text = text.replacen("{name: run}", &format!("{{name: run, annotations: {{{shape}}}}}"), 1);
        infrastructure(&text, Target::ECSFargate)
    };
    let copy = (0.04048 + 2.0 * 0.004445) * 730.0;
    is_about(scaled(""), 2.0 * copy, 20.0 * copy);
    is_about(scaled("berth.dev/traffic-shape: Bursty"), 2.0 * copy, 10.0 * copy);
    is_about(scaled("berth.dev/traffic-shape: Spiky"), 2.0 * copy, 2.0 * copy);
}

/// A worker whose copies KEDA scales from none to twenty.
fn worker(answers: &str) -> String {
    let text = pod("", "requests: {cpu: 1, memory: 2Gi}").replacen(
        "{name: run}",
        &format!("{{name: run, annotations: {{{answers}}}}}"),
        1,
    );
    format!(
        "{text}---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: run}}\n\
         spec: {{scaleTargetRef: {{name: run}}, minReplicaCount: 0, maxReplicaCount: 20, triggers: [{{type: aws-sqs-queue}}]}}\n"
    )
}

#[test]
fn copies_that_follow_a_known_load_are_billed_for_that_load_wherever_they_run() {
    let copy = (0.04048 + 2.0 * 0.004445) * 730.0;
    let rate = |rps: &str| format!("berth.dev/mean-requests-per-second: '{rps}'");
    let load = |rps: &str, each: &str| worker(&format!("{}, berth.dev/unit-duration: {each}", rate(rps)));
    let on_fargate = |text: &str| infrastructure(text, Target::ECSFargate);
    // Half a copy is busy: twice that, and one for the rest.
    is_about(on_fargate(&load("1", "500ms")), 0.0, 2.0 * copy);
    is_about(on_fargate(&load("0.001", "1s")), 0.0, 1.002 * copy);
    // The bounds stay bounds, and what nobody knows stays open.
    for open in [load("100", "2s"), worker(&rate("1")), worker("berth.dev/unit-duration: 500ms")] {
        is_about(on_fargate(&open), 0.0, 20.0 * copy);
    }
    // On nodes by the same copies.
    let nodes = |text: &str| infrastructure(text, Target::EKSNodes).high;
    assert!((nodes(&load("1", "500ms")) / nodes(&worker(&rate("1"))) - 2.0 / 20.0).abs() < 1e-3);
    // An autoscaler of Kubernetes' own keeps its least.
    let own = load("0.001", "1s").split("---").next().expect("one").to_owned()
        + "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: run}\n\
           spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: run}, minReplicas: 2, maxReplicas: 20}\n";
    is_about(on_fargate(&own), 2.0 * copy, 2.0 * copy);
}

#[test]
fn where_the_load_is_not_known_a_function_may_cost_what_all_copies_would() {
    let on_lambda = |answers: &str| infrastructure(&worker(answers), Target::Lambda).high;
    // Requests that keep twenty copies of 2 GiB busy, whichever of the two is known.
    let filled = 20.0 * 2_628_000.0 * 2.0 * 0.000_016_666_7;
    for (rps, count) in [("1", 2_628_000.0), ("0.1", 262_800.0)] {
        let high = on_lambda(&format!("berth.dev/mean-requests-per-second: '{rps}'"));
        assert!((high / (filled + count * 2e-7) - 1.0).abs() < 0.03, "{rps}: {high} isn't {filled}");
    }
    assert!(on_lambda("berth.dev/unit-duration: 500ms") > filled, "as many may come");
    let known = on_lambda("berth.dev/mean-requests-per-second: '1', berth.dev/unit-duration: 500ms");
    assert!(known < filled / 30.0, "{known}");
}

#[test]
fn what_an_autoscaler_is_taken_to_keep_is_told_and_can_be_set() {
    let text = worker("berth.dev/mean-requests-per-second: '1', berth.dev/unit-duration: 500ms");
    let all = common::observe("cost", &text);
    let policy = policy("operations: {assumptions: {scalingHeadroom: 1}}");
    let evidence = berth::evidence::evidence(named(&all, "run"), &policy);
    let decision = evaluate(named(&all, "run"), Catalog::embedded(), &policy);
    let shown = berth::report::costs::costs(&evidence, &decision, Catalog::embedded(), &policy);
    assert!(shown.contains("0 to 1095 hours"), "{shown}");
    assert!(shown.contains("operations.assumptions.scalingHeadroom: 1"), "{shown}");
    assert!(Policy::read("operations: {assumptions: {scalingHeadroom: 0.5}}").is_err());
}

#[test]
fn the_parts_of_a_cost_are_shown_with_the_assumptions_behind_them() {
    let text = pod("", "requests: {cpu: 1, memory: 2Gi}");
    let all = common::observe("cost", &text);
    let policy = policy("operations: {platformTeam: true, services: 20, hourlyRate: 100}");
    let evidence = berth::evidence::evidence(named(&all, "run"), &policy);
    let decision = evaluate(named(&all, "run"), Catalog::embedded(), &policy);
    let shown = berth::report::costs::costs(&evidence, &decision, Catalog::embedded(), &policy);
    let row = |target: &str| shown.lines().find(|line| line.trim_start().starts_with(target)).expect("a row");
    // Compute, no front door, 1.5 hours, a twentieth of 4 hours: the sum.
    let parts: Vec<&str> = row("ECSFargate").split_whitespace().skip(1).collect();
    assert_eq!(parts, ["36.04", "0.00", "150.00", "20.00", "206.04"], "{shown}");
    for part in [
        "$100 (operations.hourlyRate)",
        "shared by 20 services",
        "$0.0494 an hour",
        "730 hours",
        "operations.assumptions.hours.ECSFargate: fixed 4, perService 1.5",
        "operations.assumptions.nodePacking: 0.8",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("Batch"), "what can't hold it has no cost to speak of: {shown}");
}

#[test]
fn lambda_bills_for_the_disk_beyond_what_is_free() {
    let job = |disk: &str| {
        format!(
            "
apiVersion: batch/v1
kind: CronJob
metadata: {{name: thumbnails, annotations: {{berth.dev/unit-duration: 100s}}}}
spec:
  schedule: '0 * * * *'
  jobTemplate:
    spec:
      template:
        spec:
          containers:
          - name: main
            image: example/thumbnails
            resources: {{requests: {{cpu: 500m, memory: 1Gi, ephemeral-storage: {disk}}}}}
"
        )
    };
    let on_lambda = |disk| cost(&decide(&job(disk), "thumbnails", &Policy::default()), Target::Lambda).high;
    assert_eq!(on_lambda("512Mi"), on_lambda("100Mi"));
    // 730 runs of 100 s with 8 GiB more, to cents.
    let second = Catalog::embedded().prices.lambda.disk_gb_second.value;
    let more = on_lambda("8704Mi") - on_lambda("512Mi");
    assert!((more - 730.0 * 100.0 * 8.0 * second).abs() < 0.011, "{more}");
}

#[test]
fn a_price_that_no_text_of_aws_confirmed_is_marked() {
    let training = |instance: &str| {
        format!(
            "
apiVersion: batch/v1
kind: Job
metadata: {{name: train}}
spec:
  template:
    spec:
      nodeSelector: {{node.kubernetes.io/instance-type: {instance}}}
      containers:
      - {{name: main, image: example/train, resources: {{requests: {{cpu: 1, memory: 8Gi}}, limits: {{nvidia.com/gpu: 1}}}}}}
"
        )
    };
    let mut catalog = Catalog::embedded().clone();
    let listed = catalog.prices.instances.iter_mut().find(|instance| instance.name == "g6.2xlarge");
    listed.expect("it's listed").confirmed = false;
    let unconfirmed = |instance: &str| {
        let observed = common::observe("train", &training(instance));
        let decision = berth::evaluate(&observed[0], &catalog, &Policy::default());
        let on_nodes = decision.candidates.iter().find(|candidate| candidate.target == Target::EKSNodes);
        on_nodes.expect("every target").cost_unconfirmed
    };
    assert!(unconfirmed("g6.2xlarge"));
    assert!(!unconfirmed("g6.xlarge"));
}

#[test]
fn one_container_without_requests_takes_nothing_from_what_the_others_ask_for() {
    let text = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: huge}
spec:
  replicas: 2
  template:
    spec:
      containers:
      - {name: main, image: example/huge, ports: [{name: http, containerPort: 80}], resources: {requests: {cpu: 64, memory: 400Gi}}}
      - {name: sidecar, image: example/sidecar}
";
    let decision = decide(text, "huge", &Policy::default());
    let express = decision.candidates.iter().find(|c| c.target == Target::ECSExpress).expect("every target");
    assert_eq!(express.fit, Fit::Excluded);
    let wanting = decision.findings.iter().filter(|finding| finding.rule == "WRK001");
    let fields: Vec<&str> = wanting.map(|finding| &*finding.field).collect();
    assert!(fields.iter().any(|field| field.ends_with("containers[1].resources.requests.cpu")), "{fields:?}");
    let cpu = decision.evidence.iter().find(|item| item.fact == "cpu").expect("a sum");
    assert_eq!((cpu.value.as_str(), cpu.source), ("64", berth::facts::Source::Inferred));
}

const TOLERANT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: hook
  annotations:
    berth.dev/trigger: HTTP
    berth.dev/unit-duration: 200ms
    berth.dev/connections: Stateless
    berth.dev/cold-start-tolerance: Tolerant
spec:
  replicas: COPIES
  template:
    metadata: {labels: {app: hook}}
    spec:
      containers:
      - name: hook
        image: example/hook
        ports: [{name: http, containerPort: 8080}]
        resources: {requests: {cpu: '1', memory: 2Gi}}
";

fn operated() -> Policy {
    policy("operations: {platformTeam: true, services: 10}")
}

#[test]
fn as_many_requests_may_arrive_as_the_copies_are_there_for() {
    let of = |copies: &str| decide(&TOLERANT.replace("COPIES", copies), "hook", &operated());
    let most = |copies| cost(&of(copies), Target::Lambda).high;
    // 200 copies answer 1,000 requests of 200 ms a second; 2 answer 10, of which more than that is assumed anyway.
    assert!((9.0..11.0).contains(&(most("200") / most("2"))), "{} {}", most("200"), most("2"));
    let many = of("200");
    let best = many.recommendation.as_ref().expect("something holds it");
    assert_ne!(best.target, Target::Lambda, "{best:?}");
    assert_ne!(best.confidence, Confidence::High, "{:?}", many.break_evens);
    let asked: Vec<_> = many.open_questions.iter().map(|asked| asked.question.as_str()).collect();
    assert!(asked.iter().any(|asked| asked.contains("requests a second")), "{asked:?}");
}

#[test]
fn what_would_win_at_an_end_of_what_is_assumed_is_asked() {
    let text = TOLERANT
        .replace("COPIES", "1")
        .replace("HTTP", "Queue")
        .replace("200ms", "10m")
        .replace("        ports: [{name: http, containerPort: 8080}]\n", "");
    let decision = decide(&text, "hook", &operated());
    let best = decision.recommendation.as_ref().expect("something holds it");
    assert_ne!(best.confidence, Confidence::High, "{best:?}");
    let answers = decision.open_questions.iter().flat_map(|asked| &asked.answers);
    let at_the_end: Vec<_> = answers.filter(|answer| answer.recommendation == Some(Target::Lambda)).collect();
    assert!(at_the_end.iter().any(|answer| answer.suppose[0].value == "0.001"), "{at_the_end:?}");
    let written = at_the_end.iter().flat_map(|answer| &answer.write).collect::<Vec<_>>();
    assert_eq!(written, [r#"berth.dev/mean-requests-per-second: "0.001""#]);
}

#[test]
fn what_hangs_on_more_than_answers_is_asked_and_lowers_the_confidence() {
    let text = deployment("agent").replace(
        "      containers:",
        "      volumes: [{name: logs, hostPath: {path: /var/cache/agent}}]
      securityContext: {seccompProfile: {type: Localhost, localhostProfile: audit.json}}
      containers:",
    );
    let decision = decide(&text, "agent", &operated());
    let best = decision.recommendation.as_ref().expect("something holds it");
    let unknown = decision.candidates.iter().filter(|candidate| candidate.fit == Fit::Unknown);
    let cheaper = unknown.filter(|rival| rival.monthly_cost.low < best.monthly_cost.high).count();
    assert!(cheaper > 0, "{:?}", decision.candidates);
    assert_ne!(best.confidence, Confidence::High, "{best:?}");
    let asked: Vec<_> = decision.open_questions.iter().map(|asked| asked.question.as_str()).collect();
    assert!(asked[0].starts_with("Would EKS Auto Mode hold it: securityContext.seccompProfile"), "{asked:?}");
}

#[test]
fn what_is_at_rest_is_asked_nothing() {
    let rest = TOLERANT.replace("COPIES", "0").replace("    berth.dev/trigger: HTTP\n", "");
    let decision = decide(&rest, "hook", &Policy::default());
    assert!(decision.open_questions.is_empty(), "{:?}", decision.open_questions);
    let best = decision.recommendation.expect("something holds it");
    assert_eq!((best.confidence, best.monthly_cost.high), (Confidence::High, 0.0));
}

#[test]
fn a_suspended_job_is_at_rest_but_for_one_that_a_queue_admits() {
    let job = |suspend: &str, labels: &str| {
        let text = format!(
            "
apiVersion: batch/v1
kind: Job
metadata: {{name: train, labels: {labels}}}
spec:
  suspend: {suspend}
  template: {{spec: {{containers: [{{name: train, image: train}}]}}}}
"
        );
        decide(&text, "train", &Policy::default()).finding("WRK010").is_some()
    };
    assert!(job("true", "{}"));
    assert!(!job("false", "{}") && !job("true", "{kueue.x-k8s.io/queue-name: team}"));
}

#[test]
fn what_a_pod_asks_for_as_a_whole_counts_in_place_of_its_containers_sum() {
    let sized = |resources: &str, of_container: &str| {
        let text = deployment("whole")
            .replace("      containers:", &format!("      resources: {resources}\n      containers:"))
            .replace("{requests: {cpu: 500m, memory: 1Gi}}", of_container);
        let decision = decide(&text, "whole", &operated());
        let of = |fact: &str| {
            let item = decision.evidence.iter().find(|item| item.fact == fact);
            item.map(|item| (item.value.clone(), item.at.rsplit('.').nth(1).unwrap_or_default().to_owned()))
        };
        (of("cpu"), of("memory"), decision.finding("WRK001").is_some())
    };
    let known = |cpu: &str, memory: &str, side: &str| {
        let of = |value: &str| Some((value.to_owned(), side.to_owned()));
        (of(cpu), of(memory), false)
    };
    let asked = "{requests: {cpu: 500m, memory: 1Gi}}";
    assert_eq!(sized("{requests: {cpu: 20, memory: 200Gi}}", asked), known("20", "200Gi", "requests"));
    assert_eq!(sized("{requests: {cpu: 2, memory: 4Gi}}", "{}"), known("2", "4Gi", "requests"));
    assert_eq!(sized("{limits: {cpu: 2, memory: 4Gi}}", "{}"), known("2", "4Gi", "limits"));
    assert_eq!(sized("{limits: {cpu: 2, memory: 4Gi}}", asked), known("500m", "1Gi", "requests"));
    let huge = deployment("huge").replace(
        "      containers:",
        "      resources: {limits: {cpu: 1, memory: 1Gi, hugepages-2Mi: 100Mi}}\n      containers:",
    );
    let decision = decide(&huge, "huge", &operated());
    assert!(decision.findings.iter().any(|found| found.value == "100Mi"), "{:?}", decision.findings);
}

#[test]
fn what_ends_is_asked_for_no_start_that_a_server_has() {
    let text = "
apiVersion: batch/v1
kind: Job
metadata: {name: import, annotations: {berth.dev/unit-duration: 1m, berth.dev/runs-per-month: '30'}}
spec:
  template:
    spec: {containers: [{name: import, image: import, resources: {requests: {cpu: 500m, memory: 1Gi}}}]}
";
    let decision = decide(text, "import", &operated());
    let best = decision.recommendation.expect("something holds it");
    assert_eq!(best.confidence, Confidence::High, "{:?}", decision.open_questions);
    assert!(decision.open_questions.is_empty(), "{:?}", decision.open_questions);
}

#[test]
fn a_jobs_completions_are_no_copies_that_run_all_month() {
    let text = "
apiVersion: batch/v1
kind: Job
metadata: {name: many, annotations: {berth.dev/unit-duration: 1m, berth.dev/runs-per-month: '1'}}
spec:
  completions: 20000
  template:
    spec: {containers: [{name: many, image: many, resources: {requests: {cpu: 500m, memory: 1Gi}}}]}
";
    let decision = decide(text, "many", &operated());
    // 333 hours in all.
    assert!(cost(&decision, Target::AppRunner).high < 300.0, "{:?}", cost(&decision, Target::AppRunner));
}

#[test]
fn the_basis_names_the_instance_that_a_copy_takes_all_of() {
    let text = deployment("mpi").replace(
        "{cpu: 500m, memory: 1Gi}}",
        "{cpu: 500m, memory: 1Gi}, limits: {vpc.amazonaws.com/efa: 1}}",
    );
    let of = |text: &str| {
        let observed = common::observe("basis", text);
        let policy = operated();
        let evidence = berth::evidence::evidence(&observed[0], &policy);
        let question = berth::decide::targets::Question::new(&evidence, Catalog::embedded(), &policy);
        berth::decide::targets::basis::basis(Target::EKSNodes, &question).compute
    };
    assert!(of(&text).contains(" for all of the largest "), "{}", of(&text));
    assert!(of(&deployment("plain")).contains(" for a share of an instance"));
}

#[test]
fn the_services_at_which_another_wins_are_counted_with_the_requests_that_are_known() {
    let hook = include_str!("../examples/targets/Lambda.yaml");
    let on = |services: f64| {
        decide(
            hook,
            "invoice-hook",
            &policy(&format!("operations: {{platformTeam: true, services: {services}}}")),
        )
    };
    let winner = |services: f64| on(services).recommendation.expect("something holds it").target;
    let break_evens = on(1.0).break_evens;
    let shared =
        break_evens.iter().find(|of| of.fact == "services").expect("some fleet shares a cluster's cost thin");
    assert_eq!((shared.below, winner(shared.value - 1.0)), (Target::Lambda, Target::Lambda));
    assert_eq!(shared.above, winner(shared.value));
}

#[test]
fn a_stock_image_goes_to_lambda_for_nobody_who_does_not_rebuild_it() {
    let job = |image: &str| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: populate}}\nspec: {{activeDeadlineSeconds: 300, template: \
             {{spec: {{containers: [{{name: m, image: '{image}', resources: {{requests: {{cpu: 100m, memory: 256Mi}}}}}}]}}}}}}\n"
        )
    };
    let own = decide(&job("example/populate"), "populate", &Policy::default());
    assert_eq!(own.recommendation.as_ref().expect("it fits").target, Target::Lambda);
    assert!(own.finding("LMB024").expect("it's said").message.contains("Runtime API"));
    let stock = decide(&job("postgres:16-alpine"), "populate", &Policy::default());
    let best = stock.recommendation.as_ref().expect("it fits");
    assert!(matches!(best.target, Target::Batch | Target::ECSFargate), "{}", best.target);
    assert_eq!(best.confidence, Confidence::Medium);
    assert!(stock.open_questions.iter().any(|open| open.question.contains("Runtime API")));
}
