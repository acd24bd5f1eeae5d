//! How PostgreSQL is recognised.

use super::PGSQL;
use super::message::{BACKEND, FRONTEND, LONGEST_STARTUP, measure, request};
use crate::dissect::frames::Measure;
use crate::dissect::scan::Scan;
use crate::dissect::{Opening, Verdict};
use crate::flow::Side;

pub(super) fn looks(opening: &Opening) -> Verdict {
    opening.client_opening(PGSQL.ports, |said, answered, expected| match starts(said) {
        Verdict::No if talks(said, answered, expected) => Verdict::Yes(Side::Originator),
        verdict => verdict,
    })
}

/// A client's first message.
fn starts(said: &[u8]) -> Verdict {
    let yes = Verdict::Yes(Side::Originator);
    let mut scan = Scan::new(said);
    let Some(length) = scan.u32() else {
        let short = said.iter().take(2).all(|byte| *byte == 0);
        return if said.is_empty() || !short { Verdict::No } else { Verdict::Perhaps };
    };
    if !(8..=LONGEST_STARTUP).contains(&length) {
        return Verdict::No;
    }
    let Some(code) = scan.u32() else { return Verdict::Perhaps };
    match (code, length) {
        (request::SSL | request::GSSENC, 8) | (request::CANCEL, 16..=272) => yes,
        (version, 9..) if version >> 16 == 3 => match scan.rest() {
            [] => Verdict::Perhaps,
            [0] if length == 9 => yes,
            [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => yes,
            _ => Verdict::No,
        },
        (version, 296) if version == 2 << 16 => yes,
        _ => Verdict::No,
    }
}

/// Messages of both, in a conversation that was picked up later.
fn talks(client: &[u8], server: &[u8], expected: bool) -> bool {
    let (said, answered) = (walk(client, FRONTEND), walk(server, BACKEND));
    match (said, answered) {
        (Some(said), Some(answered)) => {
            said.whole + answered.whole > 0 && (expected || said.telling || answered.telling)
        }
        (Some(said), None) => server.is_empty() && (said.telling || expected && said.whole > 0),
        (None, Some(answered)) => client.is_empty() && (answered.telling || expected && answered.whole > 0),
        (None, None) => false,
    }
}

/// True if the first of these bytes is the first of a message, and all that follow are.
pub(super) fn begins_row(bytes: &[u8], types: &[u8]) -> bool {
    walk(bytes, types).is_some_and(|found| found.whole > 0)
}

/// What is found in a row of messages.
#[derive(Debug, Clone, Copy, Default)]
struct Walk {
    /// Messages that are whole.
    whole: usize,
    /// What is there is found in no other protocol.
    telling: bool,
}

/// Reads messages up to the end; none if something else is there.
fn walk(said: &[u8], types: &[u8]) -> Option<Walk> {
    let mut found = Walk::default();
    let mut rest = said;
    while !rest.is_empty() {
        let length = match measure(rest, types) {
            Measure::Broken => return None,
            Measure::More => break,
            Measure::Length(length) => usize::try_from(length).ok()?,
        };
        let Some((message, behind)) = rest.split_at_checked(length) else { break };
        let (kind, payload) = (message.first().copied()?, message.get(5..)?);
        found.telling |= fits(kind, payload, types)?;
        found.whole += 1;
        rest = behind;
    }
    (!said.is_empty()).then_some(found)
}

/// Whether a message can be of this type, and if so, whether it is one that no other protocol has.
fn fits(kind: u8, payload: &[u8], types: &[u8]) -> Option<bool> {
    let text = |bytes: &[u8]| bytes.iter().all(|byte| *byte >= b' ' || byte.is_ascii_whitespace());
    let frontend = types == FRONTEND;
    let (fits, telling) = match (kind, payload) {
        (b'Q', [query @ .., 0]) if frontend => (text(query), !query.is_empty()),
        (b'Q', _) if frontend => (false, false),
        (b'X' | b'S' | b'H', rest) if frontend => (rest.is_empty(), false),
        (b'P', rest) if frontend => (rest.contains(&0), false),
        (b'Z', [b'I' | b'T' | b'E']) => (true, true),
        (b'Z', _) => (false, false),
        (b'C', [tag @ .., 0]) if !frontend => (text(tag), false),
        (b'C', _) if !frontend => (false, false),
        (b'1' | b'2' | b'3' | b'n' | b's' | b'I', rest) => (rest.is_empty(), false),
        (b'E', [b'S', rest @ .., 0]) if !frontend => (true, rest.windows(2).any(|pair| pair == b"\0C")),
        (b'R', [0, 0, 0, _, ..]) => (true, false),
        (b'R', _) => (false, false),
        _ => (true, false),
    };
    fits.then_some(telling)
}
