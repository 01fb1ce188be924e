//! The load: a few requests a second over a bounded set of objects, and what came of each.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use crate::{
    chart::try_out,
    cluster::{Cluster, Ran},
};

/// Where warnings are expected, and where the mode goes to Deny and back.
pub const WARNED: &str = "soak-warned";
pub const STRICT: &str = "soak-strict";
/// Objects that each worker keeps.
const KEPT: usize = 20;
pub const WORKERS: usize = 2;
/// Between two requests of a worker.
const PAUSE: Duration = Duration::from_millis(350);
/// At most so many failures are kept in words.
const WORDS: usize = 20;

/// What is going on in the cluster, as far as an answer depends on it.
#[derive(Debug, Default)]
pub struct Scene {
    pub over: AtomicBool,
    pub server_away: AtomicBool,
    /// Outages of the API server so far: a request may see the end of one and the begin of the next.
    pub outages: AtomicUsize,
    /// What is being broken right now.
    pub broken: Mutex<Option<&'static str>>,
    /// Each change of the strict namespace's mode counts twice: when it begins and when it holds. So 2 in 4 is Deny.
    pub strict: AtomicUsize,
}

/// The strict namespace's mode during a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strict {
    Warn,
    Deny,
    Changing,
}

impl Scene {
    pub fn breaks(&self, what: Option<&'static str>) {
        *self.broken.lock().unwrap_or_else(PoisonError::into_inner) = what;
    }

    fn broken(&self) -> Option<&'static str> {
        *self.broken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn strict(&self) -> (usize, Strict) {
        let changes = self.strict.load(SeqCst);
        let mode = [Strict::Warn, Strict::Changing, Strict::Deny, Strict::Changing];
        (changes, mode.get(changes % 4).copied().unwrap_or(Strict::Changing))
    }
}

/// What a request should come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hope {
    /// Applied, with a warning.
    Warning,
    /// Applied; whether with a warning is all the same.
    Applied,
    /// Refused while the namespace is in Deny, else a warning.
    Mode,
}

#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub sent: usize,
    pub warned: usize,
    /// Applied, and no warning was due.
    pub quiet: usize,
    /// Applied without the warning that was due, as Berth wasn't reached.
    pub unwarned: usize,
    /// The same by what was being broken; none where nothing was.
    pub unwarned_while: BTreeMap<Option<&'static str>, usize>,
    pub refused: usize,
    /// Let through in Deny, as Berth wasn't reached.
    pub let_through: usize,
    pub refused_wrongly: usize,
    /// The API server didn't answer, and was away.
    pub server_away: usize,
    pub words: Vec<String>,
}

/// The counts of all workers.
#[derive(Debug, Default)]
pub struct Tally(Mutex<Counts>);

impl Tally {
    pub fn so_far(&self) -> Counts {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn count(&self, of: impl FnOnce(&mut Counts)) {
        of(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// A Deployment whose Pods nobody schedules: all of it is in the API server.
fn deployment(name: &str, step: usize) -> String {
    // `kept` or `churned`: by this the changes of all pass over those that come and go.
    let part = name.split('-').next().unwrap_or(name);
    let (replicas, cpu) = (1 + step % 2, [250, 500, 750, 1000][step % 4]);
    format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: {name}, namespace: {WARNED}, labels: {{soak: {part}}}}}, spec: {{replicas: {replicas}, \
         selector: {{matchLabels: {{app: {name}}}}}, template: {{metadata: {{labels: {{app: {name}}}}}, spec: {{schedulerName: nobody, \
         containers: [{{name: web, image: web, resources: {{requests: {{cpu: {cpu}m, memory: 256Mi}}}}}}]}}}}}}}}"
    )
}

/// A workload of the examples' that Deny refuses, in the strict namespace.
pub fn misplaced() -> String {
    let example = include_str!("../../examples/shop/payment-hook.yaml");
    example.replace("namespace: shop", &format!("namespace: {STRICT}"))
}

/// Sends until the scene is over.
pub fn send(cluster: &Cluster, scene: &Scene, tally: &Tally, worker: usize) {
    let strict = misplaced();
    let exempt = strict
        .replace("    berth.dev/trigger:", "    berth.dev/exempt: it has a licence\n    berth.dev/trigger:");
    let tried = ["apply", "--dry-run=server", "-f", "-"];
    let churned = format!("churned-{worker}");
    let mut step = 0;
    while !scene.over.load(SeqCst) {
        let (round, kept) = (step / 6, format!("kept-{worker}-{}", step / 6 % KEPT));
        type Request<'a> = (Hope, Box<dyn Fn() -> Ran + 'a>);
        let (hope, request): Request<'_> = match step % 6 {
            0 => (Hope::Warning, Box::new(|| try_out(cluster, WARNED))),
            // One more for each time that all were applied: an update that changes nothing gets no warning.
            1 => (Hope::Warning, Box::new(|| cluster.apply(&deployment(&kept, round + round / KEPT)))),
            2 => (Hope::Mode, Box::new(|| cluster.kubectl_reading(&tried, &strict))),
            3 => (Hope::Applied, Box::new(|| cluster.kubectl_reading(&tried, &exempt))),
            4 => (Hope::Applied, Box::new(|| cluster.apply(&deployment(&churned, round)))),
            _ => (
                Hope::Applied,
                Box::new(|| {
                    let gone = [
                        "delete",
                        "deployment",
                        &churned,
                        "-n",
                        WARNED,
                        "--ignore-not-found",
                        "--wait=false",
                    ];
                    cluster.kubectl(&gone)
                }),
            ),
        };
        observe(scene, tally, hope, request);
        step += 1;
        thread::sleep(PAUSE);
    }
}

/// Makes a request and counts what came of it, by what was going on from its begin to its end.
fn observe(scene: &Scene, tally: &Tally, hope: Hope, request: impl Fn() -> Ran) {
    let outages = scene.outages.load(SeqCst);
    let away = scene.server_away.load(SeqCst);
    let broken = scene.broken();
    let (changes, mode) = scene.strict();
    let ran = request();
    let away = away || scene.server_away.load(SeqCst) || scene.outages.load(SeqCst) != outages;
    let broken = broken.or(scene.broken());
    let mode = if scene.strict().0 == changes { mode } else { Strict::Changing };
    let warned = !ran.warnings().is_empty();
    let by_berth = ran.stderr.contains("deny.berth.dev");
    tally.count(|counts| {
        counts.sent += 1;
        match (ran.ok, hope) {
            (true, Hope::Mode) if mode == Strict::Deny => counts.let_through += 1,
            (true, _) if warned => counts.warned += 1,
            (true, Hope::Applied) => counts.quiet += 1,
            (true, _) => {
                counts.unwarned += 1;
                *counts.unwarned_while.entry(broken).or_default() += 1;
            }
            (false, Hope::Mode) if by_berth && mode != Strict::Warn => counts.refused += 1,
            (false, _) if !by_berth && away => counts.server_away += 1,
            (false, _) => {
                counts.refused_wrongly += 1;
                if counts.words.len() < WORDS {
                    counts.words.push(format!("{hope:?} while {mode:?}: {}", ran.stderr.trim()));
                }
            }
        }
    });
}
