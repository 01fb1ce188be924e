//! Whether requests go through while Berth is down: the webhook that warns must stand in nobody's way, and the one that
//! refuses only where somebody chose so.

use futures::{FutureExt, future::BoxFuture};
use k8s_openapi::api::admissionregistration::v1::{ValidatingWebhook, ValidatingWebhookConfiguration};
use serde_json::Value;

use super::{FORCE, Installation, Said, fail, ok, warn};

/// The entries in the webhook configuration.
const WARNS: &str = "warn.berth.dev";
const DENIES: &str = "deny.berth.dev";

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async {
        match installation.configuration().await {
            // Nothing where there is no webhook: that is another check's to tell.
            Ok(configuration) => {
                let away = installation.available() == 0;
                let judge = |configuration| judge(configuration, &upgrade(installation), away);
                configuration.map(judge).unwrap_or_default()
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

fn upgrade(installation: &Installation) -> String {
    format!(
        "helm upgrade {} charts/berth -n {} --reuse-values",
        installation.release(),
        installation.namespace
    )
}

/// `away`: whether no replica answers just now.
fn judge(configuration: &ValidatingWebhookConfiguration, upgrade: &str, away: bool) -> Vec<Said> {
    let blocks = |entry: &str, whom: &str| {
        let name = configuration.metadata.name.as_deref().unwrap_or_default();
        fail(
            format!("{entry} has failurePolicy Fail and no replica is ready: {whom} can be changed now"),
            format!("kubectl delete validatingwebhookconfiguration {name}, then mend what replicas names"),
        )
    };
    let entries = || configuration.webhooks.iter().flatten();
    let warns = entries().find(|entry| entry.name == WARNS).map(|entry| {
        if !fails(entry) {
            return ok(format!("{WARNS} lets requests through while Berth is down"));
        }
        if away {
            return blocks(WARNS, "no workload");
        }
        warn(
            format!("{WARNS} has failurePolicy Fail: no workload can be changed while Berth is down"),
            format!("{upgrade} --set webhook.failurePolicy=Ignore {FORCE}"),
        )
    });
    let denies = entries().find(|entry| entry.name == DENIES && asks(entry)).map(|entry| {
        if away && fails(entry) {
            return blocks(DENIES, "no workload where Deny is asked");
        }
        let blocks = "where Deny is asked, no workload can be changed while Berth is down";
        match (fails(entry), patched_by(configuration, DENIES)) {
            (false, _) => ok(format!("{DENIES} refuses nothing while Berth is down")),
            // A value of the chart.
            (true, None) => ok(format!("{DENIES} has failurePolicy Fail: {blocks}")),
            (true, Some(who)) => warn(
                format!("{DENIES} has failurePolicy Fail by {who}, not by the chart: {blocks}"),
                format!("{upgrade} --set webhook.deny.failurePolicy=Ignore {FORCE}, or =Fail if it's meant"),
            ),
        }
    });
    warns.into_iter().chain(denies).collect()
}

/// The API server takes one that isn't given as Fail.
fn fails(entry: &ValidatingWebhook) -> bool {
    entry.failure_policy.as_deref() != Some("Ignore")
}

/// Whether it is asked about any namespace: while Deny is off the chart selects by the absence of a label that each has.
fn asks(entry: &ValidatingWebhook) -> bool {
    let expressions = entry.namespace_selector.iter().flat_map(|of| of.match_expressions.iter().flatten());
    !expressions
        .into_iter()
        .any(|of| of.key == "kubernetes.io/metadata.name" && of.operator == "DoesNotExist")
}

/// Who changed its failurePolicy by hand, as the API server keeps it: kubectl's managers are named by the command. What
/// the chart's own manager says too is chosen.
fn patched_by<'a>(configuration: &'a ValidatingWebhookConfiguration, entry: &str) -> Option<&'a str> {
    let key = format!("k:{{\"name\":\"{entry}\"}}");
    let owns = |fields: &Value| fields["f:webhooks"][&key].get("f:failurePolicy").is_some();
    let managers = configuration.metadata.managed_fields.iter().flatten();
    let by: Vec<&str> = managers
        .filter(|of| of.fields_v1.as_ref().is_some_and(|fields| owns(&fields.0)))
        .filter_map(|of| of.manager.as_deref())
        .collect();
    let whole = ["kubectl-client-side-apply", "kubectl-create", "kubectl-replace"];
    let by_hand = |name: &&str| name.starts_with("kubectl-") && !whole.contains(name);
    if by.iter().all(by_hand) { by.first().copied() } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::doctor::Level;

    fn with(name: &str, entry: &Value, managers: &[&str]) -> Vec<Said> {
        said(name, entry, managers, false)
    }

    fn said(name: &str, entry: &Value, managers: &[&str], away: bool) -> Vec<Said> {
        let entry = json!({
            "name": name, "sideEffects": "None", "admissionReviewVersions": ["v1"], "clientConfig": {},
            "failurePolicy": entry["failurePolicy"], "namespaceSelector": entry["namespaceSelector"],
        });
        let key = format!("k:{{\"name\":\"{name}\"}}");
        let configuration = serde_json::from_value(json!({
            "metadata": {"name": "berth", "managedFields": managers.iter().map(|manager| json!({
                "manager": manager, "operation": "Update",
                "fieldsV1": {"f:webhooks": {&key: {"f:failurePolicy": {}}}},
            })).collect::<Vec<_>>()},
            "webhooks": [entry],
        }));
        judge(&configuration.unwrap(), "helm upgrade", away)
    }

    #[test]
    fn a_webhook_that_warns_and_fails_is_told() {
        let level = |policy: Value| with(WARNS, &json!({"failurePolicy": policy}), &["helm"])[0].0;
        assert_eq!(level(json!("Ignore")), Level::Ok);
        assert_eq!(level(json!("Fail")), Level::Warn);
        assert_eq!(level(Value::Null), Level::Warn);
    }

    #[test]
    fn a_webhook_that_refuses_may_fail_where_that_was_chosen() {
        let fails = json!({"failurePolicy": "Fail"});
        let Said(level, why, todo) = &with(DENIES, &fails, &["kubectl-patch"])[0];
        assert_eq!(*level, Level::Warn);
        assert!(why.contains("failurePolicy Fail by kubectl-patch, not by the chart"), "{why}");
        assert!(todo.as_deref().unwrap().contains("webhook.deny.failurePolicy=Ignore"), "{todo:?}");
        let chosen: [&[&str]; 5] = [
            &["helm"],
            &["argocd-controller"],
            &["kubectl-client-side-apply"],
            &["kubectl-create"],
            &["kubectl-patch", "helm"],
        ];
        for chosen in chosen {
            let Said(level, why, _) = &with(DENIES, &fails, chosen)[0];
            assert!(*level == Level::Ok && why.contains("no workload can be changed"), "{chosen:?}: {why}");
        }
        let Said(level, why, _) = &with(DENIES, &json!({"failurePolicy": "Ignore"}), &["helm"])[0];
        assert!(*level == Level::Ok && why.contains("refuses nothing"), "{why}");
        let off =
            json!({"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "DoesNotExist"}]});
        assert_eq!(
            with(DENIES, &json!({"failurePolicy": "Fail", "namespaceSelector": off}), &["kubectl-patch"]),
            []
        );
    }

    #[test]
    fn without_a_replica_what_may_fail_fails_now() {
        let fails = json!({"failurePolicy": "Fail"});
        for name in [WARNS, DENIES] {
            let Said(level, why, todo) = &said(name, &fails, &["helm"], true)[0];
            assert!(*level == Level::Fail && why.contains("can be changed now"), "{why}");
            assert!(
                todo.as_deref().unwrap().starts_with("kubectl delete validatingwebhookconfiguration berth")
            );
        }
        let ignored = said(DENIES, &json!({"failurePolicy": "Ignore"}), &["helm"], true);
        assert_eq!(ignored[0].0, Level::Ok);
    }
}
