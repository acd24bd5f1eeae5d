//! One conversation, from its first byte to its last: which protocol it is, and the records of that.

use std::net::IpAddr;

use super::held::Held;
use super::opening::{Opening, Protocol, Verdict};
use super::record::Events;
use super::weird::{Weird, Weirds};
use super::{Behind, Dissector, Limits, Next, PROTOCOLS};
use crate::flow::{Moment, Side, Sides};

/// So many bytes of each side are looked at to recognise a protocol.
const OPENING: usize = 4 << 10;

/// So many datagrams of a conversation are looked at.
const DATAGRAMS: usize = 8;

/// Where this share of what a stream said is new, protocols are asked again: segments of a byte would cost its square.
const NEWS: usize = 32;

/// How many protocols may follow each other in one conversation.
const CHANGES: usize = 8;

/// A conversation.
pub struct Session {
    ports: (u16, u16),
    /// Who speaks there; none if that is behind a proxy.
    addresses: Option<Sides<IpAddr>>,
    datagrams: bool,
    from_start: bool,
    limits: Limits,
    state: State,
    /// The protocols that it was found to be, in order.
    services: Vec<&'static str>,
    /// The side that is the client of the first of them.
    client: Option<Side>,
    weirds: Weirds,
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
    /// What came, in order: whose, and how much of that side's bytes; none: a gap, and all that is behind it.
    order: Vec<(Side, Option<usize>, Moment)>,
    said: Sides<Vec<u8>>,
    /// What it is, whatever it looks like.
    named: Option<&'static Protocol>,
    /// Datagrams before it that nobody knew.
    unknown: usize,
    /// So many bytes came since protocols were asked.
    news: usize,
    /// Protocols that said no.
    not: u64,
}

impl Session {
    /// A conversation between these ports; `from_start` if its first packet was seen.
    pub fn new(ports: (u16, u16), datagrams: bool, from_start: bool, limits: &Limits) -> Self {
        let state = State::Open(Box::default());
        let (addresses, services, limits) = (None, Vec::new(), limits.clone());
        let (client, weirds) = (None, Weirds::default());
        Self { ports, addresses, datagrams, from_start, limits, state, services, client, weirds }
    }

    /// The same, between these addresses.
    #[must_use]
    pub fn between(self, originator: IpAddr, responder: IpAddr) -> Self {
        Self { addresses: Some(Sides { originator, responder }), ..self }
    }

    /// A conversation that is of this protocol, whatever it looks like, and the originator is the client; none if there is
    /// no such protocol, or it is not spoken in that way.
    pub fn known(
        protocol: &str,
        ports: (u16, u16),
        datagrams: bool,
        from_start: bool,
        limits: &Limits,
    ) -> Option<Self> {
        let spoken = |known: &Protocol| if datagrams { known.udp } else { known.tcp };
        let protocol = PROTOCOLS.iter().find(|known| known.name == protocol && spoken(known))?;
        let mut session = Self::new(ports, datagrams, from_start, limits);
        session.state = State::Open(Box::new(Waiting { named: Some(protocol), ..Waiting::default() }));
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

    /// Bytes of one side: of a stream, in order; or one datagram.
    pub fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) {
        match &mut self.state {
            State::Over => {}
            State::Known(_) => {
                let next = self.dissect(out, |dissector, out| dissector.data(side, bytes, at, out));
                self.go_on(next, side, bytes, at, out);
            }
            State::Open(waiting) => {
                let room = OPENING.saturating_sub(waiting.said.of(side).len());
                // Who is still undecided waits for a message that begins later: in a connection that was picked up anywhere.
                if room == 0 && !self.datagrams {
                    waiting.forget(side, at);
                    self.from_start = false;
                }
                waiting.push(side, bytes, at);
                let Sides { originator, responder } = &waiting.said;
                if self.datagrams || waiting.news.saturating_mul(NEWS) >= originator.len() + responder.len() {
                    self.recognise(out);
                }
            }
        }
    }

    /// Bytes of one side are missing.
    pub fn gap(&mut self, side: Side, length: u64, at: Moment, out: &mut Events) {
        self.recognise(out);
        match &mut self.state {
            State::Over => {}
            State::Known(_) => {
                let (addl, peer) = (Some(format!("{length} bytes")), self.peer());
                let next = self.dissect(out, |dissector, out| {
                    out.push(at, at, Weird { name: "content_gap", addl, peer });
                    dissector.gap(side, length, at, out)
                });
                self.go_on(next, side, &[], at, out);
                if matches!(next, Next::Anew(_)) {
                    self.gap_behind(side, length, at, out);
                }
            }
            // What stands before the gap is no beginning of what follows.
            State::Open(waiting) => {
                waiting.forget(side, at);
                waiting.not = 0;
                self.from_start = false;
            }
        }
    }

    /// The gap that ended one protocol stands before what follows of that side.
    fn gap_behind(&mut self, side: Side, length: u64, at: Moment, out: &mut Events) {
        match &mut self.state {
            State::Open(waiting) => waiting.forget(side, at),
            State::Known(_) => self.gap(side, length, at, out),
            State::Over => {}
        }
    }

    /// Nothing more will come.
    pub fn end(&mut self, at: Moment, out: &mut Events) {
        self.recognise(out);
        self.dissect(out, |dissector, out| {
            dissector.end(at, out);
            Next::Over
        });
        self.state = State::Over;
    }

    /// Lets the dissector do something, if there is one, and bounds what it finds weird.
    fn dissect(&mut self, out: &mut Events, ask: impl FnOnce(&mut dyn Dissector, &mut Events) -> Next) -> Next {
        let (before, peer) = (out.len(), self.peer());
        let State::Known(dissector) = &mut self.state else { return Next::Same };
        let next = ask(&mut **dissector, out);
        self.weirds.bound(before, peer, out);
        next
    }

    /// What it is, as records say it.
    fn peer(&self) -> &'static str {
        self.services.last().copied().unwrap_or(if self.datagrams { "udp" } else { "tcp" })
    }

    /// There is no memory for what it keeps: what waits is told as it is, and nothing of what follows.
    pub fn abandon(&mut self, at: Moment, out: &mut Events) {
        if !matches!(self.state, State::Over) {
            self.end(at, out);
            out.push(at, at, Weird { name: "no_memory_for_conversation", addl: None, peer: self.peer() });
        }
    }

    /// An opening without what was said.
    fn place(&self) -> Opening<'static> {
        let from_start = self.from_start && self.services.is_empty();
        let Self { ports, addresses, datagrams, .. } = *self;
        Opening { ports, addresses, datagrams, from_start, ..Opening::default() }
    }

    /// What becomes of the conversation behind bytes that were dissected.
    fn go_on(&mut self, next: Next, side: Side, bytes: &[u8], at: Moment, out: &mut Events) {
        match next {
            Next::Same => {}
            Next::Over => self.state = State::Over,
            Next::Anew(_) if self.services.len() >= CHANGES => {
                out.push(at, at, Weird { name: "too_many_changes_of_protocol", addl: None, peer: "tcp" });
                self.state = State::Over;
            }
            Next::Anew(rest) => {
                let last = std::mem::replace(&mut self.state, State::Open(Box::default()));
                let behind = if let State::Known(mut last) = last { last.behind() } else { Behind::default() };
                if let Some(port) = behind.port {
                    // Who is there is not known.
                    self.addresses = None;
                    self.ports = match self.client {
                        Some(Side::Responder) => (port, self.ports.1),
                        _ => (self.ports.0, port),
                    };
                }
                for (side, at, said) in behind.early {
                    self.data(side, &said, at, out);
                }
                let rest = bytes.len().saturating_sub(rest);
                if let Some(rest) = bytes.get(rest..).filter(|rest| !rest.is_empty()) {
                    self.data(side, rest, at, out);
                }
            }
        }
    }

    /// Asks the protocols, if something came since they were asked.
    fn recognise(&mut self, out: &mut Events) {
        let place = self.place();
        let State::Open(waiting) = &mut self.state else { return };
        if std::mem::take(&mut waiting.news) == 0 {
            return;
        }
        let opening = waiting.opening(place);
        if let Some(protocol) = waiting.named {
            let waiting = std::mem::take(&mut **waiting);
            return self.begin(protocol, Side::Originator, waiting, out);
        }
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
            Some((protocol, client)) => {
                let waiting = std::mem::take(&mut **waiting);
                self.begin(protocol, client, waiting, out);
            }
            // A later datagram may be what the first was not.
            None if self.datagrams && waiting.unknown + 1 < DATAGRAMS => {
                **waiting = Waiting { unknown: waiting.unknown + 1, ..Waiting::default() };
            }
            None if !undecided => self.state = State::Over,
            None => {}
        }
    }

    /// Begins to dissect, with everything that waits.
    fn begin(&mut self, protocol: &'static Protocol, client: Side, waiting: Waiting, out: &mut Events) {
        let opening = waiting.opening(self.place());
        let mut dissector = (protocol.begin)(&opening, client, &self.limits);
        // Replies may be missing to whatever waits; commands, where they would have stood.
        if waiting.order.iter().any(|(side, length, _)| *side != client && length.is_none()) {
            dissector.begins_behind_gap(client.other());
        }
        self.state = State::Known(dissector);
        self.services.push(protocol.name);
        self.client.get_or_insert(client);
        let mut from: Sides<usize> = Sides::default();
        for (side, length, at) in &waiting.order {
            let Some(length) = length else {
                if let State::Known(dissector) = &mut self.state
                    && *side == client
                {
                    dissector.begins_behind_gap(client);
                }
                continue;
            };
            let start = *from.of(*side);
            *from.of_mut(*side) += length;
            let said = waiting.said.of(*side).get(start..start + length).unwrap_or_default();
            self.data(*side, said, *at, out);
        }
    }
}

impl Held for Session {
    fn held(&self) -> usize {
        match &self.state {
            State::Open(waiting) => waiting.held(),
            State::Known(dissector) => dissector.held(),
            State::Over => 0,
        }
    }
}

impl Held for Waiting {
    fn held(&self) -> usize {
        let Sides { originator, responder } = &self.said;
        let order = self.order.capacity() * size_of::<(Side, Option<usize>, Moment)>();
        originator.held() + responder.held() + order
    }
}

impl Waiting {
    fn push(&mut self, side: Side, bytes: &[u8], at: Moment) {
        self.said.of_mut(side).extend_from_slice(bytes);
        self.order.push((side, Some(bytes.len()), at));
        self.news += bytes.len();
    }

    /// Forgets what a side said: what follows stands behind a gap.
    fn forget(&mut self, side: Side, at: Moment) {
        self.said.of_mut(side).clear();
        self.order.retain(|(other, ..)| *other != side);
        self.order.push((side, None, at));
    }

    /// How it begins, between whom that says.
    fn opening<'a>(&'a self, between: Opening<'a>) -> Opening<'a> {
        let Sides { originator, responder } = &self.said;
        Opening { originator, responder, ..between }
    }
}

/// All protocols with their numbers: first those that are expected at one of the ports.
fn by_port(ports: (u16, u16)) -> impl Iterator<Item = (usize, &'static Protocol)> {
    let expected = move |protocol: &Protocol| protocol.ports.contains(&ports.0) || protocol.ports.contains(&ports.1);
    let all = || PROTOCOLS.iter().copied().enumerate();
    let first = all().filter(move |(_, protocol)| expected(protocol));
    first.chain(all().filter(move |(_, protocol)| !expected(protocol)))
}

#[cfg(test)]
mod tests {
    use super::super::trial::{C, S, lines};
    use super::*;

    /// What is little besides what came before is looked at when there is more, or nothing more comes.
    #[test]
    fn who_shows_itself_late_is_recognised_at_the_end() {
        let uri = "x".repeat(700);
        for ends_with_a_gap in [false, true] {
            let mut session = Session::new((40_000, 40_001), false, true, &Limits::default());
            let (mut out, at) = (Events::default(), Moment { time: 1, packet: 1 });
            session.data(C, format!("GET /{uri}").as_bytes(), at, &mut out);
            session.data(C, b" HTTP/1.1\r\n\r\n", at, &mut out);
            assert!(session.services().is_empty() && session.held() > 700);
            if ends_with_a_gap {
                session.gap(C, 7, at, &mut out);
            }
            session.end(at, &mut out);
            assert_eq!((session.services(), session.held()), (&["http"][..], 0));
            assert!(lines(&mut out).concat().contains(&format!(r#""uri":"/{uri}","version":"1.1""#)));
        }
    }

    #[test]
    fn what_is_weird_is_bounded_and_the_rest_is_told() {
        let mut session = Session::new((40_000, 21), false, true, &Limits::default());
        let (mut out, at) = (Events::default(), Moment::default());
        session.data(S, b"220 hello\r\n", at, &mut out);
        for number in 0..300 {
            session.data(C, format!("NOOP {number}\r\n").as_bytes(), at, &mut out);
            session.data(S, b"200 ok\r\nwhat?\r\n", at, &mut out);
            session.gap(S, 1, at, &mut out);
        }
        session.end(at, &mut out);
        let told = lines(&mut out);
        assert_eq!(told.iter().filter(|line| line.contains("NOOP")).count(), 300);
        let weird: Vec<_> = told.iter().filter(|line| line.contains(r#""_path":"weird""#)).collect();
        assert_eq!(weird.len(), 101);
        assert!(weird[0].contains(r#""reply_without_code""#) && weird[1].contains(r#""content_gap""#), "{weird:?}");
        assert!(weird[100].contains(r#""name":"too_much_is_weird","peer":"ftp""#), "{weird:?}");
    }

    #[test]
    fn protocols_are_not_asked_for_every_byte() {
        let mut session = Session::new((40_000, 40_001), false, true, &Limits::default());
        let (mut out, mut asked) = (Events::default(), 0);
        for byte in b"GET /".iter().chain(&[b'x'; 900]) {
            session.data(C, &[*byte], Moment::default(), &mut out);
            asked += usize::from(matches!(&session.state, State::Open(waiting) if waiting.news == 0));
        }
        assert!(session.services().is_empty() && asked < 200, "{asked}");
    }

    #[test]
    fn who_is_abandoned_tells_what_there_is_and_no_more() {
        let mut session = Session::new((40_000, 80), false, true, &Limits::default());
        let (mut out, at) = (Events::default(), Moment::default());
        session.data(C, b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc", at, &mut out);
        session.abandon(at, &mut out);
        session.abandon(at, &mut out);
        session.data(C, b"def", at, &mut out);
        session.end(at, &mut out);
        let [http, weird] = &lines(&mut out)[..] else { panic!() };
        assert!(http.contains(r#""req_body":"abc""#) && http.contains(r#""body_complete":false"#), "{http}");
        assert!(weird.contains(r#""name":"no_memory_for_conversation","peer":"http""#), "{weird}");
    }
}
