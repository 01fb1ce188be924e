//! How long one decision takes, open questions and break-evens included, and what an empty engine would take.

use berth::{
    catalog::Catalog,
    decide::decide,
    evaluate,
    evidence::evidence,
    facts::Evidence,
    observe::{Index, Observed, manifest::Manifests},
    policy::Policy,
};
use divan::{Bencher, black_box};

/// The binary's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// From few open ends to a workload of which nothing is known.
const WORKLOADS: &[(&str, &str)] = &[
    (
        "http",
        "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: main
        image: example/web
        ports: [{name: http, containerPort: 8080}]
        resources: {requests: {cpu: 500m, memory: 1Gi}}
",
    ),
    (
        "grpc",
        "
apiVersion: apps/v1
kind: Deployment
metadata: {name: catalogue}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: catalogue}}
    spec:
      containers:
      - name: main
        image: example/catalogue
        ports: [{name: grpc, containerPort: 9000}]
        resources: {requests: {cpu: 500m, memory: 1Gi}}
",
    ),
    (
        "unknown",
        "
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec: {template: {spec: {containers: [{name: main, image: example/worker}]}}}
",
    ),
    (
        "controller",
        "
apiVersion: apps/v1
kind: Deployment
metadata: {name: controller}
spec:
  template:
    spec:
      serviceAccountName: controller
      containers: [{name: main, image: example/controller, resources: {requests: {cpu: 100m, memory: 128Mi}}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: controller}
roleRef: {kind: Role, name: controller}
subjects: [{kind: ServiceAccount, name: controller}]
",
    ),
];

fn observed(text: &str) -> Observed {
    let mut manifests = Manifests::default();
    manifests.text("bench.yaml", text);
    let mut index = Index::default();
    for (_, object) in manifests.objects {
        index.put(object);
    }
    let key = index.workloads().next().expect("one workload").key.clone();
    index.observe(&key).expect("it was just put there")
}

fn names() -> impl Iterator<Item = &'static str> {
    WORKLOADS.iter().map(|(name, _)| *name)
}

fn text(name: &str) -> &'static str {
    WORKLOADS.iter().find(|(n, _)| *n == name).map_or("", |(_, text)| text)
}

/// Evidence to decision.
#[divan::bench(args = names())]
fn decision(bencher: Bencher, name: &str) {
    let policy = Policy::default();
    let evidence: Evidence = evidence(&observed(text(name)), &policy);
    bencher.bench_local(|| decide(black_box(&evidence), Catalog::embedded(), &policy));
}

/// What was observed to decision.
#[divan::bench(args = names())]
fn evaluation(bencher: Bencher, name: &str) {
    let policy = Policy::default();
    let observed = observed(text(name));
    bencher.bench_local(|| evaluate(black_box(&observed), Catalog::embedded(), &policy));
}

/// Text to objects, per manifest.
#[divan::bench(args = names())]
fn reading(bencher: Bencher, name: &str) {
    bencher.bench_local(|| {
        let mut manifests = Manifests::default();
        manifests.text("bench.yaml", black_box(text(name)));
        manifests
    });
}

fn main() {
    divan::main();
}
