//! EKS on Fargate: Fargate with 256 MB for each Pod's agents, and a share of the control plane.

use super::{Bill, Compute, Guide, Question, hours, infrastructure};
use crate::catalog::HOURS_A_MONTH;

pub const GUIDE: Guide = Guide {
    is: "Kubernetes' API with a Fargate task for each Pod and no nodes.",
    wins: "What needs the Kubernetes API in a cluster that has no other reason for nodes. It \
           loses where Pods are many and small: each has Fargate's price and 256 MB more.",
    billed: "Fargate's sizes with the memory of the Pod's agents added; a share of the control \
             plane and of a load balancer.",
    figures: &["/limits/eksFargate", "/prices/fargate", "/prices/eks", "/prices/loadBalancer"],
};

pub fn bill(question: &Question<'_>) -> Bill {
    let overhead = question.catalog.limits.eks_fargate.memory_overhead.value / 1024.0;
    Bill {
        infrastructure: Compute::Hourly { hour: infrastructure::fargate_hour(question, overhead), hours: hours::billed(question), least: 1.0 },
        front_door: infrastructure::cluster_front_door(question),
        platform: question.catalog.prices.eks.cluster_hour.value * HOURS_A_MONTH,
        unconfirmed: false,
    }
}
