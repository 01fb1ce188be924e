//! The forms of a report, each in a file of its own, and the list of them. A further form is one line here.

use std::{error::Error, fmt, path::Path};

use super::{csv, groups::Groups, html, json, junit, markdown, record::Record, sarif, table, wide, yaml};
use crate::{
    catalog::Catalog,
    decide::platform::{PlatformVerdict, PricesUsed},
    policy::Policy,
};

/// The verdict on one cluster as a whole.
pub struct Platform {
    /// Its name, where it isn't a folder of files.
    pub cluster: Option<String>,
    pub verdict: PlatformVerdict,
}

/// The price books that clusters were judged by, each once.
pub fn prices_of(platforms: &[Platform]) -> Vec<PricesUsed> {
    let mut books: Vec<PricesUsed> = Vec::new();
    for platform in platforms {
        if !books.contains(&platform.verdict.prices) {
            books.push(platform.verdict.prices.clone());
        }
    }
    books
}

/// What every form is written from.
pub struct Report<'a> {
    pub records: &'a [Record],
    /// Of each cluster that one is known of. It isn't worked out from decisions alone.
    pub platforms: &'a [Platform],
    /// Whether it's read to see what to do: the clusters' verdicts come first, then what to move and whom to ask.
    pub overview: bool,
    /// In place of single workloads, where people read them together.
    pub groups: Option<Groups>,
    /// Workloads that the verdict counts and that aren't in it: those with the least to do.
    pub left_out: usize,
    /// What the crossover is drawn from.
    pub catalog: &'a Catalog,
    pub policy: &'a Policy,
    /// The price books behind the records, where they are known.
    pub prices: &'a [PricesUsed],
    /// Whether whoever reads it sees colours.
    pub colour: bool,
    /// The folder that file names are told from.
    pub root: &'a Path,
}

pub type Written = Result<String, Box<dyn Error + Send + Sync>>;

/// One form: what it's called, who it's for, and how it's written.
pub struct Form {
    pub name: &'static str,
    pub help: &'static str,
    /// Whether it can show workloads taken together.
    pub groups: bool,
    pub write: fn(&Report<'_>) -> Written,
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[rustfmt::skip]
pub static FORMS: &[Form] = &[
    table::FORM,
    wide::FORM,
    json::FORM,
    yaml::FORM,
    markdown::FORM,
    csv::FORM,
    sarif::FORM,
    junit::FORM,
    html::FORM,
];

pub fn find(name: &str) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.name == name)
}
