//! For tests: what is told of a conversation that stands here.

use proptest::prelude::*;

use super::value::member;
use super::{Events, Held, Limits, Opening, Session, Value, Verdict};
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
pub(super) fn tell_datagrams(ports: (u16, u16), said: &[(Side, &[u8])]) -> Vec<String> {
    told(Session::new(ports, true, true, &Limits::default()), said)
}

/// The same, of any kind of conversation, with these limits.
pub(super) fn tell_with(limits: &Limits, ports: (u16, u16), datagrams: bool, said: &[(Side, &[u8])]) -> Vec<String> {
    told(Session::new(ports, datagrams, true, limits), said)
}

/// The records of a TCP conversation between these ports with gaps: their lengths in place of bytes.
pub(super) fn tell_with_gaps(ports: (u16, u16), said: &[(Side, Result<&[u8], u64>)]) -> Vec<String> {
    told_with_gaps(Session::new(ports, false, true, &Limits::default()), said)
}

/// The same of any conversation.
pub(super) fn told_with_gaps(mut session: Session, said: &[(Side, Result<&[u8], u64>)]) -> Vec<String> {
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

/// How conversations of other protocols than those of databases begin.
pub(super) const OTHERS: [(&[u8], &[u8]); 10] = [
    (b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
    (b"EHLO x\r\n", b"220 x ESMTP\r\n250 x\r\n"),
    (b"SSH-2.0-a\r\n", b"SSH-2.0-b\r\n"),
    (b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", b"\x16\x03\x03\0\x7a\x02\0\0\x76\x03\x03"),
    (b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0", b"\x03\0\0\x13\x0e\xd0\0\0\x124\0"),
    (b"\0\x1d\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\x03com\0\0\x01\0\x01", b""),
    (b"", b"* OK IMAP4rev1 ready\r\n"),
    (b"CAPA\r\n", b"+OK POP3 ready\r\n-ERR no\r\n"),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x12\x04\0\0\0\0\0", b"\0\0\0\x04\x01\0\0\0\0"),
    (b"\xff\xfb\x18", b"\xff\xfd\x18\xff\xfd\x20"),
];

/// Asserts that what `looks` says of conversations of other protocols is right, be they seen from their start or not.
pub(super) fn leaves_others(looks: fn(&Opening) -> Verdict, is_right: impl Fn(Verdict) -> bool) {
    for ((originator, responder), from_start) in OTHERS.iter().flat_map(|said| [(said, true), (said, false)]) {
        let opening = Opening { originator, responder, ports: (40_000, 4_000), from_start, ..Opening::default() };
        assert!(is_right(looks(&opening)), "{}, {}", originator.escape_ascii(), responder.escape_ascii());
    }
}

/// Asserts that bytes of no protocol are not taken.
pub(super) fn leaves_random(looks: fn(&Opening) -> Verdict) {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..80);
    proptest!(|(originator in bytes(), responder in bytes(), from_start: bool)| {
        let ports = (40_000, 4_000);
        let opening = Opening { originator: &originator, responder: &responder, ports, from_start, ..Opening::default() };
        prop_assert!(!matches!(looks(&opening), Verdict::Yes(_)));
    });
}

/// Asserts that a conversation is survived in which some bytes are others, or pieces are missing, and that little is told
/// of it.
pub(super) fn survives_faults(ports: (u16, u16), said: &[(Side, Vec<u8>)]) {
    let faults = proptest::collection::vec((0..said.len(), any::<u16>(), any::<u8>()), 1..6);
    proptest!(|(faults in faults)| {
        let mut said: Vec<_> = said.iter().map(|(side, bytes)| (*side == S, bytes.clone())).collect();
        for (piece, place, byte) in faults {
            let bytes = &mut said[piece].1;
            let place = usize::from(place) % (bytes.len() + 1);
            match bytes.get_mut(place) {
                Some(there) => *there = byte,
                None => bytes.clear(),
            }
        }
        prop_assert!(survives(ports, false, &said) < 100);
    });
}

/// What was said, as the functions above take it.
pub(super) fn borrowed(said: &[(Side, Vec<u8>)]) -> Vec<(Side, &[u8])> {
    said.iter().map(|(side, bytes)| (*side, bytes.as_slice())).collect()
}

/// The records of a conversation.
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
