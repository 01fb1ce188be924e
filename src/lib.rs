//! Berth tells a team which AWS compute each of its Kubernetes workloads really needs.
//!
//! One way through the code: [`observe`] → [`evidence`] → [`decide`] → [`report`].
//! Controller, webhook and command line only compose these four, through [`evaluate`].

mod alike;
pub mod amount;
pub mod api;
pub mod catalog;
pub mod cli;
mod clip;
pub mod decide;
#[cfg(feature = "cluster")]
pub mod doctor;
mod evaluate;
pub mod evidence;
pub mod facts;
pub mod invalid;
mod misread;
pub mod observe;
#[cfg(feature = "cluster")]
pub mod operator;
pub mod policy;
mod printable;
pub mod report;
pub mod selector;
#[cfg(feature = "cluster")]
pub mod server;
mod signals;
#[cfg(feature = "cluster")]
pub mod webhook;
pub mod yaml;

pub use evaluate::{evaluate, evaluate_member, ruling};
