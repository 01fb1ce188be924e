//! What was decided before, read and never judged again: profiles of a cluster, or a saved report.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use serde::Deserialize;
use serde_json::Value;

use super::Failure;
use crate::{
    decide::{Decision, platform::PlatformVerdict},
    misread::in_words,
    policy::Policy,
    report::{form::Platform, record::Record},
    yaml,
};

/// The decided workloads of one or more clusters, and what is missing.
#[derive(Default)]
pub struct Saved {
    pub records: Vec<Record>,
    pub platforms: Vec<Platform>,
    policies: Vec<Policy>,
    pub notes: Vec<String>,
    /// Whether all that was there could be read.
    pub complete: bool,
}

/// What makes two profiles be about one workload.
type Subject = (String, String, String);

impl Saved {
    pub fn new() -> Self {
        Saved { complete: true, ..Saved::default() }
    }

    /// Reads what `kubectl get workloadprofiles -o yaml` or `-o json` or a report or scan in those forms wrote.
    ///
    /// # Errors
    /// When the file can't be read, or isn't YAML.
    pub fn file(&mut self, path: &Path) -> Result<(), Failure> {
        let written =
            std::fs::read_to_string(path).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
        let cluster = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let mut profiles = Vec::new();
        for document in yaml::documents(&written) {
            let value = yaml::parse(document.text).map_err(|error| {
                Failure(format!("{}:{}: {}", path.display(), document.line + error.line - 1, error.reason))
            })?;
            if let Some(workloads) = value.get("workloads").and_then(Value::as_array) {
                self.report(&cluster, &path.display().to_string(), workloads);
                // One platform says no name: its workloads do, where they were read from a cluster.
                let named = workloads.first().map_or("", |workload| text(workload, "/cluster"));
                self.platform(if named.is_empty() { &cluster } else { named }, value.get("platform"));
                for platform in value.get("platforms").and_then(Value::as_array).into_iter().flatten() {
                    self.platform(text(platform, "/cluster"), Some(platform));
                }
            } else if let Some(items) = value.get("items").and_then(Value::as_array) {
                profiles.extend(items.iter().cloned());
            } else {
                profiles.push(value);
            }
        }
        for platform in profiles.iter().filter(|object| text(object, "/kind") == "PlatformProfile") {
            self.profile(&cluster, platform);
        }
        profiles.retain(|object| text(object, "/kind") == "WorkloadProfile");
        self.profiles(&cluster, &profiles);
        Ok(())
    }

    /// Takes in a cluster's PlatformProfile: its verdict, and the policy in force there.
    pub fn profile(&mut self, cluster: &str, profile: &Value) {
        self.platform(cluster, profile.get("status"));
        self.policies.extend(profile.get("spec").and_then(|spec| Policy::of_spec(spec).ok()));
    }

    /// Marks the workloads that the verdicts count apart.
    pub fn mark_own(&mut self) {
        let own: HashSet<(Option<&str>, &str)> = self
            .platforms
            .iter()
            .flat_map(|platform| {
                let named = &platform.verdict.platforms_own.workloads;
                named.iter().map(|own| (platform.cluster.as_deref(), own.workload.as_str()))
            })
            .collect();
        for record in &mut self.records {
            record.own = own.contains(&(record.cluster.as_deref(), record.full_name().as_str()));
        }
    }

    /// Notes on verdicts that count fewer workloads than were decided: the operator writes a verdict last.
    pub fn behind(&self) -> Vec<String> {
        let told = |platform: &Platform| {
            let decided = |record: &&Record| record.cluster == platform.cluster && !record.own;
            let (counted, decided) =
                (platform.verdict.workloads as usize, self.records.iter().filter(decided).count());
            let name = platform.cluster.as_deref().unwrap_or("the cluster");
            (counted < decided).then(|| {
                format!("{name}: its verdict counts {counted} workloads, and {decided} are decided: ask again in some seconds")
            })
        };
        self.platforms.iter().filter_map(told).collect()
    }

    /// What the crossover is drawn by: the policy of the only cluster, else the default.
    pub fn policy(&self) -> Policy {
        match self.policies.as_slice() {
            [one] => one.clone(),
            _ => Policy::default(),
        }
    }

    /// Takes in the verdict on a cluster, where there is one.
    pub fn platform(&mut self, cluster: &str, status: Option<&Value>) {
        let verdict = status.and_then(|status| PlatformVerdict::deserialize(status).ok());
        let named = |verdict| Platform { cluster: Some(cluster.to_owned()), verdict };
        self.platforms.extend(verdict.map(named));
    }

    /// Takes in a saved report or scan. One that says its cluster keeps it.
    fn report(&mut self, cluster: &str, file: &str, workloads: &[Value]) {
        for (index, workload) in workloads.iter().enumerate() {
            match Record::deserialize(workload) {
                Ok(mut record) => {
                    record.cluster.get_or_insert_with(|| cluster.to_owned());
                    self.records.push(record);
                }
                Err(error) => {
                    self.complete = false;
                    self.notes.push(format!(
                        "{file}: workloads[{index}] can't be read: {}",
                        in_words(&error.to_string())
                    ));
                }
            }
        }
    }

    /// Takes in the profiles of a cluster. Where a person's and a generated one name one workload, the person's counts.
    pub fn profiles(&mut self, cluster: &str, profiles: &[Value]) {
        let mut counted: BTreeMap<Subject, &Value> = BTreeMap::new();
        for profile in profiles {
            let subject = subject(profile);
            let rank = |profile: &Value| (is_generated(profile), text(profile, "/metadata/name").to_owned());
            match counted.get(&subject) {
                Some(other) if rank(other) <= rank(profile) => {}
                _ => {
                    counted.insert(subject, profile);
                }
            }
        }
        let mut pending = 0;
        let mut off: BTreeMap<String, usize> = BTreeMap::new();
        for ((namespace, kind, name), profile) in counted {
            let told = |what: &str| format!("{cluster}: {} {namespace}/{name}: {what}", kind.to_lowercase());
            match decision(profile) {
                Ok(Some(decision)) => self.records.push(Record {
                    cluster: Some(cluster.to_owned()),
                    source: cluster.to_owned(),
                    kind,
                    namespace,
                    name,
                    decision,
                    own: false,
                    lines: BTreeMap::new(),
                    costs: String::new(),
                }),
                Ok(None) => match why_not(profile) {
                    Some(("ModeOff", _)) => *off.entry(namespace).or_default() += 1,
                    Some((_, message)) => self.notes.push(told(message)),
                    None => pending += 1,
                },
                Err(error) => {
                    self.complete = false;
                    self.notes
                        .push(told(&format!("its status can't be read: {}", in_words(&error.to_string()))));
                }
            }
        }
        for (namespace, profiles) in off {
            let what = format!(
                "namespace {namespace} is in mode Off: nothing is decided there (profiles: {profiles})"
            );
            self.notes.push(format!("{cluster}: {what}"));
        }
        if pending > 0 {
            self.notes
                .push(format!("{cluster}: {pending} profiles have no decision yet: the operator writes it"));
        }
    }
}

fn subject(profile: &Value) -> Subject {
    let text = |pointer| text(profile, pointer).to_owned();
    (text("/metadata/namespace"), text("/spec/workloadRef/kind"), text("/spec/workloadRef/name"))
}

/// Made by Berth: its workload owns it.
fn is_generated(profile: &Value) -> bool {
    let (_, kind, name) = subject(profile);
    let owners = profile.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    owners.is_some_and(|owners| {
        owners.iter().any(|owner| text(owner, "/kind") == kind && text(owner, "/name") == name)
    })
}

/// The decision in its status, if there is one.
fn decision(profile: &Value) -> Result<Option<Decision>, serde_json::Error> {
    match profile.get("status") {
        Some(status) if status.get("verdict").is_some() => Decision::deserialize(status).map(Some),
        _ => Ok(None),
    }
}

/// What a condition says in place of a decision: its reason and its message.
fn why_not(profile: &Value) -> Option<(&str, &str)> {
    let conditions = profile.pointer("/status/conditions")?.as_array()?;
    let ready = conditions.iter().find(|condition| text(condition, "/type") == "Ready")?;
    (text(ready, "/status") == "False").then(|| (text(ready, "/reason"), text(ready, "/message")))
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn profile(name: &str, owned: bool, status: Value) -> Value {
        let owners = if owned { json!([{"kind": "Deployment", "name": "web"}]) } else { json!([]) };
        json!({
            "kind": "WorkloadProfile",
            "metadata": {"name": name, "namespace": "shop", "ownerReferences": owners},
            "spec": {"workloadRef": {"kind": "Deployment", "name": "web"}},
            "status": status,
        })
    }

    #[test]
    fn a_persons_profile_and_a_generated_one_are_one_workload() {
        let mut saved = Saved::new();
        let generated = profile("deployment-web", true, json!({"verdict": "Misplaced"}));
        let own = profile("zebra", false, json!({"verdict": "WellPlaced"}));
        saved.profiles("prod", &[generated, own]);
        assert_eq!(saved.records.len(), 1);
        assert_eq!(saved.records[0].decision.verdict, crate::decide::Verdict::WellPlaced);
        assert!(saved.notes.is_empty(), "{:?}", saved.notes);
    }

    #[test]
    fn a_namespace_that_is_off_is_told_of_once() {
        let off = json!({"conditions": [{"type": "Ready", "status": "False", "reason": "ModeOff", "message": "Off."}]});
        let of = |name: &str| {
            let mut profile = profile(name, false, off.clone());
            profile["spec"]["workloadRef"]["name"] = json!(name);
            profile
        };
        let mut saved = Saved::new();
        saved.profiles("prod", &[of("web"), of("api")]);
        assert_eq!(
            saved.notes,
            ["prod: namespace shop is in mode Off: nothing is decided there (profiles: 2)"]
        );
    }

    #[test]
    fn no_decision_is_told_by_its_reason() {
        let gone =
            json!({"conditions": [{"type": "Ready", "status": "False", "message": "it doesn't exist"}]});
        for (status, note) in [
            (json!({}), "prod: 1 profiles have no decision yet: the operator writes it"),
            (gone, "prod: deployment shop/web: it doesn't exist"),
        ] {
            let mut saved = Saved::new();
            saved.profiles("prod", &[profile("web", false, status)]);
            assert_eq!((saved.notes.as_slice(), saved.complete), (&[note.to_owned()][..], true));
        }
        let mut saved = Saved::new();
        saved.profiles("prod", &[profile("web", false, json!({"verdict": "Excellent"}))]);
        assert!(saved.notes[0].contains("its status can't be read") && !saved.complete, "{:?}", saved.notes);
    }
}
