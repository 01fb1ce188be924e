//! One workload in full: each candidate with the reason it lost, its price, what is unknown and what would change it.

use std::fmt::{self, Write};

use super::record::Record;
use crate::{
    amount,
    catalog::Catalog,
    decide::{Decision, Fit, Interval, OpenQuestion},
};

/// The text, with lines of at most about 100 columns where the content allows.
pub fn detail(record: &Record, catalog: &Catalog) -> String {
    let mut text = String::new();
    // Writing to a String can't fail.
    let _ = write_detail(&mut text, record, catalog);
    text
}

fn write_detail(out: &mut String, record: &Record, catalog: &Catalog) -> fmt::Result {
    let decision = &record.decision;
    writeln!(out, "{} in {} ({})", record.handle(), record.namespace, record.source)?;
    if let Some(best) = &decision.recommendation {
        writeln!(out, "{}: {}", decision.verdict, best.summary)?;
        writeln!(out, "Confidence {}.", best.confidence)?;
        let saving = &best.saving;
        if saving.if_cluster_goes != Interval::default() {
            writeln!(
                out,
                "Saving a month: {} if this cluster stays, {} if it goes.",
                range(saving.if_cluster_stays),
                range(saving.if_cluster_goes)
            )?;
        }
    }
    candidates(out, decision)?;
    notices(out, decision)?;
    if !decision.open_questions.is_empty() {
        writeln!(out, "\nWhat would change it, if known")?;
        for question in &decision.open_questions {
            open(out, question)?;
        }
    }
    if !decision.break_evens.is_empty() {
        writeln!(out, "\nBreak-evens")?;
        for break_even in &decision.break_evens {
            writeln!(out, "  {}", break_even.summary)?;
        }
    }
    writeln!(out, "\nEvidence")?;
    for item in &decision.evidence {
        writeln!(
            out,
            "  {:<22} {:<14} {:<9} {}",
            item.fact,
            item.value,
            format!("{:?}", item.source),
            item.at
        )?;
    }
    writeln!(
        out,
        "\nDollars a month, list prices of {} ({}), people's hours included; data transfer, NAT and\ndiscounts aren't counted.",
        catalog.prices.date, catalog.prices.region
    )
}

fn candidates(out: &mut String, decision: &Decision) -> fmt::Result {
    writeln!(out, "\nCandidates")?;
    for candidate in &decision.candidates {
        let cost = match candidate.fit {
            Fit::Excluded => String::new(),
            _ if candidate.cost_unconfirmed => {
                format!("{} (on unconfirmed prices)", range(candidate.monthly_cost))
            }
            _ => range(candidate.monthly_cost),
        };
        let line = format!("  {:<20} {:<9} {cost}", candidate.target.id(), candidate.fit.to_string());
        writeln!(out, "{}", line.trim_end())?;
        for finding in candidate.findings.iter().take(2) {
            writeln!(out, "      {} ({})", finding.message, finding.rule)?;
        }
        if candidate.findings.len() > 2 {
            writeln!(out, "      and {} more", candidate.findings.len() - 2)?;
        }
    }
    Ok(())
}

fn notices(out: &mut String, decision: &Decision) -> fmt::Result {
    let notices: Vec<_> = decision.findings.iter().filter(|finding| is_notice(&finding.rule)).collect();
    if notices.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nNotices")?;
    for finding in notices {
        writeln!(out, "  {} ({})", finding.message, finding.rule)?;
    }
    Ok(())
}

fn is_notice(rule: &str) -> bool {
    ["PRM", "DAT", "WRK"].iter().any(|family| rule.starts_with(family))
}

fn open(out: &mut String, question: &OpenQuestion) -> fmt::Result {
    writeln!(out, "  {}", question.question)?;
    for answer in &question.answers {
        let supposed: Vec<String> =
            answer.suppose.iter().map(|s| format!("{} {}", s.fact, s.value)).collect();
        writeln!(out, "      {} -> {}", supposed.join(", "), answer.recommendation)?;
    }
    writeln!(out, "      answer with {}", question.answer_with.join(", "))
}

fn range(cost: Interval) -> String {
    amount::write_range(cost.low, cost.high)
}
