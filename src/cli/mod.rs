//! The command line: one file a command. Results go to standard output, all else to standard error.

#[cfg(feature = "cluster")]
mod cluster;
#[cfg(feature = "cluster")]
mod doctor;
mod explain;
mod generate;
mod inputs;
mod judge;
mod output;
mod progress;
#[cfg(feature = "cluster")]
mod prometheus;
mod report;
#[cfg(feature = "cluster")]
mod run;
mod saved;
mod scan;
mod select;

use std::{io, process::ExitCode};

use clap::{Parser, Subcommand};

/// Tells a team which AWS compute each of its Kubernetes workloads really needs, and why.
///
/// Exit codes: 0 clean, 1 error, 2 usage or a name that nothing has, 3 findings at or above --fail-on.
#[derive(Debug, Parser)]
#[command(name = "berth", bin_name = called(), version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What a person typed: as kubectl's plugin, kubectl-berth on the PATH, Berth is `kubectl berth`.
fn called() -> &'static str {
    let program = std::env::args_os().next().unwrap_or_default();
    let plugin = std::path::Path::new(&program).file_stem().is_some_and(|name| name == "kubectl-berth");
    if plugin { "kubectl berth" } else { "berth" }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge manifests, or a live cluster without the operator
    Scan(scan::Args),
    /// List the rules, or explain one, or a target: what it checks, why it matters, what to do
    Explain(explain::Args),
    /// Report on a cluster's workloads from the status of their profiles, or from saved ones
    Report(report::Args),
    /// Write the files that are generated from the code
    Generate(generate::Args),
    /// Check an installation: CRDs, replicas, leader, rights, certificate, and whether the webhook is reached
    #[cfg(feature = "cluster")]
    Doctor(doctor::Args),
    /// Run the operator and the admission webhook
    #[cfg(feature = "cluster")]
    Run(Box<run::Args>),
}

/// How a command ended, when nothing broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Clean,
    /// Some input couldn't be read; the rest was.
    Incomplete,
    /// Nothing is of the name that was asked for: a typo, as a wrong option is.
    Misnamed,
    /// Findings that should stop a pipeline.
    Denied,
}

/// What stopped a command, for a person to read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure(error.to_string())
    }
}

/// Runs the command that was asked for.
pub fn main(cli: Cli) -> ExitCode {
    let outcome = match cli.command {
        Command::Scan(args) => scan::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Generate(args) => generate::run(&args),
        #[cfg(feature = "cluster")]
        Command::Doctor(args) => doctor::run(&args),
        #[cfg(feature = "cluster")]
        Command::Run(args) => run::run(*args),
    };
    match outcome {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Incomplete) => ExitCode::from(1),
        Ok(Outcome::Misnamed) => ExitCode::from(2),
        Ok(Outcome::Denied) => ExitCode::from(3),
        Err(failure) => {
            eprintln!("berth: {}", crate::printable::text(&failure.to_string()));
            ExitCode::from(1)
        }
    }
}
