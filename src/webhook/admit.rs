//! From the bytes of an AdmissionReview to the bytes of the answer. Pure, given what the cluster looks like.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tracing::{debug, warn};

use super::review::{Refusal, Reply, Request, Review, VERSION};
use crate::{
    decide::Decision,
    evidence::{
        exemption::{exemption, is_asked_for},
        image,
    },
    misread::in_words,
    observe::{
        Kind, Object, Observed, Workload,
        custom::{self, Custom, Cut},
        workload,
    },
    operator::{Evaluator, Panicked, View},
    policy::{Before, Exemptions, Mode, Outcome},
    report::{
        refusal::{Case, Exempted, Stored, refusal},
        warning::{Rest, warnings},
    },
    selector::Selector,
};

/// What the webhook decides by.
#[derive(Clone, Debug)]
pub struct Admission {
    pub view: Arc<View>,
    pub evaluator: Evaluator,
    /// The namespaces for which the API server asks the webhook that refuses; none where it isn't registered.
    pub denied: Option<Arc<Selector>>,
}

/// The rule that tells of what doesn't run as it stands.
const AT_REST: &str = "WRK010";

/// Which of the two webhooks is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// `warn.berth.dev`, which lets everything through.
    ToWarn,
    /// `deny.berth.dev`, which says nothing of what it lets through.
    ToDeny,
}

/// The answer to one request.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// An AdmissionReview, and what it was for the metric.
    Review { body: Vec<u8>, decision: &'static str },
    /// Not a review that can be answered, and why.
    Invalid(String),
}

/// What there is to say about a request.
struct Said {
    decision: &'static str,
    warnings: Vec<String>,
    refusal: Option<Refusal>,
}

impl Said {
    fn nothing(decision: &'static str) -> Self {
        Said { decision, warnings: Vec::new(), refusal: None }
    }

    fn or_quiet(self) -> Self {
        if self.warnings.is_empty() { Said::nothing("quiet") } else { self }
    }
}

impl Admission {
    /// Answers a review. Whatever can't be read or decided on is let through.
    pub fn answer(&self, asked: Asked, body: &[u8]) -> Answer {
        let review: Review<'_> = match serde_json::from_slice(body) {
            Ok(review) => review,
            Err(error) => return Answer::Invalid(format!("not an AdmissionReview: {error}")),
        };
        let Some(request) = review.request else {
            return Answer::Invalid("the AdmissionReview has no request".to_owned());
        };
        if request.uid.is_empty() {
            return Answer::Invalid("the AdmissionReview's request has no uid".to_owned());
        }
        let said = if review.api_version == VERSION {
            self.look(asked, &request)
        } else {
            warn!(
                version = &*review.api_version,
                "an AdmissionReview of another version than {VERSION} was let through"
            );
            Said::nothing("ignored")
        };
        let reply = match &said.refusal {
            Some(refusal) => Reply::refused(&request.uid, refusal),
            None => Reply::allowed(&request.uid, &said.warnings),
        };
        match serde_json::to_vec(&reply) {
            Ok(body) => Answer::Review { body, decision: said.decision },
            Err(error) => Answer::Invalid(error.to_string()),
        }
    }

    fn look(&self, asked: Asked, request: &Request<'_>) -> Said {
        let main = request.sub_resource.as_deref().unwrap_or_default().is_empty();
        let (Some(kind), Some(object), true) = (kind_of(request), request.object, main) else {
            return Said::nothing("ignored");
        };
        if !matches!(&*request.operation, "CREATE" | "UPDATE") {
            return Said::nothing("ignored");
        }
        let workload = match read(kind, object, request) {
            Ok(Some(workload)) => workload,
            Ok(None) => return Said::nothing("ignored"),
            Err(reason) => {
                warn!(uid = &*request.uid, %kind, "an object to admit can't be read: {reason}");
                return Said::nothing("unreadable");
            }
        };
        if workload.owned {
            return Said::nothing("ignored");
        }
        let old = request.old_object.and_then(|old| read(kind, old, request).ok().flatten());
        self.judge(asked, workload, old, request.dry_run == Some(true))
    }

    /// What there is to say about a workload, unless it's as it was in all that a decision uses.
    fn judge(&self, asked: Asked, workload: Workload, old: Option<Workload>, dry_run: bool) -> Said {
        let key = workload.key.clone();
        let stored = if old.is_some() { Stored::Yes } else { Stored::NotYet };
        let (observed, before, profile) = self.view.read(|seen| {
            let before = old.map(|mut old| {
                retag(&mut old, &workload);
                seen.index.observe_as(Arc::new(old))
            });
            // A person may have named it otherwise.
            let profile = seen.profiles.of(&key).map(|profile| profile.name.clone());
            (seen.index.observe_as(Arc::new(workload)), before, profile)
        });
        let decision = match self.decide(&observed, before.as_ref()) {
            Ok(Some(decision)) => decision,
            Ok(None) => return Said::nothing("unchanged"),
            Err(panicked) => {
                warn!(workload = %key, "{panicked}");
                return Said::nothing("failed");
            }
        };
        let judged = self.running(&observed, &decision, before.as_ref()).and_then(|running| {
            let (observed, decision) =
                running.as_ref().map_or((&observed, &decision), |(observed, decision)| (observed, decision));
            Ok((self.outcome(observed, decision, before.as_ref())?, running.map(|(_, decision)| decision)))
        });
        let (outcome, running) = match judged {
            Ok(judged) => judged,
            Err(panicked) => {
                warn!(workload = %key, "{panicked}");
                return Said::nothing("failed");
            }
        };
        debug!(workload = %key, verdict = %decision.verdict, ?asked, ?outcome, "admitted");
        match (asked, outcome) {
            (_, Outcome::Allow) => Said::nothing("quiet"),
            (Asked::ToDeny, Outcome::Warn) => Said::nothing("quiet"),
            (Asked::ToDeny, Outcome::Refuse(ground)) => {
                let exemptions = &self.evaluator.in_force().policy.exemptions;
                let at_rest = decision.finding(AT_REST).filter(|_| running.is_some());
                let exempted = exempted(&observed, before.as_ref(), exemptions);
                let case = Case { key: &key, ground, at_rest, stored, exempted, today: observed.today };
                let message = refusal(running.as_ref().unwrap_or(&decision), &case, exemptions);
                let refusal = Some(Refusal { ground, message });
                Said { refusal, ..Said::nothing("refused") }
            }
            // The refusal says it all, and a warning beside it would say it twice.
            (Asked::ToWarn, Outcome::Refuse(_)) if self.denies_in(&observed) => Said::nothing("quiet"),
            (Asked::ToWarn, _) => {
                let refused =
                    matches!(self.evaluator.ruling(&observed).outcome(&decision), Outcome::Refuse(_));
                let let_through = refused && outcome == Outcome::Warn && self.denies_in(&observed);
                let rest = match &profile {
                    Some(name) => Rest::Profile(name),
                    None if dry_run => Rest::NoProfile,
                    None => Rest::NewProfile,
                };
                let warnings = warnings(&decision, &key, rest, let_through);
                Said { warnings, ..Said::nothing("warned") }.or_quiet()
            }
        }
    }

    /// The decision, unless all that it uses is as it was before.
    fn decide(&self, observed: &Observed, before: Option<&Observed>) -> Result<Option<Decision>, Panicked> {
        if before.is_some_and(|before| before.workload == observed.workload) {
            return Ok(None);
        }
        let evidence = self.evaluator.evidence(observed)?;
        let before = before.map(|before| self.evaluator.evidence(before)).transpose()?;
        if before.as_ref() == Some(&evidence) {
            Ok(None)
        } else {
            self.evaluator.decide_on(&evidence).map(Some)
        }
    }

    /// What is done about it, given what it was before.
    fn outcome(
        &self,
        observed: &Observed,
        decision: &Decision,
        before: Option<&Observed>,
    ) -> Result<Outcome, Panicked> {
        let ruling = self.evaluator.ruling(observed);
        let (Outcome::Refuse(_), Some(before)) = (ruling.outcome(decision), before) else {
            return Ok(ruling.outcome(decision));
        };
        // Whoever answers a question isn't refused for it, nor who resumes what was paused: the old object is judged by
        // the answers of the new one, and as if it ran as that does. An exemption is no answer.
        let mut before = before.running(Some(&observed.workload));
        let answers = observed.workload.answers.clone();
        before.workload = Arc::new(Workload { answers, ..Workload::clone(&before.workload) });
        let evidence = self.evaluator.evidence(&before)?;
        if evidence == self.evaluator.evidence(observed)? {
            return Ok(ruling.outcome_after(decision, Before::Same));
        }
        let before = self.evaluator.decide_on(&evidence)?;
        Ok(ruling.outcome_after(decision, Before::Judged(&before)))
    }

    /// What is at rest in Deny, as if it ran: nobody asks when it's scaled up, so what would be refused then is refused
    /// now.
    fn running(
        &self,
        observed: &Observed,
        decision: &Decision,
        before: Option<&Observed>,
    ) -> Result<Option<(Observed, Decision)>, Panicked> {
        if decision.finding(AT_REST).is_none() || self.evaluator.ruling(observed).mode != Mode::Deny {
            return Ok(None);
        }
        let running = observed.running(before.map(|before| &*before.workload));
        let decision = self.evaluator.decide_on(&self.evaluator.evidence(&running)?)?;
        Ok(Some((running, decision)))
    }

    /// Whether the API server asks the webhook that refuses about this workload's namespace.
    fn denies_in(&self, observed: &Observed) -> bool {
        self.denied.as_ref().is_some_and(|denied| denied.matches(&observed.namespace_labels()))
    }
}

/// Who says the workload's exemption, now or before this change.
fn exempted(observed: &Observed, before: Option<&Observed>, limits: &Exemptions) -> Exempted {
    if is_asked_for(&observed.workload) {
        return Exempted::AsSent;
    }
    match before.and_then(|before| exemption(before, limits)) {
        Some(exemption) => Exempted::Dropped { held: exemption.holds() },
        None => Exempted::Never,
    }
}

/// Gives the old object the new one's tags: which build runs changes nothing that a decision uses.
fn retag(old: &mut Workload, new: &Workload) {
    let (old, new) = (&mut old.template.spec, &new.template.spec);
    let containers = (old.containers.iter_mut().zip(&new.containers))
        .chain(old.init_containers.iter_mut().zip(&new.init_containers))
        .map(|(old, new)| (&mut old.image, &new.image));
    let volumes =
        old.volumes.iter_mut().zip(&new.volumes).filter_map(|(old, new)| {
            Some((&mut old.image.as_mut()?.reference, &new.image.as_ref()?.reference))
        });
    for (old, new) in containers.chain(volumes) {
        if let (Some(before), Some(after)) = (&*old, new)
            && image::repository(before) == image::repository(after)
        {
            old.clone_from(new);
        }
    }
}

fn kind_of(request: &Request<'_>) -> Option<Kind> {
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == request.kind.kind)?;
    // The core group has no name.
    let group = kind.api_version().split_once('/').map_or("", |(group, _)| group);
    (group == request.kind.group).then_some(kind)
}

/// Reads an object of this kind, unless it's about a workload instead of being one; the request knows its namespace
/// and name better than a new object does.
fn read(kind: Kind, object: &RawValue, request: &Request<'_>) -> Result<Option<Workload>, String> {
    let read = match kind {
        Kind::Deployment => parse::<workload::Deployment>(object),
        Kind::StatefulSet => parse::<workload::StatefulSet>(object),
        Kind::DaemonSet => parse::<workload::DaemonSet>(object),
        Kind::Job => parse::<workload::Job>(object),
        Kind::CronJob => parse::<workload::CronJob>(object),
        Kind::Pod => parse::<workload::Pod>(object),
        Kind::ReplicaSet => parse::<workload::ReplicaSet>(object),
        Kind::ReplicationController => parse::<workload::ReplicationController>(object),
        Kind::Rollout => parse_custom::<custom::Rollout>(object),
        Kind::ScaledJob => parse_custom::<custom::ScaledJob>(object),
    }?;
    let Some(mut workload) = read else { return Ok(None) };
    if workload.template.spec.containers.is_empty() {
        return Err(format!("{}.containers: missing, and the API server requires it", kind.pod_path()));
    }
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if let Some(namespace) = given(&request.namespace) {
        workload.key.namespace = namespace;
    }
    if let Some(name) = given(&request.name) {
        workload.key.name = name;
    }
    Ok(Some(workload))
}

fn parse<K: DeserializeOwned + Into<Workload>>(object: &RawValue) -> Result<Option<Workload>, String> {
    deserialize::<K>(object).map(|object| Some(object.into()))
}

fn parse_custom<S: Cut>(object: &RawValue) -> Result<Option<Workload>, String> {
    match deserialize::<Custom<S>>(object)?.into() {
        Object::Workload(workload) => Ok(Some(*workload)),
        _ => Ok(None),
    }
}

fn deserialize<K: DeserializeOwned>(object: &RawValue) -> Result<K, String> {
    // Keeping track of where it is takes longer than reading, so that only what can't be read pays for it.
    if let Ok(read) = serde_json::from_str(object.get()) {
        return Ok(read);
    }
    let mut deserializer = serde_json::Deserializer::from_str(object.get());
    serde_path_to_error::deserialize::<_, K>(&mut deserializer)
        .map_err(|error| format!("{}: {}", error.path(), in_words(&error.inner().to_string())))
}
