//! JUnit XML: a suite a namespace, a case a workload. A misplaced one fails; what can't be told yet is skipped.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::{
    advice,
    form::{Form, Report, Written},
    record::Record,
};
use crate::decide::Verdict;

pub const FORM: Form = Form {
    name: "junit",
    help: "For a pipeline's test report: a misplaced workload is a failed test",
    groups: false,
    write,
};

fn write(report: &Report<'_>) -> Written {
    let mut document = quick_junit::Report::new("berth");
    let mut suites: BTreeMap<String, Vec<&Record>> = BTreeMap::new();
    for record in report.records {
        let cluster = record.cluster.iter().map(|cluster| format!("{cluster}/"));
        suites.entry(cluster.chain([record.namespace.clone()]).collect()).or_default().push(record);
    }
    for (name, records) in suites {
        let mut suite = TestSuite::new(&name);
        suite.add_test_cases(records.into_iter().map(|record| case(&name, record)));
        document.add_test_suite(suite);
    }
    let skipped: usize = document.test_suites.iter().map(|suite| suite.skipped).sum();
    // Of the document as a whole, Jenkins' schema knows no such count.
    Ok(document.to_string()?.replacen(&format!(" skipped=\"{skipped}\""), "", 1))
}

fn case(suite: &str, record: &Record) -> TestCase {
    let decision = &record.decision;
    let summary =
        decision.recommendation.as_ref().map_or("no target certainly holds it", |best| &best.summary);
    let status = match decision.verdict {
        Verdict::WellPlaced => TestCaseStatus::success(),
        Verdict::Misplaced => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(decision.verdict.to_string()).set_message(summary);
            status.set_description(description(record));
            status
        }
        Verdict::Undetermined | Verdict::Exempt => {
            let mut status = TestCaseStatus::skipped();
            status.set_type(decision.verdict.to_string()).set_message(summary);
            status
        }
    };
    let mut case = TestCase::new(record.handle(), status);
    case.set_classname(format!("berth.{suite}"));
    case
}

/// What a person needs to act on it: where it is written, what a move does to the bill, the findings, and what would
/// change the answer.
fn description(record: &Record) -> String {
    let decision = &record.decision;
    let findings = record.keeps_from_its_place().chain(record.notices());
    let findings = findings.map(|finding| format!("{} ({})", finding.message, finding.rule));
    let questions =
        decision.open_questions.iter().map(|o| format!("{} {}", o.question, o.answer_with.join(", ")));
    let lines: Vec<String> = [record.source.clone()]
        .into_iter()
        .chain(advice::moved(decision))
        .chain(findings)
        .chain(questions)
        .collect();
    lines.join("\n")
}
