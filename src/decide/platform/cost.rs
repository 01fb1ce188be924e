//! What the fleet costs together: every platform's fixed cost once, never a sum of the workloads' shares.

use super::member::{Margin, Member, Need};
use crate::{
    catalog::{Catalog, Target},
    decide::{
        Interval, crossover,
        targets::{self, Question},
    },
    policy::Policy,
};

/// Dollars a month of what teams run.
#[derive(Clone, Debug)]
pub struct Sums {
    /// The cluster, whatever runs on it.
    pub fixed: Interval,
    /// Everything where it is now, but for what fits nowhere: AWS has no price for it.
    pub now: Interval,
    /// The part of it that could leave, at its cheapest elsewhere.
    pub elsewhere: Option<Interval>,
    /// Where that would be.
    pub targets: Vec<Target>,
    pub saving_if_it_stays: Interval,
    pub saving_if_it_goes: Interval,
    /// What leaving saves over the cheapest kind of cluster, if that isn't the present one.
    pub saving_over_best_cluster: Interval,
    /// What the cheapest kind of cluster saves, and which kinds it has.
    pub saving_by_another_cluster: Interval,
    pub best_cluster: Vec<Target>,
}

impl Sums {
    pub fn of(members: &[&Member], catalog: &Catalog, policy: &Policy) -> Sums {
        let fixed = Fixed::of(catalog, policy);
        let could_leave: Vec<&Member> =
            members.iter().copied().filter(|m| m.outside().next().is_some()).collect();
        let priced: Vec<&Member> =
            members.iter().copied().filter(|m| !matches!(m.need, Need::Nowhere(_))).collect();
        let now = Placing { fixed: Placing::now(members, &fixed).fixed, ..Placing::now(&priced, &fixed) };
        let leaving_now = Placing { fixed: now.fixed, ..Placing::now(&could_leave, &fixed) };
        let elsewhere = Placing::cheapest(&could_leave, Member::outside, &fixed);
        let cluster = Placing::cheapest(&could_leave, Member::inside, &fixed);
        let stays = Placing::cheapest(&priced, Member::inside, &fixed);
        let against =
            |from: &Placing| elsewhere.as_ref().map_or_else(Interval::default, |to| from.saving_over(to));
        Sums {
            fixed: now.fixed,
            now: now.total(),
            saving_if_it_stays: at_the_margin(members, &fixed),
            saving_if_it_goes: against(&leaving_now),
            saving_over_best_cluster: against(cluster.as_ref().unwrap_or(&leaving_now)),
            saving_by_another_cluster: stays
                .as_ref()
                .map_or_else(Interval::default, |best| now.saving_over(best)),
            best_cluster: stays.map(|best| best.used()).unwrap_or_default(),
            targets: elsewhere.as_ref().map(Placing::used).unwrap_or_default(),
            elsewhere: elsewhere.map(|placing| placing.total()),
        }
    }
}

/// What moving those saves that are recommended elsewhere, while the cluster stays for the others.
fn at_the_margin(members: &[&Member], fixed: &Fixed) -> Interval {
    let moving: Vec<(&Margin, &Margin)> = members
        .iter()
        .filter_map(|member| {
            let to = member.leaves_for()?;
            Some((member.margin(member.now)?, member.margin(to)?))
        })
        .collect();
    let used: Vec<Target> = moving.iter().map(|(_, to)| to.target).collect();
    let margins =
        moving.iter().map(|(now, to)| now.cost.saving_over(to.cost)).fold(Interval::default(), |a, b| a + b);
    margins.saving_over(fixed.of_all(&used))
}

/// The fixed cost of each target's platform, as far as it doesn't exist already.
struct Fixed([Interval; Target::ALL.len()]);

impl Fixed {
    fn of(catalog: &Catalog, policy: &Policy) -> Fixed {
        // It's the platform's, not the workload's: any one will do to ask about.
        let evidence = crossover::typical(1, policy);
        let question = Question::new(&evidence, catalog, policy);
        Fixed(Target::ALL.map(|target| targets::fixed_anew(target, &question)))
    }

    /// Of several targets: once for each platform, by its dearest kind.
    fn of_all(&self, targets: &[Target]) -> Interval {
        let mut platforms = [Interval::default(); Target::ALL.len()];
        for target in targets {
            let of = &mut platforms[target.platform() as usize];
            let one = self.0[*target as usize];
            *of = Interval::new(of.low.max(one.low), of.high.max(one.high));
        }
        platforms.into_iter().fold(Interval::default(), |a, b| a + b)
    }
}

/// Where each of some workloads is put, and what that costs.
#[derive(Clone, Debug)]
struct Placing {
    margins: Vec<Margin>,
    fixed: Interval,
}

impl Placing {
    fn now(members: &[&Member], fixed: &Fixed) -> Placing {
        let margins: Vec<Margin> = members.iter().filter_map(|m| m.margin(m.now)).copied().collect();
        let used: Vec<Target> = margins.iter().map(|margin| margin.target).collect();
        Placing { fixed: fixed.of_all(&used), margins }
    }

    /// The cheapest by the most that it can cost. A platform's fixed cost pays off for many where it doesn't for
    /// one, so every set of targets is tried: there are at most 256.
    fn cheapest<'a, I: Iterator<Item = &'a Margin>>(
        members: &[&'a Member],
        options: impl Fn(&'a Member) -> I,
        fixed: &Fixed,
    ) -> Option<Placing> {
        let options: Vec<Vec<Margin>> = members
            .iter()
            .map(|member| {
                let mut options: Vec<Margin> = options(member).copied().collect();
                options.sort_by(|a, b| {
                    a.cost.total().high.total_cmp(&b.cost.total().high).then(a.target.cmp(&b.target))
                });
                options
            })
            .collect();
        let mut targets: Vec<Target> = options.iter().flatten().map(|margin| margin.target).collect();
        targets.sort_unstable();
        targets.dedup();
        let mut best: Option<(f64, Set)> = None;
        for number in 1..1usize << targets.len() {
            let set = Set::numbered(number, &targets);
            let within = fixed.of_all(&set.targets(&targets)).high;
            let margins = options
                .iter()
                .map(|options| set.first(options).map_or(f64::INFINITY, |m| m.cost.total().high));
            let high = within + margins.sum::<f64>();
            if high.is_finite() && best.is_none_or(|(least, _)| high < least) {
                best = Some((high, set));
            }
        }
        let (_, set) = best?;
        let margins: Vec<Margin> = options.iter().filter_map(|options| set.first(options)).copied().collect();
        let used: Vec<Target> = margins.iter().map(|margin| margin.target).collect();
        Some(Placing { fixed: fixed.of_all(&used), margins })
    }

    fn total(&self) -> Interval {
        self.margins.iter().fold(self.fixed, |sum, margin| sum + margin.cost.total())
    }

    /// What the same workloads save by another placing. Whether there's a platform team moves both fixed costs.
    fn saving_over(&self, other: &Placing) -> Interval {
        let fixed = self.fixed.saving_beside(other.fixed);
        self.margins
            .iter()
            .zip(&other.margins)
            .fold(fixed, |sum, (from, to)| sum + from.cost.saving_over(to.cost))
    }

    fn used(&self) -> Vec<Target> {
        let mut used: Vec<Target> = self.margins.iter().map(|margin| margin.target).collect();
        used.sort_unstable();
        used.dedup();
        used
    }
}

/// A set of targets, one bit each: asked about 256 times for each workload.
#[derive(Clone, Copy, Debug)]
struct Set(u16);

impl Set {
    /// The set with this number among all sets of these targets.
    fn numbered(number: usize, of: &[Target]) -> Set {
        let chosen = of.iter().enumerate().filter(|(bit, _)| number >> bit & 1 == 1);
        Set(chosen.fold(0, |set, (_, target)| set | 1 << *target as u16))
    }

    fn holds(self, target: Target) -> bool {
        self.0 >> target as u16 & 1 == 1
    }

    fn targets(self, of: &[Target]) -> Vec<Target> {
        of.iter().copied().filter(|target| self.holds(*target)).collect()
    }

    /// The first of these that is in the set.
    fn first(self, options: &[Margin]) -> Option<&Margin> {
        options.iter().find(|margin| self.holds(margin.target))
    }
}
