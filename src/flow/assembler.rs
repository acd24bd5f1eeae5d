//! One direction of a TCP connection, put together from segments in whatever order they come.
//!
//! An [`Assembler`] takes segments and hands out [`Piece`]s in the order of the stream, each byte once: bytes at once if they
//! are next, and otherwise when what was missing has come. What never came is a gap, which is told and stepped over: when
//! the other side has acknowledged it and more follows, or an answer does; when too many bytes wait behind it; or at the
//! end. Where sequence numbers jump (a SYN that was not seen as a new connection, half a gigabyte that was lost) the stream
//! is picked up anew. Work is in proportion to what comes, in any order. RFC 9293, 3.4 and 3.10.7.4.

use std::collections::BTreeMap;
use std::ops::Range;

/// Segments further than this from where the stream is, in either direction, are not of this connection: half of the
/// largest scaled window (RFC 7323, 2.3).
const FAR: i64 = 1 << 29;

/// What follows a SYN is not further from it than an unscaled window.
const MAX_WINDOW: i64 = 1 << 16;

/// What is added for each segment that waits, and each stretch of them, in bytes: many tiny ones take memory too.
const PER_SEGMENT: usize = 128;

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
    /// Those that came last, as long as they were not handed out: they take the place of what waits, and what was handed
    /// out stays. They are told with the packet of those that they replace.
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
        /// How many; 0 if nobody knows: the sequence numbers are others behind them.
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
    /// Segments with bytes, none of them new: seen before, or already told as missing. Keep-alives do not count.
    pub retransmissions: u64,
    /// Segments of the one byte that stands before what comes next: keep-alives (RFC 9293, 3.8.4), or a single byte that
    /// is sent again.
    pub keep_alives: u64,
    /// Segments with new bytes that begin before the end of what has come already, in a hole: reordered (RFC 4737, 3.3),
    /// or lost on their way and sent again.
    pub out_of_order: u64,
    /// Segments with bytes that begin behind the end of what has come already: something before them is late or lost.
    pub ahead: u64,
    /// Bytes that came again, in segments that brought new ones too, or while the first wait.
    pub overlap_bytes: u64,
    /// Bytes that were others than those that waited in their place.
    pub overlap_conflict: u64,
    /// Segments that stand before the first that was seen.
    pub early: u64,
    /// Segments that are too far away to belong to the stream, or lie behind its end; bytes of resets.
    pub strays: u64,
    /// How often the stream was picked up anew, with other sequence numbers.
    pub restarts: u64,
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
    /// Where the sequence numbers begin that count now.
    floor: u64,
    /// Bytes that wait, by their place; they do not overlap.
    waiting: BTreeMap<u64, Held>,
    waiting_bytes: usize,
    /// The places behind `offset` that were seen, from and until: stretches that do not touch. What is in none of
    /// `waiting` was cut off by the capture.
    seen: BTreeMap<u64, u64>,
    /// The other side has seen everything before this place.
    acknowledged: u64,
    /// The stream ends here.
    end: Option<u64>,
    /// A segment with this sequence number would show that the numbers are others now.
    elsewhere: Option<Elsewhere>,
    counts: StreamCounts,
}

/// Bytes that wait.
#[derive(Debug)]
struct Held {
    bytes: Vec<u8>,
    at: Moment,
}

/// Where the stream may go on with other numbers.
#[derive(Debug, Clone, Copy)]
struct Elsewhere {
    sequence: u32,
    /// A SYN said so: nothing need be missing in between.
    opened: bool,
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
            floor: 0,
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
            seen: BTreeMap::new(),
            acknowledged: 0,
            end: None,
            elsewhere: None,
            counts: StreamCounts::default(),
        }
    }

    /// What happened so far.
    pub fn counts(&self) -> StreamCounts {
        self.counts
    }

    /// How much memory what waits takes, in bytes, about.
    #[inline]
    pub fn held(&self) -> usize {
        self.waiting_bytes + PER_SEGMENT * (self.waiting.len() + self.seen.len())
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
        if self.elsewhere.is_some() {
            self.go_elsewhere(sequence, segment, each);
        }
        let next = *self.next.get_or_insert(sequence);
        let distance = i64::from(sequence.wrapping_sub(next) as i32);
        let start = self.offset as i64 + distance;
        if segment.syn && start != self.floor as i64 {
            self.elsewhere = Some(Elsewhere { sequence, opened: true });
            self.counts.strays += u64::from(segment.length > 0);
            return;
        }
        let length = i64::from(segment.length);
        if distance.abs() > FAR || length > FAR {
            self.counts.strays += 1;
            let sequence = sequence.wrapping_add(segment.length);
            self.elsewhere = Some(Elsewhere { sequence, opened: false });
            return;
        }
        // An end before what has come already is none.
        if segment.fin && self.end.is_none() && start + length >= self.edge() as i64 {
            self.end = Some((start + length) as u64);
        }
        if length > 0 {
            self.place(start, segment, each);
        }
    }

    /// Counts a segment whose bytes are none of the stream.
    pub(super) fn pass_over(&mut self, length: u32) {
        self.counts.strays += u64::from(length > 0);
    }

    /// Puts the bytes of a segment where they belong.
    #[inline]
    fn place(&mut self, start: i64, segment: &SegmentBytes, each: &mut impl FnMut(Piece)) {
        let (wire, offset) = (i64::from(segment.length), self.offset as i64);
        let end = self.end.map_or(i64::MAX, |end| end as i64).min(start + wire);
        if end <= start {
            self.counts.strays += 1;
            return;
        }
        if end <= offset {
            self.is_old(start, end);
            return self.give_up_acknowledged(segment.at, each);
        }
        let old = (offset - start).max(0);
        self.counts.overlap_bytes += old.min(offset - self.floor as i64) as u64;
        let (start, end) = ((start + old) as u64, end as u64);
        let bytes = segment.bytes.get(old as usize..).unwrap_or_default();
        let bytes = bytes.get(..(end - start) as usize).unwrap_or(bytes);
        if self.seen.is_empty() && start == self.offset && bytes.len() as u64 == end - start {
            return self.hand_out(bytes, segment.at, each);
        }
        self.keep(start, end, bytes, segment.at);
        self.release(segment.at, each);
        self.give_up_acknowledged(segment.at, each);
        while self.held() > self.limit && !self.seen.is_empty() {
            self.give_up(segment.at, each);
        }
    }

    /// Counts a segment that brings nothing.
    fn is_old(&mut self, start: i64, end: i64) {
        let floor = self.floor as i64;
        let count = match end - start {
            1 if end == self.edge() as i64 => &mut self.counts.keep_alives,
            _ if end <= floor => &mut self.counts.early,
            _ => &mut self.counts.retransmissions,
        };
        *count += 1;
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

    /// Steps over what is missing before bytes that wait, where the other side has it: it was lost on the way to the
    /// capture, and is not sent again.
    #[inline]
    pub fn give_up_acknowledged(&mut self, at: Moment, each: &mut impl FnMut(Piece)) {
        while self.first_seen().is_some_and(|first| first <= self.acknowledged) {
            self.give_up(at, each);
        }
    }

    /// Hands out everything that waits, with the gaps before it.
    pub fn give_up_all(&mut self, at: Moment, each: &mut impl FnMut(Piece)) {
        while !self.seen.is_empty() {
            self.give_up(at, each);
        }
    }

    /// Hands out what waits, with the gaps before it and behind it: nothing more will come.
    pub fn finish(&mut self, at: Moment, each: &mut impl FnMut(Piece)) {
        self.give_up_all(at, each);
        let seen = match self.end {
            // FIN has a number of its own, which the other side acknowledges too.
            Some(end) => end.min(self.acknowledged),
            // A single number more is that of a FIN which was not seen.
            None if self.acknowledged <= self.offset + 1 => self.offset,
            None => self.acknowledged,
        };
        if seen > self.offset {
            self.gap(seen, at, each);
        }
    }

    /// Picks the stream up where its numbers are now, if this segment confirms it.
    fn go_elsewhere(&mut self, sequence: u32, segment: &SegmentBytes, each: &mut impl FnMut(Piece)) {
        if segment.length == 0 || segment.syn {
            return;
        }
        let Some(elsewhere) = self.elsewhere else { return };
        // Where the old numbers fit exactly, they hold.
        if self.next == Some(sequence) && self.end.is_none() {
            self.elsewhere = None;
            return;
        }
        let behind = i64::from(sequence.wrapping_sub(elsewhere.sequence));
        let distance = i64::from(sequence.wrapping_sub(self.next.unwrap_or(sequence)) as i32);
        let fits_no_more = distance.abs() > FAR || self.is_over();
        if behind != 0 && !(elsewhere.opened && fits_no_more && behind <= MAX_WINDOW) {
            return;
        }
        self.elsewhere = None;
        if elsewhere.opened {
            self.finish(segment.at, each);
        } else {
            self.give_up_all(segment.at, each);
            each(Piece::Gap { offset: self.offset, length: 0, at: segment.at });
            self.counts.gaps += 1;
        }
        self.counts.restarts += 1;
        self.next = Some(elsewhere.sequence);
        (self.floor, self.acknowledged, self.end) = (self.offset, self.offset, None);
    }

    #[inline]
    fn hand_out(&mut self, bytes: &[u8], at: Moment, each: &mut impl FnMut(Piece)) {
        each(Piece::Bytes { offset: self.offset, bytes, at });
        self.counts.bytes += bytes.len() as u64;
        self.advance(bytes.len() as u64);
    }

    /// Tells that everything is missing until a place.
    fn gap(&mut self, until: u64, at: Moment, each: &mut impl FnMut(Piece)) {
        let length = until.saturating_sub(self.offset);
        if length > 0 {
            each(Piece::Gap { offset: self.offset, length, at });
            self.counts.missed += length;
            self.counts.gaps += 1;
            self.advance(length);
        }
    }

    #[inline]
    fn advance(&mut self, by: u64) {
        self.offset += by;
        self.next = self.next.map(|next| next.wrapping_add(by as u32));
    }

    /// Keeps the bytes of a segment from `start` to `end`, of which perhaps not all were captured.
    fn keep(&mut self, start: u64, end: u64, bytes: &[u8], at: Moment) {
        let edge = self.edge();
        let new = self.note(start, end);
        self.counts.overlap_bytes += end - start - new;
        if start > edge {
            self.counts.ahead += 1;
        } else if new == 0 {
            self.is_old(start as i64, end as i64);
        } else if start < edge && start >= self.offset {
            self.counts.out_of_order += 1;
        }
        let mut from = start;
        let captured = start + bytes.len() as u64;
        for (taken, until) in self.taken(start, captured) {
            self.compare(start, bytes, taken.max(start), until.min(captured));
            self.insert(start, bytes, from..taken, at);
            from = from.max(until);
        }
        self.insert(start, bytes, from..captured, at);
    }

    /// Notes places as seen; how many of them were not before.
    fn note(&mut self, start: u64, end: u64) -> u64 {
        let (mut from, mut until, mut covered) = (start, end, 0);
        // From the last stretch that touches backwards: what is merged is not looked at again.
        while let Some((&begin, &finish)) =
            self.seen.range(..=until).next_back().filter(|(_, finish)| **finish >= start)
        {
            covered += finish.min(end).saturating_sub(begin.max(start));
            (from, until) = (from.min(begin), until.max(finish));
            self.seen.remove(&begin);
        }
        self.seen.insert(from, until);
        end - start - covered
    }

    /// The places between two where bytes wait, in order.
    fn taken(&self, start: u64, end: u64) -> Vec<(u64, u64)> {
        let first = self.waiting.range(..=start).next_back().map_or(start, |(place, _)| *place);
        let span = |(place, held): (&u64, &Held)| (*place, *place + held.bytes.len() as u64);
        self.waiting.range(first..end.max(first)).map(span).filter(|(_, until)| *until > start).collect()
    }

    /// Counts bytes that are others than those that wait; where the last count, they take their place.
    fn compare(&mut self, start: u64, bytes: &[u8], from: u64, until: u64) {
        let Some((place, held)) = self.waiting.range_mut(..=from).next_back() else { return };
        let old = held.bytes.get_mut((from - place) as usize..(until - place) as usize);
        let new = bytes.get((from - start) as usize..(until - start) as usize);
        let (Some(old), Some(new)) = (old, new) else { return };
        self.counts.overlap_conflict += old.iter().zip(new).filter(|(old, new)| old != new).count() as u64;
        if self.overlap == Overlap::Last {
            old.copy_from_slice(new);
        }
    }

    /// Lets bytes of a segment wait that stand in these places.
    fn insert(&mut self, start: u64, bytes: &[u8], places: Range<u64>, at: Moment) {
        let from = places.start.saturating_sub(start) as usize;
        let until = places.end.saturating_sub(start) as usize;
        let Some(part) = bytes.get(from..until).filter(|part| !part.is_empty()) else { return };
        self.waiting_bytes += part.len();
        self.waiting.insert(places.start, Held { bytes: part.to_vec(), at });
    }

    /// Hands out what waits for nothing any more.
    fn release(&mut self, at: Moment, each: &mut impl FnMut(Piece)) {
        let Some(first) = self.seen.first_entry().filter(|first| *first.key() <= self.offset) else { return };
        let until = first.remove();
        while self.offset < until {
            match self.waiting.first_entry().filter(|first| *first.key() < until) {
                Some(first) if *first.key() <= self.offset => {
                    let held = first.remove();
                    self.waiting_bytes -= held.bytes.len();
                    self.hand_out(&held.bytes, held.at, each);
                }
                // The capture cut off what stands before the next bytes, or before the end of the stretch.
                Some(first) => {
                    let next = *first.key();
                    self.gap(next, at, each);
                }
                None => self.gap(until, at, each),
            }
        }
    }

    fn first_seen(&self) -> Option<u64> {
        self.seen.first_key_value().map(|(from, _)| *from)
    }

    /// The end of what has come already.
    fn edge(&self) -> u64 {
        self.seen.last_key_value().map_or(self.offset, |(_, until)| *until)
    }

    /// Steps over what is missing before the first that waits.
    fn give_up(&mut self, at: Moment, each: &mut impl FnMut(Piece)) {
        let Some(first) = self.first_seen() else { return };
        self.gap(first, at, each);
        self.release(at, each);
    }
}

#[cfg(test)]
mod tests;
