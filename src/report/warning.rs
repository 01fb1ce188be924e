//! A decision as admission warnings: at most three lines of at most 120 characters, the reason first.

use crate::{
    amount,
    decide::{Decision, Finding, Interval, Verdict},
    observe::Key,
};

/// The API server cuts nothing below this.
pub const LINE_MAX: usize = 120;

/// What a person sees on `kubectl apply`; nothing when there is nothing to do.
/// Every line names the workload: kubectl prints equal lines once.
pub fn warnings(decision: &Decision, key: &Key) -> Vec<String> {
    let name = format!("{}/{}", key.kind.name().to_lowercase(), key.name);
    let mut lines = Vec::new();
    let wrong = decision.findings.iter().filter(|finding| finding.rule.starts_with("WRK002"));
    lines.extend(wrong.take(1).map(|finding| line(&name, finding)));
    let Some(recommendation) = &decision.recommendation else { return lines };
    if decision.verdict == Verdict::Misplaced {
        let now = recommendation.current_monthly_cost;
        lines.push(clip(format!(
            "{name} fits {}: {} a month, now {} (confidence {})",
            recommendation.target.title(),
            range(recommendation.monthly_cost),
            range(now),
            recommendation.confidence,
        )));
        if let Some(finding) = decision.finding("PRM001").or_else(|| decision.findings.first()) {
            lines.push(line(&name, finding));
        }
    } else if let Some(finding) = decision.finding("PRM001") {
        lines.push(line(&name, finding));
    }
    if !lines.is_empty() {
        lines.truncate(2);
        lines.push(clip(format!(
            "{name}: why, and what would change it: kubectl describe wlp -n {} {}",
            key.namespace,
            key.profile_name()
        )));
    }
    lines
}

fn line(name: &str, finding: &Finding) -> String {
    clip(format!("{name}: {} ({})", finding.message, finding.rule))
}

fn range(cost: Interval) -> String {
    amount::write_range(cost.low, cost.high)
}

fn clip(text: String) -> String {
    if text.chars().count() <= LINE_MAX {
        return text;
    }
    text.chars().take(LINE_MAX - 1).chain(['…']).collect()
}
