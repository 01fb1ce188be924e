//! The platform's verdict as the status of the PlatformProfile.

use crate::{
    api::{Condition, PlatformProfileStatus},
    decide::platform::{Justification, PlatformVerdict},
};

/// The report's part of the status. A condition that didn't change keeps the time of `previous`; `now` is RFC 3339.
pub fn status(
    verdict: &PlatformVerdict,
    cluster_name: &str,
    generation: Option<i64>,
    previous: &PlatformProfileStatus,
    now: &str,
) -> PlatformProfileStatus {
    let justified = match verdict.verdict {
        Justification::Justified => "True",
        Justification::NotJustified => "False",
        Justification::Undetermined => "Unknown",
    };
    let reason = verdict.reasons.first().map_or("Judged", |reason| reason.reason.as_str());
    let conditions = [("Ready", "True", "Judged"), ("Justified", justified, reason)]
        .into_iter()
        .map(|(type_, status, reason)| {
            let before = previous.conditions.iter().find(|c| c.type_ == type_ && c.status == status);
            Condition {
                type_: type_.to_owned(),
                status: status.to_owned(),
                reason: reason.to_owned(),
                message: verdict.summary.clone(),
                last_transition_time: before
                    .map_or_else(|| now.to_owned(), |c| c.last_transition_time.clone()),
                observed_generation: generation,
            }
        })
        .collect();
    PlatformProfileStatus {
        cluster_name: Some(cluster_name.to_owned()),
        platform: Some(verdict.clone()),
        conditions,
        ..PlatformProfileStatus::default()
    }
}

/// Whether what is stored says all that would be written. It may say more: others write there too.
pub fn says_the_same(stored: &PlatformProfileStatus, written: &PlatformProfileStatus) -> bool {
    stored.platform == written.platform
        && stored.cluster_name == written.cluster_name
        && written.conditions.iter().all(|condition| stored.conditions.contains(condition))
}
