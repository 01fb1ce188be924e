//! The one evaluator with what it decides by, for the operator and the webhook alike.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use crate::{
    catalog::Catalog, decide::Decision, evidence::evidence, facts::Evidence, observe::Observed,
    policy::Policy, server::tasks,
};

/// A decision that panicked: a fault of Berth's, which must not take other workloads' decisions with it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("deciding panicked: {0}; please report this workload's manifest")]
pub struct Panicked(String);

/// The catalogue and the policy in force. A PlatformProfile will replace the policy here.
#[derive(Clone, Debug)]
pub struct Evaluator {
    catalog: Arc<Catalog>,
    policy: Arc<Policy>,
}

impl Evaluator {
    pub fn new(catalog: Catalog, policy: Policy) -> Self {
        Evaluator { catalog: Arc::new(catalog), policy: Arc::new(policy) }
    }

    /// Decides on what was observed.
    ///
    /// # Errors
    /// When a rule panics on this workload.
    pub fn decide(&self, observed: &Observed) -> Result<Decision, Panicked> {
        // Pure and over shared references: nothing is left half done.
        catch_unwind(AssertUnwindSafe(|| crate::evaluate(observed, &self.catalog, &self.policy)))
            .map_err(|panic| Panicked(tasks::message(&*panic)))
    }

    /// All that a decision uses.
    ///
    /// # Errors
    /// When reading it panics on this workload.
    pub fn evidence(&self, observed: &Observed) -> Result<Evidence, Panicked> {
        catch_unwind(AssertUnwindSafe(|| evidence(observed, &self.policy)))
            .map_err(|panic| Panicked(tasks::message(&*panic)))
    }
}
