//! Whose a Pod is: by what owns it where that is at hand, else by what controllers name and label Pods by.
//!
//! No ReplicaSet and no Job has to be watched for it. Only a workload that is known counts; what fits two is nobody's.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Index, Key, Kind, pod::null_is_default};

/// Metadata without what makes it large.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Meta {
    pub name: String,
    pub namespace: String,
    #[serde(deserialize_with = "null_is_default")]
    pub labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "null_is_default")]
    pub owner_references: Vec<Owner>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Owner {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    pub controller: Option<bool>,
}

impl Owner {
    /// Of the kinds that are decided on: other projects have kinds of the same names.
    fn kind(&self) -> Option<Kind> {
        let group = |version: &str| version.rsplit_once('/').map(|(group, _)| group.to_owned());
        Kind::parse(&self.kind).filter(|kind| group(kind.api_version()) == group(&self.api_version))
    }
}

/// The workload of a Pod whose owners are known: none of them means that nobody owns it.
pub fn by_owner(index: &Index, pod: &Meta) -> Option<Key> {
    let whose = Whose { index, namespace: &pod.namespace, labels: &pod.labels };
    match pod.owner_references.iter().find(|owner| owner.controller == Some(true)) {
        None => whose.known(Kind::Pod, &pod.name),
        Some(owner) => match owner.kind()? {
            Kind::ReplicaSet => whose.of_replica_set(&owner.name),
            Kind::Job => whose.of_job(&owner.name),
            kind => whose.known(kind, &owner.name),
        },
    }
}

/// The workload of a Pod of which no more is known than its name and labels.
pub fn by_name(index: &Index, namespace: &str, pod: &Meta) -> Option<Key> {
    let whose = Whose { index, namespace, labels: &pod.labels };
    // Of one name there is one Pod, and one that is a workload has no owner.
    if let Some(itself) = whose.known(Kind::Pod, &pod.name) {
        return Some(itself);
    }
    let (stem, _) = pod.name.rsplit_once('-')?;
    if let Some(job) = whose.label("batch.kubernetes.io/job-name").or_else(|| whose.label("job-name")) {
        return whose.of_job(job);
    }
    if HASHES.iter().any(|(hash, _)| whose.label(hash).is_some()) {
        return whose.of_replica_set(stem);
    }
    if whose.label("statefulset.kubernetes.io/pod-name").is_some() {
        return whose.known(Kind::StatefulSet, stem);
    }
    if whose.label("controller-revision-hash").is_some() {
        return whose.known(Kind::DaemonSet, stem);
    }
    let (set, controller) =
        (whose.known(Kind::ReplicaSet, stem), whose.known(Kind::ReplicationController, stem));
    if set.is_some() && controller.is_some() { None } else { set.or(controller) }
}

/// The label whose value ends the name of a ReplicaSet, and what makes such a one.
const HASHES: &[(&str, Kind)] =
    &[("rollouts-pod-template-hash", Kind::Rollout), ("pod-template-hash", Kind::Deployment)];

struct Whose<'a> {
    index: &'a Index,
    namespace: &'a str,
    labels: &'a BTreeMap<String, String>,
}

impl Whose<'_> {
    fn label(&self, name: &str) -> Option<&str> {
        self.labels.get(name).map(String::as_str)
    }

    fn known(&self, kind: Kind, name: &str) -> Option<Key> {
        self.index.stands_for(Key { namespace: self.namespace.to_owned(), kind, name: name.to_owned() })
    }

    fn of_replica_set(&self, name: &str) -> Option<Key> {
        let maker = || {
            let (label, kind) = HASHES.iter().find(|(label, _)| self.label(label).is_some())?;
            self.known(*kind, name.strip_suffix(self.label(label)?)?.strip_suffix('-')?)
        };
        self.known(Kind::ReplicaSet, name).or_else(maker)
    }

    /// KEDA labels the Pods of its Jobs; a CronJob names its Jobs by the minute.
    fn of_job(&self, name: &str) -> Option<Key> {
        let by_minute = || {
            let (cron_job, minute) = name.rsplit_once('-')?;
            let is_minute = minute.bytes().all(|b| b.is_ascii_digit());
            is_minute.then(|| self.known(Kind::CronJob, cron_job)).flatten()
        };
        let scaled = || self.known(Kind::ScaledJob, self.label("scaledjob.keda.sh/name")?);
        self.known(Kind::Job, name).or_else(scaled).or_else(by_minute)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::observe::Object;

    const RUNNING: &[(&str, &str, &str)] = &[
        ("apps/v1", "Deployment", "web"),
        ("apps/v1", "Deployment", "web-api"),
        ("apps/v1", "StatefulSet", "db"),
        ("apps/v1", "DaemonSet", "agent"),
        ("apps/v1", "ReplicaSet", "old"),
        ("apps/v1", "ReplicaSet", "both"),
        ("v1", "ReplicationController", "older"),
        ("v1", "ReplicationController", "both"),
        ("argoproj.io/v1alpha1", "Rollout", "canary"),
    ];

    fn index() -> Index {
        let mut index = Index::default();
        let mut put = |mut object: Value, name: &str| {
            object["metadata"] = json!({"name": name, "namespace": "shop"});
            index.put(Object::read(&object).object.unwrap());
        };
        let template = json!({"spec": {"containers": [{"name": "a"}]}});
        for (version, kind, name) in RUNNING {
            put(json!({"apiVersion": version, "kind": kind, "spec": {"template": template}}), name);
        }
        put(json!({"apiVersion": "v1", "kind": "Pod", "spec": template["spec"]}), "by-hand-7d4-x2x9z");
        put(json!({"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": template}}), "once");
        let job = json!({"spec": {"template": template}});
        put(json!({"apiVersion": "batch/v1", "kind": "CronJob", "spec": {"jobTemplate": job}}), "report");
        let scaled = json!({"jobTargetRef": {"template": template}});
        put(json!({"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledJob", "spec": scaled}), "resize");
        // The Deployment has the template, and none of these Pods is its own controller's.
        let of = json!({"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}});
        put(json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "spec": of}), "green");
        index
    }

    fn show(key: Option<Key>) -> String {
        key.map_or_else(String::new, |key| format!("{}/{}", key.kind, key.name))
    }

    fn named(name: &str, labels: Value) -> String {
        let meta: Meta = serde_json::from_value(json!({"name": name, "labels": labels})).unwrap();
        show(by_name(&index(), "shop", &meta))
    }

    fn owned(name: &str, labels: Value, owner: Value) -> String {
        let meta = json!({"name": name, "namespace": "shop", "labels": labels, "ownerReferences": owner});
        show(by_owner(&index(), &serde_json::from_value(meta).unwrap()))
    }

    #[test]
    fn a_name_and_labels_tell_whose_a_pod_is() {
        let hash = || json!({"pod-template-hash": "7d4"});
        assert_eq!(named("web-7d4-x2x9z", hash()), "Deployment/web");
        assert_eq!(named("web-api-7d4-x2x9z", hash()), "Deployment/web-api");
        let rollout = || json!({"rollouts-pod-template-hash": "7d4"});
        assert_eq!(named("canary-7d4-x2x9z", rollout()), "Rollout/canary");
        assert_eq!(named("green-7d4-x2x9z", rollout()), "Deployment/web");
        let ordinal = json!({"statefulset.kubernetes.io/pod-name": "db-0", "controller-revision-hash": "5"});
        assert_eq!(named("db-0", ordinal), "StatefulSet/db");
        assert_eq!(named("agent-abcde", json!({"controller-revision-hash": "5"})), "DaemonSet/agent");
        let job = |name: &str| json!({"batch.kubernetes.io/job-name": name});
        assert_eq!(named("once-abcde", job("once")), "Job/once");
        assert_eq!(named("report-29123-abcde", job("report-29123")), "CronJob/report");
        let scaled = json!({"job-name": "resize-x2x9z", "scaledjob.keda.sh/name": "resize"});
        assert_eq!(named("resize-x2x9z-abcde", scaled), "ScaledJob/resize");
        assert_eq!(named("old-abcde", json!({"app": "old"})), "ReplicaSet/old");
        assert_eq!(named("older-abcde", json!({})), "ReplicationController/older");
        assert_eq!(named("by-hand-7d4-x2x9z", hash()), "Pod/by-hand-7d4-x2x9z");
    }

    #[test]
    fn a_name_that_fits_nothing_known_or_two_is_nobodys() {
        assert_eq!(named("both-abcde", json!({})), "");
        assert_eq!(named("pod", json!({"pod-template-hash": "7d4"})), "");
        assert_eq!(named("web-9f9-x2x9z", json!({"pod-template-hash": "7d4"})), "");
        assert_eq!(named("gone-7d4-x2x9z", json!({"pod-template-hash": "7d4"})), "");
        assert_eq!(named("web-7d4-x2x9z", json!({})), "");
        assert_eq!(named("report-x2x9z-abcde", json!({"job-name": "report-x2x9z"})), "");
        assert_eq!(named("unknown", json!({})), "");
    }

    #[test]
    fn an_owner_says_more_than_a_name() {
        let by = |version: &str, kind: &str, name: &str| {
            json!([{"apiVersion": "v1", "kind": "Node", "name": "n1"},
                {"apiVersion": version, "kind": kind, "name": name, "controller": true}])
        };
        // A long name is cut before its random end is put on.
        assert_eq!(
            owned("web-ax2x9z", json!({"pod-template-hash": "7d4"}), by("apps/v1", "ReplicaSet", "web-7d4")),
            "Deployment/web"
        );
        let rollout = json!({"rollouts-pod-template-hash": "7d4"});
        assert_eq!(owned("p", rollout, by("apps/v1", "ReplicaSet", "green-7d4")), "Deployment/web");
        assert_eq!(owned("p", json!({}), by("apps/v1", "ReplicaSet", "both")), "ReplicaSet/both");
        assert_eq!(
            owned("p", json!({}), by("v1", "ReplicationController", "both")),
            "ReplicationController/both"
        );
        assert_eq!(owned("p", json!({}), by("batch/v1", "Job", "report-29123")), "CronJob/report");
        assert_eq!(owned("p", json!({}), by("apps/v1", "StatefulSet", "db")), "StatefulSet/db");
        assert_eq!(owned("by-hand-7d4-x2x9z", json!({}), json!(null)), "Pod/by-hand-7d4-x2x9z");
        // Nobody's that is known: another project's kind, a node's own, and one that only looks like a Deployment's.
        assert_eq!(owned("p", json!({}), by("apps.kruise.io/v1beta1", "StatefulSet", "db")), "");
        assert_eq!(owned("p", json!({}), by("v1", "Node", "n1")), "");
        assert_eq!(owned("web-7d4-x2x9z", json!({"pod-template-hash": "7d4"}), json!([])), "");
    }
}
