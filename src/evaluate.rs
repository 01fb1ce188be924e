//! The one evaluator: observed to decision, for the command line, the operator and the webhook alike.

use crate::{
    catalog::Catalog,
    decide::{Decision, decide},
    evidence::evidence,
    observe::Observed,
    policy::Policy,
};

/// Decides on what was observed.
pub fn evaluate(observed: &Observed, catalog: &Catalog, policy: &Policy) -> Decision {
    decide(&evidence(observed, policy), catalog, policy)
}
