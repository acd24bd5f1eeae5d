//! A packet without what tells who it is of: addresses, hardware addresses, names, and the payload.
//!
//! [`Anonymizer`] replaces what [`Walk`] finds, header by header; what follows the last one that is understood is cut.
//! In headers whose parts are known one by one (options of IP and TCP, of neighbour discovery, of DHCP) the unknown ones are
//! filled with zeros, because nobody knows what they tell. Every checksum follows.

mod dhcp;
mod dhcpv6;
mod dns;
mod headers;
mod icmp;
mod icmpv6;
mod igmp;
mod link;
mod options;
mod payload;
mod pen;
mod radiotap;
mod sctp;
mod tcp;
mod tls;

use std::fmt;

use super::checksum::{Cover, Edit};
use super::hardware::HardwareRule;
use super::key::Key;
use super::pseudo::beginning;
use super::walk::{Header, Kind, Stop, Walk};
use crate::decode::protocol;
use crate::packet::LinkType;
use pen::{Maps, Pen};

pub use pen::Original;

/// How much stays of what transport headers carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// Nothing.
    Drop,
    /// All of it; what is known to hold names and addresses is rewritten.
    Keep,
    /// So many bytes, rewritten in the same way.
    First(u32),
}

/// What becomes of ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// They stay.
    Keep,
    /// Each becomes another one.
    Keyed,
}

/// What becomes of times that stand in headers: of TCP, ICMP, IPv4, neighbour discovery and radiotap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// They stay.
    Keep,
    /// They become zeros: the packets' own times are moved, and these would tell by how much.
    Zero,
}

/// What is to be done.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// With payloads.
    pub payload: Payload,
    /// With ports.
    pub ports: Ports,
    /// With hardware addresses.
    pub hardware: HardwareRule,
    /// With times in headers.
    pub times: Times,
}

/// Why a packet was cut before its payload, or inside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Its headers were not understood from there on.
    Headers(Stop),
    /// A message of this kind could not be read, or something follows it that is no part of it.
    Message(&'static str),
    /// It is a later fragment, and nothing in it says what it holds.
    Fragment,
}

/// What was done, in packets.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Whose payload was cut because it was to be.
    pub payloads: u64,
    /// Whose payload, or part of it, was kept.
    pub kept: u64,
    /// That begin a TLS handshake whose server name may go on in the next packet.
    pub split_names: u64,
    /// Writes to SCTP fragments, whose checksum no longer fits.
    pub stale: u64,
    /// Cut for other reasons, in the order in which they were met.
    pub cut: Vec<(Reason, u64)>,
}

/// Anonymises packets, one after the other, under one key.
pub struct Anonymizer {
    payload: Payload,
    maps: Maps,
    walk: Walk,
    covers: Vec<Cover>,
    packet: Vec<u8>,
    counts: Counts,
}

impl Anonymizer {
    /// One that follows these rules.
    pub fn new(key: &Key, rules: Rules) -> Self {
        Self {
            payload: rules.payload,
            maps: Maps::new(key, rules),
            walk: Walk::default(),
            covers: Vec::new(),
            packet: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// What becomes of a packet: `bytes` is what was captured of it, without any frame check sequence.
    pub fn packet(&mut self, link_type: LinkType, bytes: &[u8]) -> &[u8] {
        let Self { payload, maps, walk, covers, packet, counts } = self;
        walk.walk(link_type, bytes);
        packet.clear();
        packet.extend_from_slice(bytes);
        maps.originals.clear();
        let mut pen = Pen { edit: Edit::new(packet, walk, covers), maps, ports: [0; 2] };
        let mut end = walk.headers().last().map_or(0, |header| header.end);
        let mut reason = match walk.stop() {
            Stop::Whole => None,
            stop => Some(Reason::Headers(stop)),
        };
        let headers = walk.headers();
        for (at, header) in headers.iter().enumerate() {
            let read = match header.kind {
                Kind::Payload => {
                    let kept = counts.kept(*payload, header);
                    end = end.min(kept);
                    match kept > header.start {
                        true => payload::rewrite(&mut pen, headers, at, counts),
                        false => Ok(()),
                    }
                }
                _ => headers::rewrite(&mut pen, headers, at).map_err(|(what, place)| (Reason::Message(what), place)),
            };
            if let Err((why, place)) = read {
                if place < end {
                    reason = Some(why);
                }
                end = end.min(place);
            }
        }
        pen.edit.cut(end);
        counts.stale += pen.edit.finish();
        if let Some(reason) = reason {
            counts.cut(reason);
        }
        packet.truncate(end);
        // Nothing stays of such a packet, and one that was shorter is not read either.
        packet.extend(beginning(link_type).iter().skip(end).take(bytes.len() - end));
        packet
    }

    /// Notes from now on which addresses are replaced, or no longer.
    pub fn watch(&mut self, watch: bool) {
        self.maps.watch = watch;
    }

    /// The addresses that were replaced in the packet of before, if they are noted.
    pub fn originals(&self) -> &[Original] {
        &self.maps.originals
    }

    /// What was done so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }
}

impl Counts {
    /// Behind the last byte that stays of a payload, which is counted.
    fn kept(&mut self, payload: Payload, header: &Header) -> usize {
        let kept = match payload {
            Payload::Drop => header.start,
            Payload::Keep => header.end,
            Payload::First(bytes) => header.end.min(header.start.saturating_add(bytes as usize)),
        };
        match kept > header.start {
            true => self.kept += 1,
            false => self.payloads += 1,
        }
        kept
    }

    fn cut(&mut self, reason: Reason) {
        match self.cut.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => self.cut.push((reason, 1)),
        }
    }
}

/// A message that could be read so far and no further: what it is, and the place.
type Unread = (&'static str, usize);

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Headers(Stop::Whole) => Ok(()),
            Self::Headers(Stop::Other(kind)) => write!(f, "{kind}"),
            Self::Headers(Stop::Protocol(number)) => match protocol::name(*number) {
                Some(name) => write!(f, "IP protocol {number} ({name})"),
                None => write!(f, "IP protocol {number}"),
            },
            Self::Headers(Stop::Message(Kind::Icmp, number)) => write!(f, "ICMP type {number}"),
            Self::Headers(Stop::Message(_, number)) => write!(f, "ICMPv6 type {number}"),
            Self::Headers(Stop::Cut) => f.write_str("headers that are not wholly captured"),
            Self::Headers(Stop::Broken) => f.write_str("headers that contradict themselves"),
            Self::Headers(Stop::TooDeep) => f.write_str("too many headers in each other"),
            Self::Headers(Stop::LinkType(link_type)) => write!(f, "link type {link_type}, of which nothing stays"),
            Self::Fragment => f.write_str("later fragments, which do not say what they hold"),
            Self::Message(what) => write!(f, "{what}, not understood to its end"),
        }
    }
}

#[cfg(test)]
mod tests;
