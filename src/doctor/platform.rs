//! Whether the platform team's PlatformProfile is in force, where there is one.

use futures::{FutureExt, future::BoxFuture};
use kube::{
    Api,
    core::{ApiResource, DynamicObject, GroupVersionKind},
};
use serde_json::Value;

use super::{Installation, Said, fail, ok, warn};
use crate::{operator::reconcile::reason, policy::Policy};

/// The one that counts.
const NAME: &str = "cluster";

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async {
        let mut said = match profile(installation).await {
            Ok(None) => vec![ok("there is no PlatformProfile cluster: the defaults hold")],
            Ok(Some(profile)) => judge(&profile, installation.argument("policy").is_some()),
            Err(error) => {
                let why = format!("the PlatformProfile can't be read: {}", reason(&error));
                vec![warn(why, "ask with more rights")]
            }
        };
        // Whoever says the policy that is in force.
        said.extend(policy(installation).await.iter().flat_map(idle));
        said
    }
    .boxed()
}

/// The PlatformProfile without its metadata, where there is one.
pub async fn profile(installation: &Installation) -> kube::Result<Option<Value>> {
    let kind = GroupVersionKind::gvk(crate::api::GROUP, "v1alpha1", "PlatformProfile");
    let all: Api<DynamicObject> = Api::all_with(
        installation.client.clone(),
        &ApiResource::from_gvk_with_plural(&kind, "platformprofiles"),
    );
    Ok(all.get_opt(NAME).await?.map(|profile| profile.data))
}

/// The policy in force: what the PlatformProfile says, else what the operator was started with.
pub async fn policy(installation: &Installation) -> Result<Policy, String> {
    let profile =
        profile(installation).await.map_err(|error| format!("PlatformProfile: {}", reason(&error)))?;
    match Policy::of_profile(&profile.unwrap_or_default()) {
        Ok(Some(policy)) => Ok(policy),
        // Where its spec can't be read and nothing was accepted before, that holds as well.
        Ok(None) | Err(_) => Ok(installation.started_with().await?.unwrap_or_default()),
    }
}

fn idle(policy: &Policy) -> Vec<Said> {
    let idle = policy.idle().into_iter();
    idle.map(|idle| warn(format!("of the policy in force {idle}"), "put it before that one, or remove it"))
        .collect()
}

/// Its conditions say what the operator made of it. `by_chart` says that the chart's values have a policy too.
fn judge(profile: &Value, by_chart: bool) -> Vec<Said> {
    let conditions = profile.pointer("/status/conditions").and_then(Value::as_array);
    let Some(conditions) = conditions.filter(|conditions| !conditions.is_empty()) else {
        return vec![warn(
            "the PlatformProfile cluster has no status yet",
            "wait for the leader, or look for the reason in its log",
        )];
    };
    let text = |condition: &Value, field: &str| condition[field].as_str().unwrap_or_default().to_owned();
    let accepted = conditions.iter().find(|condition| condition["type"] == "Accepted");
    match accepted {
        None => vec![warn(
            "nobody has read the PlatformProfile cluster yet",
            "wait for the leader, or look for the reason in its log",
        )],
        Some(accepted) if accepted["status"] != "True" => vec![fail(
            format!("the PlatformProfile cluster isn't in force: {}", text(accepted, "message")),
            "mend its spec: kubectl edit plp cluster",
        )],
        _ if Policy::says_nothing(&profile["spec"]) => {
            vec![ok(
                "the PlatformProfile cluster says nothing: the chart's value policy or the defaults hold",
            )]
        }
        _ if by_chart => vec![warn(
            "the PlatformProfile cluster is in force, and so the chart's value policy isn't",
            "say all of it in one place: kubectl edit plp cluster, and helm upgrade without the value",
        )],
        _ => vec![ok("the PlatformProfile cluster is in force")],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::doctor::Level;

    #[test]
    fn a_profile_that_isnt_accepted_fails_with_its_reason() {
        // A report is judged all the same, by the policy before.
        let with = |status: &str| {
            json!({"spec": {"minimumMonthlySaving": 5}, "status": {"conditions": [
                {"type": "Ready", "status": "True", "message": ""},
                {"type": "Accepted", "status": status, "message": "no such region"},
            ]}})
        };
        assert_eq!(judge(&with("True"), false)[0].0, Level::Ok);
        let Said(level, reason, _) = &judge(&with("False"), false)[0];
        assert!(*level == Level::Fail && reason.ends_with("no such region"), "{reason}");
        assert_eq!(judge(&json!({}), false)[0].0, Level::Warn);
        let unread = json!({"status": {"conditions": [{"type": "Ready", "status": "True"}]}});
        assert_eq!(judge(&unread, false)[0].0, Level::Warn);
    }

    #[test]
    fn a_rule_behind_one_for_all_is_named() {
        let policy = Policy::read("enforcement: [{mode: Warn}, {mode: Deny}]").unwrap();
        let said = idle(&policy);
        let [Said(level, why, todo)] = said.as_slice() else { panic!("{said:?}") };
        assert!(
            *level == Level::Warn && why.starts_with("of the policy in force enforcement[1]: never applies"),
            "{why}"
        );
        assert!(todo.as_deref().is_some_and(|todo| todo.starts_with("put it before")), "{todo:?}");
        assert!(idle(&Policy::default()).is_empty());
    }

    #[test]
    fn a_spec_puts_the_charts_policy_out_of_force() {
        let with = |spec: Value| json!({"spec": spec, "status": {"conditions": [{"type": "Accepted", "status": "True", "message": ""}]}});
        let Said(level, why, _) = &judge(&with(json!({"minimumMonthlySaving": 5})), true)[0];
        assert!(*level == Level::Warn && why.ends_with("the chart's value policy isn't"), "{why}");
        assert_eq!(judge(&with(json!({})), true)[0].0, Level::Ok);
    }
}
