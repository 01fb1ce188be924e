//! A decision as admission warnings: at most three lines of at most 120 characters, the reason first.

use std::borrow::Cow;

use super::advice;
use crate::{
    amount,
    catalog::Target,
    clip::{clip, clip_middle},
    decide::{Decision, Finding, Interval, OpenQuestion, Recommendation, Verdict, rules::short},
    observe::Key,
    printable,
};

/// The API server cuts nothing below this.
pub const LINE_MAX: usize = 120;
/// More lines than this are noise beside kubectl's own.
const LINES_MAX: usize = 3;
/// Why Deny doesn't refuse it, shorter where the name is long.
const LET_THROUGH: [&str; 2] = [
    ": Deny lets it through, as it was no better placed before; created again it is refused",
    ": created again it is refused (Deny)",
];
/// What is left of a kind with its name at least.
const NAME_MIN: usize = 20;

/// Where the rest can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest<'a> {
    /// In its profile, which has this name.
    Profile(&'a str),
    /// In the profile that comes of it once it's admitted.
    NewProfile,
    /// In none: a dry run leaves nothing behind.
    NoProfile,
}

/// What a person sees on `kubectl apply`: what it fits and what that costs, the reason, what would change it.
/// Nothing when there is nothing to do. Every line names the workload: kubectl prints equal lines once.
/// `let_through` says that Deny would refuse it anew.
pub fn warnings(decision: &Decision, key: &Key, rest: Rest<'_>, let_through: bool) -> Vec<String> {
    let name = handle(key);
    // What follows from it gives way before its code does.
    let told = |finding: &Finding| {
        let short = finding.message.split_once("; ").map_or(&*finding.message, |(what, _)| what);
        let said = [&*finding.message, short].into_iter();
        line(&name, said.map(|said| format!(": {said} ({})", finding.rule)))
    };
    let mut lines = Vec::new();
    // Answers that aren't read, whichever way.
    let mut unread: Vec<&Finding> = decision.findings.iter().filter(|finding| is_unread(finding)).collect();
    // The workload's own are more urgent than its namespace's, of which every workload tells.
    unread.sort_by_key(|of| (of.field.starts_with("Namespace "), of.rule.clone()));
    match unread.as_slice() {
        [] => {}
        [one] => lines.push(told(one)),
        several => lines.push(all_unread(&name, several)),
    }
    for code in ["EXM001", "EXM002"] {
        lines.extend(decision.finding(code).map(told));
    }
    let primitives = decision.finding("PRM001");
    let best = decision.recommendation.as_ref();
    let pushed_out = lines.len() >= LINES_MAX - 1;
    match (decision.verdict, best) {
        (Verdict::Misplaced, Some(best)) => {
            lines.push(fits(&name, Verb::Fits, best, advice::services(decision)));
            lines.extend(let_through.then(|| line(&name, LET_THROUGH.map(str::to_owned))));
            let reason = primitives.or_else(|| decision.findings.iter().find(|f| f.family() == "DAT"));
            let image = || decision.finding("LMB024").filter(|_| best.target == Target::Lambda);
            let reason = reason.or_else(image);
            lines.extend(reason.map(told));
        }
        (Verdict::Undetermined, best) => {
            lines.extend(best.map(|best| undetermined(&name, best, advice::saving(decision, best))));
            lines.extend(decision.open_questions.first().map(|question| open(&name, question)));
        }
        // A decision was made; only its end is news.
        (Verdict::Exempt, _) => {}
        _ => lines.extend(primitives.map(told)),
    }
    if lines.is_empty() {
        return lines;
    }
    lines.truncate(LINES_MAX - 1);
    let misplaced = best.filter(|_| decision.verdict == Verdict::Misplaced);
    if let Some(best) = misplaced.filter(|_| pushed_out) {
        // The price before the command: nothing else says it.
        lines.push(fits(&name, Verb::Fits, best, None));
        return lines;
    }
    let alone = misplaced.and_then(|best| advice::alone(decision, best));
    lines.push(why(&name, key, rest, alone.as_deref()));
    lines
}

/// Whether it tells of an answer that can't be read or isn't known.
pub(super) fn is_unread(finding: &Finding) -> bool {
    matches!(&*finding.rule, "WRK002" | "WRK009")
}

/// Several at once, with their values where there is room; else by name, as many as fit.
fn all_unread(name: &str, findings: &[&Finding]) -> String {
    let mut codes: Vec<&str> = findings.iter().map(|finding| &*finding.rule).collect();
    codes.dedup();
    let codes = codes.join(", ");
    let fields: Vec<Cow<'_, str>> =
        findings.iter().map(|finding| printable::line(short(&finding.field))).collect();
    // What would be read stands in brackets.
    let values = findings.iter().map(|finding| finding.value.split(" (").next().unwrap_or_default());
    let with_values: Vec<String> = (fields.iter().zip(values))
        .map(|(field, value)| format!("{field} is {}", printable::line(value)))
        .collect();
    let first = |count: usize| {
        let named = fields.get(..count).unwrap_or_default().join(", ");
        match fields.len() - count {
            0 => named,
            more => format!("{named} and {more} more"),
        }
    };
    let said = std::iter::once(with_values.join(", ")).chain((1..=fields.len()).rev().map(first));
    line(name, said.map(|said| format!(": not read: {said} ({codes})")))
}

/// As people name it. One that the API server has yet to name is known by its kind.
pub(super) fn handle(key: &Key) -> String {
    let kind = key.kind.name().to_lowercase();
    if key.name.is_empty() {
        format!("this {kind}")
    } else {
        format!("{kind}/{}", printable::line(&key.name))
    }
}

/// The command that judges the workload's file as admission did, in full.
pub(super) fn scan(key: &Key) -> String {
    // Without a name it explains the only one.
    let named = if key.name.is_empty() { String::new() } else { format!(" {}", handle(key)) };
    format!("berth scan FILE --explain{named}")
}

/// The command that says more, in full, or one that works for any name. What a move alone does comes before it: the
/// rest of the words give way.
fn why(name: &str, key: &Key, rest: Rest<'_>, alone: Option<&str>) -> String {
    let of = |profile: &str| {
        let namespace = &key.namespace;
        (
            format!("kubectl describe wlp -n {namespace} {profile}"),
            format!("kubectl get wlp -n {namespace} -o wide"),
        )
    };
    let (describe, list) = match rest {
        Rest::NoProfile => (scan(key), "berth scan FILE".to_owned()),
        Rest::Profile(profile) => of(profile),
        Rest::NewProfile => of(&key.profile_name()),
    };
    let fits = |command: &str| command.chars().count() + NAME_MIN + ": why: ".len() <= LINE_MAX;
    if key.name.is_empty() && rest != Rest::NoProfile || !fits(&describe) {
        return line(name, [format!(": why: {list}")]);
    }
    let first = match alone {
        Some(alone) => format!(": moved alone it {alone} while the cluster stays; why: {describe}"),
        None => format!(": why, and what would change it: {describe}"),
    };
    let shorter = alone.map(|alone| format!(": moved alone it {alone}; why: {describe}"));
    line(name, [first].into_iter().chain(shorter).chain([format!(": why: {describe}")]))
}

/// Whether it is so, or would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Fits,
    WouldFit,
}

/// The target with both prices, the services that share the cluster, and how sure that is. What doesn't fit into a line
/// is left out from the end, but not the confidence.
pub(super) fn fits(
    name: &str,
    verb: Verb,
    recommendation: &Recommendation,
    services: Option<&str>,
) -> String {
    let range = |cost: Interval| amount::write_range(cost.low, cost.high);
    let Recommendation { target, monthly_cost, current_monthly_cost, .. } = recommendation;
    let verb = match verb {
        Verb::Fits => "fits",
        Verb::WouldFit => "would fit",
    };
    let place = format!(" {verb} {} for {} a month", target.title(), range(*monthly_cost));
    let here = format!(", here {}", range(*current_monthly_cost));
    let share = services.map_or_else(String::new, |n| {
        if n == "1" { " as the only service so far".to_owned() } else { format!(" as one of {n} services") }
    });
    let sure = sure(recommendation);
    // Both prices together say what it's about; who shares the cluster gives way first.
    let said = [(&*here, &*share), (&*here, ""), ("", "")].into_iter();
    line(name, said.map(|(here, share)| format!("{place}{here}{share}{sure}")))
}

/// Whether to move it hangs on what isn't known.
fn undetermined(name: &str, recommendation: &Recommendation, saving: Interval) -> String {
    let (target, sure) = (recommendation.target.title(), sure(recommendation));
    let saves = amount::write_saving(saving.low, saving.high);
    let said = [format!("{target} {saves} a month"), format!("{target} may cost less")];
    line(name, said.map(|said| format!(": undetermined: {said}{sure}")))
}

fn sure(recommendation: &Recommendation) -> String {
    format!(" ({} confidence)", recommendation.confidence.to_string().to_lowercase())
}

/// What would settle it: the question, or the annotations alone where they say more in less.
fn open(name: &str, question: &OpenQuestion) -> String {
    let asked = format!(": {}", question.question);
    line(name, [asked, format!(": open: {}", question.answer_with.join(", "))])
}

/// A name with the first of the texts that fits behind it. When none does, the name gives way, and then the text.
fn line(name: &str, said: impl IntoIterator<Item = String>) -> String {
    let length = |text: &str| text.chars().count();
    let named = length(name);
    let mut texts = Vec::new();
    for text in said {
        if named + length(&text) <= LINE_MAX {
            return format!("{name}{text}");
        }
        texts.push(text);
    }
    let fits = |text: &&String| NAME_MIN + length(text) <= LINE_MAX;
    let text = texts.iter().find(fits).or(texts.last()).map_or("", String::as_str);
    let room = LINE_MAX.saturating_sub(length(text)).max(NAME_MIN);
    let (kind, own) = name.split_at(name.find('/').map_or(0, |slash| slash + 1));
    let name = format!("{kind}{}", clip_middle(own, room.saturating_sub(length(kind))));
    clip(&format!("{name}{text}"), LINE_MAX).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalog::Catalog,
        evaluate,
        observe::{Index, manifest::Manifests},
        policy::Policy,
    };

    fn lines(name: &str, annotations: &str, services: usize) -> Vec<String> {
        let mut text = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop, \
             annotations: {{{annotations}}}}}\nspec: {{template: {{spec: {{containers: [{{name: main, image: web, \
             ports: [{{name: grpc, containerPort: 9000}}], resources: {{requests: {{cpu: 1, memory: 1Gi}}}}}}]}}}}}}\n"
        );
        for number in 1..services {
            text += &format!(
                "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: other-{number}, namespace: shop}}\n\
                 spec: {{template: {{spec: {{containers: [{{name: main, image: web}}]}}}}}}\n"
            );
        }
        let mut manifests = Manifests::default();
        manifests.text("test.yaml", &text);
        let mut index = Index::default();
        for (_, object) in manifests.objects {
            index.put(object);
        }
        let key = Key { namespace: "shop".into(), kind: crate::observe::Kind::Deployment, name: name.into() };
        let observed = index.observe(&key).unwrap();
        warnings(&evaluate(&observed, Catalog::embedded(), &Policy::default()), &key, Rest::NewProfile, false)
    }

    #[test]
    fn says_the_target_with_both_prices_and_who_shares_the_cluster() {
        let lines = lines("web", "", 5);
        assert_eq!(lines.len(), 3, "{lines:#?}");
        assert!(
            lines[0].contains("fits ECS on Fargate for $") && lines[0].contains("as one of 5 services"),
            "{lines:#?}"
        );
        assert!(
            lines[1].contains("only Deployment and Service") && lines[1].ends_with("(PRM001)"),
            "{lines:#?}"
        );
        assert!(lines[2].ends_with("kubectl describe wlp -n shop deployment-web"), "{lines:#?}");
    }

    #[test]
    fn a_long_name_costs_words_and_not_the_price() {
        let name = "a-name-that-is-longer-than-most-names-are";
        for line in lines(name, "", 5) {
            assert!(line.chars().count() <= LINE_MAX && line.starts_with("deployment/a-name"), "{line}");
        }
        let command = "kubectl describe wlp -n shop deployment-a-name-that-is-longer-than-most-names-are";
        assert!(lines(name, "", 5)[2].ends_with(command));
        let first = &lines(name, "", 5)[0];
        assert!(first.contains('$') && first.ends_with(" confidence)"), "{first}");
    }

    #[test]
    fn what_stays_behind_is_said_before_the_command() {
        let lines = lines("web", "", 5);
        assert!(lines[2].starts_with("deployment/web: moved alone it costs $"), "{lines:#?}");
    }

    #[test]
    fn what_an_image_needs_on_lambda_is_said_where_no_other_reason_is() {
        let none = serde_json::json!({"low": 0.0, "high": 0.0});
        let finding = |rule: &str| serde_json::json!({"rule": rule, "effect": "Notes", "field": "image", "value": "", "message": rule});
        let told = |target: &str, rules: &[&str]| {
            let decision: Decision = serde_json::from_value(serde_json::json!({
                "verdict": "Misplaced",
                "findings": rules.iter().map(|rule| finding(rule)).collect::<Vec<_>>(),
                "recommendation": {
                    "target": target, "confidence": "High", "summary": "", "monthlyCost": none,
                    "currentMonthlyCost": none, "saving": {"ifClusterStays": none, "ifClusterGoes": none},
                },
            }))
            .unwrap();
            let key = Key { namespace: "shop".into(), kind: crate::observe::Kind::Job, name: "web".into() };
            warnings(&decision, &key, Rest::NewProfile, false)
        };
        assert_eq!(told("Lambda", &["LMB024"])[1], "job/web: LMB024 (LMB024)");
        assert_eq!(told("Batch", &["LMB024"]).len(), 2);
        let both = told("Lambda", &["PRM001", "LMB024"]);
        assert!(both.len() == LINES_MAX && both[1].contains("PRM001"), "{both:#?}");
    }

    #[test]
    fn the_only_service_takes_its_cluster_along() {
        assert!(lines("web", "", 1).iter().all(|line| !line.contains("alone")));
    }

    #[test]
    fn the_command_names_the_profile_that_there_is() {
        let key =
            |name: &str| Key { namespace: "shop".into(), kind: crate::observe::Kind::Job, name: name.into() };
        assert!(
            why("job/web", &key("web"), Rest::Profile("mine"), None)
                .ends_with(" kubectl describe wlp -n shop mine")
        );
        assert!(
            why("job/web", &key("web"), Rest::NewProfile, None)
                .ends_with(" kubectl describe wlp -n shop job-web")
        );
        for unnameable in [String::new(), "a".repeat(253)] {
            let key = key(&unnameable);
            let line = why(&handle(&key), &key, Rest::NewProfile, None);
            assert!(line.ends_with(": why: kubectl get wlp -n shop -o wide"), "{line}");
        }
    }

    #[test]
    fn of_what_leaves_no_profile_behind_the_command_judges_the_file() {
        for (name, command) in [
            ("web", ": why, and what would change it: berth scan FILE --explain job/web"),
            ("", ": why, and what would change it: berth scan FILE --explain"),
            (&*"a".repeat(253), ": why: berth scan FILE"),
        ] {
            let key = Key { namespace: "shop".into(), kind: crate::observe::Kind::Job, name: name.into() };
            let line = why(&handle(&key), &key, Rest::NoProfile, None);
            assert!(line.ends_with(command) && line.chars().count() <= LINE_MAX, "{line}");
        }
    }

    #[test]
    fn what_is_undetermined_says_what_would_settle_it() {
        let none = serde_json::json!({"low": 0.0, "high": 0.0});
        let decision: Decision = serde_json::from_value(serde_json::json!({
            "verdict": "Undetermined",
            "recommendation": {
                "target": "Batch", "confidence": "Medium", "summary": "", "monthlyCost": none,
                "currentMonthlyCost": none,
                "saving": {"ifClusterStays": none, "ifClusterGoes": {"low": -5.0, "high": 30.0}},
            },
            "openQuestions": [{"question": "How long does it run?", "answers": [], "answerWith": ["berth.dev/x"]}],
        }))
        .unwrap();
        let key = Key { namespace: "shop".into(), kind: crate::observe::Kind::Job, name: "web".into() };
        assert_eq!(
            warnings(&decision, &key, Rest::NewProfile, false),
            [
                "job/web: undetermined: AWS Batch saves up to $30 or costs up to $5.00 more a month (medium confidence)",
                "job/web: How long does it run?",
                "job/web: why, and what would change it: kubectl describe wlp -n shop job-web",
            ]
        );
    }

    #[test]
    fn a_misspelt_annotation_is_told_with_what_is_near() {
        for (wrong, said) in [
            (
                "berth.dev/exmpt: licence",
                "berth.dev/exmpt is unknown, berth.dev/exempt is near; it is ignored (WRK009)",
            ),
            (
                "berth.dev/mode: Deny",
                "berth.dev/mode is for a Namespace's label, not for a workload; it is ignored (WRK009)",
            ),
        ] {
            let lines = lines("web", wrong, 5);
            assert_eq!(lines[0], format!("deployment/web: {said}"));
            assert!(
                lines.len() == 3 && lines.iter().all(|line| line.chars().count() <= LINE_MAX),
                "{lines:#?}"
            );
        }
    }

    #[test]
    fn errors_that_fill_the_lines_leave_one_to_the_target_and_its_price() {
        let lines = lines("web", "berth.dev/unit-duration: soon, berth.dev/exempt: yes", 5);
        assert!(lines[0].contains("WRK002") && lines[1].contains("EXM001"), "{lines:#?}");
        assert!(lines[2].starts_with("deployment/web fits ECS on Fargate for $"), "{lines:#?}");
    }

    #[test]
    fn the_workloads_own_annotation_comes_before_its_namespaces_label() {
        let finding = |rule: &str, field: &str| serde_json::json!({"rule": rule, "effect": "Notes", "field": field, "value": "", "message": field});
        let decision: Decision = serde_json::from_value(serde_json::json!({
            "verdict": "WellPlaced",
            "findings": [
                finding("WRK002", "Namespace label berth.dev/mode"),
                finding("WRK009", "metadata.annotations[berth.dev/exmpt]"),
            ],
        }))
        .unwrap();
        let key = Key { namespace: "shop".into(), kind: crate::observe::Kind::Job, name: "web".into() };
        let lines = warnings(&decision, &key, Rest::NewProfile, false);
        assert!(
            lines[0].starts_with("job/web: not read: berth.dev/exmpt is , Namespace label "),
            "{lines:#?}"
        );
    }

    #[test]
    fn several_that_arent_read_are_all_named_in_one_line() {
        let two = "berth.dev/unit-duration: soon, berth.dev/trigger: Htp";
        assert_eq!(
            lines("web", two, 5)[0],
            "deployment/web: not read: berth.dev/trigger is Htp, berth.dev/unit-duration is soon (WRK002)"
        );
        let three = format!("{two}, berth.dev/unit-durration: 3s");
        let said = lines("web", &three, 5);
        assert_eq!(
            said[0],
            "deployment/web: not read: berth.dev/trigger, berth.dev/unit-duration, berth.dev/unit-durration (WRK002, WRK009)"
        );
        assert!(
            said[1].starts_with("deployment/web fits ") && said[2].contains("kubectl describe"),
            "{said:#?}"
        );
        let long = lines("a-name-that-is-longer-than-most-names-are", &three, 5);
        assert!(long[0].ends_with(": not read: berth.dev/trigger and 2 more (WRK002, WRK009)"), "{long:#?}");
        assert!(long.iter().all(|line| line.chars().count() <= LINE_MAX), "{long:#?}");
    }

    #[test]
    fn an_answer_that_cant_be_read_comes_first() {
        let lines = lines("web", "berth.dev/unit-duration: soon", 5);
        assert!(lines[0].contains("unit-duration") && lines[0].contains("WRK002"), "{lines:#?}");
        assert_eq!(lines.len(), 3);
    }
}
