//! What is at rest, as if it ran: starting it again is a change that nobody refuses.

use std::sync::Arc;

use super::{Observed, Workload, neighbour::What};

impl Observed {
    /// The same, running: with as many copies as the other has where that one runs, else with one.
    pub fn running(&self, like: Option<&Workload>) -> Observed {
        let mut workload = Workload::clone(&self.workload);
        if workload.replicas == Some(0) {
            workload.replicas = count(like.map(|like| like.replicas));
        }
        if workload.wanted_nodes == Some(0) {
            workload.wanted_nodes = None;
        }
        if let Some(schedule) = &mut workload.schedule {
            schedule.suspended = false;
        }
        if let Some(job) = &mut workload.job {
            let like = like.and_then(|like| like.job.as_ref());
            job.suspend = None;
            if job.completions == Some(0) {
                job.completions = count(like.map(|like| like.completions));
            }
            if job.parallelism == Some(0) {
                job.parallelism = count(like.map(|like| like.parallelism));
            }
        }
        let mut running = Observed { workload: Arc::new(workload), ..self.clone() };
        for near in &mut running.neighbours {
            if let What::Rollout(of) = &near.what
                && of.replicas == 0
            {
                let (mut of, mut rollout) = (of.clone(), (**near).clone());
                of.replicas = 1;
                rollout.what = What::Rollout(of);
                *near = Arc::new(rollout);
            }
        }
        running
    }
}

/// A count that isn't 0; one that is left out is Kubernetes' own.
fn count(like: Option<Option<u32>>) -> Option<u32> {
    like.filter(|count| *count != Some(0)).unwrap_or(Some(1))
}
