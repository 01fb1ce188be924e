//! The policy's part of the chart's schema of values: what the API server holds a PlatformProfile to, so that Helm
//! refuses a slip of the pen before a Pod does.

use serde_json::{Map, Value, json};

/// Where it stands among the definitions of the schema, which is otherwise written by hand.
const BEGIN: &str = "\n    \"policy\": {\n";
const END: &str = "\n    }";
const INDENT: &str = "    ";

/// The schema's text with the policy's part made of the schema of a PlatformProfile's spec. Nothing when the text has no
/// such part.
pub fn with_policy(text: &str, spec: &Value) -> Option<String> {
    let definitions = text.find("\"definitions\": {")?;
    let begin = definitions + text[definitions..].find(BEGIN)? + 1;
    let end = begin + text[begin..].find(END)? + END.len();
    let policy = serde_json::to_string_pretty(&of_values(spec)).ok()?;
    let policy = policy.replace('\n', &format!("\n{INDENT}"));
    Some(format!("{}{INDENT}\"policy\": {policy}{}", &text[..begin], &text[end..]))
}

/// A structural schema in the words of draft 7, which knows no validations in CEL. The binary refuses names that it
/// doesn't know, and so does this.
fn of_values(schema: &Value) -> Value {
    let Some(schema) = schema.as_object() else { return schema.clone() };
    let mut told = Map::new();
    for (key, value) in schema {
        let value = match (key.as_str(), value) {
            ("format" | "nullable", _) => continue,
            (key, _) if key.starts_with("x-kubernetes-") => continue,
            ("type", of) if schema.get("nullable") == Some(&json!(true)) => json!([of, "null"]),
            ("minimum", _) if schema.get("exclusiveMinimum") == Some(&json!(true)) => continue,
            ("exclusiveMinimum", Value::Bool(true)) => schema.get("minimum").cloned().unwrap_or_default(),
            ("properties", Value::Object(of)) => {
                told.insert("additionalProperties".to_owned(), json!(false));
                of.iter().map(|(name, of)| (name.clone(), of_values(of))).collect()
            }
            ("items" | "additionalProperties", of) => of_values(of),
            (_, other) => other.clone(),
        };
        told.insert(key.clone(), value);
    }
    Value::Object(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_the_schema_stays_as_it_is() {
        let text = "{\n  \"definitions\": {\n    \"a\": { \"type\": \"string\" },\n    \"policy\": {\n      \"old\": true\n    }\n  },\n  \"properties\": {}\n}\n";
        let told = with_policy(text, &json!({"type": "number"})).unwrap();
        assert_eq!(told, text.replace("\"old\": true", "\"type\": \"number\""));
        assert_eq!(with_policy(&told, &json!({"type": "number"})), Some(told));
        assert_eq!(with_policy("{}", &json!({})), None);
    }

    #[test]
    fn unknown_names_are_refused_and_cel_is_left_out() {
        let spec = json!({
            "type": "object",
            "properties": {"a": {
                "type": "number", "format": "double", "nullable": true, "minimum": 0.0, "exclusiveMinimum": true,
                "x-kubernetes-validations": [],
            }},
        });
        assert_eq!(
            of_values(&spec),
            json!({
                "type": "object",
                "additionalProperties": false,
                "properties": {"a": {"type": ["number", "null"], "exclusiveMinimum": 0.0}},
            })
        );
    }
}
