//! The fixed parts of pcapng's blocks, read from their bodies.
//!
//! Everything here takes slices and returns values; [`super::Reader`] does the reading around it.
//! Source: draft-ietf-opsawg-pcapng, section 4.

use super::block::kind;
use super::encode;
use crate::error::{Error, Result};
use crate::packet::{ByteOrder, Framing, Interface, LinkType, Options, code, push_option};
use crate::time::Resolution;

/// The smallest block: type, length, length.
pub(super) const MIN_BLOCK: u32 = 12;

const BYTE_ORDER_MAGIC: u32 = 0x1A2B_3C4D;

/// The fixed part of an EPB or PB body.
pub(super) const PACKET_HEADER: usize = 20;

/// True if a file that begins so is a pcapng file.
pub(super) fn begins(head: &[u8]) -> bool {
    head.get(..4) == Some(&kind::SECTION_HEADER.to_le_bytes())
}

/// The byte order that the first 12 bytes of a Section Header Block declare.
pub(super) fn section_order(head: &[u8]) -> Result<ByteOrder> {
    [ByteOrder::Little, ByteOrder::Big]
        .into_iter()
        .find(|order| order.u32(head, 8) == Some(BYTE_ORDER_MAGIC))
        .ok_or_else(|| Error::malformed("the section header has no byte-order magic"))
}

/// Checks a Section Header Block's body.
pub(super) fn check_section(body: &[u8], order: ByteOrder) -> Result<()> {
    let (major, minor) = order.u16(body, 4).zip(order.u16(body, 6)).ok_or_else(|| too_short("section header"))?;
    // 1.2 was written by some tools and means 1.0.
    if major != 1 || !matches!(minor, 0 | 2) {
        return Err(Error::malformed(format!("pcapng version {major}.{minor}; only 1.0 is known")));
    }
    let options = body.get(16..).ok_or_else(|| too_short("section header"))?;
    checked(options, order).map(drop)
}

/// Reads an Interface Description Block's body.
pub(super) fn interface(body: &[u8], order: ByteOrder, number: u32) -> Result<Interface> {
    let short = || too_short("interface description");
    let link_type = LinkType(order.u16(body, 0).ok_or_else(short)?);
    let snap_len = order.u32(body, 4).ok_or_else(short)?;
    let options = checked(body.get(8..).ok_or_else(short)?, order)?;
    let mut interface = Interface {
        number,
        link_type,
        byte_order: Framing::new(link_type, order).byte_order,
        snap_len,
        resolution: Resolution::MICROSECONDS,
        states_resolution: false,
        offset: 0,
        options: Vec::new(),
    };
    for option in options {
        let value = encode::little_endian(kind::INTERFACE_DESCRIPTION, option, order);
        match option.code {
            code::IF_TSRESOL => {
                interface.resolution = Resolution::from_octet(one_octet(&value)?);
                interface.states_resolution = true;
            }
            code::IF_TSOFFSET => interface.offset = offset(&value)?,
            _ => {}
        }
        push_option(&mut interface.options, option.code, &value);
    }
    Ok(interface)
}

fn one_octet(value: &[u8]) -> Result<u8> {
    match value {
        [octet] => Ok(*octet),
        other => Err(Error::malformed(format!(
            "option if_tsresol has {} bytes instead of 1: the times cannot be told",
            other.len()
        ))),
    }
}

fn offset(value: &[u8]) -> Result<i64> {
    let bytes: [u8; 8] = value.try_into().map_err(|_| {
        Error::malformed(format!("option if_tsoffset has {} bytes instead of 8: the times cannot be told", value.len()))
    })?;
    Ok(i64::from_le_bytes(bytes))
}

/// The fields of a packet block, before its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct PacketHeader {
    /// Within the section.
    pub(super) interface: u32,
    pub(super) time: Option<(u32, u32)>,
    pub(super) captured: u32,
    pub(super) original: u32,
    /// How many packets were lost before, where a PB says so.
    pub(super) drops: Option<u16>,
    /// Where in the body the packet's bytes begin.
    pub(super) data_at: usize,
}

/// Reads the fields of an EPB, PB or SPB body; `snap_len` is that of the section's first interface, for SPB.
#[inline]
pub(super) fn packet_header(kind: u32, body: &[u8], order: ByteOrder, snap_len: Option<u32>) -> Option<PacketHeader> {
    if kind == kind::SIMPLE_PACKET {
        return simple_packet_header(body, order, snap_len);
    }
    let (interface, drops) = match kind {
        // 0xffff: unknown.
        kind::PACKET => (order.u16(body, 0)?.into(), order.u16(body, 2).filter(|&drops| drops != u16::MAX)),
        _ => (order.u32(body, 0)?, None),
    };
    Some(PacketHeader {
        interface,
        time: Some((order.u32(body, 4)?, order.u32(body, 8)?)),
        captured: order.u32(body, 12)?,
        original: order.u32(body, 16)?,
        drops,
        data_at: PACKET_HEADER,
    })
}

/// A Simple Packet Block tells no captured length: it is the original one, cut at the snap length.
fn simple_packet_header(body: &[u8], order: ByteOrder, snap_len: Option<u32>) -> Option<PacketHeader> {
    let original = order.u32(body, 0)?;
    let limit = snap_len.filter(|&limit| limit != 0).unwrap_or(u32::MAX);
    Some(PacketHeader { interface: 0, time: None, captured: original.min(limit), original, drops: None, data_at: 4 })
}

/// The options that fill `bytes`, or an error that says where they break.
#[inline]
pub(super) fn checked(bytes: &[u8], order: ByteOrder) -> Result<Options<'_>> {
    Options::checked(bytes, order).map_err(|at| {
        Error::malformed(format!("an option runs past the end of its block ({at} bytes into the options)"))
    })
}

fn too_short(what: &str) -> Error {
    Error::malformed(format!("the {what} block is too short for its fields"))
}
