//! A packet as profiles see it: decoded once for all of them.

use crate::decode::{self, Ip, Layers, Transport};
use crate::packet::Packet;

/// A packet, with its layers.
pub(super) struct Seen<'a> {
    pub(super) packet: &'a Packet<'a>,
    /// When it was seen, in nanoseconds since 1970; none if it has no time, or one beyond 64 bits.
    pub(super) time: Option<i64>,
    /// Its outermost headers, which make its flow.
    pub(super) layers: Layers<'a>,
    /// Its layers inside all tunnels.
    pub(super) innermost: Layers<'a>,
}

impl<'a> Seen<'a> {
    pub(super) fn of(packet: &'a Packet<'a>) -> Self {
        let (link_type, bytes, wire) = (packet.interface.link_type, packet.bytes, packet.original_length);
        let time = packet.time().and_then(|time| i64::try_from(time.0).ok());
        let layers = decode::layers(link_type, bytes, wire);
        Self { packet, time, layers, innermost: decode::innermost(link_type, bytes, wire) }
    }

    /// The outermost transport header.
    pub(super) fn transport(&self) -> Option<Transport<'_>> {
        self.layers.ip().and_then(|ip| ip.transport().ok())
    }

    /// True if the lower end of its flow sent it.
    pub(super) fn is_from_low(&self) -> bool {
        self.layers.ip().is_none_or(|ip| {
            let (from, to) = ip.ports().unwrap_or_default();
            (ip.source, from) <= (ip.destination, to)
        })
    }

    /// Its innermost IP header, and how many bytes of payload the transport header there is followed by.
    pub(super) fn inside(&self) -> Option<(&Ip<'_>, u32)> {
        let ip = self.innermost.ip()?;
        let length = ip.transport().map_or(ip.payload_length, |transport| transport.payload_length);
        Some((ip, length))
    }
}
