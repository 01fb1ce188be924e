//! Placeholders that a person or a tool still has to fill in.

use serde_json::Value;

const TEMPLATE: &str = "it is a template: render it first, as in `helm template CHART | berth scan -`";
const PLACEHOLDER: &str = "it holds placeholders: fill them in first";

/// Fields whose text is the program's own, or is for people: what looks like a placeholder there may be one of its own.
const FREE_TEXT: &[&str] = &[
    "annotations",
    "args",
    "command",
    "description",
    "env",
    "exec",
    "httpHeaders",
    "lifecycle",
    // A custom kind's schema, with the patterns, defaults and words of whoever made it.
    "openAPIV3Schema",
    "parameters",
    "postStart",
    "preStop",
];

/// What to do about a text that can't be read, where it looks unfinished.
pub fn hint(text: &str) -> Option<&'static str> {
    if text.contains("{{") {
        return Some(TEMPLATE);
    }
    (is_marked(text, |c| c.is_ascii_uppercase() || c.is_ascii_digit()) || text.contains("${"))
        .then_some(PLACEHOLDER)
}

/// A value that still has to be filled in: its field, itself, and what to do.
#[derive(Debug, PartialEq)]
pub struct Unfilled<'a> {
    pub field: String,
    pub value: &'a str,
    pub hint: &'static str,
}

/// The first value of an object that stands for another, among those that have no use for such signs themselves.
pub fn find(object: &Value) -> Option<Unfilled<'_>> {
    look(object, "")
}

fn look<'a>(value: &'a Value, at: &str) -> Option<Unfilled<'a>> {
    match value {
        Value::String(text) => {
            let hint = if text.contains("{{") && text.contains("}}") {
                TEMPLATE
            } else if is_marked(text, |c| c.is_ascii_alphanumeric()) {
                PLACEHOLDER
            } else {
                return None;
            };
            Some(Unfilled { field: at.to_owned(), value: text, hint })
        }
        Value::Object(fields) => {
            fields.iter().filter(|(name, _)| !FREE_TEXT.contains(&name.as_str())).find_map(|(name, field)| {
                let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                look(field, &path)
            })
        }
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| look(item, &format!("{at}[{index}]")))
        }
        _ => None,
    }
}

/// Whether it holds `<SOME-NAME>`.
fn is_marked(text: &str, letter: fn(char) -> bool) -> bool {
    text.split('<').skip(1).any(|rest| {
        rest.split_once('>').is_some_and(|(word, _)| {
            !word.is_empty() && word.chars().all(|c| letter(c) || matches!(c, '_' | '-' | ' '))
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_that_stands_for_another_is_found_with_its_field() {
        let pod = json!({"spec": {"containers": [{"image": "web"}, {"image": "<your-image>:1"}]}});
        let found = find(&pod).unwrap();
        assert_eq!((&*found.field, found.value), ("spec.containers[1].image", "<your-image>:1"));
        assert_eq!(find(&json!({"metadata": {"name": "{{ .Release.Name }}"}})).unwrap().hint, TEMPLATE);
        assert_eq!(find(&json!({"metadata": {"name": "<NAME>"}})).unwrap().hint, PLACEHOLDER);
    }

    #[test]
    fn a_program_may_have_signs_of_its_own() {
        let own = json!({"metadata": {"annotations": {"a": "{{ with secret }}"}}, "spec": {"containers": [
            {"args": ["--format={{.Name}}", "<FILE>"], "env": [{"name": "a", "value": "{{ b }}"}], "image": "a<b"}
        ]}});
        assert_eq!(find(&own), None);
    }

    #[test]
    fn a_custom_kinds_schema_describes_and_stands_for_nothing() {
        let triple = "tolerates any taint that matches the triple <key,value,effect> using <operator>";
        let spec =
            json!({"description": triple, "default": "<NAME>", "properties": {"a": {"title": "{{ b }}"}}});
        let kind = json!({"metadata": {"name": "a.b"}, "spec": {"versions": [{
            "additionalPrinterColumns": [{"description": triple}],
            "schema": {"openAPIV3Schema": spec},
        }]}});
        assert_eq!(find(&kind), None);
    }
}
