//! The JSON document: the workloads as status has them, and what they come to together.

use serde::Serialize;

use super::{
    fleet::{self, Fleet},
    record::Record,
};
use crate::catalog::Catalog;

#[derive(Serialize)]
struct Document<'a> {
    workloads: &'a [Record],
    platform: Fleet,
}

/// The document, indented.
///
/// # Errors
/// None that input can cause: every field serialises.
pub fn document(records: &[Record], catalog: &Catalog) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&Document { workloads: records, platform: fleet::fleet(records, catalog) })
}
