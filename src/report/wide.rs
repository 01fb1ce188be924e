//! The table with every column, as wide as it gets.

use comfy_table::{ContentArrangement, Table, presets};

use super::{
    form::{Form, Report, Written},
    record::Record,
};
use crate::{amount, decide::Interval};

pub const FORM: Form =
    Form { name: "wide", help: "The table with both savings, the team and the reason", groups: false, write };

const HEADER: [&str; 11] = [
    "NAMESPACE",
    "WORKLOAD",
    "VERDICT",
    "TARGET",
    "SURE",
    "$/MONTH",
    "NOW",
    "IF CLUSTER STAYS",
    "IF CLUSTER GOES",
    "TEAM",
    "REASON",
];

fn write(report: &Report<'_>) -> Written {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let clusters = report.records.iter().any(|record| record.cluster.is_some());
    let first = clusters.then_some("CLUSTER");
    table.set_header(first.into_iter().chain(HEADER));
    for record in report.records {
        let first = clusters.then(|| record.cluster.clone().unwrap_or_default());
        table.add_row(first.into_iter().chain(row(record)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    Ok(lines.join("\n"))
}

fn row(record: &Record) -> [String; 11] {
    let told = |tell: fn(&crate::decide::Recommendation) -> String| {
        record.decision.recommendation.as_ref().map(tell).unwrap_or_default()
    };
    [
        record.namespace.clone(),
        record.handle(),
        record.decision.verdict.to_string(),
        record.target().map_or_else(|| "none".to_owned(), |target| target.to_string()),
        told(|r| r.confidence.to_string()),
        told(|r| range(r.monthly_cost)),
        told(|r| range(r.current_monthly_cost)),
        told(|r| range(r.saving.if_cluster_stays)),
        told(|r| range(r.saving.if_cluster_goes)),
        record.team().unwrap_or("-").to_owned(),
        told(|r| r.summary.clone()),
    ]
}

fn range(cost: Interval) -> String {
    amount::write_range(cost.low, cost.high)
}
