//! Hardware addresses become others.
//!
//! The bits that say whether an address is one of a group, and whether its vendor or somebody else gave it, stay. Broadcast
//! and the groups of well-known protocols stay; those made of IPv6 addresses of solicited nodes follow these addresses.

use std::net::Ipv6Addr;
use std::ops::Range;

use super::addresses::{Addresses, SOLICITED_NODES};
use super::cache::Cache;
use super::key::Key;
use super::permute::Permutation;

/// The bits of an address's first byte that say what it is.
const GROUP: u8 = 1;
const LOCAL: u8 = 2;

/// The prefixes of groups that protocols are known by: bridges, Cisco, IPv4 and IPv6 multicast, PTP, IEC 61850, PROFINET,
/// AppleTalk, DEC, loopback tests.
const KNOWN_GROUPS: [[u8; 3]; 9] = [
    [0x01, 0x80, 0xc2],
    [0x01, 0x00, 0x0c],
    [0x01, 0x00, 0x5e],
    [0x01, 0x1b, 0x19],
    [0x01, 0x0c, 0xcd],
    [0x01, 0x0e, 0xcf],
    [0x09, 0x00, 0x07],
    [0x09, 0x00, 0x2b],
    [0xcf, 0x00, 0x00],
];

/// What becomes of hardware addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HardwareRule {
    /// All of it is replaced: what looks like a vendor means nothing.
    Keyed,
    /// The vendor's half stays, of addresses that vendors give; others are replaced whole.
    Vendor,
}

/// The mapping of hardware addresses under one key.
pub(super) struct Hardware {
    rule: HardwareRule,
    permutation: Permutation,
    known: Cache<u64, u64>,
}

impl Hardware {
    pub(super) fn new(key: &Key, rule: HardwareRule) -> Self {
        Self { rule, permutation: Permutation::new(key, "hardware addresses"), known: Cache::new(12) }
    }

    /// What becomes of an address.
    #[inline]
    pub(super) fn map(&mut self, address: [u8; 6], addresses: &mut Addresses) -> [u8; 6] {
        match address {
            [0x33, 0x33, 0xff, a, b, c] => {
                let group = SOLICITED_NODES | u128::from(u32::from_be_bytes([0, a, b, c]));
                let [.., a, b, c] = addresses.ipv6(Ipv6Addr::from_bits(group)).octets();
                [0x33, 0x33, 0xff, a, b, c]
            }
            _ if is_known(address) => address,
            _ => {
                let number = number(address);
                let Self { rule, permutation, known } = self;
                bytes(known.get(number, number, || replaced(permutation, *rule, address)))
            }
        }
    }
}

/// True for addresses that everybody knows: none, all, groups of protocols, and all but solicited nodes of IPv6's.
fn is_known(address: [u8; 6]) -> bool {
    let [a, b, c, ..] = address;
    address == [0; 6] || address == [0xff; 6] || [a, b] == [0x33, 0x33] || KNOWN_GROUPS.contains(&[a, b, c])
}

/// The bytes of a group's hardware address that are its IP address's (RFC 1112, 6.4; RFC 2464, 7).
pub(super) fn of_ip(address: [u8; 6]) -> Range<usize> {
    match address {
        [0x33, 0x33, ..] => 2..6,
        [0x01, 0x00, 0x5e, ..] => 3..6,
        _ => 0..0,
    }
}

/// A hardware address without what is an IP address's in it: groups are made of these.
pub fn without_ip(mut address: [u8; 6]) -> [u8; 6] {
    let part = of_ip(address);
    address.get_mut(part).unwrap_or_default().fill(0);
    address
}

fn number(address: [u8; 6]) -> u64 {
    let [a, b, c, d, e, f] = address;
    u64::from_be_bytes([0, 0, a, b, c, d, e, f])
}

fn bytes(number: u64) -> [u8; 6] {
    let [_, _, rest @ ..] = number.to_be_bytes();
    rest
}

/// Another address of the same kind, and none that everybody knows.
fn replaced(permutation: &Permutation, rule: HardwareRule, address: [u8; 6]) -> u64 {
    let [first, second, third, ..] = address;
    let kind = first & (GROUP | LOCAL);
    let keeps_vendor = rule == HardwareRule::Vendor && kind == 0;
    let mut new = number(address);
    loop {
        new = if keeps_vendor {
            let vendor = u64::from(u32::from_be_bytes([0, first, second, third]));
            vendor << 24 | permutation.apply(24, vendor, new & 0xff_ffff)
        } else {
            // The two bits stand in the middle: the six above them are moved down, and back.
            let without = (new >> 42) << 40 | new & 0xff_ffff_ffff;
            let mixed = permutation.apply(46, kind.into(), without);
            (mixed >> 40) << 42 | u64::from(kind) << 40 | mixed & 0xff_ffff_ffff
        };
        if !is_known(bytes(new)) {
            return new;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn maps(rule: HardwareRule) -> (Hardware, Addresses) {
        let key = Key::parse(&[9; 32]).unwrap();
        (Hardware::new(&key, rule), Addresses::new(&key))
    }

    #[test]
    fn groups_are_made_of_ip_addresses() {
        assert_eq!(without_ip([0x33, 0x33, 0xff, 1, 2, 3]), [0x33, 0x33, 0, 0, 0, 0]);
        assert_eq!(without_ip([1, 0, 0x5e, 1, 2, 3]), [1, 0, 0x5e, 0, 0, 0]);
        assert_eq!(without_ip([1, 0x80, 0xc2, 0, 0, 1]), [1, 0x80, 0xc2, 0, 0, 1]);
    }

    #[test]
    fn groups_that_everybody_knows_stay() {
        let (mut hardware, mut addresses) = maps(HardwareRule::Keyed);
        for known in [[0; 6], [0xff; 6], [1, 0x80, 0xc2, 0, 0, 0], [1, 0, 0x5e, 0, 0, 251], [0x33, 0x33, 0, 0, 0, 1]] {
            assert_eq!(hardware.map(known, &mut addresses), known);
        }
    }

    #[test]
    fn groups_of_solicited_nodes_follow_their_addresses() {
        let (mut hardware, mut addresses) = maps(HardwareRule::Keyed);
        let new = hardware.map([0x33, 0x33, 0xff, 0x84, 0x45, 0xe6], &mut addresses);
        let address = addresses.ipv6("ff02::1:ff84:45e6".parse().unwrap()).octets();
        assert_eq!(new[2..], address[12..]);
        assert_ne!(new[3..], [0x84, 0x45, 0xe6]);
    }

    #[test]
    fn vendors_stay_only_where_there_is_one() {
        let (mut hardware, mut addresses) = maps(HardwareRule::Vendor);
        let apple = hardware.map([0, 0x1b, 0x63, 1, 2, 3], &mut addresses);
        assert_eq!(apple[..3], [0, 0x1b, 0x63]);
        assert_ne!(apple[3..], [1, 2, 3]);
        // Docker's hold an IPv4 address.
        let docker = hardware.map([2, 0x42, 172, 17, 0, 2], &mut addresses);
        assert_ne!(docker[1..3], [0x42, 172]);
    }

    #[test]
    fn no_two_of_a_vendor_become_one() {
        let (mut hardware, mut addresses) = maps(HardwareRule::Vendor);
        let all: HashSet<_> = (0..1 << 14)
            .map(|low: u32| hardware.map([0, 0x1b, 0x63, (low >> 7) as u8, 0, low as u8 & 0x7f], &mut addresses))
            .collect();
        assert_eq!(all.len(), 1 << 14);
    }

    proptest! {
        #[test]
        fn what_an_address_is_stays(address: [u8; 6]) {
            let (mut hardware, mut addresses) = maps(HardwareRule::Keyed);
            let new = hardware.map(address, &mut addresses);
            prop_assert_eq!(new[0] & 3, address[0] & 3);
            prop_assert_eq!(is_known(address), is_known(new));
        }
    }
}
