//! Packets inside packets. What a port promises is believed only if the bytes agree.

use super::{Kind, Next, Stop, Walker, either};
use crate::decode::{OtherKind, protocol};
use crate::redact::bytes::{byte, u16_at};

/// Transparent Ethernet bridging: a whole frame follows.
const ETHERNET: u16 = 0x6558;

/// Extension headers of GTP-U, at most.
const MAX_EXTENSIONS: usize = 8;

impl Walker<'_> {
    /// What a UDP datagram of `stated` bytes carries from `at` on, if it is a tunnel's.
    pub(super) fn udp_tunnel(&mut self, ports: (u16, u16), at: usize, stated: usize) -> Option<Next> {
        match ports {
            (_, 4789) => self.vxlan(at),
            (_, 6081) => self.geneve(at),
            (2152, _) | (_, 2152) => self.gtp_u(at),
            (3544, _) | (_, 3544) => self.teredo(at, stated.checked_sub(8)?),
            _ => None,
        }
    }

    fn vxlan(&mut self, at: usize) -> Option<Next> {
        let [0x08, 0, 0, 0, _, _, _, 0, ..] = self.rest(at) else { return None };
        self.header(Kind::Vxlan, at, 8).ok().map(Next::Ethernet)
    }

    fn geneve(&mut self, at: usize) -> Option<Next> {
        // The upper two bits are the version.
        let [first @ ..0x40, _, p0, p1, _, _, _, 0, ..] = *self.rest(at) else { return None };
        let next = match u16::from_be_bytes([p0, p1]) {
            ETHERNET => Next::Ethernet,
            0x0800 | 0x86dd => Next::Ip,
            _ => return None,
        };
        self.header(Kind::Geneve, at, 8 + usize::from(first) * 4).ok().map(next)
    }

    /// Version 1, protocol type GTP, message G-PDU.
    fn gtp_u(&mut self, at: usize) -> Option<Next> {
        let rest = self.rest(at);
        let [flags @ 0x30..0x40, 0xff, _, _, _, _, _, _, ..] = *rest else { return None };
        let mut length = 8;
        // Sequence, N-PDU number and the type of the next extension stand there if one of them is used.
        if flags & 7 != 0 {
            let mut next = if flags & 4 != 0 { byte(rest, 11)? } else { 0 };
            length = 12;
            for _ in 0..MAX_EXTENSIONS {
                if next == 0 {
                    break;
                }
                length += usize::from(byte(rest, length)?).checked_mul(4).filter(|length| *length > 0)?;
                next = byte(rest, length - 1)?;
            }
        }
        if !self.begins_with(at + length, 4) && !self.begins_with(at + length, 6) {
            return None;
        }
        self.header(Kind::GtpU, at, length).ok().map(Next::Ip)
    }

    /// An IPv6 packet of just the right length, perhaps behind an authentication or an origin indication.
    fn teredo(&mut self, at: usize, wire: usize) -> Option<Next> {
        let rest = self.rest(at);
        let mut length = 0;
        if let [0, 1, client, authentication, ..] = *rest {
            // Nonce and confirmation.
            length = 4 + usize::from(client) + usize::from(authentication) + 9;
        }
        if let [0, 0, ..] = rest.get(length..)? {
            length += 8;
        }
        let fits = usize::from(u16_at(rest, length + 4)?) + 40 + length == wire;
        if !fits || !self.begins_with(at + length, 6) {
            return None;
        }
        self.header(Kind::Teredo, at, length).ok().map(Next::Ip)
    }

    pub(super) fn gre(&mut self, at: usize) -> Next {
        let rest = self.rest(at);
        let [flags, version, p0, p1, ..] = *rest else { return Next::Stop(Stop::Cut) };
        let ether = u16::from_be_bytes([p0, p1]);
        let field = |bit: u8| if flags & bit != 0 { 4 } else { 0 };
        match version & 7 {
            // Checksum, key, sequence; packets with the old routing field are left alone.
            0 if flags & 0x40 == 0 => {
                let length = 4 + field(0x80) + field(0x20) + field(0x10);
                either(self.header(Kind::Gre, at, length).map(|end| match ether {
                    ETHERNET => Next::Ethernet(end),
                    0x0800 | 0x86dd | 0x8847 | 0x8848 => Next::Typed(ether, end),
                    other => Next::Stop(Stop::Other(OtherKind::EtherType(other))),
                }))
            }
            // Payload length and call, sequence, acknowledgement.
            1 if ether == 0x880b => {
                let acknowledgement = if version & 0x80 != 0 { 4 } else { 0 };
                let has_data = flags & 0x10 != 0;
                // The payload's length ends it, whatever pads the frame.
                let stated = u16_at(rest, 4).map_or(0, usize::from);
                let length = 8 + field(0x10) + acknowledgement;
                either(self.header(Kind::Gre, at, length).map(|end| {
                    self.limit = self.limit.min(end + stated);
                    if has_data { Next::Ppp(end) } else { Next::Stop(Stop::Whole) }
                }))
            }
            _ => Next::Stop(Stop::Protocol(protocol::GRE)),
        }
    }
}
