//! A person's decision to keep a workload where it is: read from its annotations, held to the policy's limits.

use jiff::{ToSpan, civil::Date};

use crate::{
    facts::{Exemption, ExemptionState},
    observe::{Observed, Workload},
    policy::Exemptions,
    printable,
};

/// Why the workload stays.
pub const REASON: &str = "berth.dev/exempt";
/// The last day on which it does, in UTC.
pub const END: &str = "berth.dev/exempt-until";

/// What stands for the reason in a command that is shown. Pasted as it is, it's none.
pub const PLACEHOLDER: &str = "WHY IT STAYS";

/// An end is announced for this many days before it.
const SOON: i64 = 7;

/// Whether a workload's exemption may change with the day.
pub fn is_asked_for(workload: &Workload) -> bool {
    [REASON, END].iter().any(|name| workload.annotations.contains_key(*name))
}

/// The exemption that a workload's annotations ask for, and whether it holds today.
pub fn exemption(observed: &Observed, limits: &Exemptions) -> Option<Exemption> {
    let annotation = |name: &str| observed.workload.annotations.get(name).map(|text| text.trim());
    let (marked, until) = (annotation(REASON), annotation(END).filter(|text| !text.is_empty()));
    let is = |words: &[&str]| marked.is_some_and(|text| words.iter().any(|w| text.eq_ignore_ascii_case(w)));
    // Says that it isn't exempt.
    if is(&["false", "no"]) || (marked.is_none() && until.is_none()) {
        return None;
    }
    let reason = marked.filter(|text| !text.is_empty() && !is(&["true", "yes"]));
    let state = match (marked, until.map(|text| days_left(text, observed.today))) {
        (None, _) => ExemptionState::NoReason,
        (_, Some(None)) => ExemptionState::Unreadable,
        _ if is(&[PLACEHOLDER]) => ExemptionState::Placeholder,
        (_, Some(Some(left))) if left < 0 => ExemptionState::Expired,
        _ if reason.is_none() && limits.require_reason => ExemptionState::NoReason,
        (_, None) if limits.maximum_days().is_some() => ExemptionState::NoEnd,
        (_, Some(Some(left))) if limits.maximum_days().is_some_and(|most| left > most) => {
            ExemptionState::TooLong
        }
        (_, Some(Some(left))) if left <= SOON => ExemptionState::EndsSoon,
        _ => ExemptionState::Valid,
    };
    let latest = limits
        .maximum_days()
        .filter(|_| state == ExemptionState::TooLong)
        .and_then(|most| observed.today?.checked_add(most.days()).ok());
    Some(Exemption {
        state,
        latest,
        reason: reason.map(|text| printable::line(text).into_owned()),
        until: until.map(str::to_owned),
    })
}

/// Days until the end, negative after it. Without a date of today no end can be judged.
fn days_left(until: &str, today: Option<Date>) -> Option<i64> {
    // Exactly year-month-day: a time of day would need a zone to be a promise.
    let end: Date = until.parse().ok().filter(|_| until.len() == "2026-12-31".len())?;
    Some(i64::from(today?.until(end).ok()?.get_days()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::observe::{Index, Key, Kind, manifest::Manifests};

    fn state(annotations: &str, limits: &Exemptions) -> Option<ExemptionState> {
        read(annotations, limits).map(|exemption| exemption.state)
    }

    fn read(annotations: &str, limits: &Exemptions) -> Option<Exemption> {
        let text = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, annotations: {{{annotations}}}}}\n\
             spec: {{template: {{spec: {{containers: [{{name: web, image: web}}]}}}}}}\n"
        );
        let mut manifests = Manifests::default();
        manifests.text("test.yaml", &text);
        let mut index = Index::default();
        index.date("2026-06-01".parse().unwrap());
        for (_, object) in manifests.objects {
            index.put(object);
        }
        let key = Key { namespace: "default".into(), kind: Kind::Deployment, name: "web".into() };
        let workload: Arc<_> = index.observe(&key).unwrap().workload;
        exemption(&index.observe_as(workload), limits)
    }

    fn until(date: &str, limits: &Exemptions) -> ExemptionState {
        let annotations = format!("berth.dev/exempt: licence, berth.dev/exempt-until: '{date}'");
        state(&annotations, limits).unwrap()
    }

    #[test]
    fn it_holds_through_its_last_day() {
        let any = Exemptions::default();
        assert_eq!(until("2026-05-31", &any), ExemptionState::Expired);
        assert_eq!(until("2026-06-01", &any), ExemptionState::EndsSoon);
        assert_eq!(until("2026-06-08", &any), ExemptionState::EndsSoon);
        assert_eq!(until("2026-06-09", &any), ExemptionState::Valid);
        assert_eq!(state("berth.dev/exempt: licence", &any), Some(ExemptionState::Valid));
    }

    #[test]
    fn what_isnt_a_date_is_told() {
        for date in ["soon", "01.07.2026", "2026-13-01", "2026-07-01T00:00:00Z", "20260701"] {
            assert_eq!(until(date, &Exemptions::default()), ExemptionState::Unreadable, "{date}");
        }
    }

    #[test]
    fn the_policy_limits_it() {
        let limits = Exemptions { maximum_duration: Some("90d".into()), ..Exemptions::default() };
        assert_eq!(until("2026-08-30", &limits), ExemptionState::Valid);
        assert_eq!(until("2026-08-31", &limits), ExemptionState::TooLong);
        let late = read("berth.dev/exempt: licence, berth.dev/exempt-until: '2026-08-31'", &limits);
        assert_eq!(late.unwrap().latest, Some("2026-08-30".parse().unwrap()));
        assert_eq!(state("berth.dev/exempt: licence", &limits), Some(ExemptionState::NoEnd));
        assert_eq!(state("berth.dev/exempt: 'true'", &limits), Some(ExemptionState::NoReason));
        let anyhow = Exemptions { require_reason: false, maximum_duration: None };
        assert_eq!(state("berth.dev/exempt: 'true'", &anyhow), Some(ExemptionState::Valid));
        assert_eq!(state("berth.dev/exempt-until: '2027-01-01'", &anyhow), Some(ExemptionState::NoReason));
    }

    #[test]
    fn a_placeholder_is_no_reason_even_where_none_is_asked_for() {
        let any = Exemptions { require_reason: false, maximum_duration: None };
        for pasted in [PLACEHOLDER, "why it stays", "' WHY IT STAYS '"] {
            let annotations = format!("berth.dev/exempt: {pasted}, berth.dev/exempt-until: '2026-08-30'");
            assert_eq!(state(&annotations, &any), Some(ExemptionState::Placeholder), "{pasted}");
        }
        assert_eq!(state("berth.dev/exempt: why it stays is in ADR 12", &any), Some(ExemptionState::Valid));
    }

    #[test]
    fn saying_no_is_no_exemption() {
        let any = Exemptions { require_reason: false, maximum_duration: None };
        assert_eq!(state("berth.dev/exempt: 'false'", &any), None);
        assert_eq!(state("", &any), None);
    }
}
