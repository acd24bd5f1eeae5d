//! The first packets of a sample: how long each is, and which way it goes.

use std::mem::discriminant;
use std::net::IpAddr;

use crate::decode::Layers;
use crate::report::{OPENING, Opening};

/// Who sent a packet, as far as its headers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    /// An address of the network layer.
    Address(IpAddr),
    /// An address of the link layer, where there is no other.
    Hardware([u8; 6]),
}

impl Sender {
    /// The sender of a packet.
    pub(super) fn of(layers: &Layers) -> Option<Self> {
        let address = layers.addresses().map(|(source, _)| Self::Address(source));
        address.or_else(|| layers.hardware.map(|hardware| Self::Hardware(hardware.source)))
    }
}

/// The lengths of a sample's first packets: those that its first sender sent are positive. 0 where that is not known.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lengths {
    sender: Option<Sender>,
    lengths: [i32; OPENING],
    packets: u8,
}

impl Lengths {
    /// Takes the next packet of the sample.
    #[inline]
    pub(super) fn add(&mut self, sender: Option<Sender>, length: u32) {
        let Some(place) = self.lengths.get_mut(usize::from(self.packets)) else { return };
        self.packets += 1;
        self.sender = self.sender.or(sender);
        // Where senders are of two kinds, as of IP packets and LLDP, none can be the other.
        if let (Some(first), Some(this)) = (self.sender, sender)
            && discriminant(&first) == discriminant(&this)
        {
            let length = i32::try_from(length).unwrap_or(i32::MAX);
            *place = if first == this { length } else { -length };
        }
    }
}

/// What the samples of a class have at each place, as far as the longest goes.
pub(super) fn sum_up<'l>(samples: impl Iterator<Item = &'l Lengths> + Clone) -> Vec<Opening> {
    let longest = samples.clone().map(|sample| usize::from(sample.packets)).max().unwrap_or(0);
    (0..longest)
        .map(|place| {
            let there = samples.clone().filter(|sample| usize::from(sample.packets) > place);
            let mut lengths: Vec<i32> =
                there.map(|sample| sample.lengths[place]).filter(|length| *length != 0).collect();
            lengths.sort_unstable();
            let quartile = |quarter: usize| {
                let rank = (lengths.len() * quarter).div_ceil(4).max(1) - 1;
                lengths.get(rank).copied().unwrap_or(0)
            };
            Opening {
                samples: lengths.len() as u64,
                outgoing: lengths.iter().filter(|length| **length > 0).count() as u64,
                quartiles: [quartile(1), quartile(2), quartile(3)],
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(packets: &[(u8, u32)]) -> Lengths {
        let mut lengths = Lengths::default();
        for (sender, length) in packets {
            let sender = (*sender > 0).then(|| Sender::Address([10, 0, 0, *sender].into()));
            lengths.add(sender, *length);
        }
        lengths
    }

    #[test]
    fn the_first_sender_sends_out() {
        let one = lengths(&[(1, 60), (2, 70), (1, 80)]);
        let other = lengths(&[(7, 40), (8, 90)]);
        let opening = sum_up([one, other].iter());
        assert_eq!(opening[0], Opening { samples: 2, outgoing: 2, quartiles: [40, 40, 60] });
        assert_eq!(opening[1], Opening { samples: 2, outgoing: 0, quartiles: [-90, -90, -70] });
        assert_eq!(opening[2], Opening { samples: 1, outgoing: 1, quartiles: [80, 80, 80] });
        assert_eq!(opening.len(), 3);
    }

    #[test]
    fn what_nobody_is_known_to_have_sent_goes_neither_way() {
        let mut mixed = lengths(&[(0, 60), (1, 70)]);
        mixed.add(Some(Sender::Hardware([0; 6])), 50);
        let opening = sum_up([mixed].iter());
        assert_eq!(opening.iter().map(|cell| cell.samples).collect::<Vec<_>>(), [0, 1, 0]);
        assert_eq!(opening[1].outgoing, 1);
        let long = lengths(&[(1, 60); 40]);
        assert_eq!(sum_up([long].iter()).len(), OPENING);
    }
}
