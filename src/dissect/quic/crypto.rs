//! The handshake's messages in one side's CRYPTO frames, which come in any order: RFC 9000, 19.

use super::packet::variable;
use crate::dissect::buffer::Buffer;
use crate::dissect::held::Held;
use crate::dissect::scan::Scan;
use crate::flow::{Assembler, Moment, Overlap, Piece, SegmentBytes};

/// So far into a side's handshake is looked: its hello is at the front.
const MAX_OFFSET: u64 = 64 << 10;

/// Frames that hold a hello in pieces, at most: more are not looked at.
const MAX_FRAMES: usize = 4_096;

/// What may wait: all of that, and what the assembler adds for each piece, so that it never steps over anything.
const MAX_WAITING: usize = MAX_OFFSET as usize + 64 * MAX_FRAMES;

/// One side's handshake.
pub(super) struct Crypto {
    pieces: Assembler,
    frames: usize,
    /// What is in order.
    pub(super) messages: Buffer,
}

/// What the frames of a packet say beside that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// The connection is closed.
    pub(super) closes: bool,
    /// A frame was not understood, or lies too far behind.
    pub(super) is_odd: bool,
}

impl Held for Crypto {
    fn held(&self) -> usize {
        self.pieces.held() + self.messages.held()
    }
}

impl Default for Crypto {
    fn default() -> Self {
        let mut pieces = Assembler::new(Overlap::First, MAX_WAITING);
        // The stream begins at 0, whichever of its frames comes first.
        let start =
            SegmentBytes { sequence: u32::MAX, syn: true, fin: false, bytes: &[], length: 0, at: Moment::default() };
        pieces.take(&start, &mut |_| {});
        Self { pieces, frames: 0, messages: Buffer::default() }
    }
}

impl Crypto {
    /// Takes the frames of a packet.
    pub(super) fn take(&mut self, frames: &[u8], google: bool, at: Moment) -> Said {
        let mut said = Said::default();
        let mut from = Scan::new(frames);
        while !from.is_empty() && !said.closes {
            if self.frame(&mut from, google, at, &mut said).is_none() {
                // Google's other frames are not read.
                said.is_odd |= !google;
                break;
            }
        }
        said
    }

    /// A frame that Initial packets may have: RFC 9000, 12.4.
    fn frame(&mut self, from: &mut Scan, google: bool, at: Moment, said: &mut Said) -> Option<()> {
        match variable(from)? {
            // PADDING, PING.
            0 | 1 => {}
            8 if google => self.crypto(from, at, said)?,
            _ if google => return None,
            kind @ (2 | 3) => {
                let (_largest, _delay, ranges, _first) =
                    (variable(from)?, variable(from)?, variable(from)?, variable(from)?);
                let ecn = if kind == 3 { 3 } else { 0 };
                // Each takes a byte, so that there are no more than bytes.
                for _ in 0..ranges.saturating_mul(2).saturating_add(ecn) {
                    variable(from)?;
                }
            }
            6 => self.crypto(from, at, said)?,
            0x1c => said.closes = true,
            _ => return None,
        }
        Some(())
    }

    fn crypto(&mut self, from: &mut Scan, at: Moment, said: &mut Said) -> Option<()> {
        let (offset, length) = (variable(from)?, variable(from)?);
        let bytes = from.take(usize::try_from(length).ok()?)?;
        self.frames += 1;
        if self.frames > MAX_FRAMES || offset.saturating_add(bytes.len() as u64) > MAX_OFFSET {
            said.is_odd = true;
            return Some(());
        }
        let length = bytes.len() as u32;
        let segment = SegmentBytes { sequence: offset as u32, syn: false, fin: false, bytes, length, at };
        let messages = &mut self.messages;
        self.pieces.take(&segment, &mut |piece| {
            // There are no gaps: less waits than may wait.
            if let Piece::Bytes { bytes, at, .. } = piece {
                messages.push(bytes, at);
            }
        });
        Some(())
    }
}
