//! How Redis is recognised.

use super::REDIS;
use crate::dissect::{Opening, Verdict};
use crate::flow::Side;

/// Commands that are asked for in a line.
const INLINE: [&[u8]; 14] = [
    b"PING",
    b"INFO",
    b"SET",
    b"GET",
    b"DEL",
    b"KEYS",
    b"CONFIG",
    b"SELECT",
    b"CLIENT",
    b"HELLO",
    b"MONITOR",
    b"FLUSHALL",
    b"SLAVEOF",
    b"COMMAND",
];

/// Those that other protocols have too: only at Redis's port.
const ALSO_INLINE: [&[u8]; 5] = [b"AUTH", b"QUIT", b"ECHO", b"SYNC", b"EXISTS"];

/// The number of elements of a command has no more digits, nor has the length of its name.
const DIGITS: usize = 7;

pub(super) fn looks(opening: &Opening) -> Verdict {
    opening.client_opening(REDIS.ports, |said, answered, expected| match command(said) {
        Verdict::No if said.is_empty() && expected && reply(answered) => Verdict::Yes(Side::Originator),
        Verdict::No => inline(said, answered, expected),
        verdict => verdict,
    })
}

/// A list of texts, the first a name.
fn command(said: &[u8]) -> Verdict {
    let Some(rest) = said.strip_prefix(b"*") else { return Verdict::No };
    let (verdict, rest) = digits(rest);
    let Verdict::Yes(side) = verdict else { return verdict };
    let rest = match rest {
        [] => return Verdict::Perhaps,
        [b'$', rest @ ..] => rest,
        _ => return Verdict::No,
    };
    let (verdict, rest) = digits(rest);
    let Verdict::Yes(_) = verdict else { return verdict };
    match rest.first() {
        None => Verdict::Perhaps,
        Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => Verdict::Yes(side),
        Some(_) => Verdict::No,
    }
}

/// Digits and the end of the line.
fn digits(said: &[u8]) -> (Verdict, &[u8]) {
    let count = said.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match said.get(count..) {
        None | Some([] | [b'\r']) if count <= DIGITS => (Verdict::Perhaps, &[]),
        Some([b'\r', b'\n', rest @ ..]) if (1..=DIGITS).contains(&count) => (Verdict::Yes(Side::Originator), rest),
        _ => (Verdict::No, &[]),
    }
}

/// A line that is a command, and a reply to it.
fn inline(said: &[u8], answered: &[u8], expected: bool) -> Verdict {
    let Some(end) = said.iter().position(|byte| *byte == b'\n') else {
        let begins = |name: &&&[u8]| name.iter().zip(said).all(|(name, byte)| byte.eq_ignore_ascii_case(name));
        let may_be = !said.is_empty() && INLINE.iter().chain(&ALSO_INLINE).any(|name| begins(&name));
        return if may_be { Verdict::Perhaps } else { Verdict::No };
    };
    let line = said.get(..end).unwrap_or_default();
    let word = line.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    let has = |names: &[&[u8]]| names.iter().any(|name| word.eq_ignore_ascii_case(name));
    let is_http = line.windows(6).any(|part| part == b" HTTP/");
    let is_word = !word.is_empty() && word.iter().all(u8::is_ascii_alphanumeric);
    let known = has(&INLINE) || expected && (has(&ALSO_INLINE) || is_word && reply(answered));
    if is_http || !known {
        return if expected && is_word && !is_http && answered.is_empty() { Verdict::Perhaps } else { Verdict::No };
    }
    match answered.is_empty() {
        true if expected => Verdict::Yes(Side::Originator),
        true => Verdict::Perhaps,
        false if reply(answered) => Verdict::Yes(Side::Originator),
        false => Verdict::No,
    }
}

/// A value: its first line.
fn reply(said: &[u8]) -> bool {
    let Some((kind, rest)) = said.split_first() else { return false };
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let (whole, text) = (rest.len() > line.len(), line.strip_suffix(b"\r").unwrap_or(line));
    let number = text.strip_prefix(b"-").unwrap_or(text);
    match kind {
        b'+' => whole && line.len() > text.len() && text.iter().all(|byte| *byte >= b' '),
        // Codes of errors are in capitals.
        b'-' => whole && text.first().is_some_and(u8::is_ascii_uppercase) && text.iter().all(|byte| *byte >= b' '),
        b'$' | b'*' | b':' | b'%' | b'>' | b'~' | b'|' => {
            whole && (1..=20).contains(&number.len()) && number.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}
