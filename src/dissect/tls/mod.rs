//! TLS, DTLS and SSL: who talks to which server, by which version, cipher and certificates, and what the hellos show of
//! the programs that made them.
//!
//! Only what is in clear is read: hellos, and up to TLS 1.2 certificates, the curve of the key exchange, and alerts.
//! RFC 8446 (TLS 1.3), 5246 (1.2), 6101 (SSL 3 and the hello of SSL 2), 6347 (DTLS). The record is [`Ssl`]; it is told when
//! the handshake comes to its end, or the conversation does. What a hello is, QUIC reads here too.

mod certificate;
mod ciphers;
mod dtls;
pub(super) mod fingerprint;
pub(super) mod handshake;
pub(super) mod hello;
mod looks;
pub(super) mod names;
mod record;
mod records;
pub(super) mod stream;
#[cfg(test)]
mod tests;

pub use record::Ssl;

use super::{Dissector, Limits, Opening, Protocol};
use crate::flow::Side;

/// How TLS is recognised: by records that hold a hello; and where it is expected, by any record.
pub(super) const TLS: Protocol =
    Protocol { name: "ssl", tcp: true, udp: true, ports: PORTS, looks: looks::looks, begin };

/// Where TLS is spoken from the first byte on: IANA's list of ports, and 8443.
const PORTS: &[u16] =
    &[443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 3269, 5061, 5349, 5671, 6697, 8443, 8883];

fn begin(opening: &Opening, client: Side, _: &Limits) -> Box<dyn Dissector> {
    match opening.datagrams {
        true => Box::new(dtls::Datagrams::new(client)),
        false => Box::new(stream::Stream::new(client)),
    }
}
