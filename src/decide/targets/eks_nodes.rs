//! EKS with nodes: a share of nodes that the team operates, and of the control plane.

use super::{Bill, Guide, Question, hours, infrastructure, instances};
use crate::catalog::{HOURS_A_MONTH, Target};

pub const GUIDE: Guide = Guide {
    is: "Kubernetes with nodes that the team operates.",
    wins: "What needs the node itself (DaemonSets, shared GPUs, Windows with Kubernetes), and \
           fleets so large that a platform team's hours are spread thin. It is also where Berth \
           takes a workload to run while nothing says otherwise.",
    billed: "A share of an instance, packed as full as the policy says; a share of the control \
             plane and of a load balancer.",
    figures: &["/prices/eks", "/prices/instances", "/prices/ec2", "/prices/loadBalancer"],
};

pub fn bill(question: &Question<'_>) -> Bill {
    let node_hour = question.node_hour(Target::EKSNodes);
    Bill {
        infrastructure: instances::compute(question, node_hour.share, 0.0, hours::running(question)),
        front_door: infrastructure::cluster_front_door(question),
        platform: question.catalog.prices.eks.cluster_hour.value * HOURS_A_MONTH,
        unconfirmed: node_hour.unconfirmed,
    }
}
