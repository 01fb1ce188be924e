//! What a move takes: steps that the evidence shows, each named. A count of things to do, never hours.

use super::record::Record;
use crate::{catalog::Target, decide::Effect};

/// How the steps are counted, for people to disagree with.
pub const MEASURE: &str = "the move itself is one step; a target's own interface, callers to redirect, state of its own, \
                           and each finding and open question to settle are one more each.";

/// The steps of one move, in words, with how many each of them stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    parts: Vec<(String, usize)>,
}

impl Effort {
    pub fn of(record: &Record, to: Target) -> Effort {
        let mut effort = Effort::default();
        match interface(to) {
            None => effort.add("the move with its container as it is", 1),
            Some(interface) => {
                effort.add("the move", 1);
                effort.add(interface, 1);
            }
        }
        let has_port = record.fact("protocol").is_some();
        if has_port || record.fact("trigger") == Some("HTTP") {
            effort.add("callers to redirect", 1);
        }
        if record.kind == "StatefulSet" || record.fact("storage").is_some() {
            effort.add("state of its own", 1);
        }
        effort.count(findings(record), "finding to settle", "findings to settle");
        effort.count(record.decision.open_questions.len(), "open question", "open questions");
        effort
    }

    pub fn steps(&self) -> usize {
        self.parts.iter().map(|(_, steps)| steps).sum()
    }

    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|(what, _)| what.as_str())
    }

    /// `effort 2: the move with its container as it is, callers to redirect`.
    pub fn sentence(&self) -> String {
        sentence(self.steps(), self.words())
    }

    fn add(&mut self, what: &str, steps: usize) {
        self.parts.push((what.to_owned(), steps));
    }

    fn count(&mut self, steps: usize, one: &str, several: &str) {
        match steps {
            0 => {}
            1 => self.add(&format!("1 {one}"), 1),
            _ => self.add(&format!("{steps} {several}"), steps),
        }
    }
}

/// The same of steps that were counted before.
pub fn sentence<'a>(steps: usize, words: impl Iterator<Item = &'a str>) -> String {
    format!("effort {steps}: {}", words.collect::<Vec<_>>().join(", "))
}

/// What a target calls instead of just running the container.
fn interface(to: Target) -> Option<&'static str> {
    match to {
        Target::Lambda => Some("an image rebuilt for Lambda (a handler or the Web Adapter)"),
        Target::SageMaker => Some("SageMaker's /ping and /invocations"),
        _ => None,
    }
}

/// What is said of the workload itself and its data. That it uses nothing of Kubernetes makes no work.
fn findings(record: &Record) -> usize {
    let mut rules: Vec<&str> = record
        .notices()
        .filter(|finding| finding.effect == Effect::Notes && matches!(finding.family(), "DAT" | "WRK"))
        .map(|finding| &*finding.rule)
        .collect();
    rules.sort_unstable();
    rules.dedup();
    rules.len()
}
