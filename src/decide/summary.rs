//! The recommendation in a sentence or two: the reason first, then the price, and what decides it where that is open.

use super::{Finding, Fit, OpenQuestion, Verdict, placement::Placed, saving, targets::Question};
use crate::{
    amount,
    facts::{Lifetime, Trait},
};

/// What is to be told of.
pub struct Case<'a> {
    pub question: &'a Question<'a>,
    pub findings: &'a [Finding],
    pub now: &'a Placed,
    pub best: &'a Placed,
}

impl Case<'_> {
    /// Why this target, and what it costs against where the workload runs.
    pub fn summary(&self, verdict: Verdict, open: &[OpenQuestion]) -> String {
        let Case { now, best, .. } = self;
        let (here, there) = (now.target.title(), best.target.title());
        // Whatever it is and wherever: nothing of it costs anything.
        if let Some((at, nothing)) =
            self.question.evidence.at_rest().filter(|_| verdict == Verdict::WellPlaced)
        {
            return format!(
                "Nothing of it runs ({at}: {nothing}), so that it costs nothing here or elsewhere."
            );
        }
        if best.target == now.target {
            return format!("{}.", self.holds());
        }
        if now.fit == Fit::Excluded {
            return format!("{here} can't hold it; {there} does for {} a month.", price(best));
        }
        match verdict {
            Verdict::WellPlaced => self.stays(),
            Verdict::Undetermined => self.depends(open),
            Verdict::Misplaced | Verdict::Exempt => {
                format!("{}, {here} costs {}.", self.holds(), price(now))
            }
        }
    }

    /// "It runs and ends; AWS Batch holds it for $121 a month".
    fn holds(&self) -> String {
        let (there, price) = (self.best.target.title(), price(self.best));
        match self.reason() {
            Some(reason) => format!("{reason}; {there} holds it for {price} a month"),
            None => format!("{there} is the cheapest that surely holds it: {price} a month"),
        }
    }

    /// Something else would be cheaper, and not by enough.
    fn stays(&self) -> String {
        let Case { now, best, .. } = self;
        let saving = saving::that_counts(now, best);
        let least = amount::write_dollars(self.question.policy.minimum_monthly_saving);
        let (here, there) = (now.target.title(), best.target.title());
        let stays = match self.reason() {
            Some(reason) => format!("{reason}; it stays on {here}"),
            None => format!("It stays on {here}"),
        };
        if saving.high <= 0.0 {
            return format!("{stays}: {there}, the cheapest if it started anew, would save nothing here.");
        }
        let most = if saving.low > 0.0 {
            amount::write_range(saving.low, saving.high)
        } else {
            format!("at most {}", amount::write_dollars(saving.high))
        };
        format!("{stays}: {there} would save {most}, below the {least} a month that policy asks for.")
    }

    /// Whether it saves enough hangs on what isn't known.
    fn depends(&self, open: &[OpenQuestion]) -> String {
        let Case { now, best, .. } = self;
        let saving = saving::that_counts(now, best);
        let least = amount::write_dollars(self.question.policy.minimum_monthly_saving);
        let copies = self.question.evidence.copies.value();
        let settles = match (open, copies) {
            ([first, ..], _) => format!("What settles it: {}", lower(&first.question)),
            ([], Some(copies)) if copies.min < copies.max => format!(
                "No answer settles it: its copies vary from {} to {}.",
                amount::trim(copies.min),
                amount::trim(copies.max)
            ),
            ([], _) => "No single answer settles it.".to_owned(),
        };
        format!(
            "Against {}, {} {} a month; policy asks for a saving of {least}. {settles}",
            now.target.title(),
            best.target.title(),
            amount::write_saving(saving.low, saving.high),
        )
    }

    /// The one thing about the workload that speaks most for the target.
    fn reason(&self) -> Option<String> {
        let evidence = self.question.evidence;
        let fired = |code: &str| self.findings.iter().any(|finding| finding.rule == code);
        if fired("EKS001") {
            let calls = evidence.signal(Trait::KubernetesApi).is_some();
            return Some(format!("It {} the Kubernetes API", if calls { "calls" } else { "may call" }));
        }
        if let Some(own) = self.findings.iter().find(|finding| finding.rule == "EKS020") {
            let by = if own.field.ends_with("namespace") { "namespace" } else { "image" };
            return Some(format!("It serves the cluster itself, as its {by} tells"));
        }
        if fired("EKS019") {
            return Some("It keeps room on the cluster's nodes".to_owned());
        }
        if let Some(data) = self.findings.iter().find(|finding| finding.family() == "DAT") {
            return Some(format!("It runs a datastore ({})", data.value));
        }
        if fired("PRM001") && !self.best.target.is_kubernetes() {
            return Some(match evidence.subject.kind.as_str() {
                "Deployment" => "It uses nothing of Kubernetes but Deployment and Service".to_owned(),
                kind => format!("It is a {kind}, and uses nothing more of Kubernetes"),
            });
        }
        if evidence.signal(Trait::SharedGpu).is_some() {
            return Some("It needs a part of a GPU".to_owned());
        }
        if evidence.gpus > 0.0 {
            let plural = if evidence.gpus > 1.0 { "s" } else { "" };
            return Some(format!("It needs {} GPU{plural}", amount::trim(evidence.gpus)));
        }
        if evidence.signal(Trait::Neuron).is_some() {
            return Some("It needs Neuron".to_owned());
        }
        match evidence.lifetime {
            Lifetime::PerNode => Some("It runs on every node".to_owned()),
            Lifetime::Run | Lifetime::Scheduled => Some("It runs and ends".to_owned()),
            Lifetime::Service => None,
        }
    }
}

fn price(placed: &Placed) -> String {
    let total = placed.cost.total();
    amount::write_range(total.low, total.high)
}

/// A question in the middle of a sentence.
fn lower(question: &str) -> String {
    let mut letters = question.chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
}
