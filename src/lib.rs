//! Berth tells a team which AWS compute each of its Kubernetes workloads really needs.
//!
//! One way through the code: [`observe`] → [`evidence`] → [`decide`] → [`report`].
//! Controller, webhook and command line only compose these four.

pub mod catalog;
pub mod evidence;
pub mod facts;
pub mod observe;
pub mod policy;
pub mod yaml;
