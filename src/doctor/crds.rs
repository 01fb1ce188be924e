//! Whether the cluster's custom resources are this version's.

use clap::ValueEnum;
use futures::{FutureExt, future::BoxFuture};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Api;
use serde_json::Value;

use super::{FORCE, Installation, Said, fail, ok, warn};
use crate::{api, operator::reconcile::reason, report::open_reports};

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async {
        let mut said = Vec::new();
        for ours in api::crds() {
            said.push(one(installation, &ours).await);
        }
        if let Some(group) = installation.argument("open-reports") {
            said.extend(reported(installation, group).await);
        }
        said
    }
    .boxed()
}

/// Whether the kind of the reports is there that the chart's values ask for. It is another project's.
async fn reported(installation: &Installation, group: &str) -> Option<Said> {
    let [group, _, _, plural] = open_reports::Api::from_str(group, false).ok()?.names();
    let name = format!("{plural}.{group}");
    let all: Api<CustomResourceDefinition> = Api::all(installation.client.clone());
    Some(match all.get_metadata_opt(&name).await {
        Ok(Some(_)) => ok(format!("{name} is there for openReports")),
        Ok(None) => fail(
            format!("openReports is on and {name} isn't installed: no report is kept"),
            "install the CRDs of that project, or set openReports.enabled=false",
        ),
        Err(error) => warn(format!("{name} can't be read: {}", reason(&error)), "ask an administrator"),
    })
}

async fn one(installation: &Installation, ours: &CustomResourceDefinition) -> Said {
    let name = ours.metadata.name.clone().unwrap_or_default();
    let all: Api<CustomResourceDefinition> = Api::all(installation.client.clone());
    let theirs = match all.get_opt(&name).await {
        Ok(Some(theirs)) => theirs,
        Ok(None) => return fail(format!("{name} isn't installed"), "helm upgrade with crds.install=true"),
        Err(error) => {
            return fail(format!("{name} can't be read: {}", reason(&error)), "ask an administrator");
        }
    };
    let established =
        theirs.status.as_ref().and_then(|status| status.conditions.as_ref()).is_some_and(|all| {
            all.iter().any(|condition| condition.type_ == "Established" && condition.status == "True")
        });
    if !established {
        return fail(format!("{name} isn't established"), format!("kubectl describe crd {name}"));
    }
    for version in &ours.spec.versions {
        let Some(served) =
            theirs.spec.versions.iter().find(|other| other.name == version.name && other.served)
        else {
            return fail(
                format!("{name} doesn't serve {}", version.name),
                format!("helm upgrade --set crds.install=true {FORCE}"),
            );
        };
        let schema = |of: &_| serde_json::to_value(of).unwrap_or_default();
        if let Some(field) = missing(&schema(&version.schema), &schema(&served.schema)) {
            return fail(
                format!("{name} lacks the field {field}, which this version writes"),
                format!(
                    "helm upgrade --set crds.install=true {FORCE}, or use the berth of the chart's version"
                ),
            );
        }
    }
    let versions: Vec<&str> = ours.spec.versions.iter().map(|version| version.name.as_str()).collect();
    ok(format!("{name} serves {}", versions.join(", ")))
}

/// The first property of a schema that another lacks.
fn missing(ours: &Value, theirs: &Value) -> Option<String> {
    let (Some(ours), theirs) = (ours.as_object(), theirs.as_object()) else { return None };
    for (key, value) in ours {
        let other = theirs.and_then(|theirs| theirs.get(key)).unwrap_or(&Value::Null);
        if key == "properties" {
            for (name, value) in value.as_object().into_iter().flatten() {
                let Some(other) = other.get(name) else { return Some(name.clone()) };
                if let Some(below) = missing(value, other) {
                    return Some(format!("{name}.{below}"));
                }
            }
        } else if let Some(below) = missing(value, other) {
            return Some(below);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_that_the_cluster_lacks_is_named_with_its_path() {
        let leaf = json!({"type": "string"});
        let full =
            json!({"openAPIV3Schema": {"properties": {"status": {"properties": {"a": leaf, "b": leaf}}}}});
        let less = json!({"openAPIV3Schema": {"properties": {"status": {"properties": {"a": leaf}}}}});
        assert_eq!(missing(&full, &less).as_deref(), Some("status.b"));
        assert_eq!(missing(&less, &full), None);
        let items = |of: &Value| json!({"properties": {"list": {"items": of}}});
        assert_eq!(
            missing(&items(&json!({"properties": {"c": leaf}})), &items(&json!({}))).as_deref(),
            Some("list.c")
        );
    }
}
