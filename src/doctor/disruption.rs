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
    match budgets.iter().find(|budget| selects(budget, &labels)) {
        Some(budget) => {
            let name = budget.metadata.name.as_deref().unwrap_or_default();
            ok(format!("the PodDisruptionBudget {name} keeps a replica while nodes are drained"))
        }
        None => warn(
            format!(
                "no PodDisruptionBudget is there: a drain may stop all {} replicas at once",
                installation.replicas()
            ),
            "helm upgrade puts it back, unless podDisruptionBudget.enabled=false was meant",
        ),
    }
}

fn selects(budget: &PodDisruptionBudget, labels: &Labels) -> bool {
    let selector = budget.spec.as_ref().and_then(|spec| spec.selector.as_ref());
    let selector = selector.and_then(|selector| serde_json::to_value(selector).ok());
    let selector: Option<Selector> = selector.and_then(|selector| serde_json::from_value(selector).ok());
    selector.is_some_and(|selector| selector.matches(labels))
}
