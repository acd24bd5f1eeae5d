//! Bytes on disk to packets, and back: pcap and pcapng, plain or compressed.
//!
//! [`Reader`] opens a capture, recognises it by its first bytes and hands out [`Item`]s: packets with their time already
//! placed on their interface's scale, and every other block as it stood. [`PcapngWriter`] and [`PcapWriter`] write
//! packets anew; [`Rewriter`] copies blocks and changes only what must change.
//!
//! Promises, each tested: reading and writing gives identical bytes for every block, known or not, in both byte orders;
//! any input gives `Ok` or `Err`, never a panic; memory is bounded by [`MAX_BLOCK`]; errors name file, block and offset.
//!
//! Sources: draft-ietf-opsawg-pcapng, draft-ietf-opsawg-pcap, libpcap's pcap-savefile(5).

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod block;
mod bookmark;
mod chunked;
mod clock;
mod encode;
mod losses;
mod pcap;
mod pcap_writer;
mod pcapng;
mod pcapng_writer;
mod read_ahead;
mod reader;
mod rewriter;
mod source;
mod window;
mod zstd_frame;

pub use block::{Block, kind};
pub use bookmark::{Bookmark, Surroundings};
pub use chunked::Sink;
pub use encode::{carried, interface_block, packet_block};
pub use losses::Losses;
pub use pcap_writer::{PcapWriter, pcap_header, pcap_record, refine};
pub use pcapng_writer::{Dialect, PcapngWriter, SnapLen};
pub use reader::{Format, Item, Reader, is_capture};
pub use rewriter::{Change, Rewriter};
pub use source::{Compression, Source};
pub use zstd_frame::one_zstd_frame;

/// The largest block or packet record that is read, in bytes: four times what Wireshark accepts of ordinary link types.
pub const MAX_BLOCK: usize = 64 << 20;

/// The most interfaces of one section.
pub const MAX_INTERFACES: usize = 1 << 16;

/// How many bytes are read at once: large enough to make system calls rare, small enough to stay in the cache.
pub const CHUNK: usize = 256 << 10;
