//! The API group `berth.dev`, version `v1alpha1`: the custom resources' types and nothing else.

mod workload_profile;

#[cfg(feature = "cluster")]
pub use workload_profile::WorkloadProfile;
pub use workload_profile::{Condition, WorkloadProfileSpec, WorkloadProfileStatus, WorkloadRef};

/// The API group.
pub const GROUP: &str = "berth.dev";
/// The field manager under which Berth writes.
pub const FIELD_MANAGER: &str = "berth";
