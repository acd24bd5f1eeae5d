//! Sets with a row for each packet: its first bytes, the bits of its headers, or their fields.
//!
//! A [`PacketSet`] is what was asked for: `bytes:1500`, `nprint:4,tcp`, `headers`, or several of them. Its
//! [`PacketSet::cells`] makes a row's cells of a [`Captured`] packet, or says why the packet has no row. It is
//! shared by threads; what it needs besides, each of them keeps in a [`Scratch`].

mod blank;
mod bytes;
mod dictionary;
mod headers;
mod nprint;
mod options;
mod request;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;

use crate::decode::{self, Ip, Layers, Network};
use crate::flow::Outside;
use crate::packet::LinkType;
use crate::redact::{Field as Hidden, Mask, Masker};
use crate::table::{Cell, Column};
use bytes::Vectors;
use headers::{Field, Headers};
use nprint::Nprint;

pub use blank::{Masks, blank};
pub(super) use dictionary::{packet_sections, packet_set_names};

/// What is asked of packet sets besides their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PacketOptions {
    /// What `nprint` puts where a header is absent; -1 unless given.
    pub fill: Option<i8>,
    /// Rows as nPrint writes them: the source address, then the bits; only packets that it takes.
    pub as_nprint: bool,
}

/// A packet, with its layers down to the IP header that counts.
#[derive(Debug, Clone, Copy)]
pub struct Captured<'a> {
    /// Its number in its capture, from 1.
    pub number: u64,
    /// Nanoseconds since 1970; none if it has no time, or one beyond 64 bits.
    pub time: Option<i64>,
    /// How its bytes begin.
    pub link_type: LinkType,
    /// What is captured of it.
    pub bytes: &'a [u8],
    /// Its length on the wire, in bytes.
    pub wire: u32,
    /// Its layers.
    pub layers: Layers<'a>,
}

/// Why a packet has no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Refused {
    /// It has no IP header that could be read.
    Outside(Outside),
    /// Of `bytes`: a TCP segment without payload that opens, closes or acknowledges.
    EmptySegment,
    /// Of `bytes`: DNS.
    Dns,
    /// Of rows as nPrint writes them: it carries a protocol that nPrint leaves out.
    NotOfNprint(u8),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside(outside) => outside.fmt(f),
            Self::EmptySegment => f.write_str("TCP without payload"),
            Self::Dns => f.write_str("DNS"),
            Self::NotOfNprint(number) => write!(f, "IP protocol {number}, which nPrint leaves out"),
        }
    }
}

/// The columns of rows of packets.
#[derive(Debug, Clone)]
pub struct PacketSet {
    vectors: Option<Vectors>,
    nprint: Option<Nprint>,
    has_fields: bool,
    as_nprint: bool,
    /// What is zeroed in packets before anything is made of them.
    masked: Mask,
    /// The columns that are left out because they would show it.
    hidden: Vec<String>,
    entries: Vec<(Column, Item)>,
}

/// What a column holds.
#[derive(Debug, Clone)]
enum Item {
    Vector,
    /// How much of the vector is not padding.
    Length,
    /// Bits of a header, by where they stand in the row.
    Bits(Range<usize>),
    Field(&'static Field),
    /// nPrint's index: the source address as text.
    Index,
}

/// Memory for the values of a row, to be used again for the next.
#[derive(Debug, Default)]
pub struct Scratch {
    vector: Vec<u8>,
    bits: Vec<i8>,
    masker: Masker,
    /// The bytes of the packet, masked.
    masked: Vec<u8>,
}

impl PacketSet {
    /// The columns, in order.
    pub fn columns(&self) -> Vec<Column> {
        self.entries.iter().map(|(column, _)| column.clone()).collect()
    }

    /// The columns that are left out, because they would show what is masked.
    pub fn hidden(&self) -> &[String] {
        &self.hidden
    }

    /// True if the rows are as nPrint writes them, and nothing may stand before them.
    pub fn as_nprint(&self) -> bool {
        self.as_nprint
    }

    /// Keeps the columns of bytes and bits alone, if there are such; the names of the others.
    pub fn keep_bytes_and_bits(&mut self) -> Vec<String> {
        let is_kept = |item: &Item| matches!(item, Item::Vector | Item::Bits(_));
        if !self.entries.iter().any(|(_, item)| is_kept(item)) {
            return Vec::new();
        }
        let others = self.entries.extract_if(.., |(_, item)| !is_kept(item));
        others.map(|(column, _)| column.name).collect()
    }

    /// The cells of a packet's row.
    ///
    /// # Errors
    /// If it has no row: with `bytes` or `nprint`, if no IP header could be read; with `bytes`, if it is of those that
    /// the set leaves out.
    pub fn cells<'a>(&self, packet: &Captured<'a>, scratch: &'a mut Scratch) -> Result<Vec<Cell<'a>>, Refused> {
        self.check_packet(packet)?;
        let Scratch { vector, bits, masker, masked } = scratch;
        let masked = (!self.masked.is_empty()).then(|| packet.masked(self.masked, masker, masked));
        let packet = masked.as_ref().unwrap_or(packet);
        if self.vectors.is_some() || self.nprint.is_some() {
            let ip = ip_of(packet).map_err(Refused::Outside)?;
            if let Some(vectors) = &self.vectors {
                vectors.fill(&ip, vector);
            }
            if let Some(nprint) = &self.nprint {
                nprint.fill(packet, &ip, bits);
            }
        }
        let (vector, bits) = (&*vector, &*bits);
        let headers = self.has_fields.then(|| Headers::of(*packet));
        let cell = |item: &Item| match item {
            Item::Vector => Cell::Bytes(vector),
            Item::Length => Cell::Count(vector.len() as u64),
            Item::Bits(place) => Cell::Signs(bits.get(place.clone()).unwrap_or_default()),
            Item::Field(field) => headers.as_ref().map_or(Cell::Missing, |headers| field.value(headers)),
            Item::Index => match &packet.layers.network {
                Network::Ip(ip) => Cell::Text(ip.source.to_string().into()),
                _ => Cell::Missing,
            },
        };
        Ok(self.entries.iter().map(|(_, item)| cell(item)).collect())
    }

    /// Whether a packet has a row is asked before anything is masked in it.
    fn check_packet(&self, packet: &Captured) -> Result<(), Refused> {
        if self.vectors.is_none() && self.nprint.is_none() {
            return Ok(());
        }
        let ip = ip_of(packet).map_err(Refused::Outside)?;
        if self.as_nprint {
            taken_by_nprint(&ip)?;
        }
        if self.vectors.is_some() { bytes::check(&ip) } else { Ok(()) }
    }
}

impl<'a> Captured<'a> {
    /// The same packet with these fields zeroed. Its layers stand where they stood: a tunnel is known by its ports.
    fn masked(&self, mask: Mask, masker: &mut Masker, bytes: &'a mut Vec<u8>) -> Self {
        if masker.mask() != mask {
            *masker = Masker::new(mask);
        }
        bytes.clear();
        bytes.extend_from_slice(self.bytes);
        masker.apply(self.link_type, bytes);
        let bytes = bytes.as_slice();
        let network = match self.layers.network {
            Network::Ip(ip) => {
                let at = ip.header.as_ptr() as usize - self.bytes.as_ptr() as usize;
                let rest = bytes.get(at..).unwrap_or_default();
                decode::layers(LinkType::RAW, rest, self.wire.saturating_sub(at as u32)).network
            }
            _ => decode::layers(self.link_type, bytes, self.wire).network,
        };
        let hides = |number: u16| if mask.has(Hidden::Vlan) { 0 } else { number };
        let layers = Layers {
            hardware: self.layers.hardware.filter(|_| !mask.has(Hidden::Hardware)),
            vlan: self.layers.vlan.map(hides),
            inner_vlan: self.layers.inner_vlan.map(hides),
            network,
            ..self.layers
        };
        Self { time: self.time.filter(|_| !mask.has(Hidden::Time)), bytes, layers, ..*self }
    }
}

/// The IP header of a packet.
fn ip_of<'a>(packet: &Captured<'a>) -> Result<Ip<'a>, Outside> {
    match packet.layers.network {
        Network::Ip(ip) => Ok(ip),
        Network::Arp(..) => Err(Outside::Arp),
        Network::Other(kind) => Err(Outside::NotIp(kind)),
        Network::Cut => Err(Outside::Cut),
        Network::Broken => Err(Outside::Broken),
        Network::UnknownLinkType => Err(Outside::LinkType(packet.link_type.0)),
    }
}

/// nPrint writes rows for TCP, UDP and ICMP; not for ICMPv6.
fn taken_by_nprint(ip: &Ip) -> Result<(), Refused> {
    use crate::decode::protocol::{ICMP, TCP, UDP};
    match ip.protocol {
        TCP | UDP | ICMP => Ok(()),
        other => Err(Refused::NotOfNprint(other)),
    }
}

/// True if the payload of an IP packet begins with a transport header.
fn begins(ip: &Ip) -> bool {
    ip.fragment.is_none_or(|fragment| fragment.first)
}
