//! What kubectl prints at the moment of apply, and what the webhook makes of requests that nobody should send.

use serde_json::{Value, json};

use crate::{
    chart::{CHART, make_room, read, replicas, try_out},
    cluster::{Cluster, NAMESPACE, RELEASE, SHOP, cluster, eventually, file},
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

/// The API server itself leaves out what has an owner: a Deployment's ReplicaSet and Pods never reach Berth.
pub fn a_pod_of_its_own_is_judged_and_a_deployments_is_not() {
    let cluster = cluster();
    let text = |kind: &str, version: &str, spec: &str| {
        format!(
            "---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: alone, namespace: alone}}\nspec: {spec}\n"
        )
    };
    let pod = "{schedulerName: nobody, containers: [{name: a, image: a, resources: {requests: {cpu: 250m, memory: 256Mi}}}]}";
    let set = format!(
        "{{replicas: 0, selector: {{matchLabels: {{app: a}}}}, template: {{metadata: {{labels: {{app: a}}}}, spec: {pod}}}}}"
    );
    cluster.kubectl(&["create", "namespace", "alone"]).done();
    let asked = || -> u64 {
        let metrics = replicas(cluster).iter().map(|pod| read(cluster, pod, "metrics")).collect::<String>();
        let counts = metrics.lines().filter(|line| line.starts_with("berth_admission_requests_total"));
        counts.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
    };
    let before = asked();
    let ran = cluster.apply(&(text("Pod", "v1", pod) + &text("ReplicaSet", "apps/v1", &set)));
    are_short_and_about(&ran.warnings(), &["pod/alone", "replicaset/alone"]);
    assert!(ran.warnings().len() > 1, "{}", ran.stderr);
    ran.done();
    assert_eq!(asked(), before + 2);
    cluster.apply(&text("Deployment", "apps/v1", &set.replace("replicas: 0", "replicas: 2"))).done();
    let profiles = eventually("profiles of what has no owner", || {
        let pods = cluster.list(&["pods", "-n", "alone"]).len();
        let profiles = cluster.list(&["workloadprofiles", "-n", "alone"]);
        let mut names: Vec<String> = profiles
            .iter()
            .filter(|profile| profile["status"]["verdict"].is_string())
            .map(|profile| profile["metadata"]["name"].as_str().expect("a name").to_owned())
            .collect();
        names.sort();
        if pods == 3 && names.len() == 3 { Ok(names) } else { Err(format!("{pods} Pods, {names:?}")) }
    });
    assert_eq!(profiles, ["deployment-alone", "pod-alone", "replicaset-alone"]);
    assert_eq!(asked(), before + 3, "the ReplicaSet and the Pods of the Deployment were asked about");
    cluster.kubectl(&["delete", "namespace", "alone"]).done();
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

/// From the chart's value to a refusal, and back by what the refusal says.
pub fn a_namespace_in_deny_refuses_until_there_is_a_reason() {
    let cluster = cluster();
    make_room(cluster);
    let upgrade = |enabled: &str| {
        let set = format!("webhook.deny.enabled={enabled}");
        let arguments =
            ["upgrade", RELEASE, CHART, "--reuse-values", "--set", &set, "--wait", "--timeout", "120s"];
        cluster.helm(4, &arguments).done();
    };
    upgrade("true");
    cluster.kubectl(&["create", "namespace", "strict"]).done();
    cluster.kubectl(&["label", "namespace", "strict", "berth.dev/mode=Deny"]).done();
    let manifest = std::fs::read_to_string(format!("{SHOP}/payment-hook.yaml")).expect("the example");
    let manifest = manifest.replace("namespace: shop", "namespace: strict");
    let refusal = eventually("a refusal", || {
        let ran = cluster.apply(&manifest);
        if ran.ok {
            cluster.kubectl(&["delete", "deployment/payment-hook", "-n", "strict"]).done();
            return Err(format!("admitted: {}", ran.stdout));
        }
        // A replica from before the upgrade may still be asked, and doesn't know yet who else refuses.
        if !ran.warnings().is_empty() {
            return Err(format!("said twice: {:?}", ran.warnings()));
        }
        Ok(ran.refused())
    });
    for said in ["deny.berth.dev", "fits Lambda for $", "berth.dev/exempt="] {
        assert!(refusal.contains(said), "{said}: {refusal}");
    }
    let path = file("payment-hook.yaml", &manifest);
    let annotate = ["annotate", "--local", "-f", &path, "berth.dev/exempt=a licence", "-o", "yaml"];
    let exempt = cluster.kubectl(&annotate).done();
    cluster.apply(&exempt).done();
    let scaled = cluster.kubectl(&["scale", "deployment/payment-hook", "-n", "strict", "--replicas", "3"]);
    scaled.done();
    eventually("the verdict", || {
        let verdict =
            ["get", "wlp", "deployment-payment-hook", "-n", "strict", "-o", "jsonpath={.status.verdict}"];
        let ran = cluster.kubectl(&verdict);
        if ran.stdout == "Exempt" { Ok(()) } else { Err(ran.stdout + &ran.stderr) }
    });
    what_runs_misplaced_may_be_changed(cluster);
    cluster.kubectl(&["delete", "namespace", "strict", "--wait=false"]).done();
    upgrade("false");
}

/// Once without its exemption, which Deny lets nobody take away, it runs as misplaced as it is: an urgent change goes
/// through.
fn what_runs_misplaced_may_be_changed(cluster: &Cluster) {
    let mode = |mode: &str| {
        let label = format!("berth.dev/mode={mode}");
        cluster.kubectl(&["label", "namespace", "strict", &label, "--overwrite"]).done();
    };
    let unexempt = ["annotate", "deployment/payment-hook", "-n", "strict", "berth.dev/exempt-"];
    let refused = cluster.kubectl(&unexempt).refused();
    assert!(refused.contains("deny.berth.dev"), "{refused}");
    mode("Warn");
    eventually("the exemption is gone", || {
        let ran = cluster.kubectl(&unexempt);
        if ran.ok { Ok(()) } else { Err(ran.stderr) }
    });
    mode("Deny");
    let cpu = std::cell::Cell::new(100);
    eventually("a warning in place of a refusal", || {
        cpu.set(cpu.get() + 10);
        let patch = format!(
            "{{\"spec\": {{\"template\": {{\"spec\": {{\"containers\": [{{\"name\": \"payment-hook\", \
             \"resources\": {{\"requests\": {{\"cpu\": \"{}m\"}}}}}}]}}}}}}}}",
            cpu.get()
        );
        let ran = cluster.kubectl(&["patch", "deployment/payment-hook", "-n", "strict", "-p", &patch]);
        let told = ran.warnings().iter().any(|line| line.contains("created again it is refused"));
        if ran.ok && told { Ok(()) } else { Err(format!("{ran:?}")) }
    });
}

/// The policy is followed live, and one that can't be true is refused or told.
pub fn a_platform_profile_is_followed_live() {
    let cluster = cluster();
    let platform = |name: &str, spec: &str| {
        cluster.apply(&format!(
            "{{apiVersion: berth.dev/v1alpha1, kind: PlatformProfile, metadata: {{name: {name}}}, spec: {spec}}}"
        ))
    };
    let refused = platform("mine", "{}").refused();
    assert!(refused.contains("its name is cluster"), "{refused}");
    let refused = platform("cluster", "{minimumMonthlySaving: -1}").refused();
    assert!(refused.contains("minimumMonthlySaving"), "{refused}");
    platform("cluster", "{enforcement: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}, mode: Audit}]}")
        .done();
    eventually("the condition", || {
        let profile = cluster.find(&["plp", "cluster"])?;
        let condition = &profile["status"]["conditions"][0];
        if condition["status"] == "True" { Ok(()) } else { Err(condition.to_string()) }
    });
    let replicas = |count: &str| {
        let patch = format!("{{\"spec\": {{\"replicas\": {count}}}}}");
        cluster.kubectl(&["patch", "deployment/storefront", "-n", "shop", "-p", &patch])
    };
    let ran = replicas("5");
    assert_eq!(ran.warnings(), Vec::<&str>::new(), "in Audit");
    ran.done();
    cluster.kubectl(&["delete", "plp", "cluster"]).done();
    let count = std::cell::Cell::new(5);
    eventually("the default", || {
        // A change each time: the same again isn't asked about.
        count.set(count.get() + 1);
        let ran = replicas(&count.get().to_string());
        if ran.warnings().is_empty() { Err(ran.stderr.clone()) } else { Ok(()) }
    });
    replicas("4").done();
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

    for pod in replicas(cluster) {
        assert_eq!(pod["status"]["containerStatuses"][0]["restartCount"], 0);
    }
    assert_ne!(try_out(cluster, "default").warnings(), Vec::<&str>::new());
}
