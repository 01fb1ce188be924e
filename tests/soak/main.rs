//! An hour with Berth on a cluster of its own: a bounded load, while one thing after the other breaks. `make soak` runs it.
//!
//! It ends with a table on standard output, and fails when a status was lost, somebody was blocked wrongly, memory grew
//! or Berth panicked. SOAK_MINUTES says how long; each thing breaks once at least, which takes some five minutes.

#[path = "../on_cluster/breaking.rs"]
mod breaking;
#[expect(dead_code, reason = "the other suite uses all of it")]
#[path = "../on_cluster/chart.rs"]
mod chart;
#[expect(dead_code, reason = "the other suite uses all of it")]
#[path = "../on_cluster/cluster.rs"]
mod cluster;
mod load;
mod outcome;
mod rounds;
mod watch;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    sync::atomic::Ordering::SeqCst,
    thread,
    time::{Duration, Instant},
};

use chart::CHART;
use cluster::{Cluster, NAMESPACE, RELEASE, within};
use load::{Scene, Tally};
use outcome::Outcome;
use watch::Watch;

/// Between two things that break, in a long run.
const GAP: Duration = Duration::from_secs(30);
const SHORTEST_GAP: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_secs(5);
const TELL: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let Ok(minutes) = std::env::var("SOAK_MINUTES") else {
        eprintln!("SOAK_MINUTES isn't set, so nothing is done: make soak");
        return ExitCode::SUCCESS;
    };
    let Some(minutes) = minutes.parse::<u32>().ok().filter(|minutes| *minutes > 0) else {
        eprintln!("SOAK_MINUTES is '{minutes}': a number of minutes is needed, such as 60");
        return ExitCode::from(2);
    };
    let sound = catch_unwind(|| soak(Duration::from_secs(60) * minutes));
    let sound = sound.is_ok_and(|outcome| {
        println!("{outcome}");
        outcome.faults.iter().for_each(|fault| eprintln!("FAULT: {fault}"));
        outcome.faults.is_empty()
    });
    // What a figure came from is in the logs, also where all went well.
    cluster::stop(true);
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn soak(length: Duration) -> Outcome {
    let cluster = cluster::cluster();
    set_up(cluster);
    let (scene, tally) = (Scene::default(), Tally::default());
    let started = Instant::now();
    thread::scope(|scope| {
        for worker in 0..load::WORKERS {
            let (scene, tally) = (&scene, &tally);
            scope.spawn(move || load::send(cluster, scene, tally, worker));
        }
        let watching = scope.spawn(|| watch_until_over(cluster, &scene, &tally, started));
        let (happened, mut faults) = break_things(cluster, &scene, started + length);
        scene.over.store(true, SeqCst);
        let watch = watching.join().expect("the watch goes on to the end");
        let lost = outcome::lost(cluster);
        faults.extend(lost.iter().map(|lost| format!("lost: {lost}")));
        Outcome::new(started.elapsed(), tally.so_far(), &watch, happened, lost.len(), faults)
    })
}

fn set_up(cluster: &Cluster) {
    cluster.kubectl(&["create", "namespace", NAMESPACE]).done();
    let deny = "webhook.deny.enabled=true";
    cluster.helm(4, &["install", RELEASE, CHART, "--set", deny, "--wait", "--timeout", "180s"]).done();
    for namespace in [load::WARNED, load::STRICT] {
        cluster.kubectl(&["create", "namespace", namespace]).done();
    }
    // The Service alone: what refers to the Deployment is there before it.
    let manifest = load::misplaced();
    cluster.apply(manifest.split("\n---\n").next().expect("a first document")).done();
    within(Duration::from_secs(60), "the first warning", || {
        let ran = chart::try_out(cluster, load::WARNED);
        if ran.warnings().is_empty() { Err(ran.stderr) } else { Ok(()) }
    });
}

/// Breaks one thing after the other until the time is over and each had its turn. Gives how often each happened, and
/// what didn't come right.
fn break_things(
    cluster: &Cluster,
    scene: &Scene,
    until: Instant,
) -> (Vec<(&'static rounds::Event, usize)>, Vec<String>) {
    let mut happened: Vec<_> = rounds::ROUND.iter().map(|event| (event, 0)).collect();
    let mut faults = Vec::new();
    for round in 0.. {
        for (event, times) in &mut happened {
            if round > 0 && Instant::now() >= until {
                return (happened, faults);
            }
            // As even as the time allows, so that a short run is a round.
            let left = until.saturating_duration_since(Instant::now());
            thread::sleep((left / 40).clamp(SHORTEST_GAP, GAP));
            scene.breaks(Some(event.name));
            let began = Instant::now();
            let ended = catch_unwind(AssertUnwindSafe(|| {
                (event.happens)(cluster, scene);
                rounds::whole(cluster);
            }));
            *times += 1;
            eprintln!("{}: {:.0} s", event.name, began.elapsed().as_secs_f64());
            if let Err(panicked) = ended {
                let why = panicked.downcast_ref::<String>().map_or("it panicked", String::as_str);
                faults.push(format!("{}: {why}", event.name));
            }
            scene.breaks(None);
        }
    }
    (happened, faults)
}

/// Looks every few seconds, and tells every minute.
fn watch_until_over(cluster: &Cluster, scene: &Scene, tally: &Tally, started: Instant) -> Watch {
    let mut watch = Watch::default();
    let (mut outage, mut told) = (None::<Instant>, started);
    loop {
        // Read before the last look, which has to see all.
        let over = scene.over.load(SeqCst);
        if scene.server_away.load(SeqCst) {
            outage = Some(Instant::now());
        }
        watch.look(cluster, outage.is_some_and(|seen| seen.elapsed() < TELL));
        if over {
            return watch;
        }
        if told.elapsed() >= TELL {
            told = Instant::now();
            eprintln!("{}", outcome::progress(started.elapsed(), &tally.so_far(), &watch));
        }
        thread::sleep(LOOK);
    }
}
