//! Whether as many replicas answer as were asked for, and of which version.

use futures::{FutureExt, future::BoxFuture};

use super::{Installation, Said, fail, ok, warn};

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async { vec![available(installation), version(installation)] }.boxed()
}

fn available(installation: &Installation) -> Said {
    let wanted = installation.replicas();
    let available = installation.available();
    let (namespace, name) = (&installation.namespace, &installation.name);
    let look = format!("kubectl describe pods -n {namespace} -l app.kubernetes.io/name=berth");
    if wanted == 0 {
        return fail(
            format!("{namespace}/{name} is scaled to 0: no warnings and no new statuses"),
            format!("kubectl scale deployment/{name} --replicas=2 -n {namespace}"),
        );
    }
    if available == 0 {
        return fail(format!("none of {wanted} replicas is ready: no warnings and no new statuses"), look);
    }
    if available < wanted {
        return warn(format!("{available} of {wanted} replicas are ready"), look);
    }
    ok(format!("{available} of {wanted} are ready in {namespace}"))
}

fn version(installation: &Installation) -> Said {
    let ours = env!("CARGO_PKG_VERSION");
    let labels = installation.deployment.metadata.labels.as_ref();
    match labels.and_then(|labels| labels.get("app.kubernetes.io/version")) {
        Some(theirs) if theirs == ours => ok(format!("version {ours}, as this command")),
        Some(theirs) => warn(
            format!("version {theirs} is installed, this command is {ours}"),
            "use the berth of the installed version: the checks below may judge it wrongly",
        ),
        None => warn("its version isn't known", "install it by the chart"),
    }
}
