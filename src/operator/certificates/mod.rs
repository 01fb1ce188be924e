//! The webhook's certificates: made, renewed with overlap and repaired by the operator itself.
//!
//! `assess` and `issue` are pure: what a Secret needs at a moment, and making it. `keeper` carries it out.
//!
//! A new authority is added a year before the old one ends, and both stand in the caBundle. The certificate in use
//! stays until its own time comes, weeks later, so that no API server ever meets a certificate before its authority.

mod assess;
mod issue;
mod keeper;

pub use assess::{Todo, assess, certified, renew};
pub use issue::{Error, Material};
pub use keeper::{Keeper, Names};
