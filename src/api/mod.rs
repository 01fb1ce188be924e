//! The API group `berth.dev`, version `v1alpha1`: the custom resources' types and nothing else.

mod condition;
mod platform_profile;
mod workload_profile;

pub use condition::Condition;
#[cfg(feature = "cluster")]
pub use platform_profile::PlatformProfile;
pub use platform_profile::{PLATFORM, PlatformProfileSpec, PlatformProfileStatus};
#[cfg(feature = "cluster")]
pub use workload_profile::WorkloadProfile;
pub use workload_profile::{WorkloadProfileSpec, WorkloadProfileStatus, WorkloadRef};

/// The API group.
pub const GROUP: &str = "berth.dev";
/// The field manager under which Berth writes.
pub const FIELD_MANAGER: &str = "berth";

/// The custom resource definitions of them all.
#[cfg(feature = "cluster")]
pub fn crds()
-> Vec<k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition> {
    use kube::CustomResourceExt;

    vec![PlatformProfile::crd(), WorkloadProfile::crd()]
}
