//! The table for a terminal of 100 columns, and the sentences below it.

use std::collections::BTreeMap;

use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table, presets};

use super::{
    advice,
    form::{Form, Report, Written},
    groups::Groups,
    overview, platform,
    record::Record,
    terms,
    wrap::wrap,
};
use crate::{
    amount,
    catalog::Target,
    decide::{Effect, Interval, Verdict},
};

pub const FORM: Form = Form { name: "table", help: "For a terminal of 100 columns", groups: true, write };

/// The widest line.
const WIDTH: usize = 100;
/// Columns between two columns.
const GAP: u16 = 2;
/// Values that can't be read, annotations that are none of Berth's, and exemptions that don't hold.
/// The first of them is told first.
const UNREAD: [&str; 3] = ["EXM001", "WRK009", "WRK002"];
/// Columns that a name is left, however wide the rest is.
const NAME_MIN: usize = 20;

fn write(report: &Report<'_>) -> Written {
    let platforms = platforms(report);
    let (before, after) = match &*platforms {
        "" => (String::new(), String::new()),
        said if report.overview => (format!("{said}\n\n"), String::new()),
        said => (String::new(), format!("{said}\n")),
    };
    let said = |text: &str| wrap(text, 0, WIDTH);
    let open = undetermined(report).map(|text| said(&text)).unwrap_or_default();
    let counts = said(&counts(report));
    let rows = match &report.groups {
        Some(groups) => together(groups),
        None => workloads(report),
    };
    let stays = stays(report).map(|text| said(&text)).unwrap_or_default();
    let alone = alone(report).map(|text| said(&text)).unwrap_or_default();
    let unread = unread(report).map(|text| said(&text)).unwrap_or_default();
    let advice = if report.overview { overview::text(report.records) } else { String::new() };
    Ok(format!("{before}{rows}\n\n{counts}{after}{alone}{stays}{open}{unread}{}{advice}", prices(report)))
}

fn workloads(report: &Report<'_>) -> String {
    let records = report.records;
    let differs = |of: fn(&Record) -> Option<&str>| records.windows(2).any(|two| of(&two[0]) != of(&two[1]));
    let clusters = differs(|record| record.cluster.as_deref());
    let namespaces = differs(|record| Some(&record.namespace));
    let mut header = vec!["WORKLOAD", "VERDICT", "TARGET", "SURE", "$/MONTH", "NOW", "WHY"];
    if namespaces {
        header.insert(0, "NAMESPACE");
    }
    if clusters {
        header.insert(0, "CLUSTER");
    }
    let rows: Vec<Vec<String>> = records.iter().map(|record| row(record, clusters, namespaces)).collect();
    let names = 1 + usize::from(namespaces) + usize::from(clusters);
    let rooms = rooms(&header, &rows, names);
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    if report.colour {
        table.enforce_styling();
    }
    table.set_header(header.clone());
    for (record, row) in records.iter().zip(rows) {
        let cell = |(column, text): (usize, String)| match header[column] {
            "VERDICT" => verdict(record.decision.verdict, report.colour),
            "$/MONTH" | "NOW" => Cell::new(text).set_alignment(CellAlignment::Right),
            _ => Cell::new(rooms.get(column).map_or(text.clone(), |room| fold(&text, *room))),
        };
        table.add_row(row.into_iter().enumerate().map(cell));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// One line a group; what doesn't fit goes on below.
fn together(groups: &Groups) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(WIDTH as u16);
    table.set_header(groups.header().into_iter().map(str::to_uppercase));
    for row in groups.rows() {
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    let mut lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.extend(groups.note().map(|note| format!("\n{}", wrap(&note, 0, WIDTH).trim_end())));
    lines.join("\n")
}

fn row(record: &Record, cluster: bool, namespace: bool) -> Vec<String> {
    let mut row = Vec::new();
    row.extend(cluster.then(|| record.cluster.clone().unwrap_or_default()));
    row.extend(namespace.then(|| record.namespace.clone()));
    row.extend([record.handle(), record.decision.verdict.to_string()]);
    match &record.decision.recommendation {
        Some(best) => row.extend([
            best.target.to_string(),
            best.confidence.to_string(),
            money(best.monthly_cost),
            money(best.current_monthly_cost),
        ]),
        None => row.extend(["none", "", "", ""].map(str::to_owned)),
    }
    row.push(why(record));
    row
}

/// The word says it all; a colour only helps to find it.
fn verdict(verdict: Verdict, colour: bool) -> Cell {
    let cell = Cell::new(verdict);
    if !colour {
        return cell;
    }
    cell.fg(match verdict {
        Verdict::WellPlaced => Color::Green,
        Verdict::Misplaced => Color::Yellow,
        Verdict::Undetermined => Color::Cyan,
        Verdict::Exempt => Color::Blue,
    })
}

fn money(cost: Interval) -> String {
    let (low, high) = (cost.low.round(), cost.high.round());
    if low == high { format!("{low:.0}") } else { format!("{low:.0}-{high:.0}") }
}

/// The codes that say most: what flags it, and what it can't do without.
fn why(record: &Record) -> String {
    let told = record.decision.findings.iter().filter(|finding| {
        (finding.effect == Effect::Notes && matches!(finding.family(), "PRM" | "DAT"))
            || finding.rule == "EKS001"
    });
    let codes: Vec<&str> = told.map(|finding| &*finding.rule).take(3).collect();
    codes.join(" ")
}

/// The columns that each of the first `names` columns may take, so that the whole line fits.
fn rooms(header: &[&str], rows: &[Vec<String>], names: usize) -> Vec<usize> {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([header[column].len()]).max().unwrap_or_default()
    };
    let mut widths: Vec<usize> = (0..header.len()).map(width).collect();
    let gaps = usize::from(GAP) * (widths.len() - 1);
    // The widest gives way first, a column at a time.
    while widths.iter().sum::<usize>() + gaps > WIDTH {
        match widths[..names].iter_mut().filter(|width| **width > NAME_MIN).max() {
            Some(widest) => *widest -= 1,
            None => break,
        }
    }
    widths.truncate(names);
    widths
}

/// A name in lines of at most so many columns, broken behind its dashes, dots and slashes where there are any.
fn fold(name: &str, room: usize) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    let length = |text: &str| text.chars().count();
    for piece in name.split_inclusive(['-', '.', '/']) {
        let fits = lines.last().is_some_and(|line| line.is_empty() || length(line) + length(piece) <= room);
        if !fits {
            lines.push(String::new());
        }
        for letter in piece.chars() {
            if lines.last().is_some_and(|line| length(line) >= room) {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push(letter);
            }
        }
    }
    lines.join("\n")
}

/// What the clusters come to as a whole, each with its name where there are several.
pub fn platforms(report: &Report<'_>) -> String {
    let several = report.platforms.len() > 1;
    let named = report.platforms.iter().map(|platform| {
        let name = platform.cluster.as_deref().filter(|_| several).map(|name| format!("{name}\n"));
        let said = match report.groups {
            // The reasons stand in the report of the workloads.
            Some(_) => platform::sentence(&platform.verdict),
            None => platform::text(&platform.verdict),
        };
        format!("{}{said}", name.unwrap_or_default())
    });
    named.collect::<Vec<_>>().join("\n")
}

/// The workloads of the report, counted.
pub fn counts(report: &Report<'_>) -> String {
    let count = |verdict| counted(report, verdict);
    let mut by_target: BTreeMap<Target, usize> = BTreeMap::new();
    for target in report.records.iter().filter_map(Record::target) {
        *by_target.entry(target).or_default() += 1;
    }
    let by_target: Vec<String> =
        by_target.iter().map(|(target, count)| format!("{count} {target}")).collect();
    let workloads = if report.records.len() == 1 { "workload" } else { "workloads" };
    let own = match report.records.iter().filter(|record| record.own).count() {
        0 => String::new(),
        own => format!(" ({own} of the platform's own)"),
    };
    let counts = format!(
        "{} {workloads}{own}, {} misplaced, {} undetermined",
        report.records.len(),
        count(Verdict::Misplaced),
        count(Verdict::Undetermined),
    );
    if by_target.is_empty() { format!("{counts}.") } else { format!("{counts}: {}.", by_target.join(", ")) }
}

/// Those of a verdict, but for what serves the cluster itself.
pub fn counted(report: &Report<'_>, verdict: Verdict) -> usize {
    report.records.iter().filter(|record| !record.own && record.decision.verdict == verdict).count()
}

/// What the undetermined hang on: the first question of the first, and how many more there are.
fn undetermined(report: &Report<'_>) -> Option<String> {
    let of = |record: &&Record| !record.own && record.decision.verdict == Verdict::Undetermined;
    let open: Vec<&Record> = report.records.iter().filter(of).collect();
    let first = open.first()?;
    let why = match first.decision.open_questions.first() {
        Some(asked) => format!("until this is answered: {}", asked.question),
        None => "and no answer settles it.".to_owned(),
    };
    let more =
        if open.len() > 1 { format!(" {} more are undetermined.", open.len() - 1) } else { String::new() };
    let handle = first.handle();
    Some(format!("{handle} is undetermined {why}{more} --explain {handle} says more."))
}

/// What a move costs while the cluster stays, of the dearest: what the platform says of all of them, where only some are
/// reported and it says nothing.
fn alone(report: &Report<'_>) -> Option<String> {
    (report.groups.is_none() && report.platforms.is_empty()).then_some(())?;
    let misplaced =
        report.records.iter().filter(|record| !record.own && record.decision.verdict == Verdict::Misplaced);
    let mut all: Vec<(f64, &Record, String)> = misplaced
        .filter_map(|record| {
            let best = record.decision.recommendation.as_ref()?;
            Some((best.saving.if_cluster_stays.low, record, advice::alone(&record.decision, best)?))
        })
        .collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (_, record, alone) = all.first()?;
    let handle = record.handle();
    let more =
        if all.len() > 1 { format!(", the dearest of {} such moves", all.len()) } else { String::new() };
    Some(format!("While the cluster stays, {handle} moved alone {alone} a month{more}; --explain says more."))
}

/// Why a workload is well placed where another target stands in its row.
fn stays(report: &Report<'_>) -> Option<String> {
    let elsewhere = |record: &&Record| {
        let target = record.target().map(Target::id);
        record.decision.verdict == Verdict::WellPlaced && target.is_some() && record.fact("place") != target
    };
    report.groups.is_none().then_some(())?;
    report.records.iter().find(elsewhere)?;
    let least = amount::write_dollars(report.policy.minimum_monthly_saving);
    Some(format!(
        "WellPlaced with another TARGET than where it runs: moving there saves less than {least} a month."
    ))
}

/// What people wrote for Berth and it doesn't read: the first, and how many more there are.
fn unread(report: &Report<'_>) -> Option<String> {
    let of = |code: &'static str| {
        let all = report.records.iter().filter(|record| !record.own);
        let each =
            all.flat_map(|record| record.decision.findings.iter().map(move |finding| (record, finding)));
        each.filter(move |(_, finding)| finding.rule == code)
    };
    let mut all = UNREAD.into_iter().flat_map(of);
    let (record, first) = all.next()?;
    let more = match all.count() {
        0 => String::new(),
        more => format!(" {more} more like it."),
    };
    let handle = record.handle();
    Some(format!(
        "Not read: {handle}: {} ({}).{more} --explain {handle} says more.",
        first.message, first.rule
    ))
}

/// What the prices are, and what they leave out.
pub fn prices(report: &Report<'_>) -> String {
    let share = format!(
        "$/MONTH counts a share of the platform's fixed cost, so rows don't add up{}.",
        sharing(report)
    );
    let lines = |text: &str| wrap(text, 0, WIDTH);
    // Of groups there is no such column.
    let share = if report.groups.is_none() { lines(&share) } else { String::new() };
    (share + &lines(&terms::terms(report.prices))).trim_end().to_owned()
}

/// Who shares it, where all rows share one platform. A scan can be told better.
fn sharing(report: &Report<'_>) -> String {
    let mut counts: Vec<&str> = report.records.iter().filter_map(|record| record.fact("services")).collect();
    counts.dedup();
    let hint = if report.overview { "" } else { " (--services says if more do)" };
    match counts.as_slice() {
        ["1"] => format!(": one service bears it all{hint}"),
        [services] => format!("; {services} services share it{hint}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_break_behind_their_dashes() {
        assert_eq!(fold("deployment/quota-keeper", 20), "deployment/quota-\nkeeper");
        assert_eq!(fold("deployment/portal", 20), "deployment/portal");
        assert_eq!(fold("job/abcdefghijkl", 6), "job/\nabcdef\nghijkl", "a piece that is too long by itself");
    }
}
