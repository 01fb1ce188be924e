//! The platform's own verdict: what all workloads together say about the cluster that no single one shows.
//!
//! Pure, and independent of the order in which the workloads come.

mod cost;
mod counts;
mod member;
mod reasons;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Interval, Saving, Verdict};
use crate::{
    catalog::{Catalog, Target},
    policy::Policy,
};
use cost::Sums;
use counts::Counts;
pub use member::{Member, Need};

/// Entries of each list at most: the report of a large fleet stays a page, its totals stay whole.
const LIST_MAX: usize = 100;
/// Workloads that are named for one feature.
const USERS_MAX: usize = 5;

/// Whether a cluster is the right place for what runs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Justification {
    /// A workload needs Kubernetes, or all of them together surely cost less on it.
    Justified,
    /// No workload needs it, and leaving surely saves.
    NotJustified,
    /// What is unknown could make it either.
    Undetermined,
}

/// The cluster's verdict and what it rests on. Every list is sorted and bounded; the counts are whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformVerdict {
    pub verdict: Justification,
    /// The verdict in one sentence.
    pub summary: String,
    /// The weightiest first.
    pub reasons: Vec<PlatformReason>,
    /// What teams run. The platform's own add-ons are counted apart.
    pub workloads: u32,
    /// Of those, the ones that share the platform's fixed cost: what is at rest doesn't, nor what may run only once.
    pub services: u32,
    pub teams: u32,
    pub namespaces: u32,
    pub misplaced: u32,
    pub undetermined: u32,
    pub exempt: u32,
    /// Workloads that nothing outside of Kubernetes holds.
    pub need_kubernetes: Named,
    /// Workloads of which an open question decides that.
    pub may_need_kubernetes: Named,
    /// Workloads that nothing of AWS holds as they stand. Not priced.
    #[serde(default, skip_serializing_if = "Named::is_empty")]
    pub fit_nowhere: Named,
    /// What serves the cluster itself and goes with it: add-ons and node agents. Not priced: the platform's fixed
    /// hours contain its care.
    pub platforms_own: Named,
    pub by_target: Vec<TargetCount>,
    pub by_namespace: Vec<GroupCount>,
    pub by_team: Vec<GroupCount>,
    /// What is used of Kubernetes beyond Deployment and Service.
    pub features: Vec<FeatureUse>,
    /// What the platform itself uses of Kubernetes, and no single workload does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub platform_features: Vec<PlatformFeature>,
    pub monthly_cost: PlatformCost,
    pub saving: Saving,
    pub prices: PricesUsed,
    /// Whether a list leaves something out.
    pub truncated: bool,
}

/// One reason of a verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlatformReason {
    /// In one word.
    pub reason: String,
    pub message: String,
}

/// Some workloads, each with its reason.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Named {
    pub count: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workloads: Vec<NamedWorkload>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NamedWorkload {
    /// namespace/kind/name
    pub workload: String,
    pub because: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetCount {
    pub target: Target,
    /// Workloads that it's recommended for.
    pub workloads: u32,
}

/// What one namespace or one team runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupCount {
    pub name: String,
    pub workloads: u32,
    pub misplaced: u32,
    pub need_kubernetes: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeatureUse {
    pub feature: String,
    pub workloads: u32,
    /// The first of them by name.
    pub used_by: Vec<String>,
}

/// A feature of Kubernetes that belongs to the cluster as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlatformFeature {
    pub feature: String,
    /// Objects of it that are in force.
    #[schemars(with = "i32", range(min = 0))]
    pub objects: u32,
}

/// Dollars a month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformCost {
    /// What the cluster costs whatever runs on it. It leaves with the last workload.
    pub fixed: Interval,
    /// All that teams run, where it runs now, and the fixed cost once.
    pub now: Interval,
    /// What could leave, at its cheapest elsewhere, with the fixed cost of each platform there once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Interval>,
}

/// The price book behind the figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PricesUsed {
    pub date: String,
    pub region: String,
}

impl PricesUsed {
    pub fn of(catalog: &Catalog) -> Self {
        PricesUsed { date: catalog.prices.date.clone(), region: catalog.prices.region.clone() }
    }
}

impl Named {
    fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl PlatformVerdict {
    /// With what the platform itself uses: for people to replace, and no reason to stay.
    pub fn using(self, platform_features: Vec<PlatformFeature>) -> Self {
        PlatformVerdict { platform_features, ..self }
    }

    /// With how many objects of which kinds were left out: nobody who hasn't read them can say that the cluster isn't needed.
    pub fn beside(mut self, unread: &BTreeMap<String, u32>) -> Self {
        if unread.is_empty() {
            return self;
        }
        if self.verdict == Justification::NotJustified {
            self.verdict = Justification::Undetermined;
            self.summary = reasons::summary_beside(&self, unread);
        }
        // What is justified by what was read has its own reasons first.
        let at = if self.verdict == Justification::Justified { self.reasons.len() } else { 0 };
        self.reasons.insert(at, reasons::not_read(unread));
        self
    }
}

/// Judges the platform by its members.
pub fn verdict<'a>(
    members: impl IntoIterator<Item = &'a Member>,
    catalog: &Catalog,
    policy: &Policy,
) -> PlatformVerdict {
    let mut all: Vec<&Member> = members.into_iter().collect();
    // Sums of floating point and lists that are cut depend on the order: this one, whatever came in.
    all.sort_by_key(|member| {
        let of = &member.subject;
        (&of.namespace, &of.kind, &of.name)
    });
    let (own, teams): (Vec<&Member>, Vec<&Member>) = all.into_iter().partition(|m| m.own.is_some());
    let sums = Sums::of(&teams, catalog, policy);
    let counts = Counts::of(&teams, &own);
    let verdict = justification(&sums, &counts, policy);
    let with_team = |exists| {
        let mut supposed = policy.clone();
        supposed.operations.platform_team = Some(exists);
        justification(&Sums::of(&teams, catalog, &supposed), &counts, &supposed)
    };
    let by_team = policy.operations.platform_team.is_none().then(|| (with_team(true), with_team(false)));
    let told = reasons::Told { verdict, sums: &sums, counts: &counts, by_team };
    PlatformVerdict {
        verdict,
        summary: reasons::summary(&told),
        reasons: reasons::reasons(&told, policy),
        workloads: counts.workloads,
        services: counts.services,
        teams: counts.teams,
        namespaces: counts.namespaces,
        misplaced: counts.of_verdict(Verdict::Misplaced),
        undetermined: counts.of_verdict(Verdict::Undetermined),
        exempt: counts.of_verdict(Verdict::Exempt),
        monthly_cost: PlatformCost {
            fixed: sums.fixed.rounded(),
            now: sums.now.rounded(),
            elsewhere: sums.elsewhere.map(Interval::rounded),
        },
        saving: Saving {
            if_cluster_stays: sums.saving_if_it_stays.rounded(),
            if_cluster_goes: sums.saving_if_it_goes.rounded(),
        },
        prices: PricesUsed::of(catalog),
        need_kubernetes: counts.need,
        may_need_kubernetes: counts.may_need,
        fit_nowhere: counts.nowhere,
        platforms_own: counts.own,
        by_target: counts.by_target,
        by_namespace: counts.by_namespace,
        by_team: counts.by_team,
        features: counts.features,
        platform_features: Vec::new(),
        truncated: counts.truncated,
    }
}

/// Held by what needs it, or by its price; undetermined where the amounts overlap or a question is open.
fn justification(sums: &Sums, counts: &Counts, policy: &Policy) -> Justification {
    if counts.need.count > 0 {
        return Justification::Justified;
    }
    // What fits nowhere neither holds a cluster nor leaves one.
    if counts.workloads == 0 || sums.elsewhere.is_none() {
        return Justification::Undetermined;
    }
    // Against the cheapest kind of cluster: a dear one is a reason to change it, not to leave.
    let saving = sums.saving_over_best_cluster;
    // Leaving must surely save over the present one as well, whichever of the two is the cheaper at its least.
    let least = saving.low.min(sums.saving_if_it_goes.low);
    if saving.high < policy.minimum_monthly_saving {
        Justification::Justified
    } else if least >= policy.minimum_monthly_saving && counts.may_need.count == 0 {
        Justification::NotJustified
    } else {
        Justification::Undetermined
    }
}

impl std::fmt::Display for Justification {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}
