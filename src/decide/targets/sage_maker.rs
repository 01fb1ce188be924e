//! SageMaker: instances of its own, at a factor on EC2's price that no price list confirmed.

use super::{Bill, Compute, Guide, Question, hours};
use crate::{
    catalog::HOURS_A_MONTH,
    decide::Interval,
    facts::{Lifetime, Trigger},
};

pub const GUIDE: Guide = Guide {
    is: "Endpoints that serve a model, and training runs, on instances that AWS operates.",
    wins: "A model that answers seldom and later, from a queue: such an endpoint may scale to \
           zero. One that answers at once holds its instance all day and mostly loses to a share \
           of a node.",
    billed: "Instances of its own, at a factor on EC2's price that no price list confirmed. What an endpoint takes in and \
             gives out is billed by the GB beside that, and so is the disk of its instances: neither is counted here.",
    figures: &["/limits/sageMaker", "/prices/sageMaker", "/prices/instances"],
};

pub fn bill(question: &Question<'_>) -> Bill {
    let prices = &question.catalog.prices.sage_maker;
    let factor = Interval::new(prices.instance_factor_low.value, prices.instance_factor_high.value);
    let hour = question.rates.ec2.whole * factor;
    let unconfirmed = !(prices.instance_factor_low.confirmed && prices.instance_factor_high.confirmed)
        || question.rates.ec2.unconfirmed;
    Bill { infrastructure: Compute::Other(hour * running(question)), unconfirmed, ..Bill::default() }
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
