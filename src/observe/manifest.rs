//! Manifests on disk or on standard input: every object with its file and line, every problem with the same.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, btree_map::Entry},
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::Value;

use super::{
    kustomization::{self, Kustomization, plain},
    mend,
    object::{Object, Problem, Reading},
    placeholder,
    pod::Container,
    unread::Unread,
    workload::{Key, Kind},
};
use crate::{clip::clip, printable, yaml};

/// The API server refuses larger requests, so that no real object is larger; a List of them may be.
const MAX_DOCUMENT_BYTES: usize = 3 * 1024 * 1024;
/// A stream this large is not a set of manifests.
const MAX_STREAM_BYTES: u64 = 512 * 1024 * 1024;
/// Lists within lists don't occur; a hostile file must not recurse without end.
const MAX_LIST_DEPTH: usize = 4;
/// As much of a value as is told.
const MAX_TOLD_CHARS: usize = 60;

/// Where an object was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    pub file: String,
    /// The line of the file on which the document starts, from 1.
    pub line: usize,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", printable::line(&self.file), self.line)
    }
}

/// Where an object was read, and the lines of its fields.
#[derive(Clone, Debug)]
pub struct Place {
    pub source: Source,
    document: Arc<yaml::Tree>,
    /// The line of the file on which the document starts, and the object's path within it.
    first_line: usize,
    at: String,
}

impl Place {
    /// The line of the file on which a field of the object starts, or its nearest parent's.
    pub fn line_of(&self, field: &str) -> usize {
        self.first_line + self.document.line_of(&below(&self.at, field)) - 1
    }
}

fn below(at: &str, field: &str) -> String {
    if at.is_empty() { field.to_owned() } else { format!("{at}.{field}") }
}

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is lost that Berth would have read.
    Note,
    /// Something couldn't be read.
    Error,
}

/// What couldn't be read, where, why, and what would be right.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    pub source: Source,
    pub severity: Severity,
    pub reason: String,
    /// What to do, where the text isn't yet what is applied: the same for every other that is so.
    pub unfinished: Option<&'static str>,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, printable::line(&self.reason))
    }
}

/// All that a set of files held.
#[derive(Debug, Default)]
pub struct Manifests {
    pub objects: Vec<(Place, Object)>,
    pub troubles: Vec<Trouble>,
    pub unread: Unread,
    pub files: usize,
}

impl Manifests {
    /// Reads every manifest at each path: a file, a folder (its .yaml, .yml and .json files), or `-`.
    pub fn read(&mut self, paths: &[&Path]) {
        let mut files = Vec::new();
        for path in paths {
            if path.is_dir() {
                files.append(&mut files_below(path, &mut self.troubles));
            } else {
                files.push(path.to_path_buf());
            }
        }
        for file in self.without_parts(files) {
            self.file(&file);
        }
    }

    /// The files that aren't a kustomization's own: what it patches with is no object by itself. One note of each
    /// kustomization tells how to see what it renders.
    fn without_parts(&mut self, mut files: Vec<PathBuf>) -> Vec<PathBuf> {
        let mut read: Vec<(PathBuf, Kustomization)> = Vec::new();
        files.retain(|file| {
            let found = Some(file).filter(|file| kustomization::is_named_so(file));
            // One that is too large, or no text, is told of as any other file is.
            let text = found.and_then(|file| String::from_utf8(bytes_of(file).ok()?).ok());
            let text = text.filter(|text| text.len() <= MAX_DOCUMENT_BYTES);
            let found = text.and_then(|text| Kustomization::read(file, &text));
            let is_other = found.is_none();
            read.extend(found.map(|of| (file.clone(), of)));
            is_other
        });
        let applied: HashSet<&PathBuf> = read.iter().flat_map(|(_, of)| &of.gathered).collect();
        let mut parts: HashMap<&Path, Vec<usize>> = HashMap::new();
        for (nth, (_, of)) in read.iter().enumerate() {
            of.parts.iter().for_each(|part| parts.entry(part).or_default().push(nth));
        }
        let mut left_out: Vec<usize> = Vec::new();
        files.retain(|file| {
            let path = plain(file);
            let of = path.ancestors().filter_map(|above| parts.get(above)).flatten();
            let of: BTreeSet<usize> = of.filter(|_| !applied.contains(&path)).copied().collect();
            left_out.extend(&of);
            of.is_empty()
        });
        self.files += read.len();
        for (nth, (file, of)) in read.iter().enumerate() {
            let count = left_out.iter().filter(|of| **of == nth).count();
            // One that is built as a part of another needs no word of its own.
            if count > 0 || of.changes && !of.is_component && !applied.contains(&plain(&of.folder)) {
                let source = Source { file: file.display().to_string(), line: 1 };
                let reason = of.note(count);
                let unfinished = Some("`kustomize build DIR | berth scan -` judges what one renders");
                self.troubles.push(Trouble { source, severity: Severity::Note, reason, unfinished });
            }
        }
        files
    }

    /// Notes each workload that is given more than once: the last one counts, as with `kubectl apply`.
    pub fn name_repeated(&mut self) {
        let mut counts: BTreeMap<&Key, &Source> = BTreeMap::new();
        for (place, object) in self.objects.iter().rev() {
            let Object::Workload(workload) = object else { continue };
            if workload.owned {
                continue;
            }
            match counts.entry(&workload.key) {
                Entry::Vacant(first) => {
                    first.insert(&place.source);
                }
                Entry::Occupied(last) => self.troubles.push(Trouble {
                    source: place.source.clone(),
                    severity: Severity::Note,
                    reason: format!("{} is given again at {}, which counts", workload.key, last.get()),
                    unfinished: None,
                }),
            }
        }
    }

    /// Names the profiles of workloads that no file holds: their answers count for nothing.
    pub fn name_strays(&mut self) {
        let keys = self.objects.iter().filter_map(|(_, object)| match object {
            Object::Workload(workload) => Some(&workload.key),
            _ => None,
        });
        let here: HashSet<&Key> = keys.collect();
        let stray = |(place, object): &(Place, Object)| match object {
            Object::Profile { key, .. } if !here.contains(key) => Some(Trouble {
                source: place.source.clone(),
                severity: Severity::Note,
                reason: format!(
                    "this WorkloadProfile is about {key}, which isn't in these files: its answers go unused"
                ),
                unfinished: None,
            }),
            _ => None,
        };
        let strays: Vec<Trouble> = self.objects.iter().filter_map(stray).collect();
        self.troubles.extend(strays);
    }

    fn file(&mut self, path: &Path) {
        let (name, read) = match path {
            piped if piped == Path::new("-") => ("standard input".to_owned(), bounded(io::stdin().lock())),
            path => (path.display().to_string(), bytes_of(path)),
        };
        match read {
            Ok(text) => self.bytes(&name, text),
            Err(reason) => self.fail(&name, 1, reason),
        }
    }

    fn bytes(&mut self, file: &str, bytes: Vec<u8>) {
        match String::from_utf8(bytes) {
            Ok(text) => self.text(file, &text),
            Err(error) => {
                let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count();
                self.fail(file, line, "not text in UTF-8: left out".to_owned());
            }
        }
    }

    /// Reads every document of a text; `file` is the name that is printed.
    pub fn text(&mut self, file: &str, text: &str) {
        self.files += 1;
        for document in yaml::documents(text) {
            if document.text.len() > MAX_DOCUMENT_BYTES && !says_list(document.text) {
                let reason = format!(
                    "a document of {:.1} MiB: the API server takes no object over 3 MiB; left out",
                    document.text.len() as f64 / f64::from(1 << 20)
                );
                self.fail(file, document.line, reason);
                continue;
            }
            match yaml::tree(document.text) {
                Ok(tree) => {
                    let mut value = tree.value();
                    mend::drop_nulls(&mut value);
                    for twice in tree.twice() {
                        let [first, last] = twice.lines.map(|line| document.line + line - 1);
                        let reason = format!(
                            "{}: given twice, on lines {first} and {last}: the last counts",
                            twice.field
                        );
                        self.troubles.push(Trouble {
                            source: Source { file: file.to_owned(), line: last },
                            severity: Severity::Note,
                            reason,
                            unfinished: None,
                        });
                    }
                    let hint = placeholder::hint(document.text);
                    let whole = Whole { file, document, hint, tree: Arc::new(tree) };
                    self.object(&whole, &value, "", 0);
                }
                Err(error) => {
                    let line = document.line + error.line - 1;
                    match placeholder::hint(document.text) {
                        Some(hint) => self.unfinished(file, line, format!("not YAML yet: {hint}"), hint),
                        None => self.fail(file, line, format!("not YAML: {}", error.reason)),
                    }
                }
            }
        }
    }

    fn object(&mut self, whole: &Whole<'_>, value: &Value, at: &str, depth: usize) {
        let file = whole.file;
        if value.is_null() {
            return;
        }
        let line = |field: &str| whole.document.line + whole.tree.line_of(&below(at, field)) - 1;
        let is_list = value.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
        if let Some(items) = value.get("items").and_then(Value::as_array)
            && is_list
            && depth < MAX_LIST_DEPTH
        {
            for (index, item) in items.iter().enumerate() {
                let at =
                    if at.is_empty() { format!("items[{index}]") } else { format!("{at}.items[{index}]") };
                self.object(whole, item, &at, depth + 1);
            }
            return;
        }
        let (Reading { object, problem }, unquoted) = read(value);
        for missing in unquoted {
            let reason = format!(
                "{}: {} isn't text, and the API server refuses it: quote it; read as {:?}",
                missing.field, missing.text, missing.text
            );
            let source = Source { file: file.to_owned(), line: line(&missing.field) };
            self.troubles.push(Trouble { source, severity: Severity::Note, reason, unfinished: None });
        }
        if let Some(unfilled) = object.as_ref().and_then(|_| placeholder::find(value)) {
            let reason = format!(
                "{}: {} is {:?}; {}; left out",
                named(value),
                unfilled.field,
                clip(unfilled.value, MAX_TOLD_CHARS),
                unfilled.hint
            );
            self.unfinished(file, line(&unfilled.field), reason, unfilled.hint);
            return;
        }
        if let Some(problem) = problem {
            self.unread.add(&problem);
            // A version of Kubernetes is text; Grafana and others have numbers, and no kind.
            let says_what_it_is =
                value.get("kind").is_some() || value.get("apiVersion").is_some_and(Value::is_string);
            let (field, severity) = match &problem {
                Problem::NotAnObject(_) if says_what_it_is => ("", Severity::Error),
                // Folders hold other YAML too: values of a chart, a pipeline.
                Problem::NotAnObject(_) => ("", Severity::Note),
                Problem::Field { field, .. } => (field.as_str(), Severity::Error),
                Problem::Template { field } => (field.as_str(), Severity::Note),
                Problem::Removed { .. } => ("apiVersion", Severity::Note),
                Problem::UnknownKind { .. } => ("kind", Severity::Note),
                Problem::UnknownVersion { .. } => ("apiVersion", Severity::Note),
            };
            let mut reason = match &problem {
                Problem::NotAnObject(_) | Problem::UnknownKind { .. } | Problem::UnknownVersion { .. } => {
                    format!("{problem}; left out")
                }
                Problem::Removed { .. } => format!("{problem}; read as that"),
                Problem::Field { .. } | Problem::Template { .. } => {
                    format!("{}: {problem}; left out", named(value))
                }
            };
            let unfinished = whole.hint.filter(|_| severity == Severity::Error && object.is_none());
            if let Some(hint) = unfinished {
                reason = format!("{reason} ({hint})");
            }
            let source = Source { file: file.to_owned(), line: line(field) };
            self.troubles.push(Trouble { source, severity, reason, unfinished });
        }
        if let Some(object) = object {
            let line = if at.is_empty() { line("apiVersion").min(line("kind")) } else { line("") };
            let place = Place {
                source: Source { file: file.to_owned(), line },
                document: whole.tree.clone(),
                first_line: whole.document.line,
                at: at.to_owned(),
            };
            self.objects.push((place, object));
        }
    }

    fn fail(&mut self, file: &str, line: usize, reason: String) {
        let source = Source { file: file.to_owned(), line };
        self.troubles.push(Trouble { source, severity: Severity::Error, reason, unfinished: None });
    }

    fn unfinished(&mut self, file: &str, line: usize, reason: String, hint: &'static str) {
        let source = Source { file: file.to_owned(), line };
        self.troubles.push(Trouble { source, severity: Severity::Error, reason, unfinished: Some(hint) });
    }
}

/// What a file holds, or why it isn't read: its size is looked at before it's taken into memory.
fn bytes_of(path: &Path) -> Result<Vec<u8>, String> {
    let file = File::open(path).map_err(unreadable)?;
    match file.metadata().map_err(unreadable)?.len() {
        bytes if bytes > MAX_STREAM_BYTES => Err(too_large(bytes)),
        _ => bounded(file),
    }
}

/// All of a stream that ends where manifests may.
fn bounded(stream: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    match stream.take(MAX_STREAM_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)? as u64 {
        read if read > MAX_STREAM_BYTES => Err(too_large(read)),
        _ => Ok(bytes),
    }
}

fn unreadable(error: io::Error) -> String {
    format!("can't be read: {error}")
}

fn too_large(bytes: u64) -> String {
    format!("{} MiB is too large for manifests: left out", bytes >> 20)
}

/// One document with all that its objects' places are told by.
struct Whole<'a> {
    file: &'a str,
    document: yaml::Document<'a>,
    /// What to do about what can't be read, where the text looks unfinished.
    hint: Option<&'static str>,
    tree: Arc<yaml::Tree>,
}

/// Reads an object, and once more with the quotes that it lacks where only they are wrong.
fn read(value: &Value) -> (Reading, Vec<mend::Unquoted>) {
    let reading = applicable(Object::read(value));
    if matches!(reading.problem, Some(Problem::Field { .. })) {
        let (quoted, missing) = mend::quote(value);
        let again = applicable(Object::read(&quoted));
        if !missing.is_empty() && again.object.is_some() {
            return (again, missing);
        }
    }
    (reading, Vec::new())
}

/// A workload that the API server would take: it requires an image of each container. What it holds has them.
fn applicable(reading: Reading) -> Reading {
    let Some(Object::Workload(workload)) = &reading.object else { return reading };
    let Some(field) = workload.without_image() else { return reading };
    let field = format!("{}.{field}", workload.key.kind.pod_path());
    // Nobody applies a Pod of nothing but fields: Spark and others make theirs of it.
    let names_one = |container: &Container| container.image.is_some();
    let problem =
        if workload.key.kind == Kind::Pod && !workload.template.spec.containers.iter().any(names_one) {
            Problem::Template { field }
        } else {
            Problem::Field { field, reason: "missing, and the API server requires it".to_owned() }
        };
    Reading { object: None, problem: Some(problem) }
}

/// An object as messages name it.
fn named(value: &Value) -> String {
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default();
    let name = value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or("without a name");
    format!("{kind} {name}")
}

/// Whether a document says that it's a list of objects, as `kubectl get -o yaml` or `-o json` prints them.
fn says_list(text: &str) -> bool {
    let says = |line: &str| {
        let line = line.trim().trim_end_matches(',').replace('"', "");
        line.strip_prefix("kind:").is_some_and(|kind| kind.trim().ends_with("List"))
    };
    // Keys come in alphabetical order: behind the items, or before them.
    text.lines().take(5).any(says) || text.lines().rev().take(8).any(says)
}

/// The manifests below a folder, in a fixed order; hidden folders are passed over.
fn files_below(folder: &Path, troubles: &mut Vec<Trouble>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                troubles.push(Trouble {
                    source: Source { file: folder.display().to_string(), line: 1 },
                    severity: Severity::Error,
                    reason: format!("can't be read: {error}"),
                    unfinished: None,
                });
                continue;
            }
        };
        let is_chart = folder.join("Chart.yaml").is_file();
        for entry in entries.flatten() {
            let path = entry.path();
            // No manifests before they are rendered, and whoever scans a whole repository didn't mean them.
            let file_name = entry.file_name();
            if is_chart && (file_name == "Chart.yaml" || file_name == "values.yaml") {
                continue;
            }
            let part = file_name.to_str().filter(|name| matches!(*name, "templates" | "files"));
            if let Some(part) = part.filter(|_| is_chart && path.is_dir()) {
                let chart = folder.display();
                troubles.push(Trouble {
                    source: Source { file: path.display().to_string(), line: 1 },
                    severity: Severity::Note,
                    reason: format!(
                        "{part} of a Helm chart: left out; to judge it, `helm template {chart} | berth scan -`"
                    ),
                    unfinished: Some("`helm template CHART | berth scan -` judges what one renders"),
                });
                continue;
            }
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            // Links are not followed into folders: one may lead back up.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && !hidden {
                folders.push(path);
            } else if !hidden && (is_manifest(&path) || kustomization::is_named_so(&path) && path.is_file()) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn is_manifest(path: &Path) -> bool {
    path.extension().and_then(|end| end.to_str()).is_some_and(|end| matches!(end, "yaml" | "yml" | "json"))
        && path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list of 5 MiB, as `kubectl get -o yaml` prints it, and one object of that size.
    #[test]
    fn a_list_may_be_larger_than_an_object() {
        let padding = "x".repeat(5 << 20);
        let workload = |name: &str| {
            format!(
                "apiVersion: apps/v1\n  kind: Deployment\n  metadata: {{name: {name}, annotations: {{note: {padding}}}}}\n  \
                 spec: {{template: {{spec: {{containers: [{{name: a, image: a}}]}}}}}}\n"
            )
        };
        let list = format!("apiVersion: v1\nitems:\n- {}- {}kind: List\n", workload("one"), workload("two"));
        let mut manifests = Manifests::default();
        manifests.text("list.yaml", &list);
        assert_eq!(manifests.troubles, []);
        let lines: Vec<usize> = manifests.objects.iter().map(|(place, _)| place.source.line).collect();
        assert_eq!(lines, [3, 7]);

        let mut manifests = Manifests::default();
        manifests.text("object.yaml", &workload("one").replace("\n  ", "\n"));
        assert!(manifests.objects.is_empty());
        assert!(
            manifests.troubles[0].reason.contains("no object over 3 MiB"),
            "{:?}",
            manifests.troubles[0].reason
        );
    }
}
