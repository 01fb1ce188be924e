//! ECS on EC2: a share of instances that the team operates.

use super::{Bill, Guide, Question, hours, infrastructure, instances};

pub const GUIDE: Guide = Guide {
    is: "ECS's tasks on instances that the team operates.",
    wins: "What needs the host without needing Kubernetes: shared memory, a device, a file system \
           that the team mounts, a daemon's reach. A disk that has to wait for its copy isn't among them. It loses among few services, because \
           its nodes want people's hours.",
    billed: "A share of an instance, packed as full as the policy says; a share of a load \
             balancer where HTTP comes in.",
    figures: &["/limits/ec2", "/limits/ecs", "/prices/instances", "/prices/ec2", "/prices/loadBalancer"],
};

pub fn bill(question: &Question<'_>) -> Bill {
    Bill {
        infrastructure: instances::compute(question, question.rates.ec2.share, 0.0, hours::running(question)),
        front_door: infrastructure::usual_front_door(question),
        platform: 0.0,
        unconfirmed: question.rates.ec2.unconfirmed,
    }
}
