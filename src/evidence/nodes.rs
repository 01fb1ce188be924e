//! Which nodes its Pods ask for: the node selector and the required node affinity, read as one.

use std::collections::BTreeSet;

use crate::{
    amount,
    catalog::Target,
    facts::{Fact, Signal, Trait},
    observe::Workload,
    selector::Requirement,
};

/// A label that every node has on which a Pod may run, and the values that will do.
struct Demand<'a> {
    label: &'a str,
    values: BTreeSet<&'a str>,
    field: String,
}

impl Demand<'_> {
    fn is(&self, labels: &[&str], value: &str) -> bool {
        labels.contains(&self.label) && self.values.iter().all(|found| *found == value)
    }

    fn value(&self) -> String {
        self.values.iter().copied().collect::<Vec<_>>().join(", ")
    }
}

const ARCH: &[&str] = &["kubernetes.io/arch", "beta.kubernetes.io/arch"];
/// The processors of EC2, and so of all that runs on it.
const OF_AWS: &[&str] = &["amd64", "arm64"];
const OS: &[&str] = &["kubernetes.io/os", "beta.kubernetes.io/os"];
const COMPUTE_TYPE: &str = "eks.amazonaws.com/compute-type";
/// Labels whose values name a machine, or begin with its family.
const MACHINE: &[&str] = &[
    "node.kubernetes.io/instance-type",
    "beta.kubernetes.io/instance-type",
    "karpenter.k8s.aws/instance-family",
    "eks.amazonaws.com/instance-family",
];

/// Labels whose values name a GPU: of NVIDIA's feature discovery, of Karpenter, of Auto Mode, of the cluster autoscaler,
/// and of GKE, from which a workload may come.
const GPU: &[&str] = &[
    "nvidia.com/gpu.product",
    "amd.com/gpu.product-name",
    "karpenter.k8s.aws/instance-gpu-name",
    "eks.amazonaws.com/instance-gpu-name",
    "k8s.amazonaws.com/accelerator",
    "cloud.google.com/gke-accelerator",
];
/// Labels that only nodes with a TPU have.
const TPU: &[&str] = &["cloud.google.com/gke-tpu-accelerator", "cloud.google.com/gke-tpu-topology"];
/// Labels of nodes that were made of an image or a launch template of one's own.
const IMAGE: &[&str] = &[
    "eks.amazonaws.com/nodegroup-image",
    "eks.amazonaws.com/sourceLaunchTemplateId",
    "karpenter.k8s.aws/instance-ami-id",
];
const NODE_CLASS: &[&str] = &["karpenter.k8s.aws/ec2nodeclass"];
/// Labels with the MiB of memory of one GPU.
const GPU_MEMORY: &[&str] = &[
    "nvidia.com/gpu.memory",
    "karpenter.k8s.aws/instance-gpu-memory",
    "eks.amazonaws.com/instance-gpu-memory",
];
/// Labels with the GB of a node's local NVMe disks.
const LOCAL_DISK: &[&str] =
    &["karpenter.k8s.aws/instance-local-nvme", "eks.amazonaws.com/instance-local-nvme"];

/// What it asks of its nodes that platforms or prices differ in.
pub fn signals(workload: &Workload) -> Vec<Signal> {
    let machine = |demand: &Demand<'_>| {
        let what = if MACHINE.contains(&demand.label) {
            Trait::InstanceType
        } else if GPU.contains(&demand.label) {
            Trait::GpuProduct
        } else if IMAGE.contains(&demand.label) {
            Trait::OwnImage
        } else if NODE_CLASS.contains(&demand.label) {
            Trait::OwnNodeClass
        } else if TPU.contains(&demand.label) {
            Trait::Tpu
        } else {
            return None;
        };
        Some(Signal { what, field: demand.field.clone(), value: demand.value() })
    };
    let asked = |demand: Demand<'_>| {
        let what = if demand.is(ARCH, "arm64") {
            Trait::Arm64
        } else if ARCH.contains(&demand.label) && !demand.values.iter().any(|arch| OF_AWS.contains(arch)) {
            Trait::OtherProcessor
        } else if demand.is(&[COMPUTE_TYPE], "hybrid") {
            Trait::HybridNode
        } else if demand.is(OS, "windows") {
            Trait::Windows
        } else if demand.is(&["karpenter.sh/capacity-type"], "spot")
            || demand.is(&["eks.amazonaws.com/capacityType"], "SPOT")
        {
            Trait::Spot
        } else if MACHINE.contains(&demand.label) && demand.values.iter().all(|value| is_graviton(value)) {
            Trait::Arm64
        } else {
            return None;
        };
        let value = demand.value();
        Some(Signal { what, field: demand.field, value })
    };
    let mut found: Vec<Signal> = demands(workload)
        .into_iter()
        .flat_map(|demand| [machine(&demand), asked(demand)])
        .flatten()
        .collect();
    found.extend(label(workload));
    found.extend(at_least(workload, GPU_MEMORY, Trait::GpuMemory));
    found.extend(at_least(workload, LOCAL_DISK, Trait::LocalDisk));
    found
}

/// The first label of the node selector that says more than what a task elsewhere is asked for too: processor, system,
/// and whether it may be interrupted.
fn label(workload: &Workload) -> Option<Signal> {
    let everywhere = |label: &str| {
        ARCH.contains(&label)
            || OS.contains(&label)
            || matches!(label, COMPUTE_TYPE | "karpenter.sh/capacity-type" | "eks.amazonaws.com/capacityType")
    };
    let mut labels = workload.template.spec.node_selector.iter();
    let (label, value) = labels.find(|(label, _)| !everywhere(label))?;
    let field = format!("{}.nodeSelector[{label}]", workload.key.kind.pod_path());
    Some(Signal { what: Trait::NodeLabel, field, value: value.clone() })
}

/// The least number that one of these labels must have on any node that will do.
fn at_least(workload: &Workload, labels: &[&str], what: Trait) -> Option<Signal> {
    let pod = workload.key.kind.pod_path();
    let selector = &workload.template.spec.node_selector;
    if let Some((label, value)) = labels.iter().find_map(|label| Some((label, selector.get(*label)?))) {
        return Some(Signal { what, field: format!("{pod}.nodeSelector[{label}]"), value: value.clone() });
    }
    let by_term = terms(workload).map(|term| {
        let of_term = term.iter().filter(|requirement| labels.contains(&requirement.key.as_str()));
        let numbers = of_term.filter_map(|requirement| {
            let values = requirement.values.iter().filter_map(|value| value.parse::<f64>().ok());
            match requirement.operator.as_str() {
                "In" => values.min_by(f64::total_cmp).map(|least| (requirement, least)),
                // The next whole number is the first that is greater.
                "Gt" => values.min_by(f64::total_cmp).map(|bound| (requirement, bound + 1.0)),
                "Exists" => Some((requirement, 0.0)),
                _ => None,
            }
        });
        numbers.max_by(|a, b| a.1.total_cmp(&b.1))
    });
    let all: Option<Vec<_>> = by_term.collect();
    let (requirement, least) = all?.into_iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let field = format!("{pod}.affinity.nodeAffinity[{}]", requirement.key);
    Some(Signal { what, field, value: amount::trim(least) })
}

/// Where it runs today, as far as its own labels tell; a Kubernetes object runs on nodes until shown otherwise.
pub fn place(workload: &Workload) -> Fact<Target> {
    const PROFILE: &str = "eks.amazonaws.com/fargate-profile";
    let pod = workload.key.kind.pod_path();
    if workload.template.metadata.labels.contains_key(PROFILE) {
        let template = pod.trim_end_matches(".spec");
        return Fact::declared(Target::EKSFargate, format!("{template}.metadata.labels[{PROFILE}]"));
    }
    for demand in demands(workload) {
        if demand.is(&[COMPUTE_TYPE], "fargate") {
            return Fact::declared(Target::EKSFargate, demand.field);
        }
        // Only Auto Mode's own nodes have these labels.
        if demand.is(&[COMPUTE_TYPE], "auto") || demand.label.starts_with("eks.amazonaws.com/instance-") {
            return Fact::declared(Target::EKSAutoMode, demand.field);
        }
        if matches!(demand.label, "eks.amazonaws.com/nodegroup" | "eks.amazonaws.com/capacityType")
            || demand.is(&[COMPUTE_TYPE], "hybrid")
        {
            return Fact::declared(Target::EKSNodes, demand.field);
        }
    }
    // Some of its terms ask for one kind of compute and some for another: either may hold it today.
    let undecided = terms(workload).any(|term| wanted(term).any(|(label, ..)| label == COMPUTE_TYPE));
    if undecided { Fact::Unknown } else { Fact::inferred(Target::EKSNodes, "kind") }
}

/// The selector's labels, and those that all terms of the affinity ask for: one term that holds is enough.
fn demands(workload: &Workload) -> Vec<Demand<'_>> {
    let pod = workload.key.kind.pod_path();
    let selected = workload.template.spec.node_selector.iter().map(|(label, value)| Demand {
        label,
        values: BTreeSet::from([value.as_str()]),
        field: format!("{pod}.nodeSelector[{label}]"),
    });
    let mut found: Vec<Demand<'_>> = selected.collect();
    let labels: BTreeSet<&str> = terms(workload).flat_map(wanted).map(|(label, _)| label).collect();
    for label in labels {
        let mut values = BTreeSet::new();
        let in_all = terms(workload).all(|term| {
            let mut both = wanted(term).filter(|(of, _)| *of == label).map(|(_, values)| values);
            let Some(first) = both.next() else { return false };
            values.extend(both.fold(first, |so_far, more| &so_far & &more));
            true
        });
        if in_all && !values.is_empty() {
            found.push(Demand { label, values, field: format!("{pod}.affinity.nodeAffinity[{label}]") });
        }
    }
    found
}

/// The terms that a node can meet: one that asks for nothing is met by none.
fn terms(workload: &Workload) -> impl Iterator<Item = &[Requirement]> {
    let affinity =
        workload.template.spec.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
    let required = affinity.and_then(|affinity| affinity.required.as_ref());
    let terms = required.into_iter().flat_map(|required| &required.node_selector_terms);
    terms
        .filter(|term| !term.match_expressions.is_empty() || !term.match_fields.is_empty())
        .map(|term| &*term.match_expressions)
}

fn wanted(term: &[Requirement]) -> impl Iterator<Item = (&str, BTreeSet<&str>)> {
    let listed = term.iter().filter(|requirement| requirement.operator == "In");
    listed.map(|requirement| (&*requirement.key, requirement.values.iter().map(String::as_str).collect()))
}

/// Whether a machine or a family of them has a processor by AWS: a `g` behind the generation, as in m7g and c6gn.
fn is_graviton(machine: &str) -> bool {
    let family = machine.split('.').next().unwrap_or(machine);
    let behind = family.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let features = behind.trim_start_matches(|c: char| c.is_ascii_digit());
    family == "a1" || (behind.len() > features.len() && features.contains('g'))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::observe::workload::Deployment;

    fn workload(pod: Value) -> Workload {
        let deployment: Deployment =
            serde_json::from_value(json!({"metadata": {"name": "web"}, "spec": {"template": {"spec": pod}}}))
                .unwrap();
        deployment.into()
    }

    /// With these terms, each a list of `[label, values…]`.
    fn required(terms: &[&[&[&str]]]) -> Workload {
        let expression = |e: &&[&str]| json!({"key": e[0], "operator": "In", "values": e[1..]});
        let term =
            |term: &&[&[&str]]| json!({"matchExpressions": term.iter().map(expression).collect::<Vec<_>>()});
        let terms: Vec<Value> = terms.iter().map(term).collect();
        workload(json!({"affinity": {"nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}
        }}}))
    }

    fn traits(workload: &Workload) -> Vec<Trait> {
        signals(workload).into_iter().map(|signal| signal.what).collect()
    }

    const ARM: &[&str] = &["kubernetes.io/arch", "arm64"];
    const EITHER: &[&str] = &["kubernetes.io/arch", "arm64", "amd64"];

    #[test]
    fn what_all_terms_ask_for_counts_like_a_node_selector() {
        let selector = workload(json!({"nodeSelector": {"kubernetes.io/arch": "arm64"}}));
        assert_eq!(traits(&selector), [Trait::Arm64]);
        assert_eq!(traits(&required(&[&[ARM]])), [Trait::Arm64]);
        assert_eq!(traits(&required(&[&[ARM], &[ARM, &["zone", "a"]]])), [Trait::Arm64]);
        assert_eq!(traits(&required(&[&[ARM, EITHER]])), [Trait::Arm64]);
        assert_eq!(traits(&required(&[&[ARM], &[]])), [Trait::Arm64], "an empty term is met by no node");
        assert_eq!(traits(&required(&[&[EITHER]])), []);
        assert_eq!(traits(&required(&[&[&["kubernetes.io/arch", "s390x", "arm"]]])), [Trait::OtherProcessor]);
        assert_eq!(traits(&required(&[&[&["kubernetes.io/arch", "s390x", "amd64"]]])), []);
        assert_eq!(traits(&required(&[&[&[COMPUTE_TYPE, "hybrid"]]])), [Trait::HybridNode]);
        assert_eq!(traits(&required(&[&[&[COMPUTE_TYPE, "hybrid", "ec2"]]])), []);
        assert_eq!(traits(&required(&[&[ARM], &[&["zone", "a"]]])), []);
        assert_eq!(traits(&required(&[&[&["kubernetes.io/os", "windows"]]])), [Trait::Windows]);
        assert_eq!(traits(&required(&[&[&["karpenter.sh/capacity-type", "spot"]]])), [Trait::Spot]);
        assert_eq!(traits(&required(&[&[&["karpenter.sh/capacity-type", "spot", "on-demand"]]])), []);
        assert_eq!(traits(&required(&[&[&["eks.amazonaws.com/capacityType", "SPOT"]]])), [Trait::Spot]);
        let field = signals(&required(&[&[ARM]])).remove(0).field;
        assert_eq!(field, "spec.template.spec.affinity.nodeAffinity[kubernetes.io/arch]");
    }

    #[test]
    fn a_machine_tells_its_processor() {
        for machine in
            ["m7g.large", "c6gn.xlarge", "t4g.small", "im4gn.large", "g5g.xlarge", "a1.medium", "r8gd"]
        {
            assert!(is_graviton(machine), "{machine}");
        }
        for machine in
            ["m7i.large", "g5.xlarge", "g4dn.xlarge", "p5.48xlarge", "c6a.large", "u7i-12tb.224xlarge", ""]
        {
            assert!(!is_graviton(machine), "{machine}");
        }
        let machine = "node.kubernetes.io/instance-type";
        assert_eq!(
            traits(&required(&[&[&[machine, "m7g.large", "c7g.large"]]])),
            [Trait::InstanceType, Trait::Arm64]
        );
        assert_eq!(traits(&required(&[&[&[machine, "m7g.large", "m7i.large"]]])), [Trait::InstanceType]);
    }

    #[test]
    fn a_number_that_all_terms_ask_for_counts() {
        let least = |pod: Value, what: Trait| {
            let found = signals(&workload(pod)).into_iter().find(|signal| signal.what == what);
            found.map(|signal| signal.value)
        };
        let affinity = |terms: Value| {
            json!({"affinity": {"nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}
            }}})
        };
        let gt = |value: &str| json!({"matchExpressions": [{"key": GPU_MEMORY[1], "operator": "Gt", "values": [value]}]});
        assert_eq!(least(affinity(json!([gt("40000")])), Trait::GpuMemory).as_deref(), Some("40001"));
        assert_eq!(
            least(affinity(json!([gt("40000"), gt("20000")])), Trait::GpuMemory).as_deref(),
            Some("20001")
        );
        let zone = json!({"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]});
        assert_eq!(least(affinity(json!([gt("40000"), zone])), Trait::GpuMemory), None);
        let exists = json!({"matchExpressions": [{"key": LOCAL_DISK[0], "operator": "Exists"}]});
        assert_eq!(least(affinity(json!([exists])), Trait::LocalDisk).as_deref(), Some("0"));
        let selector = json!({"nodeSelector": {LOCAL_DISK[1]: "900"}});
        assert_eq!(least(selector, Trait::LocalDisk).as_deref(), Some("900"));
        let gpu = json!({"nodeSelector": {"k8s.amazonaws.com/accelerator": "nvidia-l4"}});
        assert_eq!(least(gpu, Trait::GpuProduct).as_deref(), Some("nvidia-l4"));
    }

    #[test]
    fn terms_that_disagree_leave_the_place_unknown() {
        let place = |terms: &[&[&[&str]]]| place(&required(terms)).value().copied();
        assert_eq!(place(&[&[&[COMPUTE_TYPE, "fargate"]]]), Some(Target::EKSFargate));
        assert_eq!(place(&[&[&[COMPUTE_TYPE, "auto"]]]), Some(Target::EKSAutoMode));
        assert_eq!(place(&[&[&[COMPUTE_TYPE, "hybrid"]]]), Some(Target::EKSNodes));
        assert_eq!(place(&[&[&[COMPUTE_TYPE, "auto", "fargate"]]]), None);
        assert_eq!(place(&[&[&[COMPUTE_TYPE, "fargate"]], &[&["zone", "a"]]]), None);
        assert_eq!(place(&[&[&["zone", "a"]]]), Some(Target::EKSNodes));
        assert_eq!(place(&[&[&["eks.amazonaws.com/nodegroup", "main"]]]), Some(Target::EKSNodes));
    }
}
