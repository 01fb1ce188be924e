//! The admission webhooks: what a person is told on `kubectl apply`, and what is refused in a namespace in Deny.
//!
//! Two routes, for the API server registers them apart: `/admission/warn` lets everything through, and only
//! `/admission/deny` refuses. Both answer from memory.

mod admit;
mod connect;
mod intake;
mod review;
mod serve;
mod served;

pub use admit::{Admission, Answer, Asked};
pub use serve::{router, serve};
pub use served::Served;
