//! The Lease as an object: it belongs to the Deployment, so that it goes with an uninstall, and an installation that
//! follows has no holder to wait for.

use k8s_openapi::{
    api::{apps::v1::Deployment, coordination::v1::Lease},
    apimachinery::pkg::apis::meta::v1::OwnerReference,
};
use kube::{
    Api, Client, Resource,
    api::{ListParams, PostParams},
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
    /// Has the Deployment own what the election made, or what an installation before this one left. Where that can't be done
    /// the Lease only stays after an uninstall.
    pub async fn adopt(&self) {
        match self.try_to_adopt().await {
            Ok(true) => debug!(lease = self.name, "the Deployment owns the Lease"),
            Ok(false) => {}
            Err(error) => debug!(lease = self.name, error = reason(&error), "nobody owns the Lease"),
        }
    }

    /// Whether it had to be.
    async fn try_to_adopt(&self) -> Result<bool, kube::Error> {
        let leases: Api<Lease> = Api::namespaced(self.client.clone(), &self.namespace);
        let Some(owner) = self.owner().await? else { return Ok(false) };
        let mut lease = leases.get(&self.name).await?;
        let is_owned = |of: &OwnerReference| of.uid == owner.uid;
        if lease.metadata.owner_references.iter().flatten().any(is_owned) {
            return Ok(false);
        }
        // An owner that is gone would take it away from the next one.
        lease.metadata.owner_references = Some(vec![owner]);
        leases.replace(&self.name, &PostParams::default(), &lease).await?;
        Ok(true)
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
