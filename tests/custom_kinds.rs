//! Kinds of other projects, read from files: Argo Rollouts, KEDA, the Gateway API, the Prometheus operator.

mod common;

use berth::{
    evidence::{evidence, features_used},
    facts::{Evidence, Lifetime, Protocol, Source, Trigger},
    observe::{
        Id, Index, Key, Kind, Object, Observed,
        manifest::{Manifests, Severity},
    },
    policy::Policy,
};

/// A Deployment with its Service, of this name.
fn web(name: &str) -> String {
    format!(
        "---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shop}}
spec:
  replicas: 2
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: a, image: 'a:1', ports: [{{containerPort: 7000}}]}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: shop, labels: {{svc: {name}}}}}
spec: {{selector: {{app: {name}}}, ports: [{{port: 80, targetPort: 7000}}]}}
"
    )
}

fn near(api_version: &str, kind: &str, name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec: {spec}\n"
    )
}

fn scaled(spec: &str) -> String {
    near("keda.sh/v1alpha1", "ScaledObject", "scale", spec)
}

fn known(text: &str) -> Evidence {
    let observed: Vec<Observed> = common::observe("custom.yaml", text);
    assert_eq!(observed.len(), 1, "{observed:?}");
    evidence(&observed[0], &Policy::default())
}

fn copies(evidence: &Evidence) -> (f64, f64, &str) {
    let copies = evidence.copies.get().unwrap();
    (copies.value.min, copies.value.max, &copies.at)
}

fn features(evidence: &Evidence) -> Vec<String> {
    features_used(evidence)
}

const TEMPLATE: &str =
    "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: 'a:1'}]}}";

#[test]
fn a_rollout_is_a_workload() {
    let rollout = near(
        "argoproj.io/v1alpha1",
        "Rollout",
        "web",
        &format!("{{replicas: 3, strategy: {{canary: {{}}}}, {TEMPLATE}}}"),
    );
    let evidence = known(&rollout);
    assert_eq!((evidence.subject.kind.as_str(), evidence.lifetime), ("Rollout", Lifetime::Service));
    assert_eq!(copies(&evidence), (3.0, 3.0, "spec.replicas"));
    assert_eq!(features(&evidence), ["Rollout"], "more than a Deployment");
}

/// The autoscaler names the Rollout, the Rollout the Deployment: one workload, scaled by it.
#[test]
fn a_rollout_of_a_deployment_is_a_word_about_it() {
    let rollout = near(
        "argoproj.io/v1alpha1",
        "Rollout",
        "progress",
        "{replicas: 5, workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}, strategy: {blueGreen: {}}}",
    );
    // Argo scales the Deployment down to nothing once its own Pods run.
    let stopped = web("web").replace("replicas: 2", "replicas: 0") + &rollout;
    let evidence = known(&stopped);
    assert_eq!(evidence.subject.kind, "Deployment");
    assert_eq!(copies(&evidence), (5.0, 5.0, "Rollout progress spec.replicas"));
    assert!(evidence.shares_platform && evidence.at_rest().is_none());
    assert_eq!(features(&evidence), ["Rollout"]);
    let autoscaler = near(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "hpa",
        "{scaleTargetRef: {kind: Rollout, name: progress}, minReplicas: 2, maxReplicas: 9}",
    );
    let evidence = known(&(stopped + &autoscaler));
    assert_eq!(copies(&evidence), (2.0, 9.0, "HorizontalPodAutoscaler hpa spec"));
}

#[test]
fn a_rollout_that_changes_its_form_is_counted_once() {
    let own = near("argoproj.io/v1alpha1", "Rollout", "web", &format!("{{{TEMPLATE}}}"));
    let other =
        near("argoproj.io/v1alpha1", "Rollout", "web", "{workloadRef: {kind: Deployment, name: web}}");
    let mut index = index(&(web("web") + &own));
    let kinds = |index: &Index| index.workloads().map(|w| w.key.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&index), [Kind::Deployment, Kind::Rollout]);
    let touched = put(&mut index, &other);
    assert_eq!(touched, ["Deployment web", "Rollout web"]);
    assert_eq!(kinds(&index), [Kind::Deployment]);
    assert_eq!(put(&mut index, &own), ["Deployment web", "Rollout web"]);
    index.retain("Rollout", &Default::default());
    assert_eq!(kinds(&index), [Kind::Deployment]);
}

#[test]
fn keda_scales_to_nothing_unless_it_says_otherwise() {
    let keda = |spec: &str| known(&(web("web") + &scaled(spec)));
    let evidence = keda("{scaleTargetRef: {name: web}, triggers: [{type: cpu}]}");
    assert_eq!(copies(&evidence), (0.0, 100.0, "ScaledObject scale spec"));
    assert_eq!(features(&evidence), ["ScaledObject"]);
    let bounded = keda("{scaleTargetRef: {name: web}, minReplicaCount: 2, maxReplicaCount: 7, triggers: []}");
    assert_eq!(copies(&bounded), (2.0, 7.0, "ScaledObject scale spec"));
    let idle = keda("{scaleTargetRef: {name: web}, minReplicaCount: 2, idleReplicaCount: 0, triggers: []}");
    assert_eq!(copies(&idle).0, 0.0);
    // KEDA's own autoscaler can't go below one; KEDA can.
    let made = near(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "a-keda-hpa",
        "{scaleTargetRef: {kind: Deployment, name: web}, minReplicas: 1, maxReplicas: 7}",
    );
    let both = known(&(web("web") + &made + &scaled("{scaleTargetRef: {name: web}, maxReplicaCount: 7}")));
    assert_eq!(copies(&both), (0.0, 7.0, "ScaledObject scale spec"));
    let other = keda("{scaleTargetRef: {kind: StatefulSet, name: web}}");
    assert_eq!(copies(&other).2, "spec.replicas", "it's about a StatefulSet of that name");
}

#[test]
fn a_trigger_says_what_starts_the_work_where_it_does() {
    let by = |types: &str| {
        let triggers: Vec<String> = types.split(' ').map(|name| format!("{{type: {name}}}")).collect();
        known(
            &(web("web")
                + &scaled(&format!(
                    "{{scaleTargetRef: {{name: web}}, triggers: [{}]}}",
                    triggers.join(", ")
                ))),
        )
        .trigger
    };
    for (types, trigger) in [
        ("aws-sqs-queue", Some(Trigger::Queue)),
        ("rabbitmq", Some(Trigger::Queue)),
        ("kafka", Some(Trigger::Stream)),
        ("aws-kinesis-stream", Some(Trigger::Stream)),
        // They say how many copies there should be, not what those work on.
        ("cron prometheus", None),
        ("cron aws-sqs-queue", Some(Trigger::Queue)),
    ] {
        let fact = by(types);
        assert_eq!(fact.value().copied(), trigger, "{types}");
        if let Some(known) = fact.get() {
            assert_eq!(
                (known.source, &*known.at),
                (Source::Inferred, "ScaledObject scale spec.triggers[*].type")
            );
        }
    }
}

#[test]
fn a_scaled_job_is_a_workload_that_runs() {
    let job = near(
        "keda.sh/v1alpha1",
        "ScaledJob",
        "import",
        "{jobTargetRef: {activeDeadlineSeconds: 600, template: {spec: {containers: [{name: a, image: 'a:1'}]}}}, \
         triggers: [{type: aws-sqs-queue}]}",
    );
    let evidence = known(&job);
    assert_eq!((evidence.subject.kind.as_str(), evidence.lifetime), ("ScaledJob", Lifetime::Run));
    assert_eq!(evidence.trigger.value(), Some(&Trigger::Queue));
    assert_eq!(evidence.run_limit.get().unwrap().at, "spec.jobTargetRef.activeDeadlineSeconds");
    assert_eq!(evidence.image.get().unwrap().at, "spec.jobTargetRef.template.spec.containers[0].image");
}

#[test]
fn a_route_says_what_a_port_speaks_and_where_clients_come_in() {
    let route = |kind: &str, backend: &str| {
        let spec = format!("{{rules: [{{backendRefs: [{backend}]}}]}}");
        known(&(web("web") + &near("gateway.networking.k8s.io/v1", kind, "way", &spec)))
    };
    let http = route("HTTPRoute", "{name: web, port: 80}");
    assert_eq!(http.protocols[0].get().unwrap().at, "HTTPRoute way spec.rules");
    assert_eq!(http.trigger.value(), Some(&Trigger::Http));
    assert_eq!(features(&http), ["HTTPRoute"]);
    assert!(route("GRPCRoute", "{name: web, port: 80}").speaks(Protocol::Grpc).is_some());
    for elsewhere in [
        "{name: other, port: 80}",
        "{name: web, namespace: other}",
        "{name: web, kind: S3, group: example.com}",
    ] {
        let evidence = route("HTTPRoute", elsewhere);
        assert!(evidence.protocols[0].is_unknown() && features(&evidence).is_empty(), "{elsewhere}");
    }
    assert!(route("HTTPRoute", "{name: web, port: 81}").protocols[0].is_unknown(), "another port");
}

#[test]
fn a_monitor_is_a_feature_of_what_it_scrapes() {
    let with = |kind: &str, spec: &str| {
        features(&known(&(web("web") + &near("monitoring.coreos.com/v1", kind, "watch", spec))))
    };
    for (kind, spec) in [
        ("ServiceMonitor", "{selector: {matchLabels: {svc: web}}, endpoints: [{port: http}]}"),
        ("ServiceMonitor", "{selector: {}, namespaceSelector: {any: true}}"),
        (
            "ServiceMonitor",
            "{selector: {matchLabels: {svc: web}}, namespaceSelector: {matchNames: [other, shop]}}",
        ),
        ("ServiceMonitor", "{selector: {matchExpressions: [{key: svc, operator: Exists}]}}"),
        ("PodMonitor", "{selector: {matchLabels: {app: web}}}"),
        ("PodMonitor", "{selector: {matchLabels: {app: web}}, namespaceSelector: {any: true}}"),
    ] {
        assert_eq!(with(kind, spec), [kind], "{spec}");
    }
    for (kind, spec) in [
        // Labels of the Pod, and of the Service.
        ("ServiceMonitor", "{selector: {matchLabels: {app: web}}}"),
        ("PodMonitor", "{selector: {matchLabels: {svc: web}}}"),
        ("ServiceMonitor", "{selector: {matchLabels: {svc: web}}, namespaceSelector: {matchNames: [other]}}"),
    ] {
        assert_eq!(with(kind, spec), Vec::<String>::new(), "{kind} {spec}");
    }
}

#[test]
fn a_definition_that_converts_by_a_service_ties_it_to_kubernetes() {
    let definition = "---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  conversion: {strategy: Webhook, webhook: {clientConfig: {service: {namespace: shop, name: web}}}}
";
    let evidence = known(&(web("web") + definition));
    assert_eq!(features(&evidence), ["called by the API server"]);
}

#[test]
fn a_version_that_isnt_read_is_named_and_left_out() {
    let mut manifests = Manifests::default();
    manifests.text("later.yaml", &near("keda.sh/v2", "ScaledObject", "scale", "{}"));
    let [trouble] = manifests.troubles.as_slice() else { panic!("{:?}", manifests.troubles) };
    assert_eq!(trouble.severity, Severity::Note);
    assert_eq!(
        trouble.reason,
        "keda.sh/v2 ScaledObject isn't a version that Berth reads: it reads v1alpha1; left out"
    );
}

fn read(text: &str) -> Vec<Object> {
    let mut manifests = Manifests::default();
    manifests.text("index.yaml", text);
    assert_eq!(manifests.troubles, []);
    manifests.objects.into_iter().map(|(_, object)| object).collect()
}

fn index(text: &str) -> Index {
    let mut index = Index::default();
    for object in read(text) {
        index.put(object);
    }
    index
}

fn names(touched: impl IntoIterator<Item = Key>) -> Vec<String> {
    touched.into_iter().map(|key| format!("{} {}", key.kind, key.name)).collect()
}

/// The workloads that are looked at again when these come.
fn put(index: &mut Index, text: &str) -> Vec<String> {
    names(read(text).into_iter().flat_map(|object| index.put(object)))
}

#[test]
fn each_touches_the_workloads_that_it_speaks_of_and_no_other() {
    let mut index = index(&(web("web") + &web("other")));
    let to_web = "{scaleTargetRef: {kind: Deployment, name: web}, minReplicas: 1, maxReplicas: 3}";
    let cases = [
        ("keda.sh/v1alpha1", "ScaledObject", "{scaleTargetRef: {name: web}}"),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", "{rules: [{backendRefs: [{name: web}]}]}"),
        ("gateway.networking.k8s.io/v1", "GRPCRoute", "{rules: [{backendRefs: [{name: web}]}]}"),
        ("monitoring.coreos.com/v1", "ServiceMonitor", "{selector: {matchLabels: {svc: web}}}"),
        (
            "monitoring.coreos.com/v1",
            "ServiceMonitor",
            "{selector: {matchLabels: {svc: web}}, namespaceSelector: {any: true}}",
        ),
        ("monitoring.coreos.com/v1", "PodMonitor", "{selector: {matchLabels: {app: web}}}"),
        ("argoproj.io/v1alpha1", "Rollout", "{workloadRef: {kind: Deployment, name: web}}"),
        ("autoscaling/v2", "HorizontalPodAutoscaler", to_web),
    ];
    for (api_version, kind, spec) in cases {
        let text = near(api_version, kind, "near", spec);
        assert_eq!(put(&mut index, &text), ["Deployment web"], "{kind} {spec}");
        assert_eq!(put(&mut index, &text), Vec::<String>::new(), "{kind} that is as it was");
        let kind = read(&text).into_iter().find_map(|object| match object {
            Object::Neighbour(near) => Some(near.what.kind()),
            _ => None,
        });
        let id = Id::Neighbour { kind: kind.unwrap(), namespace: "shop".into(), name: "near".into() };
        assert_eq!(names(index.remove(&id)), ["Deployment web"], "{spec} that goes");
    }
    // Through a Rollout to the workload that it's about.
    put(
        &mut index,
        &near("argoproj.io/v1alpha1", "Rollout", "way", "{workloadRef: {kind: Deployment, name: web}}"),
    );
    let to_rollout = to_web.replace("kind: Deployment, name: web", "kind: Rollout, name: way");
    let hpa = near("autoscaling/v2", "HorizontalPodAutoscaler", "near", &to_rollout);
    assert_eq!(put(&mut index, &hpa), ["Deployment web"]);
}
