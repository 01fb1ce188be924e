//! What the webhook answers to workloads: who is warned, who is refused, and who hears nothing.

use super::*;

#[tokio::test]
async fn a_new_workload_is_admitted_with_short_warnings() {
    let webhook = Webhook::new();
    let response = webhook.review(&review("CREATE", web())).await;
    let lines = warnings(&response).expect("warnings");
    assert!((1..=3).contains(&lines.len()), "{lines:?}");
    for line in lines {
        let line = line.as_str().unwrap();
        assert!(line.starts_with("deployment/web") && line.chars().count() <= 120, "{line}");
    }
    assert!(
        webhook.metrics.encode().unwrap().contains("berth_admission_requests_total{decision=\"warned\"} 1")
    );
}

#[tokio::test]
async fn neighbours_come_from_the_view() {
    let webhook = Webhook::new();
    let alone = webhook.review(&review("CREATE", web())).await;
    webhook.knows(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "web"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "shop"}],
    }));
    let bound = webhook.review(&review("CREATE", web())).await;
    assert_ne!(
        alone["warnings"], bound["warnings"],
        "what talks to the Kubernetes API is judged as if it didn't"
    );
}

#[tokio::test]
async fn a_namespace_in_audit_hears_nothing() {
    let webhook = Webhook::new();
    let shop = |mode: &str| {
        json!({"apiVersion": "v1", "kind": "Namespace",
               "metadata": {"name": "shop", "labels": {"berth.dev/mode": mode}}})
    };
    for (mode, warns) in [("Audit", false), ("Off", false), ("Warn", true), ("audit", true)] {
        webhook.knows(shop(mode));
        let response = webhook.review(&review("CREATE", web())).await;
        assert_eq!(warnings(&response).is_some(), warns, "{mode}: {response}");
    }
    // The last is no mode: it counts as none, and is told.
    let response = webhook.review(&review("CREATE", web())).await;
    assert_eq!(
        response["warnings"][0],
        "deployment/web: Namespace label berth.dev/mode is audit (Off, Audit, Warn or Deny); it counts as unknown (WRK002)"
    );
}

#[tokio::test]
async fn in_deny_one_webhook_refuses_and_the_other_says_nothing() {
    let webhook = Webhook::in_mode("Deny");
    let mut other = web();
    other["metadata"]["name"] = json!("other");
    webhook.knows(other);
    let refused = webhook.asked_to_deny(&review("CREATE", web())).await;
    assert_eq!((&refused["allowed"], &refused["status"]["code"]), (&json!(false), &json!(403)), "{refused}");
    assert_eq!(refused["auditAnnotations"], json!({"refused-for": "Misplaced"}));
    assert_eq!(warnings(&refused), None);
    let message = refused["status"]["message"].as_str().unwrap();
    for said in [
        "deployment/web fits ECS Express Mode for $",
        "\nMoved alone it costs $",
        " more a month while the cluster stays.\nWhy: ",
        "(PRM001)",
        "Namespace shop refuses Misplaced",
        "Services, autoscalers, roles and policies that it needs may be applied first.",
        "All of it: berth scan FILE --explain deployment/web\n",
        "kubectl annotate --local -f FILE berth.dev/exempt='WHY IT STAYS' berth.dev/exempt-until=2026-08-30",
    ] {
        assert!(message.contains(said), "{said}: {message}");
    }
    assert_eq!(warnings(&webhook.review(&review("CREATE", web())).await), None, "said twice");
    assert!(webhook.metrics.encode().unwrap().contains("{decision=\"refused\"} 1"));
}

#[tokio::test]
async fn who_misspelt_the_exemption_is_told_so_by_the_refusal() {
    let webhook = Webhook::in_mode("Deny");
    let mut misspelt = web();
    misspelt["metadata"]["annotations"] = json!({"berth.dev/exmpt": "licence"});
    let refused = webhook.asked_to_deny(&review("CREATE", misspelt.clone())).await;
    let message = refused["status"]["message"].as_str().unwrap();
    let said = "Not read: berth.dev/exmpt is unknown, berth.dev/exempt is near; it is ignored (WRK009).";
    assert!(message.contains(said), "{message}");
    misspelt["metadata"]["annotations"] = json!({"berth.dev/exempt": "WHY IT STAYS"});
    let refused = webhook.asked_to_deny(&review("CREATE", misspelt)).await;
    let message = refused["status"]["message"].as_str().unwrap();
    assert!(
        message.contains("Its exemption: berth.dev/exempt is WHY IT STAYS; that is the placeholder"),
        "{message}"
    );
}

#[tokio::test]
async fn what_runs_misplaced_already_may_be_changed_and_is_warned_about() {
    let webhook = Webhook::in_mode("Deny");
    let mut larger = web();
    larger["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["memory"] = json!("768Mi");
    let raise = update(web(), larger.clone());
    assert_eq!(webhook.asked_to_deny(&raise).await["allowed"], true, "more memory at night is refused");
    let said = webhook.review(&raise).await;
    let lines = warnings(&said).unwrap();
    assert!(lines.len() == 3 && lines[1].as_str().unwrap().contains("created again it is refused"), "{said}");
    let undo = update(larger.clone(), web());
    assert_eq!(webhook.asked_to_deny(&undo).await["allowed"], true, "a rollback is refused");
    let strict = Webhook::in_mode_by("Deny", "minimumConfidence: Low, existing: Deny");
    let refused = strict.asked_to_deny(&raise).await;
    let message = refused["status"]["message"].as_str().unwrap();
    assert!(message.contains("kubectl annotate deployment/web -n shop --overwrite "), "{message}");
    assert_eq!(warnings(&strict.review(&raise).await), None, "said twice");
}

#[tokio::test]
async fn what_was_paused_may_go_on() {
    let webhook = Webhook::in_mode("Deny");
    let mut paused = web();
    paused["spec"]["replicas"] = json!(0);
    assert_eq!(webhook.asked_to_deny(&update(paused.clone(), web())).await["allowed"], true);
    let mut larger = web();
    larger["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["memory"] = json!("768Mi");
    assert_eq!(
        webhook.asked_to_deny(&update(paused, larger)).await["allowed"],
        true,
        "it was misplaced before"
    );
    assert_eq!(webhook.asked_to_deny(&review("CREATE", web())).await["allowed"], false);
}

#[tokio::test]
async fn what_is_created_at_rest_is_judged_as_if_it_ran() {
    let webhook = Webhook::in_mode("Deny");
    let mut resting = web();
    resting["spec"]["replicas"] = json!(0);
    let refused = webhook.asked_to_deny(&review("CREATE", resting.clone())).await;
    assert_eq!(refused["allowed"], false, "scaled up, it would run unjudged");
    let message = refused["status"]["message"].as_str().unwrap();
    for said in [
        "Were it running, deployment/web would fit ",
        "spec.replicas: no copy now. It is judged as if it ran, for scaling it up later is never refused.",
    ] {
        assert!(message.contains(said), "{said}: {message}");
    }
    assert_eq!(warnings(&webhook.review(&review("CREATE", resting.clone())).await), None, "said twice");
    let job = json!({
        "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "nightly", "namespace": "shop"},
        "spec": {"schedule": "0 3 * * *", "suspend": true, "jobTemplate": {"spec": {
            "activeDeadlineSeconds": 300, "template": web()["spec"]["template"].clone(),
        }}},
    });
    let kind = json!({"group": "batch", "version": "v1", "kind": "CronJob"});
    let nightly = with(review("CREATE", job), "/request/kind", kind);
    let refused = webhook.asked_to_deny(&nightly).await;
    let message = refused["status"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("for resuming it later is never refused."), "{refused}");

    let warned = Webhook::in_mode("Warn");
    assert_eq!(warned.asked_to_deny(&review("CREATE", resting.clone())).await["allowed"], true);
    let mut exempt = resting.clone();
    exempt["metadata"]["annotations"] =
        json!({"berth.dev/exempt": "licence", "berth.dev/exempt-until": "2026-08-30"});
    assert_eq!(webhook.asked_to_deny(&review("CREATE", exempt)).await["allowed"], true);
}

#[tokio::test]
async fn what_is_at_rest_is_changed_as_if_it_ran_and_put_to_rest_by_anyone() {
    let webhook = Webhook::in_mode_by("Deny", "minimumConfidence: Low, existing: Deny");
    let mut resting = web();
    resting["spec"]["replicas"] = json!(0);
    for (old, new) in [(web(), resting.clone()), (resting.clone(), resting.clone())] {
        assert_eq!(webhook.asked_to_deny(&update(old, new)).await["allowed"], true, "nothing but at rest");
    }
    webhook.knows(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "keeper"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "keeper", "namespace": "shop"}],
    }));
    let mut held = resting.clone();
    held["spec"]["template"]["spec"]["serviceAccountName"] = json!("keeper");
    assert_eq!(webhook.asked_to_deny(&review("CREATE", held.clone())).await["allowed"], true);
    let lax = update(held, resting);
    assert_eq!(webhook.asked_to_deny(&lax).await["allowed"], false, "it gives up what held it here");
}

/// A Rollout that runs another's template isn't asked about, nor how many copies it makes of it.
#[tokio::test]
async fn a_template_whose_rollout_is_at_rest_is_judged_as_if_it_ran() {
    let webhook = Webhook::in_mode("Deny");
    webhook.knows(json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"replicas": 0, "workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
    }));
    assert_eq!(webhook.asked_to_deny(&review("CREATE", web())).await["allowed"], false);
}

#[tokio::test]
async fn what_becomes_worse_is_refused() {
    let webhook = Webhook::in_mode("Deny");
    webhook.knows(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "keeper"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "keeper", "namespace": "shop"}],
    }));
    let mut held = web();
    held["spec"]["template"]["spec"]["serviceAccountName"] = json!("keeper");
    assert_eq!(webhook.asked_to_deny(&review("CREATE", held.clone())).await["allowed"], true);
    assert_eq!(webhook.asked_to_deny(&update(held, web())).await["allowed"], false);
    let mut exempt = web();
    exempt["metadata"]["annotations"] = json!({"berth.dev/exempt": "licence"});
    assert_eq!(webhook.asked_to_deny(&update(exempt, web())).await["allowed"], false, "no reason any more");
}

/// An annotation on the object doesn't outlive the next apply of a file that has lost it, or has another.
#[tokio::test]
async fn who_takes_the_exemption_away_is_told_so_and_how_to_keep_it_in_the_file() {
    let webhook = Webhook::in_mode_by("Deny", "minimumConfidence: Low, existing: Deny");
    let exempt = |until: &str| {
        let mut exempt = web();
        exempt["metadata"]["annotations"] =
            json!({"berth.dev/exempt": "licence", "berth.dev/exempt-until": until});
        exempt
    };
    for (new, said, form) in [
        (
            web(),
            "This change takes its exemption away: berth.dev/exempt is gone.",
            "-f FILE berth.dev/exempt=",
        ),
        (exempt("2026-05-31"), "Its exemption: ", "-f FILE --overwrite berth.dev/exempt="),
    ] {
        let refused = webhook.asked_to_deny(&update(exempt("2026-08-30"), new)).await;
        let message = refused["status"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(said) && message.contains(form), "{refused}");
        assert!(!message.contains("and apply again"), "{message}");
    }
}

#[tokio::test]
async fn a_dry_run_is_sent_to_the_file_for_no_profile_comes_of_it() {
    let webhook = Webhook::new();
    let dry = |review| with(review, "/request/dryRun", json!(true));
    for (review, command) in [
        (review("CREATE", web()), "kubectl describe wlp -n shop deployment-web"),
        (dry(review("CREATE", web())), "berth scan FILE --explain deployment/web"),
    ] {
        let response = webhook.review(&review).await;
        let last = warnings(&response).and_then(|lines| lines.last()).and_then(Value::as_str).unwrap();
        assert!(last.ends_with(command) && last.chars().count() <= 120, "{last}");
    }
}

#[tokio::test]
async fn an_answer_about_what_runs_is_never_refused() {
    // Without the answer it's no more than warned about: it isn't sure enough.
    for existing in ["Warn", "Deny"] {
        let webhook = Webhook::in_mode_by("Deny", &format!("minimumConfidence: High, existing: {existing}"));
        for annotations in [
            json!({"berth.dev/connections": "Stateless", "berth.dev/trigger": "HTTP",
                   "berth.dev/mean-requests-per-second": "0.1", "berth.dev/peak-requests-per-second": "2",
                   "berth.dev/unit-duration": "200ms", "berth.dev/cold-start-tolerance": "Tolerant",
                   "berth.dev/package-size": "100Mi"}),
            json!({"berth.dev/unit-durration": "3s"}),
        ] {
            let mut answered = web();
            answered["metadata"]["annotations"] = annotations.clone();
            let update = update(web(), answered.clone());
            assert_eq!(webhook.asked_to_deny(&update).await["allowed"], true, "{existing} {annotations}");
            assert!(warnings(&webhook.review(&update).await).is_some(), "{existing} {annotations}");
        }
    }
}

#[tokio::test]
async fn what_the_refusal_asks_for_keeps_the_workload() {
    let webhook = Webhook::in_mode("Deny");
    let mut exempt = web();
    exempt["metadata"]["annotations"] =
        json!({"berth.dev/exempt": "licence", "berth.dev/exempt-until": "2026-08-30"});
    for review in [review("CREATE", exempt.clone()), update(web(), exempt.clone())] {
        assert_eq!(webhook.asked_to_deny(&review).await["allowed"], true);
        assert_eq!(warnings(&webhook.review(&review).await), None);
    }
    exempt["metadata"]["annotations"]["berth.dev/exempt-until"] = json!("2026-05-31");
    assert_eq!(webhook.asked_to_deny(&review("CREATE", exempt)).await["allowed"], false);
}

#[tokio::test]
async fn outside_deny_the_webhook_that_refuses_lets_everything_through_in_silence() {
    for mode in ["Off", "Audit", "Warn", "deny"] {
        let answer = Webhook::in_mode(mode).asked_to_deny(&review("CREATE", web())).await;
        assert_eq!((&answer["allowed"], warnings(&answer)), (&json!(true), None), "{mode}");
    }
    let webhook = Webhook::in_mode("Deny");
    let bad = review("CREATE", json!({"metadata": {"name": "web"}, "spec": {"replicas": "two"}}));
    assert_eq!(webhook.asked_to_deny(&bad).await["allowed"], true);
    assert_eq!(webhook.asked_to_deny(&review("DELETE", Value::Null)).await["allowed"], true);
    let scale = with(update(web(), web()), "/request/subResource", json!("scale"));
    assert_eq!(webhook.asked_to_deny(&scale).await["allowed"], true);
}

#[tokio::test]
async fn another_build_of_the_same_image_changes_nothing() {
    let webhook = Webhook::in_mode_by("Deny", "minimumConfidence: Low, existing: Deny");
    let mut fixed = web();
    fixed["spec"]["template"]["spec"]["containers"][0]["image"] = json!("shop/web:2@sha256:0123");
    let hotfix = update(web(), fixed.clone());
    assert_eq!(webhook.asked_to_deny(&hotfix).await["allowed"], true, "a hotfix at night is refused");
    assert_eq!(warnings(&webhook.review(&hotfix).await), None);
    fixed["spec"]["template"]["spec"]["containers"][0]["image"] = json!("shop/other:1");
    assert_eq!(webhook.asked_to_deny(&update(web(), fixed)).await["allowed"], false);
    // Nor does the name of a build among many variables.
    let built = |build: &str| {
        let mut built = web();
        built["spec"]["template"]["spec"]["containers"][0]["env"] =
            json!([{"name": "ROUTES", "value": "x".repeat(2000)}, {"name": "BUILD", "value": build}]);
        built
    };
    let mounted = |tag: &str| {
        let mut mounted = web();
        mounted["spec"]["template"]["spec"]["volumes"] =
            json!([{"name": "model", "image": {"reference": format!("shop/model:{tag}")}}]);
        mounted
    };
    let next = update(mounted("3"), mounted("4"));
    assert_eq!(
        webhook.asked_to_deny(&next).await["allowed"],
        true,
        "another build of what it mounts is refused"
    );
    let next = update(built("9"), built("10-rc1"));
    assert_eq!(webhook.asked_to_deny(&next).await["allowed"], true, "a variable of a build's own is refused");
    assert_eq!(warnings(&webhook.review(&next).await), None);
}

#[tokio::test]
async fn where_the_api_server_doesnt_ask_to_deny_a_warning_remains() {
    let view = Arc::new(View::default());
    let policy = Policy::read("enforcement: [{mode: Deny, minimumConfidence: Low}]").unwrap();
    let evaluator = Evaluator::new(Catalog::embedded().clone(), policy);
    let admission = Admission { view: view.clone(), evaluator, denied: None };
    let metrics = Arc::new(Metrics::new());
    let drain = Drain::default();
    let router = router(admission, metrics.clone(), drain.clone());
    let webhook = Webhook { view, metrics, drain, router };
    assert!(warnings(&webhook.review(&review("CREATE", web())).await).is_some());
}

#[tokio::test]
async fn an_update_warns_only_when_something_decisive_changed() {
    let webhook = Webhook::new();
    let mut same = web();
    same["metadata"]["annotations"] = json!({"deployment.kubernetes.io/revision": "7"});
    same["metadata"]["resourceVersion"] = json!("81");
    same["status"] = json!({"readyReplicas": 2});
    assert_eq!(warnings(&webhook.review(&update(web(), same)).await), None);
    let mut more = web();
    more["spec"]["replicas"] = json!(6);
    assert!(warnings(&webhook.review(&update(web(), more)).await).is_some());
    assert!(
        warnings(&webhook.review(&review("UPDATE", web())).await).is_some(),
        "an UPDATE without the old object"
    );
}

#[tokio::test]
async fn what_has_only_a_prefix_for_a_name_is_named_by_it() {
    let webhook = Webhook::new();
    let mut object = web();
    object["metadata"] = json!({"generateName": "web-", "labels": {"app": "web"}});
    let review = with(review("CREATE", object), "/request/name", json!(""));
    let response = webhook.review(&review).await;
    assert!(warnings(&response).unwrap()[0].as_str().unwrap().starts_with("deployment/web-"), "{response}");
}

#[tokio::test]
async fn all_kinds_are_judged() {
    let webhook = Webhook::new();
    let template = web()["spec"]["template"].clone();
    let job = json!({"template": template});
    let kinds = [
        ("apps", "StatefulSet", json!({"replicas": 1, "template": template})),
        ("apps", "DaemonSet", json!({"template": template})),
        ("apps", "ReplicaSet", json!({"replicas": 1, "template": template})),
        ("", "ReplicationController", json!({"replicas": 1, "template": template})),
        ("", "Pod", template["spec"].clone()),
        ("batch", "Job", job.clone()),
        ("batch", "CronJob", json!({"schedule": "0 3 * * *", "jobTemplate": {"spec": job}})),
    ];
    for (group, kind, spec) in kinds {
        let object = json!({"metadata": {"name": "web", "namespace": "shop"}, "spec": spec});
        let review = with(
            review("CREATE", object),
            "/request/kind",
            json!({"group": group, "version": "v1", "kind": kind}),
        );
        webhook.review(&review).await;
    }
    let metrics = webhook.metrics.encode().unwrap();
    for decision in ["unreadable", "ignored", "failed", "invalid"] {
        assert!(!metrics.contains(&format!("decision=\"{decision}\"")), "{metrics}");
    }
}
