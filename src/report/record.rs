//! One workload with its decision and where both come from: what every report is made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    catalog::Target,
    decide::{Decision, Finding, Fit},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The cluster that it was read from, where it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    pub kind: String,
    pub namespace: String,
    pub name: String,
    /// The file and line, or the cluster.
    pub source: String,
    #[serde(flatten)]
    pub decision: Decision,
    /// Whether it serves the cluster itself, which counts it apart: nobody moves it.
    #[serde(skip)]
    pub own: bool,
    /// The lines of the file on which the fields of its findings are.
    #[serde(skip)]
    pub lines: BTreeMap<String, usize>,
    /// The parts of its cost, where they were asked for.
    #[serde(skip)]
    pub costs: String,
}

impl Record {
    /// As people name it: `deployment/web`.
    pub fn handle(&self) -> String {
        format!("{}/{}", self.kind.to_lowercase(), self.name)
    }

    /// With its namespace: `shop/deployment/web`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.namespace, self.handle())
    }

    /// Whether a person means this one by `web`, `deployment/web` or `shop/deployment/web`.
    pub fn is_named(&self, name: &str) -> bool {
        let handle = self.handle();
        name == self.name
            || name.eq_ignore_ascii_case(&handle)
            || name.eq_ignore_ascii_case(&self.full_name())
    }

    /// The value of a fact, where it's known.
    pub fn fact(&self, fact: &str) -> Option<&str> {
        self.decision.evidence.iter().find(|item| item.fact == fact).map(|item| item.value.as_str())
    }

    /// The findings that are about the workload itself, and so for whoever wrote it. Why a target is excluded isn't:
    /// that's for whoever asks.
    pub fn notices(&self) -> impl Iterator<Item = &Finding> {
        let own = |finding: &&Finding| {
            ["PRM", "DAT", "WRK", "EXM"].iter().any(|family| finding.rule.starts_with(family))
        };
        self.decision.findings.iter().filter(own)
    }

    /// The findings that keep it from where it runs now.
    pub fn keeps_from_its_place(&self) -> impl Iterator<Item = &Finding> {
        let place = self.fact("place");
        let here = self.decision.candidates.iter().find(|candidate| Some(candidate.target.id()) == place);
        let reasons = here.filter(|here| here.fit == Fit::Excluded).map_or(&[][..], |here| &here.findings);
        self.decision
            .findings
            .iter()
            .filter(move |finding| reasons.iter().any(|r| r.rule == finding.rule && r.field == finding.field))
    }

    pub fn team(&self) -> Option<&str> {
        self.fact("team")
    }

    pub fn target(&self) -> Option<Target> {
        self.decision.recommendation.as_ref().map(|recommendation| recommendation.target)
    }

    /// The file and the line that its source names, where it's a file.
    pub fn file(&self) -> Option<(&str, usize)> {
        let (file, line) = self.source.rsplit_once(':')?;
        Some((file, line.parse().ok()?))
    }
}
