//! The guide's crossover: with a platform team, typical services move from ECS on Fargate to EKS with nodes
//! between 30 and 40 services.

use berth::{
    catalog::{Catalog, Target},
    decide::Decision,
    evaluate,
    observe::{Index, Key, Kind, manifest::Manifests},
    policy::Policy,
};

/// A service with 0.5 vCPU, 1 GiB and two replicas, all day. What it speaks keeps Lambda and Express Mode out.
fn typical(services: usize) -> Index {
    let mut manifests = Manifests::default();
    for number in 0..services {
        let text = format!(
            "
apiVersion: apps/v1
kind: Deployment
metadata: {{name: svc-{number}}}
spec:
  replicas: 2
  template:
    metadata: {{labels: {{app: svc-{number}}}}}
    spec:
      containers:
      - name: main
        image: example/main
        ports: [{{name: grpc, containerPort: 9000}}]
        resources: {{requests: {{cpu: 500m, memory: 1Gi}}}}
"
        );
        manifests.text("fleet.yaml", &text);
    }
    assert!(manifests.troubles.is_empty(), "{:?}", manifests.troubles);
    let mut index = Index::default();
    for (_, object) in manifests.objects {
        index.put(object);
    }
    index
}

fn first(index: &Index, policy: &Policy) -> Decision {
    let key = Key { namespace: "default".into(), kind: Kind::Deployment, name: "svc-0".into() };
    let observed = index.observe(&key).expect("the fleet has it");
    evaluate(&observed, Catalog::embedded(), policy)
}

fn target(services: usize, policy: &Policy) -> Target {
    first(&typical(services), policy).recommendation.expect("something holds it").target
}

fn with_team(exists: bool) -> Policy {
    let mut policy = Policy::default();
    policy.operations.platform_team = Some(exists);
    policy
}

#[test]
fn a_platform_team_makes_nodes_pay_between_30_and_40_services() {
    let policy = with_team(true);
    let crossing = (1..=60).find(|services| target(*services, &policy) != Target::ECSFargate);
    assert!(crossing.is_some_and(|services| (31..=40).contains(&services)), "{crossing:?}");
    assert_eq!(target(crossing.unwrap_or(0), &policy), Target::EKSNodes);
    assert_eq!(target(100, &policy), Target::EKSNodes);
}

#[test]
fn without_a_platform_team_it_takes_many_more() {
    assert_eq!(target(3, &with_team(false)), Target::ECSFargate);
    assert_eq!(target(40, &with_team(false)), Target::ECSFargate);
}

#[test]
fn not_knowing_of_a_team_is_asked_when_it_matters() {
    let decision = first(&typical(45), &Policy::default());
    let asked = decision.open_questions.iter().any(|question| question.question.contains("team's job"));
    assert!(asked, "{:?}", decision.open_questions);
    let small = first(&typical(5), &Policy::default());
    assert!(!small.open_questions.iter().any(|question| question.question.contains("team's job")));
}
