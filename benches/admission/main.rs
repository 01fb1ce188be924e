//! Berth's webhook beside one built from the same parts that does nothing, in turn on the same core.
//!
//! Over TLS with keep-alive, with reviews as an API server sends them, at fixed rates and at saturation. Machines
//! drift by tens of percent within minutes, so what counts is the ratio between the two in one run.
//!
//! `cargo bench --bench admission` runs all of it; `-- --quick` a tenth, to see that it works; `-- --inside` only what
//! Berth does between a review's last byte and its answer, without a connection: for a profiler.

mod inside;
mod load;
mod reviews;
mod table;
mod webhooks;

use std::time::Duration;

use load::{Load, Measured};
use webhooks::{Arm, Running};

/// The binary's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Each arm is measured this often for each load, in turn with the other.
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);
/// The core that the webhooks share, and the one that drives them.
const SERVER_CORE: usize = 1;
const DRIVER_CORE: usize = 0;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--serve") {
        let arm =
            arguments.get(at + 1).and_then(|name| Arm::named(name)).ok_or(anyhow::anyhow!("which arm?"))?;
        return webhooks::serve(arm);
    }
    if arguments.iter().any(|argument| argument == "--inside") {
        return inside::measure();
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let (rounds, round) = if quick { (1, Duration::from_secs(1)) } else { (ROUNDS, ROUND) };
    pin(DRIVER_CORE);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(rounds, round))
}

async fn measure(rounds: usize, round: Duration) -> anyhow::Result<()> {
    let mut running = Vec::new();
    for arm in Arm::ALL {
        running.push(Running::start(arm, SERVER_CORE).await?);
    }
    println!(
        "{} rounds of {} s for each row, the arms in turn; webhooks on core {SERVER_CORE}, driver on core {DRIVER_CORE}\n",
        rounds,
        round.as_secs()
    );
    println!("{}", table::HEAD);
    for size in reviews::Size::ALL {
        let bodies = reviews::bodies(size);
        for load in Load::ALL {
            let mut measured: Vec<Measured> = Arm::ALL.iter().map(|_| Measured::default()).collect();
            for _ in 0..rounds {
                for (webhook, into) in running.iter_mut().zip(&mut measured) {
                    let cpu = webhook.cpu()?;
                    load::run(webhook, load, &bodies, round, into).await?;
                    into.cpu += webhook.cpu()? - cpu;
                }
            }
            for (webhook, measured) in running.iter().zip(&measured) {
                println!(
                    "{}",
                    table::row(webhook.arm, size, bodies[0].len(), load, measured, webhook.memory()?)
                );
            }
            println!("{}", table::ratios(&measured));
        }
    }
    Ok(())
}

/// Keeps this process on one core; without that the arms would share the driver's.
fn pin(core: usize) {
    let pinned = std::process::Command::new("taskset")
        .args(["-cp", &core.to_string(), &std::process::id().to_string()])
        .output();
    if !pinned.is_ok_and(|output| output.status.success()) {
        eprintln!(
            "note: can't pin to core {core}; install util-linux's taskset for figures that mean something"
        );
    }
}
