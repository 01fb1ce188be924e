//! Slips of the pen that a manifest can be read in spite of: explicit nulls, and text that lacks its quotes.

use serde_json::Value;

/// Fields that are maps of text to text, wherever they are.
const TEXTS: &[&str] = &["annotations", "labels", "matchLabels", "nodeSelector"];

/// Takes out fields that are null: the API treats one as absence.
pub fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// A field that was taken for a number or a boolean, and the text that it's read as.
#[derive(Debug, PartialEq)]
pub struct Unquoted {
    pub field: String,
    pub text: String,
}

/// The object with quotes around what has to be text, and where they were missing.
pub fn quote(object: &Value) -> (Value, Vec<Unquoted>) {
    let mut quoted = object.clone();
    let mut missing = Vec::new();
    walk(&mut quoted, "", &mut missing);
    (quoted, missing)
}

fn walk(value: &mut Value, at: &str, missing: &mut Vec<Unquoted>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                match field {
                    Value::Object(texts) if TEXTS.contains(&name.as_str()) => {
                        for (key, text) in texts.iter_mut().filter(|(_, v)| v.is_number() || v.is_boolean()) {
                            let unquoted =
                                Unquoted { field: format!("{path}[{key}]"), text: text.to_string() };
                            *text = Value::String(unquoted.text.clone());
                            missing.push(unquoted);
                        }
                    }
                    _ => walk(field, &path, missing),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                walk(item, &format!("{at}[{index}]"), missing);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nulls_go_wherever_they_are() {
        let mut value = json!({"a": null, "b": {"c": null, "d": [{"e": null}, 1]}});
        drop_nulls(&mut value);
        assert_eq!(value, json!({"b": {"d": [{}, 1]}}));
    }

    #[test]
    fn only_maps_of_text_are_quoted() {
        let object = json!({"metadata": {"annotations": {"berth.dev/x": 0.5, "y": "z"}}, "spec": {"replicas": 2,
            "list": [{"nodeSelector": {"gpu": true}}]}});
        let (quoted, missing) = quote(&object);
        assert_eq!(quoted["metadata"]["annotations"], json!({"berth.dev/x": "0.5", "y": "z"}));
        assert_eq!(quoted["spec"], json!({"replicas": 2, "list": [{"nodeSelector": {"gpu": "true"}}]}));
        let fields: Vec<&str> = missing.iter().map(|missing| missing.field.as_str()).collect();
        assert_eq!(fields, ["metadata.annotations[berth.dev/x]", "spec.list[0].nodeSelector[gpu]"]);
    }
}
