//! A scripted API server that records every request.
// Each test that includes this uses a part of it.
#![allow(dead_code)]

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use axum::http::{Request, Response, header};
use http_body_util::BodyExt;
use kube::{Client, client::Body};
use serde_json::{Value, json};

/// One request as the API server sees it.
#[derive(Clone, Debug)]
pub struct Call {
    /// Method and path with its query.
    pub line: String,
    pub kind: String,
    pub body: Value,
}

pub type Answers = fn(&Call) -> (u16, Value);

/// A client whose API server answers like this, and what it was asked.
pub fn answering(answer: Answers) -> (Client, Arc<Mutex<Vec<Call>>>) {
    let calls: Arc<Mutex<Vec<Call>>> = Arc::default();
    let record = calls.clone();
    let api_server = tower::service_fn(move |request: Request<Body>| {
        let record = record.clone();
        async move {
            let (head, body) = request.into_parts();
            let bytes = body.collect().await.unwrap().to_bytes();
            let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            let call = Call {
                line: format!("{} {}", head.method, head.uri),
                kind: kind.unwrap_or_default().to_owned(),
                body: serde_json::from_slice(&bytes).unwrap_or_default(),
            };
            let (status, answer) = answer(&call);
            record.lock().unwrap().push(call);
            let body = Body::from(serde_json::to_vec(&answer).unwrap());
            Ok::<_, Infallible>(Response::builder().status(status).body(body).unwrap())
        }
    });
    (Client::new(api_server, "default"), calls)
}

/// A refusal.
pub fn status(code: u16, details: Value) -> (u16, Value) {
    (
        code,
        json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
        "message": "no", "reason": if code == 404 { "NotFound" } else { "No" }, "details": details}),
    )
}
