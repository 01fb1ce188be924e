//! Whether requests go through while Berth is down: the webhook that warns must stand in nobody's way.

use futures::{FutureExt, future::BoxFuture};
use k8s_openapi::api::admissionregistration::v1::ValidatingWebhook;

use super::{Installation, Said, ok, warn};

/// Its entry in the webhook configuration.
const ENTRY: &str = "warn.berth.dev";

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async {
        match installation.webhooks().await {
            // Nothing where there is no webhook: that is another check's to tell.
            Ok(entries) => {
                let entry = entries.into_iter().flatten().find(|entry| entry.name == ENTRY);
                entry.map(|entry| judge(entry, &installation.namespace)).into_iter().collect()
            }
            Err(why) => {
                vec![warn(
                    format!("the webhook's failurePolicy can't be read: {why}"),
                    "ask with more rights",
                )]
            }
        }
    }
    .boxed()
}

/// The API server takes one that isn't given as Fail.
fn judge(entry: &ValidatingWebhook, namespace: &str) -> Said {
    if entry.failure_policy.as_deref() == Some("Ignore") {
        return ok(format!("{ENTRY} lets requests through while Berth is down"));
    }
    warn(
        format!("{ENTRY} has failurePolicy Fail: no workload can be changed while Berth is down"),
        format!(
            "helm upgrade berth charts/berth -n {namespace} --reuse-values --set webhook.failurePolicy=Ignore \
             (Helm 4 wants --force-conflicts beside it where somebody patched it)"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn a_webhook_that_warns_and_fails_is_told() {
        let with = |policy: Option<&str>| {
            let entry = ValidatingWebhook {
                failure_policy: policy.map(str::to_owned),
                ..ValidatingWebhook::default()
            };
            judge(&entry, "berth-system").0
        };
        assert_eq!(with(Some("Ignore")), Level::Ok);
        assert_eq!(with(Some("Fail")), Level::Warn);
        assert_eq!(with(None), Level::Warn);
    }
}
