//! Lambda: billed for requests and for the memory held while they run; nothing at rest.

use super::{Bill, Compute, Guide, Question, hours, infrastructure};
use crate::{
    catalog::SECONDS_A_MONTH,
    decide::Interval,
    facts::{Lifetime, Trait},
};

pub const GUIDE: Guide = Guide {
    is: "A function, or a container image that implements Lambda's Runtime API, that AWS starts for each request or event. \
         An image that doesn't is rebuilt with a runtime interface client, or with the Lambda Web Adapter where it answers HTTP.",
    wins: "Work that is short and stateless and comes seldom or in bursts: webhooks, object \
           events, schedules, small APIs. At rest it costs nothing but its share of people's \
           hours. It loses where requests are many, where one waits long for something else with \
           its memory held, and where a user notices a cold start.",
    billed: "Requests, and the memory held while each runs. vCPU comes with memory, so what \
             computes is priced at the memory that brings its vCPU.",
    figures: &["/limits/lambda", "/prices/lambda"],
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
    // What is paid for each second of a request: its memory, and what it writes to beyond the free part of /tmp.
    let free = limits.free_disk.value / 1024.0;
    let disk = question.evidence.disk.value().map_or(0.0, |disk| (disk - free).max(0.0));
    let second = memory * gb_second + Interval::exactly(disk * prices.disk_gb_second.value);
    let amount = requests * seconds * second + requests * prices.request.value;
    Bill { infrastructure: Compute::Other(amount), ..Bill::default() }
}
