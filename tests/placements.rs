//! Where workloads as people write them belong: a table of our own over manifests of our own.

mod common;

use std::{collections::BTreeMap, path::PathBuf};

use berth::{
    catalog::{Catalog, Target},
    decide::{Decision, Fit},
    evaluate,
    policy::Policy,
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Expected {
    accept: Vec<Target>,
    never: Vec<Target>,
    primitives_only: bool,
    #[serde(default)]
    finds: Vec<String>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/placements")
}

fn table() -> BTreeMap<String, BTreeMap<String, Expected>> {
    let text = std::fs::read_to_string(folder().join("expected.yaml")).unwrap();
    serde_yaml_ng::from_str::<serde_yaml_ng::Value>(&text)
        .and_then(|mut value| {
            value.apply_merge()?;
            serde_yaml_ng::from_value(value)
        })
        .unwrap()
}

/// Every workload's decision, by name.
fn decide(cluster: &str) -> BTreeMap<String, Decision> {
    let file = folder().join(format!("{cluster}.yaml"));
    let text = std::fs::read_to_string(&file).unwrap();
    common::observe(cluster, &text)
        .iter()
        .map(|observed| {
            let decision = evaluate(observed, Catalog::embedded(), &Policy::default());
            (observed.workload.key.name.clone(), decision)
        })
        .collect()
}

impl Expected {
    /// What is wrong with a decision.
    fn complaints(&self, decision: &Decision) -> Vec<String> {
        let mut wrong = Vec::new();
        let fired = |code: &str| decision.findings.iter().any(|finding| finding.rule == code);
        match &decision.recommendation {
            Some(best) if self.accept.contains(&best.target) => {}
            Some(best) => {
                let fits: Vec<String> = decision
                    .candidates
                    .iter()
                    .filter(|candidate| candidate.fit == Fit::Fits)
                    .map(|candidate| format!("{} {:?}", candidate.target, candidate.monthly_cost))
                    .collect();
                wrong.push(format!("{} isn't among {:?}; what fits: {fits:?}", best.target, self.accept));
            }
            None => wrong.push("no recommendation".to_owned()),
        }
        for target in &self.never {
            let candidate = decision.candidates.iter().find(|candidate| candidate.target == *target);
            let is_excluded = candidate.is_some_and(|candidate| {
                candidate.fit == Fit::Excluded
                    && candidate.findings.iter().any(|finding| !finding.field.is_empty())
            });
            if !is_excluded {
                wrong.push(format!("{target} isn't excluded"));
            }
        }
        if fired("PRM001") != self.primitives_only {
            wrong.push(format!("PRM001 fired: {}", fired("PRM001")));
        }
        wrong.extend(self.finds.iter().filter(|code| !fired(code)).map(|code| format!("{code} didn't fire")));
        wrong
    }
}

#[test]
fn every_workload_goes_where_a_careful_reader_would_put_it() {
    let mut wrong = Vec::new();
    for (cluster, rows) in table() {
        let decisions = decide(&cluster);
        let (listed, there): (Vec<_>, Vec<_>) = (rows.keys().collect(), decisions.keys().collect());
        assert_eq!(listed, there, "{cluster}: the table and the manifests name different workloads");
        for (name, expected) in &rows {
            let complaints = expected.complaints(&decisions[name]);
            wrong.extend(complaints.into_iter().map(|complaint| format!("{cluster}/{name}: {complaint}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The answers are in the table, but they must be there for the right reason.
#[test]
fn answers_make_the_difference() {
    let decisions = decide("events");
    let lambda = |name: &str| decisions[name].candidates.iter().find(|c| c.target == Target::Lambda).unwrap();
    assert_eq!(lambda("cleanup").fit, Fit::Fits);
    assert_eq!(lambda("report").fit, Fit::Unknown);
    let open = &decisions["report"].open_questions;
    assert!(
        open.iter()
            .flat_map(|question| &question.answers)
            .any(|answer| answer.recommendation == Some(Target::Lambda)),
        "{open:?}"
    );
    assert!(decisions["cleanup"].open_questions.is_empty(), "{:?}", decisions["cleanup"].open_questions);
}

#[test]
fn each_target_is_somebodys_answer() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/targets");
    for target in Target::ALL {
        let text = std::fs::read_to_string(folder.join(format!("{target}.yaml"))).unwrap();
        let observed = common::observe(target.id(), &text);
        let decision = evaluate(&observed[0], Catalog::embedded(), &Policy::default());
        let chosen = decision.recommendation.map(|best| best.target);
        assert_eq!(chosen, Some(target), "{:#?}", decision.candidates);
    }
}
