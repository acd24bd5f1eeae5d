//! Segments in any order, with overlaps and losses, against a map of bytes that is filled and read off in order.

use std::collections::BTreeMap;

use pcapml::flow::{Assembler, Moment, Overlap, Piece, SegmentBytes};

/// Bytes that may wait where the limit is to be felt.
const SMALL: usize = 4 << 10;

/// What the stream must be: each place has the byte that came first (or last), as long as it was not handed out.
struct Reference {
    overlap: Overlap,
    bytes: BTreeMap<u64, u8>,
    /// Everything before this place was handed out.
    handed_out: u64,
}

impl Reference {
    /// Bytes stand at a place, which may be before the first.
    fn put(&mut self, place: i64, bytes: &[u8]) {
        for (place, byte) in (place..).zip(bytes) {
            let Ok(place) = u64::try_from(place) else { continue };
            if place < self.handed_out {
                continue;
            }
            let there = self.bytes.entry(place).or_insert(*byte);
            if self.overlap == Overlap::Last {
                *there = *byte;
            }
        }
    }

    /// A piece is handed out: it must be the next one, with the right bytes; and nothing is missing that is there.
    fn check(&mut self, piece: Piece) {
        match piece {
            Piece::Bytes { offset, bytes, .. } => {
                assert_eq!(offset, self.handed_out, "bytes out of order");
                for (place, byte) in (offset..).zip(bytes) {
                    assert_eq!(self.bytes.get(&place), Some(byte), "another byte at {place}");
                }
                self.handed_out += bytes.len() as u64;
            }
            Piece::Gap { offset, length, .. } => {
                assert_eq!(offset, self.handed_out, "a gap out of order");
                assert!(length > 0);
                let there = self.bytes.range(offset..offset + length).next();
                assert_eq!(there, None, "a gap where a byte is");
                self.handed_out += length;
            }
        }
    }
}

/// Five bytes: flags, sequence number of the first place. Then steps of six: what, a place in two bytes, a length in one,
/// what the bytes are in one, how many are cut off in one.
pub fn as_the_reference(data: &[u8]) {
    let Some((&[flags, a, b, c, d], steps)) = data.split_first_chunk() else { return };
    let base = u32::from_be_bytes([a, b, c, d]);
    let overlap = if flags & 1 == 0 { Overlap::First } else { Overlap::Last };
    let limit = if flags & 2 == 0 { 1 << 20 } else { SMALL };
    let mut reference = Reference { overlap, bytes: BTreeMap::new(), handed_out: 0 };
    let mut assembler = Assembler::new(overlap, limit);
    let mut first = None;
    let mut at = Moment::default();
    for &[what, high, low, length, kind, cut] in steps.as_chunks::<6>().0 {
        at = Moment { time: at.time + 1, packet: at.packet + 1 };
        let place = i64::from(u16::from_be_bytes([high, low]));
        let sequence = base.wrapping_add(place as u32);
        if what & 7 == 0 {
            assembler.acknowledge(sequence);
            continue;
        }
        let length = usize::from(length);
        let cut = if what & 8 == 0 { 0 } else { usize::from(cut).min(length) };
        // Bytes that are those of their places, or others: a conflict.
        let bytes: Vec<u8> =
            (place..).take(length - cut).map(|place| (place as u8).wrapping_mul(31) ^ (kind & 3)).collect();
        let first = *first.get_or_insert(place);
        reference.put(place - first, &bytes);
        let segment = SegmentBytes { sequence, syn: false, fin: false, bytes: &bytes, length: length as u32, at };
        assembler.take(&segment, &mut |piece| reference.check(piece));
        assert!(assembler.held() <= limit, "{} bytes wait", assembler.held());
    }
    assembler.finish(at, &mut |piece| reference.check(piece));
    let end = reference.bytes.last_key_value().map_or(0, |(place, _)| place + 1);
    assert!(reference.handed_out >= end, "handed out until {}, but there is more until {end}", reference.handed_out);
    let counts = assembler.counts();
    assert_eq!(counts.bytes + counts.missed, reference.handed_out);
}
