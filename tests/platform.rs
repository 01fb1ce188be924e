//! The platform's own verdict: what holds a cluster, what justifies it, and what leaving it saves.

mod common;

use berth::{
    catalog::{Catalog, Target},
    decide::{
        Confidence, Decision, Verdict,
        platform::{self, Justification, Member, PlatformVerdict},
    },
    evaluate_member,
    policy::Policy,
};

/// The members of one cluster.
fn members(manifests: &str, policy: &Policy) -> Vec<Member> {
    common::observe("test", manifests)
        .iter()
        .map(|observed| evaluate_member(observed, Catalog::embedded(), policy).1)
        .collect()
}

fn judged(manifests: &str, policy: &Policy) -> PlatformVerdict {
    platform::verdict(&members(manifests, policy), Catalog::embedded(), policy)
}

fn policy(platform_team: Option<bool>) -> Policy {
    let mut policy = Policy::default();
    policy.operations.platform_team = platform_team;
    policy
}

/// A service as the guide's rule of thumb means it.
fn service(namespace: &str, name: &str) -> String {
    format!(
        "
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {namespace}, labels: {{team: {namespace}-team}}}}
spec:
  replicas: 2
  template:
    spec:
      containers:
        - {{name: main, image: example/{name}, resources: {{requests: {{cpu: 500m, memory: 1Gi}}}}}}
---"
    )
}

fn services(count: usize) -> String {
    (0..count).map(|number| service("shop", &format!("service-{number:03}"))).collect()
}

/// What its row says of a workload that is counted as the platform's own.
fn own(manifests: &str, name: &str) -> (Member, Decision) {
    let all = common::observe("test", manifests);
    let observed = all.iter().find(|observed| observed.workload.key.name == name).expect("it is there");
    let (decision, member) = evaluate_member(observed, Catalog::embedded(), &Policy::default());
    (member, decision)
}

#[test]
fn what_only_keeps_room_on_nodes_is_the_platforms_own_and_stays_with_them() {
    let room = service("other", "room").replace("example/room", "registry.k8s.io/pause");
    let (member, decision) = own(&format!("{}{room}", service("shop", "web")), "room");
    assert_eq!((member.own, member.service), (Some("it keeps room on the cluster's nodes"), false));
    assert_eq!(decision.verdict, Verdict::WellPlaced);
    let best = decision.recommendation.as_ref().expect("nodes hold it");
    assert_eq!(best.confidence, Confidence::Low, "the name of an image is an inference");
    assert!(best.summary.starts_with("It keeps room on the cluster's nodes; "), "{}", best.summary);
    assert!(decision.open_questions[0].question.contains("serve the cluster itself"));
    assert!(decision.finding("PRM001").is_none());
    let services = decision.evidence.iter().find(|item| item.fact == "services").expect("counted");
    assert_eq!(services.value, "1", "web alone");
}

#[test]
fn the_row_of_what_serves_the_cluster_agrees_with_the_count() {
    let of = |namespace: &str, image: &str| service(namespace, "add-on").replace("example/add-on", image);
    for (namespace, image, by) in [
        ("default", "registry.k8s.io/ingress-nginx/controller:v1.14.0", "image"),
        ("shop", "example.com:5000/jetstack/cert-manager-controller@sha256:0123", "image"),
        ("kube-system", "quay.io/oauth2-proxy/oauth2-proxy", "namespace"),
        ("argocd", "redis:8", "namespace"),
    ] {
        let (member, decision) = own(&of(namespace, image), "add-on");
        assert!(member.own.is_some() && !member.service, "{image}");
        assert_eq!(decision.verdict, Verdict::WellPlaced, "{image}");
        let best = decision.recommendation.as_ref().expect("the cluster holds it");
        assert!(best.target.is_kubernetes(), "{image}: {}", best.target);
        assert_eq!(best.confidence, Confidence::Low, "{image}: a name is an inference");
        let says = format!("It serves the cluster itself, as its {by} tells");
        assert!(best.summary.starts_with(&says), "{image}: {}", best.summary);
        assert!(decision.finding("PRM001").is_none(), "{image}");
        let outside = decision.candidates.iter().filter(|candidate| !candidate.target.is_kubernetes());
        assert!(outside.flat_map(|of| &of.findings).any(|finding| finding.rule == "EKS020"), "{image}");
    }
    // Names that only look like one, or that anyone may choose.
    for image in [
        "nginx:1.29",
        "example/controller",
        "example/nginx-ingress-page",
        "example/tour-operator",
        "example/berth",
        "example/snapshot-controller",
        "example/pause",
    ] {
        let (member, decision) = own(&of("shop", image), "add-on");
        assert!(member.own.is_none() && decision.finding("EKS020").is_none(), "{image}");
    }
}

/// A workload that calls the Kubernetes API.
const CONTROLLER: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: runner, namespace: ci}
spec:
  template:
    spec:
      serviceAccountName: runner
      containers: [{name: main, image: example/runner, resources: {requests: {cpu: 500m, memory: 1Gi}}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: runner}
roleRef: {kind: ClusterRole, name: edit}
subjects: [{kind: ServiceAccount, name: runner, namespace: ci}]
---";

fn reasons(verdict: &PlatformVerdict) -> Vec<&str> {
    verdict.reasons.iter().map(|reason| reason.reason.as_str()).collect()
}

#[test]
fn a_few_services_dont_justify_a_cluster_and_many_with_a_platform_team_do() {
    let few = judged(&services(8), &policy(None));
    assert_eq!(few.verdict, Justification::NotJustified, "{}", few.summary);
    assert_eq!(reasons(&few)[0], "CheaperElsewhere");
    assert!(few.saving.if_cluster_goes.low > 2000.0 && few.saving.if_cluster_stays.high < 0.0, "{few:#?}");

    let many = judged(&services(60), &policy(Some(true)));
    assert_eq!(many.verdict, Justification::Justified, "{}", many.summary);
    assert_eq!(reasons(&many)[0], "CheaperTogether");
    assert!(many.saving.if_cluster_goes.high < 0.0);
    assert_eq!(many.need_kubernetes.count, 0);
}

#[test]
fn what_wasnt_read_keeps_the_cluster_from_being_called_needless() {
    let unread = |kinds: &[&str]| kinds.iter().map(|kind| ((*kind).to_owned(), 2)).collect();
    let few = judged(&services(8), &policy(None));
    assert_eq!(few.clone().beside(&unread(&[])), few);
    let beside = few.beside(&unread(&["Cluster", "Kafka"]));
    assert_eq!(beside.verdict, Justification::Undetermined);
    assert!(
        beside.summary.ends_with("whether what runs for Cluster and Kafka does, isn't known."),
        "{}",
        beside.summary
    );
    assert_eq!(reasons(&beside)[..2], ["NotRead", "CheaperElsewhere"]);
    assert!(
        beside.reasons[0].message.starts_with("4 objects of kinds that Berth doesn't read"),
        "{beside:?}"
    );
    // What holds it by itself holds it all the same.
    let many = judged(&services(60), &policy(Some(true))).beside(&unread(&["Kafka"]));
    assert_eq!(many.verdict, Justification::Justified);
}

#[test]
fn it_turns_once_between_30_and_40_services_with_a_platform_team() {
    let verdicts: Vec<(usize, Justification)> =
        (20..50).map(|count| (count, judged(&services(count), &policy(Some(true))).verdict)).collect();
    let justified = verdicts.iter().position(|(_, verdict)| *verdict == Justification::Justified).unwrap();
    assert!((30..=40).contains(&verdicts[justified].0), "{verdicts:?}");
    assert!(verdicts[justified..].iter().all(|(_, verdict)| *verdict == Justification::Justified));
    assert!(verdicts[..justified].iter().all(|(_, verdict)| *verdict == Justification::NotJustified));
}

#[test]
fn where_a_platform_team_decides_it_the_verdict_says_so() {
    let verdict = judged(&services(45), &policy(None));
    assert_eq!(verdict.verdict, Justification::Undetermined, "{}", verdict.summary);
    let asked = verdict.reasons.iter().find(|reason| reason.reason == "PlatformTeamUnknown").unwrap();
    assert!(asked.message.contains("Justified with one, NotJustified without"), "{}", asked.message);
}

#[test]
fn what_needs_kubernetes_holds_the_cluster_and_is_named_with_its_reason() {
    let verdict = judged(&(services(8) + CONTROLLER), &policy(None));
    assert_eq!(verdict.verdict, Justification::Justified);
    assert_eq!(verdict.summary, "8 of 9 workloads don't need Kubernetes; ci/deployment/runner holds it.");
    assert_eq!(verdict.need_kubernetes.count, 1);
    assert!(verdict.need_kubernetes.workloads[0].because.ends_with("(EKS001)"));
    assert!(verdict.reasons.iter().any(|reason| reason.reason == "PriceOfHolding"));
    let without = judged(&services(8), &policy(None));
    assert_eq!(verdict.saving.if_cluster_goes, without.saving.if_cluster_goes, "what the others would save");
}

#[test]
fn a_decision_to_stay_holds_the_cluster_too() {
    let policy = policy(None);
    let mut members = members(&services(3), &policy);
    members[0].verdict = berth::decide::Verdict::Exempt;
    members[0].need = platform::Need::Yes("kept".to_owned());
    let verdict = platform::verdict(&members, Catalog::embedded(), &policy);
    assert_eq!((verdict.verdict, verdict.exempt), (Justification::Justified, 1));
}

#[test]
fn who_decided_to_stay_isnt_counted_among_what_moves() {
    let stays = service("shop", "kept").replace(
        "labels: {team: shop-team}",
        "labels: {team: shop-team}, annotations: {berth.dev/exempt: the licence is bound to a node}",
    );
    let verdict = judged(&(stays + &service("shop", "web")), &policy(None));
    let told = verdict.reasons.iter().find(|reason| reason.reason == "AtTheMargin").expect("a margin");
    assert!(told.message.contains("moving the 1 that fits elsewhere"), "{}", told.message);
    assert!(verdict.summary.starts_with("1 of 2 workloads doesn't need Kubernetes"), "{}", verdict.summary);
}

#[test]
fn what_serves_the_cluster_is_counted_apart_and_holds_nothing() {
    let agent = "
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: log-agent, namespace: shop}
spec: {template: {spec: {containers: [{name: main, image: example/log-agent}]}}}
---";
    let add_on = CONTROLLER.replace("example/runner", "registry.k8s.io/metrics-server/metrics-server:v0.8.0");
    let verdict = judged(&(services(3) + agent + &add_on), &policy(None));
    assert_eq!((verdict.workloads, verdict.platforms_own.count), (3, 2));
    assert_eq!(verdict.verdict, Justification::NotJustified);
    let named: Vec<&str> = verdict.platforms_own.workloads.iter().map(|own| own.workload.as_str()).collect();
    assert_eq!(named, ["ci/deployment/runner", "shop/daemonset/log-agent"]);
}

#[test]
fn nothing_that_teams_run_is_no_verdict() {
    let verdict = judged("", &policy(None));
    assert_eq!((verdict.verdict, reasons(&verdict)), (Justification::Undetermined, vec!["NoWorkloads"]));
    assert_eq!(verdict.monthly_cost.now.high, 0.0);
}

#[test]
fn the_fixed_cost_is_counted_once() {
    let policy = policy(Some(true));
    let now = |manifests: &str| judged(manifests, &policy).monthly_cost.now.high;
    let fixed = judged(&services(1), &policy).monthly_cost.fixed.high;
    // One share of a front door or of a node doesn't depend on the others, so that only the fixed cost is shared.
    let margin = now(&services(1)) - fixed;
    let all = now(&services(20));
    assert!((all - (fixed + 20.0 * margin)).abs() < 0.5, "{all} isn't {fixed} and 20 times {margin}");
}

#[test]
fn teams_are_the_label_and_else_the_namespace() {
    let unlabelled = service("ops", "cleaner").replace(", labels: {team: ops-team}", "");
    let verdict = judged(&(services(2) + &unlabelled), &policy(None));
    let teams: Vec<(&str, u32)> =
        verdict.by_team.iter().map(|team| (team.name.as_str(), team.workloads)).collect();
    assert_eq!(teams, [("shop-team", 2), ("ops", 1)]);
    assert_eq!((verdict.teams, verdict.namespaces), (2, 2));
}

#[test]
fn long_lists_are_cut_and_their_totals_stay_whole() {
    let manifests: String = (0..120).map(|number| service(&format!("team-{number:03}"), "web")).collect();
    let verdict = judged(&manifests, &policy(None));
    assert_eq!((verdict.namespaces, verdict.by_namespace.len(), verdict.truncated), (120, 100, true));
    let size = serde_json::to_vec(&verdict).unwrap().len();
    assert!(size < 40_000, "{size} bytes");
    assert!(!judged(&services(120), &policy(None)).truncated);
}

#[test]
fn features_are_counted_with_their_first_users() {
    let scaled = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: service-000}, maxReplicas: 4}
---";
    let verdict = judged(&(services(2) + scaled), &policy(None));
    let features: Vec<_> =
        verdict.features.iter().map(|of| (of.feature.as_str(), of.workloads, of.used_by.join(" "))).collect();
    assert_eq!(features, [("HorizontalPodAutoscaler", 1, "shop/deployment/service-000".to_owned())]);
}

#[test]
fn counts_by_target_are_of_what_is_recommended() {
    let verdict = judged(&(services(3) + CONTROLLER), &policy(None));
    let total: u32 = verdict.by_target.iter().map(|of| of.workloads).sum();
    assert_eq!(total, 4);
    assert!(verdict.by_target.iter().any(|of| of.target == Target::ECSFargate && of.workloads == 3));
}

#[test]
fn what_may_cost_more_isnt_told_as_a_saving() {
    for count in [1, 20, 40, 60, 80] {
        for team in [None, Some(true), Some(false)] {
            for text in [services(count), services(count) + CONTROLLER] {
                for reason in judged(&text, &policy(team)).reasons {
                    assert!(!reason.message.contains("-$"), "{}", reason.message);
                }
            }
        }
    }
}

#[test]
fn what_aws_cant_hold_at_all_holds_no_cluster() {
    let elsewhere = service("shop", "report")
        .replace("containers:\n", "nodeSelector: {kubernetes.io/arch: s390x}\n      containers:\n");
    let verdict = judged(&elsewhere, &policy(None));
    assert_eq!(verdict.verdict, Justification::Undetermined, "{verdict:?}");
    assert_eq!(verdict.summary, "The only workload fits nowhere on AWS as it stands.");
    // Nothing that a person could answer decides it, and beside others it changes nothing of theirs.
    let both = judged(&(elsewhere + &services(8)), &policy(None));
    let others = judged(&services(8), &policy(None));
    assert_eq!((both.fit_nowhere.count, both.may_need_kubernetes.count), (1, 0));
    assert!(both.fit_nowhere.workloads[0].because.ends_with("(EKS022)"), "{:?}", both.fit_nowhere);
    assert_eq!(reasons(&both)[0], "FitsNowhere");
    assert_eq!(
        both.reasons[0].message,
        "shop/deployment/report fits nowhere on AWS as it stands, and isn't priced."
    );
    assert_eq!(both.verdict, others.verdict);
    assert_eq!(both.saving.if_cluster_goes, others.saving.if_cluster_goes);
    assert!(serde_json::to_value(&others).unwrap().get("fitNowhere").is_none());
}
