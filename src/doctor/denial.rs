//! Whether the webhook that refuses is asked about every namespace that is in Deny.

use futures::{FutureExt, future::BoxFuture};
use k8s_openapi::{api::core::v1::Namespace, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use kube::{Api, api::ListParams, core::PartialObjectMeta};
use serde_json::Value;

use super::{FORCE, Installation, Level, Said, ok, platform, warn};
use crate::{
    observe::is_system,
    operator::reconcile::reason,
    policy::{MODE_LABEL, Mode, Policy},
    selector::{Labels, Selector},
};

/// Its entry in the webhook configuration.
const ENTRY: &str = "deny.berth.dev";
/// Namespaces that are named.
const NAMED_MAX: usize = 3;

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async {
        match examined(installation).await {
            Ok(said) => said,
            Err(why) => {
                vec![warn(
                    format!("what the webhook refuses can't be compared: {why}"),
                    "ask with more rights",
                )]
            }
        }
    }
    .boxed()
}

async fn examined(installation: &Installation) -> Result<Vec<Said>, String> {
    let entry = installation.webhooks().await?.and_then(|all| all.iter().find(|entry| entry.name == ENTRY));
    let selector =
        entry.map(|entry| serde_json::to_value(entry.namespace_selector.clone().unwrap_or_default()));
    let selector = selector.transpose().map_err(|error| error.to_string())?;
    let all: Api<PartialObjectMeta<Namespace>> = Api::all(installation.client.clone());
    let namespaces = all.list_metadata(&ListParams::default()).await.map_err(|error| reason(&error))?.items;
    let seen = namespaces.into_iter().map(|namespace| namespace.metadata).filter(|namespace| {
        let name = namespace.name.as_deref().unwrap_or_default();
        !is_system(name) && name != installation.namespace
    });
    Ok(match platform::policy(installation).await {
        Ok(policy) => vec![judge(selector.as_ref(), seen, &policy)],
        Err(why) => by_labels(judge(selector.as_ref(), seen, &Policy::default()), &why),
    })
}

/// What labels say is so whatever the policy is. That nothing is wrong takes the policy as well.
fn by_labels(said: Said, why: &str) -> Vec<Said> {
    let unknown = warn(
        format!("which namespaces the policy puts into Deny isn't known: {why}"),
        "ask with more rights, or mend what platform names above",
    );
    let said = Some(said).filter(|said| said.0 != Level::Ok);
    said.into_iter().chain([unknown]).collect()
}

/// The namespaces in Deny, by label or rule, against those that the API server asks about.
fn judge(value: Option<&Value>, namespaces: impl Iterator<Item = ObjectMeta>, policy: &Policy) -> Said {
    let selector: Option<Selector> = value.and_then(|value| serde_json::from_value(value.clone()).ok());
    let mut all = 0;
    let mut unasked = Vec::new();
    for namespace in namespaces {
        let labels: Labels = namespace.labels.unwrap_or_default().into_iter().collect();
        if policy.ruling(&labels).mode != Mode::Deny {
            continue;
        }
        all += 1;
        if !selector.as_ref().is_some_and(|selector| selector.matches(&labels)) {
            unasked.push(namespace.name.unwrap_or_default());
        }
    }
    match (all, unasked.as_slice()) {
        (0, _) => ok("no namespace is in Deny"),
        (_, []) => ok(format!("{ENTRY} is asked about every namespace in Deny ({all})")),
        (_, unasked) => warn(
            format!("{ENTRY} isn't asked about {}: in Deny, and only warned", named(unasked)),
            todo(value, unasked),
        ),
    }
}

/// What makes the API server ask about these too, by what it asks about now.
fn todo(selector: Option<&Value>, unasked: &[String]) -> String {
    let rules =
        |of: &'static str| selector.and_then(|selector| selector[of].as_array()).into_iter().flatten();
    // So the chart has it while it's off.
    let is_off = selector.is_none()
        || rules("matchExpressions")
            .any(|rule| rule["key"] == "kubernetes.io/metadata.name" && rule["operator"] == "DoesNotExist");
    if is_off {
        return format!("helm upgrade {FORCE} with webhook.deny.enabled=true");
    }
    if selector.is_some_and(|selector| selector["matchLabels"][MODE_LABEL] == "Deny") {
        let all = unasked.join(" ");
        return format!("kubectl label namespace {all} {MODE_LABEL}=Deny: by that label it is asked");
    }
    format!(
        "widen webhook.deny.namespaceSelector until it selects them; or leave it empty, and label each namespace in Deny \
         {MODE_LABEL}=Deny: where there is a selector, that label alone isn't asked about"
    )
}

fn named(names: &[String]) -> String {
    let first = names.iter().take(NAMED_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(NAMED_MAX);
    if more > 0 { format!("{first} and {more} more") } else { first }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn namespaces() -> impl Iterator<Item = ObjectMeta> {
        let of = |name: &str, label: (&str, &str)| ObjectMeta {
            name: Some(name.to_owned()),
            labels: Some(
                [label, ("kubernetes.io/metadata.name", name)]
                    .map(|(key, value)| (key.to_owned(), value.to_owned()))
                    .into(),
            ),
            ..ObjectMeta::default()
        };
        [of("shop", (MODE_LABEL, "Deny")), of("bank", ("stage", "prod")), of("blog", (MODE_LABEL, "Warn"))]
            .into_iter()
    }

    #[test]
    fn a_namespace_in_deny_that_isnt_asked_about_is_named() {
        let labelled = json!({"matchLabels": {MODE_LABEL: "Deny"}});
        let staged = json!({"matchLabels": {"stage": "prod"}});
        let prod = Policy::of_spec(&json!({"enforcement": [{"mode": "Deny", "namespaceSelector": staged}]}));
        let prod = prod.unwrap();
        let said = |selector: Option<&Value>, policy: &Policy| judge(selector, namespaces(), policy);
        assert_eq!(said(Some(&labelled), &Policy::default()).0, Level::Ok);
        let off =
            json!({"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "DoesNotExist"}]});
        for (selector, policy, expected, mends) in [
            (Some(&staged), &Policy::default(), "about shop:", "widen webhook.deny.namespaceSelector"),
            (None, &Policy::default(), "about shop:", "with webhook.deny.enabled=true"),
            (Some(&off), &Policy::default(), "about shop:", "with webhook.deny.enabled=true"),
            (Some(&labelled), &prod, "about bank:", "kubectl label namespace bank berth.dev/mode=Deny"),
        ] {
            let Said(level, reason, todo) = said(selector, policy);
            assert!(level == Level::Warn && reason.contains(expected), "{reason}");
            let todo = todo.unwrap_or_default();
            assert!(todo.contains(mends), "{todo}");
        }
        assert_eq!(judge(None, std::iter::empty(), &prod), ok("no namespace is in Deny"));
    }
}
