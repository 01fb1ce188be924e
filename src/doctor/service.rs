//! Whether the Service exists through which the API server calls the webhook, and its port.

use futures::{FutureExt, future::BoxFuture};
use k8s_openapi::api::{admissionregistration::v1::ServiceReference, core::v1::Service};
use kube::Api;

use super::{FORCE, Installation, Level, Said, fail, ok, warn};
use crate::operator::reconcile::reason;

/// The port that a webhook which names none is called at.
const DEFAULT_PORT: i32 = 443;

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async {
        match called(installation).await {
            Ok(said) => said,
            Err(why) => {
                vec![warn(format!("the webhook's Service can't be read: {why}"), "ask with more rights")]
            }
        }
    }
    .boxed()
}

/// Whether a new connection surely finds no webhook.
pub async fn fails(installation: &Installation) -> bool {
    called(installation).await.is_ok_and(|said| said.iter().any(|said| said.0 == Level::Fail))
}

/// Nothing where there is no webhook: that is another check's to tell.
async fn called(installation: &Installation) -> Result<Vec<Said>, String> {
    let webhooks = installation.webhooks().await?.unwrap_or_default();
    let mut references: Vec<ServiceReference> =
        webhooks.iter().filter_map(|webhook| webhook.client_config.service.clone()).collect();
    // Both webhooks are called through the same, unless somebody changed one.
    references.dedup_by(|a, b| (&a.namespace, &a.name, &a.port) == (&b.namespace, &b.name, &b.port));
    let mut said = Vec::new();
    for reference in references {
        let services: Api<Service> = Api::namespaced(installation.client.clone(), &reference.namespace);
        let service = services.get_opt(&reference.name).await.map_err(|error| reason(&error))?;
        said.push(judge(&reference, service.as_ref()));
    }
    Ok(said)
}

fn judge(reference: &ServiceReference, service: Option<&Service>) -> Said {
    let place = format!("{}/{}", reference.namespace, reference.name);
    let back = "helm upgrade puts it back";
    let Some(service) = service else {
        return fail(
            format!("the Service {place}, which the webhook is called through, doesn't exist"),
            back,
        );
    };
    let port = reference.port.unwrap_or(DEFAULT_PORT);
    let ports: Vec<i32> =
        service.spec.iter().flat_map(|spec| spec.ports.iter().flatten()).map(|of| of.port).collect();
    if ports.contains(&port) {
        return ok(format!("the webhook is called through {place}, port {port}"));
    }
    let has = ports.iter().map(i32::to_string).collect::<Vec<_>>().join(", ");
    fail(
        format!("the webhook is called at port {port} of the Service {place}, which has {has}"),
        format!("{back} {FORCE}"),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_missing_service_or_port_is_named() {
        let reference = |port: Option<i32>| ServiceReference {
            namespace: "berth-system".into(),
            name: "berth".into(),
            port,
            ..ServiceReference::default()
        };
        let service: Service =
            serde_json::from_value(json!({"spec": {"ports": [{"port": 443}, {"port": 8080}]}})).unwrap();
        assert_eq!(judge(&reference(None), Some(&service)).0, Level::Ok);
        let Said(level, why, todo) = judge(&reference(Some(8443)), Some(&service));
        assert!(todo.unwrap().contains("--force-conflicts"), "somebody patched the port, and owns it");
        assert!(
            level == Level::Fail
                && why.ends_with("port 8443 of the Service berth-system/berth, which has 443, 8080"),
            "{why}"
        );
        let Said(level, why, _) = judge(&reference(None), None);
        assert!(level == Level::Fail && why.contains("berth-system/berth"), "{why}");
    }
}
