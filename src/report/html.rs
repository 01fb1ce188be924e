//! One self-contained page: the verdict, the fleet as a picture, the crossover, a table, each workload in full.

use askama::Template;
use serde::Serialize;

use super::{
    form::{Form, Report, Written},
    overview::{self, Overview},
    record::Record,
    table,
};
use crate::{
    amount,
    catalog::Target,
    decide::{Interval, OpenQuestion, Recommendation, Verdict, crossover},
    printable,
};

pub const FORM: Form =
    Form { name: "html", help: "One page with everything in it, for a browser", groups: true, write };

/// Numbers of services at which the curve is drawn, evenly on the page's logarithmic axis.
const CURVE: &[u32] = &[1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 35, 40, 50, 60, 80, 100, 130, 160, 200];
/// Workloads that a question names.
const ABOUT_MAX: usize = 3;
/// Reasons that a candidate shows.
const REASONS_MAX: usize = 3;

const COLUMNS: [(&str, &str); 8] = [
    ("name", "Workload"),
    ("namespace", "Namespace"),
    ("team", "Team"),
    ("verdict", "Verdict"),
    ("target", "Fits"),
    ("confidence", "Sure"),
    ("cost", "$ a month"),
    ("now", "Now"),
];

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    title: String,
    verdict: String,
    reasons: Vec<String>,
    counts: Vec<(usize, &'static str)>,
    curve_text: String,
    move_text: String,
    moves: Vec<MoveRow>,
    moves_left_out: Option<String>,
    groups: Option<GroupTable>,
    asks: Vec<AskRow>,
    columns: [(&'static str, &'static str); 8],
    rows: Vec<Row>,
    prices: String,
    data: String,
    style: &'static str,
    script: &'static str,
    chart_style: &'static str,
    chart_script: &'static str,
}

struct GroupTable {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    note: String,
}

struct MoveRow {
    index: usize,
    name: String,
    target: &'static str,
    saving: String,
    steps: usize,
    effort: String,
}

struct AskRow {
    whom: String,
    question: String,
    about: String,
}

struct Row {
    index: usize,
    name: String,
    namespace: String,
    team: String,
    verdict: String,
    target: &'static str,
    confidence: String,
    cost: String,
    now: String,
}

fn write(report: &Report<'_>) -> Written {
    let (verdict, mut reasons) = headline(report);
    if report.left_out > 0 {
        let (shown, all) = (report.records.len(), report.records.len() + report.left_out);
        reasons.push(format!(
            "Below are {shown} of {all} workloads, misplaced ones first; berth report shows all."
        ));
    }
    let curve = curve(report);
    let overview = Overview::of(report.records);
    let page = Page {
        title: title(report),
        verdict,
        reasons,
        counts: counters(report),
        curve_text: curve_text(report, curve.here),
        move_text: overview::MEASURE.join(" "),
        moves_left_out: (overview.end_by_themselves > 0)
            .then(|| overview::left_out(overview.end_by_themselves)),
        moves: overview.move_first.into_iter().map(move_row).collect(),
        asks: overview.ask.into_iter().map(ask_row).collect(),
        groups: report.groups.as_ref().map(|groups| GroupTable {
            header: groups.header(),
            rows: groups.rows().collect(),
            note: groups.note().unwrap_or_default(),
        }),
        columns: COLUMNS,
        rows: report.records.iter().enumerate().map(row).collect(),
        prices: table::prices(report),
        data: embedded(&Data {
            workloads: report.records.iter().map(Workload::of).collect(),
            targets: Target::ALL.map(Target::id),
            titles: Target::ALL.map(Target::title),
            curve,
        })?,
        style: include_str!("html/page.css"),
        script: include_str!("html/page.js"),
        chart_style: include_str!("html/vendor/uPlot.min.css"),
        chart_script: include_str!("html/vendor/uPlot.iife.min.js"),
    };
    Ok(page.render()?)
}

/// How many there are of what, each workload once.
fn counters(report: &Report<'_>) -> Vec<(usize, &'static str)> {
    let count = |verdict| table::counted(report, verdict);
    let own = report.records.iter().filter(|record| record.own).count();
    let mut counts = vec![
        (report.records.len(), "workloads"),
        (count(Verdict::Misplaced), "misplaced"),
        (count(Verdict::WellPlaced), "well placed"),
        (count(Verdict::Undetermined), "undetermined"),
        (count(Verdict::Exempt), "exempt"),
    ];
    counts.extend((own > 0).then_some((own, "of the platform's own")));
    counts
}

/// JSON within a page: no character of it may end the element that holds it, or a line of a script.
fn embedded<T: Serialize>(data: &T) -> serde_json::Result<String> {
    let text = printable::json(&serde_json::to_string(data)?).into_owned();
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out += &format!("\\u{:04x}", u32::from(c)),
            _ => out.push(c),
        }
    }
    Ok(out)
}

fn title(report: &Report<'_>) -> String {
    let mut names: Vec<&str> = report.records.iter().filter_map(|record| record.cluster.as_deref()).collect();
    names.dedup();
    if names.is_empty() { "a scan of manifests".to_owned() } else { names.join(", ") }
}

/// The verdict in one sentence, and its reasons: the platform's where there is one, else a count.
fn headline(report: &Report<'_>) -> (String, Vec<String>) {
    match report.platforms {
        [one] => (
            one.verdict.summary.clone(),
            one.verdict.reasons.iter().map(|reason| reason.message.clone()).collect(),
        ),
        several => {
            let named = several.iter().map(|platform| {
                format!("{}: {}", platform.cluster.as_deref().unwrap_or("here"), platform.verdict.summary)
            });
            (table::counts(report), named.collect())
        }
    }
}

fn move_row(move_: overview::Move<'_>) -> MoveRow {
    MoveRow {
        index: move_.index,
        name: move_.name,
        target: move_.target.title(),
        saving: range(move_.saving_if_cluster_goes),
        steps: move_.steps,
        effort: move_.effort.join(", "),
    }
}

fn ask_row(ask: overview::Ask<'_>) -> AskRow {
    let more = ask.about.len().saturating_sub(ABOUT_MAX);
    let named = ask.about.iter().take(ABOUT_MAX).cloned().collect::<Vec<_>>().join(", ");
    let about = if more > 0 { format!("{named} and {more} more") } else { named };
    AskRow { whom: ask.whom, question: ask.question.to_owned(), about }
}

fn row((index, record): (usize, &Record)) -> Row {
    let best = record.decision.recommendation.as_ref();
    Row {
        index,
        name: record.handle(),
        namespace: record.namespace.clone(),
        team: record.team().unwrap_or_default().to_owned(),
        verdict: record.decision.verdict.to_string(),
        target: best.map_or("none", |best| best.target.title()),
        confidence: best.map(|best| best.confidence.to_string()).unwrap_or_default(),
        cost: best.map(|best| range(best.monthly_cost)).unwrap_or_default(),
        now: best.map(|best| range(best.current_monthly_cost)).unwrap_or_default(),
    }
}

fn range(cost: Interval) -> String {
    amount::write_range(cost.low, cost.high)
}

/// What the page's script reads.
#[derive(Serialize)]
struct Data<'a> {
    workloads: Vec<Workload<'a>>,
    targets: [&'static str; Target::ALL.len()],
    /// As people call them, in the same order.
    titles: [&'static str; Target::ALL.len()],
    curve: Curve,
}

#[derive(Serialize)]
struct Curve {
    services: Vec<u32>,
    fargate: Vec<f64>,
    nodes: Vec<f64>,
    /// How many services share this cluster.
    here: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Workload<'a> {
    cluster: Option<&'a str>,
    namespace: &'a str,
    name: String,
    team: &'a str,
    source: &'a str,
    verdict: Verdict,
    best: Option<&'a Recommendation>,
    candidates: Vec<Candidate<'a>>,
    notices: Vec<String>,
    questions: Vec<Question<'a>>,
    break_evens: Vec<&'a str>,
    evidence: &'a [crate::decide::EvidenceItem],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Candidate<'a> {
    target: &'static str,
    fit: crate::decide::Fit,
    monthly_cost: Interval,
    reasons: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    question: &'a str,
    answers: Vec<String>,
    answer_with: &'a [String],
}

impl<'a> Workload<'a> {
    fn of(record: &'a Record) -> Self {
        let decision = &record.decision;
        let candidates = decision.candidates.iter().map(|candidate| Candidate {
            target: candidate.target.title(),
            fit: candidate.fit,
            monthly_cost: candidate.monthly_cost,
            reasons: candidate.findings.iter().take(REASONS_MAX).map(|f| f.message.as_str()).collect(),
        });
        Workload {
            cluster: record.cluster.as_deref(),
            namespace: &record.namespace,
            name: record.handle(),
            team: record.team().unwrap_or_default(),
            source: &record.source,
            verdict: decision.verdict,
            best: decision.recommendation.as_ref(),
            candidates: candidates.collect(),
            notices: record.notices().map(|f| format!("{} ({})", f.message, f.rule)).collect(),
            questions: decision.open_questions.iter().map(Question::of).collect(),
            break_evens: decision.break_evens.iter().map(|b| b.summary.as_str()).collect(),
            evidence: &decision.evidence,
        }
    }
}

impl<'a> Question<'a> {
    fn of(open: &'a OpenQuestion) -> Self {
        let answers = open.answers.iter().map(|answer| {
            let supposed: Vec<String> =
                answer.suppose.iter().map(|s| format!("{} {}", s.fact, s.value)).collect();
            format!("{}: {}", supposed.join(", "), answer.outcome())
        });
        Question { question: &open.question, answers: answers.collect(), answer_with: &open.answer_with }
    }
}

fn curve(report: &Report<'_>) -> Curve {
    let here = match report.platforms {
        [one] => one.verdict.services,
        _ => {
            let known = report.records.iter().filter_map(|record| record.fact("services")?.parse().ok());
            known.max().unwrap_or(1)
        }
    };
    let here = here.max(1);
    let mut services = CURVE.to_vec();
    services.push(here);
    services.sort_unstable();
    services.dedup();
    let points = services.iter().map(|services| crossover::point(*services, report.catalog, report.policy));
    let (fargate, nodes) = points.map(|point| (point.fargate.high, point.nodes.high)).unzip();
    Curve { services, fargate, nodes, here }
}

fn curve_text(report: &Report<'_>, here: u32) -> String {
    let from = match crossover::crossing(report.catalog, report.policy) {
        Some(services) => format!("EKS with nodes costs less from {services} typical services on"),
        None => "ECS on Fargate costs less, however many typical services there are".to_owned(),
    };
    let what = if here == 1 { "service" } else { "services" };
    format!("For each service a month, at most: {from}; this cluster has {here} {what}.")
}

#[cfg(test)]
mod tests {
    use super::embedded;

    #[test]
    fn nothing_in_the_data_ends_its_element() {
        let text = embedded(&"</script><!-- & \u{2028}").unwrap();
        assert_eq!(text, "\"\\u003c/script\\u003e\\u003c!-- \\u0026 \\u2028\"");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), "</script><!-- & \u{2028}");
    }
}
