//! `berth doctor`: whether an installation can do its work, a line for each check.

use clap::ValueEnum;

use super::{
    Failure, Outcome,
    cluster::{block_on, connect},
    output::print,
    progress::spinner,
};
use crate::{
    doctor::{Finding, Installation, Level, Step, examine},
    printable,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The kubeconfig's context to ask
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// The namespace of the installation, where there are several
    #[arg(short, long)]
    namespace: Option<String>,
    /// The form of the result
    #[arg(short, long, value_enum, default_value_t = Form::Text)]
    output: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Json,
}

/// Makes every check.
///
/// # Errors
/// When there is no cluster or no installation to look at.
pub fn run(args: &Args) -> Result<Outcome, Failure> {
    block_on(examined(args))
}

async fn examined(args: &Args) -> Result<Outcome, Failure> {
    let mut clusters = connect(args.context.as_slice()).await?;
    let Some(cluster) = clusters.pop() else { return Err(Failure("no cluster to look at".to_owned())) };
    let installation = Installation::find(cluster.client, args.namespace.as_deref())
        .await
        .map_err(|error| Failure(error.to_string()))?;
    let mut broken = None;
    let mut waiting = None;
    // Each as it comes: a new leader and the dry run may take seconds.
    let findings = examine(&installation, |step| match step {
        Step::Begins(check) => waiting = Some(spinner(check)),
        Step::Finds(finding) => {
            waiting = None;
            if args.output == Form::Text
                && let Err(error) = print(&line(finding))
            {
                broken = Some(error);
            }
        }
    })
    .await;
    if let Some(error) = broken {
        return Err(error);
    }
    if args.output == Form::Json {
        let text = serde_json::to_string_pretty(&findings).map_err(|error| Failure(error.to_string()))?;
        print(&printable::json(&text))?;
    }
    let fails = findings.iter().any(|finding| finding.level == Level::Fail);
    Ok(if fails { Outcome::Incomplete } else { Outcome::Clean })
}

/// The level, the check and the reason; below it what to do.
fn line(finding: &Finding) -> String {
    let level = match finding.level {
        Level::Ok => "ok",
        Level::Warn => "warn",
        Level::Fail => "FAIL",
    };
    let mut line = format!("{level:<5} {:<12} {}", finding.check, printable::line(&finding.reason));
    if let Some(todo) = &finding.todo {
        line.push_str(&format!("\n      {:<12} -> {}", "", printable::line(todo)));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_stands_below_the_reason() {
        let finding = Finding {
            check: "leader",
            level: Level::Fail,
            reason: "nobody writes".to_owned(),
            todo: Some("look".to_owned()),
        };
        assert_eq!(line(&finding), "FAIL  leader       nobody writes\n                   -> look");
    }
}
