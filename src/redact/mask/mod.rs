//! Fields of packets zeroed where they stand, so that nothing can rest on them.
//!
//! A [`Mask`] is a set of fields, a [`Masker`] zeroes them in packets: in every header, those of tunnels and of packets that
//! ICMP errors quote included. What would tell a zeroed field, or could be one, goes with it:
//!
//! - every checksum that covers a byte of a masked field, its pseudo header included, is zeroed: of IPv4, TCP, UDP, UDP-Lite,
//!   DCCP, SCTP, ICMP, ICMPv6, IGMP and GRE, and so are checksums around those; the integrity check of AH always is. With
//!   `payload` that holds for all transport headers: the payload may be cut, or in another fragment;
//! - options that may hold an address or a port, those that nobody knows among them, are zeroed with it; so are the IP addresses
//!   in hardware addresses of groups (but not the hardware addresses in IPv6 addresses: these are `ip.addr`);
//! - what stands behind the innermost header or payload is zeroed: padding, and check sequences of frames;
//! - where a header is not understood, it and all that follows are zeroed, and the packet is counted with the reason.
//!
//! Lengths stay, and the masked bytes depend neither on what the fields were nor on whether they were zero before. What
//! payloads hold (addresses in DHCP, names in DNS) is `payload`, and no other field is looked for in it. Tunnels over UDP are
//! known by their ports: who masks ports masks the packets inside too, and nobody finds them in there afterwards.

mod parts;
#[cfg(test)]
mod tests;

use super::checksum::{self, Cover};
use super::fields::Field;
use super::pseudo::beginning;
use super::walk::{Kind, Stop, Walk};
use crate::error::{Error, Result};
use crate::packet::LinkType;
use parts::{Part, Parts};

/// Reasons that are told apart, at most; further ones are counted together.
const MAX_REASONS: usize = 64;

/// A set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mask(u32);

impl Mask {
    /// The fields of these names.
    ///
    /// # Errors
    /// A name that is no field's.
    pub fn of_names<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Result<Self> {
        names.into_iter().map(|name| name.as_ref().parse::<Field>().map_err(Error::request)).collect()
    }

    /// True if a field is in it.
    #[inline]
    pub const fn has(self, field: Field) -> bool {
        self.0 & bit(field) != 0
    }

    /// True if no field is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The fields of both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The fields that another one does not have.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// True if a field is in both.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Its fields, from the outermost layer inwards.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |field| self.has(*field))
    }

    /// Their names.
    pub fn names(self) -> Vec<String> {
        self.fields().map(|field| field.name().to_owned()).collect()
    }

    /// These fields.
    pub const fn of(fields: &[Field]) -> Self {
        let mut bits = 0;
        let mut rest = fields;
        while let [field, behind @ ..] = rest {
            bits |= bit(*field);
            rest = behind;
        }
        Self(bits)
    }
}

const fn bit(field: Field) -> u32 {
    1 << field as u32
}

impl FromIterator<Field> for Mask {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Self {
        Self(fields.into_iter().fold(0, |bits, field| bits | bit(field)))
    }
}

impl std::fmt::Display for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.names().join(", "))
    }
}

/// Zeroes fields of packets, one packet after the other.
#[derive(Debug, Default)]
pub struct Masker {
    mask: Mask,
    walk: Walk,
    covers: Vec<Cover>,
    parts: Vec<Part>,
    unread: Vec<(Stop, u64)>,
    /// Those for reasons that are not told apart.
    others: u64,
}

impl Masker {
    /// One that zeroes these fields; of none, it leaves packets as they are.
    pub fn new(mask: Mask) -> Self {
        Self { mask, ..Self::default() }
    }

    /// What it zeroes.
    pub fn mask(&self) -> Mask {
        self.mask
    }

    /// Zeroes the fields of a packet.
    pub fn apply(&mut self, link_type: LinkType, bytes: &mut [u8]) {
        if self.mask.is_empty() {
            return;
        }
        self.walk.walk(link_type, bytes);
        checksum::find(bytes, &self.walk, &mut self.covers);
        self.parts.clear();
        let mut parts = Parts { bytes, mask: self.mask, found: &mut self.parts, broken: false };
        self.walk.headers().iter().for_each(|header| parts.header(header));
        let broken = parts.broken;
        let known = self.walk.headers().last().map_or(0, |header| header.end);
        if known < bytes.len() {
            self.parts.push(Part::zeroed(known, bytes.len()));
        }
        match self.walk.stop() {
            Stop::Whole if broken => self.count(Stop::Broken),
            stop if stop != Stop::Whole && known < bytes.len() => self.count(stop),
            _ => {}
        }
        self.stale();
        for part in &self.parts {
            let bytes = bytes.get_mut(part.start..part.end.min(bytes.len())).unwrap_or_default();
            bytes.iter_mut().for_each(|byte| *byte &= part.keep);
        }
        // All of such a packet is zero by now.
        bytes.iter_mut().zip(beginning(link_type)).for_each(|(byte, least)| *byte = *least);
    }

    /// Adds the checksums that cover what is masked, the innermost first: those around them cover these.
    fn stale(&mut self) {
        let all = self.mask.has(Field::Checksum);
        for cover in self.covers.iter().rev() {
            if all || self.parts.iter().any(|part| cover.has((part.start, part.end))) {
                let (start, end) = cover.place();
                self.parts.push(Part::zeroed(start, end));
            }
        }
    }

    #[cold]
    fn count(&mut self, stop: Stop) {
        let has_room = self.unread.len() < MAX_REASONS;
        match self.unread.iter_mut().find(|(known, _)| *known == stop) {
            Some((_, count)) => *count += 1,
            None if has_room => self.unread.push((stop, 1)),
            None => self.others += 1,
        }
    }

    /// Why packets were zeroed behind what is understood of them, and how many for each reason.
    pub fn unread(&self) -> Vec<(String, u64)> {
        let mut told: Vec<_> = self.unread.iter().map(|(stop, count)| (reason(*stop), *count)).collect();
        if self.others > 0 {
            told.push(("other reasons".to_owned(), self.others));
        }
        told.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        told
    }
}

fn reason(stop: Stop) -> String {
    match stop {
        Stop::Whole => String::new(),
        Stop::Other(kind) => kind.to_string(),
        Stop::Protocol(number) => format!("IP protocol {number}"),
        Stop::Message(Kind::Icmpv6, number) => format!("ICMPv6 of type {number}"),
        Stop::Message(_, number) => format!("ICMP of type {number}"),
        Stop::Cut => "headers cut off".to_owned(),
        Stop::Broken => "headers that contradict themselves".to_owned(),
        Stop::TooDeep => "too many headers in each other".to_owned(),
        Stop::LinkType(LinkType(number)) => format!("link type {number}, which is not decoded"),
    }
}
