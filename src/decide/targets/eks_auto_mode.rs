//! EKS Auto Mode: a share of nodes that AWS operates for a fee, and of the control plane.

use super::{Bill, Guide, Question, hours, infrastructure, instances};
use crate::catalog::{Figure, HOURS_A_MONTH, Target};

pub const GUIDE: Guide = Guide {
    is: "Kubernetes with nodes, storage and load balancing that AWS operates.",
    wins: "What needs Kubernetes, and many services that share a cluster: its nodes want fewer \
           hours than one's own. Its fee is on the instances, so that it grows with the fleet \
           while the hours that it saves don't.",
    billed: "A share of an instance and a fee on its price; a share of the control plane and of \
             a load balancer.",
    figures: &["/limits/eksAutoMode", "/prices/eks", "/prices/instances", "/prices/ec2", "/prices/loadBalancer"],
};

pub fn bill(question: &Question<'_>) -> Bill {
    let node_hour = question.node_hour(Target::EKSAutoMode);
    let fee = fee(question);
    let hours = hours::running(question);
    Bill {
        infrastructure: instances::compute(question, node_hour.share, fee.value / 100.0, hours),
        front_door: infrastructure::cluster_front_door(question),
        platform: question.catalog.prices.eks.cluster_hour.value * HOURS_A_MONTH,
        unconfirmed: !fee.confirmed || node_hour.unconfirmed,
    }
}

/// Percent of an instance's on-demand price.
pub fn fee<'a>(question: &Question<'a>) -> &'a Figure {
    let prices = &question.catalog.prices.eks;
    let accelerated = instances::is_accelerated(question.evidence);
    if accelerated { &prices.auto_mode_fee_gpu } else { &prices.auto_mode_fee }
}
