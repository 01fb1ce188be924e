//! Manifests in a test, read as one cluster: what `berth scan` does with a folder.

use berth::observe::{Index, Observed, manifest::Manifests};

/// Every workload of a text with its neighbours; what can't be read fails the test that wrote it.
pub fn observe(name: &str, text: &str) -> Vec<Observed> {
    let mut manifests = Manifests::default();
    manifests.text(name, text);
    assert!(manifests.troubles.is_empty(), "{name}: {:?}", manifests.troubles);
    let mut index = Index::default();
    // The examples of rules that speak of dates are written for this day.
    index.date("2026-06-01".parse().expect("a date"));
    for (_, object) in manifests.objects {
        index.put(object);
    }
    index.workloads().map(|workload| index.observe_as(workload.clone())).collect()
}
