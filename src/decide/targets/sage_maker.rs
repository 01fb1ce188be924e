//! SageMaker: instances of its own, at a factor on EC2's price that no price list confirmed.

use super::{Bill, Question, hours, infrastructure};
use crate::{
    catalog::HOURS_A_MONTH,
    decide::Interval,
    facts::{Lifetime, Trigger},
};

pub fn bill(question: &Question<'_>) -> Bill {
    let prices = &question.catalog.prices.sage_maker;
    let factor = Interval::new(prices.instance_factor_low.value, prices.instance_factor_high.value);
    let hour = infrastructure::whole_instance_hour(question) * factor;
    let unconfirmed = !(prices.instance_factor_low.confirmed && prices.instance_factor_high.confirmed);
    Bill { infrastructure: hour * running(question), unconfirmed, ..Bill::default() }
}

/// An endpoint that answers later may scale to zero between requests; one that answers at once may not.
fn running(question: &Question<'_>) -> Interval {
    let evidence = question.evidence;
    let later = matches!(evidence.trigger.value(), Some(Trigger::Queue | Trigger::ObjectEvent));
    if !later || evidence.lifetime != Lifetime::Service {
        return hours::running(question);
    }
    // Every request may find the endpoint at rest and hold it until it scales in again.
    let idle = question.catalog.limits.sage_maker.scale_in.value;
    let held =
        hours::requests_per_second(question) * (hours::request_seconds(question) + Interval::new(0.0, idle));
    let copies = hours::copies(question);
    Interval::new(held.low.min(copies.low), held.high.min(copies.high)) * HOURS_A_MONTH
}
