//! Addresses as text, without the costs of formatting: tables have two of them in every row.

use std::fmt::Write;
use std::net::IpAddr;

/// The longest text of an address: eight groups of an IPv6 address, or six and an IPv4 address.
const LONGEST: usize = 45;

/// The text of an address, as `Display` writes it (RFC 5952).
#[derive(Debug, Clone, Copy)]
pub struct AddressText {
    bytes: [u8; LONGEST],
    length: usize,
}

impl AddressText {
    /// That of this address.
    #[inline]
    pub fn of(address: IpAddr) -> Self {
        let mut text = Self { bytes: [0; LONGEST], length: 0 };
        match address {
            IpAddr::V4(address) => {
                let [first, rest @ ..] = address.octets();
                text.number(first);
                for octet in rest {
                    text.push(b'.');
                    text.number(octet);
                }
            }
            // There is room for every address: writing cannot fail.
            IpAddr::V6(address) => drop(write!(text, "{address}")),
        }
        text
    }

    /// The text.
    #[inline]
    pub fn as_str(&self) -> &str {
        // Only ASCII was put there.
        self.bytes.get(..self.length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    #[inline]
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    #[inline]
    fn number(&mut self, number: u8) {
        if number >= 100 {
            self.push(b'0' + number / 100);
        }
        if number >= 10 {
            self.push(b'0' + number / 10 % 10);
        }
        self.push(b'0' + number % 10);
    }
}

impl Write for AddressText {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        text.bytes().for_each(|byte| self.push(byte));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_longest_has_room() {
        let longest: IpAddr = "1111:2222:3333:4444:5555:6666:7777:8888".parse().unwrap();
        assert_eq!(AddressText::of(longest).as_str(), longest.to_string());
        let mapped: IpAddr = "::ffff:255.255.255.255".parse().unwrap();
        assert_eq!(AddressText::of(mapped).as_str(), mapped.to_string());
    }

    proptest! {
        #[test]
        fn it_is_that_of_the_library(address: IpAddr) {
            let text = AddressText::of(address);
            prop_assert_eq!(text.as_str(), address.to_string());
        }
    }
}
