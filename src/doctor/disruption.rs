//! Whether a drain of nodes leaves a replica.

use futures::{FutureExt, future::BoxFuture};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::{Api, api::ListParams};

use super::{Installation, Said, ok, warn};
use crate::{
    operator::reconcile::reason,
    selector::{Labels, Selector},
};

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async {
        // The chart makes none for one replica: it would block every drain.
        if installation.replicas() < 2 {
            return Vec::new();
        }
        let budgets: Api<PodDisruptionBudget> =
            Api::namespaced(installation.client.clone(), &installation.namespace);
        vec![match budgets.list(&ListParams::default()).await {
            Ok(budgets) => judge(installation, &budgets.items),
            Err(error) => warn(
                format!("the PodDisruptionBudgets can't be listed: {}", reason(&error)),
                "ask with more rights",
            ),
        }]
    }
    .boxed()
}

fn judge(installation: &Installation, budgets: &[PodDisruptionBudget]) -> Said {
    let spec = installation.deployment.spec.as_ref();
    let labels = spec.and_then(|spec| spec.template.metadata.clone()).and_then(|metadata| metadata.labels);
    let labels: Labels = labels.unwrap_or_default().into_iter().collect();
    let ours: Vec<&PodDisruptionBudget> = budgets.iter().filter(|budget| selects(budget, &labels)).collect();
    let name = |budget: &PodDisruptionBudget| budget.metadata.name.clone().unwrap_or_default();
    match (ours.iter().find(|budget| keeps_one(budget)), ours.first()) {
        (Some(budget), _) => {
            ok(format!("the PodDisruptionBudget {} keeps a replica while nodes are drained", name(budget)))
        }
        (None, Some(budget)) => warn(
            format!("the PodDisruptionBudget {} lets a drain stop all replicas at once", name(budget)),
            "helm upgrade with a podDisruptionBudget that keeps one",
        ),
        (None, None) => warn(
            format!(
                "no PodDisruptionBudget selects its Pods: a drain may stop all {} replicas at once",
                installation.replicas()
            ),
            "helm upgrade puts it back, unless podDisruptionBudget.enabled=false was meant",
        ),
    }
}

fn keeps_one(budget: &PodDisruptionBudget) -> bool {
    // The disruption controller makes a number of whatever the budget says, and has to have looked first.
    let looked_at = budget.status.as_ref().filter(|status| {
        status.observed_generation.is_some() && status.observed_generation >= budget.metadata.generation
    });
    looked_at.is_none_or(|status| status.desired_healthy > 0)
}

fn selects(budget: &PodDisruptionBudget, labels: &Labels) -> bool {
    let selector = budget.spec.as_ref().and_then(|spec| spec.selector.as_ref());
    let selector = selector.and_then(|selector| serde_json::to_value(selector).ok());
    let selector: Option<Selector> = selector.and_then(|selector| serde_json::from_value(selector).ok());
    selector.is_some_and(|selector| selector.matches(labels))
}
