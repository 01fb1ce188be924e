//! ECS on Fargate: tasks at Fargate's sizes, and a share of a load balancer.

use super::{Bill, Question, hours, infrastructure};

pub fn bill(question: &Question<'_>) -> Bill {
    Bill {
        infrastructure: question.fargate_hour * hours::running(question),
        front_door: infrastructure::usual_front_door(question),
        ..Bill::default()
    }
}
