//! Link layers, tags and labels, down to the network layer.

use super::{Kind, Next, Stop, Walker, either};
use crate::decode::OtherKind;
use crate::packet::LinkType;
use crate::redact::bytes::{array, byte, u16_at};

/// Smaller ether types are lengths (IEEE 802.3).
const SMALLEST_ETHER_TYPE: u16 = 0x0600;

/// Bits of the second byte of a frame of IEEE 802.11.
mod wifi {
    pub(super) const TO_AND_FROM_DS: u8 = 3;
    pub(super) const PROTECTED: u8 = 0x40;
    pub(super) const ORDER: u8 = 0x80;
}

impl Walker<'_> {
    /// The link layer of a packet.
    pub(super) fn link(&mut self, link_type: LinkType) -> Next {
        match link_type.0 {
            1 => Next::Ethernet(0),
            0 | 108 => self.loopback(),
            10 => either(self.header(Kind::Fddi, 0, 13).map(Next::Llc)),
            9 | 50 => Next::Ppp(0),
            12 | 14 | 101 | 228 | 229 => Next::Ip(0),
            104 => either(self.before_type(Kind::CiscoHdlc, 4, 2)),
            105 => self.wifi(0, false),
            113 => self.cooked(Kind::Cooked, 16, 14),
            127 => self.radiotap(),
            226 => self.ipnet(),
            276 => self.cooked(Kind::Cooked2, 20, 0),
            _ => Next::Stop(Stop::LinkType(link_type)),
        }
    }

    /// A header of `length` bytes that says at `place` by an ether type what follows.
    fn before_type(&mut self, kind: Kind, length: usize, place: usize) -> Result<Next, Next> {
        let end = self.header(kind, 0, length)?;
        let ether = u16_at(self.bytes, place).ok_or(Next::Stop(Stop::Cut))?;
        Ok(Next::Typed(ether, end))
    }

    pub(super) fn ethernet(&mut self, at: usize) -> Next {
        let ether = u16_at(self.rest(at), 12).unwrap_or_default();
        either(self.header(Kind::Ethernet, at, 14).map(|end| Next::Typed(ether, end)))
    }

    /// What follows an ether type.
    pub(super) fn typed(&mut self, ether: u16, at: usize) -> Next {
        match ether {
            0x0800 | 0x86dd => Next::Ip(at),
            0x0806 | 0x8035 => self.arp(at),
            0x8100 | 0x88a8 | 0x9100 => {
                let inner = u16_at(self.rest(at), 2).unwrap_or_default();
                either(self.header(Kind::Vlan, at, 4).map(|end| Next::Typed(inner, end)))
            }
            0x8847 | 0x8848 => Next::Mpls(at),
            0x8864 => either(self.header(Kind::Pppoe, at, 6).map(Next::Ppp)),
            length if length < SMALLEST_ETHER_TYPE => Next::Llc(at),
            other => Next::Stop(Stop::Other(OtherKind::EtherType(other))),
        }
    }

    /// IEEE 802.2; with SNAP, an ether type follows.
    pub(super) fn llc(&mut self, at: usize) -> Next {
        match *self.rest(at) {
            [0xaa, 0xaa, 3, 0, 0, 0, t0, t1, ..] => {
                let ether = u16::from_be_bytes([t0, t1]);
                either(self.header(Kind::Llc, at, 8).map(|end| match ether < SMALLEST_ETHER_TYPE {
                    true => Next::Stop(Stop::Other(OtherKind::Llc(0xaa))),
                    false => Next::Typed(ether, end),
                }))
            }
            [sap, _, _, ..] => {
                either(self.header(Kind::Llc, at, 3).map(|_| Next::Stop(Stop::Other(OtherKind::Llc(sap)))))
            }
            _ => Next::Stop(Stop::Cut),
        }
    }

    /// One label; at the bottom of the stack what follows is told by its first bits alone.
    pub(super) fn mpls(&mut self, at: usize) -> Next {
        let end = match self.header(Kind::Mpls, at, 4) {
            Ok(end) => end,
            Err(next) => return next,
        };
        let is_bottom = byte(self.bytes, at + 2).is_some_and(|flags| flags & 1 == 1);
        if !is_bottom {
            return Next::Mpls(end);
        }
        match self.rest(end).first().map(|first| first >> 4) {
            Some(4 | 6) => Next::Ip(end),
            // Sixteen zeros, then a sequence number (RFC 4448, 4.6). Others might be anything, and addresses stand in anything.
            Some(0) if self.rest(end).starts_with(&[0, 0]) => {
                either(self.header(Kind::ControlWord, end, 4).map(Next::Ethernet))
            }
            Some(_) => Next::Stop(Stop::Other(OtherKind::EtherType(0x8847))),
            None => Next::Stop(Stop::Cut),
        }
    }

    pub(super) fn ppp(&mut self, at: usize) -> Next {
        let rest = self.rest(at);
        // HDLC-like framing: address 0xff, control 3 (RFC 1662).
        let framing = if rest.starts_with(&[0xff, 0x03]) { 2 } else { 0 };
        let (protocol, length) = match rest.get(framing..) {
            Some([short, ..]) if short & 1 == 1 => (u16::from(*short), framing + 1),
            Some([high, low, ..]) => (u16::from_be_bytes([*high, *low]), framing + 2),
            _ => return Next::Stop(Stop::Cut),
        };
        either(self.header(Kind::Ppp, at, length).map(|end| match protocol {
            0x0021 | 0x0057 => Next::Ip(end),
            0x0281 => Next::Mpls(end),
            other => Next::Stop(Stop::Other(OtherKind::Ppp(other))),
        }))
    }

    fn loopback(&mut self) -> Next {
        let Some(family) = array::<4>(self.bytes, 0) else { return Next::Stop(Stop::Cut) };
        let big = u32::from_be_bytes(family);
        let family = if big > 0xffff { big.swap_bytes() } else { big };
        either(self.header(Kind::Loopback, 0, 4).map(|end| match family {
            2 | 10 | 24 | 28 | 30 => Next::Ip(end),
            other => Next::Stop(Stop::Other(OtherKind::Family(other))),
        }))
    }

    /// A cooked header of Linux, whose ether type stands at `place`: its own numbers are below the ether types.
    fn cooked(&mut self, kind: Kind, length: usize, place: usize) -> Next {
        match self.before_type(kind, length, place) {
            Ok(Next::Typed(4, end)) => Next::Llc(end),
            Ok(Next::Typed(small, _)) if small < SMALLEST_ETHER_TYPE => {
                Next::Stop(Stop::Other(OtherKind::EtherType(small)))
            }
            next => either(next),
        }
    }

    fn ipnet(&mut self) -> Next {
        let family = byte(self.bytes, 1).unwrap_or_default();
        either(self.header(Kind::Ipnet, 0, 24).map(|end| match family {
            2 | 26 => Next::Ip(end),
            family => Next::Stop(Stop::Other(OtherKind::Family(family.into()))),
        }))
    }

    fn radiotap(&mut self) -> Next {
        let [0, _, l0, l1, ..] = *self.bytes else { return Next::Stop(Stop::Cut) };
        let length = usize::from(u16::from_le_bytes([l0, l1]));
        if length < RADIOTAP_LEAST {
            return Next::Stop(Stop::Broken);
        }
        let padded = pads_data(self.bytes.get(..length).unwrap_or_default()).unwrap_or(false);
        match self.header(Kind::Radiotap, 0, length) {
            Ok(end) => self.wifi(end, padded),
            Err(next) => next,
        }
    }

    /// A frame of IEEE 802.11-2020, 9.2.
    fn wifi(&mut self, at: usize, padded: bool) -> Next {
        let [control, flags, ..] = *self.rest(at) else { return Next::Stop(Stop::Cut) };
        let ordered = if flags & wifi::ORDER != 0 { 4 } else { 0 };
        match (control >> 2 & 3, control >> 4) {
            (0, _) => self.wifi_without_data(at, 24 + ordered, OtherKind::WifiManagement),
            // Clear to send and acknowledgement, and a frame around another one, have one address.
            (1, 7 | 12 | 13) => self.wifi_without_data(at, 10, OtherKind::WifiControl),
            (1, _) => self.wifi_without_data(at, 16, OtherKind::WifiControl),
            (2, subtype) => either(self.wifi_data(at, (subtype, flags), padded)),
            // Of a beacon of 802.11ad, type and duration.
            _ => self.wifi_without_data(at, 4, OtherKind::WifiManagement),
        }
    }

    fn wifi_without_data(&mut self, at: usize, length: usize, kind: OtherKind) -> Next {
        either(self.header(Kind::Wifi, at, length).map(|_| Next::Stop(Stop::Other(kind))))
    }

    fn wifi_data(&mut self, at: usize, (subtype, flags): (u8, u8), padded: bool) -> Result<Next, Next> {
        let addresses = if flags & wifi::TO_AND_FROM_DS == wifi::TO_AND_FROM_DS { 30 } else { 24 };
        let mut length = addresses;
        let mut aggregated = false;
        if subtype & 8 != 0 {
            aggregated = self.rest(at).get(length).is_some_and(|qos| qos & 0x80 != 0);
            length += if flags & wifi::ORDER != 0 { 6 } else { 2 };
        }
        if padded {
            length = length.next_multiple_of(4);
        }
        let other = |kind| Ok(Next::Stop(Stop::Other(kind)));
        // A frame without data may end behind its addresses.
        let no_data = subtype & 4 != 0;
        let shown = if no_data { length.min(self.limit.saturating_sub(at)).max(addresses) } else { length };
        let end = self.header(Kind::Wifi, at, shown)?;
        match (no_data, flags & wifi::PROTECTED != 0) {
            (true, _) => other(OtherKind::WifiNull),
            (_, true) => other(OtherKind::WifiEncrypted),
            _ if aggregated => self.header(Kind::WifiAggregate, end, 14).map(Next::Llc),
            _ => Ok(Next::Llc(end)),
        }
    }
}

/// A radiotap header without fields.
const RADIOTAP_LEAST: usize = 8;

/// True if a radiotap header says that the frame's header is padded: bit 0x20 of the field Flags, which follows TSFT.
fn pads_data(header: &[u8]) -> Option<bool> {
    let (present, at) = radiotap_fields(header)?;
    let at = if present & TSFT != 0 { tsft_at(at) + 8 } else { at };
    let has_flags = present & 2 != 0;
    Some(has_flags && byte(header, at)? & 0x20 != 0)
}

/// Where the time stands in a radiotap header, if it has one: the first field, TSFT.
pub(in crate::redact) fn radiotap_time(header: &[u8]) -> Option<usize> {
    let (present, at) = radiotap_fields(header)?;
    (present & TSFT != 0).then(|| tsft_at(at))
}

/// The bit of TSFT, a count of microseconds.
const TSFT: u32 = 1;

/// It is aligned to its 8 bytes.
fn tsft_at(fields: usize) -> usize {
    fields.next_multiple_of(8)
}

/// The first bit map of a radiotap header, and where its fields begin.
fn radiotap_fields(header: &[u8]) -> Option<(u32, usize)> {
    /// Words of bit maps, at most.
    const MAX_PRESENT: usize = 32;
    let word = |at: usize| array(header, at).map(u32::from_le_bytes);
    let first = word(4)?;
    let (mut present, mut at) = (first, 8);
    for _ in 0..MAX_PRESENT {
        if present & 1 << 31 == 0 {
            break;
        }
        present = word(at)?;
        at += 4;
    }
    Some((first, at))
}
