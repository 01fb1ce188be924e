//! One of several replicas writes: the one that holds the Lease. The others stand by, with their views filled.

use std::sync::Arc;

use k8s_controller::LeaderElection;
use tokio::sync::watch;
use tracing::{info, warn};

use super::lease::OwnedLease;
use crate::server::Metrics;

/// This replica's part in the election, for those who write and those who have to know whether they may.
pub struct Leadership {
    election: LeaderElection,
    lease: Option<OwnedLease>,
    leading: watch::Sender<bool>,
    metrics: Arc<Metrics>,
}

impl Leadership {
    /// The timings of the election are client-go's: a leader that can't renew stops after 10 seconds, and nobody
    /// takes over before 15.
    pub fn new(election: LeaderElection, metrics: Arc<Metrics>) -> Self {
        Leadership { election, lease: None, leading: watch::Sender::new(false), metrics }
    }

    /// The same about a Lease that each leader sees owned.
    pub fn about(self, lease: OwnedLease) -> Self {
        Leadership { lease: Some(lease), ..self }
    }

    /// Whether this replica leads, now and from now on.
    pub fn follow(&self) -> watch::Receiver<bool> {
        self.leading.subscribe()
    }

    /// Writes whenever it's this replica's turn. Everything that writes is within the one future, so that a lost Lease
    /// stops all of it where it waits. Then it stands by again: admission goes on, which a restart would interrupt.
    ///
    /// It ends only when what writes does, which it never should.
    pub async fn lead<W: Future<Output = ()>>(&self, writers: impl Fn() -> W) {
        loop {
            let turn = async {
                let _turn = Turn::begin(self);
                let adopted = async {
                    if let Some(lease) = &self.lease {
                        lease.adopt().await;
                    }
                };
                tokio::join!(adopted, writers());
            };
            if self.election.with_lease(turn).await.is_some() {
                return;
            }
            warn!("the Lease was lost: nothing is written until it's this replica's turn again");
        }
    }

    /// Lets the next replica begin at once. Whatever writes must have stopped.
    pub async fn release(&self) {
        self.election.release().await;
    }
}

/// A time of leading: over when it's dropped, for whatever reason.
struct Turn<'a>(&'a Leadership);

impl<'a> Turn<'a> {
    fn begin(leadership: &'a Leadership) -> Self {
        info!("this replica leads: it writes, the others stand by");
        leadership.leading.send_replace(true);
        leadership.metrics.leads(true);
        Turn(leadership)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.leading.send_replace(false);
        self.0.metrics.leads(false);
    }
}
