//! The table for a terminal of 100 columns, and the sentences below it.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use super::{
    fleet::{self, Fleet},
    record::Record,
};
use crate::{
    catalog::Catalog,
    decide::{Effect, Interval},
};

/// The widest line.
const WIDTH: u16 = 100;

/// The table with its footer.
pub fn table(records: &[Record], catalog: &Catalog) -> String {
    let namespaces = records.iter().any(|record| record.namespace != records[0].namespace);
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    let mut header = vec!["WORKLOAD", "VERDICT", "TARGET", "SURE", "$/MONTH", "NOW", "WHY"];
    if namespaces {
        header.insert(0, "NAMESPACE");
    }
    table.set_header(header);
    for record in records {
        let mut row: Vec<Cell> = Vec::new();
        if namespaces {
            row.push(Cell::new(&record.namespace));
        }
        row.push(Cell::new(record.handle()));
        row.push(Cell::new(record.decision.verdict));
        if let Some(recommendation) = &record.decision.recommendation {
            row.push(Cell::new(recommendation.target));
            row.push(Cell::new(recommendation.confidence));
            row.push(money(recommendation.monthly_cost));
            row.push(money(recommendation.current_monthly_cost));
        } else {
            row.extend(["none", "", "", ""].map(Cell::new));
        }
        row.push(Cell::new(why(record)));
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    format!("{}\n\n{}", lines.join("\n"), footer(&fleet::fleet(records, catalog)))
}

fn money(cost: Interval) -> Cell {
    let (low, high) = (cost.low.round(), cost.high.round());
    let text = if low == high { format!("{low:.0}") } else { format!("{low:.0}-{high:.0}") };
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// The codes that say most: what flags it, and what it can't do without.
fn why(record: &Record) -> String {
    let told = record.decision.findings.iter().filter(|finding| {
        finding.effect == Effect::Notes
            && ["PRM", "DAT"].iter().any(|family| finding.rule.starts_with(family))
            || finding.rule == "EKS001"
    });
    let codes: Vec<&str> = told.map(|finding| &*finding.rule).take(3).collect();
    codes.join(" ")
}

fn footer(fleet: &Fleet) -> String {
    let by_target: Vec<String> =
        fleet.by_target.iter().map(|(target, count)| format!("{count} {target}")).collect();
    let mut lines = vec![format!(
        "{} workloads, {} misplaced, {} undetermined: {}.",
        fleet.workloads,
        fleet.misplaced,
        fleet.undetermined,
        by_target.join(", "),
    )];
    lines.push(match fleet.need_kubernetes.as_slice() {
        [] => "None of them needs Kubernetes.".to_owned(),
        some if some.len() == fleet.workloads => "All of them belong in Kubernetes.".to_owned(),
        some => {
            let named: Vec<&str> = some.iter().take(3).map(String::as_str).collect();
            let more = some.len().saturating_sub(3);
            let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
            let left = fleet.workloads - some.len();
            format!(
                "{left} of {} don't need Kubernetes; it is held by {}{tail}.",
                fleet.workloads,
                named.join(", ")
            )
        }
    });
    lines.push(format!(
        "$/MONTH counts people's hours and a share of the platform's fixed cost, so rows don't add up.\nList prices of \
         {} ({}); data transfer, NAT and discounts aren't counted.",
        fleet.prices.date, fleet.prices.region
    ));
    lines.join("\n")
}
