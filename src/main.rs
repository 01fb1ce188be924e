//! The `berth` command: parses, dispatches, and turns the outcome into an exit code.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    berth::cli::main(berth::cli::Cli::parse())
}
