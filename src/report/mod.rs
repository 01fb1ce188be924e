//! Report: a decision to a status, warnings, a table, a page of detail, JSON. Pure; one file a form.

pub mod crossover;
pub mod detail;
pub mod fleet;
pub mod json;
pub mod record;
pub mod rule;
pub mod status;
pub mod table;
pub mod warning;
