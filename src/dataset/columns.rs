//! The packets of a sample, column by column.

use crate::error::{Error, Result};
use crate::packet::{LinkType, Packet, Sample};
use crate::redact::{Field, Masker};

/// Stands for a time where a packet has none.
pub const NO_TIME: i64 = i64::MIN;

/// All packets of a sample, in the order in which they stand in the capture. Every column has one value a packet;
/// `offsets` has one more.
#[derive(Debug, Clone)]
pub struct SampleColumns {
    /// The sample.
    pub sample: Sample,
    /// Nanoseconds since 1970, or [`NO_TIME`].
    pub times: Vec<i64>,
    /// Lengths on the wire, in bytes.
    pub lengths: Vec<u32>,
    /// How many bytes were captured.
    pub captured: Vec<u32>,
    /// The interfaces' numbers.
    pub interfaces: Vec<u32>,
    /// The interfaces' link types.
    pub link_types: Vec<u32>,
    /// The packets' numbers in their capture, from 1.
    pub numbers: Vec<u64>,
    /// The captured bytes of all packets, one behind the other.
    pub bytes: Vec<u8>,
    /// Where each packet's bytes begin, and where the last one's end.
    pub offsets: Vec<u64>,
    /// For each packet, which of `texts` are its comments.
    comments: Vec<u32>,
    texts: Vec<Vec<Box<[u8]>>>,
}

impl SampleColumns {
    /// A sample without packets so far, and with room for so many packets and bytes.
    pub fn new(sample: Sample, packets: usize, bytes: usize) -> Self {
        let mut offsets = Vec::with_capacity(packets + 1);
        offsets.push(0);
        Self {
            sample,
            times: Vec::with_capacity(packets),
            lengths: Vec::with_capacity(packets),
            captured: Vec::with_capacity(packets),
            interfaces: Vec::with_capacity(packets),
            link_types: Vec::with_capacity(packets),
            numbers: Vec::with_capacity(packets),
            bytes: Vec::with_capacity(bytes),
            offsets,
            comments: Vec::with_capacity(packets),
            texts: Vec::new(),
        }
    }

    /// Takes a packet; `same` if its comments are known to be those of the packet before.
    ///
    /// # Errors
    /// A time beyond 64 bits of nanoseconds: years before 1677 or after 2262.
    #[inline]
    pub fn push(&mut self, packet: &Packet, same: bool) -> Result<()> {
        self.times.push(time_of(packet)?);
        self.lengths.push(packet.original_length);
        self.captured.push(packet.bytes.len() as u32);
        self.interfaces.push(packet.interface.number);
        self.link_types.push(packet.interface.link_type.0.into());
        self.numbers.push(packet.number);
        self.bytes.extend_from_slice(packet.bytes);
        self.offsets.push(self.bytes.len() as u64);
        self.comment(packet, same);
        Ok(())
    }

    /// Most packets have the comments of the one before.
    #[inline]
    fn comment(&mut self, packet: &Packet, same: bool) {
        let is_last = |texts: &Vec<Box<[u8]>>| same || packet.comments().eq(texts.iter().map(AsRef::as_ref));
        if !self.texts.last().is_some_and(is_last) {
            self.texts.push(packet.comments().map(Into::into).collect());
        }
        self.comments.push(self.texts.len() as u32 - 1);
    }

    /// How many packets it has.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// True if it has none.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// The captured bytes of a packet; `at` counts from 0.
    #[inline]
    pub fn packet_bytes(&self, at: usize) -> &[u8] {
        match (self.offsets.get(at), self.offsets.get(at + 1)) {
            (Some(&from), Some(&to)) => self.bytes.get(from as usize..to as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The comments of a packet, in their order, those that label it among them.
    pub fn packet_comments(&self, at: usize) -> impl Iterator<Item = &[u8]> {
        let texts = self.comments.get(at).and_then(|&texts| self.texts.get(texts as usize));
        texts.into_iter().flatten().map(AsRef::as_ref)
    }

    /// Zeroes fields in all packets; masked times count from the earliest.
    pub(super) fn mask(&mut self, masker: &mut Masker) {
        if masker.mask().is_empty() {
            return;
        }
        for (at, link_type) in self.link_types.iter().enumerate() {
            let place = self.offsets[at] as usize..self.offsets[at + 1] as usize;
            masker.apply(LinkType(*link_type as u16), self.bytes.get_mut(place).unwrap_or_default());
        }
        if masker.mask().has(Field::Time) {
            let first = self.times.iter().copied().filter(|time| *time != NO_TIME).min().unwrap_or_default();
            let known = self.times.iter_mut().filter(|time| **time != NO_TIME);
            known.for_each(|time| *time = time.saturating_sub(first));
        }
    }

    /// Puts packets that were met apart into the order of the capture.
    pub(super) fn sort(&mut self) {
        if self.numbers.is_sorted() {
            return;
        }
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by_key(|&at| self.numbers[at]);
        let mut sorted = Self::new(self.sample.clone(), self.len(), self.bytes.len());
        sorted.texts = std::mem::take(&mut self.texts);
        for at in order {
            sorted.times.push(self.times[at]);
            sorted.lengths.push(self.lengths[at]);
            sorted.captured.push(self.captured[at]);
            sorted.interfaces.push(self.interfaces[at]);
            sorted.link_types.push(self.link_types[at]);
            sorted.numbers.push(self.numbers[at]);
            sorted.bytes.extend_from_slice(self.packet_bytes(at));
            sorted.offsets.push(sorted.bytes.len() as u64);
            sorted.comments.push(self.comments[at]);
        }
        *self = sorted;
    }
}

/// The time of a packet in nanoseconds since 1970, or [`NO_TIME`].
///
/// # Errors
/// A time beyond 64 bits of nanoseconds: years before 1677 or after 2262.
#[inline]
pub(super) fn time_of(packet: &Packet) -> Result<i64> {
    let Some(time) = packet.time() else { return Ok(NO_TIME) };
    i64::try_from(time.0).ok().filter(|time| *time != NO_TIME).ok_or_else(|| too_far(packet))
}

#[cold]
fn too_far(packet: &Packet) -> Error {
    Error::malformed("a time that 64 bits of nanoseconds cannot hold").at(packet.position())
}
