//! IP addresses become others of the same kind.
//!
//! Ordinary addresses go through Crypto-PAn as it is, so that others with the same key get the same. What means something
//! by itself stays, and no ordinary address becomes such a one: where Crypto-PAn leads there, it is applied again. That
//! keeps the mapping one to one, and prefixes of 16 bits or more of the same length; shorter ones may be parted by it.
//!
//! |                                                            | stays                |
//! |------------------------------------------------------------|----------------------|
//! | `0.0.0.0`, `255.255.255.255`, `127/8`, `::`, `::1`         | all                  |
//! | multicast, but as follows                                  | all                  |
//! | `233/8` and `234/8`, which hold AS numbers and prefixes    | 8 bits               |
//! | `ff3x::` and others with a unicast prefix (RFC 3306, 3956) | 32 bits              |
//! | `ff02::1:ff00:0`, `ff02::2:ff00:0`: solicited nodes, names | 104 bits             |
//! | `0/8`, `169.254/16`, `240/4`                               | 8, 16, 4 bits        |
//! | `fe80::/64`, other `fe80::/10`                             | 64, 10 bits          |
//! | `::a.b.c.d`, `::ffff:a.b.c.d`                              | 96 bits, then IPv4   |
//!
//! Private networks are ordinary ones: they keep their prefixes' lengths, not that they are private. Interface identifiers
//! made of hardware addresses become others that are made of none.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::cache::Cache;
use super::key::Key;
use super::prefix::{CryptoPan, mask};

/// The groups of solicited nodes (RFC 4291, 2.7.1), and of nodes by a hash of their names (RFC 4620, 5).
pub(super) const SOLICITED_NODES: u128 = 0xff02_0000_0000_0000_0000_0001_ff00_0000;
const NAMED_NODES: u128 = 0xff02_0000_0000_0000_0000_0002_ff00_0000;

/// Bits of an IPv6 address before an IPv4 address.
const BEFORE_IPV4: u32 = 96;

/// The mapping of addresses under one key.
pub struct Addresses {
    pan: CryptoPan,
    four: Cache<u32, u32>,
    six: Cache<u128, u128>,
}

impl Addresses {
    /// The mapping under this key.
    pub fn new(key: &Key) -> Self {
        Self { pan: CryptoPan::new(key), four: Cache::new(14), six: Cache::new(12) }
    }

    /// What becomes of an IPv4 address.
    #[inline]
    pub fn ipv4(&mut self, address: Ipv4Addr) -> Ipv4Addr {
        let address = address.to_bits();
        let Self { pan, four, .. } = self;
        Ipv4Addr::from_bits(
            four.get(address, address.into(), || again(address, kept_4, |at, from| pan.flips_4(at, from))),
        )
    }

    /// What becomes of an IPv6 address.
    #[inline]
    pub fn ipv6(&mut self, address: Ipv6Addr) -> Ipv6Addr {
        let address = address.to_bits();
        if kept_6(address) == BEFORE_IPV4 {
            return self.with_ipv4(address);
        }
        let Self { pan, six, .. } = self;
        let hash = (address >> 64) as u64 ^ (address as u64).rotate_left(31);
        Ipv6Addr::from_bits(six.get(address, hash, || again(address, kept_6, |at, from| pan.flips_6(at, from))))
    }

    fn with_ipv4(&mut self, address: u128) -> Ipv6Addr {
        let mut low = Ipv4Addr::from_bits(address as u32);
        loop {
            low = self.ipv4(low);
            let new = address & mask(BEFORE_IPV4) | u128::from(low.to_bits());
            // Not what `::` and `::1` are.
            if kept_6(new) == BEFORE_IPV4 {
                return Ipv6Addr::from_bits(new);
            }
        }
    }
}

/// Flips bits behind those that an address keeps, until it is of its kind again: at the latest where it began.
fn again<T>(address: T, kept: fn(T) -> u32, mut flips: impl FnMut(T, u32) -> T) -> T
where
    T: Copy + std::ops::BitXor<Output = T>,
{
    let own = kept(address);
    let mut new = address;
    loop {
        new = new ^ flips(new, own);
        if kept(new) == own {
            return new;
        }
    }
}

/// How many of its first bits an IPv4 address keeps. Addresses that share so many have an equal number, or keep more.
fn kept_4(address: u32) -> u32 {
    let [first, second, ..] = address.to_be_bytes();
    match first {
        _ if address == 0 || address == u32::MAX => 32,
        0 => 8,
        127 => 32,
        169 if second == 254 => 16,
        233 | 234 => 8,
        224..=239 => 32,
        240.. => 4,
        _ => 0,
    }
}

/// How many of its first bits an IPv6 address keeps.
fn kept_6(address: u128) -> u32 {
    let [first, second, ..] = address.to_be_bytes();
    let of_nodes = [SOLICITED_NODES, NAMED_NODES].contains(&(address & mask(104)));
    let has_prefix = second & 0x20 != 0;
    match (first, second) {
        _ if address <= 1 => 128,
        _ if matches!(address >> 32, 0 | 0xffff) => BEFORE_IPV4,
        (0xff, _) if of_nodes => 104,
        (0xff, _) if has_prefix => 32,
        (0xff, _) => 128,
        (0xfe, 0x80..=0xbf) if address >> 64 == 0xfe80_0000_0000_0000 => 64,
        (0xfe, 0x80..=0xbf) => 10,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn addresses() -> Addresses {
        Addresses::new(&Key::parse(b"32-char-str-for-AES-key-and-pad.").unwrap())
    }

    #[test]
    fn what_means_something_by_itself_stays() {
        let mut map = addresses();
        for kept in ["0.0.0.0", "255.255.255.255", "127.0.0.1", "127.9.9.9", "224.0.0.251", "239.255.255.250"] {
            let kept: Ipv4Addr = kept.parse().unwrap();
            assert_eq!(map.ipv4(kept), kept);
        }
        for kept in ["::", "::1", "ff02::1", "ff02::fb", "ff02::1:2", "ff05::c"] {
            let kept: Ipv6Addr = kept.parse().unwrap();
            assert_eq!(map.ipv6(kept), kept);
        }
    }

    #[test]
    fn prefixes_that_mean_something_stay_and_the_rest_does_not() {
        let mut map = addresses();
        for (address, bits) in
            [("169.254.77.3", 16), ("233.252.18.1", 8), ("234.5.6.7", 8), ("0.1.2.3", 8), ("250.1.2.3", 4)]
        {
            let address: Ipv4Addr = address.parse().unwrap();
            let new = map.ipv4(address);
            assert!(new != address && (new.to_bits() ^ address.to_bits()).leading_zeros() >= bits, "{address} {new}");
        }
        for (address, bits) in [
            ("fe80::21b:63ff:fe84:45e6", 64),
            ("fe80:5::1", 10),
            ("ff02::1:ff84:45e6", 104),
            ("ff02::2:ff84:45e6", 104),
            ("ff3e:40:2001:db8:1:2:3:4", 32),
            ("ff7e:340:2001:db8:beef:feed:1:1", 32),
            ("::ffff:192.0.2.1", 96),
            ("::192.0.2.1", 96),
        ] {
            let address: Ipv6Addr = address.parse().unwrap();
            let new = map.ipv6(address);
            assert!(new != address && (new.to_bits() ^ address.to_bits()).leading_zeros() >= bits, "{address} {new}");
        }
        let mapped: Ipv6Addr = "::ffff:192.0.2.1".parse().unwrap();
        assert_eq!(map.ipv6(mapped).to_ipv4_mapped(), Some(map.ipv4("192.0.2.1".parse().unwrap())));
    }

    /// What other implementations make of addresses with this key.
    #[test]
    fn ordinary_addresses_are_as_others_have_them() {
        let mut map = addresses();
        for (original, anonymized) in [
            ("192.0.2.1", "192.0.125.244"),
            ("10.1.2.3", "11.1.125.236"),
            ("8.8.8.8", "8.15.139.247"),
            ("172.16.5.4", "175.19.132.252"),
        ] {
            let original: Ipv4Addr = original.parse().unwrap();
            assert_eq!(map.ipv4(original).to_string(), anonymized);
        }
        for (original, anonymized) in [
            ("2001:db8::1", "27fe:8bc7:fee:1e:1e1f:f0fe:f0e1:83fd"),
            ("2a00:1450:4001:82f::200e", "2a03:95b3:b7c6:6f2c:e01e:1e03:ffdf:dd91"),
        ] {
            let original: Ipv6Addr = original.parse().unwrap();
            assert_eq!(map.ipv6(original).to_string(), anonymized);
        }
    }

    fn near(one: u32, other: u32, shared: u32) -> u32 {
        let mask = u32::MAX.checked_shl(32 - shared).unwrap_or(0);
        one & mask | other & !mask
    }

    proptest! {
        #[test]
        fn two_addresses_never_become_one(one: u32, other: u32, shared in 0..33_u32) {
            let other = near(one, other, shared);
            let mut map = addresses();
            let (a, b) = (map.ipv4(one.into()), map.ipv4(other.into()));
            prop_assert_eq!(one == other, a == b);
            prop_assert_eq!(kept_4(one), kept_4(a.to_bits()));
        }

        #[test]
        fn long_prefixes_stay_as_long(one: u32, other: u32, shared in 16..33_u32) {
            let other = near(one, other, shared);
            prop_assume!(kept_4(one) == kept_4(other));
            let mut map = addresses();
            let (a, b) = (map.ipv4(one.into()).to_bits(), map.ipv4(other.into()).to_bits());
            prop_assert_eq!((one ^ other).leading_zeros(), (a ^ b).leading_zeros());
        }

        #[test]
        fn ipv6_too(first in prop::sample::select(vec![0x2001_0db8_u128, 0xfe80_0000, 0xff02_0000, 0xfd00_1234, 0, 0x2a00_1450]), one: [u64; 2], other: u128, shared in 32..129_u32) {
            // Random bits behind a prefix, perhaps with zeros up to the interface identifier.
            let one = first << 96 | u128::from(one[0] >> 32) << 64 >> (one[0] & 64) | u128::from(one[1]);
            let other = one & mask(shared) | other & !mask(shared);
            prop_assume!(kept_6(one) == kept_6(other));
            let mut map = addresses();
            let (a, b) = (map.ipv6(one.into()).to_bits(), map.ipv6(other.into()).to_bits());
            prop_assert_eq!((one ^ other).leading_zeros(), (a ^ b).leading_zeros());
            prop_assert_eq!(kept_6(one), kept_6(a));
        }
    }
}
