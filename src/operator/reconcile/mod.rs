//! One workload at a time: observe → evaluate → desired → apply → announce.
//!
//! `desired` and `announce` are pure; `apply` needs a client; this file strings them together.

mod announce;
mod apply;
mod desired;
mod error;

use std::sync::Arc;

use kube::{Client, runtime::events::Recorder};
use tracing::{debug, info};

pub use error::{Error, reason};

use announce::Figures;

use super::{
    Evaluator, View, fleet,
    pace::Pace,
    profile::{Profile, Said, fingerprint},
    reporter,
};
use crate::{
    api::WorkloadProfileStatus,
    decide::Decision,
    observe::{Key, Observed},
    policy::Mode,
    report,
};

/// What came of looking at a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It's gone, and so is its profile.
    Gone,
    /// It's gone, and its profile is still there, for Kubernetes to remove.
    Orphaned,
    /// Its status says all this already.
    Unchanged,
    /// Its status was written.
    Written,
}

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Gone => "gone",
            Outcome::Orphaned => "orphaned",
            Outcome::Unchanged => "unchanged",
            Outcome::Written => "written",
        }
    }
}

pub struct Reconciler {
    client: Client,
    view: Arc<View>,
    evaluator: Evaluator,
    recorder: Recorder,
    pace: Pace,
}

impl Reconciler {
    pub fn new(client: Client, view: Arc<View>, evaluator: Evaluator) -> Self {
        let recorder = Recorder::new(client.clone(), reporter());
        Reconciler { client, view, evaluator, recorder, pace: Pace::default() }
    }

    /// Brings the profile of one workload up to date.
    ///
    /// # Errors
    /// When the decision panics or the API server refuses a write; all of it can be tried again.
    pub async fn reconcile(&self, key: &Key) -> Result<Outcome, Error> {
        let (observed, profile, superseded) = self.view.read(|seen| {
            (seen.index.observe(key), seen.profiles.of(key).cloned(), seen.profiles.superseded(key))
        });
        if observed.is_none() {
            self.view.write(|seen| seen.members.remove(key));
        }
        let counts = profile.as_ref().map(|profile| profile.name.clone()).unwrap_or_default();
        let outcome = match (observed, profile) {
            (Some(observed), profile) if self.evaluator.ruling(&observed).mode == Mode::Off => {
                self.view.write(|seen| seen.members.leave_out(key));
                self.turned_off(&observed, profile).await
            }
            (Some(observed), profile) => self.decided(key, &observed, profile).await,
            (None, Some(profile)) => self.without_workload(key, profile).await,
            (None, None) => Ok(Outcome::Gone),
        }?;
        for other in superseded {
            self.supersede(key, other, &counts).await?;
        }
        Ok(outcome)
    }

    /// One workload has one profile that counts. Another that Berth made goes; what a person wrote stays, and says so.
    async fn supersede(&self, key: &Key, other: Profile, counts: &str) -> Result<(), Error> {
        if !other.generated || other.answers.is_some() {
            let previous = other.previous();
            let status = report::status::superseded(counts, other.generation, previous.as_ref(), &now());
            return self.write(other, &status).await.map(drop);
        }
        self.pace.turn().await;
        apply::delete(&self.client, &other).await?;
        info!(workload = %key, profile = other.name, "profile deleted: {counts} counts");
        self.view.write(|seen| seen.profiles.remove(&other.namespace, &other.name));
        Ok(())
    }

    async fn decided(
        &self,
        key: &Key,
        observed: &Observed,
        known: Option<Profile>,
    ) -> Result<Outcome, Error> {
        let decision = match self.evaluator.decide_member(observed) {
            Ok((decision, member)) => {
                self.view.write(|seen| seen.members.put(key, member));
                decision
            }
            Err(panicked) => {
                self.view.write(|seen| seen.members.fail(key));
                return Err(panicked.into());
            }
        };
        let profile = match known {
            Some(profile) => profile,
            None => self.create(key, observed).await?,
        };
        let before = profile.said.clone();
        let status = report::status::status(
            &decision,
            observed.history.as_deref(),
            profile.generation,
            profile.previous().as_ref(),
            &now(),
        );
        let outcome = self.write(profile.clone(), &status).await?;
        if outcome == Outcome::Written {
            info!(workload = %key, verdict = %decision.verdict, "status written");
            self.announce(key, observed, &profile, &before, &decision).await;
        }
        Ok(outcome)
    }

    /// In a namespace in Off no profile is made. One that is there says so, rather than what was true once.
    async fn turned_off(&self, observed: &Observed, profile: Option<Profile>) -> Result<Outcome, Error> {
        let Some(profile) = profile else { return Ok(Outcome::Unchanged) };
        let status = report::status::turned_off(
            observed.history.as_deref(),
            profile.generation,
            profile.previous().as_ref(),
            &now(),
        );
        self.write(profile, &status).await
    }

    /// Removes the profile that Berth made for a workload which is no more, where the garbage collector hasn't: its own
    /// view of owners may be minutes old after the API server was away. That the workload wasn't seen is no proof: one
    /// that can't be read isn't seen either.
    ///
    /// # Errors
    /// When the API server refuses to say or to delete; all of it can be tried again.
    pub async fn collect(&self, key: &Key) -> Result<Outcome, Error> {
        let (seen, profile) =
            self.view.read(|seen| (seen.index.observe(key).is_some(), seen.profiles.of(key).cloned()));
        let Some(profile) = profile.filter(|profile| profile.generated && !seen) else {
            return self.reconcile(key).await;
        };
        self.pace.turn().await;
        if profile.answers.is_some() || apply::is_there(&self.client, key).await? {
            return Ok(Outcome::Gone);
        }
        apply::delete(&self.client, &profile).await?;
        info!(workload = %key, profile = profile.name, "profile deleted: its workload is gone");
        self.view.write(|seen| seen.profiles.remove(&profile.namespace, &profile.name));
        Ok(Outcome::Gone)
    }

    /// A person's profile whose workload doesn't exist (yet) says so; Berth's own go with their workloads.
    async fn without_workload(&self, key: &Key, profile: Profile) -> Result<Outcome, Error> {
        if profile.generated {
            return Ok(Outcome::Orphaned);
        }
        let reference = format!("{}/{}", key.kind.name().to_lowercase(), key.name);
        let status = report::status::without_workload(
            &reference,
            profile.generation,
            profile.previous().as_ref(),
            &now(),
        );
        self.write(profile, &status).await
    }

    async fn create(&self, key: &Key, observed: &Observed) -> Result<Profile, Error> {
        let desired = desired::profile(&observed.workload)?;
        self.pace.turn().await;
        let name = desired.metadata.name.clone().unwrap_or_default();
        self.view.write(|seen| seen.profiles.expect(&key.namespace, &name, None));
        let created = apply::create(&self.client, key, &desired).await;
        self.view.write(|seen| {
            seen.profiles.written(&key.namespace, &name);
            let profile = created?;
            info!(workload = %key, profile = profile.name, "profile created");
            seen.profiles.put(profile.clone());
            Ok(profile)
        })
    }

    /// Writes a status unless the profile's says the same already.
    async fn write(&self, profile: Profile, status: &WorkloadProfileStatus) -> Result<Outcome, Error> {
        let fingerprint = fingerprint(status);
        if fingerprint.is_some() && profile.said.fingerprint == fingerprint {
            return Ok(Outcome::Unchanged);
        }
        self.pace.turn().await;
        let (namespace, name) = (profile.namespace.clone(), profile.name.clone());
        self.view.write(|seen| seen.profiles.expect(&namespace, &name, fingerprint));
        let written = apply::status(&self.client, profile, status).await;
        self.view.write(|seen| {
            seen.profiles.written(&namespace, &name);
            match written {
                // Remembered now: until the watch tells of it, another look must not write it again.
                Ok(profile) => {
                    seen.profiles.put(profile);
                    Ok(Outcome::Written)
                }
                Err(error) => {
                    if error.is_not_found() {
                        seen.profiles.remove(&namespace, &name);
                    }
                    Err(error)
                }
            }
        })
    }

    /// Tells of a change by an Event. It's a courtesy: the status says the same, so a failure isn't tried again.
    async fn announce(
        &self,
        key: &Key,
        observed: &Observed,
        profile: &Profile,
        before: &Said,
        decision: &Decision,
    ) {
        let figures = if fleet::is_settled(&self.view) { Figures::Hold } else { Figures::Move };
        let Some(event) = announce::event(before, decision, profile, figures) else { return };
        self.pace.turn().await;
        if let Err(error) = self.recorder.publish(&event, &announce::regarding(&observed.workload)).await {
            debug!(workload = %key, "the Event wasn't written: {}", reason(&error));
        }
    }
}

/// The time as conditions write it.
pub(crate) fn now() -> String {
    // Conditions carry whole seconds, as the API server's own do.
    jiff::Timestamp::now().round(jiff::Unit::Second).map_or_else(|_| String::new(), |time| time.to_string())
}
