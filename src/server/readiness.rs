//! What has to be there before the process may answer, and what of it is still missing.

use std::{collections::BTreeSet, fmt};

use tokio::sync::watch;

/// One thing that readiness waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The first complete list of a kind.
    Watch(&'static str),
    /// A certificate that the webhook can serve.
    Certificate,
    /// The certificate authority, once in the webhook's configuration.
    CaBundle,
    /// Never met again: the process ends.
    Stopping,
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Need::Watch(kind) => write!(f, "the first list of every {kind}"),
            Need::Certificate => f.write_str("the webhook's certificate"),
            Need::CaBundle => f.write_str("the caBundle in the webhook's configuration"),
            Need::Stopping => f.write_str("stopping"),
        }
    }
}

/// The needs that aren't met; shared by those who meet them and those who wait.
#[derive(Debug)]
pub struct Readiness(watch::Sender<BTreeSet<Need>>);

impl Readiness {
    pub fn new(needs: impl IntoIterator<Item = Need>) -> Self {
        Readiness(watch::Sender::new(needs.into_iter().collect()))
    }

    pub fn met(&self, need: Need) {
        self.0.send_if_modified(|missing| missing.remove(&need));
    }

    pub fn unmet(&self, need: Need) {
        self.0.send_if_modified(|missing| missing.insert(need));
    }

    pub fn missing(&self) -> Vec<Need> {
        self.0.borrow().iter().copied().collect()
    }

    /// Waits until every kind was listed once: a decision on half of the neighbours would be written twice.
    pub async fn all_listed(&self) {
        let listed = |missing: &BTreeSet<Need>| !missing.iter().any(|need| matches!(need, Need::Watch(_)));
        // The sender lives in self: waiting can't fail.
        let _ = self.0.subscribe().wait_for(listed).await;
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn waits_for_the_lists_alone() {
        let readiness = Readiness::new([Need::Watch("Job"), Need::Watch("Service"), Need::CaBundle]);
        readiness.met(Need::Watch("Job"));
        assert!(readiness.all_listed().now_or_never().is_none());
        readiness.met(Need::Watch("Service"));
        assert!(readiness.all_listed().now_or_never().is_some());
        assert_eq!(readiness.missing(), [Need::CaBundle]);
    }
}
