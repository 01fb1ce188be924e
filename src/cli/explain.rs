//! `berth explain`: the rules, from the text that each carries.

use super::{Failure, Outcome, print};
use crate::{decide::rules, report::rule};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A rule's code, such as LMB003; all rules are listed without one
    #[arg(value_name = "RULE")]
    code: Option<String>,
}

pub fn run(args: &Args) -> Result<Outcome, Failure> {
    match &args.code {
        None => print(&rule::list())?,
        Some(code) => {
            let found = rules::find(code)
                .ok_or_else(|| Failure(format!("no rule {code}: `berth explain` lists them all")))?;
            print(&rule::text(found))?;
        }
    }
    Ok(Outcome::Clean)
}
