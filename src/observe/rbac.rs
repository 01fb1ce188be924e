//! Who may call the Kubernetes API: bindings and roles, cut to what ties a workload to it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::{
    neighbour::{Neighbour, TargetRef},
    pod::null_is_default,
    workload::Workload,
};

/// Groups that every API server serves; resources of any other are custom ones.
const BUILT_IN: &[&str] = &[
    "",
    "*",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "metrics.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// Roles of every API server that let anyone find its way around and no more.
const TRIVIAL: &[&str] = &[
    "system:basic-user",
    "system:discovery",
    "system:public-info-viewer",
    "system:service-account-issuer-discovery",
];

/// Roles of every API server that people are given, to which each custom resource adds its own: what they grant says
/// nothing about whose controller it is.
const FOR_PEOPLE: &[&str] = &["admin", "edit", "view"];

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BindingBody {
    #[serde(deserialize_with = "null_is_default")]
    pub subjects: Vec<Subject>,
    pub role_ref: TargetRef,
    #[serde(skip)]
    pub cluster: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default)]
pub struct Subject {
    pub kind: String,
    pub name: String,
    pub namespace: Option<String>,
}

/// Whom a subject stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound<'a> {
    Account {
        namespace: &'a str,
        name: &'a str,
    },
    /// The ServiceAccount of this name in a namespace that is still to be filled in.
    Unplaced(&'a str),
    /// Every ServiceAccount of one namespace.
    Namespace(&'a str),
    Everyone,
}

/// How a binding reaches a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tie {
    /// It names the workload's own ServiceAccount.
    Own,
    /// It names an account of that name in a namespace that is still to be filled in: this one or another.
    Unplaced,
    /// It names a group, or the account of every Pod that names none: nobody had this workload in mind.
    Shared(String),
}

impl Subject {
    /// Whom it stands for, as far as that could be a Pod; `around` is the binding's own namespace.
    pub fn bound<'a>(&'a self, around: &'a str) -> Option<Bound<'a>> {
        match self.kind.as_str() {
            "ServiceAccount" => {
                let namespace = self.namespace.as_deref().filter(|namespace| !namespace.is_empty());
                Some(match namespace.unwrap_or(around) {
                    // A ClusterRoleBinding has none, and the API server takes no such subject: a tool fills it in.
                    "" => Bound::Unplaced(&self.name),
                    namespace => Bound::Account { namespace, name: &self.name },
                })
            }
            "User" => {
                let (namespace, name) = self.name.strip_prefix("system:serviceaccount:")?.split_once(':')?;
                Some(Bound::Account { namespace, name })
            }
            "Group" if matches!(&*self.name, "system:serviceaccounts" | "system:authenticated") => {
                Some(Bound::Everyone)
            }
            "Group" => self.name.strip_prefix("system:serviceaccounts:").map(Bound::Namespace),
            _ => None,
        }
    }
}

impl BindingBody {
    /// How it reaches a workload, its own account first.
    pub fn tie(&self, binding: &Neighbour, workload: &Workload) -> Option<Tie> {
        // Bound by every API server to let anyone find the API: says nothing about a workload.
        if binding.labels.get("kubernetes.io/bootstrapping").is_some_and(|value| value == "rbac-defaults") {
            return None;
        }
        let (account, home) = (workload.service_account(), &*workload.key.namespace);
        let ties = self.subjects.iter().filter_map(|subject| match subject.bound(&binding.namespace)? {
            Bound::Account { namespace, name } if namespace == home && name == account => {
                let shared = name == "default";
                Some(if shared { Tie::Shared("the account default".to_owned()) } else { Tie::Own })
            }
            Bound::Unplaced(name) if name == account => Some(Tie::Unplaced),
            Bound::Namespace(namespace) if namespace == home => Some(Tie::Shared(subject.name.clone())),
            Bound::Everyone => Some(Tie::Shared(subject.name.clone())),
            _ => None,
        });
        ties.min_by_key(|tie| *tie != Tie::Own)
    }

    /// The kind, namespace and name of its role; a ClusterRole has no namespace.
    pub fn role<'a>(&'a self, binding: &'a Neighbour) -> (&'static str, &'a str, &'a str) {
        match self.role_ref.kind.as_str() {
            "Role" => ("Role", &binding.namespace, &self.role_ref.name),
            _ => ("ClusterRole", "", &self.role_ref.name),
        }
    }

    /// Whether the name of its role alone says that it grants nothing to work with.
    pub fn is_trivial(&self) -> bool {
        TRIVIAL.contains(&&*self.role_ref.name)
    }

    /// Whether its role is one that people are given.
    pub fn is_for_people(&self) -> bool {
        self.role_ref.kind == "ClusterRole" && FOR_PEOPLE.contains(&&*self.role_ref.name)
    }
}

/// A Role or ClusterRole as it's written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RoleBody {
    #[serde(deserialize_with = "null_is_default")]
    rules: Vec<PolicyRule>,
    aggregation_rule: Option<Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PolicyRule {
    #[serde(deserialize_with = "null_is_default")]
    api_groups: Vec<String>,
    #[serde(deserialize_with = "null_is_default")]
    resources: Vec<String>,
    #[serde(deserialize_with = "null_is_default")]
    verbs: Vec<String>,
}

/// What a role lets a workload do, as far as that ties it to Kubernetes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grants {
    pub cluster: bool,
    /// It grants something on objects that Pods work with.
    pub objects: bool,
    /// The groups whose custom resources it may both watch and change: what a controller does.
    pub controls: BTreeSet<String>,
}

impl Grants {
    pub fn of(role: &RoleBody, cluster: bool) -> Grants {
        // The API server fills in what an aggregated role grants.
        let objects = role.aggregation_rule.is_some() || role.rules.iter().any(PolicyRule::is_of_use);
        let mut verbs: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
        for rule in &role.rules {
            let may = |wanted: &[&str]| rule.verbs.iter().any(|verb| wanted.contains(&verb.as_str()));
            for group in rule.api_groups.iter().filter(|group| !BUILT_IN.contains(&group.as_str())) {
                let (watches, changes) = verbs.entry(group).or_default();
                *watches |= may(&["watch", "*"]);
                *changes |= may(&["update", "patch", "*"]);
            }
        }
        let controls = verbs.into_iter().filter(|(_, (watches, changes))| *watches && *changes);
        Grants { cluster, objects, controls: controls.map(|(group, _)| group.to_owned()).collect() }
    }
}

impl PolicyRule {
    /// Paths alone serve to find the API; `use` admits Pods under a policy; a review asks what is allowed.
    fn is_of_use(&self) -> bool {
        let reviews = |resource: &String| resource.starts_with("selfsubject");
        !self.resources.is_empty()
            && self.verbs.iter().any(|verb| verb != "use")
            && !self.resources.iter().all(reviews)
    }
}
