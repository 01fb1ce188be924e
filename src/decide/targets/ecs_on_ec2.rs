//! ECS on EC2: a share of instances that the team operates.

use super::{Bill, Question, hours, infrastructure};

pub fn bill(question: &Question<'_>) -> Bill {
    Bill {
        infrastructure: question.instance_hour * hours::running(question),
        front_door: infrastructure::usual_front_door(question),
        ..Bill::default()
    }
}
