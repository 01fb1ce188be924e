//! `berth explain`: the rules and the targets, from the text that each carries, and the crossover to a cluster.

use std::path::PathBuf;

use super::{Failure, Outcome, inputs::Inputs, output::print, scan};
use crate::{
    catalog::{Catalog, Target},
    decide::rules,
    report::{crossover, rule, target},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A rule's code such as LMB003, a target such as ECSFargate, `crossover`, or with --file a workload such as
    /// deployment/web; all rules are listed without one
    #[arg(value_name = "TOPIC")]
    topic: Option<String>,
    /// Manifests that hold the workload: files, folders, or - for standard input
    #[arg(short, long = "file", value_name = "PATH", requires = "topic")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    inputs: Inputs,
}

pub fn run(args: &Args) -> Result<Outcome, Failure> {
    match args.topic.as_deref() {
        Some(workload) if !args.files.is_empty() => {
            return scan::explain(&args.files, workload, &args.inputs);
        }
        Some(workload) if workload.contains('/') => {
            return Err(Failure(format!(
                "which {workload}? name its manifests: berth explain {workload} -f FILE"
            )));
        }
        None => print(&rule::list())?,
        Some("crossover") => {
            let policy = args.inputs.policy()?;
            print(&crossover::text(&*args.inputs.catalog(&policy)?, &policy))?;
        }
        Some(topic) => {
            // By either of its names: both stand in answers.
            let is_named = |target: &Target| {
                [target.id(), target.title()].iter().any(|name| name.eq_ignore_ascii_case(topic))
            };
            let named = Target::ALL.into_iter().find(is_named);
            match (rules::find(topic), named) {
                (Some(found), _) => print(&rule::text(found))?,
                (None, Some(found)) => print(&target::text(found, Catalog::embedded()))?,
                (None, None) => {
                    let targets = Target::ALL.map(|target| target.id()).join(", ");
                    return Err(Failure(format!(
                        "no rule or target {topic}: `berth explain` lists the rules, `berth explain crossover` shows the \
                         curve, and the targets are {targets}"
                    )));
                }
            }
        }
    }
    Ok(Outcome::Clean)
}
