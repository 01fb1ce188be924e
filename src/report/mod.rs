//! Report: a decision to a status, warnings, a table, JSON. Pure; one file a form.

pub mod json;
pub mod status;
pub mod table;
pub mod warning;
