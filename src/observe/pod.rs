//! The part of a Pod's specification that decisions use; serde never builds the rest, nor what only has to be there.
//! Its lists are boxed: an index keeps ten thousand of them, and a vector keeps room for three elements that never come.

use litemap::LiteMap;
use serde::{Deserialize, Deserializer, de::IgnoredAny};
use serde_json::Value;

use super::{command::Starts, environment::Environment};
use crate::selector::{Labels, Requirement};

/// Labels and annotations of a template, and its Pod.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PodTemplate {
    #[serde(deserialize_with = "null_is_default")]
    pub metadata: TemplateMeta,
    #[serde(deserialize_with = "null_is_default")]
    pub spec: PodSpec,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct TemplateMeta {
    #[serde(deserialize_with = "null_is_default")]
    pub labels: Labels,
    #[serde(deserialize_with = "null_is_default")]
    pub annotations: Labels,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PodSpec {
    #[serde(deserialize_with = "null_is_default")]
    pub containers: Box<[Container]>,
    #[serde(deserialize_with = "null_is_default")]
    pub init_containers: Box<[Container]>,
    #[serde(deserialize_with = "null_is_default")]
    pub volumes: Box<[Volume]>,
    pub service_account_name: Option<String>,
    /// The deprecated name of `serviceAccountName`.
    pub service_account: Option<String>,
    pub automount_service_account_token: Option<bool>,
    pub host_network: Option<bool>,
    #[serde(rename = "hostPID")]
    pub host_pid: Option<bool>,
    #[serde(rename = "hostIPC")]
    pub host_ipc: Option<bool>,
    #[serde(deserialize_with = "null_is_default")]
    pub node_selector: Labels,
    pub affinity: Option<Affinity>,
    #[serde(deserialize_with = "null_is_default")]
    pub topology_spread_constraints: Box<[IgnoredAny]>,
    pub termination_grace_period_seconds: Option<i64>,
    pub active_deadline_seconds: Option<f64>,
    pub runtime_class_name: Option<String>,
    #[serde(deserialize_with = "null_is_default")]
    pub resource_claims: Box<[IgnoredAny]>,
    /// Only a Pod of its own may say anything but `Always`; a Job's Pods end whatever it says.
    pub restart_policy: Option<String>,
    pub os: Option<PodOs>,
    pub priority_class_name: Option<String>,
    pub overhead: Option<LiteMap<String, Quantity>>,
    #[serde(deserialize_with = "null_is_default")]
    pub host_aliases: Box<[HostAlias]>,
    // Boxed, as hardly any Pod has them.
    pub dns_config: Option<Box<DnsConfig>>,
    pub share_process_namespace: Option<bool>,
    pub scheduler_name: Option<String>,
    pub security_context: Option<PodSecurity>,
    /// Whether root of its containers is root of the node.
    pub host_users: Option<bool>,
    pub node_name: Option<Box<str>>,
    /// What its containers take for the name of their host.
    pub hostname: Option<Box<str>>,
    /// The domain in which its host name is known to others.
    pub subdomain: Option<Box<str>>,
    #[serde(deserialize_with = "null_is_default")]
    pub tolerations: Box<[Toleration]>,
    #[serde(deserialize_with = "null_is_default")]
    pub readiness_gates: Box<[ReadinessGate]>,
    #[serde(deserialize_with = "null_is_default")]
    pub scheduling_gates: Box<[SchedulingGate]>,
    /// What all of its containers have together. Boxed, as hardly any Pod says it.
    pub resources: Option<Box<Resources>>,
}

/// The taint of a node that it comes to all the same: each one where it names none.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Toleration {
    pub key: Option<Box<str>>,
}

/// A condition that somebody else has to set before the Pod counts as ready.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ReadinessGate {
    pub condition_type: Box<str>,
}

/// What somebody else has to take away before the Pod is given a node.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct SchedulingGate {
    pub name: Box<str>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct HostAlias {
    pub ip: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct DnsConfig {
    #[serde(deserialize_with = "null_is_default")]
    pub nameservers: Box<[String]>,
}

/// What holds for all containers of a Pod.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PodSecurity {
    #[serde(deserialize_with = "null_is_default")]
    pub sysctls: Box<[Sysctl]>,
    pub windows_options: Option<Box<WindowsOptions>>,
    pub seccomp_profile: Option<Box<Profile>>,
    pub app_armor_profile: Option<Box<Profile>>,
    pub se_linux_options: Option<Box<SeLinuxOptions>>,
}

/// The label that SELinux knows a process by; what is left out is the runtime's.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct SeLinuxOptions {
    #[serde(rename = "type")]
    pub type_: Option<String>,
    pub level: Option<String>,
    pub role: Option<String>,
    pub user: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WindowsOptions {
    pub gmsa_credential_spec_name: Option<String>,
    /// Runs on the host itself, with all of its rights.
    pub host_process: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Sysctl {
    pub name: String,
}

/// A profile of seccomp or AppArmor, by its kind and by the file that a node has.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Profile {
    #[serde(rename = "type")]
    pub type_: String,
    pub localhost_profile: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Affinity {
    pub node_affinity: Option<NodeAffinity>,
    pub pod_affinity: Option<IgnoredAny>,
    pub pod_anti_affinity: Option<IgnoredAny>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NodeAffinity {
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
    pub required: Option<NodeSelector>,
}

/// A node that meets one of the terms will do.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeSelector {
    #[serde(deserialize_with = "null_is_default")]
    pub node_selector_terms: Box<[NodeSelectorTerm]>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeSelectorTerm {
    #[serde(deserialize_with = "null_is_default")]
    pub match_expressions: Box<[Requirement]>,
    #[serde(deserialize_with = "null_is_default")]
    pub match_fields: Box<[IgnoredAny]>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PodOs {
    pub name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Container {
    pub name: String,
    pub image: Option<String>,
    pub command: Starts,
    pub args: Starts,
    pub env: Environment,
    #[serde(deserialize_with = "null_is_default")]
    pub ports: Box<[ContainerPort]>,
    #[serde(deserialize_with = "null_is_default")]
    pub resources: Resources,
    pub security_context: Option<SecurityContext>,
    #[serde(deserialize_with = "null_is_default")]
    pub volume_mounts: Box<[VolumeMount]>,
    #[serde(deserialize_with = "null_is_default")]
    pub volume_devices: Box<[VolumeDevice]>,
    pub liveness_probe: Option<Probe>,
    pub readiness_probe: Option<Probe>,
    pub startup_probe: Option<Probe>,
    /// `Always` on an init container makes it a native sidecar.
    pub restart_policy: Option<String>,
    pub lifecycle: Option<Lifecycle>,
}

/// What is run beside the program when it has started and before it's stopped.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Lifecycle {
    pub pre_stop: Option<IgnoredAny>,
    pub post_start: Option<IgnoredAny>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ContainerPort {
    pub container_port: u32,
    pub host_port: Option<u32>,
    pub name: Option<String>,
    pub protocol: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Resources {
    #[serde(deserialize_with = "null_is_default")]
    pub requests: LiteMap<String, Quantity>,
    #[serde(deserialize_with = "null_is_default")]
    pub limits: LiteMap<String, Quantity>,
    #[serde(deserialize_with = "null_is_default")]
    pub claims: Box<[IgnoredAny]>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SecurityContext {
    pub privileged: Option<bool>,
    pub capabilities: Option<Capabilities>,
    pub windows_options: Option<Box<WindowsOptions>>,
    pub seccomp_profile: Option<Box<Profile>>,
    pub app_armor_profile: Option<Box<Profile>>,
    pub se_linux_options: Option<Box<SeLinuxOptions>>,
    /// How much of /proc its runtime hides.
    pub proc_mount: Option<Box<str>>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Capabilities {
    #[serde(deserialize_with = "null_is_default")]
    pub add: Box<[String]>,
}

/// A volume without a file system.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct VolumeDevice {
    pub name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct VolumeMount {
    pub name: String,
    pub mount_path: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Probe {
    pub grpc: Option<GrpcProbe>,
    pub http_get: Option<HttpGet>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct GrpcProbe {
    pub port: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct HttpGet {
    pub port: IntOrName,
    /// `HTTP` where it's left out, or `HTTPS`.
    pub scheme: Option<Box<str>>,
}

/// A port by number or by name.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum IntOrName {
    Int(u32),
    Name(String),
}

impl Default for IntOrName {
    fn default() -> Self {
        IntOrName::Int(0)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Volume {
    pub name: String,
    pub host_path: Option<HostPath>,
    pub empty_dir: Option<EmptyDir>,
    pub persistent_volume_claim: Option<ClaimRef>,
    // Boxed: it's large, and hardly any volume has one.
    pub ephemeral: Option<Box<EphemeralVolume>>,
    pub csi: Option<InlineCsi>,
    pub nfs: Option<Nfs>,
    pub aws_elastic_block_store: Option<IgnoredAny>,
    pub iscsi: Option<IgnoredAny>,
    pub fc: Option<IgnoredAny>,
    pub portworx_volume: Option<IgnoredAny>,
    pub flex_volume: Option<IgnoredAny>,
    pub projected: Option<Projected>,
    pub image: Option<Box<ImageVolume>>,
    pub config_map: Option<Box<ConfigFiles>>,
    pub secret: Option<Box<ConfigFiles>>,
    /// The kind of any other volume, whether it's known or not.
    #[serde(flatten, deserialize_with = "kind_of_volume")]
    pub other: Option<Box<str>>,
}

/// A ConfigMap or a Secret whose keys are files.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ConfigFiles {
    pub name: Option<Box<str>>,
    /// What a volume of its own calls the name of a Secret.
    pub secret_name: Option<Box<str>>,
}

impl ConfigFiles {
    pub fn name(&self) -> Option<&str> {
        self.secret_name.as_deref().or(self.name.as_deref())
    }
}

/// The files of an image, mounted beside those of the container's own.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ImageVolume {
    pub reference: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Projected {
    #[serde(deserialize_with = "null_is_default")]
    pub sources: Box<[Projection]>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Projection {
    pub service_account_token: Option<ProjectedToken>,
    pub config_map: Option<Box<ConfigFiles>>,
    pub secret: Option<Box<ConfigFiles>>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ProjectedToken {
    /// Whom the token is for: the Kubernetes API where it's left out.
    pub audience: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct HostPath {
    pub path: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct EmptyDir {
    pub medium: Option<String>,
    pub size_limit: Option<Quantity>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Nfs {
    pub server: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ClaimRef {
    pub claim_name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct EphemeralVolume {
    pub volume_claim_template: ClaimTemplate,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct InlineCsi {
    pub driver: String,
}

/// A claim, or the template of one.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ClaimTemplate {
    #[serde(deserialize_with = "null_is_default")]
    pub metadata: ClaimMeta,
    #[serde(deserialize_with = "null_is_default")]
    pub spec: ClaimSpec,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ClaimSpec {
    pub storage_class_name: Option<String>,
    pub volume_name: Option<String>,
    #[serde(deserialize_with = "null_is_default")]
    pub access_modes: Box<[String]>,
    #[serde(deserialize_with = "null_is_default")]
    pub resources: Resources,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ClaimMeta {
    pub name: String,
    #[serde(deserialize_with = "null_is_default")]
    pub annotations: Labels,
}

/// What stands behind a claim, by its own word, and the claim that it's kept for.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct VolumeSpec {
    pub csi: Option<InlineCsi>,
    pub nfs: Option<Nfs>,
    pub aws_elastic_block_store: Option<IgnoredAny>,
    pub iscsi: Option<IgnoredAny>,
    pub fc: Option<IgnoredAny>,
    pub portworx_volume: Option<IgnoredAny>,
    pub flex_volume: Option<IgnoredAny>,
    pub claim_ref: Option<ClaimName>,
    /// The kind of a volume that no node of AWS mounts.
    #[serde(flatten, deserialize_with = "foreign_kind_of_volume")]
    pub foreign: Option<Box<str>>,
}

/// Volumes of other clouds, and those whose drivers are gone from Kubernetes.
const FOREIGN: &[&str] = &[
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "flocker",
    "gcePersistentDisk",
    "glusterfs",
    "photonPersistentDisk",
    "quobyte",
    "rbd",
    "scaleIO",
    "storageos",
    "vsphereVolume",
];

/// What a volume is beside what is read of it: a kind of its own. Files about the Pod itself are everywhere.
fn kind_of_volume<'de, D: Deserializer<'de>>(rest: D) -> Result<Option<Box<str>>, D::Error> {
    first_key(rest, |key| key != "downwardAPI")
}

/// The same of a volume that says more than its kind.
fn foreign_kind_of_volume<'de, D: Deserializer<'de>>(rest: D) -> Result<Option<Box<str>>, D::Error> {
    first_key(rest, |key| FOREIGN.contains(&key))
}

fn first_key<'de, D: Deserializer<'de>>(
    rest: D,
    is_it: impl Fn(&str) -> bool,
) -> Result<Option<Box<str>>, D::Error> {
    let all = LiteMap::<String, Option<IgnoredAny>>::deserialize(rest)?;
    Ok(all.iter().find(|(key, value)| value.is_some() && is_it(key)).map(|(key, _)| key.as_str().into()))
}

/// Storage that is none of AWS's, for which Kubernetes has a field: a node reaches it by a driver of its own.
macro_rules! mounted_by_its_node {
    ($($volume:ident),*) => {$(
        impl $volume {
            pub fn mounted_by_its_node(&self) -> Option<&'static str> {
                let fields = [
                    ("iscsi", &self.iscsi),
                    ("fc", &self.fc),
                    ("portworxVolume", &self.portworx_volume),
                    ("flexVolume", &self.flex_volume),
                ];
                fields.into_iter().find(|(_, of)| of.is_some()).map(|(name, _)| name)
            }
        }
    )*};
}

mounted_by_its_node!(Volume, VolumeSpec);

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ClaimName {
    pub namespace: String,
    pub name: String,
}

/// A quantity as written: text, or a bare number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quantity(pub String);

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Quantity(text)),
            Value::Number(number) => Ok(Quantity(number.to_string())),
            other => Err(serde::de::Error::custom(format!("{other} isn't a quantity such as 500m or 2Gi"))),
        }
    }
}

/// The API treats an explicit null as absence.
pub(crate) fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
