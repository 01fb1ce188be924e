//! The installation that is looked at: its Deployment, and the names that the Deployment's own arguments give.

use k8s_openapi::api::{
    admissionregistration::v1::{ValidatingWebhook, ValidatingWebhookConfiguration},
    apps::v1::Deployment,
    core::v1::{ConfigMap, Service},
};
use kube::{Api, Client, api::ListParams};
use tokio::sync::OnceCell;

use crate::{operator::reconcile::reason, policy::Policy};

const LABELS: &str = "app.kubernetes.io/name=berth,app.kubernetes.io/component=operator";

/// The label that names Helm's release.
const RELEASE: &str = "app.kubernetes.io/instance";

/// Where its Pods find the chart's policy.
const POLICY_VOLUME: &str = "policy";

#[derive(Debug, thiserror::Error)]
pub enum NotFound {
    #[error("the Deployments can't be listed: {}; choose a context that may", reason(.0))]
    Api(#[source] kube::Error),
    #[error(
        "no installation of Berth in {0}: helm install berth charts/berth -n berth-system --create-namespace"
    )]
    None(String),
    #[error(
        "the Deployment of Berth in {namespace} is missing, the rest is there: helm upgrade {release} charts/berth -n \
         {namespace} --reuse-values puts it back, or helm rollback {release} -n {namespace}"
    )]
    Deployment { namespace: String, release: String },
    #[error("several installations of Berth, in {0}: choose one with --namespace")]
    Several(String),
}

pub struct Installation {
    pub client: Client,
    pub namespace: String,
    pub name: String,
    pub deployment: Deployment,
    /// What several checks look at, asked for once.
    webhooks: OnceCell<Result<Option<ValidatingWebhookConfiguration>, String>>,
}

impl Installation {
    /// Looks for the one Deployment of the chart.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub async fn find(client: Client, namespace: Option<&str>) -> Result<Self, NotFound> {
        let api: Api<Deployment> = match namespace {
            Some(namespace) => Api::namespaced(client.clone(), namespace),
            None => Api::all(client.clone()),
        };
        let mut found = api.list(&ListParams::default().labels(LABELS)).await.map_err(NotFound::Api)?.items;
        let place = namespace.map_or_else(|| "any namespace".to_owned(), |name| format!("namespace {name}"));
        let Some(deployment) = found.pop() else {
            return Err(remains(client, namespace).await.unwrap_or(NotFound::None(place)));
        };
        if !found.is_empty() {
            let named = found.iter().chain([&deployment]).map(namespace_of).collect::<Vec<_>>();
            return Err(NotFound::Several(named.join(", ")));
        }
        Ok(Installation::of(client, deployment))
    }

    /// The one of this Deployment.
    pub fn of(client: Client, deployment: Deployment) -> Self {
        Installation {
            client,
            namespace: namespace_of(&deployment),
            name: deployment.metadata.name.clone().unwrap_or_default(),
            deployment,
            webhooks: OnceCell::new(),
        }
    }

    /// How many Pods are asked for.
    pub fn replicas(&self) -> i32 {
        self.deployment.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1)
    }

    /// How many of them answer.
    pub fn available(&self) -> i32 {
        self.deployment.status.as_ref().and_then(|status| status.available_replicas).unwrap_or(0)
    }

    /// What Helm calls it.
    pub fn release(&self) -> &str {
        let labels = self.deployment.metadata.labels.as_ref();
        labels.and_then(|labels| labels.get(RELEASE)).map_or("berth", String::as_str)
    }

    /// The value of an argument of the operator's, such as `--lease=berth`.
    pub fn argument(&self, name: &str) -> Option<&str> {
        let pod = self.deployment.spec.as_ref()?.template.spec.as_ref()?;
        let arguments = pod.containers.first()?.args.as_ref()?;
        arguments
            .iter()
            .find_map(|argument| argument.strip_prefix("--")?.strip_prefix(name)?.strip_prefix('='))
    }

    /// Its webhook configuration, which has its own name unless it says otherwise.
    pub fn webhook_configuration(&self) -> &str {
        self.argument("webhook-configuration").unwrap_or(&self.name)
    }

    /// That, where there is one.
    ///
    /// # Errors
    /// Says why it can't be read.
    pub async fn configuration(&self) -> Result<Option<&ValidatingWebhookConfiguration>, String> {
        let read = async || {
            let all: Api<ValidatingWebhookConfiguration> = Api::all(self.client.clone());
            all.get_opt(self.webhook_configuration()).await.map_err(|error| reason(&error))
        };
        self.webhooks.get_or_init(read).await.as_ref().map(Option::as_ref).map_err(String::clone)
    }

    /// Its entries, where there is one.
    ///
    /// # Errors
    /// Says why it can't be read.
    pub async fn webhooks(&self) -> Result<Option<&[ValidatingWebhook]>, String> {
        let configuration = self.configuration().await?;
        Ok(configuration.map(|configuration| configuration.webhooks.as_deref().unwrap_or_default()))
    }

    /// The policy that the operator was started with, which is the chart's value; none without it. It holds where no
    /// PlatformProfile says another.
    ///
    /// # Errors
    /// Says why it can't be read.
    pub async fn started_with(&self) -> Result<Option<Policy>, String> {
        let Some(key) = self.argument("policy").and_then(|path| path.rsplit('/').next()) else {
            return Ok(None);
        };
        let pod = self.deployment.spec.as_ref().and_then(|spec| spec.template.spec.as_ref());
        let volumes = pod.and_then(|pod| pod.volumes.as_ref()).into_iter().flatten();
        let name = volumes
            .filter(|volume| volume.name == POLICY_VOLUME)
            .find_map(|volume| Some(volume.config_map.as_ref()?.name.clone()))
            .unwrap_or_else(|| format!("{}-policy", self.name));
        let all: Api<ConfigMap> = Api::namespaced(self.client.clone(), &self.namespace);
        let map = all.get(&name).await.map_err(|error| format!("ConfigMap {name}: {}", reason(&error)))?;
        let text = map.data.and_then(|mut data| data.remove(key));
        let text = text.ok_or_else(|| format!("ConfigMap {name} has no {key}"))?;
        Policy::read(&text).map(Some).map_err(|error| format!("ConfigMap {name}: {error}"))
    }

    /// Who the operator is to the API server.
    pub fn service_account(&self) -> String {
        let pod = self.deployment.spec.as_ref().and_then(|spec| spec.template.spec.as_ref());
        let name =
            pod.and_then(|pod| pod.service_account_name.clone()).unwrap_or_else(|| "default".to_owned());
        format!("system:serviceaccount:{}:{name}", self.namespace)
    }

    /// The port of the Pod that the API server has to reach.
    pub fn webhook_port(&self) -> &str {
        self.argument("webhook-address").and_then(|address| address.rsplit(':').next()).unwrap_or("8443")
    }
}

/// What is left of an installation whose Deployment was deleted: its name is in use, so it can't be installed anew.
async fn remains(client: Client, namespace: Option<&str>) -> Option<NotFound> {
    let selected = ListParams::default().labels(LABELS);
    let services: Api<Service> = match namespace {
        Some(namespace) => Api::namespaced(client.clone(), namespace),
        None => Api::all(client.clone()),
    };
    let services = services.list_metadata(&selected).await.map(|list| list.items).unwrap_or_default();
    let service = services.into_iter().map(|service| (service.metadata.namespace.clone(), service.metadata));
    let all: Api<ValidatingWebhookConfiguration> = Api::all(client);
    let webhooks = all.list(&selected).await.map(|list| list.items).unwrap_or_default();
    let webhook = webhooks.into_iter().map(|configuration| {
        let mut entries = configuration.webhooks.iter().flatten();
        let service = entries.find_map(|entry| entry.client_config.service.clone());
        (service.map(|service| service.namespace), configuration.metadata)
    });
    service.chain(webhook).find_map(|(place, metadata)| {
        let place = place.filter(|place| namespace.is_none_or(|asked| asked == place))?;
        let release = metadata.labels.unwrap_or_default().remove(RELEASE)?;
        Some(NotFound::Deployment { namespace: place, release })
    })
}

fn namespace_of(deployment: &Deployment) -> String {
    deployment.metadata.namespace.clone().unwrap_or_default()
}
