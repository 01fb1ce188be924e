//! One namespace as a Report of OpenReports, or as the PolicyReport that it came from: a result a workload.

use std::collections::BTreeMap;

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::{advice::advice, record::Record};
use crate::{
    amount,
    api::FIELD_MANAGER,
    decide::{Confidence, Interval, Verdict},
    observe::Kind,
};

/// The report's name in each namespace.
pub const NAME: &str = "berth";
/// Says what was written, so that the next to write needs to read no more.
pub const CONTENT: &str = "berth.dev/content";
/// How many workloads the summary counts and the results leave out.
const LEFT_OUT: &str = "berth.dev/left-out";
/// Results at most: a thousand bytes each, and an object of the API server's ends at a million and a half.
const RESULTS_MAX: usize = 500;
/// Of a hash, in bytes.
const HASH_LEN: usize = 8;

/// Whose kind is written. What is in it is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Api {
    /// Report of OpenReports
    #[value(name = "openreports.io")]
    OpenReports,
    /// PolicyReport of Kubernetes' policy working group
    #[value(name = "wgpolicyk8s.io")]
    PolicyReport,
}

impl Api {
    /// Group, version, kind and the plural of its path.
    pub fn names(self) -> [&'static str; 4] {
        match self {
            Api::OpenReports => ["openreports.io", "v1alpha1", "Report", "reports"],
            Api::PolicyReport => ["wgpolicyk8s.io", "v1alpha2", "PolicyReport", "policyreports"],
        }
    }
}

/// The report on the workloads of a namespace; nothing when there are none.
pub fn report(api: Api, namespace: &str, records: &[Record]) -> Option<Value> {
    if records.is_empty() {
        return None;
    }
    let mut records: Vec<&Record> = records.iter().collect();
    records.sort_by_key(|record| (rank(record.decision.verdict), &record.kind, &record.name));
    let mut summary: BTreeMap<&str, usize> = ["pass", "fail", "warn", "error", "skip"].map(|r| (r, 0)).into();
    for record in &records {
        *summary.entry(outcome(record.decision.verdict)).or_default() += 1;
    }
    let left_out = records.len().saturating_sub(RESULTS_MAX);
    let results: Vec<Value> = records.into_iter().take(RESULTS_MAX).map(result).collect();
    let [group, version, kind, _] = api.names();
    let mut report = json!({
        "apiVersion": format!("{group}/{version}"),
        "kind": kind,
        "metadata": {
            "name": NAME,
            "namespace": namespace,
            "labels": {"app.kubernetes.io/managed-by": FIELD_MANAGER},
            "annotations": {},
        },
        "summary": summary,
        "results": results,
    });
    if api == Api::OpenReports {
        report["source"] = json!(FIELD_MANAGER);
    }
    if left_out > 0 {
        report["metadata"]["annotations"][LEFT_OUT] = json!(left_out.to_string());
    }
    let digest = digest(&SHA256, report.to_string().as_bytes());
    let content: String = digest.as_ref().iter().take(HASH_LEN).map(|byte| format!("{byte:02x}")).collect();
    report["metadata"]["annotations"][CONTENT] = json!(content);
    Some(report)
}

/// What is to be done something about comes first, and is the last to be left out.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Misplaced => 0,
        Verdict::Undetermined => 1,
        Verdict::Exempt => 2,
        Verdict::WellPlaced => 3,
    }
}

/// Not `fail`: that is for what is scored, and this is advice.
fn outcome(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::WellPlaced => "pass",
        Verdict::Misplaced => "warn",
        Verdict::Undetermined | Verdict::Exempt => "skip",
    }
}

fn result(record: &Record) -> Value {
    let decision = &record.decision;
    let sure = decision.recommendation.as_ref().is_some_and(|best| best.confidence == Confidence::High);
    let severity = match decision.verdict {
        Verdict::Misplaced if sure => "medium",
        Verdict::Misplaced => "low",
        _ => "info",
    };
    let api_version = Kind::parse(&record.kind).map(Kind::api_version).unwrap_or_default();
    json!({
        "source": FIELD_MANAGER,
        "policy": "placement",
        "rule": decision.verdict.to_string(),
        "category": "AWS compute",
        "severity": severity,
        "scored": false,
        "result": outcome(decision.verdict),
        "message": advice(decision),
        "resources": [{
            "apiVersion": api_version,
            "kind": record.kind,
            "namespace": record.namespace,
            "name": record.name,
        }],
        "properties": properties(record),
    })
}

/// What a receiver may sort by; only text is allowed.
fn properties(record: &Record) -> BTreeMap<&'static str, String> {
    let decision = &record.decision;
    let mut properties = BTreeMap::new();
    properties.extend(record.team().map(|team| ("team", team.to_owned())));
    if let Some(best) = &decision.recommendation {
        properties.insert("target", best.target.to_string());
        properties.insert("confidence", best.confidence.to_string());
        properties.insert("monthlyCost", range(best.monthly_cost));
        properties.insert("currentMonthlyCost", range(best.current_monthly_cost));
        properties.insert("savingIfClusterStays", range(best.saving.if_cluster_stays));
        properties.insert("savingIfClusterGoes", range(best.saving.if_cluster_goes));
    }
    let mut rules: Vec<&str> = record.notices().map(|finding| &*finding.rule).collect();
    rules.dedup();
    if !rules.is_empty() {
        properties.insert("findings", rules.join(" "));
    }
    if !decision.open_questions.is_empty() {
        properties.insert("openQuestions", decision.open_questions.len().to_string());
    }
    properties
}

fn range(amount: Interval) -> String {
    amount::write_range(amount.low, amount.high)
}
