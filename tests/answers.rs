//! What an open question says to write can be pasted, and then what it promised comes true.

mod common;

use std::path::PathBuf;

use berth::{
    catalog::Catalog,
    decide::{Confidence, Decision},
    evaluate,
    policy::Policy,
};

/// The first workload's manifest with lines among its annotations.
fn annotated(manifest: &str, lines: &[String]) -> String {
    let mut documents: Vec<serde_yaml_ng::Value> = manifest
        .split("\n---\n")
        .filter_map(|document| serde_yaml_ng::from_str(document).ok())
        .filter(|value: &serde_yaml_ng::Value| value.is_mapping())
        .collect();
    let workload = documents
        .iter_mut()
        .find(|value| value["spec"]["template"].is_mapping() || value["spec"]["jobTemplate"].is_mapping())
        .expect("a workload");
    let mapping = |value: &mut serde_yaml_ng::Value| value.as_mapping().cloned().unwrap_or_default();
    let mut metadata = mapping(&mut workload["metadata"]);
    let mut annotations = metadata.get_mut("annotations").map(mapping).unwrap_or_default();
    for line in lines {
        let pasted: serde_yaml_ng::Mapping = serde_yaml_ng::from_str(line).expect("a line of YAML");
        for (name, value) in pasted {
            assert!(value.is_string(), "the API server refuses an annotation that isn't text: {line}");
            annotations.insert(name, value);
        }
    }
    metadata.insert("annotations".into(), annotations.into());
    workload["metadata"] = metadata.into();
    let texts: Vec<String> =
        documents.iter().map(|value| serde_yaml_ng::to_string(value).expect("YAML")).collect();
    texts.join("---\n")
}

#[test]
fn what_is_pasted_as_annotations_brings_what_was_promised() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/targets");
    let mut pasted = 0;
    for file in std::fs::read_dir(folder).expect("the examples").flatten() {
        let text = std::fs::read_to_string(file.path()).expect("a file");
        let decide = |text: &str| {
            let observed = common::observe("examples", text);
            evaluate(&observed[0], Catalog::embedded(), &Policy::default())
        };
        let answers = decide(&text).open_questions.into_iter().flat_map(|question| question.answers);
        let only_annotations = |lines: &[String]| lines.iter().all(|line| line.starts_with("berth.dev/"));
        for answer in answers.filter(|a| a.write.len() == a.suppose.len() && only_annotations(&a.write)) {
            let decision = decide(&annotated(&text, &answer.write));
            let target = decision.recommendation.map(|best| best.target);
            assert_eq!(target, answer.recommendation, "{:?} in {}", answer.write, file.path().display());
            assert_eq!(
                Some(decision.verdict),
                answer.verdict,
                "{:?} in {}",
                answer.write,
                file.path().display()
            );
            pasted += 1;
        }
    }
    assert_ne!(pasted, 0, "no example asks what annotations answer");
}

fn decide(text: &str, policy: &str) -> Decision {
    let policy = Policy::read(policy).expect("the policy is right");
    evaluate(&common::observe("answers", text)[0], Catalog::embedded(), &policy)
}

fn asks(decision: &Decision, question: &str) -> bool {
    decision.open_questions.iter().any(|open| open.question.contains(question))
}

const CONTRADICTION: &str = "
apiVersion: batch/v1
kind: Job
metadata: {name: cleanup, annotations: {berth.dev/unit-duration: 10m}}
spec:
  activeDeadlineSeconds: 300
  completions: 100
  template:
    spec:
      containers: [{name: a, image: cleanup, resources: {requests: {cpu: 2, memory: 8Gi}}}]
";

#[test]
fn a_contradiction_silences_no_other_question() {
    let without = CONTRADICTION.replace("  activeDeadlineSeconds: 300\n", "");
    for text in [CONTRADICTION, &without] {
        let decision = decide(text, "{}");
        assert!(asks(&decision, "How often does it run"), "{:?}", decision.open_questions);
    }
    let unknown = CONTRADICTION.replace(", annotations: {berth.dev/unit-duration: 10m}", "");
    let open = decide(&unknown, "{}").open_questions;
    let supposed = open.iter().flat_map(|open| &open.answers).flat_map(|answer| &answer.suppose);
    assert!(!supposed.clone().any(|one| one.value == "1h"), "longer than its deadline: {open:?}");
}

const INGEST: &str = "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ingest
  annotations: {berth.dev/trigger: TRIGGER, berth.dev/unit-duration: 8s, berth.dev/mean-requests-per-second: '0.2'}
spec:
  template:
    spec:
      containers: [{name: a, image: ingest, resources: {requests: {cpu: 500m, memory: 1Gi}}}]
";

#[test]
fn nobody_waits_for_an_event_and_nothing_is_asked_of_clients() {
    for (trigger, has_clients) in
        [("ObjectEvent", false), ("Queue", false), ("Stream", false), ("HTTP", true)]
    {
        let decision = decide(&INGEST.replace("TRIGGER", trigger), "{}");
        assert_eq!(asks(&decision, "keep connections open"), has_clients, "{trigger}");
        assert_eq!(asks(&decision, "while a copy starts"), has_clients, "{trigger}");
        let sure = decision.recommendation.expect("something holds it").confidence == Confidence::High;
        assert_eq!(sure, !has_clients, "{trigger}");
    }
}

const CRUD: &str = "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: crud
  annotations:
    berth.dev/unit-duration: 100ms
    berth.dev/mean-requests-per-second: '5'
    berth.dev/connections: Stateless
    berth.dev/cold-start-tolerance: Tolerant
spec:
  template:
    metadata: {labels: {app: crud}}
    spec:
      containers:
      - {name: a, image: crud, ports: [{name: http, containerPort: 8080}], resources: {requests: {cpu: 500m, memory: 1Gi}}}
---
apiVersion: v1
kind: Service
metadata: {name: crud}
spec: {selector: {app: crud}, ports: [{name: http, port: 80, targetPort: 8080}]}
";

#[test]
fn a_person_who_counts_requests_isnt_asked_whether_there_are_any() {
    let decision = decide(CRUD, "{}");
    assert!(decision.open_questions.is_empty(), "{:?}", decision.open_questions);
    assert_eq!(decision.recommendation.expect("something holds it").confidence, Confidence::High);
}

#[test]
fn a_schedule_that_cant_be_read_is_asked_about() {
    let text = "
apiVersion: batch/v1
kind: CronJob
metadata: {name: cleanup, annotations: {berth.dev/unit-duration: 14m}}
spec:
  schedule: every night
  jobTemplate:
    spec:
      completions: 100
      template:
        spec:
          containers: [{name: a, image: cleanup, resources: {requests: {cpu: 2, memory: 8Gi}}}]
";
    let decision = decide(text, "{}");
    assert!(asks(&decision, "How often does it run"), "{:?}", decision.open_questions);
    assert_ne!(decision.recommendation.expect("something holds it").confidence, Confidence::High);
    assert!(!asks(&decide(&text.replace("every night", "0 3 * * *"), "{}"), "How often"));
}

#[test]
fn copies_that_vary_are_settled_by_the_traffics_shape() {
    let text = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, annotations: {berth.dev/unit-duration: 20m}}
spec:
  template:
    spec:
      containers:
      - {name: a, image: 'postgres:16', ports: [{name: api, containerPort: 8080}], resources: {requests: {cpu: 2, memory: 1Gi}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api}
spec: {minReplicas: 1, maxReplicas: 10, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}}
";
    let decision = decide(text, "operations: {platformTeam: true, services: 35}");
    assert!(asks(&decision, "traffic spread over the day"), "{:?}", decision.open_questions);
    let summary = decision.recommendation.expect("something holds it").summary;
    assert!(!summary.contains("No answer settles it"), "{summary}");
}

#[test]
fn what_a_group_may_do_isnt_told_as_done() {
    let text = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: agent, namespace: ops}
spec:
  template:
    spec:
      containers: [{name: a, image: agent, resources: {requests: {cpu: 500m, memory: 1Gi}}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: view, namespace: ops}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: Group, name: 'system:serviceaccounts:ops', apiGroup: rbac.authorization.k8s.io}]
";
    let summary = decide(text, "{}").recommendation.expect("something holds it").summary;
    assert!(summary.starts_with("It may call the Kubernetes API"), "{summary}");
}
