//! Link types: how the bytes of a packet begin.

use std::fmt;

use super::ByteOrder;

/// A LINKTYPE_ value of the registry at <https://www.tcpdump.org/linktypes.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u16);

impl LinkType {
    /// LINKTYPE_ETHERNET.
    pub const ETHERNET: Self = Self(1);
    /// IPv4 or IPv6 without anything before it.
    pub const RAW: Self = Self(101);
}

impl LinkType {
    /// True if its packets begin with a number in the byte order of the machine that captured them: NULL and ENC.
    const fn is_in_host_order(self) -> bool {
        matches!(self.0, 0 | 109)
    }

    /// The registry's name of the types that datasets are made of.
    pub fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "NULL",
            1 => "ETHERNET",
            6 => "IEEE802_5",
            7 => "ARCNET_BSD",
            8 => "SLIP",
            9 => "PPP",
            10 => "FDDI",
            50 => "PPP_HDLC",
            51 => "PPP_ETHER",
            100 => "ATM_RFC1483",
            101 => "RAW",
            104 => "C_HDLC",
            105 => "IEEE802_11",
            107 => "FRELAY",
            108 => "LOOP",
            113 => "LINUX_SLL",
            117 => "PFLOG",
            119 => "IEEE802_11_PRISM",
            127 => "IEEE802_11_RADIOTAP",
            187 => "BLUETOOTH_HCI_H4",
            189 => "USB_LINUX",
            195 => "IEEE802_15_4_WITHFCS",
            201 => "BLUETOOTH_HCI_H4_WITH_PHDR",
            220 => "USB_LINUX_MMAPPED",
            226 => "IPNET",
            227 => "CAN_SOCKETCAN",
            228 => "IPV4",
            229 => "IPV6",
            230 => "IEEE802_15_4_NOFCS",
            239 => "NFLOG",
            249 => "USBPCAP",
            253 => "NETLINK",
            271 => "VSOCK",
            276 => "LINUX_SLL2",
            _ => return None,
        })
    }
}

/// How the bytes of a packet are to be understood: the same filter has another program for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Framing {
    /// The link type.
    pub link_type: LinkType,
    /// The order of the number at the beginning; little-endian where there is none.
    pub byte_order: ByteOrder,
}

impl Framing {
    /// The framing of packets of a link type in a capture of this byte order.
    #[inline]
    pub fn new(link_type: LinkType, byte_order: ByteOrder) -> Self {
        let byte_order = if link_type.is_in_host_order() { byte_order } else { ByteOrder::Little };
        Self { link_type, byte_order }
    }
}

/// In a little-endian capture.
impl From<LinkType> for Framing {
    fn from(link_type: LinkType) -> Self {
        Self::new(link_type, ByteOrder::Little)
    }
}

impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{} ({name})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}
