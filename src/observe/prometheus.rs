//! What Prometheus answers, and whose series those are: told by labels alone, and counted as nobody's where they don't
//! tell.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Index, Key, Kind};

pub type Labels = BTreeMap<String, String>;

/// An answer to an instant query, cut to what is read.
#[derive(Clone, Debug, Deserialize)]
pub struct Answer {
    pub data: Data,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Data {
    pub result: Vec<Sample>,
}

/// One series at one moment.
#[derive(Clone, Debug, Deserialize)]
pub struct Sample {
    #[serde(default)]
    pub metric: Labels,
    /// Unix time, and the number as text.
    pub value: (f64, String),
}

/// Why a query was refused, where Prometheus says it.
#[derive(Clone, Debug, Deserialize)]
pub struct Problem {
    pub error: String,
}

impl Sample {
    /// The number, unless none could be meant: no requests have no percentile, and none are negative.
    pub fn number(&self, most: f64) -> Option<f64> {
        let number: f64 = self.value.1.parse().ok()?;
        (number >= 0.0 && number <= most).then_some(number)
    }
}

/// Where the namespace stands. What was scraped beside the workload it tells of keeps its own namespace, and that of the
/// series is exported.
const NAMESPACES: &[&str] = &["exported_namespace", "destination_workload_namespace", "namespace"];
/// Labels that name a workload and its kind.
const KINDS: &[(&str, Kind)] =
    &[("deployment", Kind::Deployment), ("statefulset", Kind::StatefulSet), ("daemonset", Kind::DaemonSet)];
/// Labels that name a workload alone.
const WORKLOADS: &[&str] = &["destination_workload", "workload"];
/// Labels that name a Service.
const SERVICES: &[&str] = &["exported_service", "destination_service_name", "service"];

/// The workload that a series is about. The first label that is there decides: if it fits none, or several, nothing
/// is guessed from the others.
pub fn workload_of(labels: &Labels, index: &Index) -> Option<Key> {
    let value = |name: &str| labels.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let namespace = NAMESPACES.iter().find_map(|name| value(name))?;
    let key = |kind, name: &str| Key { namespace: namespace.to_owned(), kind, name: name.to_owned() };
    let known = |kind, name: &str| Some(key(kind, name)).filter(|key| index.contains(key));
    if let Some((kind, name)) = KINDS.iter().find_map(|(label, kind)| Some((*kind, value(label)?))) {
        return known(kind, name);
    }
    if let Some(name) = WORKLOADS.iter().find_map(|label| value(label)) {
        return sole(serving().filter_map(|kind| known(kind, name)));
    }
    if let Some(pod) = value("pod") {
        return sole(stems(pod).filter_map(|(kind, name)| known(kind, name)));
    }
    let service = SERVICES.iter().find_map(|label| value(label))?;
    sole(index.behind(namespace, service).into_iter())
}

/// Kinds that answer requests.
fn serving() -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().filter(|kind| !matches!(kind, Kind::Job | Kind::CronJob))
}

/// What a Pod's name may be made from: its own, or that of what made it.
fn stems(pod: &str) -> impl Iterator<Item = (Kind, &str)> {
    let last = pod.rsplit_once('-');
    // The alphabet of Kubernetes' own random names: no vowels, and nothing that looks like one.
    let is_random = |text: &str| text.bytes().all(|b| b"bcdfghjklmnpqrstvwxz2456789".contains(&b));
    let by_ordinal = last.filter(|(_, end)| !end.is_empty() && end.bytes().all(|b| b.is_ascii_digit()));
    let by_random = last.filter(|(_, end)| end.len() == 5 && is_random(end));
    let by_hash = by_random
        .and_then(|(replica_set, _)| replica_set.rsplit_once('-'))
        .filter(|(_, hash)| (1..=10).contains(&hash.len()) && is_random(hash));
    [
        by_hash.map(|(name, _)| (Kind::Deployment, name)),
        by_hash.map(|(name, _)| (Kind::Rollout, name)),
        by_ordinal.map(|(name, _)| (Kind::StatefulSet, name)),
        by_random.map(|(name, _)| (Kind::DaemonSet, name)),
        by_random.map(|(name, _)| (Kind::ReplicaSet, name)),
        by_random.map(|(name, _)| (Kind::ReplicationController, name)),
        Some((Kind::Pod, pod)),
    ]
    .into_iter()
    .flatten()
}

/// The one there is.
fn sole(keys: impl Iterator<Item = Key>) -> Option<Key> {
    let mut keys: BTreeSet<Key> = keys.collect();
    let first = keys.pop_first();
    first.filter(|_| keys.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::observe::{Object, neighbour, workload};

    fn index() -> Index {
        let mut index = Index::default();
        let mut put = |kind: &str, name: &str| {
            let object = json!({"metadata": {"name": name, "namespace": "shop"},
                "spec": {"template": {"metadata": {"labels": {"app": name}}}}});
            let workload: crate::observe::Workload = match kind {
                "Deployment" => serde_json::from_value::<workload::Deployment>(object).unwrap().into(),
                "StatefulSet" => serde_json::from_value::<workload::StatefulSet>(object).unwrap().into(),
                _ => serde_json::from_value::<workload::DaemonSet>(object).unwrap().into(),
            };
            index.put(Object::Workload(Box::new(workload)));
        };
        put("Deployment", "web");
        put("StatefulSet", "db");
        put("DaemonSet", "node-exporter");
        put("Deployment", "twin");
        put("StatefulSet", "twin");
        for (name, selector) in [("front", json!({"app": "web"})), ("both", json!({"app": "twin"}))] {
            let service =
                json!({"metadata": {"name": name, "namespace": "shop"}, "spec": {"selector": selector}});
            let service: neighbour::Service = serde_json::from_value(service).unwrap();
            index.put(Object::Neighbour(Box::new(service.into())));
        }
        index
    }

    fn whose(labels: &[(&str, &str)]) -> Option<String> {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        workload_of(&labels, &index()).map(|key| format!("{}/{}", key.kind, key.name))
    }

    #[test]
    fn labels_tell_whose_a_series_is() {
        let web = Some("Deployment/web".to_owned());
        assert_eq!(whose(&[("namespace", "shop"), ("deployment", "web")]), web);
        assert_eq!(whose(&[("namespace", "shop"), ("workload", "web")]), web);
        assert_eq!(
            whose(&[("destination_workload_namespace", "shop"), ("destination_workload", "web")]),
            web
        );
        assert_eq!(whose(&[("namespace", "shop"), ("service", "front")]), web);
        let beside = [
            ("namespace", "ingress-nginx"),
            ("service", "controller"),
            ("exported_namespace", "shop"),
            ("exported_service", "front"),
        ];
        assert_eq!(whose(&beside), web);
        assert_eq!(whose(&[("namespace", "shop"), ("pod", "web-7d4b9c6f5-x2x9z")]), web);
        assert_eq!(whose(&[("namespace", "shop"), ("pod", "db-0")]), Some("StatefulSet/db".to_owned()));
        assert_eq!(
            whose(&[("namespace", "shop"), ("pod", "node-exporter-x2x9z")]),
            Some("DaemonSet/node-exporter".to_owned())
        );
    }

    #[test]
    fn what_fits_nothing_or_several_is_nobodys() {
        let nobody = [
            vec![],
            vec![("namespace", "shop")],
            vec![("workload", "web")],
            vec![("namespace", "other"), ("workload", "web")],
            vec![("namespace", "shop"), ("workload", "twin")],
            vec![("namespace", "shop"), ("service", "both")],
            vec![("namespace", "shop"), ("service", "none")],
            // The label that is most exact is wrong: the others aren't asked.
            vec![("namespace", "shop"), ("deployment", "db"), ("service", "front")],
            vec![("namespace", "shop"), ("pod", "web")],
            vec![("namespace", "shop"), ("pod", "web-7d4b9c6f5-aeiou")],
        ];
        for labels in nobody {
            assert_eq!(whose(&labels), None, "{labels:?}");
        }
    }

    #[test]
    fn what_no_number_can_be_is_none() {
        let number = |text: &str| {
            let sample: Sample = serde_json::from_value(json!({"metric": {}, "value": [1.5, text]})).unwrap();
            sample.number(1e6)
        };
        assert_eq!((number("0.25"), number("0")), (Some(0.25), Some(0.0)));
        for text in ["NaN", "+Inf", "-1", "1e300", "", "many"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
