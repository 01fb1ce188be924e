//! That every metric in the chart's dashboard is one that the operator shows.
#![cfg(feature = "cluster")]

use std::sync::Arc;

use berth::{
    operator::{Recommendations, View},
    server::Metrics,
};

#[test]
fn the_dashboard_asks_for_metrics_that_exist() {
    let metrics = Metrics::new();
    metrics.register(Recommendations::new(Arc::new(View::default())));
    // A family without a member isn't shown.
    metrics.admission("quiet", 0.001);
    metrics.reconciled("unchanged");
    metrics.unreadable("Job");
    metrics.watch_error("Job");
    metrics.evidence_missed("Prometheus");
    metrics.series(1, 1);
    let shown = metrics.encode().unwrap();
    let text = include_str!("../charts/berth/files/dashboards/berth.json");
    let dashboard: serde_json::Value = serde_json::from_str(text).unwrap();
    let mut asked = 0;
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            let query = target["expr"].as_str().unwrap();
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            for name in query.split(|c| !is_name(c)).filter(|word| word.starts_with("berth_")) {
                let family = ["_total", "_bucket", "_info"].iter().find_map(|end| name.strip_suffix(end));
                let declared = format!("# TYPE {} ", family.unwrap_or(name));
                assert!(shown.contains(&declared), "{}: no metric {name} in:\n{shown}", panel["title"]);
                asked += 1;
            }
        }
    }
    assert!(asked > 10, "the dashboard asks for {asked} metrics only");
}
