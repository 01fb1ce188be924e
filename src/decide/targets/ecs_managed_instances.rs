//! ECS Managed Instances: EC2 that AWS operates, for a fee on its price.

use super::{Bill, Guide, Question, hours, infrastructure, instances};
use crate::catalog::Figure;

pub const GUIDE: Guide = Guide {
    is: "EC2 instances that AWS chooses, patches and replaces, with ECS's tasks on them.",
    wins: "What Fargate can't hold, such as a GPU or a large task, for a team that wants no \
           nodes to care for. A few dollars of compute don't win over Fargate: tasks have to move with \
           the instances that AWS replaces. It loses to ECS on EC2 once the fee is more than the hours that it \
           saves.",
    billed: "A share of an instance and a fee on its price; a share of a load balancer where \
             HTTP comes in, a whole one where it takes the place of a node's port.",
    figures: &[
        "/limits/ecsManagedInstances",
        "/limits/ec2",
        "/limits/ecs",
        "/prices/ecs",
        "/prices/instances",
        "/prices/ec2",
        "/prices/loadBalancer",
    ],
};

pub fn bill(question: &Question<'_>) -> Bill {
    let fee = fee(question);
    let share = question.rates.ec2.share;
    let hours = hours::running(question);
    Bill {
        infrastructure: instances::compute(question, share, fee.value / 100.0, hours),
        front_door: infrastructure::task_front_door(question),
        platform: 0.0,
        unconfirmed: !fee.confirmed || question.rates.ec2.unconfirmed,
    }
}

/// Percent of an instance's on-demand price.
pub fn fee<'a>(question: &Question<'a>) -> &'a Figure {
    let prices = &question.catalog.prices.ecs;
    let accelerated = instances::is_accelerated(question.evidence);
    if accelerated { &prices.managed_instances_fee_gpu } else { &prices.managed_instances_fee }
}
