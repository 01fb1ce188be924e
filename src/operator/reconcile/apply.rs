//! The writes of a reconcile. Needs a client.

use kube::{
    Api, Client,
    api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams, Preconditions},
};
use serde_json::json;

use super::Error;
use crate::{
    api::{FIELD_MANAGER, WorkloadProfile, WorkloadProfileStatus},
    observe::Key,
    operator::{
        kinds,
        profile::{Profile, Stored, version},
    },
};

/// Creates a profile, and never changes one: a spec is a person's.
///
/// # Errors
/// When the API server refuses it, or the name belongs to a profile of another workload.
pub async fn create(client: &Client, key: &Key, desired: &WorkloadProfile) -> Result<Profile, Error> {
    let api: Api<WorkloadProfile> = Api::namespaced(client.clone(), &key.namespace);
    let params = PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
    match api.create(&params, desired).await {
        Ok(created) => Ok(Profile {
            namespace: key.namespace.clone(),
            version: version(&created.metadata),
            name: created.metadata.name.unwrap_or_default(),
            generation: created.metadata.generation,
            key: key.clone(),
            generated: true,
            answers: None,
            said: Default::default(),
        }),
        Err(kube::Error::Api(status)) if status.code == 409 => {
            existing(client, key, desired.metadata.name.as_deref().unwrap_or_default()).await
        }
        Err(source) => Err(Error::Api { what: "its profile can't be created", source }),
    }
}

/// A profile of that name which the watch hasn't told of yet.
async fn existing(client: &Client, key: &Key, name: &str) -> Result<Profile, Error> {
    let api: Api<Stored> = Api::namespaced(client.clone(), &key.namespace);
    let stored = api
        .get(name)
        .await
        .map_err(|source| Error::Api { what: "its profile exists and can't be read", source })?;
    let (profile, _) = Profile::read(stored).map_err(|problem| Error::Unreadable(problem.to_string()))?;
    if profile.key == *key { Ok(profile) } else { Err(Error::NameTaken { name: name.to_owned() }) }
}

/// Whether a workload is there by the API server's own word.
///
/// # Errors
/// When the API server doesn't say.
pub async fn is_there(client: &Client, key: &Key) -> Result<bool, Error> {
    // Of a kind that isn't watched nothing is known.
    let Some(resource) = kinds::resource(key.kind) else { return Ok(true) };
    let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), &key.namespace, &resource);
    // Not a get: workloads may be listed and watched, and no more.
    let named = ListParams::default().fields(&format!("metadata.name={}", key.name)).limit(1);
    match api.list_metadata(&named).await {
        Ok(found) => Ok(!found.items.is_empty()),
        // The kind isn't served, or not in this version: its objects may be back in another.
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(true),
        Err(source) => Err(Error::Api { what: "whether the workload is still there can't be asked", source }),
    }
}

/// Deletes a profile, unless somebody has written it since: that may have been a person's answer.
///
/// # Errors
/// When the API server refuses it.
pub async fn delete(client: &Client, profile: &Profile) -> Result<(), Error> {
    let api: Api<Stored> = Api::namespaced(client.clone(), &profile.namespace);
    let resource_version = profile.version.map(|version| version.to_string());
    let params = DeleteParams {
        preconditions: Some(Preconditions { resource_version, uid: None }),
        ..DeleteParams::default()
    };
    match api.delete(&profile.name, &params).await {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        Err(source) => Err(Error::Api { what: "its profile can't be deleted", source }),
    }
}

/// Writes the status by server-side apply: what this status leaves out goes, what others wrote stays.
/// Gives back the profile with what its status now says.
///
/// # Errors
/// When the API server refuses it.
pub async fn status(
    client: &Client,
    profile: Profile,
    status: &WorkloadProfileStatus,
) -> Result<Profile, Error> {
    let api: Api<Stored> = Api::namespaced(client.clone(), &profile.namespace);
    let body = json!({
        "apiVersion": "berth.dev/v1alpha1",
        "kind": "WorkloadProfile",
        "metadata": {"name": profile.name, "namespace": profile.namespace},
        "status": status,
    });
    let params = PatchParams::apply(FIELD_MANAGER).force();
    let stored = api
        .patch_status(&profile.name, &params, &Patch::Apply(&body))
        .await
        .map_err(|source| Error::Api { what: "its status can't be written", source })?;
    // Its spec may have changed meanwhile: that is for the watch to tell.
    Ok(Profile { version: version(&stored.metadata), said: stored.status.said, ..profile })
}
