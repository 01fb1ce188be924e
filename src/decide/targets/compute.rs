//! What AWS bills for a workload's own compute, kept so that two places can be compared: what is unknown of the copies
//! moves both amounts.

use crate::decide::Interval;

/// Dollars a month.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Compute {
    /// Dollars an hour of one copy, for the hours of all copies: what bills so depends on the same size and run time. On Spot
    /// the hour costs that much at most, and this part of it at least.
    Hourly { hour: Interval, hours: Interval, least: f64 },
    /// What depends on something that other targets don't bill, such as requests.
    Other(Interval),
}

impl Default for Compute {
    fn default() -> Self {
        Compute::Other(Interval::default())
    }
}

impl Compute {
    pub fn total(self) -> Interval {
        match self {
            Compute::Hourly { hour, hours, least } => Interval::new(hour.low * least, hour.high) * hours,
            Compute::Other(amount) => amount,
        }
    }

    /// What is left of this when `other` is spent instead. Copies of one size and run time make the difference: it's
    /// looked at for the least and the most of either.
    pub fn saving_over(self, other: Compute) -> Interval {
        if self == other {
            return Interval::default();
        }
        let (
            Compute::Hourly { hour, hours, least },
            Compute::Hourly { hour: other_hour, hours: other_hours, least: other_least },
        ) = (self, other)
        else {
            return self.total().saving_over(other.total());
        };
        let sizes = [(hour.low, other_hour.low), (hour.high, other_hour.high)];
        let times = [(hours.low, other_hours.low), (hours.high, other_hours.high)];
        // What Spot takes off is no matter of the size: a large copy may have all of it. Both draw on one market.
        let parts = [(1.0, 1.0), (least, other_least)];
        let mut saved = Interval::new(f64::INFINITY, f64::NEG_INFINITY);
        for (hour, hours, part) in sizes
            .into_iter()
            .flat_map(|hour| times.into_iter().flat_map(move |hours| parts.map(|part| (hour, hours, part))))
        {
            let end = hour.0 * hours.0 * part.0 - hour.1 * hours.1 * part.1;
            saved = Interval { low: saved.low.min(end), high: saved.high.max(end) };
        }
        saved
    }
}

/// What appears or disappears with one workload alone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Margin {
    pub compute: Compute,
    /// Its share of a front door, and the hours that a service takes wherever it runs.
    pub rest: Interval,
}

impl Margin {
    pub fn total(self) -> Interval {
        self.compute.total() + self.rest
    }

    pub fn saving_over(self, other: Margin) -> Interval {
        self.compute.saving_over(other.compute) + self.rest.saving_over(other.rest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amount() -> impl Strategy<Value = Interval> {
        (0.0..50.0, 0.0..50.0).prop_map(|(low, more)| Interval::new(low, low + more))
    }

    /// What is left of a price on Spot, and all of it.
    fn part() -> impl Strategy<Value = f64> {
        prop_oneof![Just(1.0), 0.1..1.0]
    }

    proptest! {
        /// Wherever size and run time turn out to lie, the saving lies within what was said.
        #[test]
        fn a_saving_holds_whatever_the_copies_turn_out_to_be(
            (hour, hours, other_hour, other_hours) in (amount(), amount(), amount(), amount()),
            (least, other_least) in (part(), part()),
            (size, time, discount) in (0.0..=1.0, 0.0..=1.0, 0.0..=1.0),
        ) {
            let at = |of: Interval, part: f64| of.low + (of.high - of.low) * part;
            let left = |least: f64| 1.0 - (1.0 - least) * discount;
            let saved = at(hour, size) * at(hours, time) * left(least)
                - at(other_hour, size) * at(other_hours, time) * left(other_least);
            let now = Compute::Hourly { hour, hours, least };
            let said = now.saving_over(Compute::Hourly { hour: other_hour, hours: other_hours, least: other_least });
            prop_assert!(said.low - 1e-6 <= saved && saved <= said.high + 1e-6, "{saved} in {said:?}");
        }
    }

    #[test]
    fn what_bills_otherwise_depends_on_other_unknowns() {
        let hourly =
            Compute::Hourly { hour: Interval::new(1.0, 2.0), hours: Interval::exactly(10.0), least: 1.0 };
        let requests = Compute::Other(Interval::new(5.0, 8.0));
        assert_eq!(hourly.saving_over(requests), Interval::new(2.0, 15.0));
        assert_eq!(requests.saving_over(requests), Interval::default());
    }
}
