//! One conversation, from its first byte to its last: which protocol it is, and the records of that.

use super::opening::{Opening, Protocol, Verdict};
use super::record::Events;
use super::weird::Weird;
use super::{Dissector, Limits, Next, PROTOCOLS};
use crate::flow::{Moment, Side, Sides};

/// So many bytes of each side are looked at to recognise a protocol.
const OPENING: usize = 4 << 10;

/// So many datagrams of a conversation are looked at.
const DATAGRAMS: usize = 8;

/// How many protocols may follow each other in one conversation.
const CHANGES: usize = 8;

/// A conversation.
pub struct Session {
    ports: (u16, u16),
    datagrams: bool,
    from_start: bool,
    limits: Limits,
    state: State,
    /// The protocols that it was found to be, in order.
    services: Vec<&'static str>,
    /// The side that is the client of the first of them.
    client: Option<Side>,
}

enum State {
    /// Not recognised yet.
    Open(Box<Waiting>),
    /// Recognised.
    Known(Box<dyn Dissector>),
    /// Nobody knows it, or it is not understood any more.
    Over,
}

/// What was said before the protocol was recognised.
#[derive(Default)]
struct Waiting {
    /// What came, in order: whose, and how much of that side's bytes; none: a gap.
    order: Vec<(Side, Option<usize>, Moment)>,
    said: Sides<Vec<u8>>,
    /// Of a side, something is missing before that.
    lost: Sides<bool>,
    /// Protocols that said no.
    not: u64,
}

impl Session {
    /// A conversation between these ports; `from_start` if its first packet was seen.
    pub fn new(ports: (u16, u16), datagrams: bool, from_start: bool, limits: &Limits) -> Self {
        let state = State::Open(Box::default());
        Self { ports, datagrams, from_start, limits: limits.clone(), state, services: Vec::new(), client: None }
    }

    /// A conversation that is of this protocol, whatever it looks like, and the originator is the client; none if there is
    /// no such protocol.
    pub fn known(protocol: &str, ports: (u16, u16), from_start: bool, limits: &Limits) -> Option<Self> {
        let protocol = PROTOCOLS.iter().find(|known| known.name == protocol)?;
        let mut session = Self::new(ports, !protocol.tcp, from_start, limits);
        let opening = Opening { originator: &[], responder: &[], ports, datagrams: !protocol.tcp, from_start };
        session.state = State::Known((protocol.begin)(&opening, Side::Originator, limits));
        session.services.push(protocol.name);
        session.client = Some(Side::Originator);
        Some(session)
    }

    /// The protocols that were recognised, in order.
    pub fn services(&self) -> &[&'static str] {
        &self.services
    }

    /// The side that is the client, if that is known.
    pub fn client(&self) -> Option<Side> {
        self.client
    }

    /// True if nothing more will be told of it: bytes need not be handed in.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// Bytes of one side: of a stream, in order; or one datagram.
    pub fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) {
        match &mut self.state {
            State::Over => {}
            State::Known(dissector) => {
                let next = dissector.data(side, bytes, at, out);
                self.go_on(next, side, bytes, at, out);
            }
            State::Open(waiting) => {
                // One datagram of each side shows what it is, or the next one does.
                let room = OPENING.saturating_sub(waiting.said.of(side).len());
                // Who is still undecided waits for a message that begins later: in a connection that was picked up anywhere.
                if room == 0 && !self.datagrams {
                    waiting.forget(side);
                    self.from_start = false;
                }
                waiting.said.of_mut(side).extend_from_slice(bytes);
                waiting.order.push((side, Some(bytes.len()), at));
                self.recognise(out);
            }
        }
    }

    /// Bytes of one side are missing.
    pub fn gap(&mut self, side: Side, length: u64, at: Moment, out: &mut Events) {
        match &mut self.state {
            State::Over => {}
            State::Known(dissector) => {
                let next = dissector.gap(side, length, at, out);
                self.go_on(next, side, &[], at, out);
            }
            // What stands before the gap is no beginning of what follows.
            State::Open(waiting) => {
                waiting.forget(side);
                waiting.not = 0;
            }
        }
    }

    /// Nothing more will come.
    pub fn end(&mut self, at: Moment, out: &mut Events) {
        if let State::Known(dissector) = &mut self.state {
            dissector.end(at, out);
        }
        self.state = State::Over;
    }

    fn give_up(&mut self) {
        self.state = State::Over;
    }

    /// What becomes of the conversation behind bytes that were dissected.
    fn go_on(&mut self, next: Next, side: Side, bytes: &[u8], at: Moment, out: &mut Events) {
        match next {
            Next::Same => {}
            Next::Over => self.give_up(),
            Next::Anew(_) if self.services.len() >= CHANGES => {
                out.push(at, at, Weird { name: "too_many_changes_of_protocol", addl: None, peer: "tcp" });
                self.give_up();
            }
            Next::Anew(rest) => {
                self.state = State::Open(Box::default());
                let rest = bytes.len().saturating_sub(rest);
                if let Some(rest) = bytes.get(rest..).filter(|rest| !rest.is_empty()) {
                    self.data(side, rest, at, out);
                }
            }
        }
    }

    /// Asks the protocols.
    fn recognise(&mut self, out: &mut Events) {
        let State::Open(waiting) = &mut self.state else { return };
        let opening = waiting.opening(self.ports, self.datagrams, self.from_start && self.services.is_empty());
        let (mut undecided, mut found, mut not) = (false, None, waiting.not);
        for (number, protocol) in by_port(self.ports) {
            let spoken = if self.datagrams { protocol.udp } else { protocol.tcp };
            if !spoken || not & (1 << number) != 0 {
                continue;
            }
            match (protocol.looks)(&opening) {
                Verdict::No => not |= 1 << number,
                Verdict::Perhaps => undecided = true,
                Verdict::Yes(client) => {
                    found = Some((protocol, client));
                    break;
                }
            }
        }
        waiting.not = not;
        match found {
            Some((protocol, client)) => self.begin(protocol, client, out),
            // A later datagram may be what the first was not.
            None if self.datagrams && waiting.order.len() < DATAGRAMS => {
                let order = waiting.order.iter().map(|(side, _, at)| (*side, None, *at)).collect();
                **waiting = Waiting { order, ..Waiting::default() };
            }
            None if !undecided => self.give_up(),
            None => {}
        }
    }

    /// Begins to dissect, with everything that waits.
    fn begin(&mut self, protocol: &'static Protocol, client: Side, out: &mut Events) {
        let State::Open(waiting) = std::mem::replace(&mut self.state, State::Over) else { return };
        let opening = waiting.opening(self.ports, self.datagrams, self.from_start && self.services.is_empty());
        let mut dissector = (protocol.begin)(&opening, client, &self.limits);
        for side in [Side::Originator, Side::Responder].into_iter().filter(|side| *waiting.lost.of(*side)) {
            dissector.begins_behind_gap(side);
        }
        self.state = State::Known(dissector);
        self.services.push(protocol.name);
        self.client.get_or_insert(client);
        let mut from: Sides<usize> = Sides::default();
        for (side, length, at) in &waiting.order {
            let Some(length) = length else { continue };
            let start = *from.of(*side);
            *from.of_mut(*side) += length;
            let said = waiting.said.of(*side).get(start..start + length).unwrap_or_default();
            self.data(*side, said, *at, out);
        }
    }
}

impl Waiting {
    /// Forgets what a side said.
    fn forget(&mut self, side: Side) {
        *self.lost.of_mut(side) = true;
        self.said.of_mut(side).clear();
        self.order.retain(|(other, ..)| *other != side);
    }

    fn opening(&self, ports: (u16, u16), datagrams: bool, from_start: bool) -> Opening<'_> {
        let Sides { originator, responder } = &self.said;
        Opening { originator, responder, ports, datagrams, from_start }
    }
}

/// All protocols with their numbers: first those that are expected at one of the ports.
fn by_port(ports: (u16, u16)) -> impl Iterator<Item = (usize, &'static Protocol)> {
    let expected = move |protocol: &Protocol| protocol.ports.contains(&ports.0) || protocol.ports.contains(&ports.1);
    let all = || PROTOCOLS.iter().copied().enumerate();
    let first = all().filter(move |(_, protocol)| expected(protocol));
    first.chain(all().filter(move |(_, protocol)| !expected(protocol)))
}
