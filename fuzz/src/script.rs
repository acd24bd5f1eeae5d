//! A conversation as bytes that a fuzzer can change: pieces of two sides, and gaps.
//!
//! A piece begins with a byte: its highest bit says whose it is, the next one that it is missing, and the others how long
//! it is; all set: the length is in the next two bytes.

use pcapml::flow::{Moment, Side};

/// Where the length of a piece is in two bytes more.
const LONG: u8 = 0x3f;

/// What comes next.
pub enum Piece<'a> {
    Said(Side, &'a [u8]),
    Missing(Side, u64),
}

/// Takes a script apart.
pub struct Pieces<'a> {
    left: &'a [u8],
    number: u64,
}

impl<'a> Pieces<'a> {
    pub fn of(script: &'a [u8]) -> Self {
        Self { left: script, number: 0 }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = (Piece<'a>, Moment);

    fn next(&mut self) -> Option<Self::Item> {
        let (&head, mut rest) = self.left.split_first()?;
        let mut length = usize::from(head & LONG);
        if head & LONG == LONG {
            let (bytes, behind) = rest.split_first_chunk()?;
            (length, rest) = (u16::from_le_bytes(*bytes).into(), behind);
        }
        let side = if head & 0x80 == 0 { Side::Originator } else { Side::Responder };
        self.number += 1;
        let at = Moment { time: self.number as i64 * 1_000, packet: self.number };
        if head & 0x40 != 0 {
            self.left = rest;
            return Some((Piece::Missing(side, length as u64 + 1), at));
        }
        let (said, behind) = rest.split_at(length.min(rest.len()));
        self.left = behind;
        Some((Piece::Said(side, said), at))
    }
}

/// Appends what a side said.
pub fn append(script: &mut Vec<u8>, side: Side, said: &[u8]) {
    for part in said.chunks(usize::from(u16::MAX)) {
        script.push((side.index() as u8) << 7 | LONG);
        script.extend((part.len() as u16).to_le_bytes());
        script.extend(part);
    }
}
