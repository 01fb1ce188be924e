//! The objects of one cluster, or of files, to decided workloads.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::IsTerminal,
};

use indicatif::ProgressBar;

use crate::{
    catalog::Catalog,
    decide::{
        Decision,
        platform::{Member, PlatformFeature},
    },
    evaluate, evaluate_member,
    evidence::{evidence, platform_features},
    observe::{Index, Key, Object, Unread, manifest::Place, neighbour::What, today},
    policy::{Mode, Outcome, Policy},
    report::{costs, record::Record},
    ruling,
};

/// The objects of one cluster, or of all files together.
pub struct Source {
    pub cluster: Option<String>,
    pub objects: Vec<(Option<Place>, Object)>,
    /// What was left out of it.
    pub unread: Unread,
    /// The cluster's own, where it has one.
    pub policy: Option<Policy>,
}

/// What became of a source.
#[derive(Default)]
pub struct Judged {
    pub records: Vec<Record>,
    pub members: Vec<Member>,
    /// What admission would do about each record.
    pub outcomes: Vec<Outcome>,
    pub unread: Unread,
    /// What the cluster uses itself.
    pub features: Vec<PlatformFeature>,
    /// Whether a workload's namespace is in Deny.
    pub denies: bool,
    /// Namespaces whose labels nobody showed, where those could still refuse.
    pub unlabelled: BTreeSet<String>,
}

/// Decides on every workload of a source, all of it together as one cluster.
pub fn judge(source: Source, explain: Option<&str>, catalog: &Catalog, policy: &Policy) -> Judged {
    let mut index = Index::default();
    index.date(today());
    let mut places: Vec<(Key, Option<Place>)> = Vec::new();
    for (place, object) in source.objects {
        if let Object::Workload(workload) = &object
            && !workload.owned
        {
            places.push((workload.key.clone(), place));
        }
        index.put(object);
    }
    // The last one of a name wins, as with kubectl apply; each is reported once.
    places.reverse();
    places.sort_by(|a, b| a.0.cmp(&b.0));
    places.dedup_by(|a, b| a.0 == b.0);
    let progress = ProgressBar::no_length();
    if std::io::stderr().is_terminal() {
        progress.set_length(places.len() as u64);
    } else {
        progress.set_draw_target(indicatif::ProgressDrawTarget::hidden());
    }
    let mut judged =
        Judged { features: platform_features(&index), unread: source.unread, ..Judged::default() };
    for (key, place) in places {
        progress.inc(1);
        let Some(observed) = index.observe(&key) else { continue };
        let (decision, member) = evaluate_member(&observed, catalog, policy);
        let cluster = source.cluster.clone();
        let told = place.as_ref().map(|place| place.source.to_string());
        let mut record = Record {
            costs: String::new(),
            source: told.or_else(|| cluster.clone()).unwrap_or_default(),
            cluster,
            own: member.own.is_some(),
            kind: key.kind.name().to_owned(),
            namespace: key.namespace,
            name: key.name,
            lines: place.map(|place| lines(&place, &decision)).unwrap_or_default(),
            decision,
        };
        if explain.is_some_and(|name| name.is_empty() || record.is_named(name)) {
            record.costs = costs::costs(&evidence(&observed, policy), &record.decision, catalog, policy);
        }
        let ruling = ruling(&observed, policy);
        let is_labelled = observed.neighbours.iter().any(|near| matches!(near.what, What::Namespace));
        if !is_labelled && ruling.mode != Mode::Deny {
            judged.unlabelled.insert(record.namespace.clone());
        }
        judged.denies |= ruling.mode == Mode::Deny;
        // As admission does: what is at rest is judged as if it ran.
        let at_rest = ruling.mode == Mode::Deny && record.decision.finding("WRK010").is_some();
        judged.outcomes.push(if at_rest {
            ruling.outcome(&evaluate(&observed.running(None), catalog, policy))
        } else {
            ruling.outcome(&record.decision)
        });
        judged.members.push(member);
        judged.records.push(record);
    }
    progress.finish_and_clear();
    judged
}

/// The lines of the fields that findings name.
fn lines(place: &Place, decision: &Decision) -> BTreeMap<String, usize> {
    let fields = decision.findings.iter().map(|finding| &finding.field);
    fields.map(|field| (field.clone(), place.line_of(field))).collect()
}
