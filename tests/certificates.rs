//! That the webhook's certificate is made, renewed and repaired, against an API server that keeps the two objects.
#![cfg(feature = "cluster")]

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::http::{Method, Request, Response};
use berth::{
    operator::certificates::{Issuer, Keeper, Material, Names, Todo, renew},
    server::{Metrics, Need, Readiness},
    webhook::Served,
};
use http_body_util::BodyExt;
use k8s_openapi::ByteString;
use kube::{Client, client::Body};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use tokio::sync::watch;

/// The two objects, and every write to them in its order.
struct Objects {
    secret: Option<Value>,
    configuration: Option<Value>,
    version: u32,
    writes: Vec<&'static str>,
    /// The reasons of the Events.
    told: Vec<String>,
}

#[derive(Clone)]
struct ApiServer(Arc<Mutex<Objects>>);

impl ApiServer {
    /// As the chart leaves it: an empty Secret, and a configuration without caBundle.
    fn new() -> Self {
        ApiServer(Arc::new(Mutex::new(Objects {
            secret: Some(json!({
                "apiVersion": "v1", "kind": "Secret",
                "metadata": {
                    "name": "berth-certificate", "namespace": "berth-system", "resourceVersion": "1",
                    "labels": {"app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": "berth-0.1.0"},
                    "annotations": {"meta.helm.sh/release-name": "berth"},
                },
            })),
            configuration: Some(json!({
                "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
                "metadata": {"name": "berth"},
                "webhooks": [{
                    "name": "warn.berth.dev", "sideEffects": "None", "admissionReviewVersions": ["v1"],
                    "clientConfig": {"service": {"name": "berth", "namespace": "berth-system"}},
                }],
            })),
            version: 1,
            writes: Vec::new(),
            told: Vec::new(),
        })))
    }

    fn answer(&self, method: &Method, path: &str, body: &Value) -> (u16, Value) {
        let mut objects = self.0.lock().unwrap();
        let missing = json!({"kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound", "message": "none"});
        let conflict = json!({"kind": "Status", "status": "Failure", "code": 409, "message": "modified"});
        let is_secret = path.ends_with("/secrets/berth-certificate");
        if !is_secret && !path.ends_with("/validatingwebhookconfigurations/berth") {
            objects.told.extend(body["reason"].as_str().map(str::to_owned));
            return (201, body.clone());
        }
        let version = objects.version + 1;
        let object = if is_secret { &mut objects.secret } else { &mut objects.configuration };
        // Server-side apply creates what isn't there.
        if method == Method::PATCH && object.is_none() && body["metadata"]["resourceVersion"].is_null() {
            let mut made = body.clone();
            made["metadata"]["resourceVersion"] = json!("1");
            *object = Some(made.clone());
            return (201, made);
        }
        let Some(object) = object else { return (404, missing) };
        if method == Method::GET {
            return (200, object.clone());
        }
        if is_secret {
            if body["metadata"]["resourceVersion"] != object["metadata"]["resourceVersion"] {
                return (409, conflict);
            }
            object["data"] = body["data"].clone();
            object["metadata"]["resourceVersion"] = json!(version.to_string());
        } else {
            object["webhooks"][0]["clientConfig"]["caBundle"] =
                body["webhooks"][0]["clientConfig"]["caBundle"].clone();
        }
        let written = object.clone();
        objects.version = version;
        objects.writes.push(if is_secret { "secret" } else { "configuration" });
        (200, written)
    }

    fn client(&self) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let server = server.clone();
            async move {
                let (head, body) = request.into_parts();
                let bytes = body.collect().await.unwrap().to_bytes();
                // Lets another replica in between a read and a write.
                tokio::task::yield_now().await;
                let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
                let (status, answer) = server.answer(&head.method, head.uri.path(), &body);
                let body = Body::from(serde_json::to_vec(&answer).unwrap());
                Ok::<_, Infallible>(Response::builder().status(status).body(body).unwrap())
            }
        });
        Client::new(service, "default")
    }

    fn writes(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.0.lock().unwrap().writes)
    }

    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().told)
    }

    fn bundle(&self) -> Value {
        self.0.lock().unwrap().configuration.as_ref().unwrap()["webhooks"][0]["clientConfig"]["caBundle"]
            .clone()
    }

    fn data(&self) -> Value {
        self.0.lock().unwrap().secret.as_ref().unwrap()["data"].clone()
    }
}

/// The first request's connection dies in silence.
fn first_goes_nowhere(server: &ApiServer) -> Client {
    let (client, asked) = (server.client(), Arc::new(AtomicBool::new(false)));
    let service = tower::service_fn(move |request: Request<Body>| {
        let (client, first) = (client.clone(), !asked.swap(true, Ordering::SeqCst));
        async move {
            if first {
                std::future::pending::<()>().await;
            }
            client.send(request).await
        }
    });
    Client::new(service, "default")
}

fn keeper(server: &ApiServer) -> Keeper {
    replica(server, true)
}

fn replica(server: &ApiServer, leads: bool) -> Keeper {
    Keeper {
        client: server.client(),
        names: Names {
            namespace: "berth-system".to_owned(),
            secret: "berth-certificate".to_owned(),
            service: "berth".to_owned(),
            configuration: Some("berth".to_owned()),
        },
        issuer: Issuer::Own,
        served: Arc::new(Served::default()),
        leading: watch::channel(leads).1,
        readiness: Arc::new(Readiness::new([Need::Certificate, Need::CaBundle])),
        metrics: Arc::new(Metrics::new()),
        last: Mutex::default(),
    }
}

/// What a field of bytes says.
fn text(field: &Value) -> String {
    let bytes: ByteString = serde_json::from_value(field.clone()).unwrap();
    String::from_utf8(bytes.0).unwrap()
}

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_780_000_000).unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_empty_secret_is_filled_and_then_left_alone() {
    let server = ApiServer::new();
    let keeper = keeper(&server);
    keeper.look(now()).await.unwrap();
    assert_eq!(server.writes(), ["secret", "configuration"]);
    assert_eq!(server.bundle(), server.data()["ca.crt"]);
    assert!(keeper.readiness.missing().is_empty() && !keeper.served.is_empty());
    keeper.look(now() + Duration::days(1)).await.unwrap();
    assert!(server.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_never_answered_holds_nothing_up_for_long() {
    let server = ApiServer::new();
    let keeper = Keeper { client: first_goes_nowhere(&server), ..keeper(&server) };
    let served = keeper.served.clone();
    let keeps = tokio::spawn(keeper.keep());
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert!(!served.is_empty(), "it still waits for the first answer");
    keeps.abort();
}

#[tokio::test(start_paused = true)]
async fn two_replicas_at_once_end_with_the_same_certificate() {
    let server = ApiServer::new();
    let (one, two) = (keeper(&server), keeper(&server));
    let (first, second) = tokio::join!(one.look(now()), two.look(now()));
    assert!(first.is_ok() != second.is_ok(), "both wrote, or none");
    let data = server.data();
    one.look(now()).await.unwrap();
    two.look(now()).await.unwrap();
    assert_eq!(server.data(), data);
    assert_eq!(server.bundle(), data["ca.crt"]);
    assert_eq!(server.writes().iter().filter(|write| **write == "secret").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_stands_by_serves_what_the_leader_made_and_writes_nothing() {
    let server = ApiServer::new();
    let (leader, standby) = (keeper(&server), replica(&server, false));
    standby.look(now()).await.unwrap();
    assert!(standby.served.is_empty() && server.writes().is_empty());
    leader.look(now()).await.unwrap();
    server.writes();
    standby.look(now()).await.unwrap();
    assert!(standby.readiness.missing().is_empty() && !standby.served.is_empty());
    // Due or broken: it's for the leader to mend, and for both to be seen as it is.
    standby.look(now() + Duration::days(61)).await.unwrap();
    server.0.lock().unwrap().configuration.as_mut().unwrap()["webhooks"][0]["clientConfig"]["caBundle"] =
        Value::Null;
    standby.look(now()).await.unwrap();
    assert!(server.writes().is_empty());
    assert_eq!(standby.readiness.missing(), [], "without it in the Service nobody is reached sooner");
}

#[tokio::test(start_paused = true)]
async fn an_api_server_knows_an_authority_before_it_meets_a_certificate_of_it() {
    let server = ApiServer::new();
    let (leader, standby) = (keeper(&server), replica(&server, false));
    let names = leader.names.of_server();
    let put = |material: &Material| {
        server.0.lock().unwrap().secret.as_mut().unwrap()["data"] = json!(material.to_secret());
    };
    let found = || Material::from_secret(&serde_json::from_value(server.data()).unwrap());
    let aged =
        renew(&Todo::Everything("new"), &Material::default(), &names, now() - Duration::days(3400)).unwrap();
    let aged = renew(&Todo::Leaf("due"), &aged, &names, now()).unwrap();
    put(&aged);
    let time_of = async |replica: &Keeper, seconds: i64| {
        let started = tokio::time::Instant::now();
        replica.look(now() + Duration::seconds(seconds)).await.unwrap();
        started.elapsed().as_secs()
    };
    assert_eq!((time_of(&leader, 0).await, time_of(&standby, 0).await), (0, 0), "the certificate stays");
    let joined = found();
    assert_ne!(joined.ca_certificates, aged.ca_certificates);
    // Somebody has it renewed at once, and then again.
    put(&renew(&Todo::Leaf("due"), &joined, &names, now()).unwrap());
    assert_eq!((time_of(&leader, 1).await, time_of(&standby, 2).await), (4, 3));
    put(&renew(&Todo::Leaf("due"), &joined, &names, now()).unwrap());
    assert_eq!((time_of(&leader, 60).await, time_of(&standby, 60).await), (0, 0), "it's known by now");
}

#[tokio::test(start_paused = true)]
async fn what_no_leader_makes_another_replica_makes_after_a_while() {
    let server = ApiServer::new();
    // Of the issuer that an upgrade leaves behind: it looks at another Secret, and sees nothing amiss.
    let theirs = ApiServer::new();
    keeper(&theirs).look(now()).await.unwrap();
    let old = theirs.bundle();
    let set = |bundle: &Value| {
        server.0.lock().unwrap().configuration.as_mut().unwrap()["webhooks"][0]["clientConfig"]["caBundle"] =
            bundle.clone();
    };
    set(&old);
    let new = replica(&server, false);
    let wait = new.look(now()).await.unwrap();
    assert!(server.writes().is_empty(), "it didn't wait for the leader");
    assert!(wait <= std::time::Duration::from_secs(10), "it looks again after {wait:?}");
    new.look(now() + Duration::seconds(10)).await.unwrap();
    assert_eq!(server.writes(), ["secret", "configuration"]);
    assert_eq!(new.readiness.missing(), []);
    let decoded = |bundle: &Value| {
        let bytes: k8s_openapi::ByteString = serde_json::from_value(bundle.clone()).unwrap();
        String::from_utf8(bytes.0).unwrap()
    };
    let (both, own) = (decoded(&server.bundle()), decoded(&server.data()["ca.crt"]));
    assert!(both.contains(decoded(&old).trim()), "what is in use was taken away");
    assert!(both.contains(own.trim()));
    new.look(now() + Duration::hours(1)).await.unwrap();
    assert!(server.writes().is_empty(), "added once more");
    // It leads once the old one is gone, and trusts its own alone.
    keeper(&server).look(now() + Duration::hours(1)).await.unwrap();
    assert_eq!(server.bundle(), server.data()["ca.crt"]);
}

#[tokio::test(start_paused = true)]
async fn a_renewed_certificate_needs_no_other_authority() {
    let server = ApiServer::new();
    let keeper = keeper(&server);
    keeper.look(now()).await.unwrap();
    let (before, _) = (server.data(), server.writes());
    keeper.look(now() + Duration::days(61)).await.unwrap();
    assert_eq!(server.writes(), ["secret"]);
    assert_eq!(server.data()["ca.crt"], before["ca.crt"]);
    assert_ne!(server.data()["tls.crt"], before["tls.crt"]);
}

#[tokio::test(start_paused = true)]
async fn a_wiped_bundle_and_a_corrupted_secret_are_repaired() {
    let server = ApiServer::new();
    let keeper = keeper(&server);
    keeper.look(now()).await.unwrap();
    server.writes();
    server.0.lock().unwrap().configuration.as_mut().unwrap()["webhooks"][0]["clientConfig"]["caBundle"] =
        Value::Null;
    keeper.look(now()).await.unwrap();
    assert_eq!(server.writes(), ["configuration"]);
    assert_eq!(server.bundle(), server.data()["ca.crt"]);
    assert_eq!(server.told(), ["CaBundleRestored"], "the first certificate is no news, this is");

    server.0.lock().unwrap().secret.as_mut().unwrap()["data"]["ca.key"] = json!("bm9uc2Vuc2U=");
    keeper.look(now()).await.unwrap();
    assert_eq!(server.writes(), ["secret", "configuration"]);
    assert!(keeper.readiness.missing().is_empty());
    assert_eq!(server.told(), ["CertificateReplaced"]);
}

#[tokio::test(start_paused = true)]
async fn an_ended_certificate_is_replaced_and_told() {
    let server = ApiServer::new();
    let keeper = keeper(&server);
    keeper.look(now()).await.unwrap();
    server.writes();
    // Three months without an operator, under the same authority; then eleven years.
    keeper.look(now() + Duration::days(95)).await.unwrap();
    assert_eq!((server.writes(), server.told()), (vec!["secret"], vec!["CertificateRenewed".to_owned()]));
    keeper.look(now() + Duration::days(4000)).await.unwrap();
    assert_eq!(server.told(), ["CertificateReplaced"]);
    assert_eq!(server.bundle(), server.data()["ca.crt"]);
    assert!(keeper.readiness.missing().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_deleted_secret_is_made_anew_by_the_leader_once_it_stays_away() {
    let server = ApiServer::new();
    let (leader, standby) = (keeper(&server), replica(&server, false));
    leader.look(now()).await.unwrap();
    standby.look(now()).await.unwrap();
    server.writes();
    server.0.lock().unwrap().secret = None;
    let later = now() + Duration::seconds(60);
    // An uninstall deletes it too: what it deleted must not come back.
    assert!(leader.look(now()).await.is_err() && standby.look(now()).await.is_err());
    assert!(standby.look(later).await.is_err());
    assert!(server.writes().is_empty());
    assert!(leader.readiness.missing().is_empty(), "it serves what it has");
    let before = server.bundle();
    leader.look(later).await.unwrap();
    assert_eq!(server.writes(), ["secret", "configuration"]);
    assert_eq!(server.told(), ["CertificateReplaced"]);
    let (both, new) = (text(&server.bundle()), text(&server.data()["ca.crt"]));
    assert!(
        new != text(&before) && both == new + &text(&before),
        "what others still serve isn't trusted: {both}"
    );
    let secret = server.0.lock().unwrap().secret.clone().unwrap();
    assert_eq!(secret["metadata"]["annotations"]["meta.helm.sh/release-name"], "berth", "Helm's no more");
    assert_eq!(secret["metadata"]["labels"], json!({"app.kubernetes.io/managed-by": "Helm"}));
    standby.look(later).await.unwrap();
    assert!(standby.readiness.missing().is_empty());
    let next = leader.look(later).await.unwrap();
    assert!(server.writes().is_empty(), "the authority before was dropped at once");
    leader.look(later + next).await.unwrap();
    assert_eq!(server.bundle(), server.data()["ca.crt"], "it's trusted for good");
    assert_eq!((server.writes(), server.told()), (vec!["configuration"], vec![]));
}

/// Another replica leads now, and has never served anything.
#[tokio::test(start_paused = true)]
async fn a_new_leader_trusts_what_others_still_serve() {
    let server = ApiServer::new();
    keeper(&server).look(now()).await.unwrap();
    let before = text(&server.bundle());
    server.0.lock().unwrap().secret = None;
    let leader = keeper(&server);
    assert!(leader.look(now()).await.is_err());
    let later = now() + Duration::seconds(60);
    let next = leader.look(later).await.unwrap();
    let new = text(&server.data()["ca.crt"]);
    assert_eq!(text(&server.bundle()), new.clone() + &before);
    leader.look(later + next).await.unwrap();
    assert_eq!(text(&server.bundle()), new);
    assert_eq!(server.told(), ["CertificateReplaced"]);
}

/// The Secret went while no operator ran: the marks come from what was installed with it.
#[tokio::test(start_paused = true)]
async fn who_never_saw_the_secret_makes_it_anew_as_helms() {
    let server = ApiServer::new();
    {
        let mut objects = server.0.lock().unwrap();
        objects.secret = None;
        objects.configuration.as_mut().unwrap()["metadata"] = json!({
            "name": "berth",
            "labels": {"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": "dock",
                       "helm.sh/chart": "berth-0.1.0"},
            "annotations": {"meta.helm.sh/release-name": "dock", "meta.helm.sh/release-namespace": "berth-system",
                            "cert-manager.io/inject-ca-from": "x"},
        });
    }
    let fresh = keeper(&server);
    assert!(fresh.look(now()).await.is_err(), "an uninstall deletes it too");
    fresh.look(now() + Duration::seconds(60)).await.unwrap();
    let made = server.0.lock().unwrap().secret.clone().unwrap()["metadata"].clone();
    assert_eq!(
        (&made["labels"], &made["annotations"]),
        (
            &json!({"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": "dock"}),
            &json!({"meta.helm.sh/release-name": "dock", "meta.helm.sh/release-namespace": "berth-system"}),
        ),
        "helm uninstall leaves it, and an install finds its name in use"
    );
}

#[tokio::test(start_paused = true)]
async fn a_given_certificate_is_served_and_never_made() {
    let server = ApiServer::new();
    let given = Keeper { issuer: Issuer::Given, ..keeper(&server) };
    let error = given.look(now()).await.unwrap_err().to_string();
    assert_eq!(error, "the certificate in the Secret can't be served: tls.crt holds no certificate");
    assert!(server.writes().is_empty());

    keeper(&server).look(now()).await.unwrap();
    server.0.lock().unwrap().configuration.as_mut().unwrap()["webhooks"][0]["clientConfig"]["caBundle"] =
        Value::Null;
    server.writes();
    // Its authority goes to the API server; what is due isn't Berth's to renew.
    given.look(now() + Duration::days(61)).await.unwrap();
    assert_eq!(server.writes(), ["configuration"]);
    assert!(given.readiness.missing().is_empty() && !given.served.is_empty());
    given.look(now() + Duration::days(95)).await.unwrap();
    assert!(server.writes().is_empty());

    server.0.lock().unwrap().secret = None;
    assert!(given.look(now() + Duration::days(96)).await.is_err());
    let error = given.look(now() + Duration::days(97)).await.unwrap_err().to_string();
    assert!(error.ends_with("whoever issues it has to make it"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_named() {
    let server = ApiServer::new();
    let keeper = keeper(&server);
    let configuration = server.0.lock().unwrap().configuration.take();
    let error = keeper.look(now()).await.unwrap_err().to_string();
    assert!(error.starts_with("the ValidatingWebhookConfiguration berth doesn't exist"), "{error}");
    assert_eq!(keeper.readiness.missing(), [Need::CaBundle], "the certificate is served all the same");
    server.0.lock().unwrap().configuration = configuration;
    keeper.look(now()).await.unwrap();
    assert!(keeper.readiness.missing().is_empty());

    server.0.lock().unwrap().secret = None;
    let error = keeper.look(now()).await.unwrap_err().to_string();
    assert!(error.starts_with("the Secret berth-system/berth-certificate doesn't exist"), "{error}");
}
