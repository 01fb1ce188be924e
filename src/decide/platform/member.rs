//! What the platform's verdict needs of one workload: a few hundred bytes instead of its whole decision.

use crate::{
    catalog::{Catalog, Target},
    decide::{
        Decision, Effect, Finding, Fit, Verdict,
        targets::{self, Question},
    },
    facts::{Evidence, Kubernetes, Lifetime, Subject},
    policy::Policy,
};

/// One workload as the platform's verdict counts it.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub subject: Subject,
    /// Why it serves the cluster itself, where it does.
    pub own: Option<&'static str>,
    /// Whether it's one of the services that share the platform's fixed cost.
    pub service: bool,
    pub team: String,
    pub features: Vec<String>,
    pub verdict: Verdict,
    pub target: Option<Target>,
    pub need: Need,
    /// Where it runs.
    pub now: Target,
    /// What appears or disappears with it alone, on where it runs and on each target that may hold it.
    pub margins: Vec<Margin>,
}

/// Whether a workload needs Kubernetes.
#[derive(Clone, Debug, PartialEq)]
pub enum Need {
    No,
    /// An answer decides it; the question.
    Unknown(String),
    /// Nothing else holds it; the reason.
    Yes(String),
    /// Nothing of AWS holds it as it stands, no cluster either; the reason.
    Nowhere(String),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margin {
    pub target: Target,
    pub fit: Fit,
    pub cost: targets::Margin,
}

impl Member {
    pub fn of(
        evidence: &Evidence,
        decision: &Decision,
        kubernetes: Kubernetes,
        catalog: &Catalog,
        policy: &Policy,
    ) -> Member {
        let question = Question::new(evidence, catalog, policy);
        let now = evidence.place.value().copied().unwrap_or(Target::EKSNodes);
        let margins = decision.candidates.iter().filter(|c| c.fit != Fit::Excluded || c.target == now);
        // A node agent has work as long as there are nodes, and none after that.
        let agent = (evidence.lifetime == Lifetime::PerNode).then_some("it serves this cluster's nodes");
        Member {
            own: kubernetes.add_on.or(agent),
            service: evidence.shares_platform && !evidence.may_run_once(),
            team: evidence.team.value().unwrap_or(&evidence.subject.namespace).clone(),
            features: kubernetes.features,
            verdict: decision.verdict,
            target: decision.recommendation.as_ref().map(|r| r.target),
            need: need(decision),
            now,
            margins: margins
                .map(|c| Margin {
                    target: c.target,
                    fit: c.fit,
                    cost: targets::cost(c.target, &question).margin(),
                })
                .collect(),
            subject: evidence.subject.clone(),
        }
    }

    /// Where it is advised to go outside of Kubernetes. Who decided to stay isn't.
    pub fn leaves_for(&self) -> Option<Target> {
        self.target.filter(|target| !target.is_kubernetes() && self.verdict != Verdict::Exempt)
    }

    /// One that serves the cluster itself and that nobody decides on.
    pub fn apart(subject: Subject, because: &'static str) -> Member {
        Member {
            own: Some(because),
            service: false,
            team: subject.namespace.clone(),
            features: Vec::new(),
            verdict: Verdict::Undetermined,
            target: None,
            need: Need::No,
            now: Target::EKSNodes,
            margins: Vec::new(),
            subject,
        }
    }

    /// namespace/kind/name
    pub fn handle(&self) -> String {
        format!("{}/{}", self.subject.namespace, self.subject)
    }

    pub fn margin(&self, target: Target) -> Option<&Margin> {
        self.margins.iter().find(|margin| margin.target == target)
    }

    /// The targets outside of Kubernetes that hold it, or may hold it where none is certain to.
    pub fn outside(&self) -> impl Iterator<Item = &Margin> {
        let fit = match self.need {
            Need::No => Some(Fit::Fits),
            Need::Unknown(_) => Some(Fit::Unknown),
            Need::Yes(_) | Need::Nowhere(_) => None,
        };
        self.margins.iter().filter(move |m| Some(m.fit) == fit && !m.target.is_kubernetes())
    }

    /// The kinds of cluster that hold it.
    pub fn inside(&self) -> impl Iterator<Item = &Margin> {
        self.margins.iter().filter(|m| m.target.is_kubernetes() && m.fit == Fit::Fits)
    }
}

fn need(decision: &Decision) -> Need {
    if decision.verdict == Verdict::Exempt {
        return Need::Yes("its team decided to keep it here, in writing".to_owned());
    }
    // Whether it needs a cluster is known once something else has been made of it.
    if decision.candidates.iter().all(|candidate| candidate.fit == Fit::Excluded) {
        return Need::Nowhere(widest(&decision.findings, Effect::Excludes));
    }
    let outside = || decision.candidates.iter().filter(|c| !c.target.is_kubernetes()).map(|c| c.fit);
    if outside().any(|fit| fit == Fit::Fits) {
        return Need::No;
    }
    if outside().any(|fit| fit == Fit::Unknown) {
        return Need::Unknown(widest(&decision.findings, Effect::NeedsAnswer));
    }
    Need::Yes(widest(&decision.findings, Effect::Excludes))
}

/// The finding that speaks about the most targets outside of Kubernetes: the nearest there is to one reason.
fn widest(findings: &[Finding], effect: Effect) -> String {
    let breadth = |finding: &&Finding| finding.targets.iter().filter(|t| !t.is_kubernetes()).count();
    let of_effect = findings.iter().rev().filter(|finding| finding.effect == effect);
    of_effect.max_by_key(breadth).map_or_else(
        || "no single reason; see its candidates".to_owned(),
        |finding| format!("{} ({})", finding.message, finding.rule),
    )
}
