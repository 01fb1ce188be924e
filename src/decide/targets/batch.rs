//! AWS Batch: Fargate for as long as a run takes.

use super::{Bill, Question, hours, infrastructure};

pub fn bill(question: &Question<'_>) -> Bill {
    let hour = if infrastructure::is_accelerated(question) {
        infrastructure::whole_instance_hour(question)
    } else {
        question.fargate_hour
    };
    Bill { infrastructure: hour * hours::running(question), ..Bill::default() }
}
