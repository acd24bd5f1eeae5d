//! Copies a pcapng capture block by block, and changes only what must change.
//!
//! For commands that leave packets or comments out: sections, byte orders, interfaces and unknown blocks stay as they
//! are. A section's length becomes "unknown", and the two-halves times of pcapml 0.3 become true ones.

use std::io::Write;

use super::CHUNK;
use super::block::Block;
use crate::error::Result;
use crate::packet::{ByteOrder, Opt, Options, Packet};

/// Where a Section Header Block's options begin, and where its length stands.
const SECTION_OPTIONS: usize = 24;
const SECTION_LENGTH: std::ops::Range<usize> = 16..24;

/// Where an EPB's or PB's time stands, and where its bytes begin.
const PACKET_TIME: std::ops::Range<usize> = 12..20;
const PACKET_DATA: usize = 28;

/// A pcapng capture that is being copied.
pub struct Rewriter<W: Write> {
    out: W,
    buffer: Vec<u8>,
}

impl<W: Write> Rewriter<W> {
    /// A copy that is empty so far.
    pub fn new(out: W) -> Self {
        Self {
            out,
            buffer: Vec::with_capacity(2 * CHUNK),
        }
    }

    /// Copies a Section Header Block with those of its options that `keep` lets through.
    ///
    /// # Errors
    /// When writing fails.
    pub fn section(&mut self, block: &Block, keep: impl FnMut(&Opt) -> bool) -> Result<()> {
        let start = self.buffer.len();
        self.filtered(block, SECTION_OPTIONS, keep);
        if let Some(length) = self.written(start, SECTION_LENGTH) {
            length.fill(0xff);
        }
        self.drain()
    }

    /// Copies a packet's block with those of its options that `keep` lets through.
    ///
    /// # Errors
    /// When writing fails.
    #[inline]
    pub fn packet(&mut self, packet: &Packet, block: &Block, keep: impl FnMut(&Opt) -> bool) -> Result<()> {
        let start = self.buffer.len();
        if packet.options.is_empty() {
            self.buffer.extend_from_slice(block.bytes);
        } else {
            let options_at = (PACKET_DATA + packet.bytes.len()).next_multiple_of(4);
            self.filtered(block, options_at, keep);
        }
        if let Some(raw) = packet.raw_time {
            self.set_time(start, raw, block.order);
        }
        self.drain()
    }

    /// Copies any other block as it is.
    ///
    /// # Errors
    /// When writing fails.
    pub fn block(&mut self, block: &Block) -> Result<()> {
        self.buffer.extend_from_slice(block.bytes);
        self.drain()
    }

    /// Copies a block whose options begin at `options_at`; identical bytes if `keep` lets all through.
    #[inline]
    fn filtered(&mut self, block: &Block, options_at: usize, mut keep: impl FnMut(&Opt) -> bool) {
        let end = block.bytes.len().saturating_sub(4);
        let bytes = block.bytes.get(options_at..end).unwrap_or_default();
        let options = Options::checked(bytes, block.order).unwrap_or(Options::NONE);
        // Each option is asked about once, in order.
        let dropped: Vec<bool> = options.map(|option| !keep(&option)).collect();
        if !dropped.contains(&true) {
            self.buffer.extend_from_slice(block.bytes);
            return;
        }
        let start = self.buffer.len();
        self.buffer.extend_from_slice(block.bytes.get(..options_at).unwrap_or_default());
        let mut any = false;
        for (option, _) in options.zip(dropped).filter(|(_, dropped)| !dropped) {
            any = true;
            push_option(&mut self.buffer, option, block.order);
        }
        if any {
            self.buffer.extend_from_slice(&[0; 4]);
        }
        let length = (self.buffer.len() - start + 4) as u32;
        block.order.push_u32(&mut self.buffer, length);
        let (done, field) = (self.buffer.len() - 4, start + 4);
        self.buffer.copy_within(done.., field);
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
        self.buffer.get_mut(start + part.start..start + part.end)
    }

    #[inline]
    fn drain(&mut self) -> Result<()> {
        if self.buffer.len() >= CHUNK {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Writes what is left, and gives the output back.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(mut self) -> Result<W> {
        self.out.write_all(&self.buffer)?;
        Ok(self.out)
    }
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
