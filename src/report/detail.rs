//! One workload in full: each candidate with the reason it lost, its price, what is unknown and what would change it.

use std::fmt::{self, Write};

use super::{
    advice::{self, place},
    effort::Effort,
    overview,
    record::Record,
    terms,
    wrap::wrap,
};
use crate::{
    amount,
    decide::{
        Answer, Candidate, Decision, Fit, Interval, OpenQuestion, Verdict, platform::PricesUsed, rules,
    },
};

/// The columns that text is wrapped to.
const WIDTH: usize = 100;
/// Reasons of one candidate before the rest is only counted.
const REASONS_MAX: usize = 2;

/// The text; only names and values that are longer by themselves pass 100 columns.
pub fn detail(record: &Record, prices: &[PricesUsed]) -> String {
    let mut text = String::new();
    // Writing to a String can't fail.
    let _ = write_detail(&mut text, record, prices);
    text
}

fn write_detail(out: &mut String, record: &Record, prices: &[PricesUsed]) -> fmt::Result {
    let decision = &record.decision;
    writeln!(out, "{} in {} ({})", record.handle(), record.namespace, record.source)?;
    out.push_str(&wrap(&advice::advice(decision), 0, WIDTH));
    if let Some((best, at_use)) = decision.recommendation.as_ref().and_then(|best| Some((best, best.at_use?)))
    {
        writeln!(
            out,
            "At what it uses, not what it asks for: {} on {}, {} here.",
            amount::write_range(at_use.monthly_cost.low, at_use.monthly_cost.high),
            best.target.title(),
            amount::write_range(at_use.current_monthly_cost.low, at_use.current_monthly_cost.high)
        )?;
    }
    out.push_str(&effort(record));
    if let Some(exemption) = decision.exemption.as_ref().filter(|exemption| exemption.holds()) {
        let until = exemption.until.as_ref().map_or_else(String::new, |day| format!(" until {day}"));
        writeln!(out, "Kept here{until}: {}", exemption.reason.as_deref().unwrap_or("no reason given"))?;
    }
    candidates(out, decision)?;
    out.push_str(&record.costs);
    if record.costs.is_empty() {
        writeln!(out, "\nThe parts of these costs are in no status; this works them out:")?;
        writeln!(out, "  berth scan --cluster --explain {}", record.handle())?;
    }
    notices(out, decision)?;
    questions(out, decision)?;
    if !decision.break_evens.is_empty() {
        writeln!(out, "\nBreak-evens: what wins instead, and from where")?;
        for break_even in &decision.break_evens {
            writeln!(out, "  {}", break_even.summary)?;
        }
    }
    writeln!(out, "\nEvidence")?;
    for item in &decision.evidence {
        let source = format!("{:?}", item.source);
        writeln!(out, "  {:<22} {:<14} {source:<9} {}", item.fact, item.value, item.at)?;
    }
    let prices = format!("Dollars a month. {}", terms::terms(prices));
    writeln!(out)?;
    out.push_str(&wrap(&prices, 0, WIDTH));
    Ok(())
}

/// What the move takes, where one is asked for and there is something to move.
fn effort(record: &Record) -> String {
    let to = record.target().filter(|to| place(&record.decision) != Some(*to));
    let is_asked = record.decision.verdict != Verdict::WellPlaced;
    let to = to.filter(|_| is_asked && !record.own && !overview::ends(record));
    let told = to.map(|to| format!("The move to {} is {}.", to.title(), Effort::of(record, to).sentence()));
    told.map_or_else(String::new, |told| wrap(&told, 0, WIDTH))
}

fn candidates(out: &mut String, decision: &Decision) -> fmt::Result {
    let best = decision.recommendation.as_ref();
    writeln!(out, "\nCandidates, by the most that each can cost")?;
    for candidate in &decision.candidates {
        let is_best = best.is_some_and(|best| best.target == candidate.target);
        let cost = match (candidate.fit, best) {
            (Fit::Excluded, _) => String::new(),
            (Fit::Fits, Some(best)) if !is_best => {
                let dearer = candidate.monthly_cost.high - best.monthly_cost.high;
                let more = match amount::write_dollars(dearer) {
                    none if none == "$0.00" => "as much as the best".to_owned(),
                    more => format!("{more} more than the best"),
                };
                format!("{}, {more}", price(candidate))
            }
            _ => price(candidate),
        };
        let here = if place(decision) == Some(candidate.target) { " <- it runs here" } else { "" };
        let fit = candidate.fit.to_string();
        let line = format!("  {:<20} {fit:<9} {cost}{here}", candidate.target.id());
        writeln!(out, "{}", line.trim_end())?;
        for finding in candidate.findings.iter().take(REASONS_MAX) {
            out.push_str(&wrap(&format!("{} ({})", finding.message, finding.rule), 6, WIDTH));
        }
        if candidate.findings.len() > REASONS_MAX {
            writeln!(out, "      and {} more", candidate.findings.len() - REASONS_MAX)?;
        }
    }
    Ok(())
}

fn price(candidate: &Candidate) -> String {
    let Interval { low, high } = candidate.monthly_cost;
    let unconfirmed = if candidate.cost_unconfirmed { " (on unconfirmed prices)" } else { "" };
    format!("{}{unconfirmed}", amount::write_range(low, high))
}

/// What was found about the workload itself and so stands with no candidate.
fn notices(out: &mut String, decision: &Decision) -> fmt::Result {
    let about_itself = |code: &str| rules::find(code).is_none_or(|rule| rule.targets.is_empty());
    let mut notices = decision.findings.iter().filter(|finding| about_itself(&finding.rule)).peekable();
    if notices.peek().is_some() {
        writeln!(out, "\nNotices")?;
    }
    for finding in notices {
        out.push_str(&wrap(&format!("{} ({})", finding.message, finding.rule), 2, WIDTH));
    }
    Ok(())
}

fn questions(out: &mut String, decision: &Decision) -> fmt::Result {
    if decision.open_questions.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nWhat would change it, if known (an answer can raise further questions)")?;
    for question in &decision.open_questions {
        out.push_str(&wrap(&question.question, 2, WIDTH));
        for answer in &question.answers {
            told(out, answer)?;
        }
        out.push_str(&wrap(&format!("answer with {}", where_to(question)), 6, WIDTH));
    }
    Ok(())
}

/// An answer as it is to be written, and what comes of it.
fn told(out: &mut String, answer: &Answer) -> fmt::Result {
    let outcome = answer.outcome();
    if answer.write.is_empty() {
        let supposed: Vec<String> =
            answer.suppose.iter().map(|s| format!("{} {}", s.fact, s.value)).collect();
        return writeln!(out, "      {outcome} with {}", supposed.join(", "));
    }
    writeln!(out, "      {outcome} with")?;
    answer.write.iter().try_for_each(|line| writeln!(out, "          {line}"))
}

fn where_to(question: &OpenQuestion) -> String {
    let annotations = question.answer_with.iter().filter(|place| place.starts_with("berth.dev/"));
    if annotations.count() == question.answer_with.len() {
        return "annotations on the workload, or the same fields in its profile's spec".to_owned();
    }
    question.answer_with.join(", ")
}
