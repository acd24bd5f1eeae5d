//! Sample ids and times under a key.

use hkdf::Hkdf;
use sha2::Sha256;

use super::key::Key;
use super::permute::Permutation;
use crate::packet::SampleId;

/// The bits of an id, and the largest one that we make.
const ID_BITS: u32 = 64;
const LARGEST_ID: u64 = u64::MAX >> 1;

/// The largest offset, in microseconds: 2^28 seconds, 8.5 years.
const LARGEST_OFFSET: u64 = (1 << 28) * 1_000_000;

/// Other ids for samples: a different one for each.
pub struct Ids(Permutation);

impl Ids {
    /// Those under this key.
    pub fn new(key: &Key) -> Self {
        Self(Permutation::new(key, "sample ids"))
    }

    /// What becomes of an id. Those of 63 bits, 0 apart, stay among themselves.
    pub fn map(&self, id: SampleId) -> SampleId {
        let is_ours = |id: u64| (1..=LARGEST_ID).contains(&id);
        let mut new = id.0;
        loop {
            new = self.0.apply(ID_BITS, 0, new);
            if is_ours(new) == is_ours(id.0) {
                return SampleId(new);
            }
        }
    }
}

/// By how much times are moved.
pub struct Offsets([u8; 32]);

impl Offsets {
    /// Those under this key.
    pub fn new(key: &Key) -> Self {
        Self(key.derived("times"))
    }

    /// Microseconds to add to the times of a group: 1 to 2^28 million. Fractions of a second too would tell where it was.
    pub fn microseconds(&self, group: &[u8]) -> u64 {
        let mut bytes = [0; 8];
        // The secret is as long as the hash, and eight bytes can be had of it: neither fails.
        if let Ok(hash) = Hkdf::<Sha256>::from_prk(&self.0) {
            let _ = hash.expand(group, &mut bytes);
        }
        // The share of all numbers that lie below it, of the largest offset.
        let share = (u128::from(u64::from_be_bytes(bytes)) * u128::from(LARGEST_OFFSET)) >> 64;
        share as u64 + 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ids_of_ours_stay_ours_and_apart(one: u64, other: u64) {
            let ids = Ids::new(&Key::parse(&[5; 32]).unwrap());
            let (a, b) = (ids.map(SampleId(one)), ids.map(SampleId(other)));
            prop_assert_eq!(one == other, a == b);
            prop_assert_eq!((1..=LARGEST_ID).contains(&one), (1..=LARGEST_ID).contains(&a.0));
        }
    }

    #[test]
    fn groups_are_moved_apart_and_forwards() {
        let offsets = Offsets::new(&Key::parse(&[5; 32]).unwrap());
        let (one, other) = (offsets.microseconds(b"one"), offsets.microseconds(b"other"));
        assert!(one != other && (1..=LARGEST_OFFSET).contains(&one) && (1..=LARGEST_OFFSET).contains(&other));
        assert!(one % 1_000_000 != other % 1_000_000);
        assert_eq!(one, offsets.microseconds(b"one"));
    }
}
