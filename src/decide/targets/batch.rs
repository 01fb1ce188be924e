//! AWS Batch: Fargate for as long as a run takes, instances of its own for what Fargate can't run.

use super::{Bill, Guide, Question, hours, infrastructure, instances};
use crate::{
    catalog::Catalog,
    decide::rules::host,
    facts::{Evidence, Storage, Trait},
};

pub const GUIDE: Guide = Guide {
    is: "A queue of jobs and the machines that they run on, there as long as a job needs them.",
    wins: "What ends by itself: nightly jobs, backfills, evaluations, runs that Lambda would cut \
           off. Runs that need a GPU, the host or more than Fargate's largest job get instances \
           of their own.",
    billed: "Fargate for the time of each run, the pull of the image included; an instance of \
             its own where Fargate can't run it.",
    figures: &["/limits/batch", "/prices/fargate", "/prices/instances"],
};

pub fn bill(question: &Question<'_>) -> Bill {
    if is_on_ec2(question) {
        let infrastructure =
            instances::compute(question, question.rates.ec2.whole, 0.0, hours::billed(question));
        return Bill { infrastructure, unconfirmed: question.rates.ec2.unconfirmed, ..Bill::default() };
    }
    Bill { infrastructure: infrastructure::task(question), ..Bill::default() }
}

/// Whether a job needs an EC2 compute environment.
pub fn is_on_ec2(question: &Question<'_>) -> bool {
    let size = (infrastructure::vcpu(question).high, infrastructure::memory(question).high);
    needs_instances(question.evidence, question.catalog, size)
}

/// The same of a job that takes as many vCPU and GiB: by its size, its run time, an accelerator, a reach for its host or
/// for copies of its own, or a file system that an instance mounts.
/// Windows runs on Fargate only.
pub fn needs_instances(evidence: &Evidence, catalog: &Catalog, (vcpu, memory): (f64, f64)) -> bool {
    let limits = &catalog.limits.batch;
    let large = vcpu > limits.vcpu.value
        || memory > limits.memory.value
        || evidence.disk.value().is_some_and(|disk| *disk > catalog.limits.ecs_fargate.disk.value);
    let long = evidence.unit_duration.value().is_some_and(|seconds| *seconds > limits.duration.value);
    let reaches = host::access(evidence).is_some()
        || host::any(evidence, &[Trait::LocalDisk, Trait::Efa, Trait::NamedRuns]).is_some()
        || host::capability(evidence, &["SYS_PTRACE"]).is_some()
        || evidence.signal(Trait::SharedMemory).is_some()
        || evidence.storage.iter().any(|fact| fact.value() == Some(&Storage::NodeDriver));
    evidence.signal(Trait::Windows).is_none()
        && (large || long || reaches || instances::is_accelerated(evidence))
}
