//! What comes out of a decision, in the very form that status, JSON and reports carry.

use std::{borrow::Cow, fmt, ops, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rules::family;
use crate::{
    catalog::Target,
    facts::{Exemption, Source},
};

/// Dollars a month, from the least to the most that it can be; what is unknown widens it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

impl Interval {
    pub fn new(low: f64, high: f64) -> Self {
        Interval { low, high }
    }

    pub fn exactly(value: f64) -> Self {
        Interval { low: value, high: value }
    }

    /// To cents, so that the same facts print the same bytes on every machine.
    pub fn rounded(self) -> Self {
        let cents = |value: f64| (value * 100.0).round() / 100.0 + 0.0;
        Interval { low: cents(self.low), high: cents(self.high) }
    }

    /// The same where one unknown moves both amounts together.
    pub fn saving_beside(self, other: Interval) -> Interval {
        let (low, high) = (self.low - other.low, self.high - other.high);
        Interval { low: low.min(high), high: low.max(high) }
    }

    /// What is left of this when `other` is spent instead.
    pub fn saving_over(self, other: Interval) -> Interval {
        Interval { low: self.low - other.high, high: self.high - other.low }
    }
}

impl ops::Add for Interval {
    type Output = Interval;
    fn add(self, other: Interval) -> Interval {
        Interval { low: self.low + other.low, high: self.high + other.high }
    }
}

/// Both factors are amounts and never negative.
impl ops::Mul for Interval {
    type Output = Interval;
    fn mul(self, other: Interval) -> Interval {
        Interval { low: self.low * other.low, high: self.high * other.high }
    }
}

impl ops::Mul<f64> for Interval {
    type Output = Interval;
    fn mul(self, factor: f64) -> Interval {
        Interval { low: self.low * factor, high: self.high * factor }
    }
}

/// Whether the workload runs where it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Verdict {
    /// Nothing else beats where it runs by the smallest saving that matters.
    WellPlaced,
    /// Another target holds it for less, or its place can't hold it.
    Misplaced,
    /// What is unknown could make it either.
    Undetermined,
    /// A person decided to keep it.
    Exempt,
}

/// How sure the recommendation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Confidence {
    /// An inference decided it.
    Low,
    /// An unanswered question could change it.
    Medium,
    /// Nothing unknown changes the target or the verdict.
    High,
}

/// Whether a target holds the workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Fit {
    Fits,
    /// A question decides it.
    Unknown,
    Excluded,
}

/// What a finding does to the targets that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Effect {
    Excludes,
    NeedsAnswer,
    Notes,
}

/// One rule that fired: the field and value that caused it, and what follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule's code: `berth explain LMB003` says more.
    pub rule: Cow<'static, str>,
    pub effect: Effect,
    pub field: String,
    pub value: String,
    /// At most 120 characters, naming the field and the value.
    pub message: String,
    #[serde(skip)]
    #[schemars(skip)]
    pub targets: &'static [Target],
}

/// A finding that decided whether a target fits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    pub rule: Cow<'static, str>,
    pub field: String,
    pub value: String,
    pub message: String,
}

/// One target, whether it holds the workload, and what it would cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    pub target: Target,
    pub fit: Fit,
    pub monthly_cost: Interval,
    /// The cost rests on a figure that no AWS text confirmed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cost_unconfirmed: bool,
    /// The findings that decided its fit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Arc<Reason>>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// Two savings that are never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Saving {
    /// When only this workload leaves: the cluster's fixed cost stays behind, and that of its new platform is paid
    /// whole, unless the policy says that it is in use already. Often negative.
    pub if_cluster_stays: Interval,
    /// When the whole cluster goes: this workload's share of its fixed cost goes with it, and it bears a share of
    /// its new platform's.
    pub if_cluster_goes: Interval,
}

/// Where the workload would go if it were placed afresh.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Recommendation {
    pub target: Target,
    pub confidence: Confidence,
    pub summary: String,
    pub monthly_cost: Interval,
    /// What it costs where it runs now.
    pub current_monthly_cost: Interval,
    pub saving: Saving,
    /// What both would cost with requests at what is used, where they are far above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_use: Option<AtUse>,
}

/// Costs if copies asked for what they use.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AtUse {
    pub monthly_cost: Interval,
    pub current_monthly_cost: Interval,
}

/// One fact as a report shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceItem {
    pub fact: Cow<'static, str>,
    pub value: String,
    pub source: Source,
    /// The field or observation that shows it.
    pub at: Cow<'static, str>,
}

/// A fact supposed to have a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Supposition {
    pub fact: Cow<'static, str>,
    pub value: Cow<'static, str>,
}

/// One answer to a question, and what would come of it with all else as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    pub suppose: Vec<Supposition>,
    /// Where the workload would go; left out when nothing would certainly hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<Target>,
    /// What would become of the verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Lines of YAML that give this answer, where all of it is given in YAML.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub write: Vec<String>,
}

/// A question whose answer would change the recommendation or the verdict. Answering it can raise further ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenQuestion {
    pub question: String,
    /// The answers that change something, and those of the same question that don't.
    pub answers: Vec<Answer>,
    /// The annotations, fields or settings that answer it.
    pub answer_with: Vec<String>,
}

/// The value of one fact at which the recommendation changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BreakEven {
    pub fact: Cow<'static, str>,
    pub value: f64,
    /// The target that wins below the value.
    pub below: Target,
    /// The target that wins above it.
    pub above: Target,
    /// As people say it: "Lambda below 3.2 requests/s".
    pub summary: String,
}

/// The decision on one workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    pub verdict: Verdict,
    /// Where a person asked to keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exemption: Option<Exemption>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<Recommendation>,
    /// Every target, the best first.
    #[serde(default)]
    pub candidates: Vec<Candidate>,
    /// All that fired, the weightiest first.
    #[serde(default)]
    pub findings: Vec<Finding>,
    #[serde(default)]
    pub evidence: Vec<EvidenceItem>,
    #[serde(default)]
    pub open_questions: Vec<OpenQuestion>,
    #[serde(default)]
    pub break_evens: Vec<BreakEven>,
}

impl Decision {
    pub fn finding(&self, code: &str) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.rule == code)
    }
}

impl Answer {
    /// What comes of it, as people read it: "Lambda (Misplaced)".
    pub fn outcome(&self) -> String {
        let target = self.recommendation.map_or("nothing surely", Target::title);
        let verdict = self.verdict.map(|verdict| format!(" ({verdict})")).unwrap_or_default();
        format!("{target}{verdict}")
    }
}

impl Finding {
    /// The family of its rule: `LMB` of LMB003.
    pub fn family(&self) -> &str {
        family(&self.rule)
    }
}

macro_rules! written_by_name {
    ($($kind:ty),*) => {$(
        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self:?}")
            }
        }
    )*};
}
written_by_name!(Verdict, Confidence, Fit, Effect);
