//! What moving a workload saves: alone, or together with all that shares its platform.

use super::{Interval, placement::Placed};

/// What it saves if it moves alone: the fixed cost of either platform moves with nothing.
pub fn alone(now: &Placed, best: &Placed) -> Interval {
    now.cost.margin().saving_over(best.cost.margin())
}

/// What it saves if all move, its share of both fixed costs included. Whether there's a platform team moves both.
pub fn together(now: &Placed, best: &Placed) -> Interval {
    if now.target == best.target {
        return Interval::default();
    }
    alone(now, best) + now.cost.platform_share.saving_beside(best.cost.platform_share)
}

/// Between two places of one cluster its fixed cost stays whatever moves; elsewhere it goes with the last workload.
pub fn that_counts(now: &Placed, best: &Placed) -> Interval {
    if same_cluster(now, best) { alone(now, best) } else { together(now, best) }
}

/// One cluster can have nodes, Auto Mode and Fargate side by side: between them, its fixed cost moves with nothing.
pub fn same_cluster(now: &Placed, best: &Placed) -> bool {
    now.target.is_kubernetes() && best.target.is_kubernetes()
}
