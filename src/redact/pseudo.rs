//! Link types whose packets Wireshark expects to begin with a pseudo header: it refuses a whole capture for one packet that is
//! shorter, or, of two of them, that does not state its protocol there. Nothing of such packets is understood here, and so
//! nothing stays of them but what lets the rest of the capture be read.

use crate::packet::LinkType;

/// Numbers of link types, and the least with which Wireshark reads a packet of theirs.
const BEGINNINGS: [(u16, &[u8]); 11] = [
    // SunATM.
    (123, &[0; 4]),
    // MTP2 with a pseudo header.
    (139, &[0; 4]),
    // IrDA and LAPD of Linux: cooked headers, each of one protocol.
    (144, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x17]),
    (177, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x30]),
    // SITA.
    (196, &[0; 5]),
    // ERF.
    (197, &[0; 16]),
    // Bluetooth HCI with its direction.
    (201, &[0; 4]),
    // PPP with its direction.
    (204, &[0; 1]),
    // I2C of Linux.
    (209, &[0; 5]),
    // NFC LLCP.
    (245, &[0; 2]),
    // The Bluetooth monitor of Linux.
    (254, &[0; 4]),
];

/// What a packet of this link type begins with if nothing of it stays.
pub(super) fn beginning(link_type: LinkType) -> &'static [u8] {
    BEGINNINGS.iter().find(|(number, _)| *number == link_type.0).map_or(&[], |(_, bytes)| bytes)
}
