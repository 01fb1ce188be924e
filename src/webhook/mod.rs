//! The admission webhook: what a person is told on `kubectl apply`. It answers from memory and never refuses.
//!
//! A webhook that refuses, for namespaces that ask for it, will be a second route beside `/admission/warn`.

mod admit;
mod intake;
mod review;
mod serve;
mod served;

pub use admit::{Admission, Answer};
pub use serve::{router, serve};
pub use served::Served;
