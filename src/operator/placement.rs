//! Where Pods run, from a list of nodes and one of Pods: looked at now and then by the leader, page by page.
//!
//! No watch: a cluster's Pods are more than all else together, and each node tells of itself every five minutes.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use kube::{Client, api::ListParams, core::Request};
use serde::de::DeserializeOwned;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tracing::{debug, info, warn};

use super::{View, queue::Queue, reconcile::reason};
use crate::{
    observe::{
        Key,
        placement::{Look, Node, Page, Pod},
    },
    server::{Metrics, Readiness},
};

/// Between two looks: what a Pod runs on changes with its node, not with the hour.
const EVERY: Duration = Duration::from_secs(900);
/// A look that failed is made again sooner.
const AGAIN: Duration = Duration::from_secs(120);
/// Objects of one answer, which is held whole: a node tells of 50 images, and a Pod takes some 8 kB.
const NODES: u32 = 100;
const PODS: u32 = 250;
/// Pages of one list that are read: what a server never stops sending isn't its Pods.
const PAGES: usize = 800;
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two pages, so that a look is no burst.
const GAP: Duration = Duration::from_millis(100);
/// The first statuses wait this long for the first look, which would have them written twice: enough for 10,000 Pods.
const AT_FIRST: Duration = Duration::from_secs(10);

/// Whether a look was made, for those who write what it shows.
#[derive(Clone, Debug)]
pub struct Looked(watch::Receiver<bool>);

impl Looked {
    /// Waits for the first look, whatever came of it, and not for long.
    pub async fn at_first(mut self) {
        if timeout(AT_FIRST, self.0.wait_for(|looked| *looked)).await.is_err() {
            info!("statuses are written before it's known where Pods run: that takes a while here");
        }
    }
}

/// Asks where Pods run, for as long as the process lives and whenever this replica leads.
pub struct Poll {
    pub client: Client,
    pub view: Arc<View>,
    pub metrics: Arc<Metrics>,
    pub leading: watch::Receiver<bool>,
    pub looked: watch::Sender<bool>,
}

impl Poll {
    pub fn looked(&self) -> Looked {
        Looked(self.looked.subscribe())
    }

    pub async fn follow(mut self, readiness: Arc<Readiness>, queue: Arc<Queue>) {
        readiness.all_listed().await;
        let mut answers = true;
        loop {
            if self.leading.wait_for(|leads| *leads).await.is_err() {
                // Nobody can lead any more: the process is about to end.
                return std::future::pending().await;
            }
            let looked = self.look().await;
            let pause = match looked {
                Ok(look) => {
                    queue.add(self.take(&look));
                    answers = true;
                    EVERY
                }
                Err(why) => {
                    self.metrics.evidence_missed("Pods");
                    if std::mem::take(&mut answers) {
                        warn!("where Pods run isn't known: {why}");
                    }
                    AGAIN
                }
            };
            self.looked.send_replace(true);
            sleep(pause).await;
        }
    }

    async fn look(&self) -> Result<Look, String> {
        let mut look = self.view.read(|seen| Look::new(&seen.index));
        self.list::<Node>("/api/v1/nodes", NODES, |nodes| {
            nodes.into_iter().for_each(|node| look.node(node));
        })
        .await
        .map_err(|why| format!("nodes: {why}"))?;
        self.list::<Pod>("/api/v1/pods", PODS, |pods| {
            self.view.read(|seen| pods.into_iter().for_each(|pod| look.pod(&seen.index, pod)));
        })
        .await
        .map_err(|why| format!("pods: {why}"))?;
        debug!("nodes and Pods were listed");
        Ok(look)
    }

    async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        limit: u32,
        mut take: impl FnMut(Vec<T>),
    ) -> Result<(), String> {
        let request = Request::new(path);
        let mut params = ListParams::default().limit(limit);
        for _ in 0..PAGES {
            let asked = request.list(&params).map_err(|error| error.to_string())?;
            // Read here: the client would log a whole page that it can't read.
            let text = timeout(PATIENCE, self.client.request_text(asked)).await;
            let text = text.map_err(|_| "no answer in time".to_owned())?.map_err(|error| reason(&error))?;
            let page: Page<T> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
            take(page.items);
            match page.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => params = params.continue_token(&token),
                None => return Ok(()),
            }
            sleep(GAP).await;
        }
        Err(format!("more than {PAGES} pages"))
    }

    /// Keeps what was seen, and names the workloads of which it's news.
    fn take(&self, look: &Look) -> Vec<Key> {
        let now = Timestamp::now();
        // To the second, as conditions have it.
        let now = now.round(jiff::Unit::Second).unwrap_or(now);
        self.view.write(|seen| {
            let placements = look.placements(&seen.index, now).into_iter();
            placements.filter_map(|(key, placement)| seen.index.placed(&key, placement)).collect()
        })
    }
}
