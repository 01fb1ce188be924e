//! Any text as manifests, all the way to a decision and its reports: nothing may panic, and every message fits.
#![no_main]

use berth::{
    catalog::Catalog,
    evaluate,
    observe::{Index, manifest::Manifests},
    policy::Policy,
    report::{detail, record::Record, warning},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut manifests = Manifests::default();
    manifests.text("fuzz.yaml", text);
    for trouble in &manifests.troubles {
        assert!(trouble.source.line >= 1 && !trouble.reason.is_empty());
    }
    let mut index = Index::default();
    for (_, object) in manifests.objects {
        index.put(object);
    }
    let policy = Policy::default();
    let keys: Vec<_> = index.workloads().map(|workload| workload.key.clone()).collect();
    for key in keys {
        let Some(observed) = index.observe(&key) else { panic!("{key} was just there") };
        let decision = evaluate(&observed, Catalog::embedded(), &policy);
        for finding in &decision.findings {
            assert!(finding.message.chars().count() <= 120, "{}", finding.message);
        }
        for line in [false, true]
            .into_iter()
            .flat_map(|let_through| warning::warnings(&decision, &key, warning::Rest::NoProfile, let_through))
        {
            assert!(line.chars().count() <= 120, "{line}");
        }
        for candidate in &decision.candidates {
            let cost = candidate.monthly_cost;
            assert!(cost.low <= cost.high && cost.high.is_finite(), "{cost:?}");
        }
        let record = Record {
            kind: key.kind.name().to_owned(),
            namespace: key.namespace,
            name: key.name,
            source: "fuzz.yaml:1".to_owned(),
            decision,
            cluster: None,
            own: false,
            lines: Default::default(),
            costs: String::new(),
        };
        detail::detail(&record, &[]);
    }
});
