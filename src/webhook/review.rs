//! The AdmissionReview cut to what is read: the objects inside stay text until their kind is known.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::policy::DenyOn;

/// The only version that API servers still send.
pub const VERSION: &str = "admission.k8s.io/v1";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Review<'a> {
    #[serde(borrow, default)]
    pub api_version: Cow<'a, str>,
    #[serde(borrow)]
    pub request: Option<Request<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request<'a> {
    #[serde(borrow)]
    pub uid: Cow<'a, str>,
    #[serde(borrow, default)]
    pub kind: GroupKind<'a>,
    #[serde(default)]
    pub sub_resource: Option<String>,
    #[serde(borrow, default)]
    pub operation: Cow<'a, str>,
    /// Nothing of it is kept.
    #[serde(default)]
    pub dry_run: Option<bool>,
    #[serde(default)]
    pub namespace: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(borrow, default)]
    pub object: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub old_object: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct GroupKind<'a> {
    #[serde(borrow)]
    pub group: Cow<'a, str>,
    #[serde(borrow)]
    pub kind: Cow<'a, str>,
}

/// The answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply<'a> {
    api_version: &'static str,
    kind: &'static str,
    response: Response<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    uid: &'a str,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    warnings: &'a [String],
    /// What an audit log keeps; the API server puts the webhook's name before each key.
    #[serde(skip_serializing_if = "Option::is_none")]
    audit_annotations: Option<AuditAnnotations>,
}

/// Why it's refused. The API server makes the client's error of it.
#[derive(Debug, Serialize)]
struct Status<'a> {
    code: u16,
    reason: &'static str,
    message: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct AuditAnnotations {
    refused_for: String,
}

/// A refusal: for what, and what its owner is told.
#[derive(Debug)]
pub struct Refusal {
    pub ground: DenyOn,
    pub message: String,
}

impl<'a> Reply<'a> {
    pub fn allowed(uid: &'a str, warnings: &'a [String]) -> Self {
        Self::new(Response { uid, allowed: true, status: None, warnings, audit_annotations: None })
    }

    pub fn refused(uid: &'a str, refusal: &'a Refusal) -> Self {
        Self::new(Response {
            uid,
            allowed: false,
            status: Some(Status { code: 403, reason: "Forbidden", message: &refusal.message }),
            warnings: &[],
            audit_annotations: Some(AuditAnnotations { refused_for: refusal.ground.to_string() }),
        })
    }

    fn new(response: Response<'a>) -> Self {
        Reply { api_version: VERSION, kind: "AdmissionReview", response }
    }
}
