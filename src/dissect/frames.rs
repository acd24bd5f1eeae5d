//! One side of a protocol of messages that begin with their length.

use super::buffer::Buffer;
use super::held::Held;
use crate::flow::Moment;

/// What one side said and was not taken yet. Of a long message the front is kept, and the rest is counted.
#[derive(Debug)]
pub(super) struct Frames {
    buffer: Buffer,
    open: Option<Frame>,
    /// Bytes that the open message still lacks.
    left: u64,
    /// So many bytes of a message are kept.
    keep: usize,
    /// It is not known where the next message begins.
    lost: bool,
}

/// A message, its header included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Frame {
    /// Its first bytes.
    pub(super) bytes: Vec<u8>,
    /// How many it has.
    pub(super) length: u64,
    /// Of what is in `bytes`, nothing more is known: bytes behind are missing.
    pub(super) damaged: bool,
    pub(super) first: Moment,
    pub(super) last: Moment,
}

/// How long the message in front is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// More bytes are needed to say.
    More,
    /// So many bytes, the header included.
    Length(u64),
    /// No message begins like that.
    Broken,
}

/// What stands in front is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

impl Frames {
    /// Of each message, so many bytes are kept.
    pub(super) fn new(keep: usize) -> Self {
        Self { buffer: Buffer::default(), open: None, left: 0, keep, lost: false }
    }

    /// Adds bytes. Behind a gap, only such as begin with a message, as what senders send at once does mostly.
    pub(super) fn push(&mut self, bytes: &[u8], at: Moment, begins: impl FnOnce(&[u8]) -> bool) {
        if !self.lost || begins(bytes) {
            self.lost = false;
            self.buffer.push(bytes, at);
        }
    }

    /// The next message, if it is whole; `measure` must need few bytes to say how long one is.
    pub(super) fn next(&mut self, measure: impl FnOnce(&[u8]) -> Measure) -> Option<Result<Frame, Broken>> {
        if self.open.is_none() {
            match measure(self.buffer.bytes()) {
                Measure::More => return None,
                Measure::Broken | Measure::Length(0) => return Some(Err(Broken)),
                Measure::Length(length) => {
                    self.left = length;
                    self.open = Some(Frame { length, ..Frame::default() });
                }
            }
        }
        let open = self.open.as_mut()?;
        let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(self.buffer.len());
        if count > 0 {
            let part = self.buffer.take(count)?;
            if self.left == open.length {
                open.first = part.first;
            }
            open.last = part.last;
            let room = if open.damaged { 0 } else { self.keep.saturating_sub(open.bytes.len()) };
            open.bytes.extend_from_slice(part.bytes.get(..room).unwrap_or(part.bytes));
            self.left -= count as u64;
        }
        if self.left == 0 { self.open.take().map(Ok) } else { None }
    }

    /// Bytes are missing. True if they lie in the message that waits, so that it is known where the next one begins.
    pub(super) fn gap(&mut self, length: u64) -> bool {
        match &mut self.open {
            Some(open) if self.left >= length && self.buffer.is_empty() => {
                open.damaged = true;
                self.left -= length;
                true
            }
            _ => {
                self.clear();
                self.lost = true;
                false
            }
        }
    }

    /// What waits, which is no whole message.
    pub(super) fn rest(&mut self) -> Option<Frame> {
        let open = self.open.take();
        self.clear();
        open.map(|open| Frame { damaged: true, ..open })
    }

    /// How many bytes wait behind the last message.
    pub(super) fn waiting(&self) -> usize {
        self.buffer.len()
    }

    /// Forgets what waits.
    pub(super) fn clear(&mut self) {
        self.buffer.clear();
        self.open = None;
        self.left = 0;
    }
}

impl Held for Frames {
    fn held(&self) -> usize {
        self.buffer.held() + self.open.as_ref().map_or(0, |open| open.bytes.capacity())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(bytes: &[u8]) -> Measure {
        bytes.first().map_or(Measure::More, |length| Measure::Length((*length).into()))
    }

    fn at(packet: u64) -> Moment {
        Moment { time: 0, packet }
    }

    #[test]
    fn long_messages_are_counted_and_gaps_inside_them_do_no_harm() {
        let mut frames = Frames::new(4);
        frames.push(&[2, 1, 9, 1, 2], at(1), |bytes| bytes.first() == Some(&1));
        let frame = frames.next(measure).unwrap().unwrap();
        assert_eq!((frame.bytes, frame.length), (vec![2, 1], 2));
        assert!(frames.next(measure).is_none());
        assert!(frames.gap(5));
        frames.push(&[7, 3, 3, 3], at(2), |bytes| bytes.first() == Some(&1));
        let frame = frames.next(measure).unwrap().unwrap();
        assert_eq!((frame.bytes, frame.length, frame.damaged), (vec![9, 1, 2], 9, true));
        assert_eq!((frame.first, frame.last), (at(1), at(2)));
        assert_eq!(frames.next(measure).unwrap().unwrap().bytes, [3, 3, 3]);
        frames.push(&[3, 1], at(3), |bytes| bytes.first() == Some(&1));
        assert!(frames.next(measure).is_none() && !frames.gap(2));
        frames.push(&[2, 2], at(4), |bytes| bytes.first() == Some(&1));
        assert!(frames.next(measure).is_none() && frames.waiting() == 0);
        frames.push(&[1, 0], at(4), |bytes| bytes.first() == Some(&1));
        assert_eq!(frames.next(measure).unwrap().unwrap().bytes, [1]);
        assert_eq!(frames.next(measure), Some(Err(Broken)));
    }
}
