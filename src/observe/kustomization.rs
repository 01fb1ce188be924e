//! Kustomizations among the files: what they list that nobody applies as it is, and how to see what they render.

use std::{
    collections::BTreeSet,
    path::{Component, Path, PathBuf},
};

use serde_json::Value;

use crate::yaml;

const FILES: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What is read or said of a kustomization by itself: only to gather other files changes none of them.
const GATHERS: &[&str] = &["apiVersion", "kind", "metadata", "resources", "bases", "components"];

/// Fields that list files to change others with, or to make others of: each is a path, or holds it as one of these.
const PARTS: &[(&str, &[&str])] = &[
    ("patches", &["path"]),
    ("patchesStrategicMerge", &[]),
    ("patchesJson6902", &["path"]),
    ("replacements", &["path"]),
    ("configurations", &[]),
    ("crds", &[]),
    ("transformers", &[]),
    ("generators", &[]),
    ("validators", &[]),
    ("configMapGenerator", &["files", "envs", "env"]),
    ("secretGenerator", &["files", "envs", "env"]),
    ("helmCharts", &["valuesFile", "additionalValuesFiles"]),
    ("openapi", &["path"]),
];

/// One kustomization, cut to what the files around it are to it.
#[derive(Debug)]
pub struct Kustomization {
    pub folder: PathBuf,
    /// Whether it can be built only as a part of another one.
    pub is_component: bool,
    /// Whether it does more than gather files.
    pub changes: bool,
    /// Files and folders that are applied.
    pub gathered: BTreeSet<PathBuf>,
    /// Files and folders that aren't.
    pub parts: BTreeSet<PathBuf>,
}

/// Whether a file is one by its name, as kustomize looks for it.
pub fn is_named_so(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| FILES.contains(&name))
}

impl Kustomization {
    /// Reads the text of one; nothing where it's something else or can't be read.
    pub fn read(path: &Path, text: &str) -> Option<Kustomization> {
        let value = yaml::parse(text).ok()?;
        let fields = value.as_object()?;
        let says = |field: &str| fields.get(field).and_then(Value::as_str);
        // Flux has a kind of this name, too.
        if says("apiVersion").is_some_and(|version| !version.starts_with("kustomize.config.k8s.io/")) {
            return None;
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let below = |listed: &str| plain(&folder.join(listed));
        let gathered = ["resources", "bases", "components"].into_iter().filter_map(|field| fields.get(field));
        let parts = PARTS.iter().filter_map(|(field, within)| Some((fields.get(*field)?, *within)));
        Some(Kustomization {
            is_component: says("kind") == Some("Component"),
            changes: fields.keys().any(|field| !GATHERS.contains(&field.as_str())),
            gathered: gathered.flat_map(texts).map(below).collect(),
            parts: parts.flat_map(|(field, within)| listed(field, within)).map(below).collect(),
            folder,
        })
    }

    /// What to tell of it where this many of its files are left out.
    pub fn note(&self, left_out: usize) -> String {
        let what = match left_out {
            0 => "what it changes isn't seen here".to_owned(),
            1 => "1 file that only it uses is left out".to_owned(),
            n => format!("{n} files that only it uses are left out"),
        };
        let folder = if self.folder == Path::new("") { Path::new(".") } else { &self.folder };
        let build = if self.is_component {
            "build what it's a component of, as in `kustomize build DIR | berth scan -`".to_owned()
        } else {
            format!("`kustomize build {} | berth scan -`", folder.display())
        };
        format!("a kustomization: {what}; to judge what it renders, {build}")
    }
}

/// The paths in a field: itself, or those of its items.
fn listed<'a>(field: &'a Value, within: &[&str]) -> Vec<&'a str> {
    let items = field.as_array().map_or(std::slice::from_ref(field), Vec::as_slice);
    let held = |item: &'a Value| within.iter().filter_map(|name| item.get(name)).flat_map(texts).collect();
    items.iter().flat_map(|item| if item.is_string() { texts(item) } else { held(item) }).collect()
}

/// A text, or the texts of a list. A generator's file may have another name within: `name=path`.
fn texts(value: &Value) -> Vec<&str> {
    let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let texts = items.iter().filter_map(Value::as_str);
    texts.map(|text| text.split_once('=').map_or(text, |(_, path)| path)).collect()
}

/// A path without steps back and forth.
pub fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}
