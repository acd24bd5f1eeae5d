//! For tests: what is told of a conversation that stands here.

use super::value::member;
use super::{Events, Limits, Session, Value};
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
