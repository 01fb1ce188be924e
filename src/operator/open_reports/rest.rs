//! Which namespaces' reports are due: those whose statuses changed and have come to rest, at last after a minute. Pure.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

/// What never rests is reported this often all the same.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was reported of each namespace, and what is still moving.
#[derive(Debug, Default)]
pub struct Rest {
    reported: BTreeMap<String, u64>,
    moving: BTreeMap<String, Moving>,
}

#[derive(Debug)]
struct Moving {
    sign: u64,
    since: Instant,
}

impl Rest {
    /// The namespaces to report now, by what their statuses say.
    pub fn due(&mut self, now: Instant, signs: BTreeMap<String, u64>) -> Vec<(String, u64)> {
        let mut due = Vec::new();
        self.reported.retain(|namespace, _| signs.contains_key(namespace));
        self.moving.retain(|namespace, _| signs.contains_key(namespace));
        for (namespace, sign) in signs {
            if self.reported.get(&namespace) == Some(&sign) {
                self.moving.remove(&namespace);
                continue;
            }
            match self.moving.get_mut(&namespace) {
                Some(moving) if moving.sign == sign || now - moving.since >= PATIENCE => {
                    due.push((namespace, sign));
                }
                Some(moving) => moving.sign = sign,
                None => {
                    self.moving.insert(namespace, Moving { sign, since: now });
                }
            }
        }
        due
    }

    /// Says that a namespace was reported as it was then.
    pub fn done(&mut self, namespace: String, sign: u64) {
        self.moving.remove(&namespace);
        self.reported.insert(namespace, sign);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(rest: &mut Rest, now: Instant, sign: u64) -> bool {
        let due = rest.due(now, BTreeMap::from([("shop".to_owned(), sign)]));
        for (namespace, sign) in due.clone() {
            rest.done(namespace, sign);
        }
        !due.is_empty()
    }

    #[test]
    fn a_namespace_is_reported_once_it_rests() {
        let (mut rest, now) = (Rest::default(), Instant::now());
        assert!(!look(&mut rest, now, 1), "it may still be changing");
        assert!(!look(&mut rest, now, 2));
        assert!(look(&mut rest, now, 2));
        assert!(!look(&mut rest, now, 2), "nothing changed since");
        assert!(!look(&mut rest, now, 3) && look(&mut rest, now, 3));
    }

    #[test]
    fn what_never_rests_is_reported_all_the_same() {
        let (mut rest, start) = (Rest::default(), Instant::now());
        let due = |second: u64| look(&mut rest, start + Duration::from_secs(second), second);
        let due: Vec<bool> = (0..=120).step_by(5).map(due).collect();
        assert_eq!(due.iter().filter(|due| **due).count(), 1, "{due:?}");
        assert!(due[12], "after a minute: {due:?}");
    }

    #[test]
    fn what_failed_stays_due() {
        let (mut rest, now) = (Rest::default(), Instant::now());
        let signs = || BTreeMap::from([("shop".to_owned(), 7)]);
        rest.due(now, signs());
        assert_eq!(rest.due(now, signs()), rest.due(now, signs()));
    }
}
