//! `berth scan`: manifests in, a table or JSON out.

use std::{io::IsTerminal, path::PathBuf, time::Duration};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Failure, Outcome, inputs::Inputs, print};
use crate::{
    catalog::Catalog,
    decide::Verdict,
    evaluate,
    observe::{
        Index, Key, Object,
        manifest::{Manifests, Severity, Source, Trouble},
    },
    policy::Policy,
    report::{detail, json, record::Record, table},
};

/// Notes on standard error before the rest is only counted.
const NOTES_MAX: usize = 20;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files, folders (all .yaml, .yml and .json below), or - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The form of the result
    #[arg(short, long, value_enum, default_value_t = Form::Table)]
    output: Form,
    /// Show everything about one workload, as deployment/web or namespace/deployment/web
    #[arg(long, value_name = "WORKLOAD")]
    explain: Option<String>,
    /// The verdict at which the exit code becomes 3
    #[arg(long, value_enum, default_value_t = FailOn::Never)]
    fail_on: FailOn,
    #[command(flatten)]
    inputs: Inputs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Table,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Report only
    Never,
    /// Any misplaced workload
    Warn,
}

pub fn run(args: &Args) -> Result<Outcome, Failure> {
    let policy = args.inputs.policy()?;
    let catalog = args.inputs.catalog()?;
    let mut manifests = Manifests::default();
    let progress = spinner("reading manifests");
    for path in &args.paths {
        manifests.read(path);
    }
    progress.finish_and_clear();
    tell(&manifests.troubles);
    let unreadable = manifests.troubles.iter().any(|trouble| trouble.severity == Severity::Error);
    let files = manifests.files;
    let records = judge(manifests, &catalog, &policy);
    if records.is_empty() {
        let paths: Vec<String> = args.paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Failure(format!("no workload in {} ({files} files read)", paths.join(", "))));
    }
    match (&args.explain, args.output) {
        (Some(name), _) => {
            let chosen: Vec<&Record> = records.iter().filter(|record| is_named(record, name)).collect();
            if chosen.is_empty() {
                return Err(Failure(format!("no workload {name}: name one as {}", records[0].handle())));
            }
            let pages: Vec<String> = chosen.iter().map(|record| detail::detail(record, &catalog)).collect();
            print(&pages.join("\n"))?;
        }
        (None, Form::Table) => print(&table::table(&records, &catalog))?,
        (None, Form::Json) => {
            let text = json::document(&records, &catalog).map_err(|error| Failure(error.to_string()))?;
            print(&text)?;
        }
    }
    let misplaced = records.iter().any(|record| record.decision.verdict == Verdict::Misplaced);
    Ok(match args.fail_on {
        FailOn::Warn if misplaced => Outcome::Denied,
        _ if unreadable => Outcome::Incomplete,
        _ => Outcome::Clean,
    })
}

/// Decides on every workload, all files together as one cluster.
fn judge(manifests: Manifests, catalog: &Catalog, policy: &Policy) -> Vec<Record> {
    let mut index = Index::default();
    let mut sources: Vec<(Key, Source)> = Vec::new();
    for (source, object) in manifests.objects {
        if let Object::Workload(workload) = &object
            && !workload.owned
        {
            sources.push((workload.key.clone(), source));
        }
        index.put(object);
    }
    // The last one of a name wins, as with kubectl apply; each is reported once.
    sources.reverse();
    sources.sort_by(|a, b| a.0.cmp(&b.0));
    sources.dedup_by(|a, b| a.0 == b.0);
    let progress = ProgressBar::no_length();
    if std::io::stderr().is_terminal() {
        progress.set_length(sources.len() as u64);
    } else {
        progress.set_draw_target(indicatif::ProgressDrawTarget::hidden());
    }
    let records = sources
        .into_iter()
        .filter_map(|(key, source)| {
            progress.inc(1);
            let observed = index.observe(&key)?;
            Some(Record {
                kind: key.kind.name().to_owned(),
                namespace: key.namespace,
                name: key.name,
                source: source.to_string(),
                decision: evaluate(&observed, catalog, policy),
            })
        })
        .collect();
    progress.finish_and_clear();
    records
}

fn is_named(record: &Record, name: &str) -> bool {
    let handle = record.handle();
    name.eq_ignore_ascii_case(&handle)
        || name == record.name
        || name.eq_ignore_ascii_case(&format!("{}/{handle}", record.namespace))
}

/// Names what couldn't be read: every error, and the first of the notes.
fn tell(troubles: &[Trouble]) {
    let (errors, notes): (Vec<_>, Vec<_>) =
        troubles.iter().partition(|trouble| trouble.severity == Severity::Error);
    for trouble in &errors {
        eprintln!("error: {trouble}");
    }
    for trouble in notes.iter().take(NOTES_MAX) {
        eprintln!("note: {trouble}");
    }
    if notes.len() > NOTES_MAX {
        eprintln!("note: and {} more like these", notes.len() - NOTES_MAX);
    }
}

/// Shown only on a terminal, and only when something takes a while.
fn spinner(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(what);
    if std::io::stderr().is_terminal() {
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_secs(1));
    } else {
        bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
    }
    bar
}
