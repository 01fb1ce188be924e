//! Whether a replica holds the Lease, and so writes.

use std::time::Duration;

use futures::{FutureExt, future::BoxFuture};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::{coordination::v1::Lease, core::v1::Pod};
use kube::{Api, core::PartialObjectMeta};

use super::{Installation, Level, Said, fail, ok, warn};
use crate::operator::reconcile::reason;

/// The next replica takes a released Lease within three seconds: during an upgrade nobody holds it for a moment.
const HANDOVER: Duration = Duration::from_secs(4);

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async {
        let mut said = held(installation).await;
        if said.0 == Level::Fail {
            tokio::time::sleep(HANDOVER).await;
            said = held(installation).await;
        }
        vec![said]
    }
    .boxed()
}

async fn held(installation: &Installation) -> Said {
    let (client, namespace) = (&installation.client, &installation.namespace);
    let name = installation.argument("lease").unwrap_or(&installation.name);
    let leases: Api<Lease> = Api::namespaced(client.clone(), namespace);
    let logs = format!("kubectl logs -n {namespace} -l app.kubernetes.io/name=berth --prefix");
    let spec = match leases.get_opt(name).await {
        Ok(Some(lease)) => lease.spec.unwrap_or_default(),
        Ok(None) => return fail(format!("the Lease {namespace}/{name} doesn't exist: nobody writes"), logs),
        Err(error) => {
            return warn(
                format!("the Lease {name} can't be read: {}", reason(&error)),
                "ask with more rights",
            );
        }
    };
    let Some(holder) = spec.holder_identity.filter(|holder| !holder.is_empty()) else {
        return fail(format!("nobody holds the Lease {namespace}/{name}: nobody writes"), logs);
    };
    let pods: Api<PartialObjectMeta<Pod>> = Api::namespaced(client.clone(), namespace);
    let age = spec.renew_time.map(|renewed| Timestamp::now().duration_since(renewed.0));
    let life = Duration::from_secs(spec.lease_duration_seconds.unwrap_or(15).unsigned_abs().into());
    match (age, pods.get_metadata_opt(&holder).await) {
        (Some(age), _) if age > SignedDuration::try_from(life).unwrap_or(SignedDuration::MAX) => fail(
            format!("{holder} renewed the Lease {} s ago: nobody writes", age.as_secs()),
            format!("{logs}; or this machine's clock is wrong"),
        ),
        (_, Ok(None)) => warn(
            format!("{holder} holds the Lease and is no Pod of {namespace}"),
            "stop the operator that runs elsewhere, if that isn't meant",
        ),
        _ => ok(format!("{holder} holds the Lease and writes")),
    }
}
