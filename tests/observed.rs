//! What really ran answers what nobody said, and contradicts what somebody did: the same from files as in a cluster.

mod common;

use berth::{
    catalog::{Catalog, Target},
    decide::{Decision, decide},
    evidence::evidence,
    facts::Source,
    policy::Policy,
};

/// A CronJob whose Jobs took so many minutes.
fn cron_job(annotations: &str, minutes: &[u32]) -> String {
    let pod =
        "{spec: {containers: [{name: report, image: report, resources: {requests: {cpu: 1, memory: 2Gi}}}]}}";
    let mut text = format!(
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: report, annotations: {{{annotations}}}}}\n\
         spec: {{schedule: 0 3 * * *, jobTemplate: {{spec: {{template: {pod}}}}}}}\n"
    );
    for (day, minutes) in minutes.iter().enumerate() {
        text += &format!(
            "---\napiVersion: batch/v1\nkind: Job\n\
             metadata: {{name: report-{day}, ownerReferences: [{{apiVersion: batch/v1, kind: CronJob, name: report, uid: a, controller: true}}]}}\n\
             spec: {{template: {pod}}}\n\
             status: {{startTime: '2026-03-{day:02}T03:00:00Z', completionTime: '2026-03-{day:02}T03:{minutes:02}:00Z'}}\n",
            day = day + 1,
        );
    }
    text
}

fn decision(text: &str) -> Decision {
    let observed = common::observe("report.yaml", text);
    assert_eq!(observed.len(), 1, "its Jobs aren't workloads of their own");
    decide(&evidence(&observed[0], &Policy::default()), Catalog::embedded(), &Policy::default())
}

#[test]
fn jobs_answer_how_long_a_run_takes() {
    let unknown = decision(&cron_job("", &[]));
    assert!(unknown.open_questions.iter().any(|open| open.question.contains("ow long does one unit")));
    let seen = decision(&cron_job("", &[2, 22, 3]));
    let fact = seen.evidence.iter().find(|item| item.fact == "unitDuration").unwrap();
    assert_eq!((fact.value.as_str(), fact.source), ("22m", Source::Observed));
    assert_eq!(fact.at, "the longest of the last 3 Jobs");
    assert!(!seen.open_questions.iter().any(|open| open.question.contains("ow long does one unit")));
    let lambda = seen.finding("LMB001").unwrap();
    assert!(lambda.message.starts_with("the longest of the last 3 Jobs is 22m; "), "{}", lambda.message);
}

/// Ten completions, four at once: the Job is as long as three of them in turn.
#[test]
fn a_job_of_many_completions_is_as_long_as_its_rounds() {
    let one = cron_job("", &[3, 21, 6]);
    let many = one.replace("{spec: {template: ", "{spec: {completions: 10, parallelism: 4, template: ");
    assert_ne!(one, many);
    let seen = decision(&many);
    let fact = seen.evidence.iter().find(|item| item.fact == "unitDuration").unwrap();
    assert_eq!((fact.value.as_str(), fact.source), ("7m", Source::Observed));
    assert_eq!(fact.at, "one of 3 rounds of the longest of the last 3 Jobs");
    assert!(seen.finding("LMB001").is_none(), "each is well below Lambda's limit");
}

#[test]
fn what_is_declared_stays_and_is_contradicted_with_both() {
    let said = decision(&cron_job("berth.dev/unit-duration: 1s", &[2, 22, 3]));
    let fact = said.evidence.iter().find(|item| item.fact == "unitDuration").unwrap();
    assert_eq!((fact.value.as_str(), fact.source), ("1s", Source::Declared));
    let finding = said.finding("WRK005").unwrap();
    assert_eq!(finding.field, "metadata.annotations[berth.dev/unit-duration]");
    assert_eq!(finding.value, "1s, the longest of the last 3 Jobs took 22m");
    assert!(decision(&cron_job("berth.dev/unit-duration: 25m", &[2, 22, 3])).finding("WRK005").is_none());
    let long = "berth.dev/unit-duration: 2h";
    let finding = decision(&cron_job(long, &[2, 22, 3, 4, 5])).finding("WRK005").cloned().unwrap();
    assert_eq!(finding.value, "2h, the longest of the last 5 Jobs took 22m");
    assert!(
        decision(&cron_job(long, &[2, 22, 3, 4])).finding("WRK005").is_none(),
        "four may be the short ones"
    );
    assert!(decision(&cron_job(long, &[2, 50, 3, 4, 5])).finding("WRK005").is_none(), "not far less");
}

#[test]
fn what_runs_took_usually_is_billed_and_not_the_longest() {
    let nodes = |minutes: &[u32]| {
        let candidates = decision(&cron_job("", minutes)).candidates;
        candidates.into_iter().find(|candidate| candidate.target == Target::ECSOnEC2).unwrap().monthly_cost
    };
    let usual = nodes(&[2; 21]);
    let mut once = [2; 21];
    once[20] = 50;
    assert_eq!(nodes(&once), usual, "one of twenty");
    let some = nodes(&[2, 50, 2]);
    assert!(some.low == usual.low && some.high > usual.high, "{some:?}");
}

#[test]
fn runs_that_were_seen_to_overlap_are_told() {
    let often = |minutes: &[u32]| decision(&cron_job("", minutes).replace("0 3 * * *", "'*/5 * * * *'"));
    assert!(often(&[2, 22, 3]).finding("WRK003").is_some());
    assert!(often(&[2, 4, 3]).finding("WRK003").is_none());
}

#[test]
fn a_job_that_failed_says_nothing_about_its_work() {
    let failed = "
apiVersion: batch/v1
kind: Job
metadata: {name: import}
spec: {template: {spec: {containers: [{name: a, image: a}]}}}
status:
  startTime: 2026-03-01T03:00:00Z
  conditions: [{type: Failed, status: 'True', lastTransitionTime: 2026-03-01T09:00:00Z}]
";
    let observed = common::observe("import.yaml", failed);
    let runs = observed[0].history.as_ref().unwrap().runs.as_ref().unwrap();
    assert_eq!((runs.failed, runs.duration.as_ref()), (1, None));
    assert!(decision(failed).evidence.iter().all(|item| item.fact != "unitDuration"));
}
