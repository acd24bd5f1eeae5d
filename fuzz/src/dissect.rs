//! Conversations: as one protocol, and as whatever they look like.

use pcapml::dissect::{Events, Limits, Session};
use pcapml::flow::Moment;

use crate::script::{Piece, Pieces};

/// A header byte: the lowest bit: the beginning was seen; the next: secrets are told; the next: in datagrams.
const HEAD: usize = 1;

/// A conversation of a protocol.
pub fn protocol(name: &str, data: &[u8]) {
    let Some((head, script)) = data.split_at_checked(HEAD) else { return };
    let limits = Limits { secrets: head[0] & 2 != 0, ..Limits::default() };
    let known = |datagrams| Session::known(name, (40_000, 0), datagrams, head[0] & 1 != 0, &limits);
    // Most are spoken in one way only.
    let datagrams = head[0] & 4 != 0;
    run(known(datagrams).or_else(|| known(!datagrams)).expect("it is listed"), script);
}

/// A conversation of whatever protocol it looks like, between ports that stand in front.
pub fn session(data: &[u8]) {
    let Some((&[flags, a, b, c, d], script)) = data.split_first_chunk() else { return };
    let limits = Limits { secrets: flags & 2 != 0, ..Limits::default() };
    let ports = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    run(Session::new(ports, flags & 4 != 0, flags & 1 != 0, &limits), script);
}

/// What the conversation of a script is found to be.
pub fn protocols_of(ports: (u16, u16), datagrams: bool, script: &[u8]) -> Vec<&'static str> {
    let (mut session, mut out) = (Session::new(ports, datagrams, true, &Limits::default()), Events::default());
    for (piece, at) in Pieces::of(script) {
        if let Piece::Said(side, said) = piece {
            session.data(side, said, at, &mut out);
        }
    }
    session.services().to_vec()
}

fn run(mut session: Session, script: &[u8]) {
    let mut telling = Telling::default();
    let mut last = Moment::default();
    for (piece, at) in Pieces::of(script) {
        match piece {
            Piece::Said(side, said) => session.data(side, said, at, &mut telling.out),
            Piece::Missing(side, length) => session.gap(side, length, at, &mut telling.out),
        }
        last = at;
        telling.check(at);
    }
    session.end(last, &mut telling.out);
    telling.end(last, script.len());
}

/// What is told of a conversation.
#[derive(Default)]
pub struct Telling {
    pub out: Events,
    told: usize,
    text: Vec<u8>,
}

impl Telling {
    /// Records have a value for each field, can be written, and are of packets that came.
    pub fn check(&mut self, now: Moment) {
        for event in self.out.drain() {
            assert_eq!(event.kind.fields.len(), event.values.len());
            assert!(event.first.packet <= event.last.packet && event.last.packet <= now.packet, "{event:?} at {now:?}");
            self.text.clear();
            event.values.iter().for_each(|value| value.json(&mut self.text));
            self.told += 1;
        }
    }

    /// A record is told for something: at most a few for each byte, or gap.
    pub fn end(mut self, now: Moment, bytes: usize) {
        self.check(now);
        assert!(self.told <= 64 + 4 * bytes, "{} records of {bytes} bytes", self.told);
    }
}
