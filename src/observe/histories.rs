//! The histories of all workloads. Each sample goes into the live one; decisions and statuses use the settled one,
//! which follows once it's worth a write.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use super::{
    gauge::Gauge,
    history::{History, Series, Unit, Usage},
    placement::Placement,
    runs::{Ended, Runs},
    traffic::Traffic,
    usage::Use,
    workload::Key,
};

#[derive(Clone, Debug, Default)]
pub struct Histories(BTreeMap<Key, Both>);

#[derive(Clone, Debug, Default)]
struct Both {
    live: Live,
    settled: Option<Arc<History>>,
}

/// What is counted, in the form that counting needs.
#[derive(Clone, Debug, Default)]
struct Live {
    runs: Option<Runs>,
    usage: Option<Meter>,
    traffic: Option<Traffic>,
    placement: Option<Placement>,
}

/// The gauges of one workload's copies.
#[derive(Clone, Debug)]
struct Meter {
    cpu: Gauge,
    memory: Gauge,
}

impl Histories {
    /// What decisions use.
    pub fn get(&self, key: &Key) -> Option<Arc<History>> {
        self.0.get(key)?.settled.clone()
    }

    /// Takes in a Job that ended. Says whether the settled history moved.
    pub fn ended(&mut self, key: &Key, ended: Ended) -> bool {
        let both = self.0.entry(key.clone()).or_default();
        both.live.runs.get_or_insert_default().add(ended);
        both.settle()
    }

    /// Takes in what copies used at one moment. Says whether the settled history moved.
    pub fn used(&mut self, key: &Key, used: &[Use], at: Timestamp) -> bool {
        let both = self.0.entry(key.clone()).or_default();
        let meter = both.live.usage.get_or_insert_with(Meter::new);
        meter.cpu.add(used.iter().map(|used| used.cores), at);
        meter.memory.add(used.iter().map(|used| used.gib), at);
        both.settle()
    }

    /// Takes in what the copies were asked for. Says whether the settled history moved.
    pub fn served(&mut self, key: &Key, traffic: Traffic) -> bool {
        let both = self.0.entry(key.clone()).or_default();
        both.live.traffic = Some(traffic);
        both.settle()
    }

    /// Takes in where the copies run. Says whether the settled history moved.
    pub fn placed(&mut self, key: &Key, placement: Placement) -> bool {
        let both = self.0.entry(key.clone()).or_default();
        both.live.placement = Some(placement);
        both.settle()
    }

    /// Takes up what a status kept, from before a restart or from the replica that leads, and adds what was seen since.
    /// Says whether the settled history moved.
    pub fn recall(&mut self, key: &Key, kept: History) -> bool {
        let both = self.0.entry(key.clone()).or_default();
        let before = both.settled.clone();
        if before.as_deref().is_none_or(|before| counted(before) < counted(&kept)) {
            if let Some(runs) = &kept.runs {
                let live = both.live.runs.as_ref();
                both.live.runs = Some(live.map_or_else(|| runs.clone(), |live| runs.with(live)));
            }
            if let Some(usage) = &kept.usage {
                both.live.usage = Some(Meter::recalled(usage));
            }
        }
        if let Some(traffic) = &kept.traffic
            && both.live.traffic.as_ref().is_none_or(|live| live.observed_at() < traffic.observed_at())
        {
            both.live.traffic = Some(traffic.clone());
        }
        if let Some(placement) = &kept.placement
            && both.live.placement.as_ref().is_none_or(|live| live.observed_at < placement.observed_at)
        {
            both.live.placement = Some(placement.clone());
        }
        // Replicas look at different moments: what the status says stands until what was seen here is news beside it.
        both.settled = Some(Arc::new(kept));
        both.settle();
        both.settled != before
    }

    pub fn remove(&mut self, key: &Key) {
        self.0.remove(key);
    }

    /// Forgets those of workloads that are gone: a Job may be seen once more after its CronJob.
    pub fn retain(&mut self, is_there: impl Fn(&Key) -> bool) {
        self.0.retain(|key, _| is_there(key));
    }
}

/// All samples of all series, to tell which of two histories knows more.
fn counted(history: &History) -> u64 {
    let series = |series: Option<&Series>| series.map_or(0, |series| series.count);
    let runs = history.runs.as_ref();
    runs.map_or(0, |runs| runs.failed)
        + series(runs.and_then(|runs| runs.duration.as_ref()))
        + series(history.usage.as_ref().map(|usage| &usage.cpu))
}

impl Both {
    fn settle(&mut self) -> bool {
        let live = self.live.history();
        let moved = self.settled.as_ref().is_none_or(|settled| live.differs_from(settled));
        if moved {
            self.settled = Some(Arc::new(live));
        }
        moved
    }
}

impl Live {
    fn history(&self) -> History {
        let usage = |meter: &Meter| Some(Usage { cpu: meter.cpu.series()?, memory: meter.memory.series()? });
        History {
            runs: self.runs.clone(),
            usage: self.usage.as_ref().and_then(usage),
            traffic: self.traffic.clone(),
            placement: self.placement.clone(),
        }
    }
}

impl Meter {
    fn new() -> Self {
        Meter { cpu: Gauge::new(Unit::Cores), memory: Gauge::new(Unit::Gib) }
    }

    fn recalled(usage: &Usage) -> Self {
        Meter { cpu: Gauge::recalled(&usage.cpu), memory: Gauge::recalled(&usage.memory) }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::observe::{Kind, runs::Run};

    fn key() -> Key {
        Key { namespace: "shop".to_owned(), kind: Kind::CronJob, name: "report".to_owned() }
    }

    fn run(hour: i64) -> Ended {
        Ended::Complete(Run { finished: Timestamp::from_second(hour * 3600).unwrap(), seconds: 60.0 })
    }

    fn count(histories: &Histories) -> u64 {
        histories.get(&key()).unwrap().runs.clone().unwrap().duration.unwrap().count
    }

    #[test]
    fn the_hundredth_run_alone_is_not_worth_a_write() {
        let mut histories = Histories::default();
        let moves: Vec<bool> = (0..100).map(|hour| histories.ended(&key(), run(hour))).collect();
        assert!(moves[..10].iter().all(|moved| *moved));
        assert_eq!(moves[50..].iter().filter(|moved| **moved).count(), 6, "{moves:?}");
    }

    /// Whichever list comes first: the Jobs that are left, or the profiles.
    #[test]
    fn a_restart_counts_on_where_the_status_stopped() {
        let mut before = Histories::default();
        (0..100).for_each(|hour| _ = before.ended(&key(), run(hour)));
        let kept = (*before.get(&key()).unwrap()).clone();
        let settled = count(&before);
        for jobs_first in [true, false] {
            let mut after = Histories::default();
            let jobs = |after: &mut Histories| (97..100).for_each(|hour| _ = after.ended(&key(), run(hour)));
            if jobs_first {
                jobs(&mut after);
            }
            assert!(after.recall(&key(), kept.clone()));
            if !jobs_first {
                jobs(&mut after);
            }
            assert_eq!(count(&after), settled, "nothing new is worth no write");
            assert!(!after.recall(&key(), kept.clone()), "told once more by the watch");
        }
    }

    #[test]
    fn a_steady_use_settles_and_a_leap_is_news() {
        let mut histories = Histories::default();
        let mut look = |minute: i64, cores| {
            let at = Timestamp::from_second(minute * 60).unwrap();
            histories.used(&key(), &[Use { cores, gib: 0.5 }, Use { cores: cores / 2.0, gib: 0.4 }], at)
        };
        let wobbling = |minute: i64| 1.0 + 0.1 * (minute % 3) as f64;
        let moves = (0..288).filter(|minute| look(minute * 5, wobbling(*minute))).count();
        assert!(moves <= 10, "{moves} writes in a day of steady use");
        assert!((288..320).any(|minute| look(minute * 5, 3.0)));
    }

    #[test]
    fn use_is_counted_on_after_a_restart() {
        let mut before = Histories::default();
        (0..100).for_each(|minute| {
            let at = Timestamp::from_second(minute * 300).unwrap();
            before.used(&key(), &[Use { cores: 0.1, gib: 0.5 }], at);
        });
        let kept = (*before.get(&key()).unwrap()).clone();
        let mut after = Histories::default();
        assert!(after.recall(&key(), kept.clone()));
        let again = Timestamp::from_second(31_000).unwrap();
        assert!(!after.used(&key(), &[Use { cores: 0.1, gib: 0.5 }], again));
        assert_eq!(*after.get(&key()).unwrap(), kept);
    }

    #[test]
    fn a_replica_that_takes_over_says_what_the_last_one_said() {
        let look = |histories: &mut Histories, second: i64, cores| {
            histories.used(&key(), &[Use { cores, gib: 0.5 }], Timestamp::from_second(second).unwrap());
        };
        let (mut leader, mut other) = (Histories::default(), Histories::default());
        (0..90).for_each(|index| look(&mut leader, index * 300, 0.5));
        (0..100).for_each(|index| look(&mut other, index * 300 + 77, 0.51));
        let said = leader.get(&key()).unwrap();
        assert_ne!(other.get(&key()), Some(said.clone()));
        assert!(other.recall(&key(), (*said).clone()));
        assert_eq!(other.get(&key()), Some(said));
    }
}
