//! The platform's verdict in words: one sentence, and the reasons behind it.

use std::collections::BTreeMap;

use super::{Justification, Named, PlatformReason, PlatformVerdict, cost::Sums, counts::Counts};
use crate::{amount, catalog::Target, decide::Interval, policy::Policy};

/// Workloads and features that a sentence names before it only counts them.
const NAMED_MAX: usize = 3;

/// All that is told.
pub struct Told<'a> {
    pub verdict: Justification,
    pub sums: &'a Sums,
    pub counts: &'a Counts,
    /// The verdict with a platform team and without one, where nobody says whether there is one.
    pub by_team: Option<(Justification, Justification)>,
}

/// The verdict in one sentence.
pub fn summary(told: &Told<'_>) -> String {
    let Told { counts, sums, .. } = told;
    let all = counts.workloads;
    if all == 0 {
        return "No team runs a workload here yet.".to_owned();
    }
    if counts.need.count == all {
        return format!(
            "{} in Kubernetes.",
            if all == 1 { "The only workload belongs" } else { "All workloads belong" }
        );
    }
    if counts.nowhere.count == all {
        return if all == 1 {
            "The only workload fits nowhere on AWS as it stands.".to_owned()
        } else {
            format!("None of {all} workloads fits anywhere on AWS as it stands.")
        };
    }
    if counts.need.count > 0 {
        let free = all - counts.need.count - counts.may_need.count - counts.nowhere.count;
        let verb = if counts.need.count == 1 { "holds" } else { "hold" };
        return format!(
            "{free} of {all} workloads {} need Kubernetes; {} {verb} it.",
            if free == 1 { "doesn't" } else { "don't" },
            names(&counts.need)
        );
    }
    let none = if all == 1 {
        "The only workload doesn't need".to_owned()
    } else {
        format!("None of {all} workloads needs")
    };
    match told.verdict {
        Justification::Justified => {
            format!("{none} Kubernetes, and together they still cost less on it than anywhere else.")
        }
        Justification::NotJustified => {
            format!("{none} Kubernetes; leaving it saves {} a month.", range(sums.saving_if_it_goes))
        }
        Justification::Undetermined if counts.may_need.count > 0 => format!(
            "{} of {all} workloads may need Kubernetes: answers decide it. None is certain to.",
            counts.may_need.count
        ),
        Justification::Undetermined => {
            format!("{none} Kubernetes; whether leaving it saves depends on what is unknown.")
        }
    }
}

/// The verdict in one sentence, where the only thing against leaving is what wasn't read.
pub fn summary_beside(of: &PlatformVerdict, unread: &BTreeMap<String, u32>) -> String {
    let workloads = if of.workloads == 1 {
        "The only workload that was read doesn't need".to_owned()
    } else {
        format!("None of {} workloads that were read needs", of.workloads)
    };
    format!("{workloads} Kubernetes; whether what runs for {} does, isn't known.", kinds(unread))
}

/// That something was left out.
pub fn not_read(unread: &BTreeMap<String, u32>) -> PlatformReason {
    let count = unread.values().sum::<u32>();
    let (objects, verb) = if count == 1 { ("object", "is") } else { ("objects", "are") };
    PlatformReason {
        reason: "NotRead".to_owned(),
        message: format!(
            "{count} {objects} of kinds that Berth doesn't read {verb} left out ({}): what an operator runs for them may need \
             Kubernetes, and isn't priced.",
            kinds(unread)
        ),
    }
}

fn kinds(unread: &BTreeMap<String, u32>) -> String {
    let all: Vec<&str> = unread.keys().map(String::as_str).collect();
    match all.as_slice() {
        [all @ .., last] if !all.is_empty() && all.len() < NAMED_MAX => {
            format!("{} and {last}", all.join(", "))
        }
        all if all.len() <= NAMED_MAX => all.join(", "),
        all => format!("{} and {} more kinds", all[..NAMED_MAX].join(", "), all.len() - NAMED_MAX),
    }
}

/// The reasons, the weightiest first.
pub fn reasons(told: &Told<'_>, policy: &Policy) -> Vec<PlatformReason> {
    let Told { counts, sums, .. } = told;
    let mut reasons = Vec::new();
    let mut tell = |reason: &str, message: String| {
        reasons.push(PlatformReason { reason: reason.to_owned(), message });
    };
    if counts.workloads == 0 {
        tell("NoWorkloads", "Apply one, or look at what is counted apart in platformsOwn.".to_owned());
        return reasons;
    }
    for held in counts.need.workloads.iter().take(NAMED_MAX) {
        tell("NeedsKubernetes", format!("{}: {}", held.workload, held.because));
    }
    if counts.nowhere.count > 0 {
        let message = if counts.nowhere.count == 1 {
            format!("{} fits nowhere on AWS as it stands, and isn't priced.", names(&counts.nowhere))
        } else {
            format!("{} fit nowhere on AWS as they stand, and aren't priced.", names(&counts.nowhere))
        };
        tell("FitsNowhere", message);
    }
    money(told, policy, &mut tell);
    if counts.may_need.count > 0 {
        let message = format!(
            "{} may need Kubernetes: answer the open questions of their profiles.",
            names(&counts.may_need)
        );
        tell("OpenQuestions", message);
    }
    if let Some((with, without)) = told.by_team
        && with != without
    {
        let message = format!(
            "Nobody says whether a team's job is to operate the cluster: {with} with one, {without} without. Set \
             operations.platformTeam."
        );
        tell("PlatformTeamUnknown", message);
    }
    let better = sums.saving_by_another_cluster;
    if better.low >= policy.minimum_monthly_saving {
        let message = format!(
            "On {} the same workloads would cost {} less a month.",
            titles(&sums.best_cluster),
            range(better)
        );
        tell("AnotherClusterCheaper", message);
    }
    let leaving = counts.leaving;
    if leaving > 0 {
        let saving = sums.saving_if_it_stays;
        let message = format!(
            "While the cluster stays, moving the {leaving} that {} elsewhere {} a month.",
            if leaving == 1 { "fits" } else { "fit" },
            amount::write_saving(saving.low, saving.high)
        );
        tell("AtTheMargin", message);
    }
    if counts.own.count > 0 {
        let message = if counts.own.count == 1 {
            format!("{} serves the cluster itself, and is counted apart.", names(&counts.own))
        } else {
            format!("{} serve the cluster itself, and are counted apart.", names(&counts.own))
        };
        tell("CountedApart", message);
    }
    reasons
}

fn money(told: &Told<'_>, policy: &Policy, tell: &mut impl FnMut(&str, String)) {
    let Told { counts, sums, .. } = told;
    let Some(elsewhere) = sums.elsewhere else { return };
    let saving = sums.saving_if_it_goes;
    let at = format!("{} on {}", range(elsewhere), titles(&sums.targets));
    if counts.need.count > 0 {
        let it = if counts.need.count == 1 { "it" } else { "them" };
        let message = format!(
            "Without {it}, leaving {} a month (the others would cost {at}): ask whether that is what \
             holding the cluster is worth.",
            amount::write_saving(saving.low, saving.high)
        );
        return tell("PriceOfHolding", message);
    }
    let now = range(sums.now);
    let all = if counts.nowhere.count > 0 { "The others" } else { "All" };
    let over = sums.saving_over_best_cluster;
    let minimum = policy.minimum_monthly_saving;
    if over.low >= minimum {
        tell("CheaperElsewhere", format!("{all} cost {now} a month here, and would cost {at}."));
    } else if over.high < minimum {
        tell("CheaperTogether", format!("{all} cost {now} a month here, and would cost {at} at best."));
    } else {
        let message = format!(
            "{all} cost {now} a month here, and would cost {at}: leaving {}, depending on what is unknown.",
            amount::write_saving(saving.low, saving.high)
        );
        tell("CostsOverlap", message);
    }
}

fn names(named: &Named) -> String {
    let first: Vec<&str> = named.workloads.iter().take(NAMED_MAX).map(|w| w.workload.as_str()).collect();
    format!("{}{}", first.join(", "), more(named.count as usize, NAMED_MAX))
}

fn more(all: usize, told: usize) -> String {
    if all > told { format!(" and {} more", all - told) } else { String::new() }
}

fn titles(targets: &[Target]) -> String {
    let titles: Vec<&str> = targets.iter().map(|target| target.title()).collect();
    match titles.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "nothing".to_owned(),
    }
}

fn range(amount: Interval) -> String {
    amount::write_range(amount.low, amount.high)
}
