//! That one replica writes at a time, whatever happens to its Lease: against an API server that keeps one Lease.
#![cfg(feature = "cluster")]

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::http::{Method, Request, Response};
use berth::{
    operator::{Leadership, OwnedLease},
    server::{Metrics, tasks::Tasks},
};
use http_body_util::BodyExt;
use k8s_controller::LeaderElection;
use kube::{Client, client::Body};
use serde_json::{Value, json};

#[derive(Default)]
struct Stored {
    lease: Option<Value>,
    /// The Deployment that the replicas are of.
    deployment: Option<Value>,
    version: u32,
    /// Whose requests fail, by the name in them.
    cut_off: Option<&'static str>,
}

#[derive(Clone, Default)]
struct ApiServer {
    stored: Arc<Mutex<Stored>>,
    writing: Arc<AtomicUsize>,
}

impl ApiServer {
    fn answer(&self, of: &str, method: &Method, path: &str, body: Value) -> (u16, Value) {
        let status = |code: u16| {
            let reason = if code == 404 { "NotFound" } else { "Conflict" };
            json!({"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": "no"})
        };
        let mut stored = self.stored.lock().unwrap();
        if stored.cut_off == Some(of) {
            return (503, status(503));
        }
        if path.ends_with("/deployments") {
            return (200, json!({"metadata": {}, "items": stored.deployment.iter().collect::<Vec<_>>()}));
        }
        let before = stored.lease.as_ref().map(|lease| lease["metadata"]["resourceVersion"].clone());
        let written = match (method.as_str(), before) {
            ("GET", None) => return (404, status(404)),
            ("GET", Some(_)) => return (200, stored.lease.clone().unwrap()),
            ("POST", Some(_)) => return (409, status(409)),
            ("PUT", Some(version)) if body["metadata"]["resourceVersion"] != version => {
                return (409, status(409));
            }
            _ => body,
        };
        stored.version += 1;
        let version = stored.version.to_string();
        let lease = stored.lease.insert(written);
        lease["metadata"]["resourceVersion"] = version.into();
        (200, lease.clone())
    }

    fn client(&self, of: &'static str) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let server = server.clone();
            async move {
                let (head, body) = request.into_parts();
                let body =
                    serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap_or_default();
                let (status, answer) = server.answer(of, &head.method, head.uri.path(), body);
                let body = Body::from(serde_json::to_vec(&answer).unwrap());
                Ok::<_, Infallible>(Response::builder().status(status).body(body).unwrap())
            }
        });
        Client::new(service, "default")
    }

    fn holder(&self) -> Option<String> {
        let stored = self.stored.lock().unwrap();
        stored.lease.as_ref()?["spec"]["holderIdentity"].as_str().map(str::to_owned)
    }
}

struct Replica {
    leadership: Arc<Leadership>,
    metrics: Arc<Metrics>,
    tasks: Tasks,
}

/// Written to as long as it's there.
struct Writing(Arc<AtomicUsize>);

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Replica {
    fn start(server: &ApiServer, name: &'static str, lease: Duration) -> Self {
        let election = LeaderElection::new(server.client(name), "berth-system", "berth", name)
            .with_lease_duration(lease)
            .with_renew_deadline(lease / 2)
            .with_retry_period(Duration::from_millis(20));
        let metrics = Arc::new(Metrics::new());
        let about = OwnedLease {
            client: server.client(name),
            namespace: "berth-system".to_owned(),
            name: "berth".to_owned(),
        };
        let leadership = Arc::new(Leadership::new(election, metrics.clone()).about(about));
        let mut tasks = Tasks::default();
        let (leads, writing) = (leadership.clone(), server.writing.clone());
        tasks.spawn("writers", async move {
            leads
                .lead(|| async {
                    let others = writing.fetch_add(1, Ordering::SeqCst);
                    let _writing = Writing(writing.clone());
                    assert_eq!(others, 0, "two write at the same time");
                    std::future::pending().await
                })
                .await;
        });
        Replica { leadership, metrics, tasks }
    }

    fn leads(&self) -> bool {
        let leads = *self.leadership.follow().borrow();
        let metric = format!("berth_leader {}\n", u8::from(leads));
        assert!(self.metrics.encode().unwrap().contains(&metric), "the metric says something else");
        leads
    }
}

async fn eventually(what: &str, mut ask: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if ask() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not in 30 s: {what}");
}

const LONG: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(500);

#[tokio::test]
async fn the_next_replica_begins_as_soon_as_the_first_releases_the_lease() {
    let server = ApiServer::default();
    let mut first = Replica::start(&server, "first", LONG);
    eventually("the first leads", || first.leads()).await;
    let second = Replica::start(&server, "second", LONG);
    tokio::time::sleep(SHORT).await;
    assert!(first.leads() && !second.leads());

    first.tasks.stop().await;
    assert!(!first.leads());
    assert_eq!(server.writing.load(Ordering::SeqCst), 0, "it writes after it was stopped");
    first.leadership.release().await;
    eventually("the second leads, an hour before the Lease ends", || second.leads()).await;
    assert_eq!(server.holder().as_deref(), Some("second"));
}

#[tokio::test]
async fn a_leader_that_is_cut_off_stops_before_another_begins_and_stands_by_again() {
    let server = ApiServer::default();
    let mut first = Replica::start(&server, "first", SHORT);
    eventually("the first leads", || first.leads()).await;
    let mut second = Replica::start(&server, "second", SHORT);
    server.stored.lock().unwrap().cut_off = Some("first");
    eventually("the second leads", || second.leads()).await;
    assert!(!first.leads());

    server.stored.lock().unwrap().cut_off = Some("second");
    eventually("the first leads again", || first.leads()).await;
    assert!(!second.leads());
    let ended = [first.tasks.first_end(), second.tasks.first_end()].map(futures::FutureExt::now_or_never);
    assert!(ended.iter().all(Option::is_none), "{ended:?}");
}

#[tokio::test]
async fn a_deleted_lease_is_made_anew() {
    let server = ApiServer::default();
    let first = Replica::start(&server, "first", LONG);
    eventually("it leads", || first.leads()).await;
    server.stored.lock().unwrap().lease = None;
    eventually("the Lease is there again", || server.holder().as_deref() == Some("first")).await;
    eventually("it leads again", || first.leads()).await;
}

#[tokio::test]
async fn the_lease_goes_with_the_deployment() {
    let server = ApiServer::default();
    let deployment = json!({"metadata": {"name": "berth", "namespace": "berth-system", "uid": "d-1"}});
    server.stored.lock().unwrap().deployment = Some(deployment);
    let first = Replica::start(&server, "first", LONG);
    let owner = json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": "berth", "uid": "d-1"}]);
    let owners =
        || server.stored.lock().unwrap().lease.as_ref().map(|of| of["metadata"]["ownerReferences"].clone());
    eventually("the Deployment owns it", || owners() == Some(owner.clone())).await;
    eventually("it leads", || first.leads()).await;
    drop(first);

    // What an installation before this one left is adopted, before its owner's end takes it away.
    let server = ApiServer::default();
    let deployment = json!({"metadata": {"name": "berth", "namespace": "berth-system", "uid": "d-2"}});
    server.stored.lock().unwrap().deployment = Some(deployment);
    server.stored.lock().unwrap().lease = Some(json!({
        "metadata": {"name": "berth", "resourceVersion": "1", "ownerReferences": owner}, "spec": {},
    }));
    let next = Replica::start(&server, "next", LONG);
    let uid = || {
        server.stored.lock().unwrap().lease.as_ref().unwrap()["metadata"]["ownerReferences"][0]["uid"].clone()
    };
    eventually("the Deployment that is there owns it", || uid() == "d-2").await;
    eventually("it leads", || next.leads()).await;

    // Outside a Deployment it's nobody's, and there is a leader all the same.
    let server = ApiServer::default();
    let alone = Replica::start(&server, "alone", LONG);
    eventually("it leads", || alone.leads()).await;
    assert_eq!(
        server.stored.lock().unwrap().lease.as_ref().unwrap()["metadata"]["ownerReferences"],
        Value::Null
    );
}
