//! Packets that are in several samples, because they have several comments.

use std::collections::BTreeMap;

/// Pairs of samples that are remembered, at most: all packets of two hundred thousand samples may be in two each.
pub const MAX_PAIRS: usize = 1 << 18;

/// Packets that are in several samples.
#[derive(Debug, Clone, Default)]
pub struct SharedPackets {
    /// How many.
    pub packets: u64,
    /// How many each two samples have in common; the lower number first.
    pub pairs: BTreeMap<(usize, usize), u64>,
    /// Packets of further pairs, beyond `MAX_PAIRS`.
    pub beyond: u64,
}

impl SharedPackets {
    /// Takes a packet of the samples of these numbers. Of more than two, each is paired with the first.
    pub(super) fn add(&mut self, samples: &[usize]) {
        let [first, others @ ..] = samples else { return };
        self.packets += u64::from(!others.is_empty());
        for other in others {
            let pair = (*first.min(other), *first.max(other));
            match self.pairs.len() < MAX_PAIRS || self.pairs.contains_key(&pair) {
                true => *self.pairs.entry(pair).or_default() += 1,
                false => self.beyond += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_paired_with_the_first() {
        let mut shared = SharedPackets::default();
        for samples in [&[3][..], &[4, 2], &[2, 4, 9], &[]] {
            shared.add(samples);
        }
        assert_eq!((shared.packets, shared.beyond), (2, 0));
        assert_eq!(shared.pairs, BTreeMap::from([((2, 4), 2), ((2, 9), 1)]));
    }
}
