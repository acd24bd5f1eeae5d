//! A connection, up to the server's hello.

use super::crypto::Crypto;
use super::keys::{self, Keys};
use super::offered;
use super::packet::{Kind, Packet};
use super::record::Quic;
use super::versions::{self, Version};
use crate::dissect::buffer::Message;
use crate::dissect::held::Held;
use crate::dissect::record::Events;
use crate::dissect::text::hex;
use crate::dissect::tls::fingerprint::Carrier;
use crate::dissect::tls::handshake::{Handshake, message};
use crate::dissect::tls::names;
use crate::dissect::tls::stream::{HEADER, message_header};
use crate::dissect::{Dissector, Next, Weird};
use crate::flow::{Moment, Side, Sides};

/// Letters of the history, at most.
const MAX_HISTORY: usize = 100;

/// Versions of a negotiation that are told, at most.
const MAX_VERSIONS: usize = 64;

/// Packets that keys are tried on and that they do not open, at most.
const MAX_FAILURES: usize = 1_000;

/// A connection.
pub(super) struct Conversation {
    handshake: Handshake,
    crypto: Sides<Crypto>,
    /// The largest packet number of each side.
    largest: Sides<Option<u64>>,
    keys: Option<Known>,
    failures: usize,
    quic: Quic,
    history: String,
    told: bool,
}

/// Keys, and the version and the connection id that they are for.
struct Known {
    number: u32,
    version: Version,
    id: Vec<u8>,
    keys: Keys,
}

impl Held for Conversation {
    fn held(&self) -> usize {
        let keys = self.keys.as_ref().map_or(0, |known| known.id.held());
        self.handshake.held() + self.crypto.held() + keys + self.quic.held() + self.history.held()
    }
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        let mut rest = bytes;
        // Packets of several levels of encryption share a datagram: RFC 9000, 12.2.
        while let Some(packet) = Packet::read(rest) {
            self.packet(side, &packet, at, out);
            if self.handshake.server_hello.is_some() {
                self.tell(out);
                return Next::Over;
            }
            rest = packet.rest;
        }
        Next::Same
    }

    fn gap(&mut self, _: Side, _: u64, _: Moment, _: &mut Events) -> Next {
        Next::Same
    }

    fn end(&mut self, _: Moment, out: &mut Events) {
        self.tell(out);
    }
}

impl Conversation {
    pub(super) fn new(client: Side) -> Self {
        Self {
            handshake: Handshake::new(Carrier::Quic, client),
            crypto: Default::default(),
            largest: Sides::default(),
            keys: None,
            failures: 0,
            quic: Quic::default(),
            history: String::new(),
            told: false,
        }
    }

    fn packet(&mut self, side: Side, packet: &Packet, at: Moment, out: &mut Events) {
        let letter = match packet.kind {
            Kind::Initial => 'i',
            Kind::ZeroRtt => 'z',
            Kind::Handshake => 'h',
            Kind::Retry => 'r',
            Kind::Negotiation => 'v',
            Kind::Unknown => return,
        };
        self.letter(side, letter);
        self.handshake.seen(at, at);
        if side == self.handshake.client {
            if self.quic.client_initial_dcid.is_none() && packet.kind == Kind::Initial {
                self.quic.client_initial_dcid = Some(hex(packet.destination));
                self.quic.dcid_len = Some(packet.destination.len() as u64);
                self.quic.client_scid = Some(hex(packet.source));
                self.quic.scid_len = Some(packet.source.len() as u64);
            }
        } else if !matches!(packet.kind, Kind::Negotiation | Kind::Retry) {
            self.quic.server_scid = Some(hex(packet.source));
        }
        match packet.kind {
            Kind::Negotiation => {
                if let Some(versions) = offered(packet) {
                    self.quic.version_negotiation = Some(versions.take(MAX_VERSIONS).map(versions::name).collect());
                }
                return;
            }
            Kind::Retry => self.quic.retry = true,
            Kind::Initial => self.initial(side, packet, at, out),
            _ => {}
        }
        self.quic.version = Some(versions::name(packet.version));
    }

    fn initial(&mut self, side: Side, packet: &Packet, at: Moment, out: &mut Events) {
        let Some(frames) = self.open(side, packet) else { return };
        let google = self.keys.as_ref().is_some_and(|known| known.version.google);
        let said = self.crypto.of_mut(side).take(&frames, google, at);
        self.messages(side, out);
        if said.closes {
            self.letter(side, 'c');
        }
        if said.is_odd {
            out.push(at, at, Weird { name: "frame_invalid", addl: None, peer: "quic" });
        }
    }

    /// The frames of an Initial packet.
    fn open(&mut self, side: Side, packet: &Packet) -> Option<Vec<u8>> {
        if self.failures >= MAX_FAILURES || !packet.is_whole {
            return None;
        }
        self.change_version(packet.version);
        let largest = *self.largest.of(side);
        let is_client = side == self.handshake.client;
        let mut opened = self.keys.as_ref().and_then(|known| {
            let key = if is_client { &known.keys.client } else { &known.keys.server };
            key.open(packet, largest)
        });
        // The first one; or another one behind a Retry, a negotiation, or in a new connection.
        if opened.is_none()
            && is_client
            && let Some((version, keys, number, frames)) = keys::of_client(packet)
        {
            self.keys = Some(Known { number: packet.version, version, id: packet.destination.to_vec(), keys });
            self.largest = Sides::default();
            self.crypto = Default::default();
            opened = Some((number, frames));
        }
        let Some((number, frames)) = opened else {
            self.failures += 1;
            return None;
        };
        let largest = self.largest.of_mut(side);
        *largest = (*largest).max(Some(number));
        Some(frames)
    }

    /// A server may answer in another version, with keys for the same connection id: RFC 9369, 4.1.
    fn change_version(&mut self, number: u32) {
        if let Some(known) = &mut self.keys
            && known.number != number
            && let Some([version, _]) = versions::known(number)
            && let Some(keys) = Keys::new(version, &known.id)
        {
            *known = Known { number, version, keys, id: std::mem::take(&mut known.id) };
        }
    }

    /// The hello of a side, if it is whole.
    fn messages(&mut self, side: Side, out: &mut Events) {
        let crypto = self.crypto.of_mut(side);
        let mut letters = 0;
        while let Some((kind, length)) = message_header(crypto.messages.bytes()) {
            let Some(whole) = crypto.messages.take(HEADER + length) else { break };
            let bytes = whole.bytes.get(HEADER..).unwrap_or_default();
            // Nothing else is in Initial packets.
            if matches!(kind, message::CLIENT_HELLO | message::SERVER_HELLO) {
                self.handshake.message(side, kind, &Message { bytes, ..whole }, out);
                letters += 1;
            }
        }
        (0..letters).for_each(|_| self.letter(side, 's'));
    }

    fn letter(&mut self, side: Side, letter: char) {
        if self.history.len() < MAX_HISTORY {
            let is_client = side == self.handshake.client;
            self.history.push(if is_client { letter.to_ascii_uppercase() } else { letter });
        }
    }

    /// The record, once.
    fn tell(&mut self, out: &mut Events) {
        if self.told {
            return;
        }
        self.told = true;
        let offer = self.handshake.offer();
        let server = self.handshake.server_hello.as_ref();
        let quic = Quic {
            server_name: offer.server_name,
            client_protocol: offer.alpn.as_ref().and_then(|names| names.first().cloned()),
            client_alpn: offer.alpn,
            history: std::mem::take(&mut self.history),
            tls_version: server.map(|hello| names::version(hello.version)),
            cipher: server.map(|hello| names::cipher(hello.cipher)),
            curve: server.and_then(|hello| hello.group).map(names::group),
            resumed: self.handshake.is_resumed(false),
            sessions: self.handshake.sessions(),
            retried: self.handshake.retried,
            ja3: offer.ja3,
            ja3s: self.handshake.ja3s(),
            ja4: offer.ja4,
            ..std::mem::take(&mut self.quic)
        };
        out.push(self.handshake.first.unwrap_or(self.handshake.last), self.handshake.last, quic);
    }
}
