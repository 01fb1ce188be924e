//! All workloads and neighbours by name, in memory: what a scan, a watch and an admission request look at.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use jiff::{Timestamp, civil::Date};

use super::{
    Observed,
    answers::Answers,
    custom::{Cut, ServiceMonitor},
    histories::Histories,
    history::History,
    join::{Anchor, Join, anchors, exposed},
    neighbour::{Neighbour, What},
    object::Object,
    placement::Placement,
    pod::ClaimSpec,
    traffic::Traffic,
    usage::Use,
    workload::{Key, Kind, Workload},
};

/// What all workloads share.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fleet {
    /// Workloads that share the platform's fixed cost.
    pub services: usize,
}

/// Where Kubernetes itself and its add-ons live.
const SYSTEM_NAMESPACES: &[&str] = &["kube-system", "kube-public", "kube-node-lease"];

/// The kind, namespace and name of a neighbour.
type Named = (&'static str, String, String);

/// Names an object within an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    Workload(Key),
    Neighbour { kind: &'static str, namespace: String, name: String },
    Profile(Key),
}

#[derive(Clone, Debug, Default)]
pub struct Index {
    workloads: BTreeMap<Key, Arc<Workload>>,
    /// Those that share the platform and aren't stopped: kept as they come and go, for it's asked at every decision.
    services: BTreeSet<Key>,
    /// The day in UTC, where it's known.
    today: Option<Date>,
    /// Those that are stopped, unless an autoscaler brings them back.
    stopped: BTreeSet<Key>,
    /// The count that decisions on what is stored use, where one was settled on.
    settled: Option<Fleet>,
    neighbours: BTreeMap<Named, Arc<Neighbour>>,
    pub(super) join: Join,
    /// Rises with each change of what the platform itself may use.
    platform_changes: u64,
    answers: BTreeMap<Key, Arc<Answers>>,
    histories: Histories,
}

impl Index {
    /// Takes an object in, new or changed, and names the workloads whose decision it may change.
    pub fn put(&mut self, mut object: Object) -> BTreeSet<Key> {
        let ended = match &mut object {
            Object::Workload(workload) => workload.ended.take(),
            _ => None,
        };
        let mut touched = self.store(object);
        if let Some((key, ended)) = ended
            && self.histories.ended(&key, ended)
        {
            self.recount(&key);
            touched.insert(key);
        }
        touched
    }

    fn store(&mut self, object: Object) -> BTreeSet<Key> {
        match object {
            // The owner is the one to decide on; it may have adopted this one.
            Object::Workload(workload) if workload.owned => self.remove(&Id::Workload(workload.key)),
            Object::Workload(workload) => {
                let workload: Arc<Workload> = Arc::from(workload);
                let key = workload.key.clone();
                let mut touched = self.remove_other_form(&Id::Workload(key.clone()));
                let before = self.workloads.insert(key.clone(), workload.clone());
                if let Some(before) = &before {
                    self.join.remove_workload(before);
                }
                self.recount(&key);
                self.join.put_workload(&workload);
                if before != Some(workload) {
                    touched.insert(key);
                }
                touched
            }
            Object::Neighbour(neighbour) => {
                let neighbour: Arc<Neighbour> = Arc::from(neighbour);
                let named = name_of(&neighbour);
                if self.neighbours.get(&named) == Some(&neighbour) {
                    return BTreeSet::new();
                }
                let mut touched = self.remove_neighbour(&named);
                let (kind, namespace, name) = named.clone();
                touched.append(&mut self.remove_other_form(&Id::Neighbour { kind, namespace, name }));
                self.platform_changes += u64::from(neighbour.what.is_the_platforms());
                self.neighbours.insert(named, neighbour.clone());
                self.join.put_neighbour(&neighbour);
                touched.append(&mut self.touched(&neighbour));
                touched
            }
            Object::Profile { key, answers, history } => {
                let answers: Arc<Answers> = Arc::from(answers);
                let before = self.answers.insert(key.clone(), answers.clone());
                let recalled = history.is_some_and(|kept| self.histories.recall(&key, *kept));
                self.recount(&key);
                if before == Some(answers) && !recalled { BTreeSet::new() } else { BTreeSet::from([key]) }
            }
        }
    }

    /// Forgets an object, and names the workloads whose decision that may change.
    pub fn remove(&mut self, id: &Id) -> BTreeSet<Key> {
        let mut touched = self.remove_other_form(id);
        touched.append(&mut self.remove_one(id));
        touched
    }

    /// A Rollout is a workload, or a word about one: what it was before, it is no more.
    fn remove_other_form(&mut self, id: &Id) -> BTreeSet<Key> {
        match id {
            Id::Workload(Key { kind: Kind::Rollout, namespace, name }) => {
                self.remove_neighbour(&(Kind::Rollout.name(), namespace.clone(), name.clone()))
            }
            Id::Neighbour { kind, namespace, name } if *kind == Kind::Rollout.name() => {
                let (namespace, name) = (namespace.clone(), name.clone());
                self.remove_one(&Id::Workload(Key { kind: Kind::Rollout, namespace, name }))
            }
            _ => BTreeSet::new(),
        }
    }

    fn remove_one(&mut self, id: &Id) -> BTreeSet<Key> {
        match id {
            Id::Workload(key) => {
                let Some(gone) = self.workloads.remove(key) else { return BTreeSet::new() };
                self.histories.remove(key);
                self.join.remove_workload(&gone);
                self.recount(key);
                BTreeSet::from([gone.key.clone()])
            }
            Id::Neighbour { kind, namespace, name } => {
                self.remove_neighbour(&(*kind, namespace.clone(), name.clone()))
            }
            Id::Profile(key) => {
                let gone = self.answers.remove(key);
                self.recount(key);
                gone.map(|_| key.clone()).into_iter().collect()
            }
        }
    }

    fn remove_neighbour(&mut self, named: &Named) -> BTreeSet<Key> {
        let Some(gone) = self.neighbours.remove(named) else { return BTreeSet::new() };
        self.platform_changes += u64::from(gone.what.is_the_platforms());
        let touched = self.touched(&gone);
        self.join.remove_neighbour(&gone);
        touched
    }

    /// Forgets the objects of a kind that a new list of them no longer holds, by namespace and name.
    pub fn retain(&mut self, kind: &str, listed: &HashSet<(String, String)>) -> BTreeSet<Key> {
        let is_gone =
            |namespace: &String, name: &String| !listed.contains(&(namespace.clone(), name.clone()));
        // A kind may have objects of either form.
        let workloads = self
            .workloads
            .keys()
            .filter(|key| key.kind.name() == kind && is_gone(&key.namespace, &key.name))
            .map(|key| Id::Workload(key.clone()));
        let neighbours = self
            .neighbours
            .keys()
            .filter(|(of, namespace, name)| *of == kind && is_gone(namespace, name))
            .map(|(kind, namespace, name)| Id::Neighbour {
                kind,
                namespace: namespace.clone(),
                name: name.clone(),
            });
        let gone: Vec<Id> = workloads.chain(neighbours).collect();
        gone.iter().flat_map(|id| self.remove(id)).collect()
    }

    /// Takes in what a workload's copies used, and names it when that is news.
    pub fn used(&mut self, key: &Key, used: &[Use], at: Timestamp) -> Option<Key> {
        (self.contains(key) && self.histories.used(key, used, at)).then(|| key.clone())
    }

    /// Takes in what a workload's copies were asked for, and names it when that is news.
    pub fn served(&mut self, key: &Key, traffic: Traffic) -> Option<Key> {
        (self.contains(key) && self.histories.served(key, traffic)).then(|| key.clone())
    }

    /// Takes in where a workload's copies run, and names it when that is news.
    pub fn placed(&mut self, key: &Key, placement: Placement) -> Option<Key> {
        (self.contains(key) && self.histories.placed(key, placement)).then(|| key.clone())
    }

    /// What is about no workload by itself: webhooks, policies of admission, APIs that are served elsewhere, and kinds.
    pub fn the_platforms(&self) -> impl Iterator<Item = &Arc<Neighbour>> {
        self.neighbours.values().filter(|neighbour| neighbour.what.is_the_platforms())
    }

    /// Rises with each change of that.
    pub fn platform_changes(&self) -> u64 {
        self.platform_changes
    }

    /// The workloads that a Service leads to.
    pub fn behind(&self, namespace: &str, service: &str) -> BTreeSet<Key> {
        let named = ("Service", namespace.to_owned(), service.to_owned());
        self.neighbours.get(&named).map_or_else(BTreeSet::new, |service| self.touched(service))
    }

    /// Takes up what the status of a workload's profile kept, and names the workload when that is news.
    pub fn recall(&mut self, key: &Key, kept: History) -> BTreeSet<Key> {
        let recalled = self.histories.recall(key, kept);
        self.recount(key);
        if recalled { BTreeSet::from([key.clone()]) } else { BTreeSet::new() }
    }

    /// Forgets the histories of workloads that aren't there.
    pub fn forget_strays(&mut self) {
        let workloads = &self.workloads;
        self.histories.retain(|key| workloads.contains_key(key));
    }

    /// Every workload, in a fixed order.
    pub fn workloads(&self) -> impl Iterator<Item = &Arc<Workload>> {
        self.workloads.values()
    }

    pub fn workload(&self, key: &Key) -> Option<&Arc<Workload>> {
        self.workloads.get(key)
    }

    pub fn contains(&self, key: &Key) -> bool {
        self.workloads.contains_key(key)
    }

    /// A workload that is known: this one, or the one whose template a Rollout of this name runs.
    pub fn stands_for(&self, key: Key) -> Option<Key> {
        if self.contains(&key) || key.kind != Kind::Rollout {
            return Some(key).filter(|key| self.contains(key));
        }
        let Key { kind, namespace, name } = key;
        let rollout = self.neighbours.get(&(kind.name(), namespace.clone(), name))?;
        let What::Rollout(of) = &rollout.what else { return None };
        let target = Key { kind: Kind::parse(&of.target.kind)?, namespace, name: of.target.name.clone() };
        Some(target).filter(|key| self.contains(key))
    }

    /// A workload with its neighbours, or nothing when it's gone.
    pub fn observe(&self, key: &Key) -> Option<Observed> {
        let workload = self.workloads.get(key)?;
        let fleet = self.settled.unwrap_or_else(|| self.counted());
        Some(self.with_neighbours(workload.clone(), fleet))
    }

    /// A workload as it would be: one that isn't stored yet, with the neighbours that are and the services that
    /// there would be. Nothing is written of it, so that no settled number is needed.
    pub fn observe_as(&self, workload: Arc<Workload>) -> Observed {
        let shares = |workload: &Workload| self.is_a_service(workload, || self.is_scaled(workload));
        let before = self.workloads.get(&workload.key).is_some_and(|stored| shares(stored));
        let others = self.counted().services - usize::from(before);
        let fleet = Fleet { services: others + usize::from(shares(&workload)) };
        self.with_neighbours(workload, fleet)
    }

    fn with_neighbours(&self, workload: Arc<Workload>, fleet: Fleet) -> Observed {
        let mut near: BTreeMap<Named, &Arc<Neighbour>> = BTreeMap::new();
        for neighbour in self.join.near(&workload).filter(|neighbour| neighbour.touches(&workload)) {
            near.insert(name_of(neighbour), neighbour);
            // What it leads to is about the workload too.
            match &neighbour.what {
                What::Service(_) => {
                    let through = Anchor::service(&neighbour.namespace, &neighbour.name);
                    near.extend(self.join.hanging_on(&through).iter().map(|far| (name_of(far), far)));
                    near.extend(self.monitors(neighbour).map(|far| (name_of(far), far)));
                }
                What::Rollout(_) => {
                    let through = Anchor::scaled(&neighbour.namespace, Kind::Rollout.name(), &neighbour.name);
                    near.extend(self.join.hanging_on(&through).iter().map(|far| (name_of(far), far)));
                }
                What::Binding(binding) => {
                    let (kind, namespace, name) = binding.role(neighbour);
                    let role = (kind, namespace.to_owned(), name.to_owned());
                    near.extend(
                        self.neighbours.get_key_value(&role).map(|(named, role)| (named.clone(), role)),
                    );
                }
                What::Claim(ClaimSpec { volume_name: Some(volume), .. }) => {
                    let volume = ("PersistentVolume", String::new(), volume.clone());
                    near.extend(
                        self.neighbours.get_key_value(&volume).map(|(named, volume)| (named.clone(), volume)),
                    );
                }
                _ => {}
            }
        }
        Observed {
            answers: self.answers.get(&workload.key).cloned(),
            neighbours: near.into_values().cloned().collect(),
            fleet: Fleet { services: fleet.services.max(1) },
            today: self.today,
            history: self.histories.get(&workload.key),
            workload,
        }
    }

    /// Says which day it is, in UTC, and whether that's news.
    pub fn date(&mut self, today: Date) -> bool {
        self.today.replace(today) != Some(today)
    }

    /// The services that share the platform, as they are now.
    pub fn counted(&self) -> Fleet {
        let stopped = self.stopped.iter().filter_map(|key| self.workloads.get(key));
        Fleet { services: self.services.len() + stopped.filter(|workload| self.is_scaled(workload)).count() }
    }

    /// Counts a workload anew: it came or went, or something was learnt of how often it runs.
    fn recount(&mut self, key: &Key) {
        self.services.remove(key);
        self.stopped.remove(key);
        let Some(workload) = self.workloads.get(key) else { return };
        if self.is_a_service(workload, || false) {
            self.services.insert(key.clone());
        } else if self.is_a_service(workload, || true) {
            self.stopped.insert(key.clone());
        }
    }

    /// Whether it's counted among the services that share the platform's fixed cost: a run that nobody says the pace of may
    /// be the only one.
    fn is_a_service(&self, workload: &Workload, is_scaled: impl FnOnce() -> bool) -> bool {
        let has_pace = || {
            let said = [Some(&workload.answers), self.answers.get(&workload.key).map(|answers| &**answers)];
            let mut said = said.into_iter().flatten().filter_map(|answers| answers.work.as_ref());
            let history = self.histories.get(&workload.key);
            let seen = history.as_ref().and_then(|history| history.runs.as_ref()?.per_month);
            said.any(|work| work.runs_per_month.is_some()) || seen.is_some()
        };
        workload.shares_the_platform(is_scaled) && (!workload.is_a_run() || has_pace())
    }

    /// Whether something else than itself sets its replicas.
    fn is_scaled(&self, workload: &Workload) -> bool {
        self.join.near(workload).any(|near| near.what.sets_replicas(workload) && near.touches(workload))
    }

    /// The monitors that scrape a Service.
    fn monitors<'a>(&'a self, service: &'a Neighbour) -> impl Iterator<Item = &'a Arc<Neighbour>> {
        let near = exposed(service).flat_map(|anchor| self.join.hanging_on(&anchor));
        near.filter(|near| near.scrapes(service))
    }

    /// From now on decisions on what is stored use this number instead of the one at their moment.
    pub fn settle(&mut self, fleet: Fleet) {
        self.settled = Some(fleet);
    }

    pub fn settled(&self) -> Option<Fleet> {
        self.settled
    }

    /// The workloads that a neighbour says something about, by itself or through others.
    fn touched(&self, neighbour: &Neighbour) -> BTreeSet<Key> {
        match &neighbour.what {
            What::Ingress(_) | What::Route(_) | What::Callback(_) => neighbour
                .services()
                .filter_map(|(namespace, name)| {
                    self.neighbours.get(&("Service", namespace.to_owned(), name.to_owned()))
                })
                .flat_map(|service| self.touched(service))
                .collect(),
            What::Monitor(monitor) if monitor.kind == ServiceMonitor::DEFINED.kind => self
                .services(monitor.namespaces.as_deref())
                .filter(|service| neighbour.scrapes(service))
                .flat_map(|service| self.touched(service))
                .collect(),
            What::Autoscaler(scaler) if scaler.scale_target_ref.kind == Kind::Rollout.name() => {
                let target = &scaler.scale_target_ref;
                let named = (Kind::Rollout.name(), neighbour.namespace.clone(), target.name.clone());
                let through = self.neighbours.get(&named).map(|rollout| self.touched(rollout));
                let workloads =
                    self.join.workloads_at(&Anchor::scaled(&neighbour.namespace, &target.kind, &target.name));
                through.into_iter().flatten().chain(workloads.iter().map(|w| w.key.clone())).collect()
            }
            What::Volume(volume) if volume.claim_ref.is_none() => {
                let claims = self.join.hanging_on(&Anchor::volume(&neighbour.name));
                claims.iter().flat_map(|claim| self.touched(claim)).collect()
            }
            What::Role(_) => {
                let role = (neighbour.what.kind(), &*neighbour.namespace, &*neighbour.name);
                self.join
                    .hanging_on(&Anchor::role(role))
                    .iter()
                    .flat_map(|binding| self.touched(binding))
                    .collect()
            }
            _ => {
                let reached = |workload: &&Arc<Workload>| neighbour.touches(workload);
                let mut touched = BTreeSet::new();
                for anchor in anchors(neighbour) {
                    match &anchor {
                        Anchor::At(_) => touched.extend(
                            self.join.workloads_at(&anchor).iter().filter(reached).map(|w| w.key.clone()),
                        ),
                        Anchor::Namespace(namespace) => {
                            touched.extend(self.within(namespace).filter(reached).map(|w| w.key.clone()));
                        }
                        Anchor::All => {
                            touched.extend(self.workloads().filter(reached).map(|w| w.key.clone()));
                        }
                    }
                }
                touched
            }
        }
    }

    /// The Services of these namespaces, or of all.
    fn services<'a>(&'a self, namespaces: Option<&'a [String]>) -> impl Iterator<Item = &'a Arc<Neighbour>> {
        let first = ("Service", String::new(), String::new());
        let all = self.neighbours.range(first..).take_while(|((kind, ..), _)| *kind == "Service");
        all.map(|(_, service)| service)
            .filter(move |service| namespaces.is_none_or(|names| names.contains(&service.namespace)))
    }

    /// The workloads of one namespace: keys are ordered by it.
    fn within<'a>(&'a self, namespace: &'a str) -> impl Iterator<Item = &'a Arc<Workload>> {
        let first = Key { namespace: namespace.to_owned(), kind: Kind::ALL[0], name: String::new() };
        self.workloads
            .range(first..)
            .map(|(_, workload)| workload)
            .take_while(move |w| w.key.namespace == namespace)
    }
}

fn name_of(neighbour: &Neighbour) -> Named {
    (neighbour.what.kind(), neighbour.namespace.clone(), neighbour.name.clone())
}

/// Whether a namespace belongs to Kubernetes itself.
pub fn is_system(namespace: &str) -> bool {
    SYSTEM_NAMESPACES.contains(&namespace)
}
