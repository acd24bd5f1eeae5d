//! What an access point or a card adds to frames of IEEE 802.11 (radiotap.org): fields that a bit map names. What vendors add
//! becomes zeros, and all from a field on that is not known.

use super::pen::Pen;
use crate::redact::bytes::array;
use crate::redact::walk::Header;

/// Alignment and size of the fields from bit 0 on.
const FIELDS: [(usize, usize); 28] = [
    (8, 8),
    (1, 1),
    (1, 1),
    (2, 4),
    (2, 2),
    (1, 1),
    (1, 1),
    (2, 2),
    (2, 2),
    (2, 2),
    (1, 1),
    (1, 1),
    (1, 1),
    (1, 1),
    (2, 2),
    (2, 2),
    (1, 1),
    (1, 1),
    (4, 8),
    (1, 3),
    (4, 8),
    (2, 12),
    (8, 12),
    (2, 12),
    (2, 12),
    (2, 6),
    (1, 1),
    (2, 4),
];

/// The fields that are times: TSFT, and timestamps.
const TIMES: [usize; 2] = [0, 22];

/// The bits that say what the next bit map is about: the same fields again, or a vendor's; and that there is one.
const AGAIN: u32 = 1 << 29;
const VENDOR: u32 = 1 << 30;
const MORE: u32 = 1 << 31;

/// Bit maps, at most.
const MAX_MAPS: usize = 32;

/// What the fields are of that a bit map names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Space {
    /// [`FIELDS`].
    Known,
    /// Nobody knows.
    Unknown,
    /// A vendor's, which were skipped together.
    Vendor,
}

pub(super) fn header(pen: &mut Pen, header: &Header) {
    let (Ok(rest) | Err(rest)) = fields(pen, header);
    pen.zero(rest, header.end);
}

/// The place behind the last field, or before the first that is not known.
fn fields(pen: &mut Pen, header: &Header) -> Result<usize, usize> {
    let Header { start, end, .. } = *header;
    let maps = maps(pen, start, end).ok_or(start + 4)?;
    let mut at = start + 4 + 4 * maps.len();
    let mut space = Space::Known;
    for map in maps {
        at = match space {
            Space::Known => known(pen, map, (at, header))?,
            Space::Unknown if map << 3 != 0 => return Err(at),
            Space::Unknown | Space::Vendor => at,
        };
        space = match (map & AGAIN != 0, map & VENDOR != 0, space) {
            (true, true, _) => return Err(at),
            (true, false, _) => Space::Known,
            (false, true, _) => {
                at = vendor(pen, at, header)?;
                Space::Vendor
            }
            (false, false, Space::Vendor) => Space::Vendor,
            (false, false, _) => Space::Unknown,
        };
    }
    Ok(at)
}

/// The bit maps, of which each but the last says that another one follows.
fn maps(pen: &Pen, start: usize, end: usize) -> Option<Vec<u32>> {
    let bytes = pen.bytes().get(start..end)?;
    let mut maps = Vec::new();
    while maps.len() < MAX_MAPS {
        let map = u32::from_le_bytes(array(bytes, 4 + 4 * maps.len())?);
        maps.push(map);
        if map & MORE == 0 {
            return Some(maps);
        }
    }
    None
}

/// The place behind the fields of a bit map; times in them are treated as such.
fn known(pen: &mut Pen, map: u32, (mut at, header): (usize, &Header)) -> Result<usize, usize> {
    for bit in (0..29).filter(|bit| map & 1 << bit != 0) {
        let &(alignment, size) = FIELDS.get(bit).ok_or(at)?;
        let place = aligned(at, alignment, header);
        if place + size > header.end {
            return Err(at);
        }
        if TIMES.contains(&bit) {
            pen.time(place, place + 8);
        }
        at = place + size;
    }
    Ok(at)
}

/// The vendor's number, its number for these fields, how long they are; and the fields, which become zeros.
fn vendor(pen: &mut Pen, at: usize, header: &Header) -> Result<usize, usize> {
    let at = aligned(at, 2, header);
    let [_, _, _, _, l0, l1] = pen.array(at, header.end)?;
    let (start, end) = (at + 6, at + 6 + usize::from(u16::from_le_bytes([l0, l1])));
    pen.zero(start, end.min(header.end));
    if end > header.end { Err(start) } else { Ok(end) }
}

/// Places are aligned from the header's first byte on.
fn aligned(at: usize, alignment: usize, header: &Header) -> usize {
    header.start + (at - header.start).next_multiple_of(alignment)
}
