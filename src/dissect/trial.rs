//! For tests: what is told of a conversation that stands here.

use super::value::member;
use super::{Events, Held, Limits, Session, Value};
use crate::flow::{Moment, Side};

/// The client, who begins.
pub(super) const C: Side = Side::Originator;
/// The server.
pub(super) const S: Side = Side::Responder;

/// The records of a TCP conversation between these ports, as JSON; the n-th piece came with packet n.
pub(super) fn tell(ports: (u16, u16), said: &[(Side, &[u8])]) -> Vec<String> {
    told(Session::new(ports, false, true, &Limits::default()), said)
}

/// The same, with secrets.
pub(super) fn tell_secrets(ports: (u16, u16), said: &[(Side, &[u8])]) -> Vec<String> {
    told(Session::new(ports, false, true, &Limits { secrets: true, ..Limits::default() }), said)
}

/// The records of a UDP conversation between these ports.
#[allow(dead_code)]
pub(super) fn tell_datagrams(ports: (u16, u16), said: &[(Side, &[u8])]) -> Vec<String> {
    told(Session::new(ports, true, true, &Limits::default()), said)
}

/// The same, of any kind of conversation, with these limits.
#[allow(dead_code)]
pub(super) fn tell_with(limits: &Limits, ports: (u16, u16), datagrams: bool, said: &[(Side, &[u8])]) -> Vec<String> {
    told(Session::new(ports, datagrams, true, limits), said)
}

/// The records of a TCP conversation between these ports with gaps: their lengths in place of bytes.
#[allow(dead_code)]
pub(super) fn tell_with_gaps(ports: (u16, u16), said: &[(Side, Result<&[u8], u64>)]) -> Vec<String> {
    let mut session = Session::new(ports, false, true, &Limits::default());
    let (mut out, mut at) = (Events::default(), Moment::default());
    for (side, piece) in said {
        at = Moment { time: at.time + 1_000_000, packet: at.packet + 1 };
        match piece {
            Ok(bytes) => session.data(*side, bytes, at, &mut out),
            Err(length) => session.gap(*side, *length, at, &mut out),
        }
    }
    session.end(at, &mut out);
    lines(&mut out)
}

/// Asserts that the same is told if every byte of a TCP conversation comes in a segment of its own; and that nothing panics
/// if it ends after any of them.
#[allow(dead_code)]
pub(super) fn same_in_bytes(ports: (u16, u16), said: &[(Side, &[u8])]) {
    let session = || Session::new(ports, false, true, &Limits { secrets: true, ..Limits::default() });
    let whole = told(session(), said);
    let count: usize = said.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut out = Events::default();
    for end in (0..count).step_by(1 + count / 200).chain([count]) {
        let (mut session, mut at, mut left) = (session(), Moment::default(), end);
        out = Events::default();
        for (side, bytes) in said {
            at = Moment { time: at.time + 1_000_000, packet: at.packet + 1 };
            for byte in bytes.iter().take(left) {
                session.data(*side, &[*byte], at, &mut out);
            }
            left = left.saturating_sub(bytes.len());
        }
        session.end(at, &mut out);
    }
    assert_eq!(lines(&mut out), whole);
}

/// Hands over bytes, gaps (where there are none) and the end, whatever they are; returns how many records there were.
#[allow(dead_code)]
pub(super) fn survives(ports: (u16, u16), datagrams: bool, said: &[(bool, Vec<u8>)]) -> usize {
    let mut session = Session::new(ports, datagrams, true, &Limits { secrets: true, ..Limits::default() });
    let (mut out, mut at) = (Events::default(), Moment::default());
    for (from_server, bytes) in said {
        at = Moment { time: at.time + 1_000_000, packet: at.packet + 1 };
        let side = if *from_server { S } else { C };
        match bytes.is_empty() && !datagrams {
            true => session.gap(side, 10, at, &mut out),
            false => session.data(side, bytes, at, &mut out),
        }
        assert!(session.held() < 64 << 20, "{}", session.held());
    }
    session.end(at, &mut out);
    assert_eq!(session.held(), 0);
    out.drain().count()
}

/// The records of a conversation; `None` in place of bytes is a gap of 10 bytes.
fn told(mut session: Session, said: &[(Side, &[u8])]) -> Vec<String> {
    let mut out = Events::default();
    let mut at = Moment::default();
    for (side, bytes) in said {
        at = Moment { time: at.time + 1_000_000, packet: at.packet + 1 };
        session.data(*side, bytes, at, &mut out);
    }
    session.end(at, &mut out);
    lines(&mut out)
}

/// Records as JSON: type, numbers of the first and last packet, fields.
pub(super) fn lines(out: &mut Events) -> Vec<String> {
    out.drain()
        .map(|event| {
            // packet_analysis' form of `dns` takes the place of the other on demand, and is not listed.
            let is_listed = |kind: &&super::Kind| kind.path == event.kind.path;
            assert!(super::kinds().iter().any(is_listed), "{} is not in kinds()", event.kind.path);
            let (mut line, mut first) = (b"{".to_vec(), true);
            member("_path", &Value::Text(event.kind.path.to_owned()), &mut first, &mut line);
            member("first", &Value::Count(event.first.packet), &mut first, &mut line);
            member("last", &Value::Count(event.last.packet), &mut first, &mut line);
            for (field, value) in event.kind.fields.iter().zip(&event.values).filter(|(_, value)| !value.is_missing()) {
                member(field.name, value, &mut first, &mut line);
            }
            line.push(b'}');
            String::from_utf8(line).unwrap()
        })
        .collect()
}
