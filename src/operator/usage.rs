//! What Pods use, from metrics.k8s.io: asked for now and then, one namespace after the other, where it's served.
//!
//! A cluster may have no metrics server, get one, or lose it: that costs evidence, and is told once each way.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use kube::{Client, api::ListParams, core::Request};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tracing::{debug, info};

use super::{Scope, View, queue::Queue, reconcile::reason};
use crate::{
    observe::{
        Index, Key,
        usage::{PodMetrics, PodMetricsList, Use},
        whose::by_name,
    },
    server::Readiness,
};

/// Pods of one answer. Metrics servers that know no pages send a whole namespace.
const PAGE: u32 = 500;
/// Pages of one namespace that are read: what a server never stops sending isn't its Pods.
const PAGES: usize = 40;
/// An answer that takes longer isn't waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two namespaces, so that a round is no burst.
const GAP: Duration = Duration::from_millis(200);

/// Asks for what Pods use, for as long as the process lives.
pub struct Poll {
    pub client: Client,
    pub view: Arc<View>,
    pub scope: Scope,
    pub every: Duration,
}

/// Why there is no evidence from a namespace, and whether the others can be asked.
#[derive(Debug, thiserror::Error)]
enum Refused {
    /// Most often nobody installed what serves it.
    #[error("no metrics-server is installed (metrics.k8s.io isn't served)")]
    NotServed,
    /// Not allowed, or its server is down: the same for every namespace.
    #[error("{0}")]
    Everywhere(String),
    #[error("{0}")]
    Here(String),
}

impl Poll {
    pub async fn follow(self, readiness: Arc<Readiness>, queue: Arc<Queue>) {
        readiness.all_listed().await;
        let mut rounds = interval(self.every);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut served = None;
        loop {
            rounds.tick().await;
            let refused = self.round(&queue).await.err();
            if served != Some(refused.is_none()) {
                match &refused {
                    None => info!("what Pods use is read from metrics.k8s.io"),
                    Some(why) => info!("what Pods use isn't known: {why}"),
                }
                served = Some(refused.is_none());
            }
        }
    }

    /// Every namespace once.
    async fn round(&self, queue: &Queue) -> Result<(), Refused> {
        for namespace in self.view.read(|seen| namespaces(&seen.index, &self.scope)) {
            match self.list(&namespace).await {
                Ok(pods) => queue.add(self.take(&namespace, &pods)),
                Err(Refused::Here(why)) => debug!(namespace, "what its Pods use isn't known: {why}"),
                Err(everywhere) => return Err(everywhere),
            }
            sleep(GAP).await;
        }
        Ok(())
    }

    async fn list(&self, namespace: &str) -> Result<Vec<PodMetrics>, Refused> {
        let request = Request::new(format!("/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods"));
        let mut page = ListParams::default().limit(PAGE);
        let mut pods = Vec::new();
        for _ in 0..PAGES {
            let asked = request.list(&page).map_err(|error| Refused::Here(error.to_string()))?;
            // Read here: the client would log a whole page that it can't read.
            let answer = timeout(PATIENCE, self.client.request_text(asked)).await;
            let answer =
                answer.map_err(|_| Refused::Everywhere("metrics.k8s.io: no answer in time".to_owned()))?;
            let text = answer.map_err(refused)?;
            let list: PodMetricsList =
                serde_json::from_str(&text).map_err(|error| Refused::Here(error.to_string()))?;
            pods.extend(list.items);
            match list.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => page = page.continue_token(&token),
                None => return Ok(pods),
            }
        }
        Err(Refused::Here(format!("more than {PAGES} pages")))
    }

    /// Counts what was told, and names the workloads of which it's news.
    fn take(&self, namespace: &str, pods: &[PodMetrics]) -> Vec<Key> {
        let now = Timestamp::now();
        // To the second, as conditions have it.
        let now = now.round(jiff::Unit::Second).unwrap_or(now);
        self.view.write(|seen| {
            let used = by_workload(&seen.index, namespace, pods);
            used.into_iter().flat_map(|(key, used)| seen.index.used(&key, &used, now)).collect()
        })
    }
}

fn refused(error: kube::Error) -> Refused {
    let why = reason(&error);
    match error {
        kube::Error::Api(status) if status.code == 404 => Refused::NotServed,
        kube::Error::Api(status) if matches!(status.code, 403 | 503) => {
            Refused::Everywhere(format!("metrics.k8s.io: {why}"))
        }
        _ => Refused::Here(why),
    }
}

/// Those with a workload that is profiled, each once.
fn namespaces(index: &Index, scope: &Scope) -> Vec<String> {
    let mut names: Vec<String> = index
        .workloads()
        .filter(|workload| scope.profiles(&workload.key))
        .map(|workload| workload.key.namespace.clone())
        .collect();
    names.dedup();
    names
}

fn by_workload(index: &Index, namespace: &str, pods: &[PodMetrics]) -> BTreeMap<Key, Vec<Use>> {
    let mut used: BTreeMap<Key, Vec<Use>> = BTreeMap::new();
    for pod in pods {
        if let (Some(key), Some(usage)) = (by_name(index, namespace, &pod.metadata), pod.used()) {
            used.entry(key).or_default().push(usage);
        }
    }
    used
}

#[cfg(test)]
mod tests {
    use kube::core::Status;

    use super::*;

    #[test]
    fn where_nothing_serves_it_the_log_says_so_in_words() {
        let said = |code: u16, message: &str| {
            let status = Status { message: message.to_owned(), code, ..Status::default() };
            refused(kube::Error::Api(Box::new(status))).to_string()
        };
        assert_eq!(
            said(404, "the server could not find the requested resource"),
            "no metrics-server is installed (metrics.k8s.io isn't served)"
        );
        assert!(said(503, "its server is down").starts_with("metrics.k8s.io: its server is down"));
    }
}
