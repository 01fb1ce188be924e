//! The webhook's certificates: made, renewed with overlap and repaired by the operator itself.
//!
//! `assess` and `issue` are pure: what a Secret needs at a moment, and making it. `keeper` carries it out, and `bundle` the API
//! server's side of it.
//!
//! A new authority is added a year before the old one ends, and both stand in the caBundle. The certificate in use
//! stays until its own time comes, weeks later, so that no API server ever meets a certificate before its authority.

mod assess;
mod bundle;
mod issue;
mod keeper;

pub use assess::{Todo, accepted, assess, certified, renew};
pub use issue::{Error, Material};
pub use keeper::{Keeper, Last, Names};

/// Who makes the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Issuer {
    /// Berth: it makes, renews and repairs what the Secret holds
    #[value(name = "self")]
    Own,
    /// Another, such as cert-manager: Berth serves what the Secret holds
    Given,
}
