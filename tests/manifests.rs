//! What people really write: placeholders, missing quotes, nulls, YAML's many words for yes. All is read or named.

use berth::{
    catalog::Catalog,
    decide::Decision,
    evaluate,
    observe::{
        Index, Observed,
        manifest::{Manifests, Severity},
    },
    policy::Policy,
};
use proptest::prelude::*;

/// The workloads of a text, and its troubles as they are printed.
fn read(text: &str) -> (Vec<Observed>, Vec<(Severity, String)>) {
    let mut manifests = Manifests::default();
    manifests.text("it.yaml", text);
    let troubles = manifests.troubles.iter().map(|trouble| (trouble.severity, trouble.to_string())).collect();
    let mut index = Index::default();
    for (_, object) in manifests.objects {
        index.put(object);
    }
    (index.workloads().map(|workload| index.observe_as(workload.clone())).collect(), troubles)
}

/// The decision about a text's only workload, which nothing is wrong with.
fn decide(text: &str) -> Decision {
    let (workloads, troubles) = read(text);
    assert_eq!(troubles, [], "{text}");
    assert_eq!(workloads.len(), 1, "{text}");
    evaluate(&workloads[0], Catalog::embedded(), &Policy::default())
}

fn says(code: &str, text: &str) -> Option<String> {
    decide(text).findings.into_iter().find(|finding| finding.rule == code).map(|finding| finding.message)
}

fn at(fact: &str, text: &str) -> String {
    let decision = decide(text);
    decision
        .evidence
        .iter()
        .find(|item| item.fact == fact)
        .unwrap_or_else(|| panic!("no {fact}"))
        .at
        .to_string()
}

fn deployment(meta: &str, template_meta: &str, pod: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  {meta}\nspec:\n  template:\n    \
         metadata: {{{template_meta}}}\n    spec: {{{pod}}}\n"
    )
}

fn cron_job(schedule: &str, meta: &str, job: &str) -> String {
    format!(
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: sync, {meta}}}\nspec:\n  schedule: '{schedule}'\n  \
         jobTemplate:\n    metadata: null\n    spec: {{{job}template: {{metadata: null, spec: {{nodeSelector: null, \
         volumes: null, containers: [{{name: a, image: a, env: null}}]}}}}}}\n"
    )
}

#[test]
fn a_quantity_that_cant_be_meant_is_unreadable_and_a_zero_is_none() {
    let sized = |cpu: &str, memory: &str| {
        let resources = format!("resources: {{requests: {{cpu: {cpu}, memory: {memory}}}}}");
        deployment("", "", &format!("containers: [{{name: web, image: web, {resources}}}]"))
    };
    for (cpu, memory) in [("4000Mi", "1Gi"), ("1G", "1Gi"), ("1", "512m"), ("1", "512")] {
        assert!(says("WRK002", &sized(cpu, memory)).is_some(), "{cpu} {memory}");
    }
    for (cpu, memory) in [("500m", "512Mi"), ("100m", "1073741824000m"), ("0.5", "1G"), ("1e1", "2M")] {
        assert_eq!(says("WRK002", &sized(cpu, memory)), None, "{cpu} {memory}");
        assert_eq!(says("WRK001", &sized(cpu, memory)), None, "{cpu} {memory}");
    }
    assert_eq!(says("WRK002", &sized("0", "0")), None);
    assert!(says("WRK001", &sized("0", "0")).is_some());
}

#[test]
fn each_value_that_cant_be_read_has_its_finding() {
    let text = cron_job("61 2 * * *", "annotations: {berth.dev/unit-duration: soon}", "")
        .replace("  schedule:", "  timeZone: Mars/Phobos\n  schedule:");
    let findings = decide(&text).findings;
    let fields: Vec<&str> =
        findings.iter().filter(|finding| finding.rule == "WRK002").map(|finding| &*finding.field).collect();
    for field in ["spec.schedule", "spec.timeZone", "metadata.annotations[berth.dev/unit-duration]"] {
        assert!(fields.contains(&field), "{field} in {fields:?}");
    }
    assert_eq!(fields.len(), 3);
}

const WEB: &str = "containers: [{name: web, image: web}]";

#[test]
fn an_annotation_that_isnt_read_is_named_with_the_right_name() {
    let misspelt = |name: &str| says("WRK009", &deployment(&format!("annotations: {{{name}: x}}"), "", WEB));
    assert_eq!(
        misspelt("berth.dev/unit-durration").unwrap(),
        "berth.dev/unit-durration is unknown, berth.dev/unit-duration is near; it is ignored"
    );
    assert!(
        misspelt("berth.dev/coldstart-tolerance").unwrap().contains("berth.dev/cold-start-tolerance is near")
    );
    let two = deployment("annotations: {berth.dev/exmpt: x, berth.dev/exemt-until: x}", "", WEB);
    assert_eq!(decide(&two).findings.iter().filter(|finding| finding.rule == "WRK009").count(), 2);
    assert_eq!(misspelt("berth.dev/colour").unwrap(), "berth.dev/colour is unknown; it is ignored");
    for right in ["berth.dev/team", "berth.dev/exempt", "example.com/unit-durration"] {
        assert_eq!(misspelt(right), None, "{right}");
    }
    let labelled = deployment("labels: {berth.dev/exempt: licence, berth.dev/colour: red}", "", WEB);
    assert_eq!(
        says("WRK009", &labelled).unwrap(),
        "metadata.labels[berth.dev/exempt] is a label, and annotations are read; it is ignored"
    );
    let misplaced = deployment("", "annotations: {berth.dev/trigger: HTTP}", WEB);
    assert_eq!(
        says("WRK009", &misplaced).unwrap(),
        "annotations[berth.dev/trigger] is on the Pod template, not on the workload; it is ignored"
    );
}

#[test]
fn text_without_quotes_is_read_and_named() {
    let text = deployment(
        "annotations:\n    berth.dev/mean-requests-per-second: 0.5\n    example.com/on: yes",
        "labels: {version: 2}",
        "nodeSelector: {gpu: false}, containers: [{name: web, image: web}]",
    );
    let (workloads, troubles) = read(&text);
    let decision = evaluate(&workloads[0], Catalog::embedded(), &Policy::default());
    let rps = decision.evidence.iter().find(|item| item.fact == "meanRequestsPerSecond").unwrap();
    assert_eq!(rps.value, "0.5");
    let lines: Vec<&str> = troubles
        .iter()
        .map(|(severity, text)| {
            assert_eq!(*severity, Severity::Note);
            assert!(text.contains("isn't text, and the API server refuses it: quote it"), "{text}");
            text.split(": ").next().unwrap()
        })
        .collect();
    assert_eq!(lines, ["it.yaml:6", "it.yaml:7", "it.yaml:10", "it.yaml:11"]);
}

#[test]
fn nulls_are_absence() {
    assert_eq!(decide(&cron_job("0 3 * * *", "labels: null", "")).evidence.len(), 5);
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, annotations: null}\nspec:\n  replicas: null\n  \
                template: {metadata: {labels: null}, spec: {hostNetwork: null, affinity: null, initContainers: null, \
                containers: [{name: a, image: a, resources: null, ports: null, securityContext: {capabilities: null}}]}}\n";
    decide(text);
}

#[test]
fn yes_is_true_as_kubectl_reads_it() {
    for (word, fires) in [("yes", true), ("On", true), ("off", false), ("true", true)] {
        let text = deployment("", "", &format!("hostNetwork: {word}, {WEB}"));
        assert_eq!(says("FGT002", &text).is_some(), fires, "{word}");
    }
}

#[test]
fn what_still_has_to_be_filled_in_is_left_out_and_the_rest_is_read() {
    let image = |image: &str| deployment("", "", &format!("containers: [{{name: web, image: {image}}}]"));
    let whole = deployment("", "", WEB).replace("name: web\n", "name: whole\n");
    for (broken, named) in [
        (image("'{{ .Values.image }}'"), "render it first, as in `helm template CHART | berth scan -`"),
        (image("<IMAGE>"), "fill them in first"),
        (image("registry.example/<your-image>:1"), "fill them in first"),
        (whole.replace("whole", "'{{ .Release.Name }}'"), "render it first"),
        (whole.replace("whole", "{{ .Release.Name }}"), "render it first"),
        (format!("{{{{- if .Values.on }}}}\n{whole}{{{{- end }}}}\n"), "render it first"),
    ] {
        let (workloads, troubles) = read(&format!("{broken}---\n{whole}"));
        assert_eq!(workloads.len(), 1, "{broken}");
        assert_eq!(workloads[0].workload.key.name, "whole");
        let [(Severity::Error, trouble)] = troubles.as_slice() else { panic!("{broken}: {troubles:?}") };
        assert!(trouble.contains(named), "{trouble}");
    }
    let (_, troubles) = read(&image("<IMAGE>"));
    assert!(
        troubles[0].1.starts_with(
            "it.yaml:9: Deployment web: spec.template.spec.containers[0].image is \"<IMAGE>\"; "
        ),
        "{troubles:?}"
    );
    // A program's own arguments may look like that.
    let own = deployment(
        "annotations: {a: '{{ b }}'}",
        "",
        "containers: [{name: web, image: web, args: ['{{.Name}}', '<A>']}]",
    );
    decide(&own);
}

#[test]
fn evidence_is_cited_where_it_was_seen() {
    let left_out = "spec.jobTemplate.spec.completions, 1 when left out";
    assert_eq!(at("copies", &cron_job("0 3 * * *", "", "")), left_out);
    assert_eq!(
        at("copies", &cron_job("0 3 * * *", "", "completions: 3, ")),
        "spec.jobTemplate.spec.completions"
    );
    assert_eq!(
        at("copies", &cron_job("0 3 * * *", "", "parallelism: 3, ")),
        "spec.jobTemplate.spec.parallelism"
    );
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: once}\nspec: {completions: 2, template: {spec: {containers: [{name: a, image: a}]}}}\n";
    assert_eq!(at("copies", job), "spec.completions");
    assert_eq!(
        at("team", &deployment("", "labels: {team: shop}", WEB)),
        "spec.template.metadata.labels[team]"
    );
    let fargate = deployment("", "labels: {eks.amazonaws.com/fargate-profile: main}", WEB);
    assert_eq!(at("place", &fargate), "spec.template.metadata.labels[eks.amazonaws.com/fargate-profile]");
    let cpu = |one: &str, other: &str| {
        let container =
            |name: &str, side: &str| format!("{{name: {name}, image: a, resources: {{{side}: {{cpu: 1}}}}}}");
        let pod = format!("containers: [{}, {}]", container("a", one), container("b", other));
        at("cpu", &deployment("", "", &pod))
    };
    assert_eq!(cpu("requests", "requests"), "spec.template.spec.containers[*].resources.requests.cpu");
    assert_eq!(cpu("limits", "limits"), "spec.template.spec.containers[*].resources.limits.cpu");
    assert_eq!(cpu("requests", "limits"), "spec.template.spec.containers[*].resources.{requests,limits}.cpu");
}

#[test]
fn runs_overlap_where_they_are_the_closest() {
    let overlaps = |schedule: &str, duration: &str| {
        let annotation = format!("annotations: {{berth.dev/unit-duration: {duration}}}");
        says("WRK003", &cron_job(schedule, &annotation, "")).is_some()
    };
    assert!(overlaps("0,10 3 * * *", "20m"), "two runs a day, ten minutes apart");
    assert!(!overlaps("0,10 3 * * *", "10m"));
    assert!(overlaps("@every 5m", "6m") && !overlaps("@every 5m", "5m"));
    assert!(overlaps("0 3 * * *", "2d") && !overlaps("0 3 * * *", "1d"));
}

#[test]
fn a_profile_of_no_workload_here_is_named() {
    let profile = "apiVersion: berth.dev/v1alpha1\nkind: WorkloadProfile\nmetadata: {name: mine}\n\
                   spec: {workloadRef: {apiVersion: apps/v1, kind: Deployment, name: NAME}}\n---\n";
    for (name, strays) in [("web", 0), ("other", 1)] {
        let mut manifests = Manifests::default();
        manifests.text("it.yaml", &(profile.replace("NAME", name) + &deployment("", "", WEB)));
        manifests.name_strays();
        assert_eq!(manifests.troubles.len(), strays, "{:?}", manifests.troubles);
    }
}

/// A text that the custom resource's schema allows for a field of the person's answers.
fn allowed(pointer: &str) -> impl Strategy<Value = String> {
    let schema = schemars::schema_for!(berth::observe::answers::Work);
    let pattern = schema.pointer(pointer).and_then(serde_json::Value::as_str).unwrap();
    proptest::string::string_regex(pattern.trim_start_matches('^').trim_end_matches('$')).unwrap()
}

proptest! {
    #[test]
    fn every_duration_that_the_schema_allows_is_read(text in allowed("/properties/unitDuration/pattern")) {
        let is_zero = !text.contains(|c: char| ('1'..='9').contains(&c));
        prop_assert_eq!(berth::amount::seconds(&text).is_none(), is_zero, "{}", text);
    }
}

#[test]
fn runs_that_end_before_the_next_one_need_nobody_to_hold_it_back() {
    let job = |deadline: u32| {
        format!(
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: sync}}\nspec:\n  schedule: '*/5 * * * *'\n  \
             concurrencyPolicy: Forbid\n  jobTemplate: {{spec: {{activeDeadlineSeconds: {deadline}, template: {{spec: \
             {{containers: [{{name: sync, image: sync}}]}}}}}}}}\n"
        )
    };
    assert_eq!(says("EKS015", &job(240)), None);
    assert!(says("EKS015", &job(600)).is_some());
}
