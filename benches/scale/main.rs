//! The operator in a large cluster: a real API server, thousands of workloads with their Services and Pods.
//!
//! For each size: time from a cold start to every status, Berth's CPU beside the API server's, memory, writes a
//! workload, what etcd holds, and the requests when nothing changes. `cargo bench --bench scale -- 1000 3000 10000`.

mod cluster;
mod figures;
mod fill;
mod operator;

use std::time::{Duration, Instant};

use anyhow::ensure;
use berth::decide::Decision;
use cluster::Cluster;
use figures::Requests;
use operator::Running;

/// How long the cluster is left alone, to see what Berth does at rest.
const REST: Duration = Duration::from_secs(300);
/// Without a new status for this long, something is wrong.
const STUCK: Duration = Duration::from_secs(120);

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("TLS was set up twice"))?;
    let asked: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![1_000, 3_000, 10_000] } else { asked };
    println!("{}", figures::HEAD);
    for workloads in sizes {
        println!("{}", measure(workloads).await?);
    }
    Ok(())
}

async fn measure(workloads: usize) -> anyhow::Result<figures::Row> {
    let cluster = Cluster::start(&format!("scale-{workloads}")).await?;
    let filled = Instant::now();
    fill::fill(&cluster, workloads).await?;
    eprintln!(
        "{workloads} workloads, each with a Service and a Pod: created in {:.0} s",
        filled.elapsed().as_secs_f64()
    );
    let stored_before = cluster.stored().await?;
    let requests_before = Requests::read(&cluster).await?;
    let server_cpu = cluster.server.cpu()?;

    let started = Instant::now();
    let mut berth = Running::start(&cluster)?;
    until_all(&cluster, &mut berth, workloads, |_| true).await?;
    let seconds = started.elapsed().as_secs_f64();
    let cpu = berth.process.cpu()?;
    let server_cpu = cluster.server.cpu()? - server_cpu;
    let requests = Requests::read(&cluster).await?.since(&requests_before);
    let stored = cluster.stored().await? - stored_before;

    eprintln!("every status after {seconds:.0} s; now {} s of rest", REST.as_secs());
    let at_rest = Requests::read(&cluster).await?;
    let rest_cpu = berth.process.cpu()?;
    tokio::time::sleep(REST).await;
    ensure!(berth.lives()?, "the operator ended at rest");
    let at_rest = Requests::read(&cluster).await?.since(&at_rest);
    let rest_cpu = (berth.process.cpu()? - rest_cpu) / REST.as_secs_f64() * 100.0;
    let (steady, peak) = (berth.process.memory("VmRSS:")?, berth.process.memory("VmHWM:")?);

    let missed_seconds = miss_a_change_of_all(&cluster, &mut berth, workloads).await?;
    Ok(figures::Row {
        workloads,
        seconds,
        cpu,
        server_cpu,
        steady,
        peak,
        writes: requests.writes as f64 / workloads as f64,
        stored_kib: stored / 1024.0 / workloads as f64,
        rest: at_rest,
        rest_cpu,
        missed_seconds,
        missed_peak: berth.process.memory("VmHWM:")?,
    })
}

/// Changes every workload while the operator is stopped: far more than the API server remembers for a watch, so that
/// it has to list anew. Gives the seconds until every status is right again.
async fn miss_a_change_of_all(
    cluster: &Cluster,
    berth: &mut Running,
    workloads: usize,
) -> anyhow::Result<f64> {
    berth.process.stop()?;
    fill::scale(cluster, workloads, 3).await?;
    let resumed = Instant::now();
    berth.process.resume()?;
    let has_three =
        |decision: &Decision| decision.evidence.iter().any(|item| item.fact == "copies" && item.value == "3");
    until_all(cluster, berth, workloads, has_three).await?;
    Ok(resumed.elapsed().as_secs_f64())
}

/// Berth's own metric says when to look; what counts is what the API server then lists.
async fn until_all(
    cluster: &Cluster,
    berth: &mut Running,
    workloads: usize,
    is_so: impl Fn(&Decision) -> bool + Copy,
) -> anyhow::Result<()> {
    let (mut before, mut moved) = (0, Instant::now());
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        ensure!(berth.lives()?, "the operator ended");
        let mut right = berth.recommendations().await.unwrap_or(0);
        if right >= workloads {
            right = cluster.decided(is_so).await?;
            if right >= workloads {
                return Ok(());
            }
        }
        if right != before {
            (before, moved) = (right, Instant::now());
        }
        ensure!(
            moved.elapsed() < STUCK,
            "{right} of {workloads} statuses, and no more for {} s",
            STUCK.as_secs()
        );
    }
}
