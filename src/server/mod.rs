//! What the process shows of itself over plain HTTP: alive, ready, metrics; and how it starts and stops.

mod http;
pub mod metrics;
pub mod page;
pub mod readiness;
pub mod shutdown;
pub mod tasks;

pub(crate) use http::on;
pub use http::{router, serve};
pub use metrics::Metrics;
pub use readiness::{Need, Readiness};
