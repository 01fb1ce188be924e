//! The operator: watches fill one view of the cluster, changes queue workloads, workers reconcile each into its profile.
//!
//! ```text
//! watch ──► view ──► queue ──► reconcile: observe → evaluate → desired → apply → announce
//!             └────► webhook, which only reads
//! ```
//!
//! Every replica watches and answers admission; the one that leads also reconciles.

mod calendar;
pub mod certificates;
mod evaluator;
mod fleet;
mod kinds;
mod leadership;
mod lease;
pub mod metrics;
pub mod open_reports;
mod pace;
pub mod page;
mod placement;
pub mod platform;
pub mod policy;
pub mod profile;
mod profiles;
pub mod prometheus;
mod queue;
pub mod reconcile;
mod records;
mod retries;
mod scope;
mod served;
mod usage;
mod view;
mod watch;

use std::{sync::Arc, time::Duration};

use futures::{
    FutureExt,
    future::{BoxFuture, select_all},
};
use kube::{Client, runtime::events::Reporter};

pub use evaluator::{Evaluator, Panicked};
pub use kinds::{needs, watched};
pub use leadership::Leadership;
pub use lease::OwnedLease;
pub use metrics::Recommendations;
pub use profiles::Profiles;
pub use scope::Scope;
pub use view::{Contents, View};

use queue::Queue;
use tokio::sync::watch as channel;

use crate::server::{Metrics, Readiness, tasks::Tasks};

/// Workloads that are reconciled at once; each waits for the API server most of the time.
const WORKERS: usize = 8;

/// What all parts of the operator share.
#[derive(Clone)]
pub struct Operator {
    pub client: Client,
    pub view: Arc<View>,
    pub evaluator: Evaluator,
    pub scope: Scope,
    /// What this cluster is called in reports.
    pub cluster_name: String,
    pub readiness: Arc<Readiness>,
    pub metrics: Arc<Metrics>,
    /// Whose kind of report is written, where one is asked for.
    pub open_reports: Option<crate::report::open_reports::Api>,
    /// How often the cluster is asked for what Pods use.
    pub look: Duration,
    /// The Prometheus that tells what workloads are asked for, where there is one.
    pub prometheus: Option<prometheus::Asking>,
}

impl Operator {
    /// Starts what every replica does: the watches, and the settling of the fleet's count. And, apart from it so that it
    /// can be stopped first, what only the leader does: all that writes.
    pub fn start(self, leadership: Arc<Leadership>, watching: &mut Tasks, writing: &mut Tasks) {
        let queue = Arc::new(Queue::default());
        self.metrics.register(metrics::Recommendations::new(self.view.clone()));
        let (told, news) = channel::channel(None);
        let policies = policy::Policies {
            evaluator: self.evaluator.clone(),
            view: self.view.clone(),
            queue: queue.clone(),
            scope: self.scope.clone(),
            metrics: self.metrics.clone(),
            told,
            followed: std::sync::Mutex::default(),
        };
        kinds::watch_all(&self, &queue, policies, watching);
        let poll = usage::Poll {
            client: self.client.clone(),
            view: self.view.clone(),
            scope: self.scope.clone(),
            every: self.look,
        };
        watching.spawn("usage", poll.follow(self.readiness.clone(), queue.clone()));
        let poll = placement::Poll {
            client: self.client.clone(),
            view: self.view.clone(),
            metrics: self.metrics.clone(),
            leading: leadership.follow(),
            looked: Default::default(),
        };
        let looked = poll.looked();
        watching.spawn("placement", poll.follow(self.readiness.clone(), queue.clone()));
        if let Some(asking) = self.prometheus.clone() {
            let poll = prometheus::Poll {
                asking,
                view: self.view.clone(),
                metrics: self.metrics.clone(),
                leading: leadership.follow(),
            };
            watching.spawn("prometheus", poll.follow(self.readiness.clone(), queue.clone()));
        }
        watching.spawn("calendar", calendar::follow(self.view.clone(), queue.clone(), self.scope.clone()));
        watching.spawn(
            "fleet",
            fleet::follow(self.view.clone(), queue.clone(), self.scope.clone(), self.readiness.clone()),
        );
        writing.spawn("writers", async move {
            leadership.lead(|| self.write(&queue, news.clone(), looked.clone())).await
        });
    }

    /// All that writes, until one part of it ends. A further writer is one line here.
    fn write(
        &self,
        queue: &Queue,
        news: channel::Receiver<Option<policy::Told>>,
        looked: placement::Looked,
    ) -> impl Future<Output = ()> + use<> {
        let shards = queue.open(WORKERS);
        // What was being written when the last turn ended is no longer expected.
        self.view.write(|seen| {
            seen.profiles.expect_nothing();
            seen.members.begin();
        });
        // Changes that came before its turn were for another to write: each workload is looked at once.
        queue.add(self.view.everything(&self.scope));

        let reconciler = Arc::new(reconcile::Reconciler::new(
            self.client.clone(),
            self.view.clone(),
            self.evaluator.clone(),
        ));
        let mut writers: Vec<BoxFuture<'static, ()>> = shards
            .into_iter()
            .map(|shard| shard.work(reconciler.clone(), self.metrics.clone()).boxed())
            .collect();
        writers.push(policy::tell(self.client.clone(), news).boxed());
        writers.push(platform::follow(self.clone()).boxed());
        if let Some(api) = self.open_reports {
            writers.push(open_reports::follow(self.clone(), api).boxed());
        }
        let readiness = self.readiness.clone();
        async move {
            readiness.all_listed().await;
            looked.at_first().await;
            select_all(writers).await;
        }
    }
}

/// Who Events come from.
pub(crate) fn reporter() -> Reporter {
    Reporter { controller: "berth.dev/operator".to_owned(), instance: std::env::var("HOSTNAME").ok() }
}
