//! Lambda: billed for requests and for the memory held while they run; nothing at rest.

use super::{Bill, Question, hours, infrastructure};
use crate::{
    catalog::SECONDS_A_MONTH,
    decide::Interval,
    facts::{Lifetime, Trait},
};

pub fn bill(question: &Question<'_>) -> Bill {
    let prices = &question.catalog.prices.lambda;
    let limits = &question.catalog.limits.lambda;
    let arm = question.evidence.signal(Trait::Arm64).is_some();
    let gb_second = if arm { prices.gb_second_arm.value } else { prices.gb_second.value };
    let (requests, seconds) = match question.evidence.lifetime {
        Lifetime::Run | Lifetime::Scheduled => {
            (hours::copies(question) * hours::runs(question), hours::run_seconds(question))
        }
        Lifetime::Service | Lifetime::PerNode => {
            (hours::requests_per_second(question) * SECONDS_A_MONTH, hours::request_seconds(question))
        }
    };
    // vCPU comes with memory: what waits needs its memory alone, what computes needs the vCPU as well.
    let memory = infrastructure::memory(question);
    let vcpu = infrastructure::vcpu(question);
    let for_vcpu = vcpu.high * limits.memory_per_vcpu.value / 1024.0;
    let most = limits.memory.value / 1024.0;
    let memory = Interval::new(memory.low.clamp(0.125, most), memory.high.max(for_vcpu).clamp(0.125, most));
    let compute = requests * seconds * memory * gb_second;
    Bill { infrastructure: compute + requests * prices.request.value, ..Bill::default() }
}
