//! One direction of a TCP connection, put together from segments in whatever order they come.
//!
//! An [`Assembler`] takes segments and hands out [`Piece`]s in the order of the stream, each byte once: bytes at once if they
//! are next, and otherwise when what was missing has come. What never came is a gap, which is told and stepped over: when
//! the other side has acknowledged it and more follows, when too many bytes wait behind it, or at the end. RFC 9293, 3.4
//! and 3.10.7.4.

use std::collections::BTreeMap;

/// Segments further than this from where the stream is, in either direction, are not of this connection: half of the
/// largest scaled window (RFC 7323, 2.3).
const FAR: i64 = 1 << 29;

/// What is added for each segment that waits, in bytes: many tiny ones take memory too.
const PER_SEGMENT: usize = 64;

/// Which packet something came with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// Its time, in nanoseconds since 1970.
    pub time: i64,
    /// Its number in the capture, from 1.
    pub packet: u64,
}

/// Which bytes count where two segments hold the same place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Overlap {
    /// Those that came first.
    #[default]
    First,
    /// Those that came last, as long as they were not handed out.
    Last,
}

/// What comes next in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Bytes.
    Bytes {
        /// How many stand before them in the stream, missing ones included.
        offset: u64,
        /// The bytes.
        bytes: &'a [u8],
        /// The packet that brought them.
        at: Moment,
    },
    /// Bytes that are missing: lost by the capture, or cut off by it.
    Gap {
        /// How many stand before them.
        offset: u64,
        /// How many.
        length: u64,
        /// The packet that showed that they will not come.
        at: Moment,
    },
}

/// What happened in a stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StreamCounts {
    /// Bytes handed out.
    pub bytes: u64,
    /// Bytes that are missing.
    pub missed: u64,
    /// Gaps.
    pub gaps: u64,
    /// Segments with bytes, none of them new.
    pub retransmissions: u64,
    /// Segments that came before one that stands before them.
    pub out_of_order: u64,
    /// Bytes that came again in a segment with new ones, or while the first wait.
    pub overlap_bytes: u64,
    /// Of those that could be compared, bytes that were others.
    pub overlap_conflict: u64,
    /// Segments that are too far away to belong to the stream, or lie behind its end.
    pub strays: u64,
}

/// One direction of a connection.
#[derive(Debug)]
pub struct Assembler {
    overlap: Overlap,
    limit: usize,
    /// The sequence number of the byte that is next; none before the first segment.
    next: Option<u32>,
    /// How many bytes stand before it.
    offset: u64,
    /// What waits, by its place; the pieces do not overlap.
    waiting: BTreeMap<u64, Held>,
    held: usize,
    /// The other side has seen everything before this place.
    acknowledged: u64,
    /// The stream ends here.
    end: Option<u64>,
    counts: StreamCounts,
}

/// Bytes that wait, or of which only their number was captured.
#[derive(Debug)]
struct Held {
    /// None, if the capture cut them off.
    bytes: Option<Vec<u8>>,
    length: u64,
    at: Moment,
}

/// A segment's place and bytes.
#[derive(Debug, Clone, Copy)]
pub struct SegmentBytes<'a> {
    /// Its sequence number.
    pub sequence: u32,
    /// It opens the stream.
    pub syn: bool,
    /// It ends the stream.
    pub fin: bool,
    /// What is captured of its bytes.
    pub bytes: &'a [u8],
    /// How many it has.
    pub length: u32,
    /// The packet.
    pub at: Moment,
}

impl Assembler {
    /// A stream of which nothing was seen; at most about `limit` bytes wait.
    pub fn new(overlap: Overlap, limit: usize) -> Self {
        Self {
            overlap,
            limit,
            next: None,
            offset: 0,
            waiting: BTreeMap::new(),
            held: 0,
            acknowledged: 0,
            end: None,
            counts: StreamCounts::default(),
        }
    }

    /// What happened so far.
    pub fn counts(&self) -> StreamCounts {
        self.counts
    }

    /// How many bytes wait, about.
    pub fn held(&self) -> usize {
        self.held
    }

    /// True if the stream has ended, and everything before its end was handed out.
    pub fn is_over(&self) -> bool {
        self.end.is_some_and(|end| end <= self.offset)
    }

    /// Takes a segment.
    #[inline]
    pub fn take(&mut self, segment: &SegmentBytes, each: &mut impl FnMut(Piece)) {
        // SYN takes a number of its own.
        let sequence = segment.sequence.wrapping_add(u32::from(segment.syn));
        let next = *self.next.get_or_insert(sequence);
        let distance = i64::from(sequence.wrapping_sub(next) as i32);
        let start = self.offset as i64 + distance;
        let behind_end = self.end.is_some_and(|end| segment.length > 0 && start >= end as i64);
        if distance.abs() > FAR || behind_end {
            self.counts.strays += 1;
            return;
        }
        let length = i64::from(segment.length);
        if segment.fin && start + length >= self.offset as i64 {
            self.end.get_or_insert((start + length) as u64);
        }
        if length > 0 {
            self.place(start, segment, each);
        }
    }

    /// Puts the bytes of a segment where they belong.
    #[inline]
    fn place(&mut self, start: i64, segment: &SegmentBytes, each: &mut impl FnMut(Piece)) {
        let old = (self.offset as i64 - start).clamp(0, segment.length.into()) as usize;
        if old == segment.length as usize {
            self.counts.retransmissions += 1;
            return;
        }
        self.counts.overlap_bytes += old as u64;
        let start = (start + old as i64) as u64;
        let bytes = segment.bytes.get(old..).unwrap_or_default();
        let cut = u64::from(segment.length) - (old + bytes.len()) as u64;
        if start > self.offset {
            self.counts.out_of_order += 1;
        } else if self.waiting.is_empty() && cut == 0 {
            return self.hand_out(bytes, segment.at, each);
        }
        self.keep(start, bytes, segment.at);
        if cut > 0 {
            let held = Held { bytes: None, length: cut, at: segment.at };
            self.keep_missing(start + bytes.len() as u64, held);
        }
        self.release(each);
        // What the other side has seen is not sent again, and more has come: it was lost on the way to the capture.
        while self.acknowledged > self.offset && !self.waiting.is_empty() && self.first_waiting() <= self.acknowledged {
            self.give_up(segment.at, each);
        }
        while self.held > self.limit {
            self.give_up(segment.at, each);
        }
    }

    /// The other side has everything before this sequence number.
    #[inline]
    pub fn acknowledge(&mut self, number: u32) {
        let Some(next) = self.next else { return };
        let distance = i64::from(number.wrapping_sub(next) as i32);
        if (1..=FAR).contains(&distance) {
            self.acknowledged = self.acknowledged.max(self.offset + distance as u64);
        }
    }

    /// Hands out what waits, with the gaps before it: nothing more will come.
    pub fn finish(&mut self, at: Moment, each: &mut impl FnMut(Piece)) {
        while !self.waiting.is_empty() {
            self.give_up(at, each);
        }
        // FIN has a number of its own, which the other side acknowledges too.
        let seen = self.end.unwrap_or(self.acknowledged).min(self.acknowledged.max(self.offset));
        if seen > self.offset {
            self.gap(seen - self.offset, at, each);
        }
    }

    #[inline]
    fn hand_out(&mut self, bytes: &[u8], at: Moment, each: &mut impl FnMut(Piece)) {
        if bytes.is_empty() {
            return;
        }
        each(Piece::Bytes { offset: self.offset, bytes, at });
        self.counts.bytes += bytes.len() as u64;
        self.advance(bytes.len() as u64);
    }

    fn gap(&mut self, length: u64, at: Moment, each: &mut impl FnMut(Piece)) {
        each(Piece::Gap { offset: self.offset, length, at });
        self.counts.missed += length;
        self.counts.gaps += 1;
        self.advance(length);
    }

    fn advance(&mut self, by: u64) {
        self.offset += by;
        self.next = self.next.map(|next| next.wrapping_add(by as u32));
    }

    /// Keeps bytes, but for places that are taken.
    fn keep(&mut self, start: u64, bytes: &[u8], at: Moment) {
        let mut from = start;
        let end = start + bytes.len() as u64;
        for (taken, until) in self.taken(start, end) {
            self.compare(start, bytes, taken.max(start), until.min(end));
            if taken > from {
                self.insert(start, bytes, from, taken, at);
            }
            from = from.max(until);
        }
        if end > from {
            self.insert(start, bytes, from, end, at);
        }
    }

    /// The places between two that are taken, in order.
    fn taken(&self, start: u64, end: u64) -> Vec<(u64, u64)> {
        let first = self.waiting.range(..=start).next_back().map_or(start, |(place, _)| *place);
        let span = |(place, held): (&u64, &Held)| (*place, *place + held.length);
        self.waiting.range(first..end.max(first)).map(span).filter(|(_, until)| *until > start).collect()
    }

    /// Counts bytes that came again, and those that are others; where the last count, they take their place.
    fn compare(&mut self, start: u64, bytes: &[u8], from: u64, until: u64) {
        self.counts.overlap_bytes += until - from;
        let Some((place, held)) = self.waiting.range_mut(..=from).next_back() else { return };
        let Some(there) = &mut held.bytes else { return };
        let old = there.get_mut((from - place) as usize..(until - place) as usize);
        let new = bytes.get((from - start) as usize..(until - start) as usize);
        let (Some(old), Some(new)) = (old, new) else { return };
        self.counts.overlap_conflict += old.iter().zip(new).filter(|(old, new)| old != new).count() as u64;
        if self.overlap == Overlap::Last {
            old.copy_from_slice(new);
        }
    }

    fn insert(&mut self, start: u64, bytes: &[u8], from: u64, until: u64, at: Moment) {
        let Some(part) = bytes.get((from - start) as usize..(until - start) as usize) else { return };
        self.held += part.len() + PER_SEGMENT;
        self.waiting.insert(from, Held { bytes: Some(part.to_vec()), length: until - from, at });
    }

    /// Keeps the place of bytes that the capture cut off, unless others stand there.
    fn keep_missing(&mut self, start: u64, held: Held) {
        let end = start + held.length;
        let until = self.taken(start, end).first().map_or(end, |(taken, _)| *taken);
        if until > start {
            self.held += PER_SEGMENT;
            self.waiting.insert(start, Held { length: until - start, ..held });
        }
    }

    /// Hands out what waits for nothing any more.
    fn release(&mut self, each: &mut impl FnMut(Piece)) {
        while let Some(first) = self.waiting.first_entry().filter(|first| *first.key() <= self.offset) {
            let held = first.remove();
            self.held -= PER_SEGMENT + held.bytes.as_ref().map_or(0, Vec::len);
            match held.bytes {
                Some(bytes) => self.hand_out(&bytes, held.at, each),
                None => self.gap(held.length, held.at, each),
            }
        }
    }

    fn first_waiting(&self) -> u64 {
        self.waiting.first_key_value().map_or(u64::MAX, |(place, _)| *place)
    }

    /// Steps over what is missing before the first piece that waits.
    fn give_up(&mut self, at: Moment, each: &mut impl FnMut(Piece)) {
        if let Some(missing) = self.first_waiting().checked_sub(self.offset).filter(|missing| *missing > 0) {
            self.gap(missing, at, each);
        }
        self.release(each);
    }
}
