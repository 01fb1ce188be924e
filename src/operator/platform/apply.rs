//! The writes of the platform's verdict. Needs a client.

use k8s_openapi::{api::core::v1::ObjectReference, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject, Patch, PatchParams, PostParams},
    runtime::events::{Event, EventType, Recorder},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::{debug, info};

use crate::{
    api::{PLATFORM, PlatformProfile, PlatformProfileStatus},
    decide::platform::{Justification, PlatformVerdict},
    operator::{
        reconcile::{Error, now, reason},
        reporter,
    },
    report,
};

/// The writer's own name: it applies the report, and another applies what it makes of the policy.
const MANAGER: &str = "berth-report";

/// As the API server sends it. The spec is another's to read: one that can't be read must not hide the report.
#[derive(Clone, Debug, Deserialize, kube::Resource)]
#[resource(inherit = PlatformProfile)]
struct Stored {
    metadata: ObjectMeta,
    #[serde(default)]
    status: Value,
}

impl Stored {
    /// A status that can't be read says nothing.
    fn said(&self) -> PlatformProfileStatus {
        PlatformProfileStatus::deserialize(&self.status).unwrap_or_default()
    }
}

/// What came of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Unchanged,
    Written,
}

/// Writes the verdict, on change alone.
pub struct PlatformWriter {
    client: Client,
    recorder: Recorder,
    cluster_name: String,
    /// What the status is known to say.
    said: Option<PlatformVerdict>,
}

impl PlatformWriter {
    pub fn new(client: Client, cluster_name: String) -> Self {
        let recorder = Recorder::new(client.clone(), reporter());
        PlatformWriter { client, recorder, cluster_name, said: None }
    }

    /// Has the next write look at what is stored.
    pub fn forget(&mut self) {
        self.said = None;
    }

    /// Writes the verdict unless the status says the same. Without a PlatformProfile one is made, so that the report
    /// has a place; with an empty spec, so that whoever applies theirs takes it over without a conflict.
    ///
    /// # Errors
    /// When the API server refuses; all of it can be tried again.
    pub async fn write(&mut self, verdict: &PlatformVerdict) -> Result<Outcome, Error> {
        if self.said.as_ref() == Some(verdict) {
            return Ok(Outcome::Unchanged);
        }
        let api: Api<Stored> = Api::all(self.client.clone());
        let refused = |what| move |source| Error::Api { what, source };
        let stored =
            match api.get_opt(PLATFORM).await.map_err(refused("the PlatformProfile can't be read"))? {
                Some(stored) => stored,
                None => self.create().await?,
            };
        let before = stored.said();
        let generation = stored.metadata.generation;
        let status =
            report::platform_status::status(verdict, &self.cluster_name, generation, &before, &now());
        if report::platform_status::says_the_same(&before, &status) {
            self.said = Some(verdict.clone());
            return Ok(Outcome::Unchanged);
        }
        self.apply(&api, &status).await?;
        self.said = Some(verdict.clone());
        info!(verdict = %verdict.verdict, "the platform's verdict was written: {}", verdict.summary);
        let verdict_before = before.platform.map(|platform| platform.verdict);
        // At the start there's nothing to tell of yet.
        let first = verdict_before.is_none() && verdict.workloads == 0;
        if verdict_before != Some(verdict.verdict) && !first {
            self.announce(verdict, verdict_before, stored.metadata.uid).await;
        }
        Ok(Outcome::Written)
    }

    async fn create(&self) -> Result<Stored, Error> {
        let resource = ApiResource::erase::<PlatformProfile>(&());
        let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource);
        // By hand: the type would write every default into the spec, and a later version's could not take their place.
        let empty = DynamicObject::new(PLATFORM, &resource).data(json!({"spec": {}}));
        let params = PostParams { field_manager: Some(MANAGER.to_owned()), ..PostParams::default() };
        let created = api
            .create(&params, &empty)
            .await
            .map_err(|source| Error::Api { what: "the PlatformProfile can't be created", source })?;
        info!(profile = PLATFORM, "PlatformProfile created: the default policy holds");
        Ok(Stored { metadata: created.metadata, status: Value::Null })
    }

    async fn apply(&self, api: &Api<Stored>, status: &PlatformProfileStatus) -> Result<(), Error> {
        let body = json!({
            "apiVersion": "berth.dev/v1alpha1",
            "kind": "PlatformProfile",
            "metadata": {"name": PLATFORM},
            "status": status,
        });
        let params = PatchParams::apply(MANAGER).force();
        api.patch_status(PLATFORM, &params, &Patch::Apply(&body))
            .await
            .map_err(|source| Error::Api { what: "the PlatformProfile's status can't be written", source })?;
        Ok(())
    }

    /// Tells of a changed verdict by an Event. The status says the same, so a failure isn't tried again.
    async fn announce(&self, verdict: &PlatformVerdict, before: Option<Justification>, uid: Option<String>) {
        let was = before.map_or_else(String::new, |before| format!(" It was {before}."));
        let event = Event {
            type_: EventType::Normal,
            reason: verdict.verdict.to_string(),
            note: Some(format!("{}{was}", verdict.summary)),
            action: format!("Judge{}", verdict.verdict),
            secondary: None,
        };
        let regarding = ObjectReference {
            api_version: Some("berth.dev/v1alpha1".to_owned()),
            kind: Some("PlatformProfile".to_owned()),
            name: Some(PLATFORM.to_owned()),
            uid,
            ..ObjectReference::default()
        };
        if let Err(error) = self.recorder.publish(&event, &regarding).await {
            debug!("the Event wasn't written: {}", reason(&error));
        }
    }
}
