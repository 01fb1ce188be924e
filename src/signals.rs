//! The traits that a workload shows, quick to say which ones it doesn't: most rules ask about what isn't there.

use std::{ops::Deref, sync::Arc};

use crate::facts::{Signal, Trait};

/// Signals in the order the manifest has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signals {
    /// Shared by the copies of evidence that suppose something else than a trait, which are most.
    list: Arc<Vec<Signal>>,
    /// A bit for each trait that is among them.
    present: u128,
}

impl Signals {
    /// Whether one of them is of this trait.
    pub fn has(&self, what: Trait) -> bool {
        self.present & bit(what) != 0
    }

    /// The first of this trait.
    pub fn first(&self, what: Trait) -> Option<&Signal> {
        if self.has(what) { self.list.iter().find(|signal| signal.what == what) } else { None }
    }

    pub fn push(&mut self, signal: Signal) {
        self.present |= bit(signal.what);
        Arc::make_mut(&mut self.list).push(signal);
    }

    /// Leaves out all of this trait.
    pub fn remove(&mut self, what: Trait) {
        if self.has(what) {
            Arc::make_mut(&mut self.list).retain(|signal| signal.what != what);
            self.present &= !bit(what);
        }
    }

    /// Makes of this trait another one, which says more.
    pub fn turn(&mut self, what: Trait, into: Trait) {
        if self.has(what) {
            let list = Arc::make_mut(&mut self.list);
            list.iter_mut().filter(|signal| signal.what == what).for_each(|signal| signal.what = into);
            self.present = self.present & !bit(what) | bit(into);
        }
    }
}

const _: () = assert!((Trait::LAST as u32) < u128::BITS, "there is a bit for each trait");

fn bit(what: Trait) -> u128 {
    1 << what as u32
}

impl From<Vec<Signal>> for Signals {
    fn from(list: Vec<Signal>) -> Self {
        let present = list.iter().fold(0, |present, signal| present | bit(signal.what));
        Signals { list: Arc::new(list), present }
    }
}

impl Deref for Signals {
    type Target = [Signal];

    fn deref(&self) -> &[Signal] {
        &self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(what: Trait) -> Signal {
        Signal { what, field: "spec".to_owned(), value: "true".to_owned() }
    }

    #[test]
    fn what_is_said_to_be_there_is_there() {
        let mut signals = Signals::from(vec![signal(Trait::HostPath), signal(Trait::Gpu)]);
        signals.push(signal(Trait::Feature));
        signals.turn(Trait::Gpu, Trait::Neuron);
        signals.turn(Trait::Mesh, Trait::Efa);
        signals.remove(Trait::HostPath);
        assert_eq!(signals, Signals::from(vec![signal(Trait::Neuron), signal(Trait::Feature)]));
        for what in [Trait::HostPath, Trait::Gpu, Trait::Mesh, Trait::Efa, Trait::Neuron, Trait::Feature] {
            assert_eq!(signals.has(what), signals.iter().any(|signal| signal.what == what), "{what:?}");
            assert_eq!(signals.first(what).is_some(), signals.has(what));
        }
    }
}
