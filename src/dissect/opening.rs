//! How a conversation begins, and which protocol that is.

use std::net::IpAddr;

use super::{Dissector, Limits};
use crate::flow::{Side, Sides};

/// An application protocol.
pub struct Protocol {
    /// Its name, as Zeek's `service` has it.
    pub name: &'static str,
    /// It is spoken over TCP, in streams.
    pub tcp: bool,
    /// It is spoken over UDP, in datagrams.
    pub udp: bool,
    /// Ports where it is expected: a hint, by which it is asked earlier than others.
    pub ports: &'static [u16],
    /// Looks at how a conversation begins.
    pub looks: fn(&Opening) -> Verdict,
    /// Begins to dissect one.
    pub begin: fn(&Opening, Side, &Limits) -> Box<dyn Dissector>,
}

/// How a conversation begins: what both sides have said so far, from the first byte or from where it was picked up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Opening<'a> {
    /// What the originator said.
    pub originator: &'a [u8],
    /// What the responder said.
    pub responder: &'a [u8],
    /// Their ports.
    pub ports: (u16, u16),
    /// Their addresses, if they are known.
    pub addresses: Option<Sides<IpAddr>>,
    /// It is in datagrams: what stands here is the first of each side.
    pub datagrams: bool,
    /// The originator's first packet was seen, so that it is the one who asked.
    pub from_start: bool,
}

/// What a protocol thinks of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Not mine.
    No,
    /// More must be seen to say.
    Perhaps,
    /// Mine, and this side is the client.
    Yes(Side),
}

impl Opening<'_> {
    /// What a side said.
    pub fn of(&self, side: Side) -> &[u8] {
        match side {
            Side::Originator => self.originator,
            Side::Responder => self.responder,
        }
    }

    /// The port of a side.
    pub fn port(&self, side: Side) -> u16 {
        match side {
            Side::Originator => self.ports.0,
            Side::Responder => self.ports.1,
        }
    }

    /// The side that has one of these ports, if only one has: the server, probably.
    pub fn server_by_port(&self, ports: &[u16]) -> Option<Side> {
        match (ports.contains(&self.ports.0), ports.contains(&self.ports.1)) {
            (true, false) => Some(Side::Originator),
            (false, true) => Some(Side::Responder),
            _ => None,
        }
    }

    /// Asks of each side whether it is the client: `speaks(what it said, what the other said)`. The originator is asked first.
    pub fn client(&self, speaks: impl Fn(&[u8], &[u8]) -> Verdict) -> Verdict {
        self.client_by(|side| speaks(self.of(side), self.of(side.other())))
    }

    /// Asks of each side whether it is the client: `speaks(what it said, what the other said, whether only the other has one of
    /// these ports)`. The originator is asked first.
    pub fn client_at(&self, ports: &[u16], speaks: impl Fn(&[u8], &[u8], bool) -> Verdict) -> Verdict {
        let server = self.server_by_port(ports);
        self.client_by(|side| speaks(self.of(side), self.of(side.other()), server == Some(side.other())))
    }

    /// Asks of each side that can be the client, by who opens the connection and where the server is expected, whether it is:
    /// `speaks(what it said, what the other said, whether a server is expected)`.
    pub fn client_opening(&self, ports: &[u16], speaks: impl Fn(&[u8], &[u8], bool) -> Verdict) -> Verdict {
        let expected = self.server_by_port(ports);
        self.client_by(|side| match expected == Some(side) || self.from_start && side == Side::Responder {
            true => Verdict::No,
            false => speaks(self.of(side), self.of(side.other()), expected.is_some()),
        })
    }

    /// Asks of each side whether it is the client. The originator is asked first.
    pub fn client_by(&self, speaks: impl Fn(Side) -> Verdict) -> Verdict {
        let mut verdict = Verdict::No;
        for side in [Side::Originator, Side::Responder] {
            match speaks(side) {
                Verdict::Yes(_) => return Verdict::Yes(side),
                Verdict::Perhaps => verdict = Verdict::Perhaps,
                Verdict::No => {}
            }
        }
        verdict
    }
}

impl std::fmt::Debug for Protocol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Protocol").field("name", &self.name).finish_non_exhaustive()
    }
}
