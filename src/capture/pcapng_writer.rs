//! Writes one little-endian pcapng section: packets of any source, interfaces shared or renumbered, blocks carried along.

use super::block::Block;
use super::chunked::{Chunked, Sink};
use super::encode;
use super::losses::Losses;
use crate::error::{Error, Result};
use crate::packet::{Interface, LinkType, Opt, Packet};
use crate::time::Timestamp;
use std::collections::HashMap;

/// What to write as the snap length of interfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapLen {
    /// What the input says.
    Keep,
    /// 0, no limit, and one interface for all that are equal: libpcap refuses a second one with another snap length.
    Unlimited,
}

/// Who must be able to read the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Everybody who reads pcapng.
    Pcapng,
    /// C++ pcapml 0.3: bare interfaces, times in two halves, one comment and no other option, no other blocks.
    Pcapml03,
}

/// A pcapng section that is being written.
pub struct PcapngWriter<W: Sink> {
    out: Chunked<W>,
    snap_len: SnapLen,
    dialect: Dialect,
    /// How many interface blocks were written.
    count: u32,
    /// Interface blocks that later equal ones share, and their numbers.
    written: HashMap<Vec<u8>, u32>,
    /// The written number of each interface of the current source.
    numbers: Vec<Option<u32>>,
    link_types: Vec<LinkType>,
    losses: Losses,
}

impl<W: Sink> PcapngWriter<W> {
    /// Begins a section; `options` is a little-endian option list without its end.
    pub fn new(out: W, options: &[u8], snap_len: SnapLen, dialect: Dialect) -> Self {
        let mut chunked = Chunked::new(out);
        encode::section_block(&mut chunked.buffer, options);
        Self {
            out: chunked,
            snap_len,
            dialect,
            count: 0,
            written: HashMap::new(),
            numbers: Vec::new(),
            link_types: Vec::new(),
            losses: Losses::default(),
        }
    }

    /// From now on interfaces are those of another source: the same numbers mean others.
    pub fn next_source(&mut self) {
        self.numbers.clear();
    }

    /// The number of this interface in the output. With [`SnapLen::Unlimited`] equal interfaces share one.
    ///
    /// # Errors
    /// When writing fails; under [`Dialect::Pcapml03`], a second link type.
    pub fn interface(&mut self, interface: &Interface) -> Result<u32> {
        let at = interface.number as usize;
        if let Some(number) = self.number(interface.number) {
            return Ok(number);
        }
        let mut block = Vec::new();
        match (self.dialect, self.snap_len) {
            (Dialect::Pcapml03, _) => encode::bare_interface_block(&mut block, interface),
            (_, SnapLen::Unlimited) => encode::interface_block(&mut block, interface, 0),
            (_, SnapLen::Keep) => encode::interface_block(&mut block, interface, interface.snap_len),
        }
        let number = match self.written.get(&block) {
            Some(&number) => number,
            None => self.new_interface(interface, block)?,
        };
        if self.numbers.len() <= at {
            self.numbers.resize(at + 1, None);
        }
        if let Some(slot) = self.numbers.get_mut(at) {
            *slot = Some(number);
        }
        Ok(number)
    }

    fn new_interface(&mut self, interface: &Interface, block: Vec<u8>) -> Result<u32> {
        if !self.link_types.contains(&interface.link_type) {
            self.link_types.push(interface.link_type);
        }
        if self.dialect == Dialect::Pcapml03 && self.link_types.len() > 1 {
            return Err(Error::request("the input has more than one link type, which pcapml 0.3 cannot read")
                .advise("leave out --compat 0.3, or label one link type at a time"));
        }
        let number = self.count;
        self.count += 1;
        self.out.buffer.extend_from_slice(&block);
        if self.snap_len == SnapLen::Unlimited {
            self.written.insert(block, number);
        }
        self.out.drain()?;
        Ok(number)
    }

    /// The number in the output of an interface of the current source, if it was written.
    pub fn number(&self, number: u32) -> Option<u32> {
        self.numbers.get(number as usize).copied().flatten()
    }

    /// Writes a packet: `first` is a little-endian option list without its end, which goes before those of the packet's
    /// own options that `keep` lets through.
    ///
    /// # Errors
    /// When writing fails.
    #[inline]
    pub fn packet(&mut self, packet: &Packet, first: &[u8], keep: impl FnMut(&Opt) -> bool) -> Result<()> {
        let interface = match self.number(packet.interface.number) {
            Some(number) => number,
            None => self.interface(packet.interface)?,
        };
        self.losses.untimed += u64::from(packet.raw_time.is_none());
        match self.dialect {
            Dialect::Pcapng => encode::packet_block(&mut self.out.buffer, interface, packet, first, keep),
            Dialect::Pcapml03 => self.legacy_packet(interface, packet, first, keep),
        }
        Ok(self.out.drain()?)
    }

    fn legacy_packet(&mut self, interface: u32, packet: &Packet, first: &[u8], mut keep: impl FnMut(&Opt) -> bool) {
        self.losses.options += packet.options.filter(|option| keep(option)).count() as u64;
        let time = self.losses.clamp(packet.time().unwrap_or(Timestamp(0)));
        let seconds = time.seconds() as u32;
        let nanos = time.subsecond_nanos();
        self.losses.floored += u64::from(!nanos.is_multiple_of(1_000));
        let micros = nanos / 1_000;
        encode::push_packet(&mut self.out.buffer, interface, (seconds, micros), packet, |out| {
            out.extend_from_slice(first);
            crate::packet::push_end(out);
        });
    }

    /// Carries a block along that is neither section, interface nor packet; false if it cannot be written.
    ///
    /// # Errors
    /// When writing fails.
    pub fn block(&mut self, block: &Block) -> Result<bool> {
        let numbers = &self.numbers;
        let interface = |number: u32| numbers.get(number as usize).copied().flatten();
        let done = self.dialect == Dialect::Pcapng && encode::carried(&mut self.out.buffer, block, interface);
        self.out.drain()?;
        Ok(done)
    }

    /// Writes bytes that are blocks already.
    ///
    /// # Errors
    /// When writing fails.
    #[inline]
    pub fn raw(&mut self, blocks: &[u8]) -> Result<()> {
        self.out.buffer.extend_from_slice(blocks);
        Ok(self.out.drain()?)
    }

    /// What could not be written so far.
    pub fn losses(&self) -> Losses {
        self.losses
    }

    /// Writes what is left, and gives the output back.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(self) -> Result<W> {
        Ok(self.out.finish()?)
    }
}
