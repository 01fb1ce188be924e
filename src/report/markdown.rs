//! A table in Markdown, for a comment on a pull request or a job's summary.

use comfy_table::{Table, presets};

use super::{
    advice,
    form::{Form, Report, Written},
    overview::{self, Overview},
    record::Record,
    table,
};
use crate::{
    amount,
    decide::{Interval, Verdict},
};

pub const FORM: Form =
    Form { name: "markdown", help: "For a pull request's comment or a job's summary", groups: true, write };

fn write(report: &Report<'_>) -> Written {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    let mut note = String::new();
    match &report.groups {
        Some(groups) => {
            table.set_header(groups.header());
            for row in groups.rows() {
                table.add_row(row.iter().map(|cell| escape(cell)));
            }
            note = groups.note().unwrap_or_default();
        }
        None => {
            table.set_header([
                "Workload",
                "Verdict",
                "Fits",
                "Sure",
                "$ a month",
                "Now",
                "Moved alone",
                "Why",
            ]);
            for record in report.records {
                table.add_row(row(record));
            }
        }
    }
    let said = [note, table::platforms(report), table::counts(report), table::prices(report)];
    let said: Vec<String> = said.iter().filter(|text| !text.is_empty()).map(|text| paragraph(text)).collect();
    let mut text = format!("{table}\n\n{}\n", said.join("\n\n"));
    if report.overview {
        return Ok(text + &overview(&Overview::of(report.records)));
    }
    let open: Vec<String> = report.records.iter().flat_map(questions).collect();
    if !open.is_empty() {
        text += &format!("\n**What would change it, if known**\n\n{}\n", open.join("\n"));
    }
    Ok(text)
}

fn row(record: &Record) -> Vec<String> {
    let verdict = match record.decision.verdict {
        Verdict::Misplaced => "**Misplaced**".to_owned(),
        other => other.to_string(),
    };
    let mut cells = vec![escape(&format!("{}/{}", record.namespace, record.handle())), verdict];
    match &record.decision.recommendation {
        Some(best) => cells.extend([
            best.target.title().to_owned(),
            best.confidence.to_string(),
            range(best.monthly_cost),
            range(best.current_monthly_cost),
            // While the cluster stays its fixed cost does, too.
            advice::alone(&record.decision, best).unwrap_or_default(),
            escape(&best.summary),
        ]),
        None => cells.extend(["none", "", "", "", "", ""].map(str::to_owned)),
    }
    cells
}

/// What to do, as lists.
fn overview(overview: &Overview<'_>) -> String {
    let mut text = String::new();
    if !overview.move_first.is_empty() {
        text += &format!("\n**What to move first**\n\n{}\n\n", escape(&overview::MEASURE.join(" ")));
    }
    for move_ in &overview.move_first {
        text += &format!("1. {}\n", escape(&overview::sentence(move_)));
    }
    if overview.end_by_themselves > 0 {
        text += &format!("\n{}\n", overview::left_out(overview.end_by_themselves));
    }
    if !overview.ask.is_empty() {
        text += "\n**What is unknown, and whom to ask**\n\n";
    }
    for ask in &overview.ask {
        text += &format!(
            "- {}: {} ({})\n",
            escape(&ask.whom),
            escape(ask.question),
            escape(&ask.about.join(", "))
        );
    }
    text
}

fn questions(record: &Record) -> impl Iterator<Item = String> {
    record.decision.open_questions.iter().map(|open| {
        let with: Vec<String> = open.answer_with.iter().map(|annotation| format!("`{annotation}`")).collect();
        format!(
            "- {}: {} (answer with {})",
            escape(&record.handle()),
            escape(&open.question),
            with.join(", ")
        )
    })
}

/// Lines of a terminal as one paragraph: indented ones would be code.
fn paragraph(text: &str) -> String {
    escape(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn range(cost: Interval) -> String {
    amount::write_range(cost.low, cost.high)
}

/// Text of a manifest must end neither a cell nor what is text.
fn escape(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let escaped = matches!(c, '|' | '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']');
            escaped.then_some('\\').into_iter().chain([if c.is_control() { ' ' } else { c }])
        })
        .collect()
}
