//! The pcap file format: one header, then packet records.
//!
//! Source: draft-ietf-opsawg-pcap and libpcap's sf-pcap.c, for what the draft leaves out: the modified format of
//! Alexey Kuznetzov's patch (24-byte record headers), and files of versions before 2.4 with their lengths swapped.

use crate::error::{Error, Result};
use crate::packet::{ByteOrder, Framing, Interface, LinkType, code, push_option};
use crate::time::Resolution;

/// Bytes of the file header.
pub(super) const HEADER: usize = 24;

const MAGIC_MICROSECONDS: u32 = 0xa1b2_c3d4;
const MAGIC_NANOSECONDS: u32 = 0xa1b2_3c4d;
const MAGIC_MODIFIED: u32 = 0xa1b2_cd34;

/// What the header says of the records.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) order: ByteOrder,
    resolution: Resolution,
    /// Bytes of a record's header.
    pub(super) record_header: usize,
    lengths: Lengths,
    magic: u32,
    version: u32,
}

/// In which order a record tells its two lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lengths {
    CapturedFirst,
    /// Before version 2.3.
    OriginalFirst,
    /// Version 2.3 was written both ways; the smaller is the captured one.
    Either,
}

/// One record's header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    pub(super) raw_time: u64,
    pub(super) captured: u32,
    pub(super) original: u32,
    /// Every field is 0: what an unwritten part of a preallocated file looks like.
    pub(super) blank: bool,
    /// It is the header of another pcap file, appended to this one.
    pub(super) another_file: bool,
}

/// The byte order and meaning of a magic number, if it is one of pcap's.
fn magic(head: &[u8]) -> Option<(ByteOrder, u32)> {
    [ByteOrder::Little, ByteOrder::Big].into_iter().find_map(|order| {
        let magic = order.u32(head, 0)?;
        matches!(magic, MAGIC_MICROSECONDS | MAGIC_NANOSECONDS | MAGIC_MODIFIED).then_some((order, magic))
    })
}

/// True if a file that begins so is a pcap file.
pub(super) fn begins(head: &[u8]) -> bool {
    magic(head).is_some()
}

impl Layout {
    /// Reads the file header: how the records are laid out, and the one interface.
    pub(super) fn read(header: &[u8]) -> Result<(Self, Interface)> {
        let field = |order: ByteOrder, at| {
            order.u32(header, at).ok_or_else(|| Error::truncated("the file ends inside the pcap header"))
        };
        let (order, magic) = magic(header).ok_or_else(|| Error::unreadable("no pcap magic number"))?;
        let (major, minor) = order
            .u16(header, 4)
            .zip(order.u16(header, 6))
            .ok_or_else(|| Error::truncated("the file ends inside the pcap header"))?;
        if major != 2 {
            return Err(Error::unreadable(format!("pcap version {major}.{minor}; only 2.x is known")));
        }
        let layout = Self {
            order,
            resolution: match magic {
                MAGIC_NANOSECONDS => Resolution::NANOSECONDS,
                _ => Resolution::MICROSECONDS,
            },
            record_header: if magic == MAGIC_MODIFIED { 24 } else { 16 },
            lengths: match minor {
                0..=2 => Lengths::OriginalFirst,
                3 => Lengths::Either,
                _ => Lengths::CapturedFirst,
            },
            magic,
            version: field(order, 4)?,
        };
        let network = field(order, 20)?;
        // The low half is the link type; the top half says whether and how long an FCS follows each packet.
        let link_type = LinkType((network & 0xffff) as u16);
        let interface = Interface {
            number: 0,
            link_type,
            byte_order: Framing::new(link_type, order).byte_order,
            snap_len: field(order, 16)?,
            resolution: layout.resolution,
            states_resolution: true,
            offset: 0,
            options: layout.interface_options(network),
        };
        Ok((layout, interface))
    }

    /// What the pcap header says of the interface, in pcapng's options.
    fn interface_options(&self, network: u32) -> Vec<u8> {
        let mut options = Vec::new();
        push_option(&mut options, code::IF_TSRESOL, &[self.resolution.octet()]);
        let has_fcs = network & 0x0400_0000 != 0;
        if has_fcs {
            // The field counts 16-bit words.
            let octets = ((network >> 28) * 2) as u8;
            push_option(&mut options, code::IF_FCSLEN, &[octets]);
        }
        options
    }

    /// Reads a record's header; `None` if it is not whole.
    #[inline]
    pub(super) fn record(&self, header: &[u8]) -> Option<Record> {
        let seconds = self.order.u32(header, 0)?;
        let fraction = self.order.u32(header, 4)?;
        let first = self.order.u32(header, 8)?;
        let second = self.order.u32(header, 12)?;
        let (captured, original) = match self.lengths {
            Lengths::CapturedFirst => (first, second),
            Lengths::OriginalFirst => (second, first),
            Lengths::Either => (first.min(second), first.max(second)),
        };
        let per_second = match self.resolution {
            Resolution::NANOSECONDS => 1_000_000_000,
            _ => 1_000_000,
        };
        Some(Record {
            // A fraction of a second or more is carried over, as libpcap's callers do.
            raw_time: u64::from(seconds) * per_second + u64::from(fraction),
            captured,
            original,
            blank: seconds | fraction | first | second == 0,
            another_file: seconds == self.magic && fraction == self.version && captured == 0,
        })
    }
}
