//! Addresses in texts, however they are spelled: names of files and hosts, labels, fields, comments.
//!
//! [`written`] finds what looks like an address: `10.0.0.1`, `host-10-0-0-1`, `1.0.0.10.in-addr.arpa`, `2001:db8::1`,
//! `00:1b:63:84:45:e6`, `001b.6384.45e6`. [`hexadecimal`] finds digits that may be one, as `0a000001`: mostly they are something
//! else, so that it is for texts whose packet is at hand. Either calls what it is given for more than there are: what is
//! found is to be compared with the addresses of packets ([`Spelled::is_of`]).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::anonymize::Original;

/// What stands between the numbers of an address.
const SEPARATORS: [u8; 4] = *b".:-_";

/// Prefixes of fewer bits are of too many to tell anybody.
const SHORTEST_IPV4: u8 = 16;
const SHORTEST_IPV6: u8 = 32;

/// An address, or a network, that a text may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelled {
    /// This address.
    Address(Original),
    /// All addresses that begin with so many bits of this one.
    Network(IpAddr, u8),
}

impl Spelled {
    /// True if an address is it, or is in it.
    pub fn is_of(self, original: Original) -> bool {
        match (self, original) {
            (Self::Address(address), original) => address == original,
            (Self::Network(IpAddr::V4(network), bits), Original::Ip(IpAddr::V4(ip))) => {
                (network.to_bits() ^ ip.to_bits()).leading_zeros() >= bits.into()
            }
            (Self::Network(IpAddr::V6(network), bits), Original::Ip(IpAddr::V6(ip))) => {
                (network.to_bits() ^ ip.to_bits()).leading_zeros() >= bits.into()
            }
            _ => false,
        }
    }
}

/// Calls `each` for what looks like an address.
pub fn written(text: &str, mut each: impl FnMut(Spelled)) {
    dotted(text, &mut each);
    colons(text, &mut each);
    grouped(text, &mut each);
}

/// Calls `each` for digits that may be an address: 8, 12 or 32 of them.
pub fn hexadecimal(text: &str, mut each: impl FnMut(Spelled)) {
    for digits in text.split(|c: char| !c.is_ascii_hexdigit()).filter(|run| matches!(run.len(), 8 | 12 | 32)) {
        let Ok(number) = u128::from_str_radix(digits, 16) else { continue };
        each(Spelled::Address(match digits.len() {
            8 => Original::Ip(Ipv4Addr::from_bits(number as u32).into()),
            12 => hardware(number),
            _ => Original::Ip(Ipv6Addr::from_bits(number).into()),
        }));
    }
}

fn hardware(number: u128) -> Original {
    let [.., a, b, c, d, e, f] = number.to_be_bytes();
    Original::Hardware([a, b, c, d, e, f])
}

/// Digits, and what stands between them and those before, if that is one separator.
struct Run<'a> {
    digits: &'a str,
    before: Option<u8>,
    /// What follows it.
    rest: &'a str,
}

/// The runs of such digits in a text.
fn runs(text: &str, is_digit: fn(&u8) -> bool) -> Vec<Run<'_>> {
    let bytes = text.as_bytes();
    let (mut found, mut at, mut end): (Vec<Run>, usize, Option<usize>) = (Vec::new(), 0, None);
    while let Some(skipped) = bytes.get(at..).and_then(|rest| rest.iter().position(is_digit)) {
        let start = at + skipped;
        let length = bytes.get(start..).unwrap_or_default().iter().take_while(|byte| is_digit(byte)).count();
        let before = bytes.get(start.wrapping_sub(1)).filter(|_| end.is_some_and(|end| end + 1 == start)).copied();
        at = start + length;
        end = Some(at);
        let (digits, rest) = (text.get(start..at).unwrap_or_default(), text.get(at..).unwrap_or_default());
        found.push(Run { digits, before: before.filter(|byte| SEPARATORS.contains(byte)), rest });
    }
    found
}

/// The separator that stands between all of these; none if they are not together.
fn separator(runs: &[Run]) -> Option<u8> {
    let (_, behind) = runs.split_first()?;
    let first = behind.first()?.before?;
    behind.iter().all(|run| run.before == Some(first)).then_some(first)
}

/// Four decimal numbers, in either order: names of hosts are written from behind.
fn dotted(text: &str, each: &mut impl FnMut(Spelled)) {
    for window in runs(text, u8::is_ascii_digit).windows(4) {
        let mut octets = [0; 4];
        let numbers = window.iter().filter(|run| run.digits.len() <= 3).map_while(|run| run.digits.parse().ok());
        if octets.iter_mut().zip(numbers).map(|(octet, number)| *octet = number).count() < 4
            || separator(window).is_none()
        {
            continue;
        }
        let ip = Ipv4Addr::from(octets);
        let stated = window.last().and_then(|run| length(run.rest));
        // Networks of hosts are mostly written with a zero for these.
        let bits = stated.or_else(|| ip.octets().ends_with(&[0]).then_some(24));
        network(ip.into(), bits, each);
        octets.reverse();
        each(Spelled::Address(Original::Ip(Ipv4Addr::from(octets).into())));
    }
}

/// The length of a prefix, if one is told: `/24`.
fn length(rest: &str) -> Option<u8> {
    let digits = rest.strip_prefix('/')?;
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// An address, which may stand for those that begin with so many of its bits.
fn network(ip: IpAddr, bits: Option<u8>, each: &mut impl FnMut(Spelled)) {
    let shortest = if ip.is_ipv4() { SHORTEST_IPV4 } else { SHORTEST_IPV6 };
    each(Spelled::Address(Original::Ip(ip)));
    if let Some(bits) = bits.filter(|bits| *bits >= shortest) {
        each(Spelled::Network(ip, bits));
    }
}

/// IPv6 with colons, or with what stands for them in names of files.
fn colons(text: &str, each: &mut impl FnMut(Spelled)) {
    let is_part = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '-' | '_' | '.');
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let word = rest.get(start..).unwrap_or_default();
        let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
        let (word, behind) = word.split_at(end);
        let bits = length(behind);
        for separator in ['-', '_', '.'] {
            let mut ips = word.split(separator).filter_map(|part| part.parse().ok());
            ips.by_ref().filter(IpAddr::is_ipv6).for_each(|ip| network(ip, bits, each));
            if let Ok(ip @ IpAddr::V6(_)) = word.trim_matches('.').replace(separator, ":").parse() {
                network(ip, bits, each);
            }
        }
        rest = behind;
    }
}

/// Hardware addresses in six pairs or three fours of digits; IPv6 in single ones, from behind.
fn grouped(text: &str, each: &mut impl FnMut(Spelled)) {
    let runs = runs(text, u8::is_ascii_hexdigit);
    for (groups, digits) in [(6, 2), (3, 4), (32, 1)] {
        for (at, window) in runs.windows(groups).enumerate() {
            let fits = |run: &Run| run.digits.len() == digits || digits == 2 && run.digits.len() == 1;
            let Some(between) = separator(window).filter(|_| window.iter().all(fits)) else { continue };
            // Three fours in a longer row are of a UUID, or of IPv6.
            let goes_on = |run: Option<&Run>| run.is_some_and(|run| run.before == Some(between));
            if groups == 3 && (goes_on(window.first()) || goes_on(runs.get(at + groups))) {
                continue;
            }
            let shift =
                |number: u128, run: &Run| number << (4 * digits) | u128::from_str_radix(run.digits, 16).unwrap_or(0);
            let number = match groups {
                32 => window.iter().rev().fold(0, shift),
                _ => window.iter().fold(0, shift),
            };
            each(Spelled::Address(match groups {
                32 => Original::Ip(Ipv6Addr::from_bits(number).into()),
                _ => hardware(number),
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &str) -> Vec<Spelled> {
        let mut found = Vec::new();
        written(text, |spelled| found.push(spelled));
        hexadecimal(text, |spelled| found.push(spelled));
        found
    }

    fn names(text: &str, original: Original) -> bool {
        all(text).into_iter().any(|spelled| spelled.is_of(original))
    }

    const IP: Original = Original::Ip(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7)));
    const MAC: Original = Original::Hardware([0, 0x1b, 0x63, 0x84, 0x45, 0xe6]);

    #[test]
    fn ipv4_is_found_however_it_is_spelled() {
        for text in [
            "198.51.100.7",
            "host 198.51.100.7:443.",
            "198.51.100.7-8.8.8.8.pcap",
            "8.8.8.8-198.51.100.7",
            "198_51_100_7.pcap",
            "host-198-51-100-7",
            "x198.51.100.7",
            "vlan198.51.100.7a",
            "198.051.100.007",
            "7.100.51.198.in-addr.arpa",
            "ip=c6336407",
            "0xC6336407",
            "198.51.100.0/24",
            "198.51.100.0",
            "198.51.0.0/16",
            "::ffff:198.51.100.7",
            "http://198.51.100.7/24/x",
        ] {
            assert!(names(text, IP), "{text}: {:?}", all(text));
        }
        for text in ["198.51.100", "198.51.100.70", "198.51-100.7", "198.0.0.0/8", "1198.51.100.7", "c63364070", "é"] {
            assert!(!names(text, IP), "{text}: {:?}", all(text));
        }
    }

    #[test]
    fn hardware_addresses_are_found_however_they_are_spelled() {
        for text in [
            "00:1b:63:84:45:e6",
            "from 00-1B-63-84-45-E6, old",
            "0:1b:63:84:45:e6",
            "dev_00_1b_63_84_45_e6.pcap",
            "mac=001b638445e6",
            "001b.6384.45e6",
        ] {
            assert!(names(text, MAC), "{text}: {:?}", all(text));
        }
        assert!(!names("00:1b:63:84:45-e6", MAC) && !names("001b638445e67", MAC));
    }

    #[test]
    fn ipv6_is_found_however_it_is_spelled() {
        let ip = Original::Ip("2001:db8::1".parse().unwrap());
        let backwards = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
        for text in [
            "2001:db8::1",
            "at [2001:db8::1]:443",
            "2001:DB8:0:0:0:0:0:1%eth0",
            "2001-db8--1.pcap",
            "2001_db8__1",
            "2001:db8::1-2001:db8::2",
            "2001:db8::/32",
            "20010db8000000000000000000000001",
            backwards,
        ] {
            assert!(names(text, ip), "{text}: {:?}", all(text));
        }
        assert!(!names("2001:db8::/31", ip) && !names("2001:db8::2", ip));
    }

    #[test]
    fn other_texts_hold_none() {
        assert_eq!(all("version 1.2.3, 12:30, web-1, 2024-01-02"), []);
        // Digits without form are for those who can compare.
        let mut found = 0;
        written("deadbeef NPF_{8A3B6C1D-1111-2222-3333-001b638445e6}", |_| found += 1);
        assert_eq!(found, 0);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text: String, odd in "[0-9a-f.:_/-]{0,80}") {
            all(&text);
            all(&odd);
        }

        #[test]
        fn every_address_is_found(ip: IpAddr, hardware: [u8; 6]) {
            let text = format!("a/{ip}.pcap");
            prop_assert!(names(&text, Original::Ip(ip)), "{}", text);
            let parts: Vec<String> = hardware.iter().map(|byte| format!("{byte:02x}")).collect();
            for text in [parts.join(":"), parts.join("-"), parts.concat()] {
                prop_assert!(names(&text, Original::Hardware(hardware)), "{}", text);
            }
        }
    }
}
