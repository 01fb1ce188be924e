//! One line a workload, for spreadsheets.

use csv::WriterBuilder;

use super::{
    form::{Form, Report, Written},
    groups::Group,
    record::Record,
};
use crate::{decide::Interval, printable};

pub const FORM: Form =
    Form { name: "csv", help: "One line a workload, for spreadsheets", groups: true, write };

const HEADER: [&str; 21] = [
    "cluster",
    "namespace",
    "kind",
    "name",
    "team",
    "source",
    "verdict",
    "target",
    "confidence",
    "monthlyCostLow",
    "monthlyCostHigh",
    "currentMonthlyCostLow",
    "currentMonthlyCostHigh",
    "savingIfClusterStaysLow",
    "savingIfClusterStaysHigh",
    "savingIfClusterGoesLow",
    "savingIfClusterGoesHigh",
    "openQuestions",
    "rules",
    "summary",
    "answerWith",
];

const GROUP_HEADER: [&str; 11] = [
    "name",
    "workloads",
    "misplaced",
    "undetermined",
    "exempt",
    "openQuestions",
    "unpriced",
    "currentMonthlyCostLow",
    "currentMonthlyCostHigh",
    "targets",
    "usedBy",
];

fn write(report: &Report<'_>) -> Written {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    match &report.groups {
        Some(groups) => {
            writer.write_record(GROUP_HEADER)?;
            for group in &groups.of {
                writer.write_record(group_row(group))?;
            }
        }
        None => {
            writer.write_record(HEADER)?;
            for record in report.records {
                writer.write_record(row(record))?;
            }
        }
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn row(record: &Record) -> Vec<String> {
    let decision = &record.decision;
    let best = decision.recommendation.as_ref();
    let text = |value: &str| harmless(value);
    let mut cells = vec![
        text(record.cluster.as_deref().unwrap_or_default()),
        text(&record.namespace),
        text(&record.kind),
        text(&record.name),
        text(record.team().unwrap_or_default()),
        text(&record.source),
        decision.verdict.to_string(),
        best.map(|r| r.target.to_string()).unwrap_or_default(),
        best.map(|r| r.confidence.to_string()).unwrap_or_default(),
    ];
    let amounts = best.map(|r| {
        [r.monthly_cost, r.current_monthly_cost, r.saving.if_cluster_stays, r.saving.if_cluster_goes]
    });
    for index in 0..4 {
        let amount = amounts.and_then(|amounts| amounts.get(index).copied());
        cells.extend(ends(amount));
    }
    let rules: Vec<&str> = decision.findings.iter().map(|finding| &*finding.rule).collect();
    let answers: Vec<&str> =
        decision.open_questions.iter().flat_map(|open| open.answer_with.iter().map(String::as_str)).collect();
    cells.push(decision.open_questions.len().to_string());
    cells.push(rules.join(" "));
    cells.push(text(best.map(|r| r.summary.as_str()).unwrap_or_default()));
    cells.push(answers.join(" "));
    cells
}

/// What isn't known of a group is empty.
fn group_row(group: &Group) -> Vec<String> {
    let judged = group.judged.as_ref();
    let counts = judged.map(|j| [j.misplaced, j.undetermined, j.exempt, j.open_questions, j.unpriced]);
    let mut cells = vec![harmless(&group.name), group.workloads.to_string()];
    cells.extend(counts.map_or_else(Default::default, |counts| counts.map(|count| count.to_string())));
    cells.extend(ends(judged.map(|judged| judged.current_monthly_cost)));
    cells.push(judged.map(|judged| judged.fits()).unwrap_or_default());
    cells.push(harmless(&group.used_by.join(" ")));
    cells
}

fn ends(amount: Option<Interval>) -> [String; 2] {
    amount.map_or_else(Default::default, |amount| [amount.low.to_string(), amount.high.to_string()])
}

/// A spreadsheet would run a cell that starts like a formula: an apostrophe makes it text.
fn harmless(text: &str) -> String {
    let text = printable::line(text);
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_formula_becomes_text() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "'=1"] {
            assert!(harmless(formula).starts_with('\''), "{formula}");
        }
        assert_eq!(harmless("\t=1"), "\\t=1", "no longer one that a spreadsheet sees");
        assert_eq!(harmless("web"), "web");
    }
}
