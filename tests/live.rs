//! What the command line says of clusters that refuse, seen by the built binary over real HTTP: the reason first, then
//! what to do.
#![cfg(feature = "cluster")]

#[path = "common/command.rs"]
mod command;

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{
    Router,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use command::{Ran, command, text};
use serde_json::{Value, json};

type Answers = fn(&str) -> (u16, Value);

/// Runs berth with a kubeconfig whose one context, `staging`, is an API server that answers like this.
async fn asking(answers: Answers, arguments: &[&str]) -> Ran {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().fallback(async move |uri: Uri| -> Response {
        let (code, body) = answers(uri.path());
        let code = StatusCode::from_u16(code).expect("a code");
        (code, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
    });
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let ran = at(&format!("http://{address}"), arguments).await;
    server.abort();
    ran
}

/// Runs berth with a kubeconfig that names this server.
async fn at(server: &str, arguments: &[&str]) -> Ran {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("kubeconfig");
    let kubeconfig = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "staging",
        "clusters": [{"name": "staging", "cluster": {"server": server}}],
        "users": [{"name": "staging", "user": {}}],
        "contexts": [{"name": "staging", "context": {"cluster": "staging", "user": "staging"}}],
    });
    std::fs::write(&file, kubeconfig.to_string()).expect("written");
    let mut berth = command(arguments);
    berth.env("KUBECONFIG", text(&file));
    let ran =
        tokio::task::spawn_blocking(move || berth.output()).await.expect("it ran").expect("berth starts");
    ran.into()
}

fn refusal(code: u16, reason: &str, message: &str) -> (u16, Value) {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "metadata": {},
        "code": code, "reason": reason, "message": message,
    });
    (code, status)
}

fn empty(kind: &str) -> (u16, Value) {
    (200, json!({"kind": kind, "apiVersion": "v1", "metadata": {}, "items": []}))
}

#[tokio::test]
async fn without_the_crds_there_is_another_way() {
    let ran =
        asking(|_| refusal(404, "NotFound", "the server could not find the requested resource"), &["report"]);
    ran.await.ends_with_code(1).prints_nothing().says(
        "staging has no WorkloadProfiles: Berth isn't installed there; `berth scan --cluster` judges it all the same",
    );
}

#[tokio::test]
async fn who_may_not_list_everything_names_a_namespace() {
    let forbidden: Answers = |_| refusal(403, "Forbidden", "workloadprofiles.berth.dev is forbidden: no");
    asking(forbidden, &["report"]).await.ends_with_code(1).prints_nothing().says(
        "staging: you may not list the profiles of all namespaces: name one that you may, with --namespace",
    );
    asking(forbidden, &["report", "--namespace", "shop"]).await.ends_with_code(1).says(
        "staging: you may not list the profiles of namespace shop: kubectl auth can-i list workloadprofiles",
    );
}

#[tokio::test]
async fn an_unknown_namespace_is_told_from_an_empty_one() {
    let unknown: Answers = |path| match path {
        "/api/v1/namespaces/shopp" => refusal(404, "NotFound", "namespaces \"shopp\" not found"),
        _ => empty("WorkloadProfileList"),
    };
    asking(unknown, &["report", "--namespace", "shopp"])
        .await
        .ends_with_code(1)
        .prints_nothing()
        .says("staging has no namespace shopp: kubectl get namespaces");
    asking(|_| empty("WorkloadProfileList"), &["report"])
        .await
        .ends_with_code(1)
        .says("no decided workload in staging: is the operator running?");
}

#[tokio::test]
async fn a_server_that_isnt_there_is_said_in_one_line() {
    // A port that was free a moment ago.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let ran = at(&format!("http://{address}"), &["report"]).await.ends_with_code(1).prints_nothing();
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    ran.says("staging can't be asked").says("Connection refused").says("kubectl cluster-info");
}

/// A cluster with one Deployment, and a PlatformProfile with this spec.
fn governed(path: &str, spec: Value) -> (u16, Value) {
    match path {
        "/apis/apps/v1" => (
            200,
            json!({"kind": "APIResourceList", "groupVersion": "apps/v1", "resources": [
                {"name": "deployments", "singularName": "", "namespaced": true, "kind": "Deployment", "verbs": ["list"]},
            ]}),
        ),
        "/apis/apps/v1/deployments" => (
            200,
            json!({"kind": "DeploymentList", "apiVersion": "apps/v1", "metadata": {}, "items": [
                {"metadata": {"name": "web", "namespace": "shop"},
                 "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "web"}]}}}},
            ]}),
        ),
        "/apis/berth.dev/v1alpha1/platformprofiles/cluster" => (
            200,
            json!({"apiVersion": "berth.dev/v1alpha1", "kind": "PlatformProfile", "metadata": {"name": "cluster"},
                   "spec": spec}),
        ),
        _ => refusal(404, "NotFound", "the server could not find the requested resource"),
    }
}

#[tokio::test]
async fn a_cluster_is_judged_by_its_own_policy() {
    let spec = |path: &str| {
        governed(path, json!({"operations": {"services": 40}, "enforcement": [{"mode": "Deny"}]}))
    };
    let ran = asking(spec, &["scan", "--cluster", "--fail-on", "deny"]).await;
    ran.says("note: staging: by the policy of its PlatformProfile").prints("40 services share it");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("policy.yaml");
    std::fs::write(&file, "operations: {services: 30}\n").expect("written");
    let ran = asking(spec, &["scan", "--cluster", "--policy", text(&file)]).await.prints("30 services");
    assert!(!ran.stderr.contains("PlatformProfile"), "{}", ran.stderr);
    let empty = |path: &str| governed(path, json!({}));
    asking(empty, &["scan", "--cluster"])
        .await
        .says("staging: by the default policy: no PlatformProfile sets");
}

#[tokio::test]
async fn a_cluster_whose_policy_is_wrong_is_judged_without_it() {
    let wrong = |path: &str| governed(path, json!({"minimumMonthlySaving": -1}));
    asking(wrong, &["scan", "--cluster"]).await.ends_with_code(1).prints("deployment/web").says(
        "error: staging: PlatformProfile: spec.minimumMonthlySaving: -1 must be 0 or more; by the default policy instead",
    );
}

/// An installation with a policy in its chart's values, and a PlatformProfile that says nothing.
fn by_the_chart(path: &str, text: Option<&str>) -> (u16, Value) {
    match path {
        "/apis/apps/v1/deployments" => (
            200,
            json!({"kind": "DeploymentList", "apiVersion": "apps/v1", "metadata": {}, "items": [{
                "metadata": {"name": "berth", "namespace": "berth-system"},
                "spec": {"replicas": 2, "selector": {}, "template": {"spec": {
                    "containers": [{"name": "berth", "image": "berth", "args": ["run", "--policy=/etc/berth/policy.yaml"]}],
                    "volumes": [{"name": "policy", "configMap": {"name": "dock-policy"}}],
                }}},
            }]}),
        ),
        "/api/v1/namespaces/berth-system/configmaps/dock-policy" => match text {
            Some(text) => (
                200,
                json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "dock-policy"},
                       "data": {"policy.yaml": text}}),
            ),
            None => refusal(403, "Forbidden", "configmaps is forbidden: User \"jo\" cannot get it"),
        },
        "/api/v1/namespaces" => (
            200,
            json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "items": [
                {"metadata": {"name": "bank", "labels": {"stage": "prod"}}},
            ]}),
        ),
        "/apis/apps/v1/namespaces/bank/deployments" => refusal(
            403,
            "Forbidden",
            "admission webhook \"deny.berth.dev\" denied the request: it fits Lambda",
        ),
        _ => governed(path, json!({})),
    }
}

/// The rules of the chart's value put a namespace into Deny that no label does.
#[tokio::test]
async fn the_chart_s_policy_holds_where_the_profile_says_nothing() {
    let known: Answers = |path| {
        by_the_chart(
            path,
            Some("enforcement: [{mode: Deny, namespaceSelector: {matchLabels: {stage: prod}}}]"),
        )
    };
    asking(known, &["doctor"])
        .await
        .prints("deny.berth.dev isn't asked about bank: in Deny, and only warned");
    asking(known, &["scan", "--cluster"]).await.says("note: staging: by the chart's value policy");
    let unknown: Answers = |path| by_the_chart(path, None);
    asking(unknown, &["doctor"])
        .await
        .prints("which namespaces the policy puts into Deny isn't known: ConfigMap dock-policy: configmaps is forbidden");
    asking(unknown, &["scan", "--cluster"]).await.says(
        "by the default policy: no PlatformProfile sets one, and the chart's value isn't known (ConfigMap dock-policy: configmaps",
    );
}

#[tokio::test]
async fn while_a_spec_cant_be_read_the_one_accepted_before_it_holds() {
    let kept: Answers = |path| match governed(path, json!({"minimumMonthlySaving": -1})) {
        (200, mut profile) if path.ends_with("/platformprofiles/cluster") => {
            profile["status"] = json!({"acceptedSpec": {"operations": {"services": 40}}});
            (200, profile)
        }
        other => other,
    };
    asking(kept, &["scan", "--cluster"]).await.ends_with_code(1).prints("40 services").says(
        "error: staging: PlatformProfile: spec.minimumMonthlySaving: -1 must be 0 or more; by the one that was accepted before it",
    );
}

#[tokio::test]
async fn a_kind_that_may_not_be_listed_is_named_once() {
    let forbidden: Answers = |path| match path {
        path if path.contains("statefulsets") => {
            refusal(403, "Forbidden", "statefulsets.apps is forbidden: User \"jo\" cannot list it")
        }
        "/apis/apps/v1" => (
            200,
            json!({"kind": "APIResourceList", "groupVersion": "apps/v1", "resources": [
                {"name": "deployments", "singularName": "", "namespaced": true, "kind": "Deployment", "verbs": ["list"]},
                {"name": "statefulsets", "singularName": "", "namespaced": true, "kind": "StatefulSet", "verbs": ["list"]},
                {"name": "daemonsets", "singularName": "", "namespaced": true, "kind": "DaemonSet", "verbs": ["list"]},
            ]}),
        ),
        "/apis/apps/v1/deployments" => (
            200,
            json!({"kind": "DeploymentList", "apiVersion": "apps/v1", "metadata": {}, "items": [
                {"metadata": {"name": "web", "namespace": "shop"},
                 "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "web"}]}}}},
            ]}),
        ),
        "/apis/apps/v1/daemonsets" => empty("DaemonSetList"),
        _ => refusal(404, "NotFound", "the server could not find the requested resource"),
    };
    let ran = asking(forbidden, &["scan", "--cluster"]).await.ends_with_code(1).prints("deployment/web");
    let told = ran.stderr.matches("StatefulSet: statefulsets.apps is forbidden").count();
    assert_eq!(told, 1, "{}", ran.stderr);
}

/// What `jo` may: all of namespace shop, and nothing else.
fn of_one_namespace(path: &str) -> (u16, Value) {
    let resources = |version: &str, kinds: &[(&str, &str, bool)]| {
        let one = |(name, kind, namespaced): &(&str, &str, bool)| json!({"name": name, "singularName": "", "namespaced": namespaced, "kind": kind, "verbs": ["list"]});
        let all: Vec<Value> = kinds.iter().map(one).collect();
        (200, json!({"kind": "APIResourceList", "groupVersion": version, "resources": all}))
    };
    let binding = json!({"metadata": {"name": "keeps", "namespace": "shop"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "keeper"},
        "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "shop"}]});
    let list = |kind: &str, item: Value| {
        (200, json!({"kind": kind, "apiVersion": "v1", "metadata": {}, "items": [item]}))
    };
    match path {
        "/apis/apps/v1" => resources("apps/v1", &[("deployments", "Deployment", true)]),
        "/api/v1" => resources("v1", &[("services", "Service", true), ("namespaces", "Namespace", false)]),
        "/apis/rbac.authorization.k8s.io/v1" => {
            resources("rbac.authorization.k8s.io/v1", &[("rolebindings", "RoleBinding", true)])
        }
        "/apis/apps/v1/namespaces/shop/deployments" => list(
            "DeploymentList",
            json!({"metadata": {"name": "web", "namespace": "shop"},
                   "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "web"}]}}}}),
        ),
        "/api/v1/namespaces/shop/services" => {
            list("ServiceList", json!({"metadata": {"name": "web", "namespace": "shop"}, "spec": {}}))
        }
        "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings" => list("RoleBindingList", binding),
        "/api/v1/namespaces/shop" => (
            200,
            json!({"kind": "Namespace", "apiVersion": "v1",
                   "metadata": {"name": "shop", "labels": {"berth.dev/mode": "Deny"}}}),
        ),
        "/apis/apps/v1/deployments"
        | "/api/v1/namespaces"
        | "/apis/rbac.authorization.k8s.io/v1/rolebindings" => {
            refusal(403, "Forbidden", "User \"jo\" cannot list it at the cluster scope")
        }
        // A list of all Services isn't even asked for.
        "/api/v1/services" => refusal(500, "InternalError", "asked for what doesn't count"),
        _ => refusal(404, "NotFound", "the server could not find the requested resource"),
    }
}

#[tokio::test]
async fn who_may_read_one_namespace_is_told_what_that_leaves_unknown() {
    let ran = asking(of_one_namespace, &["scan", "--cluster", "--namespace", "shop", "--fail-on", "deny"])
        .await
        .prints("deployment/web")
        .says("you may not list Deployment: how many services share it isn't known; --services N says")
        .says("you may not list RoleBinding: what of theirs leads here or grants rights isn't known");
    for wrong in
        ["Service isn't counted", "Deployment: User", "no namespace is in Deny", "Namespace isn't counted"]
    {
        assert!(!ran.stderr.contains(wrong), "{}", ran.stderr);
    }
    asking(of_one_namespace, &["scan", "--cluster"]).await.says("Deployment: User \"jo\" cannot list it");
}

#[tokio::test]
async fn a_namespace_that_is_named_twice_is_asked_once() {
    static LISTED: AtomicUsize = AtomicUsize::new(0);
    let counting: Answers = |path| {
        if path == "/apis/apps/v1/namespaces/shop/deployments" {
            LISTED.fetch_add(1, Ordering::Relaxed);
        }
        of_one_namespace(path)
    };
    asking(counting, &["scan", "--cluster", "-n", "shop", "-n", "shop"]).await.prints("deployment/web");
    assert_eq!(LISTED.load(Ordering::Relaxed), 1);
}

/// An upgrade with a value that the new Pod refuses, while the old ones answer; and a binding that somebody deleted.
#[tokio::test]
async fn the_doctor_names_what_is_broken_once() {
    let broken: Answers = |path| match path {
        "/apis/apps/v1/deployments" => (
            200,
            json!({"kind": "DeploymentList", "apiVersion": "apps/v1", "metadata": {}, "items": [{
                "metadata": {"name": "berth", "namespace": "berth-system", "generation": 2},
                "spec": {
                    "replicas": 2, "selector": {"matchLabels": {"app": "berth"}},
                    "template": {"spec": {"containers": [{"name": "berth", "args": ["run", "--lease=berth"]}]}},
                },
                "status": {"replicas": 3, "updatedReplicas": 1, "availableReplicas": 2, "observedGeneration": 2},
            }]}),
        ),
        "/api/v1/namespaces/berth-system/pods" => (
            200,
            json!({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": [{
                "metadata": {"name": "berth-2-x"},
                "status": {"containerStatuses": [{
                    "name": "berth", "image": "", "imageID": "", "ready": false, "restartCount": 3,
                    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                    "lastState": {"terminated": {"exitCode": 1, "message": "berth: /etc/berth/policy.yaml:2: no\u{1b}[2J\n"}},
                }]},
            }]}),
        ),
        "/apis/authorization.k8s.io/v1/subjectaccessreviews" => (
            201,
            json!({"kind": "SubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "metadata": {}, "spec": {},
                   "status": {"allowed": false}}),
        ),
        path if path.starts_with("/apis/rbac.authorization.k8s.io/")
            && !path.contains("clusterrolebindings") =>
        {
            (
                200,
                json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": {"name": "berth"}}),
            )
        }
        "/api/v1/namespaces" => (
            200,
            json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "items": [
                {"metadata": {"name": "shop", "labels": {"berth.dev/mode": "deny"}}},
            ]}),
        ),
        _ => refusal(404, "NotFound", "the server could not find the requested resource"),
    };
    let ran = asking(broken, &["doctor"]).await.ends_with_code(1);
    let lines =
        |check: &str| ran.stdout.lines().filter(|line| line.split_whitespace().nth(1) == Some(check)).count();
    assert_eq!(lines("access"), 1, "{}", ran.stdout);
    assert_eq!(lines("rollout"), 2, "{}", ran.stdout);
    ran.prints("FAIL  access       missing: ClusterRoleBinding berth; so system:serviceaccount:berth-system:default may not do ")
        .prints("FAIL  rollout      Pod berth-2-x can't start (CrashLoopBackOff): berth: /etc/berth/policy.yaml:2: no\\u{1b}[2J\n")
        .prints("warn  rollout      a rollout is under way: 1 of 2 replicas")
        .prints("warn  modes        namespace shop: berth.dev/mode is deny, not Off, Audit, Warn or Deny: it counts as none");
}

/// Somebody scaled it to none: nothing else is wrong, and nothing else can be said of what takes a replica.
#[tokio::test]
async fn the_doctor_of_none_says_to_scale_it_up_and_blames_no_leader() {
    let none: Answers = |path| installed(path, 0, Vec::new());
    let ran = asking(none, &["doctor"])
        .await
        .ends_with_code(1)
        .prints("FAIL  replicas     berth-system/berth is scaled to 0: no warnings and no new statuses\n")
        .prints("-> kubectl scale deployment/berth --replicas=2 -n berth-system\n")
        .prints("warn  leader       not known: it takes a replica, and there is none\n");
    for misleads in ["Lease", "leader's log", "Secret", "namespace is in Deny", "disruption"] {
        assert!(!ran.stdout.contains(misleads), "{misleads}: {}", ran.stdout);
    }
}

/// An installation by this many replicas, in a cluster with these PodDisruptionBudgets.
fn installed(path: &str, replicas: u32, budgets: Vec<Value>) -> (u16, Value) {
    let labels = json!({"app.kubernetes.io/name": "berth"});
    match path {
        "/apis/apps/v1/deployments" => (
            200,
            json!({"kind": "DeploymentList", "apiVersion": "apps/v1", "metadata": {}, "items": [{
                "metadata": {"name": "berth", "namespace": "berth-system", "labels": labels},
                "spec": {
                    "replicas": replicas, "selector": {"matchLabels": labels},
                    "template": {
                        "metadata": {"labels": labels},
                        "spec": {"containers": [{"name": "berth", "args": ["run", "--lease=berth"]}]},
                    },
                },
            }]}),
        ),
        "/apis/policy/v1/namespaces/berth-system/poddisruptionbudgets" => (
            200,
            json!({"kind": "PodDisruptionBudgetList", "apiVersion": "policy/v1", "metadata": {}, "items": budgets}),
        ),
        "/api/v1/namespaces/berth-system/secrets" => (
            200,
            json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "items": [
                {"metadata": {"name": "sh.helm.release.v1.berth.v9", "labels": {"version": "9", "status": "superseded"}}},
                {"metadata": {"name": "sh.helm.release.v1.berth.v10", "labels": {"version": "10", "status": "failed"}}},
            ]}),
        ),
        _ => refusal(404, "NotFound", "the server could not find the requested resource"),
    }
}

#[tokio::test]
async fn the_doctor_tells_of_helms_newest_revision_by_number() {
    asking(|path| installed(path, 1, Vec::new()), &["doctor"]).await.prints(
        "warn  release      Helm's revision 10 of berth failed: --reuse-values leaves out what it set\n",
    );
}

#[tokio::test]
async fn the_doctor_misses_a_disruption_budget_where_there_are_replicas_to_keep() {
    fn budget(name: &str) -> Vec<Value> {
        let selector = json!({"matchLabels": {"app.kubernetes.io/name": name}});
        // The disruption controller hasn't looked at it yet.
        let status =
            json!({"desiredHealthy": 0, "currentHealthy": 0, "expectedPods": 0, "disruptionsAllowed": 0});
        let metadata = json!({"name": name, "generation": 1});
        vec![json!({"metadata": metadata, "status": status,
                    "spec": {"maxUnavailable": 1, "selector": selector}})]
    }
    let said = "warn  disruption   no PodDisruptionBudget selects its Pods: a drain may stop all 2 replicas at once\n";
    asking(|path| installed(path, 2, Vec::new()), &["doctor"]).await.prints(said);
    asking(|path| installed(path, 2, budget("other")), &["doctor"]).await.prints(said);
    asking(|path| installed(path, 2, budget("berth")), &["doctor"])
        .await
        .prints("ok    disruption   the PodDisruptionBudget berth keeps a replica while nodes are drained\n");
    let one = asking(|path| installed(path, 1, Vec::new()), &["doctor"]).await;
    assert!(!one.stdout.contains("disruption"), "{}", one.stdout);
}

/// The Deployment was deleted; the Service and the webhook's configuration still name the release.
#[tokio::test]
async fn the_doctor_doesnt_advise_an_install_whose_name_is_in_use() {
    let left: Answers = |path| match path {
        "/apis/apps/v1/deployments" => empty("DeploymentList"),
        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations" => (
            200,
            json!({"kind": "ValidatingWebhookConfigurationList", "apiVersion": "admissionregistration.k8s.io/v1",
                   "metadata": {}, "items": [{
                "metadata": {"name": "berth", "labels": {"app.kubernetes.io/instance": "dock"}},
                "webhooks": [{
                    "name": "warn.berth.dev", "sideEffects": "None", "admissionReviewVersions": ["v1"],
                    "clientConfig": {"service": {"name": "berth", "namespace": "berth-system"}},
                }],
            }]}),
        ),
        _ => refusal(404, "NotFound", "the server could not find the requested resource"),
    };
    asking(left, &["doctor"])
        .await
        .ends_with_code(1)
        .says("the Deployment of Berth in berth-system is missing, the rest is there: helm upgrade dock charts/berth");
    asking(
        |path| {
            if path.ends_with("/deployments") {
                empty("DeploymentList")
            } else {
                refusal(404, "NotFound", "no")
            }
        },
        &["doctor"],
    )
    .await
    .ends_with_code(1)
    .says("no installation of Berth in any namespace: helm install");
}

#[test]
fn without_a_kubeconfig_its_path_is_named() {
    let mut berth = command(&["report"]);
    berth.env("KUBECONFIG", "/nowhere/kubeconfig");
    let ran = Ran::from(berth.output().expect("berth starts")).ends_with_code(1).prints_nothing();
    ran.says("no cluster to ask: failed to read kubeconfig from")
        .says("/nowhere/kubeconfig")
        .says("give it files");
}
