//! Whether the API server reaches the webhook: a dry run that Berth has to say something about.

use std::time::Instant;

use axum::http::{HeaderMap, Request, header::CONTENT_TYPE};
use futures::{FutureExt, future::BoxFuture};
use http_body_util::BodyExt;
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, api::ListParams, client::Body, core::PartialObjectMeta};
use serde_json::json;

use super::{Installation, Said, fail, ok, service, warn};
use crate::{observe::is_system, operator::reconcile::reason, policy::MODE_LABEL};

const PROBE: &str = "berth-doctor";
/// As long as the API server waits for Berth by default, in seconds: an answer that took this long came without it.
const PATIENCE: f64 = 1.9;

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async {
        let namespace = match suitable(installation).await {
            Ok(Some(namespace)) => namespace,
            Ok(None) => {
                return vec![warn("no namespace gets warnings, so none was asked for", "see berth.dev/mode")];
            }
            Err(error) => {
                let why = format!("the namespaces can't be listed: {}", reason(&error));
                return vec![warn(why, "ask with more rights")];
            }
        };
        let start = Instant::now();
        let asked = dry_run(installation, &namespace).await;
        let seconds = start.elapsed().as_secs_f64();
        if asked == Ok(true) && service::fails(installation).await {
            // The API server keeps its connection to a Pod that it found through the Service.
            return vec![warn(
                format!("a dry run in {namespace} was warned of: an open connection may still be in use"),
                "mend what service names above: the next connection finds no webhook",
            )];
        }
        vec![judge(installation, &namespace, asked, seconds)]
    }
    .boxed()
}

/// A namespace in which Berth warns: `default` before others, and those that it refuses in last.
async fn suitable(installation: &Installation) -> Result<Option<String>, kube::Error> {
    let all: Api<PartialObjectMeta<Namespace>> = Api::all(installation.client.clone());
    let mut names: Vec<(bool, String)> = all
        .list_metadata(&ListParams::default())
        .await?
        .items
        .into_iter()
        .filter_map(|namespace| {
            let labels = namespace.metadata.labels.as_ref();
            let mode = labels.and_then(|labels| labels.get(MODE_LABEL)).map(String::as_str);
            let warns =
                !matches!(mode, Some("Off" | "Audit")) && namespace.metadata.deletion_timestamp.is_none();
            namespace.metadata.name.filter(|_| warns).map(|name| (mode == Some("Deny"), name))
        })
        .filter(|(_, name)| !is_system(name) && *name != installation.namespace)
        .collect();
    names.sort_by_key(|(denies, name)| (*denies, name != "default", name.clone()));
    Ok(names.into_iter().next().map(|(_, name)| name))
}

/// Creates a Deployment that nothing keeps, with a value that Berth always complains about.
/// Gives back whether it did, or the API server's refusal.
async fn dry_run(installation: &Installation, namespace: &str) -> Result<bool, String> {
    let labels = json!({"app": PROBE});
    let container = json!({
        "name": "none", "image": "registry.example/none",
        "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
    });
    let pod = json!({
        "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    });
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": PROBE, "annotations": {"berth.dev/unit-duration": "asked by berth doctor"}},
        "spec": {
            "replicas": 0, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    });
    let path =
        format!("/apis/apps/v1/namespaces/{namespace}/deployments?dryRun=All&fieldManager=berth-doctor");
    let request = Request::post(path)
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(deployment.to_string().into_bytes()))
        .map_err(|error| error.to_string())?;
    let response = installation.client.send(request).await.map_err(|error| reason(&error))?;
    if response.status().is_success() {
        return Ok(warned(response.headers()));
    }
    let body = response.into_body().collect().await.map_err(|error| reason(&error))?.to_bytes();
    Err(serde_json::from_slice::<serde_json::Value>(&body)
        .ok()
        .and_then(|status| Some(status.get("message")?.as_str()?.to_owned()))
        .unwrap_or_else(|| String::from_utf8_lossy(&body).into_owned()))
}

fn warned(headers: &HeaderMap) -> bool {
    let texts = headers.get_all("warning").iter().filter_map(|value| value.to_str().ok());
    texts.into_iter().any(|text| text.contains(PROBE))
}

fn judge(installation: &Installation, namespace: &str, asked: Result<bool, String>, seconds: f64) -> Said {
    let port = installation.webhook_port();
    let security_group = format!(
        "let the control plane reach TCP {port} of the Pods: on EKS allow inbound TCP {port} in the nodes' security \
         group from the cluster's security group; with a CNI it can't reach, set webhook.hostNetwork=true"
    );
    match asked {
        Ok(true) => ok(format!("the API server reached the webhook: a dry run in {namespace} was warned of")),
        Ok(false) if seconds >= PATIENCE => {
            fail(format!("the API server waited {seconds:.1} s and reached no webhook"), security_group)
        }
        Ok(false) => fail(
            format!("a dry run in {namespace} went through and Berth wasn't heard"),
            "mend what fails above; if all is well there, look at the selectors and matchConditions of the chart's \
             values, and at `failed calling webhook` in the API server's log",
        ),
        Err(refused) if refused.contains("failed calling webhook") => {
            let late = refused.contains("deadline exceeded") || refused.contains("timeout");
            let todo = if late { security_group } else { "mend what fails above".to_owned() };
            fail(format!("the API server can't call the webhook: {refused}"), todo)
        }
        Err(refused) if refused.contains("\"deny.berth.dev\" denied") => {
            ok(format!("the API server reached the webhook: it refused a dry run in {namespace}"))
        }
        Err(refused) => warn(
            format!("the dry run in {namespace} was refused before Berth was asked: {refused}"),
            "ask as somebody who may create Deployments there",
        ),
    }
}
