//! A pcapng block as it stands in the file.

use crate::error::Position;
use crate::packet::{ByteOrder, Options};

/// Block types, by their names in the draft.
pub mod kind {
    #![allow(missing_docs, reason = "the names are the draft's own")]
    pub const SECTION_HEADER: u32 = 0x0A0D_0D0A;
    pub const INTERFACE_DESCRIPTION: u32 = 1;
    pub const PACKET: u32 = 2;
    pub const SIMPLE_PACKET: u32 = 3;
    pub const NAME_RESOLUTION: u32 = 4;
    pub const INTERFACE_STATISTICS: u32 = 5;
    pub const ENHANCED_PACKET: u32 = 6;
    pub const SYSTEMD_JOURNAL: u32 = 9;
    pub const DECRYPTION_SECRETS: u32 = 10;
}

/// Where the options of a Section Header Block begin.
pub(super) const SECTION_OPTIONS: usize = 24;

/// One block that is no packet, borrowed from its reader.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    /// The block type; see [`kind`].
    pub kind: u32,
    /// The byte order of its section.
    pub order: ByteOrder,
    /// All its bytes, from the type to the trailing length.
    pub bytes: &'a [u8],
    /// Where it stands.
    pub position: Position,
    /// The capture-wide number of its section's first interface: block fields count from it.
    pub first_interface: u32,
}

impl<'a> Block<'a> {
    /// What lies between the two lengths.
    pub fn body(&self) -> &'a [u8] {
        let end = self.bytes.len().saturating_sub(4);
        self.bytes.get(8..end).unwrap_or_default()
    }

    /// Of a Section Header Block: its options.
    pub fn section_options(&self) -> Options<'a> {
        let end = self.bytes.len().saturating_sub(4);
        let bytes = self.bytes.get(SECTION_OPTIONS..end).unwrap_or_default();
        Options::checked(bytes, self.order).unwrap_or(Options::none(self.order))
    }
}
