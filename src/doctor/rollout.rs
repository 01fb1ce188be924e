//! Whether the Pods of the version that is asked for run: while an old one still answers, nobody notices that they don't.

use futures::{FutureExt, future::BoxFuture};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ContainerState, ContainerStatus, Pod, PodCondition},
};
use kube::{Api, ResourceExt, api::ListParams};

use super::{FORCE, Installation, Said, fail, ok, warn};
use crate::{clip::clip, operator::reconcile::reason, printable};

/// What a Pod waits for in vain.
const STUCK: &[&str] = &[
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "InvalidImageName",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
];
/// The longest part of a message that is repeated.
const MESSAGE_MAX: usize = 300;

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async {
        let pods: Api<Pod> = Api::namespaced(installation.client.clone(), &installation.namespace);
        let spec = installation.deployment.spec.as_ref();
        let labels = spec.and_then(|spec| spec.selector.match_labels.clone()).unwrap_or_default();
        let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        match pods.list(&ListParams::default().labels(&labels.join(","))).await {
            Ok(pods) => judge(installation.release(), &installation.deployment, &pods.items),
            Err(error) => {
                vec![warn(format!("the Pods can't be listed: {}", reason(&error)), "ask with more rights")]
            }
        }
    }
    .boxed()
}

fn judge(release: &str, deployment: &Deployment, pods: &[Pod]) -> Vec<Said> {
    let (namespace, name) = (deployment.namespace().unwrap_or_default(), deployment.name_any());
    let logs = |pod: &Pod| format!("kubectl logs -n {namespace} {} --previous", pod.name_any());
    let statuses = pods.iter().flat_map(|pod| {
        let all = pod.status.as_ref().and_then(|status| status.container_statuses.as_deref());
        all.unwrap_or_default().iter().map(move |status| (pod, status))
    });
    let mut said = Vec::new();
    for (pod, status) in statuses {
        let waits = waiting(status).filter(|reason| STUCK.contains(reason));
        let ended = last_words(status);
        match (waits, status.restart_count) {
            (Some(why), _) => said.push(fail(
                format!("Pod {} can't start ({why}){}", pod.name_any(), told(&ended)),
                mend(why, &logs(pod)),
            )),
            (None, restarts) if restarts > 0 && !status.ready => said.push(fail(
                format!("Pod {} ended {restarts} times and isn't ready{}", pod.name_any(), told(&ended)),
                logs(pod),
            )),
            (None, restarts) if restarts > 0 => said.push(warn(
                format!("Pod {} was started again {restarts} times{}", pod.name_any(), told(&ended)),
                logs(pod),
            )),
            _ => {}
        }
    }
    let answers = deployment.status.as_ref().and_then(|status| status.available_replicas).unwrap_or(0) > 0;
    said.extend(pods.iter().filter_map(|pod| homeless(pod, answers)));
    said.extend(refused(deployment, &namespace, &name));
    said.extend(progress(release, deployment, &namespace, &name));
    if said.is_empty() {
        said.push(ok(format!("all Pods of {namespace}/{name} are of the version that is asked for")));
    }
    said
}

/// A Pod for which there is no node. While another answers, an autoscaler may still bring one.
fn homeless(pod: &Pod, answers: bool) -> Option<Said> {
    let conditions = pod.status.as_ref()?.conditions.as_deref()?;
    let unscheduled = |condition: &&PodCondition| {
        condition.type_ == "PodScheduled"
            && condition.status == "False"
            && condition.reason.as_deref() == Some("Unschedulable")
    };
    let why =
        conditions.iter().find(unscheduled)?.message.as_deref().unwrap_or("the scheduler gives no reason");
    let level = if answers { warn } else { fail };
    Some(level(
        format!("Pod {} has no node: {}", pod.name_any(), line(why)),
        "make room or add a node; else set priorityClassName, or replicas=1 on one small node".to_owned(),
    ))
}

/// Why the API server takes none of its Pods, as for a quota or a policy.
fn refused(deployment: &Deployment, namespace: &str, name: &str) -> Option<Said> {
    let conditions = deployment.status.as_ref()?.conditions.as_deref()?;
    let failure = conditions.iter().find(|c| c.type_ == "ReplicaFailure" && c.status == "True")?;
    let why = failure.message.as_deref().or(failure.reason.as_deref()).unwrap_or("no reason given");
    Some(fail(
        format!("no Pod of {namespace}/{name} can be created: {}", line(why)),
        format!(
            "mend what it names; then kubectl rollout restart deployment/{name} -n {namespace} makes haste"
        ),
    ))
}

/// What the Deployment's controller says of the new version.
fn progress(release: &str, deployment: &Deployment, namespace: &str, name: &str) -> Option<Said> {
    let status = deployment.status.clone().unwrap_or_default();
    let stuck = status.conditions.iter().flatten().find(|c| c.type_ == "Progressing" && c.status == "False");
    let back = format!("helm rollback {release} -n {namespace}, or mend the values and helm upgrade {FORCE}");
    if let Some(condition) = stuck {
        let why = condition.message.as_deref().or(condition.reason.as_deref()).unwrap_or("no reason given");
        return Some(fail(format!("the rollout of {namespace}/{name} is stuck: {}", line(why)), back));
    }
    let wanted = deployment.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
    let updated = status.updated_replicas.unwrap_or(0);
    let seen = status.observed_generation >= deployment.metadata.generation;
    let old = status.replicas.unwrap_or(0) > updated;
    (updated < wanted || !seen || old).then(|| {
        warn(
            format!("a rollout is under way: {updated} of {wanted} replicas are of the new version"),
            format!("wait: kubectl rollout status deployment/{name} -n {namespace}"),
        )
    })
}

fn waiting(status: &ContainerStatus) -> Option<&str> {
    status.state.as_ref()?.waiting.as_ref()?.reason.as_deref()
}

/// What it said when it ended last, or what keeps it from starting.
fn last_words(status: &ContainerStatus) -> Option<String> {
    let ended = |state: &Option<ContainerState>| state.as_ref().and_then(|state| state.terminated.clone());
    let ended = ended(&status.state).or_else(|| ended(&status.last_state));
    let by_itself = ended.as_ref().and_then(|ended| {
        let message = ended.message.as_deref().map(str::trim).filter(|message| !message.is_empty());
        // The last line of a log says why it ended.
        let message = message.and_then(|message| message.lines().last()).map(line);
        let exit = || {
            let reason = ended.reason.as_deref().unwrap_or("Error");
            format!("{reason}, exit code {}", ended.exit_code)
        };
        message.or_else(|| Some(exit()))
    });
    let waits = || status.state.as_ref()?.waiting.as_ref()?.message.as_deref().map(line);
    by_itself.or_else(waits)
}

fn told(words: &Option<String>) -> String {
    words.as_ref().map_or_else(String::new, |words| format!(": {words}"))
}

fn line(text: &str) -> String {
    clip(&printable::line(text), MESSAGE_MAX).into_owned()
}

fn mend(why: &str, logs: &str) -> String {
    if why.contains("Image") {
        format!("helm upgrade with image.repository and image.tag set to what your nodes can pull {FORCE}")
    } else {
        format!("mend the value that it names and helm upgrade; its log: {logs}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::doctor::Level;

    fn deployment(status: Value) -> Deployment {
        serde_json::from_value(json!({
            "metadata": {"name": "berth", "namespace": "berth-system", "generation": 2},
            "spec": {"replicas": 2, "selector": {}, "template": {}},
            "status": status,
        }))
        .unwrap()
    }

    fn pod(status: Value) -> Pod {
        let status = json!({"containerStatuses": [status]});
        serde_json::from_value(json!({"metadata": {"name": "berth-1"}, "status": status})).unwrap()
    }

    fn status(state: Value, last: Value, restarts: u32, ready: bool) -> Value {
        json!({"name": "berth", "image": "berth", "imageID": "", "ready": ready, "restartCount": restarts,
               "state": state, "lastState": last})
    }

    fn sound() -> Deployment {
        deployment(json!({"replicas": 2, "updatedReplicas": 2, "observedGeneration": 2}))
    }

    #[test]
    fn a_pod_that_keeps_ending_fails_with_its_last_words_though_an_old_one_answers() {
        let words =
            "starting\nberth: /etc/berth/policy.yaml: line 3: operations.rate: unknown field `rate`\n";
        let ended = json!({"terminated": {"exitCode": 1, "reason": "Error", "message": words}});
        let waits = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}});
        let rolling = deployment(json!({
            "replicas": 3, "updatedReplicas": 1, "availableReplicas": 2, "observedGeneration": 2,
            "conditions": [{"type": "Progressing", "status": "True"}],
        }));
        let said = judge("berth", &rolling, &[pod(status(waits, ended, 4, false))]);
        assert_eq!(said[0].0, Level::Fail);
        assert!(said[0].1.ends_with("operations.rate: unknown field `rate`"), "{}", said[0].1);
        assert!(said[1].1.contains("a rollout is under way: 1 of 2"), "{}", said[1].1);
    }

    #[test]
    fn a_stuck_rollout_fails_with_its_condition() {
        let stuck = deployment(json!({
            "replicas": 3, "updatedReplicas": 1, "observedGeneration": 2,
            "conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
                            "message": "ReplicaSet \"berth-2\" has timed out progressing."}],
        }));
        let said = judge("berth", &stuck, &[]);
        assert!(said.len() == 1 && said[0].0 == Level::Fail && said[0].1.contains("timed out"), "{said:?}");
    }

    #[test]
    fn an_image_that_cant_be_pulled_is_told_by_what_the_node_says() {
        let waits =
            json!({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image \"x\""}});
        let said = judge("berth", &sound(), &[pod(status(waits, json!({}), 0, false))]);
        assert!(said[0].0 == Level::Fail && said[0].1.ends_with("Back-off pulling image \"x\""), "{said:?}");
        assert!(said[0].2.as_deref().unwrap().contains("image.repository"));
    }

    #[test]
    fn a_pod_without_a_node_is_told_by_what_the_scheduler_says() {
        let pod: Pod =
            serde_json::from_value(json!({"metadata": {"name": "berth-1"}, "status": {"conditions": [
                {"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                 "message": "0/1 nodes are available: 1 Insufficient cpu."},
            ]}}))
            .unwrap();
        let rolling = |available: i32| {
            deployment(json!({"replicas": 3, "updatedReplicas": 1, "availableReplicas": available,
                              "observedGeneration": 2}))
        };
        let said = judge("berth", &rolling(2), std::slice::from_ref(&pod));
        assert_eq!(said[0].0, Level::Warn);
        assert!(said[0].1.ends_with("1 Insufficient cpu."), "{}", said[0].1);
        assert_eq!(judge("berth", &rolling(0), &[pod])[0].0, Level::Fail);
    }

    #[test]
    fn a_pod_that_isnt_let_in_is_told_by_what_the_api_server_says() {
        let refused = deployment(json!({
            "replicas": 0, "updatedReplicas": 0, "observedGeneration": 2,
            "conditions": [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
                            "message": "pods \"berth-1\" is forbidden: exceeded quota: none"}],
        }));
        let said = judge("berth", &refused, &[]);
        assert!(said[0].0 == Level::Fail && said[0].1.ends_with("exceeded quota: none"), "{said:?}");
    }

    #[test]
    fn a_restart_that_is_over_is_a_warning_and_none_is_fine() {
        let runs = json!({"running": {}});
        let killed = json!({"terminated": {"exitCode": 137, "reason": "OOMKilled"}});
        let said = judge("berth", &sound(), &[pod(status(runs.clone(), killed, 1, true))]);
        assert!(said[0].0 == Level::Warn && said[0].1.ends_with("OOMKilled, exit code 137"), "{said:?}");
        assert_eq!(judge("berth", &sound(), &[pod(status(runs, json!({}), 0, true))])[0].0, Level::Ok);
    }
}
