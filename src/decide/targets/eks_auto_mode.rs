//! EKS Auto Mode: a share of nodes that AWS operates for a fee, and of the control plane.

use super::{Bill, Question, hours, infrastructure};
use crate::catalog::HOURS_A_MONTH;

pub fn bill(question: &Question<'_>) -> Bill {
    let prices = &question.catalog.prices.eks;
    let accelerated = infrastructure::is_accelerated(question);
    let fee = if accelerated { &prices.auto_mode_fee_gpu } else { &prices.auto_mode_fee };
    let hour = question.instance_hour * (1.0 + fee.value / 100.0);
    Bill {
        infrastructure: hour * hours::running(question),
        front_door: infrastructure::usual_front_door(question),
        platform: prices.cluster_hour.value * HOURS_A_MONTH,
        unconfirmed: !fee.confirmed,
    }
}
