//! A scan of ten thousand manifests, from text to every decision: 5,000 Deployments with their Services.

use berth::{
    catalog::Catalog,
    evaluate,
    observe::{Index, manifest::Manifests},
    policy::Policy,
};
use divan::{Bencher, black_box, counter::ItemsCount};

/// The binary's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const NAMESPACES: usize = 200;
const IN_EACH: usize = 25;

/// One file for each namespace.
fn files() -> Vec<String> {
    (0..NAMESPACES)
        .map(|namespace| {
            (0..IN_EACH)
                .map(|number| {
                    format!(
                        "---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: svc-{number}, namespace: ns-{namespace}, labels: {{team: team-{number}}}}}
spec:
  replicas: 2
  template:
    metadata: {{labels: {{app: svc-{number}}}}}
    spec:
      containers:
      - name: main
        image: example/svc-{number}
        ports: [{{name: http, containerPort: 8080}}]
        resources: {{requests: {{cpu: 500m, memory: 1Gi}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: svc-{number}, namespace: ns-{namespace}}}
spec: {{selector: {{app: svc-{number}}}, ports: [{{name: http, port: 80, targetPort: http}}]}}
"
                    )
                })
                .collect()
        })
        .collect()
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn ten_thousand_manifests(bencher: Bencher) {
    let files = files();
    let policy = Policy::default();
    bencher.counter(ItemsCount::new(NAMESPACES * IN_EACH * 2)).bench_local(|| {
        let mut manifests = Manifests::default();
        for file in &files {
            manifests.text("bench.yaml", black_box(file));
        }
        let mut index = Index::default();
        for (_, object) in manifests.objects {
            index.put(object);
        }
        let keys: Vec<_> = index.workloads().map(|workload| workload.key.clone()).collect();
        keys.iter()
            .filter_map(|key| index.observe(key))
            .map(|observed| evaluate(&observed, Catalog::embedded(), &policy))
            .collect::<Vec<_>>()
    });
}

fn main() {
    divan::main();
}
