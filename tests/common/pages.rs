//! The pages of the docs: their commands with what they are shown to print, their links and their headings.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// What follows a command that no test can run; it says why, to readers too.
const NOT_TESTED: &str = "# not tested:";
/// Stands for output that is left out: as a line for lines, at a line's end for the rest of it.
const LEFT_OUT: char = '…';

/// Who can run a command.
#[derive(Debug, PartialEq, Eq)]
pub enum By {
    /// The berth command alone.
    Offline,
    /// What needs a cluster with Berth on it.
    Cluster,
    /// Nobody here.
    Nobody,
}

#[derive(Debug)]
pub struct Command {
    pub line: String,
    pub by: By,
    /// What it is shown to print.
    pub prints: Vec<String>,
}

pub struct Page {
    pub path: PathBuf,
    /// The commands of each block.
    pub blocks: Vec<Vec<Command>>,
    pub links: Vec<String>,
    /// As links name headings.
    pub anchors: BTreeSet<String>,
    /// The first YAML block.
    pub yaml: Option<String>,
    /// Code blocks in another language, or in none.
    pub other_code: Vec<(String, String)>,
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What people read in order to use Berth.
pub fn pages() -> Vec<Page> {
    let mut paths = vec![root().join("README.md"), root().join("charts/berth/README.md")];
    let docs = fs::read_dir(root().join("docs")).expect("the docs").flatten();
    paths.extend(
        docs.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "md")),
    );
    paths.sort();
    paths.iter().map(|path| page(path)).collect()
}

pub fn page(path: &Path) -> Page {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut blocks, mut links, mut anchors, mut other_code) = (vec![], vec![], BTreeSet::new(), vec![]);
    let (mut code, mut heading, mut yaml): (Option<(String, String)>, Option<String>, Option<String>) =
        (None, None, None);
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = if let CodeBlockKind::Fenced(language) = kind {
                    language.to_string()
                } else {
                    String::new()
                };
                code = Some((language, String::new()));
            }
            Event::End(TagEnd::CodeBlock) => match code.take() {
                Some((language, text)) if language == "console" => blocks.push(commands(&text)),
                Some((language, text)) => {
                    if language == "yaml" {
                        yaml.get_or_insert(text.clone());
                    }
                    other_code.push((language, text));
                }
                None => {}
            },
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => anchors.extend(heading.take().map(|heading| slug(&heading))),
            Event::Start(Tag::Link { dest_url, .. }) => links.push(dest_url.to_string()),
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, code)) = &mut code {
                    code.push_str(&text);
                } else if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            _ => {}
        }
    }
    Page { path: path.to_owned(), blocks, links, anchors, yaml, other_code }
}

/// As GitHub and most generators of sites make it.
fn slug(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || matches!(c, '-' | '_') => Some(c),
            _ => None,
        })
        .collect()
}

/// With prompts, what stands below a command is what it prints; without, each line is a command.
fn commands(block: &str) -> Vec<Command> {
    let prompts = block.lines().any(|line| line.starts_with("$ "));
    let mut commands: Vec<Command> = Vec::new();
    for line in block.lines() {
        match line.strip_prefix("$ ") {
            None if prompts => {
                commands.last_mut().expect("a command before its output").prints.push(line.to_owned())
            }
            None if line.trim().is_empty() => {}
            command => commands.push(command_of(command.unwrap_or(line))),
        }
    }
    // What stands together is typed together: a report may read what a line above it saved.
    if commands.iter().any(|command| command.by == By::Cluster) {
        commands
            .iter_mut()
            .filter(|command| command.by == By::Offline)
            .for_each(|command| command.by = By::Cluster);
    }
    commands
}

fn command_of(line: &str) -> Command {
    let by = if line.contains(NOT_TESTED) {
        By::Nobody
    } else if line.split(" | ").all(is_offline) {
        By::Offline
    } else {
        By::Cluster
    };
    Command { line: line.trim_end().to_owned(), by, prints: Vec::new() }
}

fn is_offline(command: &str) -> bool {
    let words: Vec<&str> = command.split_whitespace().collect();
    let saved = |words: &[&str]| matches!(words, ["berth", "report", file, ..] if !file.starts_with('-'));
    (matches!(words.as_slice(), ["berth", "scan" | "explain" | "generate", ..]) || saved(&words))
        && !words.iter().any(|word| matches!(*word, "--cluster" | "--context"))
}

/// What is shown and isn't printed, in this order.
pub fn first_difference(shown: &[String], printed: &str) -> Option<String> {
    let mut printed = printed.lines().map(str::trim_end);
    let mut skipping = false;
    for line in shown.iter().map(|line| line.trim_end()) {
        if line.chars().eq([LEFT_OUT]) {
            skipping = true;
            continue;
        }
        let start = line.strip_suffix(LEFT_OUT);
        let is_it = |other: &str| start.map_or(other == line, |start| other.starts_with(start.trim_end()));
        let found = if skipping { printed.any(is_it) } else { printed.next().is_some_and(is_it) };
        if !found {
            return Some(line.to_owned());
        }
        skipping = false;
    }
    let whole = shown.is_empty() || skipping || shown.last().is_some_and(|line| line.ends_with(LEFT_OUT));
    if whole { None } else { printed.next().map(|line| format!("the docs stop before: {line}")) }
}

/// A folder in which the docs' commands run: the examples, and the files that they speak of.
pub fn sandbox() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    for place in ["examples/shop", "manifests"] {
        fs::create_dir_all(at(place)).expect("a folder");
        for entry in fs::read_dir(root().join("examples/shop")).expect("the shop").flatten() {
            fs::copy(entry.path(), at(place).join(entry.file_name())).expect("copied");
        }
    }
    // The docs' own: it has to be a policy that is read.
    let policy = page(&root().join("docs/policy.md")).yaml.expect("a policy");
    for name in ["policy.yaml", "platform.yaml"] {
        fs::write(at(name), &policy).expect("written");
    }
    folder
}
