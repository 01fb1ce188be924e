//! SARIF 2.1.0, for editors and code scanning: each misplaced workload, and each notice about one, at its line.

use std::collections::BTreeMap;

use serde_sarif::sarif::{
    self, ArtifactLocation, Location, LogicalLocation, Message, MultiformatMessageString, PhysicalLocation,
    Region, ReportingConfiguration, ReportingDescriptor, Result as Told, ResultLevel, Run, Sarif, Tool,
    ToolComponent,
};

use super::{
    form::{Form, Report, Written},
    record::Record,
    rule,
};
use crate::{
    decide::{Effect, Finding, Verdict, rules},
    printable,
};

pub const FORM: Form =
    Form { name: "sarif", help: "For editors and code scanning (SARIF 2.1.0)", groups: false, write };

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The names of the two results that no rule gives.
const MISPLACED: (&str, &str) = ("misplaced", "The workload belongs on another target");
const UNDETERMINED: (&str, &str) = ("undetermined", "What is unknown decides where the workload belongs");
/// An answer that can't be read.
const UNREADABLE: &str = "WRK002";

fn write(report: &Report<'_>) -> Written {
    let mut results = Vec::new();
    for record in report.records {
        results.extend(placement(record, report));
        let kept = record.keeps_from_its_place().map(|f| found(record, f, ResultLevel::Warning, report));
        results.extend(kept);
        results.extend(record.notices().map(|f| found(record, f, notice_level(f), report)));
    }
    let driver = ToolComponent::builder()
        .name("Berth")
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(descriptors())
        .build();
    let run = Run::builder().tool(Tool::builder().driver(driver).build()).results(results).build();
    let log = Sarif::builder().schema(SCHEMA).version(sarif::Version::V2_1_0.to_string()).runs([run]).build();
    Ok(printable::json(&serde_json::to_string_pretty(&log)?).into_owned())
}

/// A wrong answer is to be mended; the rest is to be known.
fn notice_level(finding: &Finding) -> ResultLevel {
    if finding.rule == UNREADABLE { ResultLevel::Warning } else { ResultLevel::Note }
}

fn placement(record: &Record, report: &Report<'_>) -> Option<Told> {
    let ((id, _), level) = match record.decision.verdict {
        Verdict::Misplaced => (MISPLACED, ResultLevel::Warning),
        Verdict::Undetermined => (UNDETERMINED, ResultLevel::Note),
        Verdict::WellPlaced | Verdict::Exempt => return None,
    };
    let summary =
        record.decision.recommendation.as_ref().map_or("No target certainly holds it", |best| &best.summary);
    let mut text = format!("{}: {summary}", record.handle());
    for question in &record.decision.open_questions {
        text += &format!(" {} Answer with {}.", question.question, question.answer_with.join(", "));
    }
    Some(result(id, level, text, record, None, report))
}

fn found(record: &Record, finding: &Finding, level: ResultLevel, report: &Report<'_>) -> Told {
    let text = format!("{}: {}", record.handle(), finding.message);
    result(&finding.rule, level, text, record, Some(&finding.field), report)
}

fn result(
    id: &str,
    level: ResultLevel,
    text: String,
    record: &Record,
    field: Option<&str>,
    report: &Report<'_>,
) -> Told {
    let identity = format!("{}/{}/{id}/{}", record.namespace, record.handle(), field.unwrap_or_default());
    Told::builder()
        .rule_id(id)
        .level(level)
        .message(Message::builder().text(text).build())
        .locations([location(record, field, report)])
        // Says nothing of lines, so that a result is known again after an edit above it.
        .partial_fingerprints(BTreeMap::from([("berth/v1".to_owned(), identity)]))
        .build()
}

fn location(record: &Record, field: Option<&str>, report: &Report<'_>) -> Location {
    let logical = LogicalLocation::builder()
        .fully_qualified_name(format!("{}/{}", record.namespace, record.handle()))
        .name(record.name.clone())
        .kind("resource")
        .build();
    let Some((file, line)) = record.file() else {
        return Location::builder().logical_locations([logical]).build();
    };
    let line = field.and_then(|field| record.lines.get(field)).copied().unwrap_or(line);
    let line = i64::try_from(line).unwrap_or(1);
    let physical = PhysicalLocation::builder()
        .artifact_location(ArtifactLocation::builder().uri(uri(file, report)).build())
        .region(Region::builder().start_line(line).build())
        .build();
    Location::builder().physical_location(physical).logical_locations([logical]).build()
}

/// A file's name as a URI: relative to the root where it is below it, as code scanning wants it.
fn uri(file: &str, report: &Report<'_>) -> String {
    let path = std::path::Path::new(file);
    let relative = path.strip_prefix(report.root).unwrap_or(path);
    let text = relative.to_string_lossy();
    let text = text.strip_prefix("./").unwrap_or(&text);
    let mut out = if relative.is_absolute() { "file://".to_owned() } else { String::new() };
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out += &format!("%{byte:02X}");
        }
    }
    out
}

fn descriptors() -> Vec<ReportingDescriptor> {
    let verdicts = [(MISPLACED, "warning"), (UNDETERMINED, "note")].map(|((id, what), level)| {
        ReportingDescriptor::builder()
            .id(id)
            .name(id)
            .short_description(text(what))
            .help(text(
                "berth scan FILE --explain WORKLOAD shows each candidate with the reason it lost and its price",
            ))
            .default_configuration(ReportingConfiguration::builder().level(level).build())
            .build()
    });
    let of_rules = rules::RULES.iter().map(|rule| {
        let level = if rule.effect == Effect::Notes { "note" } else { "warning" };
        // In full, for there is no address at which the docs are sure to be.
        let help =
            MultiformatMessageString::builder().text(rule::text(rule)).markdown(rule::markdown(rule)).build();
        ReportingDescriptor::builder()
            .id(rule.code)
            .name(rule.name)
            .short_description(text(rule.docs.checks))
            .full_description(text(rule.docs.matters))
            .help(help)
            .default_configuration(ReportingConfiguration::builder().level(level).build())
            .build()
    });
    verdicts.into_iter().chain(of_rules).collect()
}

fn text(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}
