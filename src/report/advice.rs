//! A decision in a few sentences: what to do, why, how sure that is, and what moving it does to the bill.

use crate::{
    amount,
    catalog::Target,
    decide::{Decision, Fit, Interval, Recommendation, Verdict},
};

/// What a person should read if they read one thing only.
pub fn advice(decision: &Decision) -> String {
    let Some(best) = &decision.recommendation else {
        return format!("{}. {}", decision.verdict, nothing_fits(decision));
    };
    let sure = best.confidence.to_string().to_lowercase();
    let text = format!("{}, {sure} confidence. {}", decision.verdict, best.summary);
    match moved(decision) {
        Some(moved) => format!("{text} {moved}"),
        None => text,
    }
}

/// Why there is no recommendation.
pub fn nothing_fits(decision: &Decision) -> String {
    let open = decision.candidates.iter().find(|candidate| candidate.fit == Fit::Unknown);
    match open.and_then(|candidate| Some((candidate, candidate.findings.first()?))) {
        Some((candidate, finding)) => format!(
            "Nothing surely holds it; {} would, but for one question: {} ({}).",
            candidate.target.title(),
            finding.message,
            finding.rule
        ),
        None => {
            "Every target is excluded; the candidates name the field and value that exclude each.".to_owned()
        }
    }
}

/// What a move does to the bill: alone, and with the whole cluster. Nothing when it stays where it is.
pub fn moved(decision: &Decision) -> Option<String> {
    let best = decision.recommendation.as_ref()?;
    if decision.finding("WRK010").is_some() {
        return None;
    }
    let saves = |saving: Interval| amount::write_saving(saving.low, saving.high);
    let whole = saves(best.saving.if_cluster_goes);
    if decision.verdict == Verdict::Undetermined {
        // The summary has said the rest.
        return alone(decision, best).map(|alone| format!("Moved alone it {alone} a month."));
    }
    match place(decision)? {
        place if place == best.target => None,
        place if place.is_kubernetes() && best.target.is_kubernetes() => {
            Some(format!("Moved within the cluster it {} a month.", saves(best.saving.if_cluster_stays)))
        }
        place if !place.is_kubernetes() => Some(format!("Moved it {whole} a month.")),
        _ => Some(match alone(decision, best) {
            Some(alone) => format!("Moved alone it {alone} a month; if the whole cluster goes, it {whole}."),
            None => format!(
                "Moved alone it {} a month; if nothing else uses its cluster, that goes too: then it {whole}.",
                saves(best.saving.if_cluster_stays)
            ),
        }),
    }
}

/// What a move alone does to the bill, where it leaves a cluster to others: the fixed cost stays with them.
pub fn alone(decision: &Decision, best: &Recommendation) -> Option<String> {
    let leaves = place(decision).is_none_or(Target::is_kubernetes) && !best.target.is_kubernetes();
    let shared = services(decision).is_some_and(|services| services != "1");
    let saving = best.saving.if_cluster_stays;
    (leaves && shared).then(|| amount::write_saving(saving.low, saving.high))
}

/// What moving it saves: between two places of one cluster, the cluster's fixed cost stays.
pub fn saving(decision: &Decision, best: &Recommendation) -> Interval {
    let inside = best.target.is_kubernetes() && place(decision).is_none_or(Target::is_kubernetes);
    if inside { best.saving.if_cluster_stays } else { best.saving.if_cluster_goes }
}

/// Where it runs now.
pub fn place(decision: &Decision) -> Option<Target> {
    let place = known(decision, "place")?;
    Target::ALL.into_iter().find(|target| target.id() == place)
}

/// How many services share its platform.
pub fn services(decision: &Decision) -> Option<&str> {
    known(decision, "services")
}

fn known<'a>(decision: &'a Decision, fact: &str) -> Option<&'a str> {
    decision.evidence.iter().find(|item| item.fact == fact).map(|item| item.value.as_str())
}
