//! Numbers become others of as many bits, each a different one: a Feistel network whose rounds are AES.
//!
//! Four rounds suffice for large numbers (Luby and Rackoff, 1988); there are more of them because ours are small.

use aes_gcm::aes::Aes128;
use aes_gcm::aes::cipher::{Array, BlockCipherEncrypt, KeyInit};

use super::key::Key;

const ROUNDS: u8 = 10;

/// A family of permutations: one for each number of bits and tweak.
pub(super) struct Permutation {
    cipher: Aes128,
}

impl Permutation {
    pub(super) fn new(key: &Key, purpose: &str) -> Self {
        let derived = key.derived(purpose);
        let half = derived.first_chunk::<16>().copied().unwrap_or_default();
        Self { cipher: Aes128::new(&half.into()) }
    }

    /// What becomes of a number of `bits` bits, an even number up to 64.
    pub(super) fn apply(&self, bits: u32, tweak: u64, number: u64) -> u64 {
        let half = bits / 2;
        let mask = (1_u64 << half) - 1;
        let (mut left, mut right) = (number >> half & mask, number & mask);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ self.round(round, (bits, tweak), right) & mask);
        }
        left << half | right
    }

    fn round(&self, round: u8, (bits, tweak): (u32, u64), half: u64) -> u64 {
        // At most 32 bits of a half, 64 of the tweak, and the rest for the round and the size.
        let input = u128::from(half) << 96 | u128::from(tweak) << 32 | u128::from(bits) << 8 | u128::from(round);
        let mut block = Array::from(input.to_be_bytes());
        self.cipher.encrypt_block(&mut block);
        u128::from_be_bytes(block.into()) as u64
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_number_becomes_another_one() {
        let permutation = Permutation::new(&Key::parse(&[7; 32]).unwrap(), "test");
        for tweak in [0, 1] {
            let all: HashSet<u64> = (0..1 << 16).map(|number| permutation.apply(16, tweak, number)).collect();
            assert_eq!(all.len(), 1 << 16);
            assert!(all.iter().all(|number| *number < 1 << 16));
        }
        assert_ne!(permutation.apply(46, 0, 5), permutation.apply(46, 1, 5));
        let wide: HashSet<u64> = (0..10_000_u64).map(|number| permutation.apply(64, 0, number << 40)).collect();
        assert_eq!(wide.len(), 10_000);
    }
}
