//! The PlatformProfile named cluster: its policy put in force, and the condition that says whether it is.

use std::{
    borrow::Cow,
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use tracing::{info, warn};

use super::{Evaluator, Scope, View, queue::Queue, reconcile::reason, watch::Store};
use crate::{
    api::{Condition, PLATFORM, PlatformProfile, PlatformProfileStatus},
    policy::Policy,
    server::Metrics,
};

/// The kind, as readiness and metrics name it.
pub const KIND: &str = "PlatformProfile";

/// The manager of what is written here: the rest of the status is another's.
const MANAGER: &str = "berth-policy";
const CONDITION: &str = "Accepted";
/// A write that failed is tried again after this.
const AGAIN: Duration = Duration::from_secs(10);

/// As the API server sends it. The spec is read apart: one that can't be read has to be told.
#[derive(Clone, Debug, Deserialize, kube::Resource)]
#[resource(inherit = PlatformProfile)]
pub struct Stored {
    pub metadata: ObjectMeta,
    #[serde(default)]
    pub spec: Value,
    #[serde(default)]
    pub status: Value,
}

/// What is to be said of a policy, and what its status says so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    generation: Option<i64>,
    accepted: Result<Cow<'static, str>, String>,
    /// The spec that is in force, which another replica or the next start may need.
    spec: Option<Value>,
    before: PlatformProfileStatus,
}

/// Puts policies in force as the watch tells of them.
pub struct Policies {
    pub evaluator: Evaluator,
    pub view: Arc<View>,
    pub queue: Arc<Queue>,
    pub scope: Scope,
    pub metrics: Arc<Metrics>,
    pub told: watch::Sender<Option<Told>>,
    pub followed: Mutex<Followed>,
}

/// Whose policy is in force.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Followed {
    /// What Berth was started with, and no PlatformProfile was seen yet.
    #[default]
    Start,
    /// What Berth was started with, as the PlatformProfile says nothing or isn't there.
    Nobody,
    /// This spec of the PlatformProfile.
    Spec(Value),
}

impl Policies {
    fn enforce(&self, policy: Option<(&Value, Policy)>) {
        let (followed, policy) = match policy {
            Some((spec, policy)) => (Followed::Spec(spec.clone()), Some(policy)),
            None => (Followed::Nobody, None),
        };
        *self.followed.lock().unwrap_or_else(PoisonError::into_inner) = followed;
        if !self.evaluator.replace(policy) {
            return;
        }
        info!("the policy in force changed: every workload is looked at again");
        self.queue.add(self.view.everything(&self.scope));
    }

    fn followed(&self) -> Followed {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Leaves the last good policy in force. After a start that is the one which the status kept: a restart must not end
    /// what a namespace refuses.
    fn instead(&self, status: &Value) -> &'static str {
        if self.followed() == Followed::Start
            && let Some(accepted) = Policy::accepted(status)
        {
            self.enforce(Some(accepted));
        }
        match self.followed() {
            Followed::Spec(_) => "the policy before it stays in force",
            Followed::Start | Followed::Nobody => "the policy that Berth was started with is in force",
        }
    }
}

impl Store<Stored> for Policies {
    fn put(&self, stored: Stored) {
        let name = stored.metadata.name.as_deref().unwrap_or_default();
        if name != PLATFORM {
            warn!(kind = KIND, name, "is left out: the one that counts is named {PLATFORM}");
            return;
        }
        let accepted = match Policy::of_spec(&stored.spec) {
            // Made by the operator for its report, or emptied by a person: it says nothing, so the default holds.
            Ok(_) if Policy::says_nothing(&stored.spec) => {
                self.enforce(None);
                Ok("Its spec is empty: the policy that Berth was started with is in force.".into())
            }
            Ok(policy) => {
                let said = in_force(&policy);
                self.enforce(Some((&stored.spec, policy)));
                Ok(said)
            }
            Err(invalid) => {
                self.metrics.unreadable(KIND);
                let message = format!("{invalid}; {}", self.instead(&stored.status));
                warn!(kind = KIND, "can't be followed: {message}");
                Err(message)
            }
        };
        let spec = match self.followed() {
            Followed::Spec(spec) => Some(spec),
            Followed::Start | Followed::Nobody => None,
        };
        let before = serde_json::from_value(stored.status).unwrap_or_default();
        let generation = stored.metadata.generation;
        self.told.send_replace(Some(Told { generation, accepted, spec, before }));
    }

    fn remove(&self, _: &str, name: &str) {
        if name == PLATFORM {
            self.enforce(None);
            self.told.send_replace(None);
        }
    }

    fn retain(&self, listed: &HashSet<(String, String)>) {
        if !listed.iter().any(|(_, name)| name == PLATFORM) {
            self.remove("", PLATFORM);
        }
    }
}

/// That it is in force, and what of it never comes to anything.
fn in_force(policy: &Policy) -> Cow<'static, str> {
    let idle: Vec<String> = policy.idle().into_iter().map(|idle| idle.below("spec").to_string()).collect();
    match idle.as_slice() {
        [] => "This policy is in force.".into(),
        idle => {
            let message = format!("This policy is in force, but for {}.", idle.join("; "));
            warn!(kind = KIND, "{message}");
            message.into()
        }
    }
}

/// Keeps the condition of the PlatformProfile: only one replica writes it.
pub async fn tell(client: Client, mut told: watch::Receiver<Option<Told>>) {
    let api: Api<PlatformProfile> = Api::all(client);
    loop {
        let news = told.borrow_and_update().clone();
        let status = news.as_ref().and_then(|told| status(told, &super::reconcile::now()));
        if let Some(status) = status
            && let Err(error) = write(&api, &status).await
        {
            warn!(kind = KIND, "its status can't be written: {}", reason(&error));
            // Whatever is newer by then is written instead.
            let _ = tokio::time::timeout(AGAIN, told.changed()).await;
            told.mark_changed();
        }
        if told.changed().await.is_err() {
            // Nothing will ever be told again: the process stops.
            return;
        }
    }
}

/// The status that says it, unless it says it already.
fn status(told: &Told, now: &str) -> Option<PlatformProfileStatus> {
    let (state, reason, message) = match &told.accepted {
        Ok(message) => ("True", "InForce", &**message),
        Err(message) => ("False", "Invalid", message.as_str()),
    };
    let before = told.before.conditions.iter().find(|condition| condition.type_ == CONDITION);
    let since = before.filter(|condition| condition.status == state);
    let condition = Condition {
        type_: CONDITION.to_owned(),
        status: state.to_owned(),
        reason: reason.to_owned(),
        message: message.to_owned(),
        last_transition_time: since.map_or_else(|| now.to_owned(), |c| c.last_transition_time.clone()),
        observed_generation: told.generation,
    };
    let said = before == Some(&condition)
        && told.before.observed_generation == told.generation
        && told.before.accepted_spec == told.spec;
    (!said).then(|| PlatformProfileStatus {
        accepted_spec: told.spec.clone(),
        observed_generation: told.generation,
        conditions: vec![condition],
        ..PlatformProfileStatus::default()
    })
}

async fn write(api: &Api<PlatformProfile>, status: &PlatformProfileStatus) -> kube::Result<()> {
    match apply(api, status).await {
        // An older definition has no such field and refuses all of it: the condition is told all the same.
        Err(kube::Error::Api(refused))
            if status.accepted_spec.is_some() && refused.message.contains("acceptedSpec") =>
        {
            apply(api, &PlatformProfileStatus { accepted_spec: None, ..status.clone() }).await
        }
        other => other,
    }
}

async fn apply(api: &Api<PlatformProfile>, status: &PlatformProfileStatus) -> kube::Result<()> {
    let body = json!({
        "apiVersion": "berth.dev/v1alpha1",
        "kind": KIND,
        "metadata": {"name": PLATFORM},
        "status": status,
    });
    let params = PatchParams::apply(MANAGER).force();
    match api.patch_status(PLATFORM, &params, &Patch::Apply(&body)).await {
        // Deleted meanwhile: there is nothing to say of it.
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        other => other.map(|_| ()),
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;
    use crate::catalog::Catalog;

    fn policies() -> (Policies, watch::Receiver<Option<Told>>) {
        let (told, news) = watch::channel(None);
        let policies = Policies {
            evaluator: Evaluator::new(Catalog::embedded().clone(), Policy::default()),
            view: Arc::default(),
            queue: Arc::default(),
            scope: Scope::new("berth-system"),
            metrics: Arc::default(),
            told,
            followed: Mutex::default(),
        };
        (policies, news)
    }

    fn stored(spec: Value) -> Stored {
        let metadata = json!({"name": "cluster", "generation": 2});
        serde_json::from_value(json!({"metadata": metadata, "spec": spec})).unwrap()
    }

    #[test]
    fn an_invalid_policy_leaves_the_last_good_one_in_force_and_is_told() {
        let (policies, news) = policies();
        let saving = || policies.evaluator.in_force().policy.minimum_monthly_saving;
        policies.put(stored(json!({"minimumMonthlySaving": 50})));
        assert_eq!(saving(), 50.0);
        policies.put(stored(json!({"minimumMonthlySaving": -1})));
        assert_eq!(saving(), 50.0);
        let status = status(news.borrow().as_ref().unwrap(), "now").unwrap();
        let condition = &status.conditions[0];
        assert_eq!((condition.status.as_str(), condition.reason.as_str()), ("False", "Invalid"));
        assert_eq!(
            condition.message,
            "spec.minimumMonthlySaving: -1 must be 0 or more; the policy before it stays in force"
        );
        policies.remove("", "cluster");
        assert_eq!(saving(), 10.0);
    }

    #[test]
    fn a_rule_that_never_applies_is_told_beside_the_policy_in_force() {
        let (policies, news) = policies();
        policies.put(stored(json!({"enforcement": [{"mode": "Warn"}, {"mode": "Deny"}]})));
        let status = status(news.borrow().as_ref().unwrap(), "now").unwrap();
        let condition = &status.conditions[0];
        assert_eq!((condition.status.as_str(), condition.reason.as_str()), ("True", "InForce"));
        assert_eq!(
            condition.message,
            "This policy is in force, but for spec.enforcement[1]: never applies: enforcement[0] before it selects every \
             namespace, and the first counts."
        );
    }

    /// As an API server answers for a definition that was kept from before.
    #[tokio::test]
    async fn a_definition_without_the_kept_spec_takes_the_condition_all_the_same() {
        let taken: Arc<Mutex<Vec<Value>>> = Arc::default();
        let record = taken.clone();
        let service = tower::service_fn(move |request: axum::http::Request<kube::client::Body>| {
            let record = record.clone();
            async move {
                let body = request.into_body().collect().await.unwrap().to_bytes();
                let body: Value = serde_json::from_slice(&body).unwrap();
                let known = body["status"].get("acceptedSpec").is_none();
                let (code, answer) = if known {
                    record.lock().unwrap().push(body.clone());
                    (200, json!({"metadata": {"name": PLATFORM}, "spec": {}}))
                } else {
                    let message = "failed to create typed patch object: .status.acceptedSpec: field not declared in schema";
                    (
                        500,
                        json!({"kind": "Status", "status": "Failure", "code": 500, "message": message, "reason": ""}),
                    )
                };
                let answer = kube::client::Body::from(serde_json::to_vec(&answer).unwrap());
                Ok::<_, std::convert::Infallible>(
                    axum::http::Response::builder().status(code).body(answer).unwrap(),
                )
            }
        });
        let (policies, news) = policies();
        policies.put(stored(json!({"minimumMonthlySaving": 50})));
        let status = status(news.borrow().as_ref().unwrap(), "now").unwrap();
        write(&Api::all(Client::new(service, "default")), &status).await.unwrap();
        let taken = taken.lock().unwrap();
        assert_eq!(taken[0].pointer("/status/conditions/0/reason"), Some(&json!("InForce")));
    }

    #[test]
    fn a_restart_keeps_what_was_accepted_while_the_spec_is_invalid() {
        let deny = json!({"enforcement": [{"mode": "Deny"}]});
        let invalid = json!({"minimumMonthlySaving": -1});
        let (first, news) = policies();
        first.put(stored(deny.clone()));
        let kept = status(news.borrow().as_ref().unwrap(), "now").unwrap();
        assert_eq!(kept.accepted_spec.as_ref(), Some(&deny));
        let with = |spec: &Value, status: &PlatformProfileStatus| Stored {
            status: serde_json::to_value(status).unwrap(),
            ..stored(spec.clone())
        };

        // Another process, which never saw the good one.
        let (second, news) = policies();
        second.put(with(&invalid, &kept));
        assert_eq!(second.evaluator.in_force().policy.enforcement.len(), 1, "Deny ended with a restart");
        let told = status(news.borrow().as_ref().unwrap(), "later").unwrap();
        assert!(told.conditions[0].message.ends_with("the policy before it stays in force"));
        assert_eq!(told.accepted_spec, kept.accepted_spec, "the next start would lose it");

        // Who empties it means it, whatever its status still says.
        second.put(with(&json!({}), &told));
        let emptied = status(news.borrow().as_ref().unwrap(), "then").unwrap();
        assert_eq!(emptied.accepted_spec, None);
        second.put(with(&invalid, &told));
        assert_eq!(second.evaluator.in_force().policy, Policy::default());
    }

    #[test]
    fn an_empty_spec_leaves_what_berth_was_started_with_in_force() {
        let (told, news) = watch::channel(None);
        let started_with = Policy { minimum_monthly_saving: 25.0, ..Policy::default() };
        let policies = Policies {
            evaluator: Evaluator::new(Catalog::embedded().clone(), started_with),
            told,
            ..policies().0
        };
        let saving = || policies.evaluator.in_force().policy.minimum_monthly_saving;
        policies.put(stored(json!({})));
        assert_eq!(saving(), 25.0);
        let told = status(news.borrow().as_ref().unwrap(), "now").unwrap();
        assert!(told.conditions[0].message.starts_with("Its spec is empty"));
        policies.put(stored(json!({"minimumMonthlySaving": 50})));
        assert_eq!(saving(), 50.0);
        policies.put(stored(Value::Null));
        assert_eq!(saving(), 25.0);
    }

    #[test]
    fn what_the_status_says_already_isnt_written_again() {
        let (policies, news) = policies();
        policies.put(stored(json!({})));
        let told = news.borrow().clone().unwrap();
        let written = status(&told, "now").unwrap();
        assert_eq!(status(&Told { before: written, ..told }, "later"), None);
    }

    #[test]
    fn another_name_doesnt_count() {
        let (policies, news) = policies();
        let mut other = stored(json!({"minimumMonthlySaving": 50}));
        other.metadata.name = Some("mine".to_owned());
        policies.put(other);
        assert_eq!(policies.evaluator.in_force().policy, Policy::default());
        assert!(news.borrow().is_none());
    }
}
