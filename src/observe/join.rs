//! How workloads and neighbours find each other without a look at all of either.
//!
//! Both are kept under what they have in common: a label, an account, a claim, a Service. What is found that way is
//! a proposal; [`Neighbour::touches`] decides.

use std::{
    collections::{HashMap, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    sync::Arc,
};

use super::{
    custom::{Cut, Monitor, ServiceMonitor},
    neighbour::{Neighbour, What},
    rbac::Bound,
    workload::{Key, Workload},
};

/// What a neighbour hangs on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// A label, an account, a claim, a Service or a role, as a hash: two that are equal cost a look, no more.
    At(u64),
    /// All workloads of one namespace.
    Namespace(String),
    All,
}

impl Anchor {
    fn at(what: &str, namespace: &str, name: impl Hash) -> Anchor {
        let mut hash = DefaultHasher::new();
        (what, namespace).hash(&mut hash);
        name.hash(&mut hash);
        Anchor::At(hash.finish())
    }

    fn label(namespace: &str, (key, value): (&String, &String)) -> Anchor {
        Anchor::at("label", namespace, (key.as_str(), value.as_str()))
    }

    fn account(namespace: &str, name: &str) -> Anchor {
        Anchor::at("account", namespace, name)
    }

    pub fn scaled(namespace: &str, kind: &str, name: &str) -> Anchor {
        Anchor::at("scaled", namespace, (kind, name))
    }

    fn claim(namespace: &str, name: &str) -> Anchor {
        Anchor::at("claim", namespace, name)
    }

    pub fn volume(name: &str) -> Anchor {
        Anchor::at("volume", "", name)
    }

    /// A label of a Service; under no name those of a namespace, under no namespace those of all.
    fn exposed(namespace: &str, label: Option<(&String, &String)>) -> Anchor {
        Anchor::at("exposed", namespace, label)
    }

    pub fn service(namespace: &str, name: &str) -> Anchor {
        Anchor::at("service", namespace, name)
    }

    pub fn role((kind, namespace, name): (&str, &str, &str)) -> Anchor {
        Anchor::at("role", namespace, (kind, name))
    }
}

#[derive(Clone, Debug, Default)]
pub struct Join {
    neighbours: HashMap<Anchor, Vec<Arc<Neighbour>>>,
    /// Under what is their own; those of a namespace, and all, are in the index's own order.
    workloads: HashMap<Anchor, Vec<Arc<Workload>>>,
}

impl Join {
    pub fn put_neighbour(&mut self, neighbour: &Arc<Neighbour>) {
        let mut anchors = anchors(neighbour);
        if let What::Service(_) | What::DisruptionBudget(_) | What::NetworkPolicy(_) = &neighbour.what {
            // One of a selector's labels is enough to be found by: the one that the fewest others hang on.
            anchors.sort_by_key(|anchor| self.neighbours.get(anchor).map_or(0, Vec::len));
            anchors.truncate(1);
        }
        for anchor in anchors {
            self.neighbours.entry(anchor).or_default().push(neighbour.clone());
        }
    }

    pub fn remove_neighbour(&mut self, neighbour: &Arc<Neighbour>) {
        for anchor in anchors(neighbour) {
            take_out(&mut self.neighbours, &anchor, neighbour);
        }
    }

    pub fn put_workload(&mut self, workload: &Arc<Workload>) {
        for anchor in own(workload) {
            self.workloads.entry(anchor).or_default().push(workload.clone());
        }
    }

    pub fn remove_workload(&mut self, workload: &Arc<Workload>) {
        for anchor in own(workload) {
            take_out(&mut self.workloads, &anchor, workload);
        }
    }

    /// The neighbours that may touch a workload.
    pub fn near<'a>(&'a self, workload: &'a Workload) -> impl Iterator<Item = &'a Arc<Neighbour>> {
        let wide = [Anchor::Namespace(workload.key.namespace.clone()), Anchor::All];
        own(workload).chain(wide).flat_map(|anchor| self.hanging_on(&anchor))
    }

    pub fn hanging_on(&self, anchor: &Anchor) -> &[Arc<Neighbour>] {
        self.neighbours.get(anchor).map_or(&[], Vec::as_slice)
    }

    pub fn workloads_at(&self, anchor: &Anchor) -> &[Arc<Workload>] {
        self.workloads.get(anchor).map_or(&[], Vec::as_slice)
    }
}

fn take_out<T>(table: &mut HashMap<Anchor, Vec<Arc<T>>>, anchor: &Anchor, gone: &Arc<T>) {
    if let Some(held) = table.get_mut(anchor) {
        held.retain(|item| !Arc::ptr_eq(item, gone));
        if held.is_empty() {
            table.remove(anchor);
        }
    }
}

/// What a workload can be found by.
fn own(workload: &Workload) -> impl Iterator<Item = Anchor> {
    let Key { namespace, kind, name } = &workload.key;
    let labels = workload.template.metadata.labels.iter().map(|label| Anchor::label(namespace, label));
    let claims = workload.claims().map(|claim| Anchor::claim(namespace, claim));
    labels.chain(claims).chain([
        Anchor::account(namespace, workload.service_account()),
        Anchor::account("", workload.service_account()),
        Anchor::scaled(namespace, kind.name(), name),
    ])
}

/// What a Service can be found by, for monitors.
pub fn exposed(service: &Neighbour) -> impl Iterator<Item = Anchor> {
    let labels = || service.labels.iter().map(Some).chain([None]);
    [service.namespace.as_str(), ""]
        .into_iter()
        .flat_map(move |namespace| labels().map(move |label| Anchor::exposed(namespace, label)))
}

/// One of its labels in each of its namespaces is enough to be found by.
fn monitored(monitor: &Monitor) -> Vec<Anchor> {
    let label = monitor.selector.match_labels.first_key_value();
    let of_services = monitor.kind == ServiceMonitor::DEFINED.kind;
    let anchor = |namespace: &str| match label {
        _ if of_services => Anchor::exposed(namespace, label),
        _ if namespace.is_empty() => Anchor::All,
        Some(label) => Anchor::label(namespace, label),
        None => Anchor::Namespace(namespace.to_owned()),
    };
    match &monitor.namespaces {
        Some(names) => names.iter().map(|name| anchor(name)).collect(),
        None => vec![anchor("")],
    }
}

/// What a neighbour hangs on: of a selector's labels, each.
pub fn anchors(neighbour: &Neighbour) -> Vec<Anchor> {
    let namespace = &neighbour.namespace;
    match &neighbour.what {
        What::Service(service) => {
            service.selector.iter().map(|label| Anchor::label(namespace, label)).collect()
        }
        What::DisruptionBudget(spec) | What::NetworkPolicy(spec) => {
            let labels = spec.selector.iter().flat_map(|selector| &selector.match_labels);
            let anchors: Vec<Anchor> = labels.map(|label| Anchor::label(namespace, label)).collect();
            if anchors.is_empty() { vec![Anchor::Namespace(namespace.clone())] } else { anchors }
        }
        What::Autoscaler(scaler) => {
            let target = &scaler.scale_target_ref;
            vec![Anchor::scaled(namespace, &target.kind, &target.name)]
        }
        What::Scaled(scaled) => vec![Anchor::scaled(namespace, &scaled.target.kind, &scaled.target.name)],
        What::Rollout(of) => vec![Anchor::scaled(namespace, &of.target.kind, &of.target.name)],
        What::Monitor(monitor) => monitored(monitor),
        What::Binding(binding) => {
            let bound = binding.subjects.iter().filter_map(|subject| subject.bound(namespace));
            let anchors = bound.map(|bound| match bound {
                Bound::Account { namespace, name } => Anchor::account(namespace, name),
                Bound::Unplaced(name) => Anchor::account("", name),
                Bound::Namespace(namespace) => Anchor::Namespace(namespace.to_owned()),
                Bound::Everyone => Anchor::All,
            });
            anchors.chain([Anchor::role(binding.role(neighbour))]).collect()
        }
        What::Claim(claim) => {
            let volume = claim.volume_name.as_deref().map(Anchor::volume);
            [Anchor::claim(namespace, &neighbour.name)].into_iter().chain(volume).collect()
        }
        // One that is kept for no claim is found through the claim that names it.
        What::Volume(volume) => {
            let kept_for = volume.claim_ref.iter();
            kept_for.map(|claim| Anchor::claim(&claim.namespace, &claim.name)).collect()
        }
        What::ServiceAccount(_) => vec![Anchor::account(namespace, &neighbour.name)],
        What::Namespace => vec![Anchor::Namespace(neighbour.name.clone())],
        What::StorageClass(_) => vec![Anchor::All],
        What::Ingress(_) | What::Route(_) | What::Callback(_) => {
            neighbour.services().map(|(namespace, name)| Anchor::service(namespace, name)).collect()
        }
        // Found through the bindings that name it.
        What::Role(_) => Vec::new(),
        // About no workload.
        What::AdmissionPolicy | What::AdmissionBinding(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::observe::{Index, manifest::Manifests};

    /// A namespace with this many of everything that could be about one workload.
    fn namespace(size: usize) -> Index {
        let one = |n: usize| {
            let meta = format!("metadata: {{name: w{n}, namespace: shop}}");
            format!(
                "---
apiVersion: apps/v1
kind: Deployment
{meta}
spec: {{template: {{metadata: {{labels: {{tier: web, app: w{n}}}}}, spec: {{serviceAccountName: w{n}, containers: [{{name: a, image: a}}]}}}}}}
---
apiVersion: v1
kind: Service
{meta}
spec: {{selector: {{app: w{n}, tier: web}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
{meta}
spec: {{defaultBackend: {{service: {{name: w{n}}}}}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
{meta}
spec: {{scaleTargetRef: {{kind: Deployment, name: w{n}}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
{meta}
spec: {{podSelector: {{matchLabels: {{tier: web, app: w{n}}}}}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
{meta}
roleRef: {{kind: Role, name: w{n}}}
subjects: [{{kind: ServiceAccount, name: w{n}}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
{meta}
"
            )
        };
        let mut manifests = Manifests::default();
        manifests.text("many", &(0..size).map(one).collect::<String>());
        assert_eq!(manifests.troubles, []);
        let mut index = Index::default();
        for (_, object) in manifests.objects {
            index.put(object);
        }
        index
    }

    /// The neighbours that are looked at for a workload, on an average.
    fn looks(index: &Index) -> f64 {
        let looks = index.workloads().map(|workload| index.join.near(workload).count());
        looks.sum::<usize>() as f64 / index.workloads().count() as f64
    }

    #[test]
    fn a_workload_costs_no_more_among_many() {
        let (few, many) = (namespace(10), namespace(300));
        assert!(looks(&many) <= looks(&few) + 0.5, "{} looks, then {}", looks(&few), looks(&many));
        for workload in many.workloads() {
            let observed = many.observe(&workload.key).unwrap();
            let kinds: Vec<&str> = observed.neighbours.iter().map(|near| near.what.kind()).collect();
            assert_eq!(
                kinds,
                ["HorizontalPodAutoscaler", "Ingress", "NetworkPolicy", "Role", "RoleBinding", "Service"]
            );
        }
    }

    #[test]
    fn a_volume_reaches_its_workload_through_the_claim() {
        let files = |name: &str, kept_for: &str| {
            format!(
                "---
apiVersion: v1
kind: PersistentVolume
metadata: {{name: {name}}}
spec: {{csi: {{driver: efs.csi.aws.com}}{kept_for}}}
"
            )
        };
        let named = files("files", "");
        let kept = files("kept", ", claimRef: {namespace: shop, name: scratch}");
        let shop = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {spec: {containers: [{name: a, image: a}], volumes: [
  {name: data, persistentVolumeClaim: {claimName: data}},
  {name: scratch, persistentVolumeClaim: {claimName: scratch}}]}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {storageClassName: '', volumeName: files}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: scratch, namespace: shop}
spec: {storageClassName: ''}
";
        let objects = |text: &str| {
            let mut manifests = Manifests::default();
            manifests.text("shop", text);
            manifests.objects.into_iter().map(|(_, object)| object)
        };
        let mut index = Index::default();
        for object in objects(shop) {
            index.put(object);
        }
        for volume in [&named, &kept, &files("other", "")] {
            let touched: usize = objects(volume).map(|object| index.put(object).len()).sum();
            assert_eq!(touched, usize::from(volume != &files("other", "")), "{volume}");
        }
        let key = index.workloads().next().unwrap().key.clone();
        let near: Vec<String> =
            index.observe(&key).unwrap().neighbours.iter().map(|near| near.name.clone()).collect();
        assert_eq!(near, ["files", "kept", "data", "scratch"]);
        assert_eq!(index.retain("PersistentVolume", &Default::default()).len(), 1);
    }

    #[test]
    fn what_goes_leaves_nothing_behind() {
        let mut index = namespace(5);
        for kind in ["Service", "Ingress", "Role", "RoleBinding", "NetworkPolicy"] {
            assert_eq!(
                index.retain(kind, &Default::default()).len(),
                if kind == "Ingress" { 0 } else { 5 },
                "{kind}"
            );
        }
        for kind in ["HorizontalPodAutoscaler", "Deployment"] {
            index.retain(kind, &Default::default());
        }
        assert!(index.join.neighbours.is_empty() && index.join.workloads.is_empty());
    }
}
