//! `berth scan`: manifests or live clusters in, a report out.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use super::{
    Failure, Outcome,
    inputs::Inputs,
    judge::{Judged, Source, judge},
    output::{Output, print, say},
    progress::spinner,
    select::{Selection, misnamed},
};
use crate::{
    alike::nearest,
    decide::{
        Finding, Verdict,
        platform::{self, PricesUsed},
    },
    observe::manifest::{Manifests, Severity, Trouble},
    policy,
    report::{
        detail,
        form::{Platform, Report, prices_of},
        record::Record,
    },
};

/// Notes on standard error before the rest is only counted.
const NOTES_MAX: usize = 20;
/// Notes of one kind, before the rest of it is only counted: the others are read, too.
const NOTES_ALIKE_MAX: usize = 3;
/// The rule that tells of a value that can't be read.
const UNREADABLE: &str = "WRK002";

const EXAMPLES: &str = "\
Exit codes:
  0  clean
  1  something couldn't be read, be it a file or a value in one; the rest is reported
  2  wrong usage, or none of the workloads is of the --namespace or --team that is named
  3  a workload at or above --fail-on

Examples:
  berth scan manifests/                                 a folder counts as one cluster
  helm template my-chart | berth scan -                 what a chart renders
  kustomize build overlays/prod | berth scan - -o wide  what a kustomization renders
  berth scan manifests/ --explain deployment/web        one workload in full
  berth scan manifests/ -o sarif --output-file berth.sarif
  berth scan manifests/ --team payments --fail-on warn  in a pipeline
  berth scan --cluster --context staging --context prod two live clusters, read only";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Files, folders (all .yaml, .yml and .json below), or - for standard input
    #[cfg_attr(feature = "cluster", arg(value_name = "PATH", required_unless_present_any = ["cluster", "context"]))]
    #[cfg_attr(not(feature = "cluster"), arg(value_name = "PATH", required = true))]
    paths: Vec<PathBuf>,
    /// Judge the current context's cluster: lists only, nothing is written
    #[cfg(feature = "cluster")]
    #[arg(long, conflicts_with = "paths")]
    cluster: bool,
    /// Judge the clusters of these kubeconfig contexts
    #[cfg(feature = "cluster")]
    #[arg(long, value_name = "NAME", conflicts_with = "paths")]
    context: Vec<String>,
    #[command(flatten)]
    output: Output,
    /// Show everything about one workload, as deployment/web or namespace/deployment/web; without a name, about the only one
    #[arg(long, value_name = "WORKLOAD", num_args = 0..=1, default_missing_value = ONLY)]
    explain: Option<String>,
    /// Services that share the cluster, where these files are only a part of what runs on it
    #[arg(long, value_name = "N", value_parser = services)]
    services: Option<f64>,
    /// The verdict at which the exit code becomes 3
    #[arg(long, value_enum, default_value_t = FailOn::Never)]
    fail_on: FailOn,
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    selection: Selection,
}

/// No name: whichever workload there is, if it's one alone.
const ONLY: &str = "";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Report only
    Never,
    /// Any misplaced workload that admission would warn about
    Warn,
    /// Any workload that admission would refuse if it were new, by the policy's modes and the namespaces' labels
    Deny,
}

pub fn run(args: &Args) -> Result<Outcome, Failure> {
    let given = args.inputs.policy()?;
    let (sources, mut complete, origin) = read(args)?;
    let mut all = Judged::default();
    let (mut platforms, mut in_force) = (Vec::new(), Vec::new());
    for mut source in sources {
        let mut policy = source.policy.take().unwrap_or_else(|| given.clone());
        policy.operations.services = args.services.or(policy.operations.services);
        let catalog = args.inputs.catalog(&policy)?;
        let cluster = source.cluster.clone();
        let judged = judge(source, args.explain.as_deref(), &catalog, &policy);
        let verdict = platform::verdict(&judged.members, &catalog, &policy)
            .using(judged.features)
            .beside(judged.unread.by_kind());
        platforms.push(Platform { cluster, verdict });
        all.records.extend(judged.records);
        all.outcomes.extend(judged.outcomes);
        all.unlabelled.extend(judged.unlabelled);
        all.denies |= judged.denies;
        in_force.push((catalog, policy));
    }
    let Judged { mut records, mut outcomes, unlabelled, denies, .. } = all;
    if records.is_empty() {
        return Err(Failure(format!("no workload in {origin}")));
    }
    let prices = prices_of(&platforms);
    if let Some(name) = &args.explain {
        args.output.put(&explained(&records, name, &prices)?)?;
        complete &= all_read(named(&records, name));
    } else {
        let unknown = args.selection.unknown(&records);
        let decided = records.len();
        (records, outcomes) =
            records.into_iter().zip(outcomes).filter(|(record, _)| args.selection.takes(record)).unzip();
        if records.is_empty() && !unknown.is_empty() {
            return Ok(misnamed(decided, &origin, &unknown));
        }
        for unknown in unknown {
            say(&format!("note: {unknown}"));
        }
        if records.is_empty() {
            say(&format!("note: none of the workloads in {origin} is selected"));
        }
        if !args.selection.is_everything() {
            platforms.clear();
        }
        // The curve is drawn once: by the policy of the only cluster, else by the one that was given.
        let (catalog, policy) = match in_force.as_slice() {
            [one] => one.clone(),
            _ => (args.inputs.catalog(&given)?, given),
        };
        args.output.write(&Report {
            records: &records,
            platforms: &platforms,
            overview: false,
            groups: None,
            left_out: 0,
            catalog: &catalog,
            policy: &policy,
            prices: &prices,
            colour: args.output.colour(),
            root: &std::env::current_dir().unwrap_or_default(),
        })?;
        complete &= all_read(records.iter());
    }
    if args.fail_on == FailOn::Deny && !denies {
        say(
            "note: --fail-on deny stops nothing here: by this policy and these labels no namespace is in Deny",
        );
    }
    if args.fail_on == FailOn::Deny {
        tell::<String>(&[], &unlabelled.iter().map(labels_unknown).collect::<Vec<_>>());
    }
    let mut misplaced = false;
    let mut refused = false;
    for (record, outcome) in records.iter().zip(outcomes) {
        misplaced |= outcome != policy::Outcome::Allow && record.decision.verdict == Verdict::Misplaced;
        if let policy::Outcome::Refuse(ground) = outcome {
            refused = true;
            let (handle, namespace) = (record.handle(), &record.namespace);
            let rests = record.decision.finding("WRK010").map_or("", |_| ", were it running");
            say(&format!("refused: {}: {handle} in namespace {namespace} ({ground}{rests})", record.source));
        }
    }
    Ok(match args.fail_on {
        FailOn::Warn if misplaced || refused => Outcome::Denied,
        FailOn::Deny if refused => Outcome::Denied,
        _ if !complete => Outcome::Incomplete,
        _ => Outcome::Clean,
    })
}

/// Names each value that can't be read, as it does a file, and says whether there is none. The platform's own workloads
/// aren't those of whoever asks.
fn all_read<'a>(records: impl Iterator<Item = &'a Record>) -> bool {
    let findings = records.filter(|record| !record.own).flat_map(|record| {
        let findings = record.decision.findings.iter().filter(|finding| finding.rule == UNREADABLE);
        findings.map(move |finding| (record, finding))
    });
    let unread: Vec<String> = findings
        .map(|(record, Finding { field, message, rule, .. })| {
            let source = match (record.file(), record.lines.get(field)) {
                (Some((file, _)), Some(line)) => format!("{file}:{line}"),
                _ => record.source.clone(),
            };
            format!("error: {source}: {}: {message} ({rule})", record.handle())
        })
        .collect();
    for error in unread.iter().take(NOTES_MAX) {
        say(error);
    }
    if unread.len() > NOTES_MAX {
        say(&format!("error: and {} more like these", unread.len() - NOTES_MAX));
    }
    unread.is_empty()
}

/// Why a namespace refuses nothing here that it may refuse in its cluster.
fn labels_unknown(namespace: &String) -> String {
    format!(
        "the labels of namespace {namespace} aren't known, so they refuse nothing: add its Namespace to what is read"
    )
}

/// One workload of some manifests in full, for `berth explain`.
pub fn explain(paths: &[PathBuf], name: &str, inputs: &Inputs) -> Result<Outcome, Failure> {
    let policy = inputs.policy()?;
    let catalog = inputs.catalog(&policy)?;
    let (sources, complete, _) = read_files(paths)?;
    let judged = sources.into_iter().flat_map(|source| judge(source, Some(name), &catalog, &policy).records);
    let records: Vec<Record> = judged.collect();
    print(&explained(&records, name, &[PricesUsed::of(&catalog)])?)?;
    let complete = all_read(named(&records, name)) && complete;
    Ok(if complete { Outcome::Clean } else { Outcome::Incomplete })
}

/// The page of each workload of a name.
pub fn explained(records: &[Record], name: &str, prices: &[PricesUsed]) -> Result<String, Failure> {
    let pages: Vec<String> = named(records, name).map(|record| detail::detail(record, prices)).collect();
    if pages.is_empty() {
        return Err(Failure(unnamed(records, name)));
    }
    Ok(pages.join("\n"))
}

/// Those that a person means by this.
fn named<'a>(records: &'a [Record], name: &'a str) -> impl Iterator<Item = &'a Record> {
    records.iter().filter(move |record| name == ONLY && records.len() == 1 || record.is_named(name))
}

/// Why nothing is of that name, with the one that was probably meant.
fn unnamed(records: &[Record], name: &str) -> String {
    let Some(first) = records.first() else { return format!("no workload {name}, nor any other") };
    if name == ONLY {
        return format!("there are {} workloads: name one, as --explain {}", records.len(), first.handle());
    }
    // As it was written: with its namespace, with its kind, or by the name alone.
    let written: fn(&Record) -> String = match name.matches('/').count() {
        0 => |record| record.name.clone(),
        1 => Record::handle,
        _ => Record::full_name,
    };
    let names: Vec<String> = records.iter().map(written).collect();
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("no workload {name}: did you mean {near}?"),
        None => format!("no workload {name}: name one as {}", first.handle()),
    }
}

/// What is to be judged, whether all of it could be read, and what it's called.
#[cfg(feature = "cluster")]
fn read(args: &Args) -> Result<(Vec<Source>, bool, String), Failure> {
    use super::cluster::{block_on, connect};

    if !args.cluster && args.context.is_empty() {
        return read_files(&args.paths);
    }
    let progress = spinner("reading the cluster");
    let seen = block_on(async {
        let mut seen = Vec::new();
        for cluster in connect(&args.context).await? {
            let mut of = cluster.observe(&args.selection.namespace).await;
            let policy = if args.inputs.names_policy() { None } else { of.policy(&cluster).await };
            seen.push((cluster.name, of, policy));
        }
        Ok(seen)
    })?;
    progress.finish_and_clear();
    let (mut sources, mut complete, mut names) = (Vec::new(), true, Vec::new());
    for (name, seen, policy) in seen {
        complete &= seen.errors.is_empty();
        tell(&seen.errors, &seen.notes);
        names.push(name.clone());
        let objects = seen.objects.into_iter().map(|object| (None, object)).collect();
        sources.push(Source { cluster: Some(name), objects, unread: Default::default(), policy });
    }
    Ok((sources, complete, names.join(", ")))
}

#[cfg(not(feature = "cluster"))]
fn read(args: &Args) -> Result<(Vec<Source>, bool, String), Failure> {
    read_files(&args.paths)
}

fn read_files(paths: &[PathBuf]) -> Result<(Vec<Source>, bool, String), Failure> {
    let mut manifests = Manifests::default();
    let progress = spinner("reading manifests");
    let (found, missing): (Vec<&Path>, Vec<&Path>) = paths
        .iter()
        .map(PathBuf::as_path)
        .partition(|path| path.as_os_str() == "-" || path.try_exists().unwrap_or(true));
    manifests.read(&found);
    manifests.name_unplaced();
    manifests.unite_rights();
    manifests.name_strays();
    manifests.name_repeated();
    let missing: Vec<String> =
        missing.iter().map(|path| format!("{}: there is no such file or folder", path.display())).collect();
    if found.is_empty() {
        return Err(Failure(missing.join("; ")));
    }
    progress.finish_and_clear();
    let (errors, notes): (Vec<&Trouble>, Vec<&Trouble>) =
        manifests.troubles.iter().partition(|trouble| trouble.severity == Severity::Error);
    tell::<String>(&missing, &[]);
    tell_errors(&errors);
    tell_notes(&notes);
    let name = |path: &PathBuf| match path.as_os_str() {
        piped if piped == "-" => "standard input".to_owned(),
        _ => path.display().to_string(),
    };
    let names: Vec<String> = paths.iter().map(name).collect();
    let files = if manifests.files == 1 { "1 file".to_owned() } else { format!("{} files", manifests.files) };
    let origin = format!("{} ({files} read)", names.join(", "));
    let complete = errors.is_empty() && missing.is_empty();
    let objects = manifests.objects.into_iter().map(|(place, object)| (Some(place), object)).collect();
    let source = Source { cluster: None, objects, unread: manifests.unread, policy: None };
    Ok((vec![source], complete, origin))
}

fn services(text: &str) -> Result<f64, String> {
    let number: Option<u32> = text.parse().ok().filter(|number| *number > 0);
    number.map(f64::from).ok_or_else(|| "a whole number of at least 1 is needed".to_owned())
}

/// Names what couldn't be read: every error, but of those that one step mends for all, the first.
fn tell_errors(errors: &[&Trouble]) {
    let (first, more) = first_of_each_kind(errors, NOTES_MAX);
    for error in first.iter().map(ToString::to_string).chain(more) {
        say(&format!("error: {error}"));
    }
}

/// Names what was left out, so that no kind of note is all that is told.
fn tell_notes(notes: &[&Trouble]) {
    let (first, more) = first_of_each_kind(notes, NOTES_ALIKE_MAX);
    tell::<&Trouble>(&[], &first);
    for more in more {
        say(&format!("note: {more}"));
    }
}

/// Of what one step mends for all, as many as this, and how many more there are of each; all of what has its own.
fn first_of_each_kind<'a>(troubles: &[&'a Trouble], most: usize) -> (Vec<&'a Trouble>, Vec<String>) {
    let mut alike: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut first = Vec::new();
    for trouble in troubles {
        let files = trouble.unfinished.map(|hint| alike.entry(hint).or_default());
        let is_told = files.is_none_or(|files| {
            files.push(&trouble.source.file);
            files.len() <= most
        });
        first.extend(Some(*trouble).filter(|_| is_told));
    }
    let counted = alike.into_iter().filter_map(|(hint, files)| {
        let more = files.get(most..).filter(|more| !more.is_empty())?;
        let in_files = BTreeSet::from_iter(more).len();
        let in_files = if in_files == 1 { "1 file".to_owned() } else { format!("{in_files} files") };
        Some(format!("and {} more like these, in {in_files}: {hint}", more.len()))
    });
    (first, counted.collect())
}

/// Names what couldn't be read: every error, and the first of the notes.
fn tell<T: std::fmt::Display>(errors: &[T], notes: &[T]) {
    for error in errors {
        say(&format!("error: {error}"));
    }
    for note in notes.iter().take(NOTES_MAX) {
        say(&format!("note: {note}"));
    }
    if notes.len() > NOTES_MAX {
        say(&format!("note: and {} more like these", notes.len() - NOTES_MAX));
    }
}
