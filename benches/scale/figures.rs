//! What is read of processes and of the API server's own count of requests, and the row that it makes.

use std::{fmt, fs, process::Command};

use anyhow::{Context, ensure};

use crate::cluster::Cluster;

pub const HEAD: &str = "\
| workloads | seconds to all statuses | Berth CPU s | API server CPU s | share | steady MiB | peak MiB | writes a workload | KiB stored a workload | writes at rest | renewals of Leases at rest | CPU at rest | seconds after a missed change of all | peak MiB then |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|";

pub struct Row {
    pub workloads: usize,
    pub seconds: f64,
    pub cpu: f64,
    pub server_cpu: f64,
    pub steady: f64,
    pub peak: f64,
    pub writes: f64,
    pub stored_kib: f64,
    pub rest: Requests,
    pub rest_cpu: f64,
    pub missed_seconds: f64,
    pub missed_peak: f64,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = self.cpu / self.server_cpu * 100.0;
        write!(
            f,
            "| {} | {:.0} | {:.1} | {:.1} | {share:.0}% |",
            self.workloads, self.seconds, self.cpu, self.server_cpu
        )?;
        write!(f, " {:.0} | {:.0} | {:.2} | {:.1} |", self.steady, self.peak, self.writes, self.stored_kib)?;
        write!(f, " {} | {} | {:.1}% |", self.rest.writes, self.rest.leases, self.rest_cpu)?;
        write!(f, " {:.0} | {:.0} |", self.missed_seconds, self.missed_peak)
    }
}

/// A process of this machine.
pub struct Process(u32);

impl Process {
    pub fn of(id: u32) -> Process {
        Process(id)
    }

    /// The one of this name whose arguments mention a cluster's folder.
    pub fn find(name: &str, folder: &str) -> anyhow::Result<Process> {
        for entry in fs::read_dir("/proc")?.flatten() {
            let Some(id) = entry.file_name().to_str().and_then(|id| id.parse().ok()) else { continue };
            let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            let program = command.split(' ').next().unwrap_or_default();
            if program.rsplit('/').next() == Some(name) && command.contains(folder) {
                return Ok(Process(id));
            }
        }
        anyhow::bail!("no process {name} of {folder}")
    }

    /// Seconds of CPU since its start.
    pub fn cpu(&self) -> anyhow::Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0))?;
        let (_, fields) = stat.rsplit_once(')').context("a process's stat")?;
        let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
        // Linux counts in hundredths of a second for everyone, whatever the kernel's own tick is.
        Ok(ticks.sum::<f64>() / 100.0)
    }

    /// MiB, of one of the fields of /proc/PID/status.
    pub fn memory(&self, field: &str) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0))?;
        let line = status.lines().find(|line| line.starts_with(field)).context("a field of memory")?;
        Ok(line.split_whitespace().nth(1).context("an amount")?.parse::<f64>()? / 1024.0)
    }

    /// Suspends it.
    pub fn stop(&self) -> anyhow::Result<()> {
        self.signal("-STOP")
    }

    /// Lets it go on.
    pub fn resume(&self) -> anyhow::Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, signal: &str) -> anyhow::Result<()> {
        let status = Command::new("kill").args([signal, &self.0.to_string()]).status()?;
        ensure!(status.success(), "can't send {signal} to process {}", self.0);
        Ok(())
    }
}

/// The API server's own count of what Berth can write. Its own Lease is among the Leases, renewed every ten seconds.
pub struct Requests {
    pub writes: u64,
    pub leases: u64,
}

impl Requests {
    pub async fn read(cluster: &Cluster) -> anyhow::Result<Requests> {
        let text = cluster.metrics().await?;
        let written: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("apiserver_request_total{"))
            .filter(|line| !["\"GET\"", "\"LIST\"", "\"WATCH\""].iter().any(|verb| line.contains(verb)))
            .collect();
        let count = |groups: &[&str]| {
            let of = written.iter().filter(|line| groups.iter().any(|group| line.contains(group)));
            of.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
        };
        Ok(Requests {
            writes: count(&["\"berth.dev\"", "\"events.k8s.io\""]),
            leases: count(&["\"coordination.k8s.io\""]),
        })
    }

    pub fn since(&self, before: &Requests) -> Requests {
        Requests {
            writes: self.writes.saturating_sub(before.writes),
            leases: self.leases.saturating_sub(before.leases),
        }
    }
}
