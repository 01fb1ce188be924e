//! What kubectl prints at the moment of apply, and what the webhook makes of requests that nobody should send.

use serde_json::{Value, json};

use crate::{
    chart::try_out,
    cluster::{NAMESPACE, RELEASE, SHOP, cluster, file},
};

/// The longest warning that the API server's own documentation allows.
const LONGEST: usize = 120;

#[track_caller]
fn are_short_and_about(warnings: &[&str], handles: &[&str]) {
    for warning in warnings {
        assert!(warning.chars().count() <= LONGEST, "{} characters: {warning}", warning.chars().count());
        assert!(handles.iter().any(|handle| warning.contains(handle)), "it names no workload: {warning}");
    }
}

pub fn applying_the_shop_prints_warnings() {
    let ran = cluster().kubectl(&["apply", "-f", SHOP]);
    let warnings = ran.warnings();
    let handles = [
        "cronjob/cart-cleanup",
        "deployment/catalogue",
        "deployment/checkout",
        "deployment/flag-controller",
        "daemonset/log-agent",
        "deployment/order-mailer",
        "deployment/payment-hook",
        "statefulset/search",
        "deployment/sessions",
        "deployment/storefront",
    ];
    are_short_and_about(&warnings, &handles);
    let says = |handle: &str, text: &str| warnings.iter().any(|w| w.contains(handle) && w.contains(text));
    assert!(says("deployment/payment-hook", "Lambda"), "{warnings:#?}");
    assert!(says("cronjob/cart-cleanup", "Batch"), "{warnings:#?}");
    assert!(
        says("deployment/storefront", "kubectl describe wlp -n shop deployment-storefront"),
        "{warnings:#?}"
    );
    let applied = ran.done();
    assert!(applied.contains("deployment.apps/storefront created"), "{applied}");
}

pub fn a_first_deployment_warns_as_the_notes_say() {
    let ran = try_out(cluster(), "default");
    let warnings = ran.warnings();
    assert_ne!(warnings.len(), 0, "{}", ran.stderr);
    are_short_and_about(&warnings, &["deployment/berth-hello"]);
}

pub fn namespaces_that_are_left_out_get_no_warning() {
    let cluster = cluster();
    cluster.kubectl(&["create", "namespace", "quiet"]).done();
    cluster.kubectl(&["label", "namespace", "quiet", "berth.dev/mode=Audit"]).done();
    for namespace in ["kube-system", NAMESPACE, "quiet"] {
        let ran = try_out(cluster, namespace);
        // Pod Security warns about the example's image in our own namespace; Berth doesn't.
        let ours: Vec<&str> =
            ran.warnings().into_iter().filter(|warning| warning.contains("berth-hello")).collect();
        assert_eq!(ours, Vec::<&str>::new(), "in {namespace}");
        ran.done();
    }
}

pub fn a_change_that_matters_not_gets_no_warning() {
    let cluster = cluster();
    let annotate = |note: &str| {
        cluster.kubectl(&["annotate", "--overwrite", "deployment/storefront", "-n", "shop", note])
    };
    let ran = annotate("example.com/note=nothing");
    assert_eq!(ran.warnings(), Vec::<&str>::new());
    ran.done();
    let ran = cluster.kubectl(&["scale", "deployment/storefront", "-n", "shop", "--replicas", "4"]);
    assert_eq!(ran.warnings(), Vec::<&str>::new(), "scale isn't asked about");
    ran.done();
}

fn review(object: Value) -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "6f0d4f5c-1c5f-4f0e-8a3e-1f3f3a0b7c11",
            "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
            "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
            "name": "posted", "namespace": "default", "operation": "CREATE",
            "userInfo": {}, "object": object, "oldObject": null, "options": null, "dryRun": false
        }
    })
}

pub fn a_broken_review_kills_nothing() {
    let cluster = cluster();
    let post = |name: &str, body: &str| {
        let path =
            format!("/api/v1/namespaces/{NAMESPACE}/services/https:{RELEASE}:443/proxy/admission/warn");
        cluster.kubectl(&["create", "--raw", &path, "-f", &file(name, body)])
    };
    let answer = |name: &str, body: Value| -> Value {
        let text = post(name, &body.to_string()).done();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}: {text}"))
    };
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "posted", "namespace": "default"},
        "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "web"}]}}}
    });
    let good = answer("good", review(deployment));
    assert_eq!(good["response"]["allowed"], true, "{good:#}");
    assert!(good["response"]["warnings"].as_array().is_some_and(|warnings| !warnings.is_empty()), "{good:#}");

    let mut other = review(Value::Null);
    other["apiVersion"] = "admission.k8s.io/v1beta1".into();
    assert_eq!(answer("other-version", other)["response"]["allowed"], true);

    // Whatever the object is, the request goes through: its owner is told by the API server's own validation.
    for (name, object) in [
        ("null-object", Value::Null),
        ("odd-object", json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": "many"}})),
        ("other-kind", json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "posted"}})),
    ] {
        let answer = answer(name, review(object));
        assert_eq!(answer["response"]["allowed"], true, "{name}: {answer:#}");
        assert_eq!(answer["response"]["uid"], "6f0d4f5c-1c5f-4f0e-8a3e-1f3f3a0b7c11", "{name}");
    }
    post("not-json", "{").refused();
    post("nothing", "{}").refused();
    let large = review(json!({"data": "x".repeat(8 << 20)}));
    post("oversized", &large.to_string()).refused();

    let pods = cluster.list(&["pods", "-n", NAMESPACE]);
    assert_eq!(pods[0]["status"]["containerStatuses"][0]["restartCount"], 0);
    assert_ne!(try_out(cluster, "default").warnings(), Vec::<&str>::new());
}
