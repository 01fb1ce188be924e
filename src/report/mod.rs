//! Report: a decision to a status, warnings, a table, a page of detail, JSON. Pure; one file a form.

pub mod advice;
#[cfg(feature = "cluster")]
pub mod api;
pub mod costs;
pub mod crossover;
mod csv;
pub mod detail;
mod effort;
pub mod form;
pub mod groups;
mod html;
mod json;
mod junit;
mod markdown;
#[cfg(feature = "cluster")]
pub mod open_reports;
mod overview;
pub mod platform;
pub mod platform_status;
pub mod record;
pub mod refusal;
pub mod rule;
mod sarif;
pub mod status;
mod table;
pub mod target;
pub mod terms;
#[cfg(feature = "cluster")]
pub mod values;
pub mod warning;
mod wide;
mod wrap;
mod yaml;
