//! The rules: one file each, and this list. A rule reads evidence and catalogue and may find something.

pub mod claims;
pub mod host;

use std::{borrow::Cow, sync::LazyLock};

use crate::{
    catalog::{Catalog, Target},
    clip::{clip, clip_middle},
    decide::{Effect, Finding, reads::Reads},
    facts::{Evidence, Signal},
    printable,
};

/// The longest message: the API server allows 120 characters for an admission warning.
pub const MESSAGE_MAX: usize = 120;
/// The longest part of a value that a message repeats, and the least that it leaves of one.
const VALUE_MAX: usize = 72;
const VALUE_MIN: usize = 8;
/// The least that is left of a field.
const FIELD_MIN: usize = 32;

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
    /// The facts beside traits that its check looks at, of those that a person could answer.
    pub reads: Reads,
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
    /// Where the same holds beside it, each told by a finding of its own.
    others: Vec<&'a Signal>,
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
        Found { effect, field, value: value.into(), because: because.into(), others: Vec::new() }
    }

    /// The same of these, for the same reason.
    pub fn and_of(self, others: Vec<&'a Signal>) -> Self {
        Found { others, ..self }
    }
}

impl Rule {
    /// The letters that rules about the same thing share: `LMB` of LMB003.
    pub fn family(&self) -> &'static str {
        family(self.code)
    }

    /// Whether another value of one of these facts could change what it finds.
    pub fn looks_at(&self, facts: Reads) -> bool {
        self.reads.and(Reads::TRAITS).meets(facts)
    }

    /// What the rule does to its targets, without the words.
    pub fn effect_on(&self, evidence: &Evidence, catalog: &Catalog) -> Option<Effect> {
        (self.check)(evidence, catalog).map(|found| found.effect)
    }

    /// What the rule finds in this evidence: nothing mostly, else one finding, and one more for each field beside it.
    pub fn apply(&self, evidence: &Evidence, catalog: &Catalog) -> Vec<Finding> {
        let Some(found) = (self.check)(evidence, catalog) else { return Vec::new() };
        let Found { effect, field, value, because, others } = found;
        let others = others.into_iter().map(|signal| (signal.field.as_str(), signal.value.as_str()));
        std::iter::once((field, &*value))
            .chain(others)
            .map(|(field, value)| Finding {
                rule: Cow::Borrowed(self.code),
                effect,
                field: field.to_owned(),
                value: value.to_owned(),
                message: message(field, value, &because),
                targets: self.targets,
            })
            .collect()
    }
}

/// The rules that speak about a target, each with its place in the list.
pub fn about(target: Target) -> &'static [(usize, &'static Rule)] {
    type About = Vec<(usize, &'static Rule)>;
    static ABOUT: LazyLock<[About; Target::ALL.len()]> = LazyLock::new(|| {
        let speak = |target| move |(_, rule): &(usize, &Rule)| rule.targets.contains(&target);
        Target::ALL.map(|target| RULES.iter().enumerate().filter(speak(target)).collect())
    });
    &ABOUT[target as usize]
}

/// Whether Express Mode holds it only with a step beside its own API.
pub fn is_beyond_express(evidence: &Evidence, catalog: &Catalog) -> bool {
    [exp003::RULE.check, exp007::RULE.check].iter().any(|check| check(evidence, catalog).is_some())
}

/// The family that a code belongs to.
pub fn family(code: &str) -> &str {
    code.get(..3).unwrap_or(code)
}

/// The rule with this code, in any case.
pub fn find(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code.eq_ignore_ascii_case(code))
}

fn message(field: &str, value: &str, because: &str) -> String {
    let (field, value) = (printable::line(short(field)), printable::line(value));
    // Most fit as they are.
    let whole = format!("{field} is {value}; {because}");
    if whole.chars().count() <= MESSAGE_MAX && value.chars().count() <= VALUE_MAX {
        return whole;
    }
    // Names of objects are long: what is left out is a part of one, and not the reason.
    let least = " is ; ".len() + because.chars().count() + value.chars().count().min(VALUE_MIN);
    let field = clip_middle(&field, MESSAGE_MAX.saturating_sub(least).max(FIELD_MIN));
    let taken = field.chars().count() + " is ; ".len() + because.chars().count();
    let room = MESSAGE_MAX.saturating_sub(taken).clamp(VALUE_MIN, VALUE_MAX);
    let text = format!("{field} is {}; {because}", clip(&value, room));
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
    eks005,
    eks006,
    eks007,
    eks008,
    eks009,
    eks010,
    eks011,
    eks012,
    eks013,
    eks014,
    eks015,
    eks016,
    eks017,
    eks018,
    eks019,
    eks020,
    eks021,
    eks022,
    eks023,
    eks024,
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
    lmb018,
    lmb019,
    lmb020,
    lmb021,
    lmb022,
    lmb023,
    lmb024,
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
    fgt013,
    fgt014,
    fgt015,
    fgt016,
    fgt017,
    fgt018,
    fgt019,
    fgt020,
    fgt021,
    fgt022,
    fgt023,
    fgt024,
    fgt025,
    fgt026,
    fgt027,
    fgt028,
    fgt029,
    fgt030,
    fgt031,
    fgt032,
    fgt033,
    fgt034,
    fgt035,
    exp001,
    exp002,
    exp003,
    exp004,
    exp005,
    exp006,
    exp007,
    exp008,
    exp009,
    exp010,
    exp011,
    exp012,
    arn001,
    arn002,
    arn003,
    arn004,
    arn005,
    arn006,
    arn007,
    arn008,
    bat001,
    bat002,
    bat003,
    bat004,
    bat005,
    bat006,
    bat007,
    bat008,
    bat009,
    sgm001,
    sgm002,
    sgm003,
    sgm004,
    sgm005,
    sgm006,
    eci001,
    eci002,
    eci003,
    eci004,
    eci005,
    eci006,
    eci007,
    eci008,
    eci009,
    eci010,
    eci011,
    eci012,
    eci013,
    eci014,
    eci015,
    eci016,
    eci017,
    eci018,
    eci019,
    eci020,
    eci021,
    eci022,
    eci023,
    eci024,
    eci025,
    eci026,
    eci027,
    eci028,
    eci030,
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
    ekf011,
    ekf012,
    ekf013,
    ekf014,
    dat001,
    wrk001,
    wrk002,
    wrk003,
    wrk004,
    wrk005,
    wrk006,
    wrk009,
    wrk010,
    wrk011,
    wrk012,
    wrk013,
    wrk014,
    wrk015,
    wrk016,
    exm001,
    exm002,
}
