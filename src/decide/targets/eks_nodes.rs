//! EKS with nodes: a share of nodes that the team operates, and of the control plane.

use super::{Bill, Question, hours, infrastructure};
use crate::catalog::HOURS_A_MONTH;

pub fn bill(question: &Question<'_>) -> Bill {
    Bill {
        infrastructure: question.instance_hour * hours::running(question),
        front_door: infrastructure::usual_front_door(question),
        platform: question.catalog.prices.eks.cluster_hour.value * HOURS_A_MONTH,
        unconfirmed: false,
    }
}
