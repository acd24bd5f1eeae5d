//! Changes that checksums follow.
//!
//! [`Edit`] knows which checksums of a packet cover which of its bytes, pseudo headers included, and notes by how much each
//! write changes their sums. At the end every checksum is brought along, the innermost first, because outer ones cover it:
//!
//! - one that is right is changed by as much, and is right again (RFC 1624, equation 3; for SCTP the same follows from CRCs
//!   being linear);
//! - zero stays zero: none (RFC 768), or left to hardware; where zero would be right by chance, it becomes wrong as others do;
//! - the sum of the pseudo header alone, which is what the kernel leaves to hardware, becomes that of the new one;
//! - any other wrong one becomes what is right for the changed packet, and a constant more. It stays wrong and says nothing
//!   else: changed like a right one it would tell the difference of what it covers, original addresses, and what it was.
//!
//! Of a packet that was not wholly captured, or a fragment, nobody can say whether its checksum is right. Those are changed
//! as if they were: who knows that one was wrong, and how, learns 16 bits about the original addresses, and who guesses
//! what was not captured can see whether it fits, as in the original.

mod covers;
mod sums;

use super::bytes::{array, u16_at};
use super::walk::Walk;
use sums::{MODULUS, crc, crc_step, fold, words};

/// A part of a packet.
pub(super) type Place = (usize, usize);

/// How far wrong checksums are from right ones afterwards.
const WRONG: u16 = 0x0bad;

/// A checksum, and what it covers.
#[derive(Debug, Clone, Copy)]
pub struct Cover {
    kind: Sum,
    /// Where it stands.
    field: usize,
    /// The bytes that it covers; of a pseudo header, both addresses.
    places: [Place; 3],
    /// The protocol number in the pseudo header; 0 if there is none.
    protocol: u64,
    /// The length in the pseudo header, if it is known.
    length: Option<u64>,
    /// All that it covers was captured.
    whole: bool,
    state: State,
    /// By how much the sum has changed; of SCTP, the bits that have.
    change: i64,
}

/// How a checksum is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sum {
    /// RFC 1071.
    Words,
    /// The same, but zero says that there is none.
    WordsOrNone,
    /// CRC-32C up to this place, where the message ended on the wire; unknown of a fragment.
    Crc(Option<usize>),
}

/// What a checksum was before its packet was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Right, or perhaps right: it follows what changes.
    Follows,
    /// None, or it is cut itself.
    Stays,
    /// Zero where that is not right: it stays so, but where that would be right now.
    Zero,
    /// The sum of both addresses and this number.
    Partial(u64),
    /// Wrong, and nothing that is known.
    Wrong,
    /// It covers what changed and was not captured: it becomes none.
    Lost,
}

/// A packet that is being changed.
pub struct Edit<'a> {
    bytes: &'a mut [u8],
    covers: &'a mut Vec<Cover>,
    stale: u64,
}

/// Puts the checksums of a packet with these headers into `covers`, the outermost first.
pub(super) fn find(bytes: &[u8], walk: &Walk, covers: &mut Vec<Cover>) {
    covers.clear();
    let headers = walk.headers();
    covers.extend((0..headers.len()).filter_map(|at| covers::cover(bytes, headers, at)));
}

impl<'a> Edit<'a> {
    /// Changes to a packet with these headers; `covers` is memory to be used again.
    pub fn new(bytes: &'a mut [u8], walk: &Walk, covers: &'a mut Vec<Cover>) -> Self {
        find(bytes, walk, covers);
        covers.iter_mut().for_each(|cover| cover.state = cover.assessed(bytes));
        Self { bytes, covers, stale: 0 }
    }

    /// The packet as it is by now; its checksums are those of before.
    pub fn bytes(&self) -> &[u8] {
        self.bytes
    }

    /// Writes bytes at a place; nothing if there is not room for all of them.
    pub fn write(&mut self, at: usize, new: &[u8]) {
        let before = self.covers.len();
        self.write_below(before, at, new);
    }

    /// Writes zeros from one place to another, as far as the packet goes.
    pub fn zero(&mut self, start: usize, end: usize) {
        // As many as most packets have.
        static ZEROS: [u8; 2048] = [0; 2048];
        let end = end.min(self.bytes.len());
        for at in (start..end).step_by(ZEROS.len()) {
            let length = (end - at).min(ZEROS.len());
            self.write(at, ZEROS.get(..length).unwrap_or(&ZEROS));
        }
    }

    /// Prepares for the packet to end at a place: checksums become those of zeros behind it, because one that still covers what
    /// is cut tells it.
    pub fn cut(&mut self, end: usize) {
        self.zero(end, usize::MAX);
        // Those that are cut themselves follow nothing any more.
        self.covers.iter_mut().filter(|cover| cover.place().1 > end).for_each(|cover| cover.state = State::Stays);
    }

    /// Writes, for the first so many checksums to follow.
    fn write_below(&mut self, covers: usize, at: usize, new: &[u8]) {
        let Some(old) = self.bytes.get_mut(at..at.saturating_add(new.len())) else { return };
        for cover in self.covers.iter_mut().take(covers) {
            if !cover.follow(at, old, new) {
                self.stale += 1;
                cover.state = State::Lost;
            }
        }
        old.copy_from_slice(new);
    }

    /// Brings all checksums along. How many writes there were that a checksum could not follow: of SCTP, in fragments.
    pub fn finish(mut self) -> u64 {
        for at in (0..self.covers.len()).rev() {
            let Some(cover) = self.covers.get(at).copied() else { continue };
            if let Sum::Crc(_) = cover.kind {
                let new = cover.next_crc(self.bytes);
                self.write_below(at, cover.field, &new.to_le_bytes());
            } else {
                let new = cover.next(self.bytes);
                self.write_below(at, cover.field, &new.to_be_bytes());
            }
        }
        self.stale
    }
}

/// A checksum whose sum has changed.
fn changed(old: u16, change: i64, kind: Sum) -> u16 {
    let change = change.rem_euclid(MODULUS);
    let none = kind == Sum::WordsOrNone && old == 0;
    if change == 0 || none {
        return old;
    }
    let sum = i64::from(!old) + change;
    let folded = if sum > MODULUS { sum - MODULUS } else { sum };
    match !(folded as u16) {
        0 if kind == Sum::WordsOrNone => 0xffff,
        new => new,
    }
}

impl Cover {
    /// Where the checksum itself stands.
    pub(super) fn place(&self) -> Place {
        let size = if matches!(self.kind, Sum::Crc(_)) { 4 } else { 2 };
        (self.field, self.field + size)
    }

    /// True if it covers a byte of this part.
    pub(super) fn has(&self, (start, end): Place) -> bool {
        self.places.iter().any(|(from, to)| start < *to && *from < end)
    }

    /// What it is, of a packet that is not changed yet.
    fn assessed(&self, bytes: &[u8]) -> State {
        let (is_zero, is_right) = match self.kind {
            Sum::Crc(_) => {
                let stated = self.crc(bytes);
                (stated == 0, self.whole && stated == self.right_crc(bytes))
            }
            kind => {
                let stated = self.sum(bytes);
                let all = self.covered(bytes) + u64::from(stated);
                let is_none = kind == Sum::WordsOrNone && stated == 0;
                (stated == 0, self.whole && !is_none && fold(all) == 0xffff)
            }
        };
        match self.partial(bytes) {
            _ if is_right => State::Follows,
            _ if is_zero => self.zero(),
            Some(extra) => State::Partial(extra),
            None if self.whole => State::Wrong,
            None => State::Follows,
        }
    }

    /// What zero is: of UDP none, elsewhere wrong, if it is known.
    fn zero(&self) -> State {
        if self.whole && self.kind == Sum::Words { State::Zero } else { State::Stays }
    }

    /// What is added to both addresses if it is the sum of the pseudo header alone: with its length, or, where hardware makes
    /// several segments of one, without.
    fn partial(&self, bytes: &[u8]) -> Option<u64> {
        let extras = [self.length.map(|length| length + self.protocol), Some(self.protocol)];
        let stated = self.sum(bytes);
        let is_it = |extra: &u64| self.protocol != 0 && fold(self.addresses(bytes) + extra) == stated;
        extras.into_iter().flatten().find(is_it)
    }

    fn sum(&self, bytes: &[u8]) -> u16 {
        u16_at(bytes, self.field).unwrap_or_default()
    }

    fn crc(&self, bytes: &[u8]) -> u32 {
        array(bytes, self.field).map_or(0, u32::from_le_bytes)
    }

    /// What both addresses of the pseudo header add up to.
    fn addresses(&self, bytes: &[u8]) -> u64 {
        let [_, ends @ ..] = self.places;
        ends.iter().map(|(start, end)| words(bytes.get(*start..*end).unwrap_or_default())).sum()
    }

    /// All that it covers but itself, added up.
    fn covered(&self, bytes: &[u8]) -> u64 {
        let [(start, end), ..] = self.places;
        let part = |start: usize, end: usize| words(bytes.get(start..end).unwrap_or_default());
        let own = part(start, self.field.min(end)) + part(self.field + 2, end);
        own + self.addresses(bytes) + self.protocol + self.length.unwrap_or_default()
    }

    /// The right sum of a whole message.
    fn right(&self, bytes: &[u8]) -> u16 {
        !fold(self.covered(bytes))
    }

    /// The right CRC of a whole message.
    fn right_crc(&self, bytes: &[u8]) -> u32 {
        let [(start, end), ..] = self.places;
        let part = |start: usize, end: usize| bytes.get(start..end).unwrap_or_default();
        crc(part(start, self.field).iter().chain(&[0; 4]).chain(part(self.field + 4, end)))
    }

    /// What the checksum becomes, now that the packet is changed.
    fn next(&self, bytes: &[u8]) -> u16 {
        let old = self.sum(bytes);
        match self.state {
            State::Follows => changed(old, self.change, self.kind),
            State::Stays | State::Lost => old,
            State::Partial(extra) => fold(self.addresses(bytes) + extra),
            State::Zero if self.right(bytes) != 0 => 0,
            // None is zero: two words of which one is not add up to more.
            State::Zero | State::Wrong => fold(u64::from(self.right(bytes)) + u64::from(WRONG)),
        }
    }

    fn next_crc(&self, bytes: &[u8]) -> u32 {
        let old = self.crc(bytes);
        match self.state {
            State::Follows => old ^ self.change as u32,
            State::Stays | State::Zero | State::Partial(_) => old,
            State::Wrong => self.right_crc(bytes) ^ u32::from(WRONG),
            State::Lost => 0,
        }
    }

    /// Notes that bytes at a place become others; false if that cannot be followed.
    #[inline]
    fn follow(&mut self, at: usize, old: &[u8], new: &[u8]) -> bool {
        if !matches!(self.state, State::Follows | State::Lost) {
            return true;
        }
        let end = at + old.len();
        let mut followed = true;
        for (start, limit) in self.places {
            if at >= limit || end <= start {
                continue;
            }
            match self.kind {
                Sum::Words | Sum::WordsOrNone => self.add((start, limit), at, (old, new)),
                Sum::Crc(Some(limit)) => self.flip(limit, at, old.iter().zip(new)),
                Sum::Crc(None) => followed = old == new,
            }
        }
        followed
    }

    /// Adds the differences of those bytes that are inside of a covered place, but for the checksum itself.
    #[inline]
    fn add(&mut self, (start, limit): Place, at: usize, (old, new): (&[u8], &[u8])) {
        let (from, to) = (at.max(start), (at + old.len()).min(limit));
        if to <= self.field || from >= self.field + 2 {
            self.add_part((start, at), (from, to), (old, new));
        } else {
            self.add_part((start, at), (from, self.field), (old, new));
            self.add_part((start, at), (self.field + 2, to), (old, new));
        }
    }

    /// Adds the differences from one place to another, of bytes that stand `at` a place, in words that count from `start`.
    #[inline]
    fn add_part(&mut self, (start, at): Place, (from, to): Place, (old, new): (&[u8], &[u8])) {
        let part = (from - at)..to.saturating_sub(at);
        let (old, new) = (old.get(part.clone()).unwrap_or_default(), new.get(part).unwrap_or_default());
        let sum = |bytes: &[u8]| match bytes {
            [low, rest @ ..] if !(from - start).is_multiple_of(2) => u64::from(*low) + words(rest),
            _ => words(bytes),
        };
        self.change += sum(new) as i64 - sum(old) as i64;
    }

    /// The bits of a CRC that change with these bytes, of a message that ends at `limit`.
    fn flip<'b>(&mut self, limit: usize, at: usize, bytes: impl Iterator<Item = (&'b u8, &'b u8)>) {
        let mut state = 0;
        let mut done = at;
        for (place, (old, new)) in (at..).zip(bytes) {
            let own = place.wrapping_sub(self.field) < 4;
            state = crc_step(state, if own { 0 } else { old ^ new });
            done = place + 1;
        }
        for _ in done..limit {
            state = crc_step(state, 0);
        }
        self.change ^= i64::from(state);
    }
}

#[cfg(test)]
mod tests;
