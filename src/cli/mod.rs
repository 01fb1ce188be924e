//! The command line: one file a command. Results go to standard output, all else to standard error.

mod explain;
mod generate;
mod inputs;
mod report;
#[cfg(feature = "cluster")]
mod run;
mod scan;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

/// Tells a team which AWS compute each of its Kubernetes workloads really needs, and why.
///
/// Exit codes: 0 clean, 1 error, 2 usage, 3 findings at or above --fail-on.
#[derive(Debug, Parser)]
#[command(name = "berth", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge manifests without a cluster: files, folders, or - for standard input
    Scan(scan::Args),
    /// List the rules, or explain one: what it checks, why it matters, what to do
    Explain(explain::Args),
    /// Report on a cluster's workloads from the status of their profiles, or from saved ones
    Report(report::Args),
    /// Write the files that are generated from the code
    Generate(generate::Args),
    /// Run the operator and the admission webhook
    #[cfg(feature = "cluster")]
    Run(run::Args),
}

/// How a command ended, when nothing broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Clean,
    /// Some input couldn't be read; the rest was.
    Incomplete,
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
        Command::Run(args) => run::run(args),
    };
    match outcome {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Incomplete) => ExitCode::from(1),
        Ok(Outcome::Denied) => ExitCode::from(3),
        Err(failure) => {
            eprintln!("berth: {failure}");
            ExitCode::from(1)
        }
    }
}

/// Prints a result. A reader that has seen enough (`| head`) is no error.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = out
        .write_all(text.as_bytes())
        .and_then(|()| if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") });
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
