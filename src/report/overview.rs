//! What to do with a report: which workloads to move first, by saving against effort, and whom to ask what.

use serde::Serialize;

use super::{
    effort::{self, Effort},
    record::Record,
    wrap::hanging,
};
use crate::{
    amount,
    catalog::Target,
    decide::{Interval, Verdict},
    observe::Kind,
};

/// Workloads and questions that are named.
const MOST: usize = 10;
/// The widest line.
const WIDTH: usize = 100;

/// What the order of moves rests on.
pub const MEASURE: [&str; 2] =
    ["In the order of the saving, if the whole cluster goes, for each step of effort:", effort::MEASURE];

/// What a platform lead does next.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview<'a> {
    pub move_first: Vec<Move<'a>>,
    /// Misplaced workloads that aren't among the moves: they end, and nothing starts them again.
    #[serde(skip_serializing_if = "is_zero")]
    pub end_by_themselves: usize,
    pub ask: Vec<Ask<'a>>,
}

/// One misplaced workload, with what moving it saves and takes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Move<'a> {
    /// Its place among the records.
    #[serde(skip)]
    pub index: usize,
    /// As long as it takes to tell it from the others.
    #[serde(skip)]
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<&'a str>,
    /// namespace/kind/name
    pub workload: String,
    pub target: Target,
    /// If the whole cluster goes; the other saving stands beside it in the workload's own page.
    pub saving_if_cluster_goes: Interval,
    pub steps: usize,
    /// What the steps are.
    pub effort: Vec<String>,
}

/// A question, who may know, and the workloads that it's about.
#[derive(Serialize)]
pub struct Ask<'a> {
    /// The team by its label, else the namespace.
    pub whom: String,
    pub question: &'a str,
    pub about: Vec<String>,
}

impl<'a> Overview<'a> {
    pub fn of(records: &'a [Record]) -> Self {
        let name = naming(records);
        Overview {
            move_first: moves(records, &name),
            end_by_themselves: records.iter().filter(|record| is_misplaced(record) && ends(record)).count(),
            ask: asks(records, &name),
        }
    }
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn is_misplaced(record: &Record) -> bool {
    !record.own && record.decision.verdict == Verdict::Misplaced
}

/// Whether it was started by hand: a Job that no schedule makes, a Pod that nothing makes again. There is no move to plan.
pub fn ends(record: &Record) -> bool {
    [Kind::Job, Kind::Pod].iter().any(|kind| kind.name() == record.kind)
}

/// How workloads are told apart: by their cluster and namespace where there are several.
fn naming(records: &[Record]) -> impl Fn(&Record) -> String {
    let differs = |of: fn(&Record) -> Option<&str>| records.windows(2).any(|two| of(&two[0]) != of(&two[1]));
    let clusters = differs(|record| record.cluster.as_deref());
    let namespaces = clusters || differs(|record| Some(&record.namespace));
    move |record| match record.cluster.as_deref().filter(|_| clusters) {
        Some(cluster) => format!("{cluster}/{}", record.full_name()),
        None if namespaces => record.full_name(),
        None => record.handle(),
    }
}

/// The misplaced workloads whose saving for each step is the largest, that first.
fn moves<'a>(records: &'a [Record], name: impl Fn(&Record) -> String) -> Vec<Move<'a>> {
    let moves = records.iter().enumerate().filter_map(|(index, record)| move_of(index, record, &name));
    let mut moves: Vec<Move<'_>> = moves.collect();
    let worth = |move_: &Move<'_>| move_.saving_if_cluster_goes.low / move_.steps as f64;
    moves.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    moves.truncate(MOST);
    moves
}

fn move_of(index: usize, record: &Record, name: impl Fn(&Record) -> String) -> Option<Move<'_>> {
    let best = record.decision.recommendation.as_ref()?;
    if !is_misplaced(record) || ends(record) {
        return None;
    }
    let effort = Effort::of(record, best.target);
    Some(Move {
        index,
        name: name(record),
        cluster: record.cluster.as_deref(),
        workload: record.full_name(),
        target: best.target,
        saving_if_cluster_goes: best.saving.if_cluster_goes,
        steps: effort.steps(),
        effort: effort.words().map(str::to_owned).collect(),
    })
}

/// Open questions, those about the most workloads first: one answer may serve them all.
fn asks<'a>(records: &'a [Record], name: impl Fn(&Record) -> String) -> Vec<Ask<'a>> {
    let mut asks: Vec<Ask<'_>> = Vec::new();
    for record in records.iter().filter(|record| !record.own) {
        let whom = match record.team() {
            Some(team) => team.to_owned(),
            None => format!("whoever owns namespace {}", record.namespace),
        };
        for open in &record.decision.open_questions {
            match asks.iter_mut().find(|ask| ask.whom == whom && ask.question == open.question) {
                Some(ask) => ask.about.push(name(record)),
                None => {
                    asks.push(Ask { whom: whom.clone(), question: &open.question, about: vec![name(record)] })
                }
            }
        }
    }
    asks.sort_by_key(|ask| std::cmp::Reverse(ask.about.len()));
    asks.truncate(MOST);
    asks
}

/// Both as text below a table; nothing where there is nothing to do.
pub fn text(records: &[Record]) -> String {
    let Overview { move_first, end_by_themselves, ask } = Overview::of(records);
    let mut out = String::new();
    if !move_first.is_empty() {
        let measure = hanging(&MEASURE.join(" "), 2, 2, WIDTH);
        out += &format!("\n\nWhat to move first\n{measure}");
    }
    for move_ in &move_first {
        out.push('\n');
        out += &hanging(&sentence(move_), 2, 6, WIDTH);
    }
    if end_by_themselves > 0 {
        let told = left_out(end_by_themselves);
        let title = if move_first.is_empty() { "\n\nWhat to move first" } else { "" };
        out += &format!("{title}\n{}", hanging(&told, 2, 2, WIDTH));
    }
    if !ask.is_empty() {
        out += "\n\nWhat is unknown, and whom to ask";
    }
    for Ask { whom, question, about } in &ask {
        let (asked, about) = (format!("{whom}: {question}"), format!("for {}", about.join(", ")));
        out += &format!("\n{}\n{}", hanging(&asked, 2, 6, WIDTH), hanging(&about, 6, 6, WIDTH));
    }
    out
}

/// What isn't among the moves, and why.
pub fn left_out(count: usize) -> String {
    let what = if count == 1 { "1 Job or Pod" } else { &format!("{count} Jobs and Pods") };
    format!(
        "Left out: {what} that no schedule and no controller starts again, so that there is nothing to move."
    )
}

/// One move as a line: `deployment/web to Lambda: $40 a month; effort 2: …`.
pub fn sentence(move_: &Move<'_>) -> String {
    let saving = move_.saving_if_cluster_goes;
    format!(
        "{} to {}: {} a month; {}",
        move_.name,
        move_.target.title(),
        amount::write_range(saving.low, saving.high),
        effort::sentence(move_.steps, move_.effort.iter().map(String::as_str))
    )
}
