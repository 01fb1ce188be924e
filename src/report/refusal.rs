//! A decision as a refusal: what, why, the price, and what keeps the workload all the same.

use jiff::{ToSpan, civil::Date};

use super::{
    advice::{self, services},
    warning::{Verb, fits, handle, is_unread, scan},
};
use crate::{
    decide::{Decision, Finding},
    evidence::exemption::{END, PLACEHOLDER, REASON},
    observe::{Key, Kind},
    policy::{DenyOn, Exemptions},
};

/// An end that a refusal proposes when the policy sets no nearer one, in days.
const PROPOSED: i64 = 90;

/// Annotations that aren't read, before the rest goes without saying.
const UNREAD_MAX: usize = 3;

/// Whether the workload is there already, and so can be annotated where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    Yes,
    NotYet,
}

/// Who says the workload's exemption, as far as one does. An annotation on the object alone doesn't outlive the next
/// apply of a file that says it otherwise, or that said it before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exempted {
    Never,
    /// What was sent: it isn't enough.
    AsSent,
    /// The object that was there, whether or not it held; what was sent says nothing of it any more.
    Dropped {
        held: bool,
    },
}

/// What is refused, and why.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    pub key: &'a Key,
    pub ground: DenyOn,
    /// What says that nothing of it runs, where the decision is about it as if it ran.
    pub at_rest: Option<&'a Finding>,
    pub stored: Stored,
    pub exempted: Exempted,
    pub today: Option<Date>,
}

/// What a person reads who was refused. It claims what the cluster shows and no more: what isn't applied yet, such as
/// an autoscaler, could change it.
pub fn refusal(decision: &Decision, case: &Case<'_>, exemptions: &Exemptions) -> String {
    let Case { key, ground, at_rest, stored, exempted, today } = *case;
    let name = handle(key);
    let namespace = &key.namespace;
    let mut lines = Vec::new();
    if let Some(recommendation) = &decision.recommendation {
        let supposed = at_rest.filter(|finding| finding.field != "spec.schedule");
        let (running, verb) = supposed.map_or(("", Verb::Fits), |_| ("Were it running, ", Verb::WouldFit));
        lines.push(format!("{running}{}.", fits(&name, verb, recommendation, services(decision))));
    }
    let alone = decision.recommendation.as_ref().and_then(|best| advice::alone(decision, best));
    lines.extend(alone.map(|alone| format!("Moved alone it {alone} a month while the cluster stays.")));
    let reason = decision.finding("PRM001").or_else(|| decision.findings.iter().find(|f| is_data(&f.rule)));
    match (reason, &decision.recommendation) {
        (Some(finding), _) => lines.push(format!("Why: {} ({}).", finding.message, finding.rule)),
        (None, Some(recommendation)) => lines.push(format!("Why: {}", recommendation.summary)),
        (None, None) => {}
    }
    if exempted == (Exempted::Dropped { held: true }) {
        lines.push(format!("This change takes its exemption away: {REASON} is gone."));
    }
    if let Some(finding) = decision.findings.iter().find(|finding| finding.family() == "EXM") {
        lines.push(format!("Its exemption: {} ({}).", finding.message, finding.rule));
    }
    // A misspelt exemption is why people are here.
    for finding in decision.findings.iter().filter(|finding| is_unread(finding)).take(UNREAD_MAX) {
        lines.push(format!("Not read: {} ({}).", finding.message, finding.rule));
    }
    if let Some(Finding { field, value, .. }) = at_rest {
        lines.push(match key.kind {
            // Nobody knows which other one it would get.
            Kind::CronJob if field == "spec.schedule" => {
                format!("{field}: {value}. It is judged as it stands; another schedule is judged when it is applied.")
            }
            kind => {
                // An update that does nothing else goes through.
                let started = match kind {
                    Kind::CronJob | Kind::Job | Kind::ScaledJob => "resuming it",
                    Kind::DaemonSet => "running it on a node",
                    _ => "scaling it up",
                };
                format!("{field}: {value} now. It is judged as if it ran, for {started} later is never refused.")
            }
        });
    }
    lines.push(format!(
        "Namespace {namespace} refuses {ground}, judged by what is in the cluster now: Services, autoscalers, roles \
         and policies that it needs may be applied first."
    ));
    if stored == Stored::NotYet {
        // No profile comes of it that could say the rest.
        lines.push(format!("All of it: {}", scan(key)));
    }
    let until = until(exemptions, today);
    let with = format!(
        "{REASON}='{PLACEHOLDER}'{}",
        until.map_or_else(String::new, |date| { format!(" {END}={date}") })
    );
    lines.push(match (stored, exempted) {
        (Stored::Yes, Exempted::Never) => format!("To keep it here:\n  kubectl annotate {name} -n {namespace} --overwrite {with}\nand apply again."),
        (_, exempted) => {
            // kubectl refuses to change one that is there.
            let over = if exempted == Exempted::AsSent { "--overwrite " } else { "" };
            format!(
                "To keep it here:\n  kubectl annotate --local -f FILE {over}{with} -o yaml | kubectl apply -n {namespace} -f -\n\
                 where FILE holds it alone, or write these annotations into its manifest."
            )
        }
    });
    lines.join("\n")
}

fn is_data(rule: &str) -> bool {
    rule.starts_with("DAT")
}

/// The latest end that the policy grants, or one that makes people think again.
fn until(exemptions: &Exemptions, today: Option<Date>) -> Option<Date> {
    let days = exemptions.maximum_days().map_or(PROPOSED, |most| most.min(PROPOSED));
    today?.checked_add(days.days()).ok()
}
