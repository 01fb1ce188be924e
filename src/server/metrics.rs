//! The metrics that the process keeps, under the names that dashboards and alerts use.

use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64},
    },
};

use prometheus_client::{
    collector::Collector,
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::Registry,
};

// No label holds an object's name: one series for each would outgrow any Prometheus.

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByDecision {
    decision: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByResult {
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByKind {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BySource {
    source: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByFit {
    fits: &'static str,
}

/// From a tenth of a millisecond to two seconds, where the API server gives up.
const ADMISSION_BUCKETS: [f64; 14] =
    [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0];

pub struct Metrics {
    registry: Mutex<Registry>,
    admissions: Family<ByDecision, Counter<u64, AtomicU64>>,
    admission_duration: Histogram,
    reconciles: Family<ByResult, Counter<u64, AtomicU64>>,
    unreadable: Family<ByKind, Counter<u64, AtomicU64>>,
    watch_errors: Family<ByKind, Counter<u64, AtomicU64>>,
    evidence_missed: Family<BySource, Counter<u64, AtomicU64>>,
    series: Family<ByFit, Gauge<i64, AtomicI64>>,
    certificate_expiry: Gauge<i64, AtomicI64>,
    leader: Gauge<i64, AtomicI64>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("berth");
        let metrics = Metrics {
            admissions: Family::default(),
            admission_duration: Histogram::new(ADMISSION_BUCKETS),
            reconciles: Family::default(),
            unreadable: Family::default(),
            watch_errors: Family::default(),
            evidence_missed: Family::default(),
            series: Family::default(),
            certificate_expiry: Gauge::default(),
            leader: Gauge::default(),
            registry: Mutex::default(),
        };
        registry.register(
            "build",
            "The version that runs",
            Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]),
        );
        registry.register(
            "admission_requests",
            "Admission reviews answered, by what the answer was",
            metrics.admissions.clone(),
        );
        registry.register(
            "admission_duration_seconds",
            "Time from an admission review's last byte to its answer",
            metrics.admission_duration.clone(),
        );
        registry.register(
            "reconciles",
            "Workloads looked at again, by what came of it",
            metrics.reconciles.clone(),
        );
        registry.register(
            "unreadable_objects",
            "Objects seen that couldn't be read",
            metrics.unreadable.clone(),
        );
        registry.register(
            "watch_errors",
            "Lists and watches that failed and were started again",
            metrics.watch_errors.clone(),
        );
        registry.register(
            "evidence_missed",
            "Looks at what really runs that failed, by who was asked",
            metrics.evidence_missed.clone(),
        );
        registry.register(
            "prometheus_series",
            "Series that Prometheus answered at the last look, by whether they fit a workload",
            metrics.series.clone(),
        );
        registry.register(
            "certificate_expiry_timestamp_seconds",
            "When the webhook's certificate ends, in Unix time; 0 without one",
            metrics.certificate_expiry.clone(),
        );
        registry.register(
            "leader",
            "Whether this replica writes: 1 if it holds the Lease",
            metrics.leader.clone(),
        );
        Metrics { registry: Mutex::new(registry), ..metrics }
    }

    /// Adds metrics that are computed when they are asked for.
    pub fn register(&self, collector: impl Collector) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register_collector(Box::new(collector));
    }

    /// All metrics as text.
    ///
    /// # Errors
    /// When a collector fails to write.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut out = String::new();
        text::encode(&mut out, &self.registry.lock().unwrap_or_else(PoisonError::into_inner))?;
        Ok(out)
    }

    pub fn admission(&self, decision: &'static str, seconds: f64) {
        self.admissions.get_or_create(&ByDecision { decision }).inc();
        self.admission_duration.observe(seconds);
    }

    pub fn reconciled(&self, result: &'static str) {
        self.reconciles.get_or_create(&ByResult { result }).inc();
    }

    pub fn unreadable(&self, kind: &'static str) {
        self.unreadable.get_or_create(&ByKind { kind }).inc();
    }

    pub fn watch_error(&self, kind: &'static str) {
        self.watch_errors.get_or_create(&ByKind { kind }).inc();
    }

    pub fn evidence_missed(&self, source: &'static str) {
        self.evidence_missed.get_or_create(&BySource { source }).inc();
    }

    pub fn series(&self, fitting: u64, stray: u64) {
        for (fits, count) in [("workload", fitting), ("none", stray)] {
            self.series.get_or_create(&ByFit { fits }).set(count.try_into().unwrap_or(i64::MAX));
        }
    }

    pub fn certificate_expires(&self, unix_seconds: i64) {
        self.certificate_expiry.set(unix_seconds);
    }

    pub fn leads(&self, leads: bool) {
        self.leader.set(leads.into());
    }
}
