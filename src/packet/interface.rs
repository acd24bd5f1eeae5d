//! A network interface as a capture describes it.

use super::{ByteOrder, Framing, LinkType, Options, code};
use crate::time::Resolution;

/// What a capture says of one interface: an Interface Description Block, or the header of a pcap file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its number in the capture, from 0, counted on through all sections.
    pub number: u32,
    /// How its packets begin.
    pub link_type: LinkType,
    /// The byte order of the capture, in which some link types write the first number of a packet.
    pub byte_order: ByteOrder,
    /// The most bytes that were kept of a packet; 0 = no limit.
    pub snap_len: u32,
    /// The unit of its times.
    pub resolution: Resolution,
    /// The capture states that unit (if_tsresol); otherwise it is the microsecond that pcapng assumes.
    pub states_resolution: bool,
    /// Seconds to add to its times (if_tsoffset).
    pub offset: i64,
    /// All its options as they stood but in little-endian order, without opt_endofopt.
    pub options: Vec<u8>,
}

impl Interface {
    /// Its options.
    pub fn options(&self) -> Options<'_> {
        Options::trusted(&self.options, ByteOrder::Little)
    }

    /// The name that the capturing system knew it by (if_name), such as `eth0`.
    pub fn name(&self) -> Option<String> {
        self.text(code::IF_NAME)
    }

    /// What somebody wrote of it (if_description), such as `lab, second floor`.
    pub fn description(&self) -> Option<String> {
        self.text(code::IF_DESCRIPTION)
    }

    /// What a filter must know of its packets.
    #[inline]
    pub fn framing(&self) -> Framing {
        Framing::new(self.link_type, self.byte_order)
    }

    fn text(&self, code: u16) -> Option<String> {
        let option = self.options().find(|option| option.code == code)?;
        Some(String::from_utf8_lossy(option.text()).into_owned())
    }

    /// The bytes of frame check sequence at the end of each packet (if_fcslen), where the capture says so.
    ///
    /// The draft speaks of bits, its example and Wireshark of octets; no FCS is longer than 15 octets, so that larger
    /// values are taken for bits.
    pub fn fcs_length(&self) -> Option<u8> {
        let octet = self
            .options()
            .find(|option| option.code == code::IF_FCSLEN)
            .and_then(|option| option.value.first().copied())?;
        Some(if octet > 15 { octet / 8 } else { octet })
    }
}
