//! The one evaluator with what it decides by, for the operator and the webhook alike.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, PoisonError, RwLock},
};

use crate::{
    catalog::Catalog,
    decide::{
        Decision, decide_for_admission,
        platform::{self, Member, PlatformVerdict},
    },
    evidence::evidence,
    facts::Evidence,
    observe::Observed,
    policy::{Policy, Ruling},
    server::tasks,
};

/// A decision that panicked: a fault of Berth's, which must not take other workloads' decisions with it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("deciding panicked: {0}; please report this workload's manifest")]
pub struct Panicked(String);

/// The catalogue and the policy in force; all clones see a replaced one.
#[derive(Clone, Debug)]
pub struct Evaluator {
    /// What holds while there is no PlatformProfile.
    default: Arc<InForce>,
    in_force: Arc<RwLock<Arc<InForce>>>,
}

/// What decisions are made by, at one moment.
#[derive(Debug, PartialEq)]
pub struct InForce {
    pub catalog: Catalog,
    pub policy: Policy,
}

impl Evaluator {
    pub fn new(catalog: Catalog, policy: Policy) -> Self {
        let default = Arc::new(InForce { catalog, policy });
        Evaluator { in_force: Arc::new(RwLock::new(default.clone())), default }
    }

    /// What decisions are made by now.
    pub fn in_force(&self) -> Arc<InForce> {
        self.in_force.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another policy in force, or the default without one. Says whether anything changed.
    pub fn replace(&self, policy: Option<Policy>) -> bool {
        let new = match policy {
            Some(policy) => {
                let catalog = policy.priced(&self.default.catalog).into_owned();
                Arc::new(InForce { catalog, policy })
            }
            None => self.default.clone(),
        };
        let mut in_force = self.in_force.write().unwrap_or_else(PoisonError::into_inner);
        let changed = **in_force != *new;
        *in_force = new;
        changed
    }

    /// Decides on evidence, as far as admission tells of it.
    ///
    /// # Errors
    /// When a rule panics on this workload.
    pub fn decide_on(&self, evidence: &Evidence) -> Result<Decision, Panicked> {
        let InForce { catalog, policy } = &*self.in_force();
        catch_unwind(AssertUnwindSafe(|| decide_for_admission(evidence, catalog, policy)))
            .map_err(|panic| Panicked(tasks::message(&*panic)))
    }

    /// Decides on what was observed, with what the platform's verdict needs of it.
    ///
    /// # Errors
    /// When a rule panics on this workload.
    pub fn decide_member(&self, observed: &Observed) -> Result<(Decision, Member), Panicked> {
        let InForce { catalog, policy } = &*self.in_force();
        catch_unwind(AssertUnwindSafe(|| crate::evaluate_member(observed, catalog, policy)))
            .map_err(|panic| Panicked(tasks::message(&*panic)))
    }

    /// Judges the platform by its members.
    pub fn judge<'a>(&self, members: impl IntoIterator<Item = &'a Member>) -> PlatformVerdict {
        let InForce { catalog, policy } = &*self.in_force();
        platform::verdict(members, catalog, policy)
    }

    /// All that a decision uses.
    ///
    /// # Errors
    /// When reading it panics on this workload.
    pub fn evidence(&self, observed: &Observed) -> Result<Evidence, Panicked> {
        let in_force = self.in_force();
        catch_unwind(AssertUnwindSafe(|| evidence(observed, &in_force.policy)))
            .map_err(|panic| Panicked(tasks::message(&*panic)))
    }

    /// How far Berth goes in the workload's namespace.
    pub fn ruling(&self, observed: &Observed) -> Ruling {
        crate::ruling(observed, &self.in_force().policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clone_decides_by_the_policy_in_force() {
        let evaluator = Evaluator::new(Catalog::embedded().clone(), Policy::default());
        let clone = evaluator.clone();
        let other = Policy { minimum_monthly_saving: 50.0, ..Policy::default() };
        assert!(evaluator.replace(Some(other.clone())));
        assert!(!evaluator.replace(Some(other)), "the same again");
        assert_eq!(clone.in_force().policy.minimum_monthly_saving, 50.0);
        assert!(evaluator.replace(None));
        assert_eq!(clone.in_force().policy, Policy::default());
    }
}
