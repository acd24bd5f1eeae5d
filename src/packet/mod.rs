//! The vocabulary of captures: packets, interfaces, options, link types, samples and their ids.
//!
//! [`Packet`] is what every room above passes around: bytes borrowed from the reader's buffer, the interface that saw
//! them, and the options (comments among them) that stood beside them.

mod address;
mod byte_order;
mod flow_key;
mod interface;
mod link_type;
mod local;
mod options;
mod sample;
mod sample_id;
mod service;

pub use address::AddressText;
pub use byte_order::ByteOrder;
pub use flow_key::FlowKey;
pub use interface::Interface;
pub use link_type::{Framing, LinkType};
pub use local::{LocalNetworks, Network};
pub use options::{Opt, Options, code, push_end, push_option};
pub use sample::{ESCAPED, PACKET_FIELD, PEER_KEYS, Sample, is_field_name};
pub use sample_id::{Key, SampleId};
pub use service::service_name;

use crate::error::Position;
use crate::time::Timestamp;

/// One captured packet, borrowed from its reader until the next one is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    /// The packet's number in its capture, from 1 (Wireshark's frame number).
    pub number: u64,
    /// The number and offset of its block; see [`Packet::position`].
    pub place: (u64, u64),
    /// The interface that it was seen on.
    pub interface: &'a Interface,
    /// The time in the interface's unit, without its offset; none for blocks that carry no time.
    pub raw_time: Option<u64>,
    /// The captured bytes.
    pub bytes: &'a [u8],
    /// The length on the wire, in bytes; usually at least `bytes.len()`, but files exist where it is less.
    pub original_length: u32,
    /// How many packets were lost before this one, where an obsolete Packet Block says so.
    pub drops: Option<u16>,
    /// The options of its block: comments, flags, hashes.
    pub options: Options<'a>,
    /// Its whole block as it stands in the file: what a copy is made of.
    pub block: &'a [u8],
}

impl<'a> Packet<'a> {
    /// When it was seen, as nanoseconds since the epoch.
    #[inline]
    pub fn time(&self) -> Option<Timestamp> {
        let interface = self.interface;
        self.raw_time.map(|raw| Timestamp::of(raw, interface.resolution, interface.offset))
    }

    /// Where its block stands.
    pub fn position(&self) -> Position {
        let (number, offset) = self.place;
        Position::Block { number, offset }
    }

    /// The texts of its comments, in order, as bytes up to the first NUL.
    pub fn comments(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.options.comments()
    }
}
