//! The writes of reports. Needs a client.

use std::collections::BTreeMap;

use kube::{
    Api, Client,
    api::{ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams},
    core::GroupVersionKind,
};
use serde_json::Value;
use tracing::info;

use crate::{
    api::FIELD_MANAGER,
    operator::reconcile::Error,
    report::open_reports::{self, CONTENT, NAME},
};

const MANAGER: &str = "berth-open-reports";
/// Metadata of so many at once.
const PAGE: u32 = 500;

/// What came of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Unchanged,
    Written,
    Removed,
}

/// Writes reports, on change alone.
pub struct ReportWriter {
    client: Client,
    resource: ApiResource,
    /// What is stored in each namespace, by the hash that it carries; nothing until it's listed.
    known: Option<BTreeMap<String, String>>,
}

impl ReportWriter {
    pub fn new(client: Client, api: open_reports::Api) -> Self {
        let [group, version, kind, plural] = api.names();
        let kind = GroupVersionKind::gvk(group, version, kind);
        ReportWriter { client, resource: ApiResource::from_gvk_with_plural(&kind, plural), known: None }
    }

    /// Has the next write look at what is stored.
    pub fn forget(&mut self) {
        self.known = None;
    }

    /// The namespaces that a report of Berth's is in.
    ///
    /// # Errors
    /// When they can't be listed; a cluster without the kind is told so.
    pub async fn known(&mut self) -> Result<Vec<String>, Error> {
        Ok(self.stored().await?.keys().cloned().collect())
    }

    /// Brings the report of a namespace up to date; none is wanted where nothing runs.
    ///
    /// # Errors
    /// When the API server refuses; all of it can be tried again.
    pub async fn write(&mut self, namespace: &str, report: Option<&Value>) -> Result<Outcome, Error> {
        let content =
            report.map(|report| report["metadata"]["annotations"][CONTENT].as_str().unwrap_or_default());
        if self.stored().await?.get(namespace).map(String::as_str) == content {
            return Ok(Outcome::Unchanged);
        }
        let api: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), namespace, &self.resource);
        let kind = &self.resource.kind;
        let outcome = match report {
            Some(report) => {
                let params = PatchParams::apply(MANAGER).force();
                match api.patch_metadata(NAME, &params, &Patch::Apply(report)).await {
                    Ok(_) => info!(namespace, "{kind} written"),
                    // The namespace is going, and takes it along.
                    Err(kube::Error::Api(status)) if status.code == 404 || is_ending(&status) => {}
                    Err(source) => return Err(Error::Api { what: "the report can't be applied", source }),
                }
                Outcome::Written
            }
            None => {
                match api.delete(NAME, &DeleteParams::default()).await {
                    Ok(_) => info!(namespace, "{kind} deleted: nothing is left to report"),
                    Err(kube::Error::Api(status)) if status.code == 404 => {}
                    Err(source) => return Err(Error::Api { what: "the report can't be deleted", source }),
                }
                Outcome::Removed
            }
        };
        if let Some(known) = &mut self.known {
            match content {
                Some(content) => known.insert(namespace.to_owned(), content.to_owned()),
                None => known.remove(namespace),
            };
        }
        Ok(outcome)
    }

    /// What is stored: its metadata says all that is needed.
    async fn stored(&mut self) -> Result<&BTreeMap<String, String>, Error> {
        let known = match self.known.take() {
            Some(known) => known,
            None => self.list().await?,
        };
        Ok(self.known.insert(known))
    }

    async fn list(&self) -> Result<BTreeMap<String, String>, Error> {
        let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &self.resource);
        let ours = format!("app.kubernetes.io/managed-by={FIELD_MANAGER}");
        let mut page = ListParams::default().labels(&ours).limit(PAGE);
        let mut found = BTreeMap::new();
        loop {
            let list = api.list_metadata(&page).await.map_err(|source| Error::Api {
                what: "the cluster has no such kind, or it may not be listed",
                source,
            })?;
            for report in list.items {
                let meta = report.metadata;
                let content = meta.annotations.unwrap_or_default().remove(CONTENT).unwrap_or_default();
                if meta.name.as_deref() == Some(NAME) {
                    found.insert(meta.namespace.unwrap_or_default(), content);
                }
            }
            match list.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => page = page.continue_token(&token),
                None => return Ok(found),
            }
        }
    }
}

/// Whether nothing can be created in a namespace because it's being deleted.
fn is_ending(status: &kube::core::Status) -> bool {
    status.code == 403 && status.message.contains("because it is being terminated")
}
