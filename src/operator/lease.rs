//! The Lease as an object: it belongs to the Deployment, so that it goes with an uninstall, and an installation that
//! follows has no holder to wait for.

use k8s_openapi::{
    api::{
        apps::v1::Deployment,
        coordination::v1::{Lease, LeaseSpec},
    },
    apimachinery::pkg::apis::meta::v1::OwnerReference,
};
use kube::{
    Api, Client, Resource,
    api::{ListParams, ObjectMeta, PostParams},
};
use tracing::debug;

use super::reconcile::reason;

/// A Lease that the Deployment of the same name owns.
pub struct OwnedLease {
    pub client: Client,
    pub namespace: String,
    pub name: String,
}

impl OwnedLease {
    /// Makes it, held by nobody, where there is none. Where that can't be done the election makes one that nobody owns.
    pub async fn make(&self) {
        match self.try_to_make().await {
            Ok(true) => debug!(lease = self.name, "made the Lease"),
            Ok(false) => {}
            Err(error) => debug!(lease = self.name, error = reason(&error), "the election makes the Lease"),
        }
    }

    /// Whether it was made.
    async fn try_to_make(&self) -> Result<bool, kube::Error> {
        let leases: Api<Lease> = Api::namespaced(self.client.clone(), &self.namespace);
        if leases.get_metadata_opt(&self.name).await?.is_some() {
            return Ok(false);
        }
        let Some(owner) = self.owner().await? else { return Ok(false) };
        let lease = Lease {
            metadata: ObjectMeta {
                name: Some(self.name.clone()),
                owner_references: Some(vec![owner]),
                ..ObjectMeta::default()
            },
            spec: Some(LeaseSpec::default()),
        };
        match leases.create(&PostParams::default(), &lease).await {
            Ok(_) => Ok(true),
            // Another replica was first.
            Err(kube::Error::Api(status)) if status.code == 409 => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Nothing outside a Deployment. It's listed and not got: that is what the operator may do anyhow.
    async fn owner(&self) -> Result<Option<OwnerReference>, kube::Error> {
        let deployments: Api<Deployment> = Api::namespaced(self.client.clone(), &self.namespace);
        let named = ListParams::default().fields(&format!("metadata.name={}", self.name));
        let found = deployments.list_metadata(&named).await?.items.into_iter().next();
        Ok(found.and_then(|deployment| {
            Some(OwnerReference {
                api_version: Deployment::api_version(&()).into_owned(),
                kind: Deployment::kind(&()).into_owned(),
                name: deployment.metadata.name?,
                uid: deployment.metadata.uid?,
                controller: None,
                block_owner_deletion: None,
            })
        }))
    }
}
