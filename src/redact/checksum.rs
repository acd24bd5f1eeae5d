//! Changes that checksums follow.
//!
//! [`Edit`] knows which checksums of a packet cover which of its bytes, pseudo headers included, and notes by how much each
//! write changes their sums. At the end every checksum is changed by as much, the innermost first, because outer ones
//! cover it (RFC 1624, equation 3; for SCTP the same follows from CRCs being linear). None is computed anew: what was
//! right stays right, what was wrong stays wrong, and bytes that were cut need not be known. A UDP checksum of zero, which
//! is none, stays that (RFC 768).

use super::bytes::{array, byte, u16_at};
use super::options::Choices;
use super::walk::{Header, Kind, Walk};

/// A part of a packet.
pub(super) type Place = (usize, usize);

/// What a sum is taken modulo: sums of 16-bit words whose carries come round.
const MODULUS: i64 = 0xffff;

/// A checksum, and what it covers.
#[derive(Debug, Clone, Copy)]
pub struct Cover {
    kind: Sum,
    /// Where it stands.
    field: usize,
    /// The bytes that it covers; of a pseudo header, both addresses.
    places: [Place; 3],
    /// By how much the sum has changed; of SCTP, the bits that have.
    change: i64,
}

/// How a checksum is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sum {
    /// RFC 1071.
    Words,
    /// The same, but zero says that there is none.
    WordsOrNone,
    /// CRC-32C up to this place, where the message ended on the wire; unknown of a fragment.
    Crc(Option<usize>),
}

/// A packet that is being changed.
pub struct Edit<'a> {
    bytes: &'a mut [u8],
    covers: &'a mut Vec<Cover>,
    stale: u64,
}

/// Puts the checksums of a packet with these headers into `covers`, the outermost first.
pub(super) fn find(bytes: &[u8], walk: &Walk, covers: &mut Vec<Cover>) {
    covers.clear();
    covers.extend(walk.headers().iter().enumerate().filter_map(|(at, _)| cover(bytes, walk.headers(), at)));
}

impl<'a> Edit<'a> {
    /// Changes to a packet with these headers; `covers` is memory to be used again.
    pub fn new(bytes: &'a mut [u8], walk: &Walk, covers: &'a mut Vec<Cover>) -> Self {
        find(bytes, walk, covers);
        Self { bytes, covers, stale: 0 }
    }

    /// The packet as it is by now; its checksums are those of before.
    pub fn bytes(&self) -> &[u8] {
        self.bytes
    }

    /// Writes bytes at a place; nothing if there is not room for all of them.
    pub fn write(&mut self, at: usize, new: &[u8]) {
        let before = self.covers.len();
        self.write_below(before, at, new);
    }

    /// Writes zeros from one place to another, as far as the packet goes.
    pub fn zero(&mut self, start: usize, end: usize) {
        const ZEROS: [u8; 64] = [0; 64];
        let end = end.min(self.bytes.len());
        for at in (start..end).step_by(ZEROS.len()) {
            let length = (end - at).min(ZEROS.len());
            self.write(at, ZEROS.get(..length).unwrap_or(&ZEROS));
        }
    }

    /// Prepares for the packet to end at a place: checksums become those of zeros behind it, because one that still covers what
    /// is cut tells it.
    pub fn cut(&mut self, end: usize) {
        self.zero(end, usize::MAX);
        // Those that are cut themselves follow nothing any more.
        self.covers.iter_mut().filter(|cover| cover.place().1 > end).for_each(|cover| cover.change = 0);
    }

    /// Writes, for the first so many checksums to follow.
    fn write_below(&mut self, covers: usize, at: usize, new: &[u8]) {
        let Some(old) = self.bytes.get_mut(at..at.saturating_add(new.len())) else { return };
        for cover in self.covers.iter_mut().take(covers) {
            self.stale += u64::from(!cover.follow(at, old, new));
        }
        old.copy_from_slice(new);
    }

    /// Brings all checksums along. How many writes there were that a checksum could not follow: of SCTP, in fragments.
    pub fn finish(mut self) -> u64 {
        for at in (0..self.covers.len()).rev() {
            let Some(cover) = self.covers.get(at).copied().filter(|cover| cover.change != 0) else { continue };
            match cover.kind {
                Sum::Crc(_) => {
                    let old = array(self.bytes, cover.field).map_or(0, u32::from_le_bytes);
                    let new = old ^ cover.change as u32;
                    self.write_below(at, cover.field, &new.to_le_bytes());
                }
                kind => {
                    let old = u16_at(self.bytes, cover.field).unwrap_or_default();
                    let new = changed(old, cover.change, kind);
                    self.write_below(at, cover.field, &new.to_be_bytes());
                }
            }
        }
        self.stale
    }
}

/// A checksum whose sum has changed.
fn changed(old: u16, change: i64, kind: Sum) -> u16 {
    let change = change.rem_euclid(MODULUS);
    let none = kind == Sum::WordsOrNone && old == 0;
    if change == 0 || none {
        return old;
    }
    let sum = i64::from(!old) + change;
    let folded = if sum > MODULUS { sum - MODULUS } else { sum };
    match !(folded as u16) {
        0 if kind == Sum::WordsOrNone => 0xffff,
        new => new,
    }
}

impl Cover {
    /// Where the checksum itself stands.
    pub(super) fn place(&self) -> Place {
        let size = if matches!(self.kind, Sum::Crc(_)) { 4 } else { 2 };
        (self.field, self.field + size)
    }

    /// True if it covers a byte of this part.
    pub(super) fn has(&self, (start, end): Place) -> bool {
        self.places.iter().any(|(from, to)| start < *to && *from < end)
    }

    /// Notes that bytes at a place become others; false if that cannot be followed.
    #[inline]
    fn follow(&mut self, at: usize, old: &[u8], new: &[u8]) -> bool {
        let end = at + old.len();
        let mut followed = true;
        for (start, limit) in self.places {
            if at >= limit || end <= start {
                continue;
            }
            match self.kind {
                Sum::Words | Sum::WordsOrNone if self.is_plain((start, limit), at, end) => self.add_words(old, new),
                Sum::Words | Sum::WordsOrNone => self.add((start, limit), at, old.iter().zip(new)),
                Sum::Crc(Some(limit)) => self.flip(limit, at, old.iter().zip(new)),
                Sum::Crc(None) => followed = old == new,
            }
        }
        followed
    }

    /// True if all bytes from one place to another are covered, in whole words, and none is the checksum's.
    #[inline]
    fn is_plain(&self, (start, limit): Place, at: usize, end: usize) -> bool {
        let is_aligned = (at.wrapping_sub(start) | end.wrapping_sub(at)).is_multiple_of(2);
        is_aligned && at >= start && end <= limit && (end <= self.field || at >= self.field + 2)
    }

    /// Adds the differences of whole words: addresses and ports.
    #[inline]
    fn add_words(&mut self, old: &[u8], new: &[u8]) {
        let sum = |bytes: &[u8]| -> i64 {
            bytes.as_chunks::<2>().0.iter().map(|word| i64::from(u16::from_be_bytes(*word))).sum()
        };
        self.change += sum(new) - sum(old);
    }

    /// Adds the differences of those bytes that are inside of a covered place, but for the checksum itself.
    #[inline]
    fn add<'b>(&mut self, (start, limit): Place, at: usize, bytes: impl Iterator<Item = (&'b u8, &'b u8)>) {
        for (place, (old, new)) in (at..).zip(bytes) {
            let own = place.wrapping_sub(self.field) < 2;
            if place < start || place >= limit || own {
                continue;
            }
            let difference = i64::from(*new) - i64::from(*old);
            let is_high = (place - start).is_multiple_of(2);
            self.change += if is_high { difference << 8 } else { difference };
        }
    }

    /// The bits of a CRC that change with these bytes, of a message that ends at `limit`.
    fn flip<'b>(&mut self, limit: usize, at: usize, bytes: impl Iterator<Item = (&'b u8, &'b u8)>) {
        let mut state = 0;
        let mut done = at;
        for (place, (old, new)) in (at..).zip(bytes) {
            let own = place.wrapping_sub(self.field) < 4;
            state = crc_step(state, if own { 0 } else { old ^ new });
            done = place + 1;
        }
        for _ in done..limit {
            state = crc_step(state, 0);
        }
        self.change ^= i64::from(state);
    }
}

/// The checksum that the header at this place of a list has, if it has one and it was captured.
fn cover(bytes: &[u8], headers: &[Header], at: usize) -> Option<Cover> {
    let header = headers.get(at)?;
    let (kind, field, end) = match header.kind {
        Kind::Ipv4 => (Sum::Words, 10, header.end),
        Kind::Tcp => (Sum::Words, 16, header.limit),
        Kind::Udp => (Sum::WordsOrNone, 6, header.limit),
        // Its length field says how much is covered; 0 is all (RFC 3828).
        Kind::UdpLite => {
            let covered = u16_at(bytes, header.start + 4).map_or(0, usize::from);
            let all = covered == 0;
            (Sum::Words, 6, if all { header.limit } else { header.limit.min(header.start + covered) })
        }
        // Its payload never changes.
        Kind::Dccp => (Sum::Words, 6, header.end),
        Kind::Sctp => (Sum::Crc(wire_end(bytes, headers, header)), 8, header.limit),
        Kind::Icmp | Kind::Icmpv6 | Kind::Igmp => (Sum::Words, 2, header.limit),
        Kind::Gre if byte(bytes, header.start)? & 0x80 != 0 => (Sum::Words, 4, header.limit),
        _ => return None,
    };
    let field = header.start + field;
    let size = if matches!(kind, Sum::Crc(_)) { 4 } else { 2 };
    if field + size > header.limit {
        return None;
    }
    let (source, destination) = match header.kind {
        Kind::Tcp | Kind::Udp | Kind::UdpLite | Kind::Dccp | Kind::Icmpv6 => pseudo_header(bytes, headers, at)?,
        _ => ((0, 0), (0, 0)),
    };
    Some(Cover { kind, field, places: [(header.start, end), source, destination], change: 0 })
}

/// Where the message of a transport header ended on the wire; unknown of a fragment, and where no length is stated.
fn wire_end(bytes: &[u8], headers: &[Header], header: &Header) -> Option<usize> {
    let ip = headers.get(header.ip?)?;
    let behind = headers.get(header.ip?..)?;
    if behind.iter().take_while(|other| other.start < header.start).any(|other| other.kind == Kind::FragmentHeader) {
        return None;
    }
    let (place, before) = match ip.kind {
        Kind::Ipv4 if u16_at(bytes, ip.start + 6)? & 0x3fff != 0 => return None,
        Kind::Ipv4 => (2, 0),
        _ => (4, 40),
    };
    let stated = usize::from(u16_at(bytes, ip.start + place)?);
    (stated > 0).then_some(ip.start + before + stated).filter(|end| *end >= header.limit)
}

/// The addresses that a transport checksum covers: those of the ends, wherever else the packet passes.
fn pseudo_header(bytes: &[u8], headers: &[Header], at: usize) -> Option<(Place, Place)> {
    let first = headers.get(at)?.ip?;
    let ip = headers.get(first)?;
    let mut ends = match ip.kind {
        Kind::Ipv4 => ((ip.start + 12, ip.start + 16), (ip.start + 16, ip.start + 20)),
        _ => ((ip.start + 8, ip.start + 24), (ip.start + 24, ip.start + 40)),
    };
    if ip.kind == Kind::Ipv4 {
        ends.1 = source_route(bytes, ip).unwrap_or(ends.1);
    }
    for extension in headers.get(first..at)? {
        match extension.kind {
            Kind::Routing => ends.1 = last_hop(bytes, extension).unwrap_or(ends.1),
            Kind::DestinationOptions => ends.0 = home_address(bytes, extension).unwrap_or(ends.0),
            _ => {}
        }
    }
    Some(ends)
}

/// The last address of a source route of IPv4 that is not passed yet (RFC 791, 3.1).
fn source_route(bytes: &[u8], ip: &Header) -> Option<Place> {
    let route = Choices::of_header(bytes, ip.start + 20, ip.end).find(|option| matches!(option.kind, 131 | 137))?;
    // The pointer counts from the option's first byte, from 1.
    let pointer = usize::from(byte(bytes, route.start)?);
    let length = route.end - route.start + 2;
    (pointer <= length && length >= 7).then_some((route.end - 4, route.end))
}

/// The address that a packet with a routing header goes to in the end, if it is not there yet.
fn last_hop(bytes: &[u8], routing: &Header) -> Option<Place> {
    let [_, _, kind, left] = array(bytes, routing.start)?;
    let start = match kind {
        0 => routing.end.checked_sub(16)?,
        // A home address; the first of a list that stands in reverse (RFC 8754, 2).
        2 | 4 => routing.start + 8,
        _ => return None,
    };
    (left > 0 && start >= routing.start + 8 && start + 16 <= routing.end).then_some((start, start + 16))
}

/// The home address of a mobile node, which stands for its source (RFC 6275, 6.3).
fn home_address(bytes: &[u8], extension: &Header) -> Option<Place> {
    let option = Choices::of_extension(bytes, extension.start, extension.end)
        .find(|option| option.kind == 0xc9 && option.end - option.start == 16)?;
    Some((option.start, option.end))
}

/// One byte more of a CRC-32C (RFC 9260, appendix A), reflected.
fn crc_step(state: u32, byte: u8) -> u32 {
    const REFLECTED: u32 = 0x82f6_3b78;
    let mut state = state ^ u32::from(byte);
    for _ in 0..8 {
        state = if state & 1 == 1 { state >> 1 ^ REFLECTED } else { state >> 1 };
    }
    state
}

#[cfg(test)]
mod tests;
