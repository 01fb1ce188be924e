//! When the platform is judged: once its workloads are at rest, at last after a minute, and again after ten. Pure.

use std::time::Duration;

use tokio::time::Instant;

/// What never rests is judged this often all the same.
const PATIENCE: Duration = Duration::from_secs(60);

/// The PlatformProfile is read again this often, should somebody have deleted it or written its status.
const RESYNC: Duration = Duration::from_secs(600);

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    Nothing,
    Verdict,
    /// A verdict, and a look at what is stored.
    Resync,
}

#[derive(Debug)]
pub struct Rhythm {
    /// Whether each workload was looked at once: half a cluster's verdict is a wrong one.
    complete: bool,
    /// The state of the members at the last look, and the one that was judged.
    seen: Option<u64>,
    judged: Option<u64>,
    /// Since when there is something to judge.
    waiting: Option<Instant>,
    resynced: Instant,
    /// Whether more than the members changed.
    stale: bool,
}

impl Rhythm {
    pub fn new(now: Instant) -> Self {
        Rhythm { complete: false, seen: None, judged: None, waiting: None, resynced: now, stale: false }
    }

    /// Takes a look at the members' state, and whether all of them were looked at.
    pub fn look(&mut self, now: Instant, state: u64, all: bool) -> Due {
        self.complete |= all;
        let at_rest = self.seen.replace(state) == Some(state);
        if self.judged == Some(state) {
            self.waiting = None;
        } else {
            self.waiting.get_or_insert(now);
        }
        let impatient = self.waiting.is_some_and(|since| now - since >= PATIENCE);
        if !self.complete {
            Due::Nothing
        } else if self.waiting.is_some() && (at_rest || impatient) {
            if self.stale { Due::Resync } else { Due::Verdict }
        } else if now - self.resynced >= RESYNC {
            Due::Resync
        } else {
            Due::Nothing
        }
    }

    /// Says that the policy is another, and so what is stored may be too.
    pub fn policy_changed(&mut self) {
        self.judged = None;
        self.stale = true;
    }

    /// Says that what was due is done. What isn't stays due.
    pub fn done(&mut self, due: Due, now: Instant) {
        self.judged = self.seen;
        self.waiting = None;
        if due == Due::Resync {
            self.resynced = now;
            self.stale = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is due at each look, two seconds apart, and done at once.
    fn due(states: impl IntoIterator<Item = (u64, bool)>) -> Vec<Due> {
        let start = Instant::now();
        let mut rhythm = Rhythm::new(start);
        let mut now = start;
        states
            .into_iter()
            .map(|(state, all)| {
                now += Duration::from_secs(2);
                let due = rhythm.look(now, state, all);
                if due != Due::Nothing {
                    rhythm.done(due, now);
                }
                due
            })
            .collect()
    }

    #[test]
    fn it_waits_for_rest_and_judges_once() {
        let states = [1, 2, 3, 3, 3, 4, 4].map(|state| (state, true));
        use Due::{Nothing, Verdict};
        assert_eq!(due(states), [Nothing, Nothing, Nothing, Verdict, Nothing, Nothing, Verdict]);
    }

    #[test]
    fn half_a_cluster_is_never_judged_however_long_it_takes() {
        assert!(due((0..1000).map(|_| (1, false))).iter().all(|due| *due == Due::Nothing));
        // Once all were there, a new one that wasn't looked at yet holds nobody up.
        assert_eq!(due([(1, true), (2, false), (2, false)])[2], Due::Verdict);
    }

    #[test]
    fn what_never_rests_is_judged_once_a_minute() {
        let judged =
            due((0..300).map(|state| (state, true))).iter().filter(|due| **due != Due::Nothing).count();
        assert!((9..=11).contains(&judged), "{judged} times in ten minutes");
    }

    #[test]
    fn at_rest_it_looks_again_every_ten_minutes() {
        let looks = due((0..1000).map(|_| (1, true)));
        assert_eq!(looks.iter().filter(|due| **due == Due::Verdict).count(), 1);
        assert_eq!(looks.iter().filter(|due| **due == Due::Resync).count(), 3);
    }

    #[test]
    fn another_policy_is_another_verdict_of_the_same_members() {
        let now = Instant::now();
        let mut rhythm = Rhythm::new(now);
        rhythm.look(now, 1, true);
        assert_eq!(rhythm.look(now, 1, true), Due::Verdict);
        rhythm.done(Due::Verdict, now);
        assert_eq!(rhythm.look(now, 1, true), Due::Nothing);
        rhythm.policy_changed();
        assert_eq!(rhythm.look(now, 1, true), Due::Resync);
        rhythm.done(Due::Resync, now);
        assert_eq!(rhythm.look(now, 1, true), Due::Nothing);
    }

    #[test]
    fn what_failed_stays_due() {
        let start = Instant::now();
        let mut rhythm = Rhythm::new(start);
        rhythm.look(start, 1, true);
        assert_eq!(rhythm.look(start, 1, true), Due::Verdict);
        assert_eq!(rhythm.look(start, 1, true), Due::Verdict);
    }
}
