//! Which of the facts that a person could answer something rests on: asking again looks only at what could change.

/// A set of such facts. What a workload's manifest alone says, such as its kind, is in no set: nothing is supposed of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads(u32);

/// One bit for each, and its name.
macro_rules! facts {
    ($($name:ident = $bit:literal),* $(,)?) => {
        impl Reads {
            $(pub const $name: Reads = Reads(1 << $bit);)*
            #[cfg(test)]
            const EACH: &[Reads] = &[$(Reads::$name),*];
        }
    };
}

facts! {
    TRIGGER = 0,
    UNIT_DURATION = 1,
    CONNECTIONS = 2,
    COLD_START = 3,
    REQUESTS = 4,
    TRAFFIC_SHAPE = 5,
    PACKAGE = 6,
    MODEL = 7,
    PROTOCOLS = 8,
    STORAGE = 9,
    CPU = 10,
    MEMORY = 11,
    RUNS = 12,
    COPIES = 13,
    PLATFORM_TEAM = 14,
    // What a workload shows. Every rule may look at it, and need not say so.
    TRAITS = 15,
}

impl Reads {
    /// Nothing but traits, which is never asked here.
    pub const NONE: Reads = Reads(0);
    /// All that an hour of one copy is priced by.
    pub const SIZE: Reads = Reads::CPU.and(Reads::MEMORY).and(Reads::MODEL).and(Reads::COPIES);

    #[inline]
    pub const fn and(self, other: Reads) -> Reads {
        Reads(self.0 | other.0)
    }

    /// Whether a fact is in both.
    #[inline]
    pub const fn meets(self, other: Reads) -> bool {
        self.0 & other.0 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fact_has_a_bit_of_its_own() {
        let mut seen = Reads::NONE;
        for fact in Reads::EACH {
            assert!(!seen.meets(*fact), "{fact:?}");
            seen = seen.and(*fact);
        }
    }
}
