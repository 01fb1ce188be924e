//! ECS Express Mode: Fargate tasks behind a load balancer that up to 25 services share.

use super::{Bill, Compute, Guide, Question, hours, infrastructure};

pub const GUIDE: Guide = Guide {
    is: "ECS on Fargate with the load balancer, the domain and the scaling set up by AWS.",
    wins: "An HTTP service of one container and one port that is there all day. Its tasks cost \
           what they cost on ECS on Fargate; a load balancer may be shared by more services, so \
           that it is never the dearer of the two where it fits.",
    billed: "Tasks at Fargate's sizes by the second, and a share of a load balancer.",
    figures: &["/limits/ecsExpress", "/limits/ecsFargate", "/limits/ecs", "/prices/fargate", "/prices/loadBalancer"],
};

pub fn bill(question: &Question<'_>) -> Bill {
    let sharing = question.catalog.limits.ecs_express.load_balancer_share.value;
    // Once it's changed outside of Express Mode it is a plain service: cents of a shared load balancer don't pay for that.
    let front_door = if question.rates.beyond_express {
        infrastructure::usual_front_door(question)
    } else {
        infrastructure::front_door(question, sharing)
    };
    Bill {
        infrastructure: Compute::Hourly { hour: question.rates.fargate, hours: hours::billed(question), least: 1.0 },
        front_door,
        ..Bill::default()
    }
}
