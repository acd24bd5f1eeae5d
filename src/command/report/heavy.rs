//! Those who said most, of any number of them: a table that forgets the least.
//!
//! The counters of Misra and Gries ("Finding repeated elements", 1982), weighted by bytes: when the table is full, the
//! amount of the one in the middle is taken from all, and those that have nothing left go. What is counted of anyone is
//! then at most [`Heavy::forgotten`] too little, and never too much. What is forgotten depends on amounts alone, so that
//! the same packets give the same table.

use std::collections::HashMap;
use std::hash::Hash;

/// What was said by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    /// Bytes, at least.
    pub(super) bytes: u64,
    /// Packets since it was met, or met again.
    pub(super) packets: u64,
    /// The class of all of those packets, if it is one.
    pub(super) class: Seen,
}

/// Which classes somebody was seen in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// In this one, or in none if it has no number.
    Only(Option<u32>),
    /// In several.
    Several,
    /// Nobody knows: what was said before may have been forgotten.
    Unknown,
}

/// The table.
#[derive(Debug)]
pub(super) struct Heavy<K> {
    limit: usize,
    said: HashMap<K, Said>,
    forgotten: u64,
}

impl<K: Hash + Eq + Ord + Copy> Heavy<K> {
    /// A table of at most so many.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit: limit.max(2), said: HashMap::new(), forgotten: 0 }
    }

    /// Adds a packet of so many bytes; or, if it was added already, that it is of this class too.
    pub(super) fn add(&mut self, who: K, bytes: Option<u32>, class: Option<u32>) {
        let seen = if self.forgotten == 0 { Seen::Only(class) } else { Seen::Unknown };
        let said = self.said.entry(who).or_insert(Said { bytes: 0, packets: 0, class: seen });
        said.bytes += bytes.map_or(0, u64::from);
        said.packets += u64::from(bytes.is_some());
        if matches!(said.class, Seen::Only(other) if other != class) {
            said.class = Seen::Several;
        }
        if self.said.len() > self.limit {
            self.forget();
        }
    }

    fn forget(&mut self) {
        let mut amounts: Vec<u64> = self.said.values().map(|said| said.bytes).collect();
        let middle = amounts.len() / 2;
        let (_, amount, _) = amounts.select_nth_unstable(middle);
        let amount = *amount;
        self.forgotten += amount;
        self.said.retain(|_, said| {
            said.bytes = said.bytes.saturating_sub(amount);
            said.bytes > 0
        });
    }

    /// How many bytes of anyone may be missing.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// The first of them by bytes; equal ones by who they are.
    pub(super) fn first(&self, count: usize) -> Vec<(K, Said)> {
        let mut all: Vec<(K, Said)> = self.said.iter().map(|(who, said)| (*who, *said)).collect();
        all.sort_by(|(one, a), (other, b)| b.bytes.cmp(&a.bytes).then(one.cmp(other)));
        all.truncate(count);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counts_are_too_low_by_what_was_forgotten_at_most(
            packets in prop::collection::vec((0_u8..60, 1_u32..1500), 0..600),
            limit in 2_usize..40,
        ) {
            let mut heavy = Heavy::new(limit);
            let mut exact: HashMap<u8, u64> = HashMap::new();
            for (who, bytes) in &packets {
                heavy.add(*who, Some(*bytes), None);
                *exact.entry(*who).or_default() += u64::from(*bytes);
            }
            prop_assert!(heavy.said.len() <= limit);
            for (who, bytes) in exact {
                let told = heavy.said.get(&who).map_or(0, |said| said.bytes);
                prop_assert!(told <= bytes && bytes <= told + heavy.forgotten());
            }
        }
    }

    #[test]
    fn who_was_forgotten_may_have_been_in_other_classes() {
        let mut heavy = Heavy::new(2);
        for (who, bytes, class) in [(1, 90, 0), (2, 5, 0), (3, 5, 0), (2, 50, 1), (1, 9, 0)] {
            heavy.add(who, Some(bytes), Some(class));
        }
        assert!(heavy.forgotten() > 0);
        let classes: Vec<_> = heavy.first(2).into_iter().map(|(who, said)| (who, said.class)).collect();
        assert_eq!(classes, [(1, Seen::Only(Some(0))), (2, Seen::Unknown)]);
    }

    #[test]
    fn with_room_for_all_nothing_is_forgotten() {
        let mut heavy = Heavy::new(3);
        for (who, bytes, class) in [(1, 5, 0), (2, 9, 0), (1, 5, 1), (3, 10, 2)] {
            heavy.add(who, Some(bytes), Some(class));
        }
        let first: Vec<_> = heavy.first(2).into_iter().map(|(who, said)| (who, said.bytes, said.class)).collect();
        assert_eq!(first, [(1, 10, Seen::Several), (3, 10, Seen::Only(Some(2)))]);
        assert_eq!(heavy.forgotten(), 0);
    }
}
