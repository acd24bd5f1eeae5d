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
    let session = Session::known(name, (40_000, 0), head[0] & 1 != 0, &limits);
    run(session.expect("it is listed"), script);
}

/// A conversation of whatever protocol it looks like, between ports that stand in front.
pub fn session(data: &[u8]) {
    let Some((&[flags, a, b, c, d], script)) = data.split_first_chunk() else { return };
    let limits = Limits { secrets: flags & 2 != 0, ..Limits::default() };
    let ports = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    run(Session::new(ports, flags & 4 != 0, flags & 1 != 0, &limits), script);
}

fn run(mut session: Session, script: &[u8]) {
    let mut out = Events::default();
    let (mut last, mut told) = (Moment::default(), 0);
    for (piece, at) in Pieces::of(script) {
        match piece {
            Piece::Said(side, said) => session.data(side, said, at, &mut out),
            Piece::Missing(side, length) => session.gap(side, length, at, &mut out),
        }
        last = at;
        told += check(&mut out, at);
    }
    session.end(last, &mut out);
    told += check(&mut out, last);
    // A record is told for something: at most a few for each byte, or gap.
    assert!(told <= 64 + 4 * script.len(), "{told} records of {} bytes", script.len());
}

/// Records have a value for each field, can be written, and are of packets that came.
fn check(out: &mut Events, now: Moment) -> usize {
    let mut text = Vec::new();
    let mut count = 0;
    for event in out.drain() {
        assert_eq!(event.kind.fields.len(), event.values.len());
        assert!(event.first.packet <= event.last.packet && event.last.packet <= now.packet, "{event:?} at {now:?}");
        text.clear();
        event.values.iter().for_each(|value| value.json(&mut text));
        count += 1;
    }
    count
}
