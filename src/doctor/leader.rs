//! Whether a replica holds the Lease, and so writes.

use std::time::Duration;

use futures::{FutureExt, future::BoxFuture};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::{coordination::v1::Lease, core::v1::Pod};
use kube::{Api, core::PartialObjectMeta};

use super::{Installation, Level, Said, access, fail, ok, warn};
use crate::operator::reconcile::reason;

/// The next replica takes a released Lease within three seconds: during an upgrade nobody holds it for a moment.
const HANDOVER: Duration = Duration::from_secs(4);

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async {
        let mut held = holder(installation).await;
        if held.as_ref().is_err_and(|said| said.0 == Level::Fail) {
            tokio::time::sleep(HANDOVER).await;
            held = holder(installation).await;
        }
        vec![match held {
            Ok(holder) => judge(&holder, access::writes(installation).await),
            Err(said) => said,
        }]
    }
    .boxed()
}

/// `writes` is nothing where it can't be asked: that is another check's to tell.
fn judge(holder: &str, writes: Option<bool>) -> Said {
    match writes {
        Some(false) => fail(
            format!("{holder} holds the Lease, but can't write: see access"),
            "mend what access names below",
        ),
        _ => ok(format!("{holder} holds the Lease and writes")),
    }
}

/// The replica that holds the Lease, or why none does.
async fn holder(installation: &Installation) -> Result<String, Said> {
    let (client, namespace) = (&installation.client, &installation.namespace);
    let name = installation.argument("lease").unwrap_or(&installation.name);
    let leases: Api<Lease> = Api::namespaced(client.clone(), namespace);
    let logs = format!("kubectl logs -n {namespace} -l app.kubernetes.io/name=berth --prefix");
    let spec = match leases.get_opt(name).await {
        Ok(Some(lease)) => lease.spec.unwrap_or_default(),
        Ok(None) => {
            return Err(fail(format!("the Lease {namespace}/{name} doesn't exist: nobody writes"), logs));
        }
        Err(error) => {
            return Err(warn(
                format!("the Lease {name} can't be read: {}", reason(&error)),
                "ask with more rights",
            ));
        }
    };
    let Some(holder) = spec.holder_identity.filter(|holder| !holder.is_empty()) else {
        return Err(fail(format!("nobody holds the Lease {namespace}/{name}: nobody writes"), logs));
    };
    let pods: Api<PartialObjectMeta<Pod>> = Api::namespaced(client.clone(), namespace);
    let age = spec.renew_time.map(|renewed| Timestamp::now().duration_since(renewed.0));
    let life = Duration::from_secs(spec.lease_duration_seconds.unwrap_or(15).unsigned_abs().into());
    match (age, pods.get_metadata_opt(&holder).await) {
        (Some(age), _) if age > SignedDuration::try_from(life).unwrap_or(SignedDuration::MAX) => Err(fail(
            format!("{holder} renewed the Lease {} s ago: nobody writes", age.as_secs()),
            format!("{logs}; or this machine's clock is wrong"),
        )),
        (_, Ok(None)) => Err(warn(
            format!("{holder} holds the Lease and is no Pod of {namespace}"),
            "stop the operator that runs elsewhere, if that isn't meant",
        )),
        _ => Ok(holder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_holds_the_lease_without_rights_doesnt_write() {
        assert_eq!(judge("berth-1", Some(true)), ok("berth-1 holds the Lease and writes"));
        assert_eq!(judge("berth-1", None).0, Level::Ok);
        let Said(level, why, _) = judge("berth-1", Some(false));
        assert_eq!(level, Level::Fail);
        assert_eq!(why, "berth-1 holds the Lease, but can't write: see access");
    }
}
