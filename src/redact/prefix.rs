//! Crypto-PAn: addresses that share a prefix share one of the same length afterwards, and nothing else is told.
//!
//! Source: Xu, Fan, Ammar, Moon, "Prefix-Preserving IP Address Anonymization", ICNP 2002. Of a key of 32 bytes the first 16
//! are AES-128's, and the others, encrypted, are the pad. Bit n of an address is flipped by the first bit of the encrypted
//! block that begins with the n bits before it and goes on with the pad's. IPv4 addresses stand in the first 32 bits.

use aes_gcm::aes::Aes128;
use aes_gcm::aes::cipher::{Array, BlockCipherEncrypt, KeyInit};

use super::cache::Cache;
use super::key::Key;

/// How many bits of IPv4 and IPv6 addresses are remembered together: neighbours share them.
const SHARED_4: u32 = 16;
const SHARED_6: u32 = 64;

/// The bits of an address that flip.
pub(super) struct CryptoPan {
    cipher: Aes128,
    pad: u128,
    /// What flips in the first bits, for those that were met.
    shared: Cache<(u32, u128), u128>,
}

impl CryptoPan {
    pub(super) fn new(key: &Key) -> Self {
        let (first, second) = key.bytes().split_at(16);
        let block = |half: &[u8]| half.first_chunk::<16>().copied().unwrap_or_default();
        let cipher = Aes128::new(&block(first).into());
        let mut pad = block(second).into();
        cipher.encrypt_block(&mut pad);
        Self { cipher, pad: u128::from_be_bytes(pad.into()), shared: Cache::new(12) }
    }

    /// The bits that flip of an IPv4 address, from bit `from` on.
    pub(super) fn flips_4(&mut self, address: u32, from: u32) -> u32 {
        let address = u128::from(address) << 96;
        let flips = match from {
            0 => self.first(address, SHARED_4) | self.flips(address, SHARED_4, 32),
            from => self.flips(address, from, 32),
        };
        (flips >> 96) as u32
    }

    /// The bits that flip of an IPv6 address, from bit `from` on.
    pub(super) fn flips_6(&mut self, address: u128, from: u32) -> u128 {
        match from {
            0 => self.first(address, SHARED_6) | self.flips(address, SHARED_6, 128),
            from => self.flips(address, from, 128),
        }
    }

    /// Those of the first `length` bits.
    fn first(&mut self, address: u128, length: u32) -> u128 {
        let prefix = address & mask(length);
        let hash = (prefix >> 64) as u64 ^ u64::from(length);
        let Self { cipher, pad, shared } = self;
        shared.get((length, prefix), hash, || flips(cipher, *pad, prefix, 0, length))
    }

    fn flips(&self, address: u128, from: u32, to: u32) -> u128 {
        flips(&self.cipher, self.pad, address, from, to)
    }
}

/// The first `length` bits.
pub(super) fn mask(length: u32) -> u128 {
    u128::MAX.checked_shl(128 - length).unwrap_or(0)
}

fn flips(cipher: &Aes128, pad: u128, address: u128, from: u32, to: u32) -> u128 {
    /// As many blocks at once as processors like.
    const BATCH: usize = 16;
    let mut flips = 0;
    for start in (from..to).step_by(BATCH) {
        let end = to.min(start + BATCH as u32);
        let mut blocks = [Array::from([0; 16]); BATCH];
        for (block, bit) in blocks.iter_mut().zip(start..end) {
            let known = mask(bit);
            *block = (address & known | pad & !known).to_be_bytes().into();
        }
        let used = (end - start) as usize;
        cipher.encrypt_blocks(blocks.get_mut(..used).unwrap_or_default());
        for (block, bit) in blocks.iter().zip(start..end) {
            let flip = block.first().map_or(0, |first| u128::from(first >> 7));
            flips |= flip << (127 - bit);
        }
    }
    flips
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;

    /// The key of the reference implementation's sample trace.
    fn reference() -> CryptoPan {
        let key = [
            21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16, 216, 152, 143, 131, 121, 121, 101,
            39, 98, 87, 76, 45, 42, 132, 34, 2,
        ];
        CryptoPan::new(&Key::parse(&key).unwrap())
    }

    fn ipv4(pan: &mut CryptoPan, address: u32) -> u32 {
        address ^ pan.flips_4(address, 0)
    }

    /// Addresses of the sample trace that the reference implementation brings along, as it anonymises them.
    #[test]
    fn ipv4_is_as_the_reference_implementation_has_it() {
        let mut pan = reference();
        for (original, anonymized) in [
            ("128.11.68.132", "135.242.180.132"),
            ("129.118.74.4", "134.136.186.123"),
            ("130.132.252.244", "133.68.164.234"),
            ("141.223.7.43", "141.167.8.160"),
            ("152.163.225.39", "151.140.114.167"),
            ("165.247.96.84", "162.9.99.234"),
            ("192.102.249.13", "252.138.62.131"),
            ("195.205.63.100", "255.186.223.5"),
            ("207.105.49.5", "241.118.205.138"),
            ("208.147.89.59", "227.237.98.191"),
            ("216.254.18.172", "235.7.16.162"),
            ("24.0.250.221", "100.15.198.226"),
            ("38.15.67.68", "64.3.66.187"),
            ("4.3.88.225", "124.60.155.63"),
            ("63.14.55.111", "95.9.215.7"),
            ("64.39.15.238", "0.219.7.41"),
            ("10.185.25.118", "117.161.29.118"),
        ] {
            let original: Ipv4Addr = original.parse().unwrap();
            let found = Ipv4Addr::from(ipv4(&mut pan, original.into()));
            assert_eq!(found.to_string(), anonymized, "{original}");
        }
    }

    /// Addresses on which other implementations agree, with the same key.
    #[test]
    fn ipv6_is_as_others_have_it() {
        let mut pan = reference();
        for (original, anonymized) in [
            ("::1", "78ff:f001:9fc0:20df:8380:b1f1:704:ed"),
            ("::2", "78ff:f001:9fc0:20df:8380:b1f1:704:ef"),
            ("::ffff", "78ff:f001:9fc0:20df:8380:b1f1:704:f838"),
            ("2001:db8::1", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e"),
            ("2001:db8::2", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c"),
        ] {
            let original: Ipv6Addr = original.parse().unwrap();
            let found = Ipv6Addr::from(u128::from(original) ^ pan.flips_6(original.into(), 0));
            assert_eq!(found.to_string(), anonymized, "{original}");
        }
    }

    proptest! {
        #[test]
        fn prefixes_are_as_long_afterwards(one: u32, other: u32, shared in 0..33_u32) {
            // Random addresses share nothing: let them.
            let mask = u32::MAX.checked_shl(32 - shared).unwrap_or(0);
            let other = one & mask | other & !mask;
            let mut pan = reference();
            let (a, b) = (ipv4(&mut pan, one), ipv4(&mut pan, other));
            prop_assert_eq!((one ^ other).leading_zeros(), (a ^ b).leading_zeros());
        }

        #[test]
        fn prefixes_of_ipv6_too(one: u128, other: u128, shared in 0..129_u32) {
            let other = one & mask(shared) | other & !mask(shared);
            let mut pan = reference();
            let (a, b) = (one ^ pan.flips_6(one, 0), other ^ pan.flips_6(other, 0));
            prop_assert_eq!((one ^ other).leading_zeros(), (a ^ b).leading_zeros());
        }

        #[test]
        fn what_is_remembered_is_what_would_be_computed(addresses in prop::collection::vec(0..0x0003_0000_u32, 1..40)) {
            let mut pan = reference();
            for address in addresses {
                prop_assert_eq!(pan.flips_4(address, 0), reference().flips_4(address, 0));
            }
        }
    }
}
