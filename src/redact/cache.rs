//! Answers that are asked for again and again: the latest for each place of a table that never grows.

/// A table of answers, found by a hash of what was asked.
pub(super) struct Cache<K, V> {
    slots: Vec<Option<(K, V)>>,
    bits: u32,
}

impl<K: Copy + PartialEq, V: Copy> Cache<K, V> {
    /// Room for 2^`bits` answers.
    pub(super) fn new(bits: u32) -> Self {
        Self { slots: vec![None; 1 << bits], bits }
    }

    /// The answer for a key that has this hash, which is the same for equal keys.
    #[inline]
    pub(super) fn get(&mut self, key: K, hash: u64, answer: impl FnOnce() -> V) -> V {
        // Fibonacci hashing: the upper bits of the product depend on all of the hash.
        let place = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - self.bits);
        let Some(slot) = self.slots.get_mut(place as usize) else { return answer() };
        match slot {
            Some((known, value)) if *known == key => *value,
            _ => {
                let value = answer();
                *slot = Some((key, value));
                value
            }
        }
    }
}
