//! QUIC: who talks to which server, by which version, and what the hellos of TLS inside show.
//!
//! The first packets of a connection are protected with keys that follow from what stands in them, so that the hellos of
//! both sides can be read: RFC 9000 and 9001 (version 1), RFC 9369 (version 2), the drafts from the 21st on, and Google's
//! versions that speak TLS. The record is [`Quic`]; it is told when the server's hello was read, or the conversation ends.

mod conversation;
mod crypto;
mod keys;
mod packet;
mod record;
#[cfg(test)]
mod tests;
mod versions;

pub use record::Quic;

use super::{Dissector, Limits, Opening, Protocol, Verdict};
use crate::flow::Side;
use packet::{Kind, Packet};

/// How QUIC is recognised: by a long header of a version that is understood, and by its keys.
pub(super) const QUIC: Protocol = Protocol { name: "quic", tcp: false, udp: true, ports: &[443, 853], looks, begin };

fn looks(opening: &Opening) -> Verdict {
    let expected = opening.server_by_port(QUIC.ports);
    let mut verdict = Verdict::No;
    for side in [Side::Originator, Side::Responder] {
        let Some(packet) = Packet::read(opening.of(side)) else { continue };
        if packet.kind == Kind::Initial && keys::of_client(&packet).is_some() {
            return Verdict::Yes(side);
        }
        // What is no client's first packet is recognised by its version; version 1 is too small a number for that.
        let is_meant = match packet.kind {
            Kind::Negotiation => {
                offered(&packet).is_some_and(|mut versions| versions.any(|version| versions::known(version).is_some()))
            }
            Kind::Unknown => false,
            _ => packet.version != 1 || expected.is_some(),
        };
        if is_meant && verdict == Verdict::No {
            let client = match packet.kind {
                Kind::Retry | Kind::Negotiation => side.other(),
                _ => expected.map_or(Side::Originator, Side::other),
            };
            verdict = Verdict::Yes(client);
        }
    }
    verdict
}

/// The versions that a server offers; none if that is no list of versions.
fn offered<'a>(packet: &Packet<'a>) -> Option<impl Iterator<Item = u32> + use<'a>> {
    let body = packet.body();
    let versions =
        body.chunks_exact(4).filter_map(|version| version.first_chunk()).map(|four| u32::from_be_bytes(*four));
    (!body.is_empty() && body.len().is_multiple_of(4)).then_some(versions)
}

fn begin(_: &Opening, client: Side, _: &Limits) -> Box<dyn Dissector> {
    Box::new(conversation::Conversation::new(client))
}
