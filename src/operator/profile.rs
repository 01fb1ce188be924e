//! One WorkloadProfile as the operator remembers it: whose it is, and what its status says, in a few bytes.

use std::{collections::hash_map::DefaultHasher, hash::Hasher, io, sync::Arc};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::{
    api::{Condition, WorkloadProfile, WorkloadProfileStatus},
    catalog::Target,
    decide::Verdict,
    facts::ExemptionState,
    observe::{
        Key,
        answers::Answers,
        history::History,
        object::{Problem, answers_of, subject_of},
    },
};

/// As the API server sends it. Spec and status are read apart: one that can't be read must not hide the other.
#[derive(Clone, Debug, Deserialize, kube::Resource)]
#[resource(inherit = WorkloadProfile)]
pub struct Stored {
    pub metadata: ObjectMeta,
    #[serde(default)]
    pub spec: Value,
    #[serde(default, deserialize_with = "cut")]
    pub status: Kept,
}

/// What is read of a status.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    pub said: Said,
    /// What the workload was seen doing, which goes into the index and isn't remembered twice.
    pub history: Option<History>,
}

/// Shrinks a status while it's read: a page of a list holds hundreds of them.
fn cut<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Kept, D::Error> {
    let status = Value::deserialize(deserializer)?;
    let read = serde_json::from_value::<WorkloadProfileStatus>(status);
    Ok(read.map(|status| Kept { said: Said::of(&status), history: status.observed }).unwrap_or_default())
}

/// As it's remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    pub namespace: String,
    pub name: String,
    pub generation: Option<i64>,
    /// Rises with each change, so that late news is told from new.
    pub version: Option<u64>,
    /// The workload that it's about.
    pub key: Key,
    /// Made by Berth, and owned by its workload.
    pub generated: bool,
    /// What a person answered in it, where anyone did.
    pub answers: Option<Arc<Answers>>,
    pub said: Said,
}

/// What a status says, as far as the next one depends on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Of the whole status without its times. 10,000 whole ones would take hundreds of megabytes.
    pub fingerprint: Option<u64>,
    pub verdict: Option<Verdict>,
    pub target: Option<Target>,
    pub exemption: Option<ExemptionState>,
    /// Type, status and the time of its last change.
    pub transitions: Vec<(String, String, String)>,
}

impl Profile {
    /// Takes in what the API server sent. Answers or a status that can't be read count as none.
    ///
    /// # Errors
    /// When it names no workload.
    pub fn read(stored: Stored) -> Result<(Profile, Option<Problem>), Problem> {
        let meta = stored.metadata;
        let version = version(&meta);
        let namespace = meta.namespace.unwrap_or_default();
        let key = subject_of(&namespace, &stored.spec)?;
        let (answers, problem) = match answers_of(&stored.spec) {
            Ok(answers) if answers == Answers::default() => (None, None),
            Ok(answers) => (Some(Arc::new(answers)), None),
            Err(problem) => (None, Some(problem)),
        };
        let generated = meta
            .owner_references
            .iter()
            .flatten()
            .any(|owner| owner.kind == key.kind.name() && owner.name == key.name);
        let name = meta.name.unwrap_or_default();
        Ok((
            Profile {
                namespace,
                name,
                generation: meta.generation,
                version,
                key,
                generated,
                answers,
                said: stored.status.said,
            },
            problem,
        ))
    }

    /// The status as far as a next one carries it on.
    pub fn previous(&self) -> Option<WorkloadProfileStatus> {
        let conditions = self.said.transitions.iter().map(|(type_, status, time)| Condition {
            type_: type_.clone(),
            status: status.clone(),
            reason: String::new(),
            message: String::new(),
            last_transition_time: time.clone(),
            observed_generation: None,
        });
        self.said.fingerprint.map(|_| WorkloadProfileStatus {
            advice: None,
            decision: None,
            observed: None,
            observed_generation: None,
            conditions: conditions.collect(),
        })
    }
}

impl Said {
    pub fn of(status: &WorkloadProfileStatus) -> Said {
        let decision = status.decision.as_ref();
        Said {
            fingerprint: fingerprint(status),
            verdict: decision.map(|decision| decision.verdict),
            target: decision.and_then(|decision| decision.recommendation.as_ref()).map(|r| r.target),
            exemption: decision.and_then(|decision| decision.exemption.as_ref()).map(|e| e.state),
            transitions: status
                .conditions
                .iter()
                .map(|c| (c.type_.clone(), c.status.clone(), c.last_transition_time.clone()))
                .collect(),
        }
    }
}

/// The resourceVersion as a number, which is what every API server writes.
pub fn version(meta: &ObjectMeta) -> Option<u64> {
    meta.resource_version.as_ref()?.parse().ok()
}

/// Equal for two statuses that say the same, whenever they say it.
pub fn fingerprint(status: &WorkloadProfileStatus) -> Option<u64> {
    let mut timeless = status.clone();
    for condition in &mut timeless.conditions {
        condition.last_transition_time.clear();
    }
    let mut hash = Fingerprint(DefaultHasher::new());
    serde_json::to_writer(&mut hash, &timeless).ok()?;
    Some(hash.0.finish())
}

struct Fingerprint(DefaultHasher);

impl io::Write for Fingerprint {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stored(spec: Value, status: Value) -> Stored {
        serde_json::from_value(json!({
            "apiVersion": "berth.dev/v1alpha1", "kind": "WorkloadProfile",
            "metadata": {"namespace": "shop", "name": "mine", "generation": 3},
            "spec": spec, "status": status,
        }))
        .unwrap()
    }

    fn web() -> Value {
        json!({"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}})
    }

    fn status(time: &str, generation: i64) -> Value {
        json!({"observedGeneration": generation, "verdict": "Misplaced", "conditions": [
            {"type": "Ready", "status": "True", "reason": "Decided", "message": "", "lastTransitionTime": time}
        ]})
    }

    #[test]
    fn a_status_of_another_time_says_the_same() {
        let said = |status| Profile::read(stored(web(), status)).unwrap().0.said;
        let (first, later) =
            (said(status("2026-01-01T00:00:00Z", 3)), said(status("2026-02-02T00:00:00Z", 3)));
        assert!(first.fingerprint.is_some());
        assert_eq!(first.fingerprint, later.fingerprint);
        assert_ne!(first.fingerprint, said(status("2026-01-01T00:00:00Z", 4)).fingerprint);
        assert_eq!(first.verdict, Some(Verdict::Misplaced));
    }

    #[test]
    fn answers_that_cant_be_read_are_named_and_the_profile_stays() {
        let mut spec = web();
        spec["traffic"] = json!({"meanRequestsPerSecond": "many"});
        let (profile, problem) = Profile::read(stored(spec, Value::Null)).unwrap();
        assert_eq!(profile.answers, None);
        assert!(problem.unwrap().to_string().starts_with("spec.traffic.meanRequestsPerSecond: "));
    }

    #[test]
    fn a_status_that_cant_be_read_counts_as_none() {
        let (profile, problem) = Profile::read(stored(web(), json!({"conditions": 3}))).unwrap();
        assert_eq!((profile.said, problem), (Said::default(), None));
    }

    #[test]
    fn a_profile_without_a_workload_is_refused_with_the_field() {
        let problem =
            Profile::read(stored(json!({"workloadRef": {"kind": "ConfigMap"}}), Value::Null)).unwrap_err();
        assert!(problem.to_string().starts_with("spec.workloadRef.kind: "));
    }
}
