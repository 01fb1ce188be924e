//! The one evaluator: observed to decision, for the command line, the operator and the webhook alike.

use crate::{
    catalog::Catalog,
    decide::{Decision, decide, platform::Member},
    evidence::{evidence, kubernetes},
    observe::Observed,
    policy::{Policy, Ruling},
};

/// Decides on what was observed.
pub fn evaluate(observed: &Observed, catalog: &Catalog, policy: &Policy) -> Decision {
    decide(&evidence(observed, policy), catalog, policy)
}

/// The same decision, with what the platform's verdict needs of this workload.
pub fn evaluate_member(observed: &Observed, catalog: &Catalog, policy: &Policy) -> (Decision, Member) {
    let evidence = evidence(observed, policy);
    let decision = decide(&evidence, catalog, policy);
    let member = Member::of(&evidence, &decision, kubernetes(observed, &evidence), catalog, policy);
    (decision, member)
}

/// How far Berth goes in the workload's namespace.
pub fn ruling(observed: &Observed, policy: &Policy) -> Ruling {
    policy.ruling(&observed.namespace_labels())
}
