//! The eleven AWS compute targets that Berth chooses among.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An AWS compute target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Target {
    Lambda,
    ECSExpress,
    ECSFargate,
    ECSManagedInstances,
    ECSOnEC2,
    AppRunner,
    Batch,
    SageMaker,
    EKSFargate,
    EKSAutoMode,
    EKSNodes,
}

impl Target {
    pub const ALL: [Target; 11] = [
        Target::Lambda,
        Target::ECSExpress,
        Target::ECSFargate,
        Target::ECSManagedInstances,
        Target::ECSOnEC2,
        Target::AppRunner,
        Target::Batch,
        Target::SageMaker,
        Target::EKSFargate,
        Target::EKSAutoMode,
        Target::EKSNodes,
    ];

    /// All that aren't Kubernetes.
    pub const OUTSIDE_KUBERNETES: &'static [Target] = &[
        Target::Lambda,
        Target::ECSExpress,
        Target::ECSFargate,
        Target::ECSManagedInstances,
        Target::ECSOnEC2,
        Target::AppRunner,
        Target::Batch,
        Target::SageMaker,
    ];

    /// The name used in the API and in files.
    pub fn id(self) -> &'static str {
        match self {
            Target::Lambda => "Lambda",
            Target::ECSExpress => "ECSExpress",
            Target::ECSFargate => "ECSFargate",
            Target::ECSManagedInstances => "ECSManagedInstances",
            Target::ECSOnEC2 => "ECSOnEC2",
            Target::AppRunner => "AppRunner",
            Target::Batch => "Batch",
            Target::SageMaker => "SageMaker",
            Target::EKSFargate => "EKSFargate",
            Target::EKSAutoMode => "EKSAutoMode",
            Target::EKSNodes => "EKSNodes",
        }
    }

    /// The name people say.
    pub fn title(self) -> &'static str {
        match self {
            Target::Lambda => "Lambda",
            Target::ECSExpress => "ECS Express Mode",
            Target::ECSFargate => "ECS on Fargate",
            Target::ECSManagedInstances => "ECS Managed Instances",
            Target::ECSOnEC2 => "ECS on EC2",
            Target::AppRunner => "App Runner",
            Target::Batch => "AWS Batch",
            Target::SageMaker => "SageMaker",
            Target::EKSFargate => "EKS on Fargate",
            Target::EKSAutoMode => "EKS Auto Mode",
            Target::EKSNodes => "EKS with nodes",
        }
    }

    pub fn is_kubernetes(self) -> bool {
        self.platform() == Target::EKSNodes
    }

    /// The target that stands for its platform: one cluster of ECS or EKS can have several kinds of capacity.
    pub fn platform(self) -> Target {
        match self {
            Target::ECSExpress | Target::ECSManagedInstances | Target::ECSOnEC2 => Target::ECSFargate,
            Target::EKSFargate | Target::EKSAutoMode => Target::EKSNodes,
            other => other,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
