//! What writes anonymous things over what stands at a place.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Ports, Rules, Times};
use crate::redact::addresses::Addresses;
use crate::redact::bytes::{array, byte, u16_at};
use crate::redact::cache::Cache;
use crate::redact::checksum::Edit;
use crate::redact::hardware::Hardware;
use crate::redact::key::Key;
use crate::redact::names::Names;
use crate::redact::permute::Permutation;

/// An address that was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Original {
    /// Of IP.
    Ip(IpAddr),
    /// Of hardware.
    Hardware([u8; 6]),
}

/// What becomes of everything, under one key.
pub(super) struct Maps {
    addresses: Addresses,
    hardware: Hardware,
    names: Names,
    /// What becomes of ports, if they do not stay.
    ports: Option<(Permutation, Cache<u16, u16>)>,
    /// What becomes of times inside of packets.
    times: Times,
    pub(super) watch: bool,
    pub(super) originals: Vec<Original>,
}

impl Maps {
    pub(super) fn new(key: &Key, rules: Rules) -> Self {
        Self {
            addresses: Addresses::new(key),
            hardware: Hardware::new(key, rules.hardware),
            names: Names::new(key),
            ports: (rules.ports == Ports::Keyed).then(|| (Permutation::new(key, "ports"), Cache::new(12))),
            times: rules.times,
            watch: false,
            originals: Vec::new(),
        }
    }

    #[inline]
    fn note(&mut self, original: Original, changed: bool) {
        if self.watch && changed {
            self.originals.push(original);
        }
    }
}

/// Another port for each; 0, which is none, stays, and nothing else becomes it.
fn other_port(permutation: &Permutation, port: u16) -> u16 {
    let next = |port: u64| permutation.apply(16, 0, port);
    match (port, next(port.into())) {
        (0, _) => 0,
        (_, 0) => next(0) as u16,
        (_, other) => other as u16,
    }
}

/// Writes into one packet. What takes a `limit` fails where the packet, or the layer, ends before it would be done: with the
/// place.
pub(super) struct Pen<'a> {
    pub(super) edit: Edit<'a>,
    pub(super) maps: &'a mut Maps,
    /// The ports of the transport header before, as they were.
    pub(super) ports: [u16; 2],
}

impl Pen<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        self.edit.bytes()
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        byte(self.bytes(), at)
    }

    pub(super) fn u16(&self, at: usize) -> Option<u16> {
        u16_at(self.bytes(), at)
    }

    /// What stands before `limit`, `N` bytes from `at` on.
    pub(super) fn array<const N: usize>(&self, at: usize, limit: usize) -> Result<[u8; N], usize> {
        self.bytes().get(..limit).and_then(|bytes| array(bytes, at)).ok_or(at)
    }

    /// Replaces an IPv4 address; the place behind it.
    #[inline]
    pub(super) fn ipv4(&mut self, at: usize, limit: usize) -> Result<usize, usize> {
        let old = Ipv4Addr::from(self.array::<4>(at, limit)?);
        let new = self.maps.addresses.ipv4(old);
        self.maps.note(Original::Ip(old.into()), old != new);
        self.edit.write(at, &new.octets());
        Ok(at + 4)
    }

    /// Replaces an IPv6 address; the place behind it.
    #[inline]
    pub(super) fn ipv6(&mut self, at: usize, limit: usize) -> Result<usize, usize> {
        let old = Ipv6Addr::from(self.array::<16>(at, limit)?);
        let new = self.maps.addresses.ipv6(old);
        self.maps.note(Original::Ip(old.into()), old != new);
        self.edit.write(at, &new.octets());
        Ok(at + 16)
    }

    /// What an IPv4 address becomes when its turn comes.
    pub(super) fn becomes(&mut self, old: [u8; 4]) -> [u8; 4] {
        self.maps.addresses.ipv4(old.into()).octets()
    }

    /// What an IPv6 address becomes when its turn comes.
    pub(super) fn becomes_6(&mut self, old: [u8; 16]) -> [u8; 16] {
        self.maps.addresses.ipv6(old.into()).octets()
    }

    /// Replaces as many addresses as there should be.
    pub(super) fn ipv4_list(&mut self, mut at: usize, count: usize, limit: usize) -> Result<usize, usize> {
        for _ in 0..count {
            at = self.ipv4(at, limit)?;
        }
        Ok(at)
    }

    /// Replaces as many addresses as there should be.
    pub(super) fn ipv6_list(&mut self, mut at: usize, count: usize, limit: usize) -> Result<usize, usize> {
        for _ in 0..count {
            at = self.ipv6(at, limit)?;
        }
        Ok(at)
    }

    /// Replaces the first bytes of an address of which `length` bits count, where the others are zeros; whole addresses
    /// that state a length keep their last bits. An IPv4 address stands in four bytes or less, others in up to sixteen.
    pub(super) fn prefix(&mut self, (start, end): (usize, usize), length: u8, is_ipv4: bool) {
        let mut whole = [0; 16];
        let old = self.bytes().get(start..end).unwrap_or_default();
        for (to, from) in whole.iter_mut().zip(old) {
            *to = *from;
        }
        let room = end - start;
        let old = u128::from_be_bytes(whole);
        let mask = crate::redact::prefix::mask(u32::from(length).min(128));
        let mut new = match is_ipv4 {
            true => u128::from(self.maps.addresses.ipv4(Ipv4Addr::from_bits((old >> 96) as u32)).to_bits()) << 96,
            false => self.maps.addresses.ipv6(Ipv6Addr::from_bits(old)).to_bits(),
        };
        if old & !mask == 0 {
            new &= mask;
        }
        let new = new.to_be_bytes();
        self.edit.write(start, new.get(..room).unwrap_or(&new));
    }

    /// Replaces a hardware address; the place behind it.
    #[inline]
    pub(super) fn hardware(&mut self, at: usize, limit: usize) -> Result<usize, usize> {
        let old = self.array::<6>(at, limit)?;
        let Maps { hardware, addresses, .. } = &mut *self.maps;
        let new = hardware.map(old, addresses);
        self.maps.note(Original::Hardware(old), old != new);
        self.edit.write(at, &new);
        Ok(at + 6)
    }

    /// Replaces a port, if ports do not stay.
    pub(super) fn port(&mut self, at: usize, limit: usize) -> Result<usize, usize> {
        let old = u16::from_be_bytes(self.array(at, limit)?);
        if let Some((permutation, known)) = &mut self.maps.ports {
            let new = known.get(old, old.into(), || other_port(permutation, old));
            self.edit.write(at, &new.to_be_bytes());
        }
        Ok(at + 2)
    }

    /// Replaces a label of a name.
    pub(super) fn label(&mut self, start: usize, end: usize) {
        let new = self.maps.names.label(self.bytes().get(start..end).unwrap_or_default());
        self.edit.write(start, &new);
    }

    /// Replaces a name with dots in it.
    pub(super) fn dotted(&mut self, start: usize, end: usize) {
        let new = self.maps.names.dotted(self.bytes().get(start..end).unwrap_or_default());
        self.edit.write(start, &new);
    }

    /// Replaces a name with dots in it whose letters stand at these places.
    pub(super) fn dotted_at(&mut self, places: &[usize]) {
        let old: Vec<u8> = places.iter().filter_map(|place| self.byte(*place)).collect();
        let new = self.maps.names.dotted(&old);
        for (place, letter) in places.iter().zip(new) {
            self.edit.write(*place, &[letter]);
        }
    }

    /// Replaces what identifies somebody, so that equal ones stay equal.
    pub(super) fn identifier(&mut self, start: usize, end: usize) {
        let new = self.maps.names.identifier(self.bytes().get(start..end).unwrap_or_default());
        self.edit.write(start, &new);
    }

    /// Treats a place as what says when the packet was sent.
    pub(super) fn time(&mut self, start: usize, end: usize) {
        if self.maps.times == Times::Zero {
            self.zero(start, end);
        }
    }

    /// Fills a place with zeros.
    pub(super) fn zero(&mut self, start: usize, end: usize) {
        self.edit.zero(start, end);
    }
}
