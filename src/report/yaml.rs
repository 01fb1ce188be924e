//! The same document as JSON, in YAML.

use super::{
    form::{Form, Report, Written},
    json::Document,
};

pub const FORM: Form = Form { name: "yaml", help: "The same as json, in YAML", groups: true, write };

fn write(report: &Report<'_>) -> Written {
    Ok(serde_yaml_ng::to_string(&Document::of(report))?)
}
