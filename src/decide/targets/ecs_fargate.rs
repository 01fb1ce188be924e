//! ECS on Fargate: tasks at Fargate's sizes, and a share of a load balancer.

use super::{Bill, Guide, Question, infrastructure};

pub const GUIDE: Guide = Guide {
    is: "Containers without nodes: each task has a size of its own.",
    wins: "What runs for long and needs no node: services of any protocol, workers behind a \
           queue, several containers in a task. Its fixed hours are few, so that it costs less \
           than nodes until many services share a cluster: `berth explain crossover` shows how \
           many.",
    billed: "Tasks at Fargate's sizes by the second, a minute at least, the pull of the image \
             included; a share of a load balancer where HTTP comes in, a whole one where it takes the place of a node's port.",
    figures: &["/limits/ecsFargate", "/limits/ecs", "/prices/fargate", "/prices/loadBalancer"],
};

pub fn bill(question: &Question<'_>) -> Bill {
    Bill {
        infrastructure: infrastructure::task(question),
        front_door: infrastructure::task_front_door(question),
        ..Bill::default()
    }
}
