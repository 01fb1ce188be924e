//! What the platform itself uses of Kubernetes: it's about no workload, and would have to be replaced with the cluster.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    decide::platform::PlatformFeature,
    observe::{
        Index,
        custom::definition::KIND as DEFINITION,
        neighbour::{Neighbour, What},
    },
};

/// How many objects of each kind are in force, by the kind's name. Berth's own don't count.
pub fn platform_features(index: &Index) -> Vec<PlatformFeature> {
    let bound: BTreeSet<&str> = index.the_platforms().filter_map(|near| bound(near)).collect();
    let is_in_force = |near: &&Neighbour| match &near.what {
        What::Callback(callback) if callback.kind == "APIService" => !callback.services.is_empty(),
        What::Callback(_) => true,
        What::AdmissionPolicy => bound.contains(near.name.as_str()),
        _ => false,
    };
    let mut objects: BTreeMap<&str, u32> = BTreeMap::new();
    for near in index.the_platforms().map(|near| &**near).filter(is_in_force).filter(|near| !is_ours(near)) {
        *objects.entry(near.what.kind()).or_default() += 1;
    }
    let feature = |(feature, objects): (&str, u32)| PlatformFeature { feature: feature.to_owned(), objects };
    objects.into_iter().map(feature).collect()
}

/// A policy does nothing until a binding names it.
fn bound(near: &Neighbour) -> Option<&str> {
    match &near.what {
        What::AdmissionBinding(policy) => Some(policy),
        _ => None,
    }
}

fn is_ours(near: &Neighbour) -> bool {
    let chart = near.labels.get("app.kubernetes.io/name").is_some_and(|name| name == "berth");
    chart || (near.what.kind() == DEFINITION && near.name.ends_with(".berth.dev"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::observe::Object;

    fn used(objects: &[(&str, &str, Value)]) -> Vec<(String, u32)> {
        let mut index = Index::default();
        for (kind, name, body) in objects {
            let mut object = body.clone();
            object["apiVersion"] = json!(match *kind {
                "APIService" => "apiregistration.k8s.io/v1",
                DEFINITION => "apiextensions.k8s.io/v1",
                _ => "admissionregistration.k8s.io/v1",
            });
            object["kind"] = json!(kind);
            object["metadata"]["name"] = json!(name);
            index.put(Object::read(&object).object.expect("it says something"));
        }
        platform_features(&index).into_iter().map(|of| (of.feature, of.objects)).collect()
    }

    #[test]
    fn a_policy_counts_once_it_is_bound() {
        let policy = |name| ("ValidatingAdmissionPolicy", name, json!({"spec": {}}));
        let binding = |name, policy| {
            ("ValidatingAdmissionPolicyBinding", name, json!({"spec": {"policyName": policy}}))
        };
        assert_eq!(used(&[policy("a"), binding("b", "other")]), []);
        let twice = [policy("a"), policy("unbound"), binding("b", "a"), binding("c", "a")];
        assert_eq!(used(&twice), [("ValidatingAdmissionPolicy".to_owned(), 1)]);
    }

    #[test]
    fn what_the_api_server_serves_itself_and_what_is_berths_dont_count() {
        let ours = json!({"metadata": {"labels": {"app.kubernetes.io/name": "berth"}}});
        let served = json!({"spec": {"service": {"name": "metrics-server", "namespace": "kube-system"}}});
        let found = used(&[
            ("APIService", "v1.apps", json!({"spec": {}})),
            ("APIService", "v1beta1.metrics.k8s.io", served),
            ("ValidatingWebhookConfiguration", "berth", ours),
            ("ValidatingWebhookConfiguration", "policies", json!({})),
            (DEFINITION, "workloadprofiles.berth.dev", json!({})),
            (DEFINITION, "certificates.cert-manager.io", json!({})),
            (DEFINITION, "issuers.cert-manager.io", json!({})),
        ]);
        let expected = [("APIService", 1), (DEFINITION, 2), ("ValidatingWebhookConfiguration", 1)];
        assert_eq!(found, expected.map(|(kind, count)| (kind.to_owned(), count)));
    }
}
