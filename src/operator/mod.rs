//! The operator: watches fill one view of the cluster, changes queue workloads, workers reconcile each into its profile.
//!
//! ```text
//! watch ──► view ──► queue ──► reconcile: observe → evaluate → desired → apply → announce
//!             └────► webhook, which only reads
//! ```

pub mod certificates;
mod evaluator;
mod fleet;
mod kinds;
pub mod metrics;
mod pace;
pub mod profile;
mod profiles;
mod queue;
pub mod reconcile;
mod scope;
mod view;
mod watch;

use std::sync::Arc;

use kube::{Client, runtime::events::Reporter};

pub use evaluator::{Evaluator, Panicked};
pub use kinds::needs;
pub use profiles::Profiles;
pub use scope::Scope;
pub use view::{Contents, View};

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
    pub readiness: Arc<Readiness>,
    pub metrics: Arc<Metrics>,
}

impl Operator {
    /// Starts the watches, the fleet's counter and the workers.
    ///
    /// With several replicas all of them watch and answer admission, and one writes: a Lease belongs here, around
    /// the workers and the fleet's counter alone. Until then the chart runs one replica.
    pub fn start(self, tasks: &mut Tasks) {
        let (queue, shards) = queue::new(WORKERS);
        let queue = Arc::new(queue);
        self.metrics.register(metrics::Recommendations::new(self.view.clone()));
        kinds::watch_all(&self, &queue, tasks);
        tasks.spawn(
            "fleet",
            fleet::follow(self.view.clone(), queue, self.scope.clone(), self.readiness.clone()),
        );

        let reconciler = Arc::new(reconcile::Reconciler::new(self.client, self.view, self.evaluator));
        for shard in shards {
            let (reconciler, readiness, metrics) =
                (reconciler.clone(), self.readiness.clone(), self.metrics.clone());
            tasks.spawn("worker", async move {
                readiness.all_listed().await;
                shard.work(reconciler, metrics).await;
            });
        }
    }
}

/// Who Events come from.
pub(crate) fn reporter() -> Reporter {
    Reporter { controller: "berth.dev/operator".to_owned(), instance: std::env::var("HOSTNAME").ok() }
}
