//! The rules: one file each, and this list. A rule reads evidence and catalogue and may find something.

mod claims;
mod host;

use std::{borrow::Cow, sync::LazyLock};

use crate::{
    catalog::{Catalog, Target},
    decide::{Effect, Finding},
    facts::{Evidence, Signal},
};

/// The longest message: the API server allows 120 characters for an admission warning.
pub const MESSAGE_MAX: usize = 120;
/// The longest part of a value that a message repeats, and the least that it leaves of one.
const VALUE_MAX: usize = 64;
const VALUE_MIN: usize = 8;

/// One rule: its documentation, its data and its function.
pub struct Rule {
    /// Three letters for the family, three digits.
    pub code: &'static str,
    /// What it is called, in kebab-case.
    pub name: &'static str,
    /// The strongest effect that it can have.
    pub effect: Effect,
    /// The targets that it speaks about; empty for notices.
    pub targets: &'static [Target],
    /// The version that brought it.
    pub since: &'static str,
    pub docs: Docs,
    pub check: for<'a> fn(&'a Evidence, &Catalog) -> Option<Found<'a>>,
    /// A manifest that makes it fire, and one like it that doesn't.
    pub fires: &'static str,
    pub silent: &'static str,
}

/// What a person reads about a rule, one section each.
pub struct Docs {
    pub checks: &'static str,
    /// Why it matters, with its source.
    pub matters: &'static str,
    pub todo: &'static str,
}

/// What a rule found: "`field` is `value`; `because`".
#[derive(Debug, PartialEq)]
pub struct Found<'a> {
    effect: Effect,
    // Borrowed where they can be: most findings of a rule that is asked again are never told.
    field: &'a str,
    value: Cow<'a, str>,
    because: Cow<'static, str>,
}

impl<'a> Found<'a> {
    pub fn excludes(
        field: &'a str,
        value: impl Into<Cow<'a, str>>,
        because: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Effect::Excludes, field, value, because)
    }

    pub fn asks(
        field: &'a str,
        value: impl Into<Cow<'a, str>>,
        because: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Effect::NeedsAnswer, field, value, because)
    }

    pub fn notes(
        field: &'a str,
        value: impl Into<Cow<'a, str>>,
        because: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Effect::Notes, field, value, because)
    }

    /// An exclusion that a signal alone shows.
    pub fn excluded_by(signal: &'a Signal, because: impl Into<Cow<'static, str>>) -> Self {
        Self::excludes(&signal.field, &signal.value, because)
    }

    fn new(
        effect: Effect,
        field: &'a str,
        value: impl Into<Cow<'a, str>>,
        because: impl Into<Cow<'static, str>>,
    ) -> Self {
        Found { effect, field, value: value.into(), because: because.into() }
    }
}

impl Rule {
    /// What the rule does to its targets, without the words.
    pub fn effect_on(&self, evidence: &Evidence, catalog: &Catalog) -> Option<Effect> {
        (self.check)(evidence, catalog).map(|found| found.effect)
    }

    /// The rule's finding about this evidence, if it has one.
    pub fn apply(&self, evidence: &Evidence, catalog: &Catalog) -> Option<Finding> {
        let Found { effect, field, value, because } = (self.check)(evidence, catalog)?;
        let message = message(field, &value, &because);
        Some(Finding {
            rule: Cow::Borrowed(self.code),
            effect,
            field: field.to_owned(),
            value: value.into_owned(),
            message,
            targets: self.targets,
        })
    }
}

/// The rules that speak about a target.
pub fn about(target: Target) -> &'static [&'static Rule] {
    static ABOUT: LazyLock<[Vec<&'static Rule>; Target::ALL.len()]> = LazyLock::new(|| {
        Target::ALL.map(|target| RULES.iter().filter(|rule| rule.targets.contains(&target)).collect())
    });
    &ABOUT[target as usize]
}

/// The rule with this code, in any case.
pub fn find(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code.eq_ignore_ascii_case(code))
}

fn message(field: &str, value: &str, because: &str) -> String {
    let field = short(field);
    let taken = field.chars().count() + " is ; ".len() + because.chars().count();
    let room = MESSAGE_MAX.saturating_sub(taken).clamp(VALUE_MIN, VALUE_MAX);
    let text = format!("{field} is {}; {because}", clip(value, room));
    clip(&text, MESSAGE_MAX).into_owned()
}

/// A field as messages name it: without the part of its path that every workload of its kind shares.
pub fn short(field: &str) -> &str {
    let annotation = field.strip_prefix("metadata.annotations[").and_then(|rest| rest.strip_suffix(']'));
    if let Some(annotation) = annotation {
        return annotation;
    }
    ["spec.jobTemplate.spec.template.spec.", "spec.template.spec.", "spec.template.metadata."]
        .into_iter()
        .find_map(|prefix| field.strip_prefix(prefix))
        .unwrap_or(field)
}

fn clip(text: &str, max: usize) -> Cow<'_, str> {
    if text.chars().count() <= max {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().take(max - 1).chain(['…']).collect())
}

/// Declares each rule's file and lists its rule, in the order in which findings are told.
macro_rules! rules {
    ($($file:ident),* $(,)?) => {
        $(mod $file;)*
        pub static RULES: &[Rule] = &[$($file::RULE),*];
    };
}

rules! {
    prm001,
    eks001,
    eks002,
    eks003,
    eks004,
    lmb001,
    lmb002,
    lmb003,
    lmb004,
    lmb005,
    lmb006,
    lmb007,
    lmb008,
    lmb009,
    lmb010,
    lmb011,
    lmb012,
    lmb013,
    lmb014,
    lmb015,
    lmb016,
    lmb017,
    fgt001,
    fgt002,
    fgt003,
    fgt004,
    fgt005,
    fgt006,
    fgt007,
    fgt008,
    fgt009,
    fgt010,
    fgt011,
    fgt012,
    exp001,
    exp002,
    exp003,
    exp004,
    exp005,
    arn001,
    arn002,
    arn003,
    arn004,
    arn005,
    bat001,
    bat002,
    bat003,
    sgm001,
    sgm002,
    sgm003,
    sgm004,
    eci001,
    eci002,
    eci003,
    eci004,
    ekf001,
    ekf002,
    ekf003,
    ekf004,
    ekf005,
    ekf006,
    ekf007,
    ekf008,
    ekf009,
    ekf010,
    dat001,
    wrk001,
    wrk002,
    wrk003,
    wrk004,
}
