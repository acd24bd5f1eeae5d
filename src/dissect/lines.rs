//! One side of a protocol of lines.

use super::buffer::{Buffer, Message};
use super::held::Held;
use crate::flow::Moment;

/// The longest line, in bytes; of a longer one, this many are told as a line.
const LONGEST: usize = 64 << 10;

/// What one side said and was not taken yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    buffer: Buffer,
}

/// A line without its end (LF, or CR LF), and the packets of its first and last byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) bytes: Vec<u8>,
    pub(super) first: Moment,
    pub(super) last: Moment,
    /// It has an end; otherwise it is too long, or the last one.
    pub(super) whole: bool,
}

impl Lines {
    /// Adds bytes.
    pub(super) fn push(&mut self, bytes: &[u8], at: Moment) {
        self.buffer.push(bytes, at);
    }

    /// The next line; one that is too long as it is so far.
    pub(super) fn next(&mut self) -> Option<Line> {
        if let Some(line) = self.buffer.line() {
            return Some(Line::of(&line, true));
        }
        let too_long = self.buffer.len() > LONGEST;
        too_long.then(|| self.rest()).flatten()
    }

    /// What waits, which is no whole line; none if nothing does.
    pub(super) fn rest(&mut self) -> Option<Line> {
        let length = self.buffer.len();
        self.buffer.take(length).filter(|rest| !rest.bytes.is_empty()).map(|rest| Line::of(&rest, false))
    }

    /// How many bytes wait.
    pub(super) fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Forgets what waits.
    pub(super) fn clear(&mut self) {
        self.buffer.clear();
    }
}

impl Held for Lines {
    fn held(&self) -> usize {
        self.buffer.held()
    }
}

impl Line {
    fn of(message: &Message, whole: bool) -> Self {
        Self { bytes: message.bytes.to_vec(), first: message.first, last: message.last, whole }
    }
}
