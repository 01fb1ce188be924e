//! YAML with line numbers: one document of a stream to a JSON value, and a field's path to its line.
//!
//! Bounded against hostile input: depth, and the nodes that aliases may expand to.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Options, Parser, ScalarStyle, Span, options};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Number, Value};

use crate::misread::in_words;

/// Deeper than any Kubernetes object, and shallow enough for recursion to be safe.
const MAX_DEPTH: usize = 100;
/// Nodes that aliases add to one document; what is written out is bounded by the text's own size.
const MAX_NODES: usize = 2_000_000;

/// Keys of a map that are compared each with each.
const FEW: usize = 16;
/// Keys given twice that are told of one document.
const TWICE_MAX: usize = 20;

/// Why a document can't be read, and where: lines count from 1 within the document's text.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Error {
    pub line: usize,
    /// The field's path, where one is known.
    pub field: Option<String>,
    pub reason: String,
}

/// One document of a stream: its text and the line of the stream that it starts on (from 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Document<'a> {
    pub line: usize,
    pub text: &'a str,
}

/// A node with the line that it starts on.
#[derive(Debug, Clone)]
struct Node {
    line: usize,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    Scalar(Value),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// Cuts a stream into its documents, so that a broken one doesn't hide the others.
/// Documents with nothing but comments are left out.
pub fn documents(stream: &str) -> Vec<Document<'_>> {
    let stream = stream.strip_prefix('\u{feff}').unwrap_or(stream);
    let mut found = Vec::new();
    let (mut start, mut start_line) = (0, 1);
    let mut offset = 0;
    for (index, line) in stream.split_inclusive('\n').enumerate() {
        let next = offset + line.len();
        let bare = line.trim_end();
        if bare == "---" || bare.starts_with("--- ") || bare == "..." {
            push(&mut found, start_line, &stream[start..offset]);
            // What follows the marker on its own line belongs to the new document.
            let inline = bare.strip_prefix("--- ").is_some_and(|rest| !rest.trim_start().starts_with('#'));
            (start, start_line) = if inline { (offset + 4, index + 1) } else { (next, index + 2) };
        }
        offset = next;
    }
    push(&mut found, start_line, &stream[start..]);
    found
}

fn push<'a>(found: &mut Vec<Document<'a>>, mut line: usize, mut text: &'a str) {
    while let Some((object, rest)) = first_of_several(text) {
        found.push(Document { line, text: object });
        line += object.matches('\n').count();
        text = rest;
    }
    let says_something = text.lines().any(|l| {
        let l = l.trim();
        !l.is_empty() && !l.starts_with('#') && !l.starts_with('%')
    });
    if says_something {
        found.push(Document { line, text });
    }
}

/// The first of JSON objects that follow each other with nothing between them, as kubectl takes them, and the others.
fn first_of_several(text: &str) -> Option<(&str, &str)> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut objects = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    objects.next()?.ok()?;
    let (first, rest) = text.split_at_checked(objects.byte_offset())?;
    rest.trim_start().starts_with('{').then_some((first, rest))
}

/// Reads one document.
///
/// # Errors
/// When the text isn't YAML, nests deeper than 100 levels, or its aliases add more than two million nodes.
pub fn parse(text: &str) -> Result<Value, Error> {
    compose(text, resolve).map(Node::into_value)
}

/// A manifest that knows the line of each of its fields.
#[derive(Debug)]
pub struct Tree {
    root: Node,
    twice: Vec<Twice>,
}

/// A key that a map has more than once: the last one counts, as it does to kubectl.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twice {
    pub field: String,
    /// The first and the last.
    pub lines: [usize; 2],
}

/// Reads one manifest, whose lines will be asked for, as kubectl does: by YAML 1.1, where `yes` and `off` are booleans.
///
/// # Errors
/// As [`parse`].
pub fn tree(text: &str) -> Result<Tree, Error> {
    let mut twice = Vec::new();
    let root = compose_with(text, resolve_as_kubectl, &mut twice)?;
    Ok(Tree { root, twice })
}

impl Tree {
    pub fn value(&self) -> Value {
        self.root.clone().into_value()
    }

    /// The line (from 1, within the text) on which the field at `path` starts, or its nearest parent's.
    pub fn line_of(&self, path: &str) -> usize {
        self.root.nearest(path)
    }

    /// The keys that are given more than once, the first of them.
    pub fn twice(&self) -> &[Twice] {
        &self.twice
    }
}

/// Reads one document into a type, as kubectl reads it: what a file says, it says on a cluster too.
///
/// # Errors
/// As [`parse`]; when a field has the wrong type, with the field's path and line; and when one is given twice: whoever
/// wrote a file for Berth meant one of them.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let mut twice = Vec::new();
    let root = compose_with(text, resolve_as_kubectl, &mut twice)?;
    if let Some(Twice { field, lines: [first, last] }) = twice.into_iter().next() {
        let reason = format!("given twice, on lines {first} and {last}");
        return Err(Error { line: last, field: Some(field), reason });
    }
    let value = root.clone().into_value();
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let line = root.nearest(&path);
        let field = (path != ".").then_some(path);
        Error { line, field, reason: in_words(&error.into_inner().to_string()) }
    })
}

/// The line (from 1, within the text) on which the field at `path` starts, or its nearest parent's.
pub fn line_of(text: &str, path: &str) -> usize {
    compose(text, resolve).map_or(1, |root| root.nearest(path))
}

impl Node {
    fn into_value(self) -> Value {
        match self.body {
            Body::Scalar(value) => value,
            Body::List(items) => Value::Array(items.into_iter().map(Node::into_value).collect()),
            Body::Map(entries) => Value::Object(
                entries.into_iter().map(|(key, node)| (key, node.into_value())).collect::<Map<_, _>>(),
            ),
        }
    }

    fn nearest(&self, path: &str) -> usize {
        let mut here = self;
        for segment in segments(path) {
            let next = match &here.body {
                Body::Map(entries) => {
                    entries.iter().rev().find(|(key, _)| key == segment).map(|(_, node)| node)
                }
                Body::List(items) => segment.parse::<usize>().ok().and_then(|index| items.get(index)),
                Body::Scalar(_) => None,
            };
            match next {
                Some(node) => here = node,
                None => break,
            }
        }
        here.line
    }

    fn count(&self) -> usize {
        1 + match &self.body {
            Body::Scalar(_) => 0,
            Body::List(items) => items.iter().map(Node::count).sum(),
            Body::Map(entries) => entries.iter().map(|(_, node)| node.count()).sum(),
        }
    }
}

/// Cuts `a.b[0].c[x.y/z]` into `a`, `b`, `0`, `c`, `x.y/z`.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = path;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches('.');
        if rest.is_empty() {
            return None;
        }
        if let Some(inner) = rest.strip_prefix('[') {
            let (segment, after) = inner.split_once(']').unwrap_or((inner, ""));
            rest = after;
            return Some(segment);
        }
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (segment, after) = rest.split_at(end);
        rest = after;
        Some(segment)
    })
}

/// A collection that is still open while the events come in.
struct Open {
    anchor: usize,
    line: usize,
    body: Body,
    key: Option<String>,
    /// The lines of a map's keys, in the order of its entries.
    key_lines: Vec<usize>,
    /// What merge keys brought: the map's own entries win over it, and the first merged map over the next.
    merged: Vec<(String, Node)>,
}

fn compose(text: &str, resolve: fn(&str) -> Value) -> Result<Node, Error> {
    compose_with(text, resolve, &mut Vec::new())
}

fn compose_with(text: &str, resolve: fn(&str) -> Value, twice: &mut Vec<Twice>) -> Result<Node, Error> {
    let mut parser = Parser::new_from_str_with_options(text, as_kubectl());
    let mut stack: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, (Node, usize)> = HashMap::new();
    let mut root = None;
    let mut nodes = 0usize;
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| Error {
            line: error.marker().line().max(1),
            field: None,
            reason: error.kind().to_string(),
        })?;
        let line = line_at(&span);
        let done = match event {
            Event::Scalar(text, style, anchor, tag) => {
                // `!!str 1` and `! 1` stay text; other tags don't occur in Kubernetes objects.
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let value = if plain { resolve(&text) } else { Value::String(text.into_owned()) };
                Some((Node { line, body: Body::Scalar(value) }, anchor))
            }
            Event::Alias(anchor) => {
                let (node, size) = anchors.get(&anchor).ok_or_else(|| Error {
                    line,
                    field: None,
                    reason: "an alias names an anchor that isn't finished yet".to_owned(),
                })?;
                nodes += size;
                guard(nodes, stack.len(), line)?;
                Some((node.clone(), 0))
            }
            Event::SequenceStart(_, anchor, _) => {
                stack.push(Open {
                    anchor,
                    line,
                    body: Body::List(Vec::new()),
                    key: None,
                    key_lines: Vec::new(),
                    merged: Vec::new(),
                });
                None
            }
            Event::MappingStart(_, anchor, _) => {
                stack.push(Open {
                    anchor,
                    line,
                    body: Body::Map(Vec::new()),
                    key: None,
                    key_lines: Vec::new(),
                    merged: Vec::new(),
                });
                None
            }
            Event::SequenceEnd => stack.pop().map(Open::close),
            Event::MappingEnd => stack.pop().map(|open| {
                if twice.len() < TWICE_MAX
                    && let Some((key, lines)) = open.repeated()
                {
                    twice.push(Twice { field: path(&stack, key), lines });
                }
                open.close()
            }),
            _ => None,
        };
        guard(nodes, stack.len(), line)?;
        let Some((node, anchor)) = done else { continue };
        if anchor > 0 {
            let size = node.count();
            anchors.insert(anchor, (node.clone(), size));
        }
        match stack.last_mut() {
            Some(open) => open.take(node)?,
            None => root = Some(node),
        }
    }
    Ok(root.unwrap_or(Node { line: 1, body: Body::Scalar(Value::Null) }))
}

/// What kubectl's own reader takes: brackets and quotes may close anywhere, and a last line without an end has none.
fn as_kubectl() -> Options {
    let mut options = options! { block_scalar_eof_without_line_feed: true };
    options.set_emit_comments(false);
    options
}

impl Open {
    /// A key that the map has more than once, with the lines of the first and the last.
    fn repeated(&self) -> Option<(&str, [usize; 2])> {
        let Body::Map(entries) = &self.body else { return None };
        let again = if entries.len() <= FEW {
            // Most maps are: no memory is asked for.
            (1..entries.len()).find(|at| entries[..*at].iter().any(|(key, _)| *key == entries[*at].0))
        } else {
            let mut seen = HashSet::with_capacity(entries.len());
            entries.iter().position(|(key, _)| !seen.insert(key.as_str()))
        };
        let key = entries.get(again?)?.0.as_str();
        let is_it = |entry: &(String, Node)| entry.0 == key;
        let (first, last) = (entries.iter().position(is_it)?, entries.iter().rposition(is_it)?);
        Some((key, [*self.key_lines.get(first)?, *self.key_lines.get(last)?]))
    }

    /// The finished node with its anchor.
    fn close(self) -> (Node, usize) {
        let Open { anchor, line, mut body, mut merged, .. } = self;
        if let Body::Map(entries) = &mut body
            && !merged.is_empty()
        {
            merged.reverse();
            merged.append(entries);
            *entries = merged;
        }
        (Node { line, body }, anchor)
    }

    fn take(&mut self, node: Node) -> Result<(), Error> {
        match &mut self.body {
            Body::List(items) => items.push(node),
            Body::Map(entries) => match self.key.take() {
                None => {
                    self.key_lines.push(node.line);
                    self.key = Some(key_of(node)?);
                }
                // The merge key. Of equal keys the last one wins, here as in Node, so that none has to be looked for.
                Some(key) if key == "<<" => {
                    self.key_lines.pop();
                    self.merged.extend(merged(node));
                }
                Some(key) => entries.push((key, node)),
            },
            Body::Scalar(_) => {}
        }
        Ok(())
    }
}

/// The path of a key of the map that has just ended, within those that are still open.
fn path(stack: &[Open], key: &str) -> String {
    let mut path = String::new();
    for open in stack {
        match (&open.body, &open.key) {
            (Body::List(items), _) => path.push_str(&format!("[{}]", items.len())),
            (_, Some(key)) => push_key(&mut path, key),
            (_, None) => {}
        }
    }
    push_key(&mut path, key);
    path
}

/// A key with dots or slashes in its name stands in brackets.
fn push_key(path: &mut String, key: &str) {
    if key.contains(['.', '/', '[']) {
        path.push_str(&format!("[{key}]"));
    } else {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
    }
}

fn merged(node: Node) -> Vec<(String, Node)> {
    match node.body {
        Body::Map(entries) => entries,
        Body::List(items) => items.into_iter().flat_map(merged).collect(),
        Body::Scalar(_) => Vec::new(),
    }
}

fn key_of(node: Node) -> Result<String, Error> {
    match node.body {
        Body::Scalar(Value::String(text)) => Ok(text),
        Body::Scalar(value) => Ok(value.to_string()),
        _ => Err(Error {
            line: node.line,
            field: None,
            reason: "a key is itself a list or a map; quote it, or render the template first".to_owned(),
        }),
    }
}

fn guard(nodes: usize, depth: usize, line: usize) -> Result<(), Error> {
    let reason = if depth > MAX_DEPTH {
        format!("nested deeper than {MAX_DEPTH} levels")
    } else if nodes > MAX_NODES {
        format!("its aliases add more than {MAX_NODES} nodes")
    } else {
        return Ok(());
    };
    Err(Error { line, field: None, reason })
}

fn line_at(span: &Span) -> usize {
    span.start.line().max(1)
}

/// YAML's core schema, as the API server's own reader resolves plain scalars.
fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if let Ok(number) = text.parse::<i64>() {
        return Value::Number(number.into());
    }
    let looks_numeric = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '-' | '+'));
    if looks_numeric
        && let Ok(number) = text.parse::<f64>()
        && let Some(number) = Number::from_f64(number)
    {
        return Value::Number(number);
    }
    Value::String(text.to_owned())
}

/// YAML 1.1 as sigs.k8s.io/yaml reads it: more words for booleans, and octal and hexadecimal numbers.
fn resolve_as_kubectl(text: &str) -> Value {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Value::Bool(false),
        _ => {}
    }
    let (radix, digits) = match text.as_bytes() {
        [b'0', b'x', ..] => (16, &text[2..]),
        [b'0', b'o', ..] => (8, &text[2..]),
        [b'0', _, ..] => (8, &text[1..]),
        _ => return resolve(text),
    };
    if !digits.starts_with(['+', '-'])
        && let Ok(number) = i64::from_str_radix(digits, radix)
    {
        return Value::Number(number.into());
    }
    resolve(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cuts_a_stream_and_keeps_the_lines() {
        let stream =
            "# only a comment\n---\na: 1\n---\n\n# nothing\n--- # note\nb: |\n  --- not a marker\nc: 2\n";
        let found = documents(stream);
        assert_eq!(found.iter().map(|d| d.line).collect::<Vec<_>>(), [3, 8]);
        assert_eq!(parse(found[1].text).unwrap(), json!({"b": "--- not a marker\n", "c": 2}));
    }

    #[test]
    fn json_objects_that_follow_each_other_are_documents() {
        let stream = "{\"a\": 1}\n{\"b\":\n  \"}{\"}{\"c\": 3}\n\n{\"d\": oops\n---\n{e: 5}\n";
        let found = documents(stream);
        assert_eq!(found.iter().map(|d| d.line).collect::<Vec<_>>(), [1, 1, 3, 3, 7]);
        let read: Vec<_> = found.iter().map(|d| parse(d.text).ok()).collect();
        let whole = [json!({"a": 1}), json!({"b": "}{"}), json!({"c": 3}), json!({"e": 5})].map(Some);
        let [a, b, c, e] = whole;
        assert_eq!(read, [a, b, c, None, e]);
        assert_eq!(line_of(found[1].text, "b"), 3);
        // One object is one document, to its end.
        assert_eq!(documents("{\"a\": 1}\n\n")[0].text, "{\"a\": 1}\n\n");
    }

    #[test]
    fn resolves_plain_scalars_only() {
        let value = parse("a: 1\nb: '1'\nc: 1.5\nd: yes\ne:\nf: 1Gi\ng: 0x\nh: 1.2.3\n").unwrap();
        assert_eq!(value, json!({"a":1,"b":"1","c":1.5,"d":"yes","e":null,"f":"1Gi","g":"0x","h":"1.2.3"}));
    }

    #[test]
    fn a_manifest_is_read_as_kubectl_reads_it() {
        let text =
            "a: yes\nb: 'yes'\nc: Off\nd: 010\ne: 0x1f\nf: 0.5\ng: 08\nh: 0x\ni: n\nj: yes please\nk: 0\n";
        assert_eq!(
            tree(text).unwrap().value(),
            json!({"a":true,"b":"yes","c":false,"d":8,"e":31,"f":0.5,"g":8,"h":"0x","i":false,"j":"yes please","k":0})
        );
    }

    /// As kubectl has it: YAML's own specification would have each line stand deeper than its key.
    #[test]
    fn brackets_and_quotes_may_close_at_their_keys_own_depth() {
        let text = "list:\n- args: [\n  \"a\", b,\n]\n  map: {\n  x: 1\n  }\n  json: '[\n    1\n  ]'\n  \
                    words: \"one\ntwo\"\n  last: 1\n";
        let read = tree(text).unwrap();
        let item =
            json!({"args": ["a", "b"], "map": {"x": 1}, "json": "[ 1 ]", "words": "one two", "last": 1});
        assert_eq!(read.value(), json!({"list": [item]}));
        assert_eq!(read.line_of("list[0].args[1]"), 3);
        assert_eq!(read.line_of("list[0].json"), 8);
        assert_eq!(read.line_of("list[0].last"), 13);
    }

    #[test]
    fn a_text_that_ends_without_a_line_feed_has_none() {
        assert_eq!(tree("a: |\n  one\n  two").unwrap().value(), json!({"a": "one\ntwo"}));
        assert_eq!(tree("a: |\n  one\n").unwrap().value(), json!({"a": "one\n"}));
    }

    #[test]
    fn a_key_given_twice_is_told_with_both_lines() {
        let told = |text: &str| -> Vec<(String, [usize; 2])> {
            let tree = tree(text).unwrap();
            tree.twice().iter().map(|twice| (twice.field.clone(), twice.lines)).collect()
        };
        assert_eq!(told("a: 1\nb: 2\na: 3\n"), [("a".to_owned(), [1, 3])]);
        let nested =
            "spec:\n  list:\n  - x: 1\n  - resources:\n      a: 1\n    name: y\n    resources:\n      b: 1\n";
        assert_eq!(told(nested), [("spec.list[1].resources".to_owned(), [4, 7])]);
        let many: String = (0..40).map(|n| format!("k{n}: 1\n")).collect();
        assert_eq!(told(&format!("{many}k7: 2\n")), [("k7".to_owned(), [8, 41])]);
        assert_eq!(told("annotations: {x/y.z: 1, x/y.z: 2}\n"), [("annotations[x/y.z]".to_owned(), [1, 1])]);
        assert_eq!(
            told("base: &b {a: 1}\nc: {<<: *b, a: 2}\n"),
            [],
            "what a merge key brings is no second one"
        );
    }

    #[test]
    fn anchors_and_merge_keys() {
        let value = parse("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\n").unwrap();
        assert_eq!(value["use"], json!({"x": 1, "y": 3}));
    }

    #[test]
    fn of_equal_keys_the_last_wins_however_many_there_are() {
        assert_eq!(parse("a: 1\nb: 2\na: 3\n").unwrap(), json!({"a": 3, "b": 2}));
        let text = "one: &one {x: 1}\ntwo: &two {x: 2, y: 2}\nuse: {<<: [*one, *two]}\n";
        assert_eq!(parse(text).unwrap()["use"], json!({"x": 1, "y": 2}));
        let many: String = (0..20_000).map(|key| format!("k{key}: 1\n")).collect();
        assert_eq!(parse(&many).unwrap().as_object().map(Map::len), Some(20_000));
    }

    #[test]
    fn names_the_line_of_a_broken_document() {
        let error = parse("a: 1\nb: [1,\nc: {\n").unwrap_err();
        assert!(error.line >= 2, "{error}");
    }

    #[test]
    fn bounded_depth_and_expansion() {
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(
            parse(&format!("{}{}", "[".repeat(150), "]".repeat(150))).unwrap_err().reason.contains("deeper")
        );
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let alias = format!("*a{}", level - 1);
            bomb += &format!("a{level}: &a{level} [{}]\n", vec![alias; 10].join(", "));
        }
        assert!(parse(&bomb).unwrap_err().reason.contains("nodes"));
    }

    #[test]
    fn finds_the_line_of_a_field() {
        let text = "spec:\n  list:\n  - name: a\n  - name: b\n    limits:\n      nvidia.com/gpu: 1\n";
        assert_eq!(line_of(text, "spec.list[1].name"), 4);
        assert_eq!(line_of(text, "spec.list[1].limits[nvidia.com/gpu]"), 6);
        assert_eq!(line_of(text, "spec.list[7].name"), 3);
    }

    #[test]
    fn a_wrong_type_names_field_and_line() {
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code)]
        struct Size {
            cpu: f64,
        }
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code)]
        struct Root {
            size: Size,
        }
        let error = read::<Root>("size:\n  cpu: many\n").unwrap_err();
        assert_eq!((error.line, error.field.as_deref()), (2, Some("size.cpu")));
    }
}
