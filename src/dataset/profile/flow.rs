//! What is known of a flow in a sample beyond [`FlowFacts`](crate::dataset::FlowFacts): some 250 bytes.

use super::counters::Counters;
use super::digests::FlowDigest;
use super::seen::Seen;

/// What is known of a flow of a sample.
#[derive(Debug, Clone, Copy, Default)]
pub struct FlowProfile {
    /// Of its packets' bytes.
    pub digest: FlowDigest,
    /// What counts on from packet to packet.
    pub counters: Counters,
    /// The hardware that first sent packets of its lower and its higher end.
    pub hardware: [Option<[u8; 6]>; 2],
}

impl FlowProfile {
    /// Takes a packet; its digest apart, which is made together with the sample's.
    pub(super) fn add(&mut self, seen: &Seen) {
        self.counters.add(seen);
        let side = &mut self.hardware[usize::from(!seen.is_from_low())];
        let sender = seen.layers.hardware.map(|hardware| hardware.source);
        *side = side.or(sender.filter(|sender| is_device(*sender)));
    }
}

/// True for the address of one device: no group's, and not that of cards that have none.
fn is_device(address: [u8; 6]) -> bool {
    address[0] & 1 == 0 && address != [0; 6]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_small_as_is_said() {
        assert!(size_of::<FlowProfile>() <= 256, "{}", size_of::<FlowProfile>());
    }

    #[test]
    fn groups_are_no_devices() {
        assert!(is_device([2, 0, 0, 0, 0, 1]));
        assert!(!is_device([0xff; 6]) && !is_device([1, 0, 0x5e, 0, 0, 0xfb]) && !is_device([0; 6]));
    }
}
