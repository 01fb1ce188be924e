//! ECS Managed Instances: EC2 that AWS operates, for a fee on its price.

use super::{Bill, Question, hours, infrastructure};

pub fn bill(question: &Question<'_>) -> Bill {
    let prices = &question.catalog.prices.ecs;
    let accelerated = infrastructure::is_accelerated(question);
    let fee = if accelerated { &prices.managed_instances_fee_gpu } else { &prices.managed_instances_fee };
    let hour = question.instance_hour * (1.0 + fee.value / 100.0);
    Bill {
        infrastructure: hour * hours::running(question),
        front_door: infrastructure::usual_front_door(question),
        platform: 0.0,
        unconfirmed: !fee.confirmed,
    }
}
