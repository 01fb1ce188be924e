//! The profile that Berth makes for a workload without one. Pure.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};

use ring::digest::{SHA256, digest};

use super::Error;
use crate::{
    api::{FIELD_MANAGER, WorkloadProfile, WorkloadProfileSpec, WorkloadRef},
    observe::{Key, Workload, answers::Answers},
};

/// What the API server takes as a name at most.
const NAME_MAX: usize = 253;

/// The profile, owned by its workload and with no answers: those are a person's.
///
/// # Errors
/// When the workload wasn't read from a cluster and so has no uid.
pub fn profile(workload: &Workload) -> Result<WorkloadProfile, Error> {
    let key = &workload.key;
    let reference = WorkloadRef {
        api_version: key.kind.api_version().to_owned(),
        kind: key.kind.name().to_owned(),
        name: key.name.clone(),
    };
    let owner = OwnerReference {
        api_version: reference.api_version.clone(),
        kind: reference.kind.clone(),
        name: reference.name.clone(),
        uid: workload.uid.clone().ok_or(Error::NoUid)?,
        // Enough for the garbage collector. The workload doesn't control it, and its deletion must not wait for it.
        controller: None,
        block_owner_deletion: Some(false),
    };
    let spec = WorkloadProfileSpec { workload_ref: reference, answers: Answers::default() };
    let mut profile = WorkloadProfile::new(&name(key), spec);
    profile.metadata = ObjectMeta {
        name: profile.metadata.name,
        namespace: Some(key.namespace.clone()),
        labels: Some(BTreeMap::from([("app.kubernetes.io/managed-by".to_owned(), FIELD_MANAGER.to_owned())])),
        owner_references: Some(vec![owner]),
        ..ObjectMeta::default()
    };
    Ok(profile)
}

/// Of a hash in a name, in hexadecimal digits.
const HASH_LEN: usize = 16;

/// The key's profile name. The longest are cut, with a hash so that two of them don't meet: a standard one, for the
/// next build of Berth must find the same name.
fn name(key: &Key) -> String {
    let full = key.profile_name();
    if full.len() <= NAME_MAX {
        return full;
    }
    let digest = digest(&SHA256, full.as_bytes());
    let hash: String = digest.as_ref().iter().take(HASH_LEN / 2).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{hash}", full[..NAME_MAX - HASH_LEN - 1].trim_end_matches(['-', '.']))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::observe::workload::Deployment;

    fn workload(name: &str) -> Workload {
        let deployment: Deployment = serde_json::from_value(json!({
            "metadata": {"namespace": "shop", "name": name, "uid": "1-2-3"},
            "spec": {"template": {"spec": {"containers": [{"name": "main"}]}}},
        }))
        .unwrap();
        deployment.into()
    }

    #[test]
    fn it_goes_with_its_workload_and_says_nothing_for_a_person() {
        let profile = profile(&workload("web")).unwrap();
        assert_eq!(
            serde_json::to_value(profile).unwrap(),
            json!({
                "apiVersion": "berth.dev/v1alpha1",
                "kind": "WorkloadProfile",
                "metadata": {
                    "name": "deployment-web",
                    "namespace": "shop",
                    "labels": {"app.kubernetes.io/managed-by": "berth"},
                    "ownerReferences": [{
                        "apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "1-2-3",
                        "blockOwnerDeletion": false,
                    }],
                },
                "spec": {"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
            })
        );
    }

    #[test]
    fn the_longest_names_fit_and_stay_apart() {
        let long = |last: char| name(&workload(&format!("{}{last}", "a".repeat(252))).key);
        assert!(long('b').len() <= NAME_MAX && long('b').starts_with("deployment-aaa"));
        assert_ne!(long('b'), long('c'));
        assert!(long('b').ends_with("-5edc984f8bfde0b1"), "another build gives another name");
    }

    #[test]
    fn without_a_uid_nothing_can_own_it() {
        let homeless = Workload { uid: None, ..workload("web") };
        assert!(matches!(profile(&homeless), Err(Error::NoUid)));
    }
}
