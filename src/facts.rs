//! The vocabulary between evidence and decide: what is known of one workload, and from where.
//!
//! Nothing here knows Kubernetes beyond the names of the fields that facts were read from.

use std::{borrow::Cow, fmt};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{catalog::Target, clip::clip, signals::Signals};

/// Where a fact comes from, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Source {
    /// A person or a manifest says so.
    Declared,
    /// The cluster was seen doing so.
    Observed,
    /// Concluded from names, ports or kinds; may be wrong.
    Inferred,
}

/// A value that is known, with its source and the place it was read from, or explicitly unknown.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact<T> {
    Known(Known<T>),
    Unknown,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Known<T> {
    pub value: T,
    pub source: Source,
    /// The field or observation that shows it, such as `spec.schedule`.
    pub at: Cow<'static, str>,
}

impl<T> Fact<T> {
    pub fn declared(value: T, at: impl Into<Cow<'static, str>>) -> Self {
        Self::known(value, Source::Declared, at)
    }

    pub fn observed(value: T, at: impl Into<Cow<'static, str>>) -> Self {
        Self::known(value, Source::Observed, at)
    }

    pub fn inferred(value: T, at: impl Into<Cow<'static, str>>) -> Self {
        Self::known(value, Source::Inferred, at)
    }

    fn known(value: T, source: Source, at: impl Into<Cow<'static, str>>) -> Self {
        Fact::Known(Known { value, source, at: at.into() })
    }

    pub fn get(&self) -> Option<&Known<T>> {
        match self {
            Fact::Known(known) => Some(known),
            Fact::Unknown => None,
        }
    }

    pub fn value(&self) -> Option<&T> {
        self.get().map(|known| &known.value)
    }

    pub fn is_unknown(&self) -> bool {
        matches!(self, Fact::Unknown)
    }

    /// Whether asking about it again makes sense: nothing certain is known.
    pub fn is_uncertain(&self) -> bool {
        self.get().is_none_or(|known| known.source == Source::Inferred)
    }

    /// The better of two: a known one over an unknown one, then the better source.
    pub fn or(self, other: Self) -> Self {
        match (&self, &other) {
            (Fact::Known(a), Fact::Known(b)) if b.source < a.source => other,
            (Fact::Known(_), _) => self,
            _ => other,
        }
    }
}

/// What starts one unit of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Trigger {
    #[serde(rename = "HTTP")]
    Http,
    Queue,
    Schedule,
    ObjectEvent,
    Stream,
    Continuous,
}

impl Trigger {
    pub const ALL: [Trigger; 6] = [
        Trigger::Http,
        Trigger::Queue,
        Trigger::Schedule,
        Trigger::ObjectEvent,
        Trigger::Stream,
        Trigger::Continuous,
    ];
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The name that people write, as the API has it.
            Trigger::Http => f.write_str("HTTP"),
            other => write!(f, "{other:?}"),
        }
    }
}

/// Whether clients keep a connection open between units of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Connections {
    Stateless,
    LongLived,
}

/// Whether a user waits while a new copy starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ColdStart {
    Tolerant,
    Sensitive,
}

/// How requests spread over the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TrafficShape {
    Steady,
    Bursty,
    Spiky,
    Idle,
}

/// How long one copy of the workload lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lifetime {
    /// Runs until it is stopped.
    Service,
    /// Ends by itself, started by hand or by a pipeline.
    Run,
    /// Ends by itself, started by a schedule.
    Scheduled,
    /// One copy on every node, for as long as the node lives.
    PerNode,
}

/// Which volumes the workload keeps data on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// A disk that one copy mounts, such as EBS.
    Block,
    /// A file system that many copies mount, such as EFS.
    Shared,
    /// An S3 bucket that is mounted as files.
    Bucket,
    /// FSx, NFS of another server and others that the node mounts.
    NodeDriver,
}

/// What a port speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    Http,
    Grpc,
    WebSocket,
    Other,
}

/// Copies that run at once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Copies {
    pub min: f64,
    pub max: f64,
}

/// Something in the workload that a platform may not offer, or that says what the workload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trait {
    Privileged,
    Capability,
    Device,
    /// Memory in pages that a node sets aside when it starts.
    HugePages,
    /// Those of them that a node with EFA sets aside by itself, and that programs on EFA ask for.
    EfaPages,
    HostPath,
    /// Runs on a host of Windows itself, outside of any container.
    HostProcess,
    HostNetwork,
    HostPort,
    /// The same under another number than the container's own, which no task with an address of its own has.
    MovedPort,
    HostPid,
    HostIpc,
    /// A memory-backed volume at /dev/shm, which programs use as shared memory.
    SharedMemory,
    /// A memory-backed volume anywhere else.
    MemoryVolume,
    Gpu,
    /// A slice of a GPU, or a turn on one, that other Pods share.
    SharedGpu,
    Neuron,
    Efa,
    /// An accelerator of Google's own, which is in Google's cloud alone.
    Tpu,
    /// Something that a device plugin of its cluster hands out, under a name that nobody else knows.
    PluginResource,
    /// Security groups of its own, on an interface that a node takes for it.
    PodSecurityGroup,
    Windows,
    Arm64,
    /// A processor that no machine of AWS has.
    OtherProcessor,
    /// A machine of its owner's, outside of AWS, that is a node of EKS.
    HybridNode,
    Spot,
    /// A label that its nodes must have, whatever it says of them.
    NodeLabel,
    /// An instance type or family that its nodes must have.
    InstanceType,
    /// The GPU that its nodes must have.
    GpuProduct,
    /// MiB of memory that each GPU of its nodes must have at least.
    GpuMemory,
    /// GB of local NVMe disk that its nodes must have at least; 0 where any will do.
    LocalDisk,
    /// An image or a launch template that its nodes must have been made of.
    OwnImage,
    /// A class of nodes that somebody prepared.
    OwnNodeClass,
    LongGrace,
    /// Names that the Pod has of its own, as in a hosts file.
    HostAlias,
    /// What its containers take for the name of their host, and nobody else knows it by.
    Hostname,
    /// A name in the cluster's DNS that is its own.
    Subdomain,
    /// A name server that isn't the cluster's.
    NameServer,
    /// A seccomp profile that a node keeps.
    SeccompProfile,
    /// The same of AppArmor.
    AppArmorProfile,
    /// No seccomp or no AppArmor at all, where a runtime would give it a profile.
    Unconfined,
    /// Its program builds or runs containers without root, in user namespaces of its own.
    RootlessContainers,
    /// A label that SELinux of a node knows it by.
    SelinuxLabel,
    /// Root of its containers is nobody on the node.
    UserNamespace,
    /// Nothing of /proc is hidden from it.
    ProcMount,
    /// A node that it names.
    NodeName,
    /// A taint that it tolerates, of nodes that somebody keeps for some workloads.
    Toleration,
    /// The node's address, by which it reaches what runs there.
    NodeAddress,
    /// Files of another image, mounted beside its own.
    ImageVolume,
    /// Something that somebody else has to say before it runs, or before clients are led to it.
    Gate,
    /// A token that the cluster issues for somebody other than its own API.
    IssuedToken,
    /// A token for EKS Pod Identity, by which it gets a role of AWS.
    PodIdentity,
    /// A policy of the cluster's network that selects it.
    NetworkPolicy,
    /// A kernel parameter that the Pod sets for itself.
    Sysctl,
    /// One that a kubelet refuses unless it was told otherwise.
    UnsafeSysctl,
    /// Its containers see each other's processes.
    SharedPids,
    /// A command that is run before the program is stopped or once it has started.
    Hook,
    /// An account of Active Directory that its containers act as.
    DirectoryAccount,
    /// How many containers it has, those that run before the others among them.
    Containers,
    /// Each copy has a name by which others may call it.
    NamedCopies,
    /// The same, and they do.
    CalledByName,
    /// Copies of one run have names by which they call each other.
    NamedRuns,
    /// A Service leads clients to it.
    Served,
    /// Clients come in from outside, through what others share.
    FrontDoor,
    /// A client comes back to the copy that it came to first.
    Sticky,
    /// A load balancer of its own.
    LoadBalancer,
    /// A load balancer whose targets are nodes, by its own word or as long as nobody says otherwise.
    NodeTargets,
    /// One port of its containers that Services lead to by TCP and by UDP.
    PortOfTwoProtocols,
    /// A load balancer of its own that tells no requests apart, only connections.
    NetworkBalancer,
    /// Addresses of its load balancer that stay, which clients may have written down.
    FixedAddress,
    /// Its load balancer tells it who the client is before the first byte, by PROXY protocol.
    ProxyProtocol,
    /// Seconds without a word after which its load balancer is told to close a connection.
    IdleTimeout,
    /// What comes to its port is encrypted.
    OwnTls,
    /// How many ways load balancers of its own lead to its ports in, each by a target group.
    BalancedPorts,
    /// How large the environment variables are that a container's manifest writes out.
    Environment,
    InitContainer,
    NativeSidecar,
    Sidecar,
    Mesh,
    /// A mesh that its maker has ended.
    EndedMesh,
    RuntimeClass,
    ResourceClaim,
    TopologySpread,
    Affinity,
    /// Data kept for each copy under its own name.
    ClaimPerCopy,
    /// A volume that is made when the claim is: by a claim template, or by a class that makes access points.
    DynamicClaim,
    /// A driver of disks other than the one that nodes of AWS's own bring along.
    DiskDriver,
    /// A volume that is made for the Pod and goes with it.
    ScratchVolume,
    /// A volume that a driver on the node fills for the Pod, with nothing that lasts.
    CsiVolume,
    /// A volume that no node of AWS mounts: another cloud's, one whose driver Kubernetes has dropped, or one that nobody knows.
    ForeignVolume,
    /// A ConfigMap or a Secret that its containers find as files.
    ConfigFiles,
    NodePort,
    /// Clients reach more than one of its ports.
    ManyPorts,
    /// The Kubernetes API is called through RBAC bound to the ServiceAccount.
    KubernetesApi,
    /// As above, but bound to a group or to the account that Pods have by default: an inference.
    MayCallKubernetes,
    /// Its role lets it watch and change custom resources, as a controller does.
    Controller,
    /// The API server calls it: a webhook, an API of its own.
    CalledByKubernetes,
    /// A datastore or broker runs in the Pod.
    Datastore,
    /// A model is served or trained in the Pod.
    Model,
    /// An external model provider is called.
    ModelProvider,
    /// No request for CPU or memory.
    Unsized,
    /// A value that a person wrote and that can't be read.
    Unreadable,
    /// An annotation under Berth's prefix that isn't read: of a wrong name, or in a wrong place.
    IgnoredAnnotation,
    /// Two sources contradict each other.
    Contradiction,
    /// Runs were seen to take longer than a person says, or far less.
    RunsUnlikeSaid,
    /// Requests were seen to be unlike what a person says: how many, or how long they take.
    UnlikeSaid,
    /// What a person says of the traffic can't all be true.
    AtOdds,
    /// More work at once, by what a person says, than an autoscaler may add copies for.
    OverMost,
    /// Copies were seen to use far less than they ask for.
    Oversized,
    /// The instance types of the nodes that its copies were seen on.
    RunsOn,
    /// Runs of a schedule that overlap.
    Overlap,
    /// How often a run that fails is tried again.
    Retries,
    /// How many copies of one run there are at once, where it's more than one.
    AtOnce,
    /// Runs of which one is there at a time: the next one waits, is left out or takes its place.
    OneAtATime,
    /// An image as its vendor ships it, for everybody.
    StockImage,
    /// It serves the cluster itself, as its image or its namespace tells.
    AddOn,
    /// It does nothing but keep room on nodes for others, as its image tells.
    HoldsRoom,
    /// Nothing starts it again on another node.
    Unmanaged,
    /// An object of Kubernetes beyond Deployment and Service that this workload uses.
    Feature,
}

/// A person's decision to keep a workload where it is, and whether it holds today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Exemption {
    pub state: ExemptionState,
    /// Why, as the workload's annotation says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The last day, in UTC, as the workload's annotation says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The last day that the policy grants today, where that is what it fails by: of today, and so kept nowhere.
    #[serde(skip)]
    pub latest: Option<Date>,
}

/// Whether an exemption holds, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ExemptionState {
    Valid,
    /// It holds, for a week at most.
    EndsSoon,
    Expired,
    /// The policy asks for a reason.
    NoReason,
    /// Its reason is what a command shows in its place.
    Placeholder,
    /// The policy asks for an end.
    NoEnd,
    /// Its end is later than the policy allows.
    TooLong,
    /// Its end is no date.
    Unreadable,
}

impl Exemption {
    /// Whether the workload keeps its place.
    pub fn holds(&self) -> bool {
        matches!(self.state, ExemptionState::Valid | ExemptionState::EndsSoon)
    }
}

impl Trait {
    /// The last of the list.
    pub const LAST: Trait = Trait::Feature;
}

/// A trait with the field and value that show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    pub what: Trait,
    pub field: String,
    pub value: String,
}

impl Signal {
    /// Characters of a value that can't be read: what would be read is told too, and in full.
    const UNREADABLE_MAX: usize = 14;

    /// A value that can't be read, with what would be.
    pub fn unreadable(field: impl Into<String>, value: &str, expected: &str) -> Self {
        let value = clip(value, Self::UNREADABLE_MAX);
        Signal { what: Trait::Unreadable, field: field.into(), value: format!("{value} ({expected})") }
    }
}

/// Who the decision is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    pub kind: String,
    pub namespace: String,
    pub name: String,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.to_lowercase(), self.name)
    }
}

/// All that is known of one workload: its work, its traffic, its footprint, its size and its traits.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    pub subject: Subject,
    pub lifetime: Lifetime,

    pub trigger: Fact<Trigger>,
    /// Seconds that one unit of work takes at most in normal running.
    pub unit_duration: Fact<f64>,
    /// Seconds that runs were seen to take: the median and all but the longest. They are what is billed, where nobody says
    /// how long a unit of work takes.
    pub usual_duration: Fact<[f64; 2]>,
    /// Seconds after which a run is ended whatever it does.
    pub run_limit: Fact<f64>,
    pub connections: Fact<Connections>,
    pub cold_start: Fact<ColdStart>,

    /// Requests a second, the mean over a month.
    pub mean_rps: Fact<f64>,
    pub peak_rps: Fact<f64>,
    pub traffic_shape: Fact<TrafficShape>,

    /// vCPU that one copy asks for.
    pub cpu: Fact<f64>,
    /// GiB of memory that one copy asks for.
    pub memory: Fact<f64>,
    /// vCPU that a copy was seen to use but for the busiest moments.
    pub used_cpu: Fact<f64>,
    /// GiB that a copy was seen to use at most.
    pub used_memory: Fact<f64>,
    /// GiB of local disk that one copy asks for.
    pub disk: Fact<f64>,
    /// GiB of the image or package, uncompressed.
    pub package_size: Fact<f64>,
    /// GiB of a model loaded at start.
    pub model_size: Fact<f64>,
    /// GPUs that one copy asks for; less than one where MIG divides them.
    pub gpus: f64,

    pub copies: Fact<Copies>,
    /// Runs a month of a Job or a schedule.
    pub runs: Fact<f64>,

    /// The image of its first container.
    pub image: Fact<String>,
    /// What its ports speak; empty when it listens on none.
    pub protocols: Vec<Fact<Protocol>>,
    pub storage: Vec<Fact<Storage>>,
    pub signals: Signals,

    /// Where it runs today.
    pub place: Fact<Target>,
    /// Targets that take no new customers and that its team uses already.
    pub in_use: Vec<Target>,
    /// Whether it bears a share of the platform's fixed cost: what serves the platform itself doesn't, nor what is
    /// at rest. The services that do are those that are counted, but for what may run once: it's one beside them.
    pub shares_platform: bool,
    /// Services that share the platform's fixed cost.
    pub services: Fact<f64>,
    /// Whether a team's job is to operate the cluster.
    pub platform_team: Fact<bool>,
    pub team: Fact<String>,
    /// Where a person asked to keep it.
    pub exemption: Option<Exemption>,
}

/// What Kubernetes' conventions say about a workload, for the platform's own verdict.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kubernetes {
    /// What it uses beyond Deployment and Service, sorted.
    pub features: Vec<String>,
    /// Why it belongs to the cluster itself, where it does.
    pub add_on: Option<&'static str>,
}

impl Evidence {
    /// The first signal of this trait, in the order the manifest has them.
    pub fn signal(&self, what: Trait) -> Option<&Signal> {
        self.signals.first(what)
    }

    pub fn speaks(&self, protocol: Protocol) -> Option<&Known<Protocol>> {
        self.protocols.iter().filter_map(Fact::get).find(|known| known.value == protocol)
    }

    /// How many copies of a run there are at once, where that is said, with the field that says it.
    pub fn at_once(&self) -> Option<(&str, f64)> {
        let signal = self.signal(Trait::AtOnce)?;
        Some((signal.field.as_str(), signal.value.parse().ok()?))
    }

    /// Why it runs at no time as it stands, where that is so: no copies, or no runs.
    pub fn at_rest(&self) -> Option<(&str, &'static str)> {
        let copies = self.copies.get().filter(|copies| copies.value.max == 0.0);
        let runs = self.runs.get().filter(|runs| self.ends() && runs.value == 0.0);
        // A run that nobody stopped: its time never comes.
        let no_run = |at: &str| if at == "spec.schedule" { "no time that comes" } else { "no run" };
        let copies = copies.map(|known| (&*known.at, "no copy"));
        copies.or_else(|| runs.map(|known| (&*known.at, no_run(&known.at))))
    }

    /// Whether something adds copies and takes them away as the load asks.
    pub fn is_scaled(&self) -> bool {
        self.lifetime == Lifetime::Service
            && self.copies.value().is_some_and(|copies| copies.min < copies.max)
    }

    /// Whether a person says or the cluster showed that it runs there.
    pub fn surely_runs_on(&self, target: Target) -> bool {
        self.place.get().is_some_and(|known| known.value == target && known.source != Source::Inferred)
    }

    /// Whether it ends, and may never run again: nothing starts it, and nobody says how often it runs.
    pub fn may_run_once(&self) -> bool {
        self.lifetime == Lifetime::Run && self.runs.is_unknown() && self.subject.kind != "ScaledJob"
    }

    /// Whether it ends by itself.
    pub fn ends(&self) -> bool {
        matches!(self.lifetime, Lifetime::Run | Lifetime::Scheduled)
    }
}
