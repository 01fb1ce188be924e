//! `berth report`: what the profiles' status says, from clusters or from saved files; nothing is judged again.

use std::path::PathBuf;

use super::{
    Failure, Outcome,
    output::{Output, say},
    saved::Saved,
    scan::explained,
    select::{Selection, misnamed},
};
use crate::{
    catalog::Catalog,
    report::{
        form::{Report, prices_of},
        groups::{By, Groups},
    },
};

const EXAMPLES: &str = "\
Examples:
  berth report                                          the current context's cluster
  berth report --by team                                 one line a team, and what to move first
  berth report --context staging --context prod         two clusters in one report
  kubectl get wlp -A -o yaml >prod.yaml; berth report prod.yaml
  berth report cluster-a.json cluster-b.json -o wide    saved with berth report -o json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Saved profiles or reports, a cluster each (kubectl get wlp -A -o yaml, berth report -o json)
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The kubeconfig's contexts to ask
    #[cfg(feature = "cluster")]
    #[arg(long, value_name = "NAME", conflicts_with = "files")]
    context: Vec<String>,
    #[command(flatten)]
    output: Output,
    /// Take the workloads together, in a table, markdown, json, csv or html
    #[arg(long, value_name = "WHAT", conflicts_with = "explain")]
    by: Option<By>,
    /// Show everything about one workload, as deployment/web
    #[arg(long, value_name = "WORKLOAD")]
    explain: Option<String>,
    #[command(flatten)]
    selection: Selection,
}

pub fn run(args: &Args) -> Result<Outcome, Failure> {
    if args.by.is_some() {
        args.output.must_show_groups()?;
    }
    let mut saved = Saved::new();
    let origin = if args.files.is_empty() {
        from_clusters(args, &mut saved)?
    } else {
        for path in &args.files {
            saved.file(path)?;
        }
        let names: Vec<String> = args.files.iter().map(|path| path.display().to_string()).collect();
        names.join(", ")
    };
    for note in &saved.notes {
        say(&format!("note: {note}"));
    }
    saved.mark_own();
    for note in saved.behind() {
        say(&format!("note: {note}"));
    }
    let mut records = std::mem::take(&mut saved.records);
    let unknown = args.selection.unknown(&records);
    let decided = records.len();
    records.retain(|record| args.selection.takes(record));
    if decided > 0 && records.is_empty() {
        if !unknown.is_empty() {
            return Ok(misnamed(decided, &origin, &unknown));
        }
        let why = "each is left out by the selection";
        return Err(Failure(format!("none of the {decided} workloads in {origin} is selected: {why}")));
    }
    for unknown in unknown {
        say(&format!("note: {unknown}"));
    }
    if records.is_empty() {
        let todo = if args.files.is_empty() {
            "is the operator running? kubectl get workloadprofiles -A"
        } else {
            "save `kubectl get wlp -A -o yaml`, or `berth report -o json`"
        };
        return Err(Failure(format!("no decided workload in {origin}: {todo}")));
    }
    records.sort_by(|a, b| {
        (&a.cluster, &a.namespace, &a.kind, &a.name).cmp(&(&b.cluster, &b.namespace, &b.kind, &b.name))
    });
    let prices = prices_of(&saved.platforms);
    if !args.selection.is_everything() {
        saved.platforms.clear();
    }
    let groups = args.by.map(|by| Groups::of(by, &records, &saved.platforms));
    let policy = saved.policy();
    let catalog = policy.priced(Catalog::embedded());
    match &args.explain {
        Some(name) => args.output.put(&explained(&records, name, &prices)?)?,
        None => args.output.write(&Report {
            records: &records,
            platforms: &saved.platforms,
            overview: true,
            groups,
            left_out: 0,
            catalog: &catalog,
            policy: &policy,
            prices: &prices,
            colour: args.output.colour(),
            root: &std::env::current_dir().unwrap_or_default(),
        })?,
    }
    Ok(if saved.complete { Outcome::Clean } else { Outcome::Incomplete })
}

#[cfg(not(feature = "cluster"))]
fn from_clusters(_: &Args, _: &mut Saved) -> Result<String, Failure> {
    Err(Failure(
        "this build can't ask a cluster: give it files, as in `berth report profiles.yaml`".to_owned(),
    ))
}

#[cfg(feature = "cluster")]
fn from_clusters(args: &Args, saved: &mut Saved) -> Result<String, Failure> {
    use super::cluster::{block_on, connect};

    block_on(async {
        let mut names = Vec::new();
        for cluster in connect(&args.context).await? {
            let profiles = cluster.profiles(&args.selection.namespace).await?;
            saved.profiles(&cluster.name, &profiles);
            // Who may not read it still gets the workloads.
            if let Ok(Some(profile)) = cluster.platform().await {
                saved.profile(&cluster.name, &profile);
            }
            names.push(cluster.name);
        }
        Ok(names.join(", "))
    })
}
