//! Metrics that are counted from the view when they are asked for, and so never drift from it.

use std::{collections::BTreeMap, fmt, sync::Arc};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
};

use super::View;

/// `berth_recommendations{namespace,target}`, `berth_exemptions{state}`, and how many workloads and services there are.
#[derive(Debug)]
pub struct Recommendations(Arc<View>);

impl Recommendations {
    pub fn new(view: Arc<View>) -> Self {
        Recommendations(view)
    }
}

impl Collector for Recommendations {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let (counts, exemptions, services) = self.0.read(|seen| {
            let mut counts: BTreeMap<(String, String), i64> = BTreeMap::new();
            let mut exemptions: BTreeMap<String, i64> = BTreeMap::new();
            for profile in seen.profiles.iter() {
                let counting = seen.profiles.of(&profile.key).is_some_and(|of| of.name == profile.name);
                if let Some(state) = profile.said.exemption.filter(|_| counting) {
                    *exemptions.entry(format!("{state:?}")).or_default() += 1;
                }
                if let Some(target) = profile.said.target.filter(|_| counting) {
                    *counts.entry((profile.namespace.clone(), format!("{target:?}"))).or_default() += 1;
                }
            }
            (counts, exemptions, seen.index.counted().services as i64)
        });
        let gauge = ConstGauge::new(0i64);
        let mut family = encoder.encode_descriptor(
            "recommendations",
            "Workloads by what is recommended for them",
            None,
            gauge.metric_type(),
        )?;
        for ((namespace, target), count) in counts {
            let labels = [("namespace", namespace), ("target", target)];
            ConstGauge::new(count).encode(family.encode_family(&labels)?)?;
        }
        let mut family = encoder.encode_descriptor(
            "exemptions",
            "Workloads whose owners asked to keep them, by whether that holds",
            None,
            gauge.metric_type(),
        )?;
        for (state, count) in exemptions {
            ConstGauge::new(count).encode(family.encode_family(&[("state", state)])?)?;
        }
        let services = ConstGauge::new(services);
        let metric = encoder.encode_descriptor(
            "services",
            "Workloads that last and so share the platform's fixed cost",
            None,
            services.metric_type(),
        )?;
        services.encode(metric)
    }
}
