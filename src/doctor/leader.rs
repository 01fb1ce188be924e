//! Whether a replica holds the Lease, and so writes.

use std::time::Duration;

use futures::{FutureExt, future::BoxFuture};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::{coordination::v1::Lease, core::v1::Pod};
use kube::{Api, core::PartialObjectMeta};

use super::{Installation, Said, access, fail, ok, warn};
use crate::operator::reconcile::reason;

/// Beyond the Lease's own life: a replica that stands by looks again within three seconds, and it may just have begun.
const LOOKS: Duration = Duration::from_secs(6);
/// Nobody waits for longer than this, whatever the Lease says of its life.
const WAIT_MAX: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_secs(1);

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async {
        vec![match holder(installation).await {
            Ok(holder) => judge(&holder, access::writes(installation).await),
            Err(said) => said,
        }]
    }
    .boxed()
}

/// Who holds the Lease. Where it's no replica of these, one is given the time to take it: an upgrade or an uninstall before
/// this installation may have left it to a Pod that is gone.
async fn holder(installation: &Installation) -> Result<String, Said> {
    let begun = tokio::time::Instant::now();
    let someone_stands_by = installation.available() > 0;
    let mut first: Option<Timestamp> = None;
    loop {
        let vacant = match look(installation).await? {
            Seen::Holder(holder) => return Ok(holder),
            Seen::Vacant(vacant) => vacant,
        };
        let renews = first.zip(vacant.renewed).is_some_and(|(first, now)| now > first);
        first = first.or(vacant.renewed);
        if renews || !someone_stands_by || begun.elapsed() >= vacant.takes {
            return Err(vacant.said);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

enum Seen {
    Holder(String),
    Vacant(Vacant),
}

/// A Lease that no replica of these is seen to hold.
struct Vacant {
    said: Said,
    /// When somebody renewed it last: whoever does so again holds it for good, from elsewhere.
    renewed: Option<Timestamp>,
    /// Until a replica has taken it, at most.
    takes: Duration,
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

/// One look at the Lease, or why there can be none.
async fn look(installation: &Installation) -> Result<Seen, Said> {
    let (client, namespace) = (&installation.client, &installation.namespace);
    let name = installation.argument("lease").unwrap_or(&installation.name);
    let leases: Api<Lease> = Api::namespaced(client.clone(), namespace);
    let logs = format!("kubectl logs -n {namespace} -l app.kubernetes.io/name=berth --prefix");
    let vacant = |said, renewed, takes| Ok(Seen::Vacant(Vacant { said, renewed, takes }));
    let spec = match leases.get_opt(name).await {
        Ok(Some(lease)) => lease.spec.unwrap_or_default(),
        Ok(None) => {
            let said = fail(format!("the Lease {namespace}/{name} doesn't exist: nobody writes"), logs);
            return vacant(said, None, LOOKS);
        }
        Err(error) => {
            return Err(warn(
                format!("the Lease {name} can't be read: {}", reason(&error)),
                "ask with more rights",
            ));
        }
    };
    let Some(holder) = spec.holder_identity.filter(|holder| !holder.is_empty()) else {
        let said = fail(format!("nobody holds the Lease {namespace}/{name}: nobody writes"), logs);
        return vacant(said, None, LOOKS);
    };
    let renewed = spec.renew_time.map(|renewed| renewed.0);
    let life = Duration::from_secs(spec.lease_duration_seconds.unwrap_or(15).unsigned_abs().into());
    let takes = life.saturating_add(LOOKS).min(WAIT_MAX);
    let pods: Api<PartialObjectMeta<Pod>> = Api::namespaced(client.clone(), namespace);
    match (
        renewed.map(|renewed| Timestamp::now().duration_since(renewed)),
        pods.get_metadata_opt(&holder).await,
    ) {
        (Some(age), _) if age > SignedDuration::try_from(life).unwrap_or(SignedDuration::MAX) => {
            let todo = format!("{logs}; or this machine's clock is wrong");
            vacant(
                fail(format!("{holder} renewed the Lease {} s ago: nobody writes", age.as_secs()), todo),
                renewed,
                takes,
            )
        }
        (_, Ok(None)) => {
            let why = format!("{holder} holds the Lease and is no Pod of {namespace}");
            vacant(warn(why, "stop the operator that runs elsewhere, if that isn't meant"), renewed, takes)
        }
        _ => Ok(Seen::Holder(holder)),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use k8s_openapi::api::apps::v1::Deployment;
    use kube::Client;
    use serde_json::json;

    use super::*;
    use crate::doctor::Level;

    #[test]
    fn who_holds_the_lease_without_rights_doesnt_write() {
        assert_eq!(judge("berth-1", Some(true)), ok("berth-1 holds the Lease and writes"));
        assert_eq!(judge("berth-1", None).0, Level::Ok);
        let Said(level, why, _) = judge("berth-1", Some(false));
        assert_eq!(level, Level::Fail);
        assert_eq!(why, "berth-1 holds the Lease, but can't write: see access");
    }
    /// What the API server says of the Lease at each look, one after the other; the last one from then on.
    async fn after(
        available: i32,
        looks: &'static [(&'static str, u64)],
        pods: &'static [&'static str],
    ) -> (Said, u64) {
        let begun = tokio::time::Instant::now();
        let started = Timestamp::now();
        let mut number = 0;
        let service = tower::service_fn(move |request: axum::http::Request<kube::client::Body>| {
            let path = request.uri().path().to_owned();
            let named = path.rsplit('/').next().unwrap_or_default();
            let answer = if path.contains("/leases/") {
                let (holder, age) = looks[number.min(looks.len() - 1)];
                number += 1;
                let is_there = holder != "nothing";
                let renewed = started - SignedDuration::from_secs(age.try_into().unwrap());
                is_there.then(|| json!({"metadata": {"name": "berth"}, "spec": {
                    "holderIdentity": holder, "leaseDurationSeconds": 15, "renewTime": format!("{renewed:.6}"),
                }}))
            } else if path.contains("/pods/") {
                pods.contains(&named).then(|| json!({"metadata": {"name": named}}))
            } else {
                Some(json!({"metadata": {}, "spec": {"resourceAttributes": {}}, "status": {"allowed": true}}))
            };
            let (status, answer) = match answer {
                Some(answer) => (200, answer),
                None => {
                    (404, json!({"kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound"}))
                }
            };
            let body = kube::client::Body::from(serde_json::to_vec(&answer).unwrap());
            async move { Ok::<_, Infallible>(axum::http::Response::builder().status(status).body(body).unwrap()) }
        });
        let mut deployment = Deployment::default();
        deployment.metadata.name = Some("berth".to_owned());
        deployment.metadata.namespace = Some("berth-system".to_owned());
        deployment.status.get_or_insert_default().available_replicas = Some(available);
        let installation = Installation::of(Client::new(service, "default"), deployment);
        let said = check(&installation).await.pop().unwrap();
        (said, begun.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_replica_has_the_time_to_take_what_a_pod_left_that_is_gone() {
        // As after an uninstall and an installation: the Pod is gone, and what it held runs out.
        let (said, _) = after(2, &[("gone", 9), ("gone", 9), ("new", 0)], &["new"]).await;
        assert_eq!(said, ok("new holds the Lease and writes"));
        let (said, _) = after(2, &[("gone", 19), ("gone", 19), ("new", 0)], &["new"]).await;
        assert_eq!(said, ok("new holds the Lease and writes"));
        // The garbage collector takes the old Lease, and the next leader makes another.
        let (said, _) = after(2, &[("gone", 9), ("nothing", 0), ("new", 0)], &["new"]).await;
        assert_eq!(said, ok("new holds the Lease and writes"));
        let (said, seconds) = after(2, &[("gone", 19)], &["new"]).await;
        assert_eq!(said.0, Level::Fail, "{said:?}");
        assert!((21..24).contains(&seconds), "waited {seconds} s");
        let (said, seconds) = after(2, &[("", 0)], &["new"]).await;
        assert_eq!(said.0, Level::Fail, "{said:?}");
        assert!((6..9).contains(&seconds), "waited {seconds} s");
        // Nobody is there to take it.
        let (said, seconds) = after(0, &[("gone", 19)], &[]).await;
        assert_eq!((said.0, seconds), (Level::Fail, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn an_operator_elsewhere_is_told_of_as_soon_as_it_renews() {
        let (said, seconds) = after(2, &[("laptop", 1), ("laptop", 0)], &["new"]).await;
        assert_eq!(said.0, Level::Warn, "{said:?}");
        assert!(seconds < 3, "waited {seconds} s");
    }
}
