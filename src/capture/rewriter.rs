//! Copies a pcapng capture block by block, and changes only what must change.
//!
//! For commands that leave packets or comments out: sections, byte orders, interfaces and unknown blocks stay as they
//! are. A section's length becomes "unknown", and the two-halves times of pcapml 0.3 become true ones.

use super::block::{Block, SECTION_OPTIONS};
use super::chunked::{Chunked, Sink};
use crate::error::Result;
use crate::packet::{ByteOrder, Opt, Options, Packet, code};

/// Where a section's length stands.
const SECTION_LENGTH: std::ops::Range<usize> = 16..24;

/// Where an EPB's or PB's time stands, and where its bytes begin.
const PACKET_TIME: std::ops::Range<usize> = 12..20;
const PACKET_DATA: usize = 28;

/// Where an Interface Description Block's options begin.
const INTERFACE_OPTIONS: usize = 16;

/// What becomes of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change<V> {
    /// It stays.
    Keep,
    /// It goes.
    Drop,
    /// It gets another value.
    To(V),
}

/// A pcapng capture that is being copied.
pub struct Rewriter<W: Sink> {
    out: Chunked<W>,
}

impl<W: Sink> Rewriter<W> {
    /// A copy that is empty so far.
    pub fn new(out: W) -> Self {
        Self { out: Chunked::new(out) }
    }

    /// Copies a Section Header Block with those of its options that `keep` lets through.
    ///
    /// # Errors
    /// When writing fails.
    pub fn section(&mut self, block: &Block, keep: impl FnMut(&Opt) -> bool) -> Result<()> {
        let start = self.out.buffer.len();
        self.filtered(block.bytes, block.order, SECTION_OPTIONS, keep);
        if let Some(length) = self.written(start, SECTION_LENGTH) {
            length.fill(0xff);
        }
        Ok(self.out.drain()?)
    }

    /// The same, with this comment before them.
    ///
    /// # Errors
    /// When writing fails.
    pub fn section_with(&mut self, block: &Block, comment: &[u8], mut keep: impl FnMut(&Opt) -> bool) -> Result<()> {
        let start = self.out.buffer.len();
        self.out.buffer.extend_from_slice(block.bytes.get(..SECTION_OPTIONS).unwrap_or_default());
        push_option(&mut self.out.buffer, Opt { code: code::OPT_COMMENT, value: comment }, block.order);
        for option in block.section_options().filter(|option| keep(option)) {
            push_option(&mut self.out.buffer, option, block.order);
        }
        self.close(start, true, block.order);
        if let Some(length) = self.written(start, SECTION_LENGTH) {
            length.fill(0xff);
        }
        Ok(self.out.drain()?)
    }

    /// Copies a packet's block with those of its options that `keep` lets through.
    ///
    /// # Errors
    /// When writing fails.
    #[inline]
    pub fn packet(&mut self, packet: &Packet, keep: impl FnMut(&Opt) -> bool) -> Result<()> {
        let order = packet.options.order();
        let start = self.out.buffer.len();
        if packet.options.is_empty() {
            self.out.buffer.extend_from_slice(packet.block);
        } else {
            let options_at = (PACKET_DATA + packet.bytes.len()).next_multiple_of(4);
            self.filtered(packet.block, order, options_at, keep);
        }
        if let Some(raw) = packet.raw_time {
            self.set_time(start, raw, order);
        }
        Ok(self.out.drain()?)
    }

    /// Copies a packet's block; `change` says what becomes of each option.
    ///
    /// # Errors
    /// When writing fails, or `change` does.
    pub fn changed_packet<V: AsRef<[u8]>>(
        &mut self,
        packet: &Packet,
        change: impl FnMut(&Opt) -> Result<Change<V>>,
    ) -> Result<()> {
        let order = packet.options.order();
        let start = self.out.buffer.len();
        let options_at = (PACKET_DATA + packet.bytes.len()).next_multiple_of(4);
        self.changed(packet.block, (options_at, packet.options), change)?;
        if let Some(raw) = packet.raw_time {
            self.set_time(start, raw, order);
        }
        Ok(self.out.drain()?)
    }

    /// Copies an Interface Description Block with those of its options that `keep` lets through.
    ///
    /// # Errors
    /// When writing fails.
    pub fn interface(&mut self, block: &Block, keep: impl FnMut(&Opt) -> bool) -> Result<()> {
        self.filtered(block.bytes, block.order, INTERFACE_OPTIONS, keep);
        Ok(self.out.drain()?)
    }

    /// Copies a block with options that begin at a place; identical bytes if all of them stay.
    fn changed<V: AsRef<[u8]>>(
        &mut self,
        block: &[u8],
        (options_at, options): (usize, Options),
        mut change: impl FnMut(&Opt) -> Result<Change<V>>,
    ) -> Result<()> {
        let start = self.out.buffer.len();
        self.out.buffer.extend_from_slice(block.get(..options_at).unwrap_or_default());
        let (mut changed, mut any) = (false, false);
        for option in options {
            let new = change(&option)?;
            changed |= !matches!(new, Change::Keep);
            let value = match &new {
                Change::Keep => option.value,
                Change::To(value) => value.as_ref(),
                Change::Drop => continue,
            };
            any = true;
            push_option(&mut self.out.buffer, Opt { value, ..option }, options.order());
        }
        match changed {
            true => self.close(start, any, options.order()),
            false => {
                self.out.buffer.truncate(start);
                self.out.buffer.extend_from_slice(block);
            }
        }
        Ok(())
    }

    /// Copies any other block as it is.
    ///
    /// # Errors
    /// When writing fails.
    pub fn block(&mut self, block: &Block) -> Result<()> {
        self.out.buffer.extend_from_slice(block.bytes);
        Ok(self.out.drain()?)
    }

    /// Copies a block whose options begin at `options_at`; identical bytes if `keep` lets all through.
    #[inline]
    fn filtered(&mut self, block: &[u8], order: ByteOrder, options_at: usize, mut keep: impl FnMut(&Opt) -> bool) {
        let options = options_in(block, order, options_at);
        // Each option is asked about once, in order; up to the first that goes, bytes are copied as they are.
        let mut rest = options;
        let mut stays = options_at;
        loop {
            match rest.next() {
                Some(option) if keep(&option) => stays += option.size(),
                Some(_) => break,
                None => {
                    self.out.buffer.extend_from_slice(block);
                    return;
                }
            }
        }
        let start = self.out.buffer.len();
        self.out.buffer.extend_from_slice(block.get(..stays).unwrap_or_default());
        let mut any = stays > options_at;
        for option in rest.filter(|option| keep(option)) {
            any = true;
            push_option(&mut self.out.buffer, option, order);
        }
        self.close(start, any, order);
    }

    /// Ends the options of the block that begins at `start`, if it has any, and states the block's length.
    fn close(&mut self, start: usize, options: bool, order: ByteOrder) {
        if options {
            self.out.buffer.extend_from_slice(&[0; 4]);
        }
        let length = (self.out.buffer.len() - start + 4) as u32;
        order.push_u32(&mut self.out.buffer, length);
        let (done, field) = (self.out.buffer.len() - 4, start + 4);
        self.out.buffer.copy_within(done.., field);
    }

    /// Writes a packet's time anew if it does not stand there as the draft wants it.
    #[inline]
    fn set_time(&mut self, start: usize, raw: u64, order: ByteOrder) {
        let Some(field) = self.written(start, PACKET_TIME) else {
            return;
        };
        let (high, low) = ((raw >> 32) as u32, raw as u32);
        if order.u32(field, 0) == Some(high) && order.u32(field, 4) == Some(low) {
            return;
        }
        let mut time = Vec::with_capacity(8);
        order.push_u32(&mut time, high);
        order.push_u32(&mut time, low);
        field.copy_from_slice(&time);
    }

    /// Part of the block that was written at `start`.
    #[inline]
    fn written(&mut self, start: usize, part: std::ops::Range<usize>) -> Option<&mut [u8]> {
        self.out.buffer.get_mut(start + part.start..start + part.end)
    }

    /// Writes what is left, and gives the output back.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(self) -> Result<W> {
        Ok(self.out.finish()?)
    }
}

/// The options that begin at a place of a block; none if they are broken.
#[inline]
fn options_in(block: &[u8], order: ByteOrder, at: usize) -> Options<'_> {
    let end = block.len().saturating_sub(4);
    Options::checked(block.get(at..end).unwrap_or_default(), order).unwrap_or(Options::NONE)
}

/// Appends an option in the byte order that it has.
fn push_option(out: &mut Vec<u8>, option: Opt, order: ByteOrder) {
    let length = option.value.len() as u16;
    for field in [option.code, length] {
        out.extend_from_slice(&match order {
            ByteOrder::Little => field.to_le_bytes(),
            ByteOrder::Big => field.to_be_bytes(),
        });
    }
    out.extend_from_slice(option.value);
    let padding = option.value.len().next_multiple_of(4) - option.value.len();
    out.extend_from_slice([0_u8; 3].get(..padding).unwrap_or_default());
}
