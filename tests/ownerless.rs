//! Pods, ReplicaSets and ReplicationControllers that nobody owns are workloads; those that somebody owns never are.

mod common;

use berth::{
    catalog::Catalog,
    decide::{Decision, decide},
    evidence::{evidence, features_used},
    facts::{Evidence, Lifetime},
    observe::{Kind, Observed},
    policy::Policy,
};

const POD: &str = "
apiVersion: v1
kind: Pod
metadata:
  name: hook
  namespace: shop
  labels: {app: hook, team: payments}
  annotations: {berth.dev/trigger: HTTP, linkerd.io/inject: enabled}
spec:
  containers: [{name: hook, image: 'hook:1', resources: {requests: {cpu: 250m, memory: 256Mi}}}]
";

fn one(text: &str) -> Observed {
    let mut observed = common::observe("ownerless.yaml", text);
    assert_eq!(observed.len(), 1);
    observed.remove(0)
}

fn known(text: &str) -> Evidence {
    evidence(&one(text), &Policy::default())
}

fn decision(text: &str) -> Decision {
    decide(&known(text), Catalog::embedded(), &Policy::default())
}

fn kinds(text: &str) -> Vec<Kind> {
    common::observe("owners.yaml", text).iter().map(|observed| observed.workload.key.kind).collect()
}

#[test]
fn a_pod_is_read_by_its_own_paths() {
    let evidence = known(POD);
    assert_eq!(evidence.lifetime, Lifetime::Service);
    assert_eq!(evidence.cpu.get().unwrap().at, "spec.containers[0].resources.requests.cpu");
    assert_eq!(evidence.image.get().unwrap().at, "spec.containers[0].image");
    assert_eq!(evidence.team.value().unwrap(), "payments");
    assert_eq!(evidence.copies.get().unwrap().at, "kind");
    // Its annotations are the workload's and the Pod's at once: read as both, and misplaced as neither.
    let mesh = evidence.signals.iter().find(|signal| signal.value == "enabled").unwrap();
    assert_eq!(mesh.field, "metadata.annotations[linkerd.io/inject]");
    let decision = decision(POD);
    assert!(decision.finding("WRK009").is_none(), "{:?}", decision.finding("WRK009"));
    assert_eq!(decision.finding("WRK011").unwrap().field, "kind");
}

#[test]
fn a_pod_that_is_not_started_again_is_a_run() {
    for (policy, lifetime) in
        [("Never", Lifetime::Run), ("OnFailure", Lifetime::Run), ("Always", Lifetime::Service)]
    {
        let text = format!("{POD}  restartPolicy: {policy}\n  activeDeadlineSeconds: 60\n");
        let evidence = known(&text);
        assert_eq!(evidence.lifetime, lifetime);
        assert_eq!(evidence.run_limit.is_unknown(), lifetime == Lifetime::Service, "{policy}");
    }
}

#[test]
fn less_than_a_deployment_is_no_feature_of_kubernetes() {
    let plain = POD.replace("linkerd.io/inject: enabled", "a: b");
    let finding = decision(&plain).finding("PRM001").cloned().unwrap();
    assert_eq!(finding.message, "kind is Pod; it uses less of Kubernetes than a Deployment and a Service");
    assert_eq!(features_used(&known(&plain)), Vec::<String>::new());
    let summary = decision(&plain).recommendation.expect("something holds it").summary;
    assert!(summary.contains("It is a Pod, and uses nothing more of Kubernetes"), "{summary}");
}

#[test]
fn what_has_an_owner_is_no_workload() {
    let owned_by = |kind: &str, controller: bool| {
        let owner = format!("[{{apiVersion: v1, kind: {kind}, name: a, uid: a, controller: {controller}}}]");
        POD.replace("  name: hook\n", &format!("  name: hook\n  ownerReferences: {owner}\n"))
    };
    assert_eq!(kinds(&owned_by("ReplicaSet", true)), []);
    // A profile, a release or a bill may own it without making it again.
    assert_eq!(kinds(&owned_by("Release", false)), [Kind::Pod]);
    assert_eq!(kinds(&owned_by("Node", false)), [], "a static Pod is its node's");
    assert_eq!(kinds(&POD.replace("linkerd.io/inject", "kubernetes.io/config.mirror")), []);
    let set = |kind: &str, version: &str| {
        format!(
            "---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: web}}\n\
             spec: {{replicas: 2, template: {{spec: {{containers: [{{name: a, image: a}}]}}}}}}\n"
        )
    };
    let sets = set("ReplicaSet", "apps/v1") + &set("ReplicationController", "v1");
    assert_eq!(kinds(&sets), [Kind::ReplicaSet, Kind::ReplicationController]);
    let owner = "metadata: {name: web, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: a, controller: true}]}";
    assert_eq!(kinds(&sets.replace("metadata: {name: web}", owner)), []);
}

/// A cluster has as many of them as it has Pods: the API server leaves out what labels tell apart.
#[test]
fn watches_ask_for_no_pod_of_a_controller() {
    let asked: Vec<(Kind, &str)> =
        Kind::ALL.into_iter().filter_map(|kind| Some((kind, kind.ownerless()?))).collect();
    assert_eq!(asked.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [Kind::Pod, Kind::ReplicaSet]);
    for label in ["pod-template-hash", "controller-revision-hash", "job-name"] {
        assert!(asked[0].1.contains(&format!("!{label}")), "{label}");
    }
}
