//! Live clusters, read and never written: each context with a client, and what a command lists there.

use kube::{
    Api, Client, Config,
    api::{ApiResource, DynamicObject, ListParams},
    config::KubeConfigOptions,
    core::GroupVersionKind,
    discovery,
    error::DiscoveryError,
};
use serde_json::{Value, json};

use super::Failure;
use crate::{
    doctor::{Installation, NotFound},
    observe::{
        Kind, Object,
        custom::{self, Defined},
    },
    operator::{self, Scope},
    policy::Policy,
};

/// Objects asked for at once, as kubectl does.
const PAGE: u32 = 500;
/// Where the chart puts Berth: it doesn't judge itself.
const OWN_NAMESPACE: &str = "berth-system";

/// The neighbours and answers that are listed beside the workloads.
const NEIGHBOURS: &[(&str, &str)] = &[
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("v1", "Namespace"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "PersistentVolume"),
    ("storage.k8s.io/v1", "StorageClass"),
    ("networking.k8s.io/v1", "Ingress"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("policy/v1", "PodDisruptionBudget"),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ("apiregistration.k8s.io/v1", "APIService"),
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
    ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("berth.dev/v1alpha1", "WorkloadProfile"),
];

/// Kinds that say something of their own namespace alone. All others count wherever they are: workloads share the
/// cluster, bindings name accounts, and routes and monitors Services of other namespaces.
const OF_ONE_NAMESPACE: &[&str] = &[
    "Ingress",
    "NetworkPolicy",
    "PersistentVolumeClaim",
    "PodDisruptionBudget",
    "Service",
    "ServiceAccount",
    "WorkloadProfile",
];

/// Kinds by which a workload without copies may run all the same, and so counts.
const SCALES: &[&str] = &["HorizontalPodAutoscaler", "ScaledObject"];

/// One cluster that can be asked.
pub struct Cluster {
    /// Its context's name, or its host where no kubeconfig names one.
    pub name: String,
    pub client: Client,
}

/// What was read of a cluster, and what couldn't be.
#[derive(Default)]
pub struct Seen {
    pub objects: Vec<Object>,
    /// Kinds of which only the namespaces that were asked for may be listed, and others count too.
    narrowed: Vec<String>,
    pub errors: Vec<String>,
    pub notes: Vec<String>,
}

/// Runs what asks clusters to its end.
pub fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future)
}

/// A client for each context, or for the current one.
pub async fn connect(contexts: &[String]) -> Result<Vec<Cluster>, Failure> {
    if contexts.is_empty() {
        return Ok(vec![current().await?]);
    }
    let mut clusters = Vec::new();
    for context in contexts {
        let options = KubeConfigOptions { context: Some(context.clone()), ..Default::default() };
        let config = Config::from_kubeconfig(&options)
            .await
            .map_err(|error| Failure(format!("context {context}: {error}")))?;
        clusters.push(cluster(context.clone(), config)?);
    }
    Ok(clusters)
}

async fn current() -> Result<Cluster, Failure> {
    let config = Config::infer().await.map_err(|error| {
        // Outside of a Pod the kubeconfig is what is missing, and all that can be mended.
        let why = match kube::config::Kubeconfig::read() {
            Err(unread) => unread.to_string(),
            Ok(_) => error.to_string(),
        };
        Failure(format!("no cluster to ask: {why}; set KUBECONFIG, or give it files instead"))
    })?;
    let named = kube::config::Kubeconfig::read().ok().and_then(|kubeconfig| kubeconfig.current_context);
    let name = named
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| config.cluster_url.host().unwrap_or("cluster").to_owned());
    cluster(name, config)
}

fn cluster(name: String, config: Config) -> Result<Cluster, Failure> {
    let client = Client::try_from(config).map_err(|error| Failure(format!("{name}: {error}")))?;
    Ok(Cluster { name, client })
}

impl Cluster {
    /// Every workload with what is around it. A kind that may not be listed is named; the rest is judged all the same.
    /// Who asks for some namespaces needs no rights in others: what is missed by that is told.
    pub async fn observe(&self, namespaces: &[String]) -> Seen {
        let mut seen = Seen::default();
        let scope = Scope::new(OWN_NAMESPACE);
        let built_in = |kind: &Kind| !custom::is_one(kind.name());
        for kind in Kind::ALL.into_iter().filter(built_in) {
            let (version, labels) = (kind.api_version(), kind.ownerless());
            match self.list(version, kind.name(), labels, namespaces, &mut seen.narrowed).await {
                Ok(values) => seen.read(&values, &scope),
                Err(error) => seen.errors.push(format!("{}: {kind}: {}", self.name, reason(&error))),
            }
        }
        for (api_version, kind) in NEIGHBOURS {
            match self.list(api_version, kind, None, namespaces, &mut seen.narrowed).await {
                Ok(values) => seen.read(&values, &scope),
                // A cluster without Berth has no profiles.
                Err(kube::Error::Api(status)) if status.code == 404 => {}
                Err(error) => {
                    seen.notes.push(format!("{}: {kind} isn't counted: {}", self.name, reason(&error)));
                }
            }
        }
        for known in custom::ALL {
            match self.list_served(&known.defined, namespaces, &mut seen.narrowed).await {
                Ok(values) => seen.read(&values, &scope),
                Err(error) => {
                    let kind = known.defined.kind;
                    seen.notes.push(format!("{}: {kind} isn't counted: {}", self.name, reason(&error)));
                }
            }
        }
        seen.tell_narrowed(&self.name);
        seen
    }

    /// What there is of a kind of another project, in the best version that is served; nothing where none is.
    async fn list_served(
        &self,
        defined: &Defined,
        namespaces: &[String],
        narrowed: &mut Vec<String>,
    ) -> kube::Result<Vec<Value>> {
        for version in defined.versions {
            let version = format!("{}/{version}", defined.group);
            match self.list(&version, defined.kind, None, namespaces, narrowed).await {
                Err(kube::Error::Api(status)) if status.code == 404 => {}
                Err(kube::Error::Discovery(DiscoveryError::MissingKind(_))) => {}
                listed => return listed,
            }
        }
        Ok(Vec::new())
    }

    /// All of a kind, or what there is of it in these namespaces: where no other counts, or no other may be listed.
    async fn list(
        &self,
        api_version: &str,
        kind: &str,
        labels: Option<&str>,
        namespaces: &[String],
        narrowed: &mut Vec<String>,
    ) -> kube::Result<Vec<Value>> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let (resource, capabilities) =
            discovery::pinned_kind(&self.client, &GroupVersionKind::gvk(group, version, kind)).await?;
        let namespaced = capabilities.scope == discovery::Scope::Namespaced;
        let all = async || list(Api::all_with(self.client.clone(), &resource), labels).await;
        let within = || self.list_within(&resource, namespaced, labels, namespaces);
        let mut values = if namespaces.is_empty() {
            all().await?
        } else if OF_ONE_NAMESPACE.contains(&kind) {
            within().await?
        } else {
            match all().await {
                Err(kube::Error::Api(status))
                    if status.code == 403 && (namespaced || kind == "Namespace") =>
                {
                    let values = within().await?;
                    narrowed.extend(namespaced.then(|| kind.to_owned()));
                    values
                }
                listed => listed?,
            }
        };
        // The items of a list don't say what they are.
        for value in &mut values {
            value["apiVersion"] = json!(api_version);
            value["kind"] = json!(kind);
        }
        Ok(values)
    }

    /// What these namespaces have of a kind; or the namespaces themselves.
    async fn list_within(
        &self,
        resource: &ApiResource,
        namespaced: bool,
        labels: Option<&str>,
        namespaces: &[String],
    ) -> kube::Result<Vec<Value>> {
        let mut values = Vec::new();
        for namespace in each_once(namespaces) {
            if namespaced {
                let api = Api::namespaced_with(self.client.clone(), namespace, resource);
                values.extend(list(api, labels).await?);
            } else {
                let api: Api<DynamicObject> = Api::all_with(self.client.clone(), resource);
                let one = api.get(namespace).await?;
                values.push(serde_json::to_value(one).map_err(kube::Error::SerdeError)?);
            }
        }
        Ok(values)
    }

    /// The profiles of these namespaces, or of all.
    pub async fn profiles(&self, namespaces: &[String]) -> Result<Vec<Value>, Failure> {
        let resource = ApiResource::erase::<crate::api::WorkloadProfile>(&());
        if namespaces.is_empty() {
            let all = list(Api::all_with(self.client.clone(), &resource), None).await;
            return all.map_err(|error| self.refused(&error, None));
        }
        let mut found = Vec::new();
        for namespace in each_once(namespaces) {
            let api = Api::namespaced_with(self.client.clone(), namespace, &resource);
            let profiles = list(api, None).await.map_err(|error| self.refused(&error, Some(namespace)))?;
            if profiles.is_empty() {
                self.must_exist(namespace).await?;
            }
            found.extend(profiles);
        }
        Ok(found)
    }

    /// The platform's profile. Who may not read it still gets the workloads.
    pub async fn platform(&self) -> kube::Result<Option<Value>> {
        let resource = ApiResource::erase::<crate::api::PlatformProfile>(&());
        let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource);
        Ok(api.get_opt(crate::api::PLATFORM).await?.map(|profile| profile.data))
    }

    /// The policy that the operator was started with there, if it was and with any.
    async fn started_with(&self) -> Result<Option<Policy>, String> {
        match Installation::find(self.client.clone(), None).await {
            Ok(installation) => installation.started_with().await,
            Err(NotFound::None(_) | NotFound::Deployment { .. }) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    /// An empty list may also come of a namespace that isn't there. Who may not look is believed.
    async fn must_exist(&self, namespace: &str) -> Result<(), Failure> {
        let api: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(self.client.clone());
        match api.get_metadata(namespace).await {
            Err(kube::Error::Api(status)) if status.code == 404 => {
                Err(Failure(format!("{} has no namespace {namespace}: kubectl get namespaces", self.name)))
            }
            _ => Ok(()),
        }
    }

    fn refused(&self, error: &kube::Error, namespace: Option<&str>) -> Failure {
        let name = &self.name;
        match error {
            kube::Error::Api(status) if status.code == 404 => Failure(format!(
                "{name} has no WorkloadProfiles: Berth isn't installed there; `berth scan --cluster` judges it all the same"
            )),
            kube::Error::Api(status) if status.code == 403 && namespace.is_none() => Failure(format!(
                "{name}: you may not list the profiles of all namespaces: name one that you may, with --namespace"
            )),
            kube::Error::Api(status) if status.code == 403 => Failure(format!(
                "{name}: you may not list the profiles of namespace {0}: kubectl auth can-i list workloadprofiles -n {0}",
                namespace.unwrap_or_default()
            )),
            kube::Error::Api(status) => Failure(format!("{name} can't be asked: {}", status.message)),
            _ => Failure(format!(
                "{name} can't be asked: {}; kubectl cluster-info --context {name} asks it too",
                reason(error)
            )),
        }
    }
}

impl Seen {
    /// The policy that the operator follows there, and a note of which one that is.
    pub async fn policy(&mut self, cluster: &Cluster) -> Option<Policy> {
        let name = &cluster.name;
        let profile = match cluster.platform().await {
            Ok(profile) => profile.unwrap_or_default(),
            Err(error) => {
                self.notes
                    .push(format!("{name}: by the default policy: PlatformProfile: {}", reason(&error)));
                return None;
            }
        };
        let invalid = Policy::of_spec(&profile["spec"]).err();
        let unset = "no PlatformProfile sets one";
        let (policy, by, why) = match Policy::of_profile(&profile) {
            Ok(Some(policy)) if invalid.is_some() => {
                (Some(policy), "the one that was accepted before it", String::new())
            }
            Ok(Some(policy)) => (Some(policy), "the policy of its PlatformProfile", String::new()),
            Ok(None) | Err(_) => match cluster.started_with().await {
                Ok(Some(policy)) => (Some(policy), "the chart's value policy", String::new()),
                Ok(None) => (None, "the default policy", format!(": {unset}; --policy FILE does")),
                Err(why) => {
                    let why =
                        format!(": {unset}, and the chart's value isn't known ({why}); --policy FILE does");
                    (None, "the default policy", why)
                }
            },
        };
        match invalid {
            Some(invalid) => self.errors.push(format!("{name}: PlatformProfile: {invalid}; by {by} instead")),
            None => self.notes.push(format!("{name}: by {by}{why}")),
        }
        policy
    }

    /// What isn't known as only some namespaces may be listed.
    fn tell_narrowed(&mut self, cluster: &str) {
        let counted = |kind: &&String| Kind::parse(kind).is_some() || SCALES.contains(&kind.as_str());
        let (counted, leads): (Vec<&String>, Vec<&String>) = self.narrowed.iter().partition(counted);
        let notes = [
            (counted, "how many services share it isn't known; --services N says"),
            (leads, "what of theirs leads here or grants rights isn't known"),
        ];
        for (kinds, unknown) in notes.into_iter().filter(|(kinds, _)| !kinds.is_empty()) {
            let kinds: Vec<&str> = kinds.into_iter().map(String::as_str).collect();
            let kinds = kinds.join(", ");
            self.notes.push(format!("{cluster}: of other namespaces you may not list {kinds}: {unknown}"));
        }
    }

    fn read(&mut self, values: &[Value], scope: &Scope) {
        for value in values {
            let reading = Object::read(value);
            if let Some(problem) = reading.problem {
                let text = |pointer| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
                let (kind, namespace) = (text("/kind"), text("/metadata/namespace"));
                self.errors.push(format!("{kind} {namespace}/{}: {problem}", text("/metadata/name")));
            }
            match reading.object {
                Some(Object::Workload(workload)) if !scope.profiles(&workload.key) => {}
                Some(object) => self.objects.push(object),
                None => {}
            }
        }
    }
}

/// Without those that were given before: a namespace that is named twice is asked once.
fn each_once(names: &[String]) -> impl Iterator<Item = &String> {
    names.iter().enumerate().filter(|(index, name)| !names[..*index].contains(name)).map(|(_, name)| name)
}

async fn list(api: Api<DynamicObject>, labels: Option<&str>) -> kube::Result<Vec<Value>> {
    let mut found = Vec::new();
    let mut page =
        ListParams { label_selector: labels.map(str::to_owned), ..ListParams::default() }.limit(PAGE);
    loop {
        let list = api.list(&page).await?;
        for item in list.items {
            found.push(serde_json::to_value(item).map_err(kube::Error::SerdeError)?);
        }
        match list.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => page = page.continue_token(&token),
            None => return Ok(found),
        }
    }
}

/// What the API server said, without what the client wraps it in.
pub fn reason(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message.clone(),
        other => operator::reconcile::reason(other),
    }
}
