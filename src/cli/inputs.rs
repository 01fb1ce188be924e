//! The files that commands share: policy and price book, read or refused with file, line and field.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use super::{Failure, output::say};
use crate::{catalog::Catalog, policy::Policy, yaml};

#[derive(Debug, clap::Args)]
pub struct Inputs {
    /// The platform team's policy, or the PlatformProfile that holds it
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// A price book that replaces the list prices, and the policy's
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
}

impl Inputs {
    /// Whether a file says the policy, over a cluster's own.
    #[cfg(feature = "cluster")]
    pub fn names_policy(&self) -> bool {
        self.policy.is_some()
    }

    pub fn policy(&self) -> Result<Policy, Failure> {
        let Some(path) = &self.policy else { return Ok(Policy::default()) };
        let text = read(path)?;
        let policy = Policy::read(&text).map_err(|error| refused(path, &error))?;
        let is_profile = yaml::parse(&text).is_ok_and(|value| value.get("spec").is_some());
        for idle in policy.idle() {
            let idle = if is_profile { idle.below("spec") } else { idle };
            say(&format!("note: {}", refused(path, &idle.in_text(&text))));
        }
        Ok(policy)
    }

    pub fn catalog(&self, policy: &Policy) -> Result<Cow<'static, Catalog>, Failure> {
        let embedded = Catalog::embedded();
        let Some(path) = &self.prices else { return Ok(policy.priced(embedded)) };
        embedded.with_prices(&read(path)?).map(Cow::Owned).map_err(|error| refused(path, &error))
    }
}

pub fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure(format!("{}: {error}", path.display())))
}

pub fn refused(path: &Path, error: &yaml::Error) -> Failure {
    let field = error.field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default();
    Failure(format!("{}:{}: {field}{}", path.display(), error.line, error.reason))
}
