//! `berth explain`: the rules, from the text that each carries, and the crossover to a cluster.

use super::{Failure, Outcome, inputs::Inputs, print};
use crate::{
    decide::rules,
    report::{crossover, rule},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A rule's code, such as LMB003, or `crossover`; all rules are listed without one
    #[arg(value_name = "RULE")]
    topic: Option<String>,
    #[command(flatten)]
    inputs: Inputs,
}

pub fn run(args: &Args) -> Result<Outcome, Failure> {
    match args.topic.as_deref() {
        None => print(&rule::list())?,
        Some("crossover") => print(&crossover::text(&*args.inputs.catalog()?, &args.inputs.policy()?))?,
        Some(code) => {
            let found = rules::find(code).ok_or_else(|| {
                Failure(format!(
                    "no rule {code}: `berth explain` lists them, `berth explain crossover` shows the curve"
                ))
            })?;
            print(&rule::text(found))?;
        }
    }
    Ok(Outcome::Clean)
}
