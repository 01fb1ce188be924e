//! Whether Helm's newest revision is the one that runs: after an upgrade that failed, the next one starts from the last that
//! didn't, and what the failed one set is lost.

use futures::{FutureExt, future::BoxFuture};
use k8s_openapi::api::core::v1::Secret;
use kube::{Api, api::ListParams};

use super::{Installation, Said, ok, warn};
use crate::operator::reconcile::reason;

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async {
        let (release, namespace) = (installation.release(), &installation.namespace);
        let secrets: Api<Secret> = Api::namespaced(installation.client.clone(), namespace);
        let of_helm = ListParams::default().labels(&format!("owner=helm,name={release}"));
        // Helm's revisions are Secrets whose labels say how they ended; what is in them isn't asked for.
        match secrets.list_metadata(&of_helm).await {
            Ok(list) => {
                let revisions = list.items.into_iter().filter_map(|secret| {
                    let mut labels = secret.metadata.labels?;
                    Some((labels.remove("version")?.parse().ok()?, labels.remove("status")?))
                });
                judge(release, namespace, revisions.max()).into_iter().collect()
            }
            Err(error) => vec![warn(
                format!("Helm's revisions can't be listed: {}", reason(&error)),
                "ask as somebody who may list the Secrets of its namespace",
            )],
        }
    }
    .boxed()
}

/// Nothing where Helm keeps none, as where Argo CD renders the chart.
fn judge(release: &str, namespace: &str, newest: Option<(u32, String)>) -> Option<Said> {
    let (revision, status) = newest?;
    Some(match status.as_str() {
        "deployed" => ok(format!("Helm's revision {revision} of {release} is the one that runs")),
        "failed" => warn(
            format!("Helm's revision {revision} of {release} failed: --reuse-values leaves out what it set"),
            format!(
                "helm upgrade with the values of: helm get values {release} -n {namespace} --revision {revision}"
            ),
        ),
        "pending-install" => warn(
            format!("Helm's revision {revision} of {release} isn't finished ({status})"),
            format!(
                "where no helm runs any more: helm uninstall {release} -n {namespace}, and install it anew"
            ),
        ),
        "pending-upgrade" | "pending-rollback" => warn(
            format!("Helm's revision {revision} of {release} isn't finished ({status})"),
            format!("where no helm runs any more: helm rollback {release} -n {namespace}"),
        ),
        other => warn(
            format!("Helm's revision {revision} of {release} is {other}"),
            format!("helm history {release} -n {namespace}"),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn a_revision_that_failed_or_hangs_is_told_of() {
        let level = |status: &str| judge("berth", "berth-system", Some((3, status.to_owned()))).unwrap().0;
        assert_eq!(level("deployed"), Level::Ok);
        assert_eq!(level("failed"), Level::Warn);
        assert_eq!(level("pending-upgrade"), Level::Warn);
        assert_eq!(level("pending-install"), Level::Warn);
        assert_eq!(level("uninstalling"), Level::Warn);
        assert_eq!(judge("berth", "berth-system", None), None);
    }
}
