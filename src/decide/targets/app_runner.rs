//! App Runner: its own sizes, each service with its own front door.

use super::{Bill, Compute, Guide, Question, hours, infrastructure};
use crate::decide::Interval;

pub const GUIDE: Guide = Guide {
    is: "A container behind a URL, with nothing else to set up.",
    wins: "Only where it's in use already: say so with `berth.dev/in-use: AppRunner` on the \
           workload. It takes no new customers.",
    billed: "Memory all day, vCPU only while a request is served.",
    figures: &["/limits/appRunner", "/prices/appRunner"],
};

pub fn bill(question: &Question<'_>) -> Bill {
    let prices = &question.catalog.prices.app_runner;
    let sizes = &question.catalog.app_runner_sizes;
    let (vcpu, memory) = (infrastructure::vcpu(question), infrastructure::memory(question));
    // What ends is busy for as long as it runs.
    let busy = if question.evidence.ends() { Interval::exactly(1.0) } else { hours::busy(question) };
    // Memory is billed all day; vCPU only while a request is served.
    let hour = |vcpu: f64, memory: f64, busy: f64| {
        let (vcpu, memory) = infrastructure::step(sizes, vcpu, memory);
        busy * vcpu * prices.vcpu_hour.value + memory * prices.gb_hour.value
    };
    let hour = Interval::new(hour(vcpu.low, memory.low, busy.low), hour(vcpu.high, memory.high, busy.high));
    Bill { infrastructure: Compute::Other(hour * hours::running(question)), ..Bill::default() }
}
