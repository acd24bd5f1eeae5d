//! Bytes of one side that wait until a message is whole, and which packets they came with.

use std::collections::VecDeque;

use super::held::Held;
use crate::flow::Moment;

/// Bytes of a stream that were not understood yet.
///
/// A dissector pushes what comes, and takes whole messages off the front. It must bound what waits itself: by
/// [`Buffer::len`], and a named limit.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    /// Where the front is.
    from: usize,
    /// Where bytes of each packet end, counted from the first byte ever pushed.
    marks: VecDeque<(u64, Moment)>,
    /// How many bytes were taken off.
    taken: u64,
    /// Before this place, counted so too, no line ends.
    searched: u64,
}

/// A message, and the packets of its first and last byte.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) first: Moment,
    pub(super) last: Moment,
}

/// Bytes in front are let go when there are so many.
const SLACK: usize = 1 << 14;

impl Buffer {
    /// Adds bytes that came at this moment.
    pub(super) fn push(&mut self, bytes: &[u8], at: Moment) {
        if self.from > SLACK || self.from == self.bytes.len() {
            self.bytes.drain(..self.from);
            self.from = 0;
        }
        self.bytes.extend_from_slice(bytes);
        self.marks.push_back((self.taken + self.len() as u64, at));
    }

    /// How many bytes wait.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.from
    }

    /// True if none wait.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What waits.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.from..).unwrap_or_default()
    }

    /// Takes so many bytes off the front, or none if there are fewer.
    pub(super) fn take(&mut self, count: usize) -> Option<Message<'_>> {
        if count > self.len() {
            return None;
        }
        let first = self.moment(self.taken);
        let last = self.moment((self.taken + count as u64).saturating_sub(1).max(self.taken));
        let from = self.from;
        self.from += count;
        self.taken += count as u64;
        while self.marks.len() > 1 && self.marks.front().is_some_and(|(end, _)| *end <= self.taken) {
            self.marks.pop_front();
        }
        Some(Message { bytes: self.bytes.get(from..from + count).unwrap_or_default(), first, last })
    }

    /// Takes a line off the front, without its end: LF, and CR before it.
    pub(super) fn line(&mut self) -> Option<Message<'_>> {
        let searched = self.searched.saturating_sub(self.taken) as usize;
        let Some(found) = self.bytes().get(searched..)?.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.taken + self.len() as u64;
            return None;
        };
        let end = searched + found;
        let line = self.take(end + 1)?;
        let bytes = line.bytes.strip_suffix(b"\n").unwrap_or(line.bytes);
        Some(Message { bytes: bytes.strip_suffix(b"\r").unwrap_or(bytes), ..line })
    }

    /// Takes everything that waits, by the packets that it came with.
    pub(super) fn drain(&mut self) -> Vec<(Moment, Vec<u8>)> {
        let mut pieces = Vec::new();
        while let Some((end, at)) = self.marks.iter().find(|(end, _)| *end > self.taken).copied() {
            let Some(piece) = self.take((end - self.taken) as usize) else { break };
            pieces.push((at, piece.bytes.to_vec()));
        }
        pieces
    }

    /// Forgets everything that waits.
    pub(super) fn clear(&mut self) {
        self.take(self.len());
    }

    /// The moment of the byte at this place.
    fn moment(&self, place: u64) -> Moment {
        let found = self.marks.iter().find(|(end, _)| *end > place).or(self.marks.back());
        found.map_or(Moment::default(), |(_, at)| *at)
    }
}

impl Held for Buffer {
    fn held(&self) -> usize {
        self.bytes.capacity() + self.marks.capacity() * size_of::<(u64, Moment)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(packet: u64) -> Moment {
        Moment { time: packet as i64 * 10, packet }
    }

    #[test]
    fn lines_know_their_packets() {
        let mut buffer = Buffer::default();
        buffer.push(b"USER an", at(1));
        assert!(buffer.line().is_none());
        buffer.push(b"na\r\nPA", at(2));
        let line = buffer.line().unwrap();
        assert_eq!((line.bytes, line.first, line.last), (&b"USER anna"[..], at(1), at(2)));
        buffer.push(b"SS x\n", at(3));
        let line = buffer.line().unwrap();
        assert_eq!((line.bytes, line.first, line.last), (&b"PASS x"[..], at(2), at(3)));
        assert!(buffer.is_empty());
        assert!(buffer.take(1).is_none());
    }

    #[test]
    fn everything_is_taken_by_packets() {
        let mut buffer = Buffer::default();
        buffer.push(b"one", at(1));
        buffer.push(b"", at(2));
        buffer.push(b"two", at(3));
        buffer.take(2);
        assert_eq!(buffer.drain(), [(at(1), b"e".to_vec()), (at(3), b"two".to_vec())]);
        assert!(buffer.is_empty() && buffer.drain().is_empty());
    }

    #[test]
    fn much_that_was_taken_is_let_go() {
        let mut buffer = Buffer::default();
        for packet in 1..10_000 {
            buffer.push(&[7; 100], at(packet));
            assert_eq!(buffer.take(100).unwrap().first, at(packet));
        }
        assert!(buffer.bytes.capacity() < 4 * SLACK && buffer.marks.len() < 3);
    }
}
