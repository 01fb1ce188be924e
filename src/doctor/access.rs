//! Whether the operator's ServiceAccount may do what it needs.

use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use k8s_openapi::api::authorization::v1::{ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec};
use kube::{Api, api::PostParams};

use super::{Installation, Said, fail, ok, warn};
use crate::operator::{reconcile::reason, watched};

/// Questions that are asked at once.
const AT_ONCE: usize = 8;

/// What is written, beside its own objects: group, resource, subresource, verb.
const WRITTEN: &[(&str, &str, &str, &str)] = &[
    ("berth.dev", "workloadprofiles", "", "create"),
    ("berth.dev", "workloadprofiles", "status", "patch"),
    ("events.k8s.io", "events", "", "create"),
    ("events.k8s.io", "events", "", "patch"),
];

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async {
        let user = installation.service_account();
        let needed = needed(installation);
        let count = needed.len();
        let asked: Vec<_> = stream::iter(needed)
            .map(|attributes| ask(installation, user.clone(), attributes))
            .buffered(AT_ONCE)
            .collect()
            .await;
        let mut refused = Vec::new();
        for answer in asked {
            match answer {
                Ok(None) => {}
                Ok(Some(what)) => refused.push(what),
                Err(error) => {
                    return vec![warn(
                        format!("the operator's rights can't be asked for: {}", reason(&error)),
                        "ask as somebody who may create subjectaccessreviews",
                    )];
                }
            }
        }
        if refused.is_empty() {
            return vec![ok(format!("{user} may do all {count} things that it needs"))];
        }
        let todo = "helm upgrade puts the roles back; see charts/berth/templates/rbac.yaml";
        refused.into_iter().map(|what| fail(format!("{user} may not {what}"), todo)).collect()
    }
    .boxed()
}

fn needed(installation: &Installation) -> Vec<ResourceAttributes> {
    let of = |group: &str, resource: &str, verb: &str| ResourceAttributes {
        group: Some(group.to_owned()),
        resource: Some(resource.to_owned()),
        verb: Some(verb.to_owned()),
        ..ResourceAttributes::default()
    };
    let mut needed = Vec::new();
    for kind in watched() {
        needed.extend(["list", "watch"].map(|verb| of(&kind.group, &kind.plural, verb)));
    }
    for (group, resource, subresource, verb) in WRITTEN {
        let subresource = Some((*subresource).to_owned()).filter(|name| !name.is_empty());
        needed.push(ResourceAttributes { subresource, ..of(group, resource, verb) });
    }
    let mut own = |group: &str, resource: &str, verbs: &[&str], name: Option<&str>, namespaced: bool| {
        for verb in verbs {
            let namespace = namespaced.then(|| installation.namespace.clone());
            needed.push(ResourceAttributes {
                name: name.map(str::to_owned),
                namespace,
                ..of(group, resource, verb)
            });
        }
    };
    let lease = installation.argument("lease").unwrap_or(&installation.name);
    own("coordination.k8s.io", "leases", &["get", "update"], Some(lease), true);
    own("coordination.k8s.io", "leases", &["create"], None, true);
    own("", "secrets", &["get"], installation.argument("certificate-secret"), true);
    if let Some(configuration) = installation.argument("webhook-configuration") {
        let group = "admissionregistration.k8s.io";
        own(group, "validatingwebhookconfigurations", &["get", "patch"], Some(configuration), false);
    }
    needed
}

/// What the user may not do, in words.
async fn ask(
    installation: &Installation,
    user: String,
    attributes: ResourceAttributes,
) -> Result<Option<String>, kube::Error> {
    let what = words(&attributes);
    let spec = SubjectAccessReviewSpec {
        user: Some(user),
        // As the API server's own authenticator would say; roles may be bound to them.
        groups: Some(vec!["system:serviceaccounts".to_owned(), "system:authenticated".to_owned()]),
        resource_attributes: Some(attributes),
        ..SubjectAccessReviewSpec::default()
    };
    let review = SubjectAccessReview { spec, ..SubjectAccessReview::default() };
    let reviews: Api<SubjectAccessReview> = Api::all(installation.client.clone());
    let answer = reviews.create(&PostParams::default(), &review).await?;
    Ok((!answer.status.is_some_and(|status| status.allowed)).then_some(what))
}

fn words(of: &ResourceAttributes) -> String {
    let text = |part: &Option<String>| part.clone().filter(|part| !part.is_empty());
    let mut words =
        format!("{} {}", of.verb.clone().unwrap_or_default(), of.resource.clone().unwrap_or_default());
    words.extend(text(&of.subresource).map(|name| format!("/{name}")));
    words.extend(text(&of.group).map(|name| format!(".{name}")));
    words.extend(text(&of.name).map(|name| format!(" {name}")));
    words.extend(text(&of.namespace).map(|name| format!(" in {name}")));
    words
}
