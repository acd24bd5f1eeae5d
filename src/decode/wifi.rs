//! Data frames of IEEE 802.11, alone or behind a radiotap header. Sources: IEEE Std 802.11-2020, 9.2; radiotap.org.

use super::Hardware;
use super::link::{Carries, Frame, OtherKind, Vlans, llc};

/// Words of radiotap's bit maps, at most.
const MAX_PRESENT: usize = 32;

/// A frame behind a radiotap header: version, padding, length (little-endian), bit maps, fields.
pub(super) fn radiotap(bytes: &[u8]) -> Frame<'_> {
    let [0, _, l0, l1, ..] = bytes else {
        return Frame::of(Carries::Cut);
    };
    let length = usize::from(u16::from_le_bytes([*l0, *l1]));
    match bytes.split_at_checked(length) {
        Some((header, rest)) => read(rest, pads_data(header).unwrap_or(false)),
        None => Frame::of(Carries::Cut),
    }
}

/// A frame without anything before it.
pub(super) fn frame(bytes: &[u8]) -> Frame<'_> {
    read(bytes, false)
}

/// True if the MAC header is padded to a multiple of 4 bytes: bit 0x20 of the field Flags, which follows TSFT.
fn pads_data(header: &[u8]) -> Option<bool> {
    let word = |at: usize| Some(u32::from_le_bytes(*header.get(at..)?.first_chunk::<4>()?));
    let first = word(4)?;
    let mut at = 8;
    let mut present = first;
    for _ in 0..MAX_PRESENT {
        if present & 1 << 31 == 0 {
            break;
        }
        present = word(at)?;
        at += 4;
    }
    if first & 1 != 0 {
        // TSFT is aligned to its 8 bytes.
        at = at.next_multiple_of(8) + 8;
    }
    let has_flags = first & 2 != 0;
    Some(has_flags && header.get(at)? & 0x20 != 0)
}

fn read(bytes: &[u8], padded: bool) -> Frame<'_> {
    let [control, flags, ..] = bytes else {
        return Frame::of(Carries::Cut);
    };
    let other = |kind| Frame::of(Carries::Other(kind));
    match control >> 2 & 3 {
        0 => other(OtherKind::WifiManagement),
        1 => other(OtherKind::WifiControl),
        2 => data(bytes, control >> 4, *flags, padded),
        // Extension frames: 802.11ad's beacons.
        _ => other(OtherKind::WifiManagement),
    }
}

/// Control, duration, three addresses, sequence; a fourth address, QoS and HT control where bits say so.
fn data(bytes: &[u8], subtype: u8, flags: u8, padded: bool) -> Frame<'_> {
    const TO_AND_FROM_DS: u8 = 3;
    const PROTECTED: u8 = 0x40;
    const ORDER: u8 = 0x80;
    let address = |at: usize| bytes.get(at..).and_then(|rest| rest.first_chunk::<6>()).copied();
    let ends = match flags & TO_AND_FROM_DS {
        0 => (address(10), address(4)),
        1 => (address(10), address(16)),
        2 => (address(16), address(4)),
        _ => (address(24), address(16)),
    };
    let hardware = ends.0.map(|source| Hardware { source, destination: ends.1 });
    let done = |carries| Frame { hardware, ..Frame::of(carries) };
    if subtype & 4 != 0 {
        return done(Carries::Other(OtherKind::WifiNull));
    }
    if flags & PROTECTED != 0 {
        return done(Carries::Other(OtherKind::WifiEncrypted));
    }
    let mut length = if flags & TO_AND_FROM_DS == TO_AND_FROM_DS { 30 } else { 24 };
    let mut aggregated = false;
    if subtype & 8 != 0 {
        aggregated = bytes.get(length).is_some_and(|qos| qos & 0x80 != 0);
        length += if flags & ORDER != 0 { 6 } else { 2 };
    }
    if padded {
        length = usize::next_multiple_of(length, 4);
    }
    // Of an aggregate the first part counts: addresses and length stand before it.
    let start = if aggregated { length + 14 } else { length };
    let Some(rest) = bytes.get(start..) else { return done(Carries::Cut) };
    let mut vlans = Vlans::default();
    let carries = llc(rest, &mut vlans);
    Frame { hardware, vlans, carries }
}
