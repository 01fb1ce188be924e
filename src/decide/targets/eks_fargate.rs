//! EKS on Fargate: Fargate with 256 MB for each Pod's agents, and a share of the control plane.

use super::{Bill, Question, hours, infrastructure};
use crate::catalog::HOURS_A_MONTH;

pub fn bill(question: &Question<'_>) -> Bill {
    let overhead = question.catalog.limits.eks_fargate.memory_overhead.value / 1024.0;
    Bill {
        infrastructure: infrastructure::fargate_hour(question, overhead) * hours::running(question),
        front_door: infrastructure::usual_front_door(question),
        platform: question.catalog.prices.eks.cluster_hour.value * HOURS_A_MONTH,
        unconfirmed: false,
    }
}
