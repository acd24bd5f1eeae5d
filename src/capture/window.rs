//! A sliding window over a byte stream: the reader sees a block whole, memory holds little more than that block.

use std::io::{self, ErrorKind, Read};
use std::ops::Range;

use super::CHUNK;

/// The part of a stream that is in memory.
pub(super) struct Window {
    stream: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Where in the stream `start` is.
    offset: u64,
    finished: bool,
}

impl Window {
    /// A window over `stream` that reuses `bytes` as its memory.
    pub(super) fn new(stream: Box<dyn Read + Send>, mut bytes: Vec<u8>) -> Self {
        if bytes.len() < CHUNK {
            bytes.resize(CHUNK, 0);
        }
        Self { stream, bytes, start: 0, end: 0, offset: 0, finished: false }
    }

    /// A window over the next `length` bytes of a stream, of which `offset` bytes stand before it.
    pub(super) fn resumed(stream: Box<dyn Read + Send>, mut bytes: Vec<u8>, offset: u64, length: u64) -> Self {
        // A stretch is often one packet, and needs no more memory than that.
        let room = usize::try_from(length).unwrap_or(CHUNK).clamp(1, CHUNK);
        if bytes.len() < room {
            bytes.resize(room, 0);
        }
        Self { stream, bytes, start: 0, end: 0, offset, finished: false }
    }

    /// Sees that at least `wanted` bytes are in memory; false if the stream ends before.
    #[inline]
    pub(super) fn hold(&mut self, wanted: usize) -> io::Result<bool> {
        if self.end - self.start >= wanted {
            return Ok(true);
        }
        self.fill(wanted)
    }

    #[cold]
    fn fill(&mut self, wanted: usize) -> io::Result<bool> {
        self.bytes.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        while self.end < wanted && !self.finished {
            if self.end == self.bytes.len() {
                // Doubling as bytes really arrive: a length field alone never makes us allocate.
                let larger = (self.bytes.len() * 2).min(wanted.next_multiple_of(CHUNK));
                self.bytes.resize(larger, 0);
            }
            let free = self.bytes.get_mut(self.end..).unwrap_or_default();
            match self.stream.read(free) {
                Ok(0) => self.finished = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.end >= wanted)
    }

    /// Everything that is in memory and not yet taken.
    #[inline]
    pub(super) fn held(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Takes `count` bytes that are held; [`Self::bytes`] shows them until the next `hold`.
    #[inline]
    pub(super) fn take(&mut self, count: usize) -> Range<usize> {
        let taken = self.start..(self.start + count).min(self.end);
        self.offset += (taken.end - self.start) as u64;
        self.start = taken.end;
        taken
    }

    /// Bytes that were taken.
    #[inline]
    pub(super) fn bytes(&self, taken: Range<usize>) -> &[u8] {
        self.bytes.get(taken).unwrap_or_default()
    }

    /// Where in the stream the first byte not yet taken is.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Replaces the stream by one made from what is held and the rest of it.
    pub(super) fn rewrap<E>(
        self,
        wrap: impl FnOnce(Box<dyn Read + Send>) -> Result<Box<dyn Read + Send>, E>,
    ) -> Result<Self, E> {
        let head = io::Cursor::new(self.held().to_vec());
        Ok(Self::new(wrap(Box::new(head.chain(self.stream)))?, self.bytes))
    }

    /// The memory, for the next window.
    pub(super) fn into_memory(self) -> Vec<u8> {
        self.bytes
    }
}
