//! ECS Express Mode: Fargate tasks behind a load balancer that up to 25 services share.

use super::{Bill, Question, hours, infrastructure};

pub fn bill(question: &Question<'_>) -> Bill {
    let sharing = question.catalog.limits.ecs_express.load_balancer_share.value;
    Bill {
        infrastructure: question.fargate_hour * hours::running(question),
        front_door: infrastructure::front_door(question, sharing),
        ..Bill::default()
    }
}
