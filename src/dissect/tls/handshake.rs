//! What a handshake has said so far, whatever carries it: TLS over TCP, DTLS, QUIC.

use sha2::{Digest, Sha256};

use super::certificate::{self, Certificate, chain};
use super::fingerprint::Carrier;
use super::hello::{ClientHello, ServerHello};
use super::names;
use crate::dissect::Weird;
use crate::dissect::buffer::Message;
use crate::dissect::held::Held;
use crate::dissect::record::{Events, objects};
use crate::dissect::scan::Scan;
use crate::flow::{Moment, Side};

/// The longest message that is read, in bytes: a longer one is stepped over.
pub(in crate::dissect) const MAX_MESSAGE: usize = 256 << 10;

/// Letters of the history, at most.
const MAX_HISTORY: usize = 64;

/// Alerts of a conversation that are told, at most.
const MAX_ALERTS: usize = 16;

/// Bytes of the hash that stands for a session.
const SESSION_BYTES: usize = 8;

/// The types of messages that are read: RFC 8446, B.3.
pub(in crate::dissect) mod message {
    pub(in crate::dissect) const CLIENT_HELLO: u8 = 1;
    pub(in crate::dissect) const SERVER_HELLO: u8 = 2;
    pub(super) const NEW_SESSION_TICKET: u8 = 4;
    pub(super) const HELLO_RETRY_REQUEST: u8 = 6;
    pub(super) const CERTIFICATE: u8 = 11;
    pub(super) const SERVER_KEY_EXCHANGE: u8 = 12;
    pub(in super::super) const NEXT_PROTOCOL: u8 = 67;
    pub(in super::super) const MESSAGE_HASH: u8 = 254;
}

objects! {
    /// An alert that was not encrypted.
    Alert {
        /// Who sent it: client or server.
        from: &'static str,
        /// How bad it is: warning, fatal, or a number.
        level: String,
        /// What is wrong, by IANA's name, or a number.
        description: String,
    }
}

/// What was said, as far as it was seen.
pub(in crate::dissect) struct Handshake {
    pub(in crate::dissect) carrier: Carrier,
    pub(in crate::dissect) client: Side,
    pub(in crate::dissect) client_hello: Option<ClientHello>,
    pub(in crate::dissect) server_hello: Option<ServerHello>,
    /// The server asked for another ClientHello.
    pub(in crate::dissect) retried: bool,
    pub(super) curve: Option<u16>,
    /// The client's certificates, and the server's.
    pub(super) chains: [Option<Vec<Certificate>>; 2],
    pub(super) alerts: Vec<Alert>,
    /// The ticket that the server gave, in clear: up to TLS 1.2.
    ticket: Vec<u8>,
    pub(super) history: String,
    /// What hellos and certificates take.
    held: usize,
    /// The packets of the first and the last message that counts.
    pub(in crate::dissect) first: Option<Moment>,
    pub(in crate::dissect) last: Moment,
}

impl Handshake {
    pub(in crate::dissect) fn new(carrier: Carrier, client: Side) -> Self {
        Self {
            carrier,
            client,
            client_hello: None,
            server_hello: None,
            retried: false,
            curve: None,
            chains: [None, None],
            alerts: Vec::new(),
            ticket: Vec::new(),
            history: String::new(),
            held: 0,
            first: None,
            last: Moment::default(),
        }
    }

    /// True if nothing of it was seen.
    pub(super) fn is_empty(&self) -> bool {
        self.client_hello.is_none()
            && self.server_hello.is_none()
            && self.alerts.is_empty()
            && self.chains.iter().all(Option::is_none)
    }

    /// True if TLS 1.3 was chosen, false if it was not, none if that is not known.
    pub(super) fn is_13(&self) -> Option<bool> {
        self.server_hello.as_ref().map(ServerHello::is_13)
    }

    /// True if an earlier session is taken up. `changed`: the server was seen to change to encryption, and nothing before
    /// that is missing.
    pub(in crate::dissect) fn is_resumed(&self, changed: bool) -> bool {
        let Some(server) = &self.server_hello else { return false };
        if server.is_13() {
            return server.resumes;
        }
        let [_, certificates] = &self.chains;
        let same = |client: &ClientHello| !server.session.is_empty() && client.session == server.session;
        // With a ticket, the server changes to encryption right behind its hello: RFC 5077, 3.1.
        let at_once = changed && certificates.is_none() && !self.history.contains(['n', 'k']);
        self.client_hello.as_ref().is_some_and(same) || at_once
    }

    /// A whole message that is not encrypted: its type, and its body.
    pub(in crate::dissect) fn message(&mut self, side: Side, kind: u8, body: &Message, out: &mut Events) {
        self.seen(body.first, body.last);
        let bytes = body.bytes;
        let understood = match kind {
            message::CLIENT_HELLO => self.client_hello(bytes),
            message::SERVER_HELLO => self.server_hello(bytes),
            message::HELLO_RETRY_REQUEST => {
                self.retried = true;
                Some(())
            }
            message::CERTIFICATE => self.certificate(side, body, out),
            message::NEW_SESSION_TICKET => self.ticket(bytes),
            message::SERVER_KEY_EXCHANGE => self.key_exchange(bytes),
            _ => Some(()),
        };
        self.held = self.client_hello.held() + self.server_hello.held() + self.chains.held();
        let retries = kind == message::SERVER_HELLO && self.retried && self.server_hello.is_none();
        self.letter(side, if retries { 'j' } else { letter_of(kind) });
        if understood.is_none() {
            let addl = Some(format!("type {kind}, {} bytes", bytes.len()));
            out.push(body.first, body.last, Weird { name: "handshake_message_invalid", addl, peer: self.peer() });
        }
    }

    /// A packet of these counts.
    pub(in crate::dissect) fn seen(&mut self, first: Moment, last: Moment) {
        self.first.get_or_insert(first);
        self.last = last;
    }

    /// An alert that is not encrypted.
    pub(super) fn alert(&mut self, side: Side, level: u8, description: u8) {
        self.letter(side, 'l');
        if self.alerts.len() < MAX_ALERTS {
            let level = match level {
                1 => "warning".to_owned(),
                2 => "fatal".to_owned(),
                _ => level.to_string(),
            };
            let description = names::alert(description).map_or_else(|| description.to_string(), str::to_owned);
            self.alerts.push(Alert { from: self.role(side), level, description });
        }
    }

    /// One letter of Zeek's history: a capital if it is the client's.
    pub(super) fn letter(&mut self, side: Side, letter: char) {
        if self.history.len() < MAX_HISTORY {
            self.history.push(if side == self.client { letter.to_ascii_uppercase() } else { letter });
        }
    }

    /// Who that is.
    pub(super) fn role(&self, side: Side) -> &'static str {
        if side == self.client { "client" } else { "server" }
    }

    /// The protocol, for what makes no sense.
    pub(super) fn peer(&self) -> &'static str {
        if self.carrier == Carrier::Quic { "quic" } else { "ssl" }
    }

    /// A server that speaks SSL 2, and its certificate.
    pub(super) fn old_server(&mut self, hello: ServerHello, bytes: Option<&[u8]>) {
        self.server_hello = Some(hello);
        let [_, chain] = &mut self.chains;
        *chain = bytes.map(|bytes| vec![certificate::read(bytes, "server")]);
    }

    /// The first counts: another one follows a retry, and offers the same.
    fn client_hello(&mut self, body: &[u8]) -> Option<()> {
        let hello = ClientHello::read(body, self.carrier == Carrier::Datagrams)?;
        self.client_hello.get_or_insert(hello);
        Some(())
    }

    fn server_hello(&mut self, body: &[u8]) -> Option<()> {
        let hello = ServerHello::read(body)?;
        if hello.is_retry {
            self.retried = true;
            return Some(());
        }
        if self.server_hello.is_none() {
            self.curve = hello.group.or(self.curve);
            self.server_hello = Some(hello);
        }
        Some(())
    }

    fn certificate(&mut self, side: Side, body: &Message, out: &mut Events) -> Option<()> {
        // In TLS 1.3 it is encrypted, and it has another form.
        let (told, more) = chain(body.bytes, self.role(side))?;
        if more > 0 {
            let addl = Some(format!("{more} certificates more"));
            out.push(body.first, body.last, Weird { name: "chain_too_long", addl, peer: self.peer() });
        }
        let of = usize::from(side != self.client);
        if let Some(chain) = self.chains.get_mut(of).filter(|chain| chain.is_none()) {
            *chain = Some(told);
        }
        Some(())
    }

    /// A ticket for another session: RFC 5077, 3.3.
    fn ticket(&mut self, body: &[u8]) -> Option<()> {
        let mut from = Scan::new(body);
        from.u32()?;
        self.ticket = from.vector(2)?.rest().to_vec();
        Some(())
    }

    /// What names this session or an earlier one, hashed, each once: session ids, tickets, identities of keys. Ids that are
    /// filled with one byte name nothing.
    pub(in crate::dissect) fn sessions(&self) -> Option<Vec<String>> {
        let client = self.client_hello.iter();
        let ids =
            client.clone().map(|hello| &hello.session).chain(self.server_hello.iter().map(|hello| &hello.session));
        let tickets = client.flat_map(|hello| &hello.tickets).chain([&self.ticket]);
        let names = ids.chain(tickets).filter(|name| name.iter().any(|byte| Some(byte) != name.first()));
        let mut hashed: Vec<String> = Vec::new();
        for name in names {
            let name = Sha256::digest(name).iter().take(SESSION_BYTES).map(|byte| format!("{byte:02x}")).collect();
            if !hashed.contains(&name) {
                hashed.push(name);
            }
        }
        (!hashed.is_empty()).then_some(hashed)
    }

    /// The named curve of an ephemeral key: RFC 8422, 5.4.
    fn key_exchange(&mut self, body: &[u8]) -> Option<()> {
        let mut from = Scan::new(body);
        let ephemeral = self.server_hello.as_ref().is_some_and(|hello| names::names_curve(hello.cipher));
        if ephemeral && from.u8() == Some(3) {
            self.curve = Some(from.u16()?);
        }
        Some(())
    }
}

impl Held for Handshake {
    fn held(&self) -> usize {
        self.held + self.alerts.held() + self.ticket.held() + self.history.held()
    }
}

/// The letter that Zeek's `ssl_history` has for a type of message.
fn letter_of(kind: u8) -> char {
    match kind {
        0 => 'h',
        1 => 'c',
        2 => 's',
        3 => 'v',
        4 => 't',
        5 => 'e',
        6 => 'j',
        8 => 'o',
        11 => 'x',
        12 => 'k',
        13 => 'r',
        14 => 'n',
        15 => 'y',
        16 => 'g',
        20 => 'f',
        21 => 'w',
        22 => 'u',
        23 => 'a',
        24 => 'p',
        254 => 'm',
        _ => 'z',
    }
}
