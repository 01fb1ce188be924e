//! Objects of kinds that other projects define and that Berth doesn't read: what an operator makes of them isn't known.

use std::collections::BTreeMap;

use super::object::Problem;

/// Groups, with all groups below them, whose objects run nothing of a team's: they configure what is there, or belong to the
/// cluster and go with it. Of some groups it's only these kinds.
const RUN_NOTHING: &[(&str, &[&str])] = &[
    ("argoproj.io", &["AnalysisTemplate", "AppProject", "Application", "ApplicationSet"]),
    ("berth.dev", &[]),
    ("bitnami.com", &["SealedSecret"]),
    ("cert-manager.io", &[]),
    ("cilium.io", &[]),
    ("configuration.konghq.com", &[]),
    ("crossplane.io", &[]),
    ("datadoghq.com", &["DatadogDashboard", "DatadogMetric", "DatadogMonitor", "DatadogSLO"]),
    ("eks.amazonaws.com", &[]),
    ("external-secrets.io", &[]),
    ("fluxcd.io", &[]),
    ("gatekeeper.sh", &[]),
    ("gateway.envoyproxy.io", &[]),
    ("gateway.networking.x-k8s.io", &[]),
    ("getambassador.io", &[]),
    ("grafana.integreatly.org", &["GrafanaDashboard", "GrafanaDatasource", "GrafanaFolder"]),
    ("istio.io", &[]),
    ("k8s.aws", &[]),
    ("k8s.cni.cncf.io", &[]),
    ("k8s.io", &[]),
    ("k8s.nginx.org", &[]),
    ("karpenter.sh", &[]),
    ("keda.sh", &[]),
    ("kyverno.io", &[]),
    ("linkerd.io", &[]),
    ("monitoring.coreos.com", &["AlertmanagerConfig", "Probe", "PrometheusRule", "ScrapeConfig"]),
    ("operator.victoriametrics.com", &["VMPodScrape", "VMProbe", "VMRule", "VMServiceScrape"]),
    ("projectcalico.org", &[]),
    ("projectcontour.io", &[]),
    ("secrets-store.csi.x-k8s.io", &[]),
    ("secrets.hashicorp.com", &[]),
    ("smi-spec.io", &[]),
    ("traefik.containo.us", &[]),
    ("traefik.io", &[]),
    ("velero.io", &[]),
];

/// How many objects of each kind were left out that may run something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unread(BTreeMap<String, u32>);

impl Unread {
    /// Counts an object that wasn't read for its kind.
    pub fn add(&mut self, problem: &Problem) {
        let (Problem::UnknownKind { api_version, kind } | Problem::UnknownVersion { api_version, kind, .. }) =
            problem
        else {
            return;
        };
        if may_run(api_version, kind) {
            *self.0.entry(kind.clone()).or_default() += 1;
        }
    }

    pub fn by_kind(&self) -> &BTreeMap<String, u32> {
        &self.0
    }
}

fn may_run(api_version: &str, kind: &str) -> bool {
    // A group without a dot is Kubernetes' own.
    let Some((group, _)) = api_version.split_once('/').filter(|(group, _)| group.contains('.')) else {
        return false;
    };
    let is_below =
        |of: &str| group.strip_suffix(of).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    !RUN_NOTHING.iter().any(|(of, kinds)| is_below(of) && (kinds.is_empty() || kinds.contains(&kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_operator_may_run_counts_and_what_only_configures_does_not() {
        for (api_version, kind) in [
            ("kafka.strimzi.io/v1beta2", "Kafka"),
            ("postgresql.cnpg.io/v1", "Cluster"),
            ("argoproj.io/v1alpha1", "Workflow"),
            ("monitoring.coreos.com/v1", "Prometheus"),
            ("serving.knative.dev/v1", "Service"),
            ("jobset.x-k8s.io/v1alpha2", "JobSet"),
            ("notk8s.io/v1", "Thing"),
        ] {
            assert!(may_run(api_version, kind), "{api_version} {kind}");
        }
        for (api_version, kind) in [
            ("cert-manager.io/v1", "Certificate"),
            ("acme.cert-manager.io/v1", "Order"),
            ("argoproj.io/v1alpha1", "Application"),
            ("monitoring.coreos.com/v1", "PrometheusRule"),
            ("snapshot.storage.k8s.io/v1", "VolumeSnapshot"),
            ("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass"),
            ("apps/v1", "Unheard"),
            ("v1", "Unheard"),
        ] {
            assert!(!may_run(api_version, kind), "{api_version} {kind}");
        }
    }
}
