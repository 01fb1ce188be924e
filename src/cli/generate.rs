//! `berth generate`: what is derived from the code, written or checked.

use std::path::{Path, PathBuf};

use clap::CommandFactory;

use super::{Cli, Failure, Outcome, output::print};
use crate::{
    catalog::{Catalog, Target},
    decide::rules::RULES,
    report::{rule, target},
};

const PRICES: &str = "\
# A price book, as --prices FILE takes it, and priceBook of a PlatformProfile. Set region and date, which are printed
# with every cost, and the figures that differ for you; each keeps its unit.
";

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// The custom resource definitions, into each folder
    #[cfg(feature = "cluster")]
    Crds(Folders),
    /// Completions for a shell, to standard output
    Completions(Shell),
    /// The man page of each command, into a folder
    Man(ManFolder),
    /// The list prices as a price book to start your own from, to standard output
    Prices,
    /// A page for each rule, and the page that lists them
    Rules(RulesFolder),
    /// A page for each target, and the page that lists them
    Targets(TargetsFolder),
    /// The reference of the custom resources
    #[cfg(feature = "cluster")]
    Api(ApiFile),
    /// The policy's part of the schema of the chart's values
    #[cfg(feature = "cluster")]
    Values(ValuesFile),
}

#[derive(Debug, clap::Args)]
struct Shell {
    shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
struct ManFolder {
    /// Where to write
    #[arg(long, value_name = "DIR", default_value = "man")]
    output_dir: PathBuf,
}

#[derive(Debug, clap::Args)]
struct RulesFolder {
    /// Where to write
    #[arg(long, value_name = "DIR", default_value = "docs/rules")]
    output_dir: PathBuf,
    /// Write nothing: fail when a file isn't what would be written
    #[arg(long)]
    check: bool,
}

#[derive(Debug, clap::Args)]
struct TargetsFolder {
    /// Where to write
    #[arg(long, value_name = "DIR", default_value = "docs/targets")]
    output_dir: PathBuf,
    /// Write nothing: fail when a file isn't what would be written
    #[arg(long)]
    check: bool,
}

#[cfg(feature = "cluster")]
#[derive(Debug, clap::Args)]
struct ApiFile {
    /// Where to write
    #[arg(long, value_name = "FILE", default_value = "docs/api.md")]
    output_file: PathBuf,
    /// Write nothing: fail when the file isn't what would be written
    #[arg(long)]
    check: bool,
}

#[cfg(feature = "cluster")]
#[derive(Debug, clap::Args)]
struct ValuesFile {
    /// The schema that it's written into
    #[arg(long, value_name = "FILE", default_value = "charts/berth/values.schema.json")]
    output_file: PathBuf,
    /// Write nothing: fail when the file isn't what would be written
    #[arg(long)]
    check: bool,
}

#[cfg(feature = "cluster")]
#[derive(Debug, clap::Args)]
struct Folders {
    /// Where to write; may be given more than once
    #[arg(long, value_name = "DIR", default_values = ["crds", "charts/berth/files/crds"])]
    output_dir: Vec<PathBuf>,
    /// Write nothing: fail when a file isn't what would be written
    #[arg(long)]
    check: bool,
}

pub fn run(args: &Args) -> Result<Outcome, Failure> {
    match &args.what {
        #[cfg(feature = "cluster")]
        What::Crds(folders) => crds(folders),
        What::Completions(shell) => completions(shell),
        What::Man(folder) => man(folder),
        What::Prices => prices(),
        What::Rules(folder) => rules(folder),
        What::Targets(folder) => targets(folder),
        #[cfg(feature = "cluster")]
        What::Api(file) => api(file),
        #[cfg(feature = "cluster")]
        What::Values(file) => values(file),
    }
}

fn completions(Shell { shell }: &Shell) -> Result<Outcome, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(*shell, &mut Cli::command(), "berth", &mut text);
    print(&String::from_utf8_lossy(&text))?;
    Ok(Outcome::Clean)
}

fn prices() -> Result<Outcome, Failure> {
    print(&format!("{PRICES}{}", Catalog::price_book()))?;
    Ok(Outcome::Clean)
}

fn man(folder: &ManFolder) -> Result<Outcome, Failure> {
    std::fs::create_dir_all(&folder.output_dir)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), &folder.output_dir))
        .map_err(|error| Failure(format!("{}: {error}", folder.output_dir.display())))?;
    eprintln!("wrote the pages to {}", folder.output_dir.display());
    Ok(Outcome::Clean)
}

fn rules(folder: &RulesFolder) -> Result<Outcome, Failure> {
    for rule in RULES {
        let path = folder.output_dir.join(format!("{}.md", rule.code));
        write(&path, &rule::page(rule), folder.check)?;
    }
    write(&folder.output_dir.join("README.md"), &rule::index_page(), folder.check)?;
    Ok(Outcome::Clean)
}

fn targets(folder: &TargetsFolder) -> Result<Outcome, Failure> {
    let catalog = Catalog::embedded();
    for of in Target::ALL {
        write(&folder.output_dir.join(format!("{of}.md")), &target::page(of, catalog), folder.check)?;
    }
    write(&folder.output_dir.join("README.md"), &target::index_page(catalog), folder.check)?;
    Ok(Outcome::Clean)
}

#[cfg(feature = "cluster")]
fn api(file: &ApiFile) -> Result<Outcome, Failure> {
    let definitions: Result<Vec<_>, _> = crate::api::crds().iter().map(serde_json::to_value).collect();
    let definitions = definitions.map_err(|error| Failure(error.to_string()))?;
    write(&file.output_file, &crate::report::api::page(&definitions), file.check)?;
    Ok(Outcome::Clean)
}

#[cfg(feature = "cluster")]
fn values(file: &ValuesFile) -> Result<Outcome, Failure> {
    let path = &file.output_file;
    let here = |why: String| Failure(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| here(error.to_string()))?;
    let definition = serde_json::to_value(<crate::api::PlatformProfile as kube::CustomResourceExt>::crd())
        .map_err(|error| Failure(error.to_string()))?;
    let spec = definition.pointer("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
    let told = spec
        .and_then(|spec| crate::report::values::with_policy(&text, spec))
        .ok_or_else(|| here("definitions.policy is missing, which is made anew".to_owned()))?;
    write(path, &told, file.check)?;
    Ok(Outcome::Clean)
}

#[cfg(feature = "cluster")]
fn crds(folders: &Folders) -> Result<Outcome, Failure> {
    for definition in crate::api::crds() {
        let name = definition.metadata.name.clone().unwrap_or_default();
        let yaml = serde_yaml_ng::to_string(&definition).map_err(|error| Failure(error.to_string()))?;
        let yaml = quote_words(&without_unsigned(&yaml));
        let text = format!(
            "# Generated by `berth generate crds`: change src/api instead.
{yaml}"
        );
        for folder in &folders.output_dir {
            write(&folder.join(format!("{name}.yaml")), &text, folders.check)?;
        }
    }
    Ok(Outcome::Clean)
}

/// Leaves out the formats of unsigned integers, which API servers warn about; their minimum of 0 says the same.
#[cfg(feature = "cluster")]
fn without_unsigned(yaml: &str) -> String {
    let unsigned = |line: &&str| !line.trim_start().starts_with("format: uint");
    yaml.lines().filter(unsigned).flat_map(|line| [line, "\n"]).collect()
}

/// Quotes the words that YAML 1.1, which kubectl and Helm read, takes for booleans.
#[cfg(feature = "cluster")]
fn quote_words(yaml: &str) -> String {
    const WORDS: [&str; 6] = ["y", "n", "yes", "no", "on", "off"];
    let quoted = |line: &str| {
        let at = line.rfind(' ').map_or(0, |space| space + 1);
        let (before, word) = line.split_at(at);
        let value = before.ends_with("- ") || before.ends_with(": ");
        let is_word = WORDS.iter().any(|other| word.eq_ignore_ascii_case(other));
        if value && is_word { format!("{before}\"{word}\"\n") } else { format!("{line}\n") }
    };
    yaml.lines().map(quoted).collect()
}

fn write(path: &Path, text: &str, check: bool) -> Result<(), Failure> {
    let here = |error: std::io::Error| Failure(format!("{}: {error}", path.display()));
    if check {
        let current = std::fs::read_to_string(path).map_err(here)?;
        if current != text {
            return Err(Failure(format!("{} isn't current: run `berth generate` again", path.display())));
        }
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(here)?;
    }
    std::fs::write(path, text).map_err(here)?;
    eprintln!("wrote {}", path.display());
    Ok(())
}
