//! App Runner: its own sizes, each service with its own front door.

use super::{Bill, Question, hours, infrastructure};
use crate::{catalog::HOURS_A_MONTH, decide::Interval};

pub fn bill(question: &Question<'_>) -> Bill {
    let prices = &question.catalog.prices.app_runner;
    let sizes = &question.catalog.app_runner_sizes;
    let (vcpu, memory) = (infrastructure::vcpu(question), infrastructure::memory(question));
    // Memory is billed all day; vCPU only while a request is served.
    let idle = infrastructure::step(sizes, vcpu.low, memory.low).1 * prices.gb_hour.value;
    let (most_vcpu, most_memory) = infrastructure::step(sizes, vcpu.high, memory.high);
    let busy = most_vcpu * prices.vcpu_hour.value + most_memory * prices.gb_hour.value;
    let copies = hours::copies(question);
    Bill { infrastructure: Interval::new(idle, busy) * copies * HOURS_A_MONTH, ..Bill::default() }
}
