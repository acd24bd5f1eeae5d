//! Blocks, written anew in little-endian order.
//!
//! A block of a big-endian section can be carried into a little-endian one only where the draft says which of its bytes
//! are integers; [`carried`] says so for each block type, [`little_endian`] for each option.

use std::borrow::Cow;

use super::block::{Block, kind};
use crate::packet::{ByteOrder, Interface, Opt, Options, Packet, code, push_end, push_option};

/// The integers in an option's value, which turn round with the byte order.
enum Shape {
    /// Bytes and text.
    Bytes,
    /// One integer of this many bytes.
    Integer(usize),
    /// Two 32-bit integers, or halves with the high one first in both orders.
    Halves,
    /// A private enterprise number, then bytes.
    Custom,
    /// One octet, then an integer of eight bytes (epb_verdict of eBPF).
    Verdict,
}

fn shape(block: u32, option: &Opt) -> Shape {
    if code::CUSTOM.contains(&option.code) {
        return Shape::Custom;
    }
    match (block, option.code) {
        (kind::INTERFACE_DESCRIPTION, code::IF_SPEED | code::IF_TSOFFSET | code::IF_TXSPEED | code::IF_RXSPEED) => {
            Shape::Integer(8)
        }
        (kind::INTERFACE_DESCRIPTION, code::IF_TZONE) => Shape::Integer(4),
        (kind::ENHANCED_PACKET | kind::PACKET, code::EPB_FLAGS | code::EPB_QUEUE) => Shape::Integer(4),
        (kind::ENHANCED_PACKET, code::EPB_DROPCOUNT | code::EPB_PACKETID) => Shape::Integer(8),
        (kind::ENHANCED_PACKET, 7) if matches!(option.value, [1 | 2, ..]) => Shape::Verdict,
        // epb_processid_threadid: two integers.
        (kind::ENHANCED_PACKET, 8) => Shape::Halves,
        // isb_starttime, isb_endtime; then five counters.
        (kind::INTERFACE_STATISTICS, 2 | 3) => Shape::Halves,
        (kind::INTERFACE_STATISTICS, 4..=8) => Shape::Integer(8),
        _ => Shape::Bytes,
    }
}

/// An option's value in little-endian order. One whose length is not what its code asks for is left as it is.
pub(super) fn little_endian<'a>(block: u32, option: Opt<'a>, order: ByteOrder) -> Cow<'a, [u8]> {
    if order == ByteOrder::Little {
        return Cow::Borrowed(option.value);
    }
    let turned: &[(usize, usize)] = match shape(block, &option) {
        Shape::Integer(4) if option.value.len() == 4 => &[(0, 4)],
        Shape::Integer(8) if option.value.len() == 8 => &[(0, 8)],
        Shape::Halves if option.value.len() == 8 => &[(0, 4), (4, 8)],
        Shape::Custom if option.value.len() >= 4 => &[(0, 4)],
        Shape::Verdict if option.value.len() == 9 => &[(1, 9)],
        _ => return Cow::Borrowed(option.value),
    };
    let mut value = option.value.to_vec();
    for &(from, to) in turned {
        if let Some(integer) = value.get_mut(from..to) {
            integer.reverse();
        }
    }
    Cow::Owned(value)
}

/// Appends `options` in little-endian order, and opt_endofopt if `closing` or there are any.
fn push_options(out: &mut Vec<u8>, block: u32, options: Options, closing: bool) {
    let any = closing || !options.is_empty();
    let order = options.order();
    for option in options {
        push_option(out, option.code, &little_endian(block, option, order));
    }
    if any {
        push_end(out);
    }
}

/// Appends a block around what `body` writes.
#[inline]
pub(super) fn push_block(out: &mut Vec<u8>, kind: u32, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    body(out);
    close_block(out, start);
}

/// Writes the length of the block that begins at `start`, in both places.
#[inline]
fn close_block(out: &mut Vec<u8>, start: usize) {
    let length = ((out.len() - start + 4) as u32).to_le_bytes();
    if let Some(field) = out.get_mut(start + 4..start + 8) {
        field.copy_from_slice(&length);
    }
    out.extend_from_slice(&length);
}

/// Appends zeros up to the next multiple of four bytes after `length`.
#[inline]
fn pad(out: &mut Vec<u8>, length: usize) {
    // Four bytes and back is one store; a slice of one to three would be a call.
    out.extend_from_slice(&[0; 4]);
    out.truncate(out.len() - 4 + (length.next_multiple_of(4) - length));
}

/// Appends a Section Header Block of unknown length with these options (a little-endian list without its end).
pub(super) fn section_block(out: &mut Vec<u8>, options: &[u8]) {
    push_block(out, kind::SECTION_HEADER, |out| {
        out.extend_from_slice(&0x1A2B_3C4D_u32.to_le_bytes());
        out.extend_from_slice(&[1, 0, 0, 0]);
        out.extend_from_slice(&u64::MAX.to_le_bytes());
        push_options(out, kind::SECTION_HEADER, Options::trusted(options, ByteOrder::Little), false);
    });
}

/// Appends an Interface Description Block. The resolution is always stated, so that no reader has to guess.
pub fn interface_block(out: &mut Vec<u8>, interface: &Interface, snap_len: u32) {
    push_interface(out, interface, snap_len, |out| {
        if !interface.states_resolution {
            push_option(out, code::IF_TSRESOL, &[interface.resolution.octet()]);
        }
        push_options(out, kind::INTERFACE_DESCRIPTION, interface.options(), true);
    });
}

/// Appends an Interface Description Block without options, as C++ pcapml 0.3 writes it.
pub(super) fn bare_interface_block(out: &mut Vec<u8>, interface: &Interface) {
    push_interface(out, interface, 0, |_| {});
}

fn push_interface(out: &mut Vec<u8>, interface: &Interface, snap_len: u32, options: impl FnOnce(&mut Vec<u8>)) {
    push_block(out, kind::INTERFACE_DESCRIPTION, |out| {
        out.extend_from_slice(&interface.link_type.0.to_le_bytes());
        out.extend_from_slice(&[0; 2]);
        out.extend_from_slice(&snap_len.to_le_bytes());
        options(out);
    });
}

/// The fixed part of an Enhanced Packet Block, type and length included.
#[inline]
pub(super) fn push_packet(
    out: &mut Vec<u8>,
    interface: u32,
    (high, low): (u32, u32),
    packet: &Packet,
    options: impl FnOnce(&mut Vec<u8>),
) {
    let start = out.len();
    let captured = packet.bytes.len() as u32;
    let mut header = [0_u8; 28];
    // The length stands second and is not known yet.
    let fields = [kind::ENHANCED_PACKET, 0, interface, high, low, captured, packet.original_length];
    for (field, value) in header.chunks_exact_mut(4).zip(fields) {
        field.copy_from_slice(&value.to_le_bytes());
    }
    out.extend_from_slice(&header);
    out.extend_from_slice(packet.bytes);
    pad(out, packet.bytes.len());
    options(out);
    close_block(out, start);
}

/// Appends an Enhanced Packet Block: the packet with `first` (a little-endian option list without its end) before those
/// of its own options that `keep` lets through. A packet without a time is written with time 0.
#[inline]
pub fn packet_block(
    out: &mut Vec<u8>,
    interface: u32,
    packet: &Packet,
    first: &[u8],
    mut keep: impl FnMut(&Opt) -> bool,
) {
    let raw = packet.raw_time.unwrap_or_default();
    let time = ((raw >> 32) as u32, raw as u32);
    push_packet(out, interface, time, packet, |out| {
        let start = out.len();
        out.extend_from_slice(first);
        let order = packet.options.order();
        if let Some(drops) = packet.drops {
            push_option(out, code::EPB_DROPCOUNT, &u64::from(drops).to_le_bytes());
        }
        for option in packet.options.filter(|option| keep(option)) {
            push_option(out, option.code, &little_endian(kind::ENHANCED_PACKET, option, order));
        }
        if out.len() > start {
            push_end(out);
        }
    });
}

/// Appends a block that is neither packet nor interface, in little-endian order, with the interface it names replaced
/// by `interface` of it. False, and nothing appended, where that cannot be done: a block of a big-endian section whose
/// integers we do not know, or of an interface that does not exist.
pub fn carried(out: &mut Vec<u8>, block: &Block, interface: impl Fn(u32) -> Option<u32>) -> bool {
    let start = out.len();
    let body = block.body();
    let done = match block.kind {
        kind::INTERFACE_STATISTICS => statistics(out, body, block, interface),
        _ if block.order == ByteOrder::Little => {
            out.extend_from_slice(block.bytes);
            Some(())
        }
        kind::NAME_RESOLUTION => name_resolution(out, body),
        kind::DECRYPTION_SECRETS => secrets(out, body),
        kind::SYSTEMD_JOURNAL => {
            push_block(out, block.kind, |out| out.extend_from_slice(body));
            Some(())
        }
        _ => None,
    };
    if done.is_none() {
        out.truncate(start);
    }
    done.is_some()
}

fn statistics(out: &mut Vec<u8>, body: &[u8], block: &Block, interface: impl Fn(u32) -> Option<u32>) -> Option<()> {
    let order = block.order;
    let number = block.first_interface.checked_add(order.u32(body, 0)?)?;
    let number = interface(number)?;
    let (high, low) = (order.u32(body, 4)?, order.u32(body, 8)?);
    let options = Options::checked(body.get(12..)?, order).ok()?;
    push_block(out, kind::INTERFACE_STATISTICS, |out| {
        for field in [number, high, low] {
            out.extend_from_slice(&field.to_le_bytes());
        }
        push_options(out, kind::INTERFACE_STATISTICS, options, false);
    });
    Some(())
}

/// Records of a type, a length and bytes, up to nrb_record_end; then options.
fn name_resolution(out: &mut Vec<u8>, body: &[u8]) -> Option<()> {
    let order = ByteOrder::Big;
    let records = Options::checked(body, order).ok()?;
    let length: usize = records.map(|record| 4 + record.value.len().next_multiple_of(4)).sum();
    let options = Options::checked(body.get(length + 4..).unwrap_or_default(), order).ok()?;
    push_block(out, kind::NAME_RESOLUTION, |out| {
        for record in records {
            push_option(out, record.code, record.value);
        }
        push_end(out);
        push_options(out, kind::NAME_RESOLUTION, options, false);
    });
    Some(())
}

fn secrets(out: &mut Vec<u8>, body: &[u8]) -> Option<()> {
    let order = ByteOrder::Big;
    let (secret, length) = (order.u32(body, 0)?, order.u32(body, 4)?);
    let end = 8 + usize::try_from(length).ok()?;
    let data = body.get(8..end)?;
    let options = Options::checked(body.get(end.next_multiple_of(4)..).unwrap_or_default(), order).ok()?;
    push_block(out, kind::DECRYPTION_SECRETS, |out| {
        out.extend_from_slice(&secret.to_le_bytes());
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(data);
        pad(out, data.len());
        push_options(out, kind::DECRYPTION_SECRETS, options, false);
    });
    Some(())
}
