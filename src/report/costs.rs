//! The parts of a workload's cost on each target, and what they were reckoned from.

use std::fmt::{self, Write};

use super::wrap::wrap;
use crate::{
    amount,
    catalog::{Catalog, Target},
    decide::{
        Decision, Fit, Interval,
        targets::{self, Question, basis},
    },
    facts::Evidence,
    policy::Policy,
};

const WIDTH: usize = 100;
/// Of the columns, where no figure is wider.
const WIDTHS: [usize; 5] = [16, 11, 15, 16, 16];

/// A row for each target that may hold it, and below them what is behind the recommended one and the present one.
pub fn costs(evidence: &Evidence, decision: &Decision, catalog: &Catalog, policy: &Policy) -> String {
    let mut text = String::new();
    // Writing to a String can't fail.
    let _ = write_costs(&mut text, decision, &Question::new(evidence, catalog, policy));
    text
}

fn write_costs(out: &mut String, decision: &Decision, question: &Question<'_>) -> fmt::Result {
    let best = decision.recommendation.as_ref().map(|best| best.target);
    let now = question.place();
    writeln!(out, "\nWhat it costs a month")?;
    let heads = ["COMPUTE", "FRONT DOOR", "SERVICE HOURS", "PLATFORM SHARE", "TOTAL"].map(str::to_owned);
    let mut rows = vec![("", heads)];
    let shown = |target| target == now || Some(target) == best;
    for candidate in decision.candidates.iter().filter(|c| c.fit != Fit::Excluded || shown(c.target)) {
        let cost = targets::cost(candidate.target, question);
        let parts =
            [cost.infrastructure.total(), cost.front_door, cost.service_operations, cost.platform_share];
        let [compute, door, hours, share] = parts.map(span);
        rows.push((candidate.target.id(), [compute, door, hours, share, span(cost.total())]));
    }
    let mut widths = WIDTHS;
    for (at, width) in widths.iter_mut().enumerate() {
        // The widest keeps a blank before it.
        *width = rows.iter().map(|(_, cells)| cells[at].len() + 1).fold(*width, usize::max);
    }
    for (name, cells) in &rows {
        write!(out, "  {name:<20}")?;
        for (cell, width) in cells.iter().zip(widths) {
            write!(out, "{cell:>width$}")?;
        }
        writeln!(out)?;
    }
    let services = question.evidence.services.get();
    let shared = services.map_or_else(String::new, |known| {
        let plural = if known.value == 1.0 { "" } else { "s" };
        format!(", the platform shared by {} service{plural} ({})", amount::trim(known.value), known.at)
    });
    let rate = amount::write_dollars(question.policy.operations.hourly_rate);
    out.push_str(&wrap(&format!("People's hours at {rate} (operations.hourlyRate){shared}."), 2, WIDTH));
    let behind: Vec<Target> = best.into_iter().chain(Some(now).filter(|now| Some(*now) != best)).collect();
    for target in behind {
        let basis = basis::basis(target, question);
        out.push_str(&wrap(&format!("{target}: {}", basis.compute), 2, WIDTH));
        for (field, value) in basis.assumed {
            out.push_str(&wrap(&format!("operations.{field}: {value}"), 6, WIDTH));
        }
    }
    Ok(())
}

fn span(cost: Interval) -> String {
    let (low, high) = (format!("{:.2}", cost.low), format!("{:.2}", cost.high));
    if low == high { low } else { format!("{low}-{high}") }
}
