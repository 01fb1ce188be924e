//! A decision as admission warnings: at most three lines of at most 120 characters, the reason first.

use crate::{
    amount,
    decide::{Decision, Finding, Interval, Recommendation, Verdict},
    observe::Key,
};

/// The API server cuts nothing below this.
pub const LINE_MAX: usize = 120;
/// More lines than this are noise beside kubectl's own.
const LINES_MAX: usize = 3;

/// What a person sees on `kubectl apply`: what it fits and what that costs, the reason, what would change it.
/// Nothing when there is nothing to do. Every line names the workload: kubectl prints equal lines once.
pub fn warnings(decision: &Decision, key: &Key) -> Vec<String> {
    let name = format!("{}/{}", key.kind.name().to_lowercase(), key.name);
    let told = |finding: &Finding| clip(format!("{name}: {} ({})", finding.message, finding.rule));
    let mut lines = Vec::new();
    lines.extend(decision.finding("WRK002").map(told));
    let misplaced = decision.verdict == Verdict::Misplaced;
    let primitives = decision.finding("PRM001");
    if let Some(recommendation) = decision.recommendation.as_ref().filter(|_| misplaced) {
        lines.push(fits(&name, recommendation, services(decision)));
    }
    if misplaced || primitives.is_some() {
        let reason = primitives.or_else(|| decision.findings.iter().find(|f| f.rule.starts_with("DAT")));
        lines.extend(reason.map(told));
    }
    if lines.is_empty() {
        return lines;
    }
    lines.truncate(LINES_MAX - 1);
    lines.push(why(&name, key));
    lines
}

/// The command that says more. It is of use only in full: the words before it give way.
fn why(name: &str, key: &Key) -> String {
    let command = format!("kubectl describe wlp -n {} {}", key.namespace, key.profile_name());
    [format!("{name}: why, and what would change it: {command}"), format!("{name}: why: {command}")]
        .into_iter()
        .find(|line| line.chars().count() <= LINE_MAX)
        .unwrap_or_else(|| clip(format!("why: {command}")))
}

/// The target with both prices. A share of a cluster is no price without the services that share it; what doesn't
/// fit into a line is left out from the end.
fn fits(name: &str, recommendation: &Recommendation, services: Option<&str>) -> String {
    let range = |cost: Interval| amount::write_range(cost.low, cost.high);
    let Recommendation { target, confidence, monthly_cost, current_monthly_cost, .. } = recommendation;
    let place = format!("{name} fits {} for {} a month", target.title(), range(*monthly_cost));
    let here = format!(", here {}", range(*current_monthly_cost));
    let share = services.map_or_else(String::new, |n| {
        if n == "1" { " as the only service".to_owned() } else { format!(" as one of {n} services") }
    });
    let sure = format!(" ({} confidence)", confidence.to_string().to_lowercase());
    [format!("{place}{here}{share}{sure}"), format!("{place}{here}{share}"), format!("{place}{sure}")]
        .into_iter()
        .find(|line| line.chars().count() <= LINE_MAX)
        .unwrap_or_else(|| clip(place))
}

fn services(decision: &Decision) -> Option<&str> {
    decision.evidence.iter().find(|item| item.fact == "services").map(|item| item.value.as_str())
}

fn clip(text: String) -> String {
    if text.chars().count() <= LINE_MAX {
        return text;
    }
    text.chars().take(LINE_MAX - 1).chain(['…']).collect()
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
        warnings(&evaluate(&observed, Catalog::embedded(), &Policy::default()), &key)
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
            assert!(line.chars().count() <= LINE_MAX && line.contains(name), "{line}");
        }
        let command = "kubectl describe wlp -n shop deployment-a-name-that-is-longer-than-most-names-are";
        assert!(lines(name, "", 5)[2].ends_with(command));
        let first = &lines(name, "", 5)[0];
        assert!(first.contains('$'), "{first}");
    }

    #[test]
    fn an_answer_that_cant_be_read_comes_first() {
        let lines = lines("web", "berth.dev/unit-duration: soon", 5);
        assert!(lines[0].contains("unit-duration") && lines[0].contains("WRK002"), "{lines:#?}");
        assert_eq!(lines.len(), 3);
    }
}
