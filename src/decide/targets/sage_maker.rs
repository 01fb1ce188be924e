//! SageMaker: instances of its own, at a factor on EC2's price that no price list confirmed.

use super::{Bill, Question, hours, infrastructure};
use crate::decide::Interval;

pub fn bill(question: &Question<'_>) -> Bill {
    let prices = &question.catalog.prices.sage_maker;
    let factor = Interval::new(prices.instance_factor_low.value, prices.instance_factor_high.value);
    let hour = infrastructure::whole_instance_hour(question) * factor;
    Bill { infrastructure: hour * hours::running(question), ..Bill::default() }
}
