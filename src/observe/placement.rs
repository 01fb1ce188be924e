//! Where a workload's Pods run and how large its images are, from nodes and Pods cut to what is read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ListMeta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Index, Key, Kind,
    history::differ,
    pod::null_is_default,
    whose::{Meta, by_owner},
};

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
/// Kinds of node that a status lists: those with the most Pods.
const MOST_KINDS: usize = 5;

/// What operates the node that a Pod runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Compute {
    Nodes,
    Fargate,
    AutoMode,
}

/// One kind of node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeKind {
    pub compute: Compute,
    /// Such as m7i.large; Fargate has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub spot: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    #[serde(flatten)]
    pub kind: NodeKind,
    /// Pods of the workload on such nodes, when this was written.
    #[schemars(with = "i32", range(min = 0))]
    pub pods: u32,
}

/// Where a workload's Pods were seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Placement {
    /// The kinds of node with the most Pods, the most first.
    // Not `on`: that key is a boolean to readers of YAML 1.1, kubectl among them.
    #[serde(default)]
    #[schemars(length(max = 5))]
    pub kinds: Vec<Share>,
    /// Nodes that a DaemonSet runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 0))]
    pub nodes: Option<u32>,
    /// GiB of its largest image as nodes tell it: containerd counts the compressed layers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_gib: Option<f64>,
    /// When it was looked, in RFC 3339.
    #[schemars(with = "String")]
    pub observed_at: Timestamp,
}

impl Placement {
    /// Whether most of its Pods run elsewhere than the other one says, or a size moved by a quarter. How many Pods there
    /// are is the autoscaler's, and no news.
    pub fn differs_from(&self, other: &Placement) -> bool {
        let quarter = |a: f64, b: f64| (a - b).abs() > a.max(b) / 4.0;
        let moved = match (self.kinds.first(), other.kinds.first()) {
            (Some(now), Some(before)) => {
                let stayed = self.kinds.iter().find(|share| share.kind == before.kind);
                stayed.map_or(0, |share| share.pods) * 2 < now.pods
            }
            (now, before) => now.is_some() != before.is_some(),
        };
        moved
            || differ(&self.nodes, &other.nodes, |a, b| quarter((*a).into(), (*b).into()))
            || differ(&self.image_gib, &other.image_gib, |a, b| quarter(*a, *b))
    }
}

/// One page of a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
pub struct Page<T> {
    #[serde(default)]
    pub metadata: ListMeta,
    #[serde(deserialize_with = "null_is_default")]
    pub items: Vec<T>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Node {
    pub metadata: Meta,
    #[serde(deserialize_with = "null_is_default")]
    pub status: NodeStatus,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct NodeStatus {
    #[serde(deserialize_with = "null_is_default")]
    pub images: Vec<NodeImage>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeImage {
    #[serde(deserialize_with = "null_is_default")]
    pub names: Vec<String>,
    pub size_bytes: f64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Pod {
    pub metadata: Meta,
    #[serde(deserialize_with = "null_is_default")]
    pub spec: PodPlace,
    #[serde(deserialize_with = "null_is_default")]
    pub status: PodPhase,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PodPlace {
    #[serde(deserialize_with = "null_is_default")]
    pub node_name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PodPhase {
    #[serde(deserialize_with = "null_is_default")]
    pub phase: String,
}

impl Node {
    /// What its labels say: those that AWS and Karpenter give nodes.
    pub fn kind(&self) -> NodeKind {
        let label = |name: &str| self.metadata.labels.get(name).map(String::as_str);
        let compute = match label("eks.amazonaws.com/compute-type") {
            Some("fargate") => Compute::Fargate,
            Some("auto") => Compute::AutoMode,
            _ => Compute::Nodes,
        };
        let spot = label("karpenter.sh/capacity-type") == Some("spot")
            || label("eks.amazonaws.com/capacityType") == Some("SPOT");
        let instance_type = label("node.kubernetes.io/instance-type").filter(|_| compute != Compute::Fargate);
        NodeKind { compute, instance_type: instance_type.map(str::to_owned), spot }
    }
}

/// What one look at a cluster gathers.
#[derive(Debug, Default)]
pub struct Look {
    /// Images that workloads name, and their size where a node has them.
    images: BTreeMap<String, Option<f64>>,
    nodes: BTreeMap<String, NodeKind>,
    pods: BTreeMap<Key, Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    on: BTreeMap<NodeKind, u32>,
    nodes: BTreeSet<String>,
}

impl Look {
    /// A look that remembers only what the workloads of this index are made of.
    pub fn new(index: &Index) -> Self {
        let workloads = index.workloads();
        let images = workloads.flat_map(|workload| {
            workload.template.spec.containers.iter().filter_map(|container| container.image.as_deref())
        });
        Look { images: images.map(|image| (full_name(image), None)).collect(), ..Look::default() }
    }

    pub fn node(&mut self, node: Node) {
        for image in node.status.images.iter().filter(|image| image.size_bytes > 0.0) {
            for name in &image.names {
                if let Some(size) = self.images.get_mut(name) {
                    let gib = image.size_bytes / GIB;
                    *size = Some(size.map_or(gib, |other| other.max(gib)));
                }
            }
        }
        let kind = node.kind();
        self.nodes.insert(node.metadata.name, kind);
    }

    /// Counts a Pod that runs, or has run to its end, on a node that is there.
    pub fn pod(&mut self, index: &Index, pod: Pod) {
        let Some(kind) = self.nodes.get(&pod.spec.node_name) else { return };
        if !matches!(pod.status.phase.as_str(), "Running" | "Succeeded") {
            return;
        }
        if let Some(key) = by_owner(index, &pod.metadata) {
            let seen = self.pods.entry(key).or_default();
            *seen.on.entry(kind.clone()).or_default() += 1;
            seen.nodes.insert(pod.spec.node_name);
        }
    }

    /// Where each workload's Pods run. What has none keeps what was seen before.
    pub fn placements(&self, index: &Index, at: Timestamp) -> Vec<(Key, Placement)> {
        let placement = |(key, seen): (&Key, &Seen)| {
            let mut kinds: Vec<Share> =
                seen.on.iter().map(|(kind, pods)| Share { kind: kind.clone(), pods: *pods }).collect();
            kinds.sort_by(|a, b| b.pods.cmp(&a.pods).then(a.kind.cmp(&b.kind)));
            kinds.truncate(MOST_KINDS);
            let nodes = (key.kind == Kind::DaemonSet).then_some(seen.nodes.len() as u32);
            let image_gib = self.largest_image(index, key);
            (key.clone(), Placement { kinds, nodes, image_gib, observed_at: at })
        };
        self.pods.iter().map(placement).collect()
    }

    /// Nothing unless all its images are known: the rest may be larger.
    fn largest_image(&self, index: &Index, key: &Key) -> Option<f64> {
        let workload = index.workload(key)?;
        let sizes = workload.template.spec.containers.iter().map(|container| {
            let image = container.image.as_deref()?;
            self.images.get(&full_name(image)).copied().flatten()
        });
        let sizes: Option<Vec<f64>> = sizes.collect();
        // To the MiB.
        sizes?.into_iter().reduce(f64::max).map(|gib| (gib * 1024.0).ceil() / 1024.0)
    }
}

/// An image as nodes name it: with its registry, and a tag or a digest.
fn full_name(image: &str) -> String {
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    let (first, rest) = name.split_once('/').map_or((None, name), |(first, rest)| (Some(first), rest));
    let is_registry = |part: &str| part.contains(['.', ':']) || part == "localhost";
    let (registry, path) = match first {
        Some(registry) if is_registry(registry) => (registry, rest.to_owned()),
        Some(_) => ("docker.io", name.to_owned()),
        None => ("docker.io", format!("library/{name}")),
    };
    let tagged = path.rsplit('/').next().is_some_and(|last| last.contains(':'));
    match digest {
        // Nodes name what was pulled by digest without its tag.
        Some(digest) => {
            let bare =
                if tagged { path.rsplit_once(':').map_or(path.as_str(), |(bare, _)| bare) } else { &path };
            format!("{registry}/{bare}@{digest}")
        }
        None if tagged => format!("{registry}/{path}"),
        None => format!("{registry}/{path}:latest"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::observe::{Object, Workload, workload};

    fn index() -> Index {
        let mut index = Index::default();
        let meta = |name: &str| json!({"name": name, "namespace": "shop"});
        let spec = json!({"template": {"spec": {"containers": [{"name": "a", "image": "web:1"}]}}});
        let web: Workload =
            serde_json::from_value::<workload::Deployment>(json!({"metadata": meta("web"), "spec": spec}))
                .unwrap()
                .into();
        let agent: Workload =
            serde_json::from_value::<workload::DaemonSet>(json!({"metadata": meta("agent"), "spec": spec}))
                .unwrap()
                .into();
        index.put(Object::Workload(Box::new(web)));
        index.put(Object::Workload(Box::new(agent)));
        index
    }

    fn node(name: &str, labels: Value) -> Node {
        let images =
            json!([{"names": ["docker.io/library/web:1"], "sizeBytes": 1_610_612_736_u64}, {"names": null}]);
        serde_json::from_value(
            json!({"metadata": {"name": name, "labels": labels}, "status": {"images": images}}),
        )
        .unwrap()
    }

    fn pod(name: &str, owner: (&str, &str), node: &str, phase: &str) -> Pod {
        let (kind, owner) = owner;
        serde_json::from_value(json!({
            "metadata": {
                "name": name, "namespace": "shop", "labels": {"pod-template-hash": "7d4"},
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": kind, "name": owner, "controller": true}],
            },
            "spec": {"nodeName": node}, "status": {"phase": phase},
        }))
        .unwrap()
    }

    const WEB: (&str, &str) = ("ReplicaSet", "web-7d4");

    fn looked(pods: &[Pod]) -> BTreeMap<Key, Placement> {
        let index = index();
        let mut look = Look::new(&index);
        let machine = |machine: &str| json!({"node.kubernetes.io/instance-type": machine});
        look.node(node("a", machine("m7i.large")));
        look.node(node("b", machine("m7i.large")));
        let spot =
            json!({"node.kubernetes.io/instance-type": "c7i.large", "karpenter.sh/capacity-type": "spot"});
        look.node(node("c", spot));
        look.node(node("f", json!({"eks.amazonaws.com/compute-type": "fargate"})));
        pods.iter().for_each(|pod| look.pod(&index, pod.clone()));
        look.placements(&index, Timestamp::UNIX_EPOCH).into_iter().collect()
    }

    fn web(names: &[&str]) -> Vec<Pod> {
        let all = names.iter().enumerate();
        all.map(|(index, on)| pod(&format!("web-7d4-xxxx{index}"), WEB, on, "Running")).collect()
    }

    fn kinds(placement: &Placement) -> Vec<(Compute, Option<&str>, bool, u32)> {
        let each = |share: &'_ Share| (share.kind.compute, share.kind.spot, share.pods);
        let types = placement.kinds.iter().map(|share| share.kind.instance_type.as_deref());
        placement.kinds.iter().map(each).zip(types).map(|((c, s, p), t)| (c, t, s, p)).collect()
    }

    #[test]
    fn pods_are_counted_by_the_kind_of_their_node() {
        let mut pods = web(&["a", "c", "b", "f", "gone", ""]);
        pods.push(pod("web-7d4-yyyyy", WEB, "a", "Pending"));
        pods.push(pod("other-7d4-yyyyy", ("ReplicaSet", "other-7d4"), "a", "Running"));
        let placements = looked(&pods);
        let (_, web) = placements.iter().next().unwrap();
        assert_eq!(placements.len(), 1);
        assert_eq!(
            kinds(web),
            [
                (Compute::Nodes, Some("m7i.large"), false, 2),
                (Compute::Nodes, Some("c7i.large"), true, 1),
                (Compute::Fargate, None, false, 1),
            ]
        );
        assert_eq!((web.image_gib, web.nodes), (Some(1.5), None));
    }

    #[test]
    fn a_daemon_set_has_a_copy_a_node() {
        let pods: Vec<Pod> = ["a", "b", "b"]
            .iter()
            .zip(["x2x9z", "z2x9z", "y2x9z"])
            .map(|(on, name)| pod(&format!("agent-{name}"), ("DaemonSet", "agent"), on, "Running"))
            .collect();
        assert_eq!(looked(&pods).values().next().unwrap().nodes, Some(2));
    }

    #[test]
    fn a_scaled_workload_on_the_same_nodes_is_no_news() {
        let on = |names: &[&str]| looked(&web(names)).into_values().next().unwrap();
        let before = on(&["a", "b", "c"]);
        assert!(!on(&["a", "b", "a", "b", "a", "b"]).differs_from(&before));
        assert!(!on(&["a", "c", "c"]).differs_from(&before), "as long as it's no half of the most");
        assert!(on(&["a", "c", "c", "c"]).differs_from(&before));
        assert!(on(&["f"]).differs_from(&before));
    }

    #[test]
    fn images_are_named_as_nodes_name_them() {
        assert_eq!(full_name("web"), "docker.io/library/web:latest");
        assert_eq!(full_name("team/web:2"), "docker.io/team/web:2");
        assert_eq!(full_name("registry:5000/web"), "registry:5000/web:latest");
        assert_eq!(full_name("quay.io/a/b:1@sha256:ab"), "quay.io/a/b@sha256:ab");
        assert_eq!(full_name("web@sha256:ab"), "docker.io/library/web@sha256:ab");
    }
}
