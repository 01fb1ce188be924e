//! Whether the operator's ServiceAccount may do what it needs.

use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use k8s_openapi::api::{
    authorization::v1::{ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec},
    rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding},
};
use kube::{Api, api::PostParams};

use super::{FORCE, Installation, Said, fail, ok, warn};
use crate::operator::{reconcile::reason, watched};

/// Questions that are asked at once.
const AT_ONCE: usize = 8;

/// Things that the operator may not do before the rest is only counted.
const NAMED_MAX: usize = 3;

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
        vec![told(&user, count, &refused, &gone(installation).await)]
    }
    .boxed()
}

/// Whether the operator may write statuses. Nothing where that can't be asked.
pub async fn writes(installation: &Installation) -> Option<bool> {
    let attributes = ResourceAttributes {
        group: Some("berth.dev".to_owned()),
        resource: Some("workloadprofiles".to_owned()),
        subresource: Some("status".to_owned()),
        verb: Some("patch".to_owned()),
        ..ResourceAttributes::default()
    };
    let refused = ask(installation, installation.service_account(), attributes).await.ok()?;
    Some(refused.is_none())
}

/// One line, whatever is missing: a binding that was deleted takes away all that it granted.
fn told(user: &str, count: usize, refused: &[String], gone: &[String]) -> Said {
    let named = refused.iter().take(NAMED_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = refused.len().saturating_sub(NAMED_MAX);
    let named = if more > 0 { format!("{named} and {more} more") } else { named };
    match gone {
        [] => fail(
            format!("{user} may not {named}"),
            format!("helm upgrade puts the roles back {FORCE}; see charts/berth/templates/rbac.yaml"),
        ),
        gone => fail(
            format!(
                "missing: {}; so {user} may not do {} of {count} things: {named}",
                gone.join(", "),
                refused.len()
            ),
            "helm upgrade puts it back",
        ),
    }
}

/// Which of the chart's roles and bindings don't exist. What can't be read is taken to be there.
async fn gone(installation: &Installation) -> Vec<String> {
    let Installation { client, namespace, name, .. } = installation;
    let keeper = format!("{name}-webhook");
    let cluster_roles: Api<ClusterRole> = Api::all(client.clone());
    let cluster_bindings: Api<ClusterRoleBinding> = Api::all(client.clone());
    let roles: Api<Role> = Api::namespaced(client.clone(), namespace);
    let bindings: Api<RoleBinding> = Api::namespaced(client.clone(), namespace);
    let mut gone = Vec::new();
    let keeps = installation.argument("webhook-configuration").is_some();
    for name in std::iter::once(name).chain(keeps.then_some(&keeper)) {
        if matches!(cluster_roles.get_metadata_opt(name).await, Ok(None)) {
            gone.push(format!("ClusterRole {name}"));
        }
        if matches!(cluster_bindings.get_metadata_opt(name).await, Ok(None)) {
            gone.push(format!("ClusterRoleBinding {name}"));
        }
    }
    if matches!(roles.get_metadata_opt(name).await, Ok(None)) {
        gone.push(format!("Role {namespace}/{name}"));
    }
    if matches!(bindings.get_metadata_opt(name).await, Ok(None)) {
        gone.push(format!("RoleBinding {namespace}/{name}"));
    }
    gone
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_missing_binding_is_one_line() {
        let refused: Vec<String> = (0..75).map(|number| format!("list kind{number}")).collect();
        let Said(_, why, _) = told("berth", 79, &refused, &["ClusterRoleBinding berth".to_owned()]);
        assert_eq!(
            why,
            "missing: ClusterRoleBinding berth; so berth may not do 75 of 79 things: list kind0, list kind1, list \
             kind2 and 72 more"
        );
        let Said(_, why, todo) = told("berth", 79, &refused[..1], &[]);
        assert_eq!(why, "berth may not list kind0");
        // The roles are there: somebody changed them, and owns what they changed.
        assert!(todo.unwrap().contains("--force-conflicts"));
    }
}
