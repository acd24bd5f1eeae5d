//! RDP: who wants to connect, how it shall be protected, and what the client says of itself where that is not encrypted.
//! [MS-RDPBCGR] 2.2.1; RFC 1006 (TPKT); X.224, 13.3.
//!
//! Most connections go on with TLS, which is another protocol; with the old protection, [`gcc`] reads what both sides say
//! of themselves.

mod gcc;
#[cfg(test)]
mod tests;

use super::buffer::Buffer;
use super::held::Held;
use super::login::{Auth, Outcome};
use super::record::{Events, records};
use super::text::lossless;
use super::{Dissector, Limits, Next, Opening, Protocol, Verdict, Weird};
use crate::flow::{Moment, Side, Sides};
use gcc::{ClientData, ServerData};

/// How RDP is recognised: by a request to connect with a cookie, or by what is asked of the protection.
pub(super) const RDP: Protocol = Protocol { name: "rdp", tcp: true, udp: false, ports: &[3389], looks, begin };

/// Packets of one side that are looked at, at most.
const MAX_PACKETS: u32 = 8;

const REQUEST: u8 = 0xe0;
const CONFIRM: u8 = 0xd0;
const DATA: u8 = 0xf0;

records! {
    /// The beginning of a connection to a desktop.
    "rdp" Rdp {
        /// The user's name, as the cookie has it: cut off after nine characters by many clients.
        cookie: Option<String>,
        /// Where a balancer shall lead the connection, if that stands in place of the cookie.
        routing_token: Option<String>,
        /// What came of it: Success, the failure's name, or that it goes on encrypted.
        result: Option<String>,
        /// The protection that the server chose: RDP, SSL, HYBRID, RDSTLS, HYBRID_EX, RDSAAD.
        security_protocol: Option<String>,
        /// Those that the client offers; RDP goes without saying.
        requested_protocols: Option<Vec<String>>,
        /// The channels that the client wants.
        client_channels: Option<Vec<String>>,
        /// The number of the client's keyboard layout.
        keyboard_layout: Option<u32>,
        /// The client's build.
        client_build: Option<u32>,
        /// The name of the client's computer.
        client_name: Option<String>,
        /// The product's number of the client.
        client_dig_product_id: Option<String>,
        /// The width of the desktop.
        desktop_width: Option<u16> => in "px",
        /// The height of the desktop.
        desktop_height: Option<u16> => in "px",
        /// How many bits a pixel has.
        requested_color_depth: Option<u16> => in "bit",
        /// The method of encryption that the server chose, without TLS.
        encryption_method: Option<String>,
        /// What is encrypted.
        encryption_level: Option<String>,
    }
}

fn looks(opening: &Opening) -> Verdict {
    let server = opening.server_by_port(RDP.ports);
    let mut verdict = Verdict::No;
    for side in [Side::Originator, Side::Responder] {
        let said = opening.of(side);
        let expected = server.is_some();
        match first_packet(said) {
            First::Request(own) if own || expected => return Verdict::Yes(side),
            First::Confirm(own) if own || expected => return Verdict::Yes(side.other()),
            First::Short if !said.is_empty() => verdict = Verdict::Perhaps,
            _ => {}
        }
    }
    verdict
}

/// What a side begins with; true if it is of RDP, and not of another protocol that X.224 carries.
enum First {
    Request(bool),
    Confirm(bool),
    Short,
    Other,
}

fn first_packet(said: &[u8]) -> First {
    if !said.iter().zip([3, 0]).all(|(byte, want)| *byte == want) {
        return First::Other;
    }
    let Some(length) = tpkt_length(said) else { return First::Short };
    let Some(packet) = said.get(..length) else { return if length > 1024 { First::Other } else { First::Short } };
    match Connect::read(packet) {
        Some(connect) => {
            let own = connect.cookie.is_some() || connect.routing_token.is_some() || connect.negotiation.is_some();
            if connect.is_request { First::Request(own) } else { First::Confirm(own) }
        }
        None => First::Other,
    }
}

/// The length of a packet with its header, which stands in its first four bytes.
fn tpkt_length(bytes: &[u8]) -> Option<usize> {
    let ([3, 0, high, low], _) = bytes.split_first_chunk::<4>()? else { return None };
    Some(usize::from(*high) << 8 | usize::from(*low))
}

/// A request to connect, or its confirmation.
#[derive(Debug, Default, Clone)]
struct Connect {
    is_request: bool,
    cookie: Option<String>,
    routing_token: Option<String>,
    /// Its kind, and the protocols, or the code of the failure.
    negotiation: Option<(u8, u32)>,
}

impl Held for Connect {
    fn held(&self) -> usize {
        self.cookie.held() + self.routing_token.held()
    }
}

impl Connect {
    /// Reads a packet, with its headers.
    fn read(packet: &[u8]) -> Option<Self> {
        let ([length, kind, _, _, _, _, 0], rest) = packet.get(4..)?.split_first_chunk::<7>()? else { return None };
        if usize::from(*length) + 5 != packet.len() || !matches!(*kind, REQUEST | CONFIRM) {
            return None;
        }
        let mut connect = Self { is_request: *kind == REQUEST, ..Self::default() };
        let end = rest.windows(2).position(|two| two == b"\r\n");
        let rest = match end.and_then(|end| Some((rest.get(..end)?, rest.get(end + 2..)?))) {
            Some((line, behind)) if connect.is_request && connect.take_line(line) => behind,
            _ => rest,
        };
        match rest.split_first_chunk::<8>() {
            // A correlation of 36 bytes may follow.
            Some(([kind @ 1..=3, _, 8, 0, number @ ..], _)) => {
                connect.negotiation = Some((*kind, u32::from_le_bytes(*number)));
            }
            None if rest.is_empty() => {}
            _ => return None,
        }
        Some(connect)
    }

    fn take_line(&mut self, line: &[u8]) -> bool {
        if let Some(user) = line.strip_prefix(b"Cookie: mstshash=") {
            self.cookie = Some(lossless(user));
        } else if line.starts_with(b"Cookie: ") || line.starts_with(b"tsv://") {
            self.routing_token = Some(lossless(line.strip_prefix(b"Cookie: ").unwrap_or(line)));
        } else {
            return false;
        }
        true
    }
}

fn begin(_: &Opening, client: Side, _: &Limits) -> Box<dyn Dissector> {
    Box::new(Conversation {
        client,
        buffers: Sides::default(),
        packets: Sides::default(),
        request: None,
        confirm: None,
        client_data: None,
        server_data: None,
        span: None,
    })
}

/// A connection.
struct Conversation {
    client: Side,
    buffers: Sides<Buffer>,
    packets: Sides<u32>,
    request: Option<Connect>,
    confirm: Option<Connect>,
    client_data: Option<ClientData>,
    server_data: Option<ServerData>,
    /// The first and last packet that something was learnt from.
    span: Option<(Moment, Moment)>,
}

impl Held for Conversation {
    fn held(&self) -> usize {
        let connects = self.request.held() + self.confirm.held();
        self.buffers.held() + connects + self.client_data.held() + self.server_data.held()
    }
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        self.buffers.of_mut(side).push(bytes, at);
        loop {
            let buffer = self.buffers.of_mut(side);
            let Some(first) = buffer.bytes().first() else { break };
            // The first byte tells, so that TLS is handed over whole.
            if *first != 3 {
                return self.over(side, at, out);
            }
            if buffer.len() < 4 {
                break;
            }
            let Some(length) = tpkt_length(buffer.bytes()).filter(|length| *length >= 7) else {
                return self.over(side, at, out);
            };
            let Some(packet) = buffer.take(length) else { break };
            let (bytes, first, last) = (packet.bytes.to_vec(), packet.first, packet.last);
            let rest = buffer.len();
            if self.packet(side, &bytes) {
                let (from, _) = *self.span.get_or_insert((first, last));
                self.span = Some((from, last));
            }
            if self.goes_on_with_tls() {
                self.tell(out);
                return Next::Anew(rest);
            }
            let count = self.packets.of_mut(side);
            *count += 1;
            let is_complete = self.client_data.is_some() && self.server_data.is_some();
            if is_complete || *count >= MAX_PACKETS {
                self.tell(out);
                return Next::Over;
            }
        }
        Next::Same
    }

    fn gap(&mut self, _: Side, _: u64, _: Moment, out: &mut Events) -> Next {
        self.tell(out);
        Next::Over
    }

    fn end(&mut self, _: Moment, out: &mut Events) {
        self.tell(out);
    }
}

impl Conversation {
    /// One side's bytes are no packets (any more). Where the other side was not seen, that is how TLS begins.
    fn over(&mut self, side: Side, at: Moment, out: &mut Events) -> Next {
        let buffer = self.buffers.of(side);
        let (rest, is_tls) = (buffer.len(), buffer.bytes().starts_with(&[0x16]));
        if !is_tls {
            out.push(at, at, Weird { name: "rdp_packet_malformed", addl: None, peer: RDP.name });
        }
        self.tell(out);
        if is_tls { Next::Anew(rest) } else { Next::Over }
    }

    /// A packet; true if it tells something.
    fn packet(&mut self, side: Side, packet: &[u8]) -> bool {
        let is_client = side == self.client;
        if let Some(connect) = Connect::read(packet) {
            let place = if connect.is_request { &mut self.request } else { &mut self.confirm };
            let is_new = place.is_none() && connect.is_request == is_client;
            if is_new {
                *place = Some(connect);
            }
            return is_new;
        }
        let Some(([2, DATA, _], data)) = packet.get(4..).and_then(<[u8]>::split_first_chunk::<3>) else { return false };
        if is_client && self.client_data.is_none() {
            self.client_data = ClientData::read(data);
            self.client_data.is_some()
        } else if !is_client && self.server_data.is_none() {
            self.server_data = ServerData::read(data);
            self.server_data.is_some()
        } else {
            false
        }
    }

    fn chosen(&self) -> Option<(u8, u32)> {
        self.confirm.as_ref()?.negotiation
    }

    fn goes_on_with_tls(&self) -> bool {
        matches!(self.chosen(), Some((2, 1..)))
    }

    fn tell(&mut self, out: &mut Events) {
        let Some((first, last)) = self.span.take() else { return };
        let request = self.request.take();
        let (result, security_protocol) = match self.chosen() {
            Some((3, code)) => (Some(failure(code)), None),
            Some((_, 0)) | None => {
                let done = self.server_data.as_ref().map(|_| "Success".to_owned());
                (done, self.confirm.as_ref().map(|_| "RDP".to_owned()))
            }
            Some((_, chosen)) => (Some("encrypted".to_owned()), Some(protocols(chosen).join(","))),
        };
        let cookie = request.as_ref().and_then(|request| request.cookie.clone());
        if let Some(user) = cookie.clone() {
            let failed = matches!(self.chosen(), Some((3, _)));
            let auth = Auth {
                service: RDP.name,
                user: Some(user),
                secret_kind: Some("none"),
                mechanism: security_protocol.clone(),
                result: if failed { Outcome::Error } else { Outcome::Unknown },
                server_code: failed.then(|| result.clone()).flatten(),
                attempt: 1,
                ..Auth::default()
            };
            out.push(first, last, auth);
        }
        let asked = request.as_ref().and_then(|request| request.negotiation).map(|(_, asked)| protocols(asked));
        let client = self.client_data.take().unwrap_or_default();
        let server = self.server_data.take().unwrap_or_default();
        let rdp = Rdp {
            cookie,
            routing_token: request.and_then(|request| request.routing_token),
            result,
            security_protocol,
            requested_protocols: asked,
            client_channels: client.channels,
            keyboard_layout: client.keyboard_layout,
            client_build: client.build,
            client_name: client.name,
            client_dig_product_id: client.product_id,
            desktop_width: client.width,
            desktop_height: client.height,
            requested_color_depth: client.color_depth,
            encryption_method: server.method,
            encryption_level: server.level,
        };
        out.push(first, last, rdp);
    }
}

/// The names of protocols, each of which is a bit.
fn protocols(bits: u32) -> Vec<String> {
    let names = [(1, "SSL"), (2, "HYBRID"), (4, "RDSTLS"), (8, "HYBRID_EX"), (16, "RDSAAD")];
    let mut known: Vec<String> =
        names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| (*name).to_owned()).collect();
    if bits & !31 != 0 {
        known.push(format!("0x{:08x}", bits & !31));
    }
    known
}

/// [MS-RDPBCGR] 2.2.1.2.2.
fn failure(code: u32) -> String {
    let name = match code {
        1 => "SSL_REQUIRED_BY_SERVER",
        2 => "SSL_NOT_ALLOWED_BY_SERVER",
        3 => "SSL_CERT_NOT_ON_SERVER",
        4 => "INCONSISTENT_FLAGS",
        5 => "HYBRID_REQUIRED_BY_SERVER",
        6 => "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
        other => return format!("failure-{other}"),
    };
    name.to_owned()
}
