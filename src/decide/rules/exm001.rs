//! EXM001: an exemption that doesn't hold.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, ExemptionState},
};

pub const RULE: Rule = Rule {
    code: "EXM001",
    name: "exemption-fails",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "berth.dev/exempt and berth.dev/exempt-until on the workload, against today's date in UTC and the \
                 limits of the policy (exemptions.requireReason, exemptions.maximumDuration).",
        matters: "An exemption is a decision with an end. When it has ended, or is more than the policy grants, the \
                  workload is judged as if it weren't there.",
        todo: "Decide again: write a reason and a later date, such as berth.dev/exempt-until: \"2027-03-31\", or \
               remove both annotations.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {berth.dev/exempt: licence bound to the node, berth.dev/exempt-until: '2025-12-31'}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {berth.dev/exempt: licence bound to the node, berth.dev/exempt-until: '2999-12-31'}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
};

const REASON: &str = "metadata.annotations[berth.dev/exempt]";
const END: &str = "metadata.annotations[berth.dev/exempt-until]";

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let exemption = evidence.exemption.as_ref()?;
    let reason = exemption.reason.as_deref().unwrap_or("no reason");
    let until = exemption.until.as_deref().unwrap_or("missing");
    let (field, value, because) = match exemption.state {
        ExemptionState::Valid | ExemptionState::EndsSoon => return None,
        ExemptionState::Expired => (END, until, "the exemption ended: renew it or remove it"),
        ExemptionState::Unreadable => (END, until, "the exemption needs a date such as 2027-03-31"),
        ExemptionState::TooLong => {
            let Some(latest) = exemption.latest else {
                return Some(Found::notes(END, until, "later than the policy allows: give an earlier date"));
            };
            let because = format!("the policy allows {latest} at most");
            return Some(Found::notes(END, until, because));
        }
        ExemptionState::NoEnd => (END, until, "the policy asks for an end: give a date"),
        ExemptionState::Placeholder => {
            (REASON, reason, "that is the placeholder: write the reason in its place")
        }
        ExemptionState::NoReason => (REASON, reason, "an exemption must say why"),
    };
    Some(Found::notes(field, value, because))
}
