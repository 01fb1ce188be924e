//! The recommendation in one sentence: the reason first, then the price.

use super::{Finding, Fit, placement::Placed};
use crate::{amount, catalog::Target, facts::Evidence};

/// Why this target, and what it costs against where the workload runs.
pub fn summary(evidence: &Evidence, best: &Placed, now: &Placed, findings: &[Finding]) -> String {
    let price = |placed: &Placed| {
        let total = placed.cost.total();
        amount::write_range(total.low, total.high)
    };
    let reason = reason(evidence, best.target, findings);
    if best.target == now.target {
        return format!("{reason}; {} holds it for {} a month.", best.target.title(), price(best));
    }
    if now.fit == Fit::Excluded {
        return format!(
            "{} can't hold it; {} does for {} a month.",
            now.target.title(),
            best.target.title(),
            price(best)
        );
    }
    format!(
        "{reason}; {} holds it for {} a month, {} costs {}.",
        best.target.title(),
        price(best),
        now.target.title(),
        price(now)
    )
}

/// The one thing about the workload that speaks most for the target.
fn reason(evidence: &Evidence, target: Target, findings: &[Finding]) -> String {
    let fired = |code: &str| findings.iter().any(|finding| finding.rule == code);
    if fired("EKS001") {
        return "It calls the Kubernetes API".to_owned();
    }
    if let Some(data) = findings.iter().find(|finding| finding.rule.starts_with("DAT")) {
        return format!("It runs a datastore ({})", data.value);
    }
    if fired("PRM001") && !target.is_kubernetes() {
        return "It uses nothing of Kubernetes but Deployment and Service".to_owned();
    }
    if evidence.gpus > 0.0 {
        return format!("It needs {} GPU", amount::trim(evidence.gpus));
    }
    if evidence.ends() {
        return "It runs and ends".to_owned();
    }
    format!("It is the cheapest of what certainly holds a {}", evidence.subject.kind)
}
