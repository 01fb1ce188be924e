//! What the webhook answers to what is no review of a workload, too large, too slow or made to hurt.

use super::*;

#[tokio::test]
async fn what_isnt_ours_is_allowed_without_a_word() {
    let webhook = Webhook::new();
    let kind = |group: &str, kind: &str| {
        with(review("CREATE", web()), "/request/kind", json!({"group": group, "version": "v1", "kind": kind}))
    };
    let pod = json!({"group": "", "version": "v1", "kind": "Pod"});
    let on_a_node = json!({
        "metadata": {"name": "proxy", "annotations": {"kubernetes.io/config.mirror": "5"}},
        "spec": web()["spec"]["template"]["spec"],
    });
    let mut owned = web();
    owned["metadata"]["ownerReferences"] =
        json!([{"kind": "Rollout", "name": "x", "uid": "1", "controller": true}]);
    let quiet = [
        ("DELETE", with(review("DELETE", Value::Null), "/request/oldObject", web())),
        ("CONNECT", review("CONNECT", web())),
        ("null object", review("CREATE", Value::Null)),
        ("no object", {
            let mut r = review("CREATE", web());
            r["request"].as_object_mut().unwrap().remove("object");
            r
        }),
        ("object of another shape", review("CREATE", json!([1, 2]))),
        (
            "unreadable field",
            review("CREATE", json!({"metadata": {"name": "web"}, "spec": {"replicas": "two"}})),
        ),
        ("unknown kind", kind("apps", "ControllerRevision")),
        ("kind of another group", kind("example.com", "Deployment")),
        ("kind of no group", kind("", "Deployment")),
        ("subresource", with(review("UPDATE", web()), "/request/subResource", json!("scale"))),
        ("another version", with(review("CREATE", web()), "/apiVersion", json!("admission.k8s.io/v1beta1"))),
        ("owned", review("CREATE", owned)),
        ("of a node", with(review("CREATE", on_a_node), "/request/kind", pod)),
    ];
    for (what, review) in quiet {
        assert_eq!(warnings(&webhook.review(&review).await), None, "{what}");
    }
    webhook.lives().await;
}

#[tokio::test]
async fn what_is_no_review_is_refused_with_the_reason() {
    let webhook = Webhook::new();
    let without_uid = with(review("CREATE", web()), "/request/uid", json!(""));
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("empty", vec![], "not an AdmissionReview: "),
        ("not JSON", b"apiVersion: v1".to_vec(), "not an AdmissionReview: "),
        ("not an object", b"[]".to_vec(), "not an AdmissionReview: "),
        (
            "cut off",
            review("CREATE", web()).to_string().into_bytes()[..200].to_vec(),
            "not an AdmissionReview: EOF",
        ),
        (
            "no request",
            br#"{"apiVersion":"admission.k8s.io/v1"}"#.to_vec(),
            "the AdmissionReview has no request",
        ),
        ("null request", br#"{"request":null}"#.to_vec(), "the AdmissionReview has no request"),
        ("no uid", without_uid.to_string().into_bytes(), "the AdmissionReview's request has no uid"),
        (
            "two uids",
            br#"{"request":{"uid":"a","uid":"b"}}"#.to_vec(),
            "not an AdmissionReview: duplicate field",
        ),
    ];
    for (what, body, reason) in cases {
        let (status, answer) = webhook.post(body).await;
        let answer = String::from_utf8(answer).unwrap();
        assert_eq!(status, StatusCode::BAD_REQUEST, "{what}: {answer}");
        assert!(answer.starts_with(reason) && answer.len() < 200, "{what}: {answer}");
    }
    webhook.lives().await;
}

#[tokio::test]
async fn method_path_and_type_have_to_be_right() {
    let webhook = Webhook::new();
    let status = async |method: Method, path: &str, kind: Option<&str>| {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        webhook.send(request.body(Body::from(review("CREATE", web()).to_string())).unwrap()).await.0
    };
    let json = Some("application/json");
    assert_eq!(status(Method::GET, "/admission/warn", json).await, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(status(Method::PUT, "/admission/warn", json).await, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(status(Method::POST, "/admission", json).await, StatusCode::NOT_FOUND);
    // Who says nothing of the type means JSON: there is no other body to send here.
    assert_eq!(status(Method::POST, "/admission/warn", None).await, StatusCode::OK);
    let yaml = Some("application/yaml");
    assert_eq!(status(Method::POST, "/admission/warn", yaml).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let charset = Some("application/json; charset=utf-8");
    assert_eq!(status(Method::POST, "/admission/warn", charset).await, StatusCode::OK);
}

#[tokio::test]
async fn seven_mebibytes_are_taken_and_not_a_byte_more() {
    let webhook = Webhook::new();
    let sized = |size: usize| {
        let mut text = review("CREATE", web()).to_string();
        text.push_str(&" ".repeat(size - text.len()));
        text
    };
    assert_eq!(webhook.post(sized(LIMIT)).await.0, StatusCode::OK);
    // Without a Content-Length, as a body that is streamed.
    assert_eq!(webhook.post(sized(LIMIT + 1)).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let announced = Request::post("/admission/warn")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, LIMIT + 1)
        .body(Body::from_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>()))
        .unwrap();
    assert_eq!(
        webhook.send(announced).await.0,
        StatusCode::PAYLOAD_TOO_LARGE,
        "waits for a body that is too large"
    );
    webhook.lives().await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_comes_is_given_up() {
    let webhook = Webhook::new();
    let start = tokio::time::Instant::now();
    let endless = Body::from_stream(futures::stream::unfold((), |()| async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        Some((Ok::<_, std::io::Error>(b" ".to_vec()), ()))
    }));
    assert_eq!(webhook.post(endless).await.0, StatusCode::REQUEST_TIMEOUT);
    assert!(start.elapsed().as_secs() <= 6, "{:?}", start.elapsed());
    webhook.lives().await;
}

#[tokio::test]
async fn hostile_objects_are_allowed_and_do_no_harm() {
    let webhook = Webhook::new();
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    let pod = |field: String| {
        format!(r#"{{"spec":{{"template":{{"spec":{{"containers":[{{"name":"a"}}],{field}}}}}}}}}"#)
    };
    let quiet = [
        ("deep list", deep("[", "]")),
        ("deep map", deep(r#"{"a":"#, "}")),
        ("deep in a field that is read as it is", pod(format!(r#""affinity":{}"#, deep("[", "]")))),
        ("a key twice", r#"{"spec":{"replicas":1,"replicas":2}}"#.to_owned()),
        ("numbers out of range", r#"{"spec":{"replicas":1e999}}"#.to_owned()),
    ];
    for (what, object) in quiet {
        let response = webhook.raw(&object).await;
        assert_eq!(response["uid"], "705ab4f5", "{what}");
        assert_eq!(warnings(&response), None, "{what}");
    }
    // Where nothing reads it, depth is passed over.
    let unread = webhook.raw(&pod(format!(r#""schedulerName":{}"#, deep("[", "]")))).await;
    assert_eq!(unread["allowed"], true);

    let (status, body) = webhook.post(deep("[", "]")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{}", String::from_utf8_lossy(&body));
    let mut invalid = review("CREATE", web()).to_string().into_bytes();
    let at = invalid.windows(6).position(|six| six == b"shop/w").unwrap();
    invalid[at] = 0xff;
    assert_eq!(webhook.post(invalid).await.0, StatusCode::BAD_REQUEST, "not UTF-8");
    webhook.lives().await;
}

#[tokio::test]
async fn what_nobody_has_heard_of_changes_no_answer() {
    let webhook = Webhook::new();
    let known = webhook.review(&review("CREATE", web())).await;
    let mut object = web();
    object["spec"]["template"]["spec"]["quantumAffinity"] = json!({"spin": [1, null, {"up": true}]});
    object["spec"]["template"]["spec"]["containers"][0]["resizePolicyV2"] = json!("Never");
    object["later"] = json!({"status": []});
    let review = with(review("CREATE", object), "/request/aFieldOfTomorrow", json!([{}]));
    assert_eq!(webhook.review(&review).await["warnings"], known["warnings"]);
}

#[tokio::test]
async fn ten_thousand_findings_are_three_short_lines() {
    let webhook = Webhook::new();
    let mut object = web();
    let container = |n: usize| {
        json!({
            "name": format!("c{n}"), "image": "postgres", "resources": {"requests": {"cpu": "many", "memory": "lots"}},
            "securityContext": {"privileged": true, "capabilities": {"add": ["SYS_ADMIN"]}},
            "ports": [{"containerPort": 80, "hostPort": 80}],
        })
    };
    object["spec"]["template"]["spec"]["containers"] = (0..10_000).map(container).collect();
    let response = webhook.review(&review("CREATE", object)).await;
    let lines = warnings(&response).expect("warnings");
    assert!(lines.len() <= 3, "{} lines", lines.len());
    for line in lines {
        assert!(line.as_str().unwrap().chars().count() <= 120, "{line}");
    }
    webhook.lives().await;
}

#[tokio::test]
async fn two_hundred_of_the_largest_bodies_at_once_take_the_memory_of_a_few() {
    let webhook = Webhook::new();
    let (held, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let head = Bytes::from(review("CREATE", web()).to_string());
    let blank = Bytes::from(vec![b' '; 64 << 10]);
    let ask = async || {
        // What of it was handed over, from its first chunk to its answer.
        let taken = Arc::new(AtomicUsize::new(0));
        let (head, blank, held, peak, counted) =
            (head.clone(), blank.clone(), held.clone(), peak.clone(), taken.clone());
        let chunks = futures::stream::unfold(0, move |sent| {
            let left = LIMIT - sent;
            let chunk = if sent == 0 { head.clone() } else { blank.slice(..left.min(blank.len())) };
            let (held, peak, counted) = (held.clone(), peak.clone(), counted.clone());
            async move {
                // Lets the others in between.
                tokio::task::yield_now().await;
                if chunk.is_empty() {
                    return None;
                }
                counted.fetch_add(chunk.len(), Ordering::SeqCst);
                let now = held.fetch_add(chunk.len(), Ordering::SeqCst) + chunk.len();
                peak.fetch_max(now, Ordering::SeqCst);
                let sent = sent + chunk.len();
                Some((Ok::<_, std::io::Error>(chunk), sent))
            }
        });
        let (status, _) = webhook.post(Body::from_stream(chunks)).await;
        (status, taken.load(Ordering::SeqCst))
    };
    let done = futures::future::join_all((0..200).map(|_| async {
        let (status, taken) = ask().await;
        held.fetch_sub(taken, Ordering::SeqCst);
        status
    }))
    .await;
    let answered = done.iter().filter(|status| **status == StatusCode::OK).count();
    // A slow machine gives some of them up; none of them is let in beside the bound.
    assert!(
        answered > 0 && done.iter().all(|s| [StatusCode::OK, StatusCode::REQUEST_TIMEOUT].contains(s)),
        "{done:?}"
    );
    let peak = peak.load(Ordering::SeqCst);
    assert!(peak <= 32 << 20, "{} MiB were held at once", peak >> 20);
    assert!(peak > LIMIT, "they were let in one by one");
    webhook.lives().await;
}
