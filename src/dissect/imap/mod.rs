//! IMAP: commands with what became of them, and logins. RFC 3501, 9051, 7888 (literals), 4959 (initial responses), 4978
//! (COMPRESS), 2177 (IDLE).
//!
//! A line may end with `{n}`: n bytes follow, whatever they are, and then the line goes on. Short ones are kept, others
//! are stepped over.

mod conversation;
#[cfg(test)]
mod tests;
mod texts;

use super::record::records;
use super::text::{could_be, first_line, word};
use super::{Opening, Protocol, Verdict};
use crate::flow::Side;

/// How IMAP is recognised: by its greeting, or by a tag and a command, and what a server answers.
pub(super) const IMAP: Protocol =
    Protocol { name: "imap", tcp: true, udp: false, ports: &[143, 993], looks, begin: conversation::begin };

/// Commands.
const COMMANDS: [&str; 42] = [
    "CAPABILITY",
    "NOOP",
    "LOGOUT",
    "STARTTLS",
    "AUTHENTICATE",
    "LOGIN",
    "ENABLE",
    "SELECT",
    "EXAMINE",
    "CREATE",
    "DELETE",
    "RENAME",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "LIST",
    "LSUB",
    "NAMESPACE",
    "STATUS",
    "APPEND",
    "IDLE",
    "CHECK",
    "CLOSE",
    "UNSELECT",
    "EXPUNGE",
    "SEARCH",
    "FETCH",
    "STORE",
    "COPY",
    "MOVE",
    "UID",
    "ID",
    "SORT",
    "THREAD",
    "GETQUOTA",
    "GETQUOTAROOT",
    "SETQUOTA",
    "GETACL",
    "SETACL",
    "MYRIGHTS",
    "COMPRESS",
    "NOTIFY",
    "GETMETADATA",
];

/// What a server says first.
const GREETINGS: [&[u8]; 3] = [b"* OK", b"* PREAUTH", b"* BYE"];

records! {
    /// A command of IMAP and what the server said to it; or a greeting or a farewell alone.
    "imap" Imap {
        /// The client's name for the command; `*` for what the server said by itself.
        tag: Option<String>,
        /// The command, in capitals; of UID with the next word.
        command: Option<String>,
        /// What stands behind it, short literals included; of LOGIN and AUTHENTICATE only the first word without `--secrets`.
        arg: Option<String>,
        /// What the server said: OK, NO, BAD; BYE and PREAUTH.
        result: Option<&'static str>,
        /// The text behind that.
        response: Option<String>,
        /// Responses without a tag since the last one with a tag.
        untagged: Option<u64>,
        /// Bytes of literals in the command.
        literal_bytes: Option<u64> => in "bytes",
    }
}

fn looks(opening: &Opening) -> Verdict {
    opening.client_at(IMAP.ports, speaks)
}

/// What a client and a server said, and whether the port speaks for it.
fn speaks(client: &[u8], server: &[u8], expected: bool) -> Verdict {
    let yes = Verdict::Yes(Side::Originator);
    let (reply, replied) = first_line(server).unwrap_or_default();
    let greets = GREETINGS.iter().any(|greeting| {
        reply.strip_prefix(*greeting).is_some_and(|rest| rest.first().map_or(replied, |byte| *byte == b' '))
    });
    let could_greet = GREETINGS.iter().any(|greeting| greeting.starts_with(reply) || reply.starts_with(greeting));
    let answers = replied && response(reply).is_some();
    let (line, whole) = first_line(client).unwrap_or_default();
    let command = command(line).is_some();
    match client.is_empty() {
        _ if greets => yes,
        _ if expected && answers => yes,
        false if command && whole && (answers || expected && server.is_empty()) => yes,
        false if could_command(line, whole) && (server.is_empty() || !replied && could_greet) => Verdict::Perhaps,
        true if !replied && could_greet => Verdict::Perhaps,
        _ => Verdict::No,
    }
}

/// A tag, a command that exists, and what stands behind it.
fn command(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (tag, rest) = word(line);
    let (command, argument) = word(rest);
    (is_tag(tag) && could_be(command, true, &COMMANDS)).then_some((tag, command, argument))
}

/// The beginning of a command, as far as it came.
fn could_command(line: &[u8], whole: bool) -> bool {
    let (tag, rest) = word(line);
    let (command, _) = word(rest);
    is_tag(tag) && (!whole || !rest.is_empty()) && could_be(command, whole || rest.len() > command.len(), &COMMANDS)
}

/// RFC 3501, 9: what can be a tag; and not too long.
fn is_tag(tag: &[u8]) -> bool {
    let inside = |byte: &u8| byte.is_ascii_graphic() && !b"(){%*\"\\+".contains(byte);
    (1..=64).contains(&tag.len()) && tag.iter().all(inside)
}

/// What a line of a server says: tag, result, text; the result is none for data and what asks for more.
fn response(line: &[u8]) -> Option<(&[u8], Option<&'static str>, &[u8])> {
    let (tag, rest) = word(line);
    let (name, text) = word(rest);
    let result =
        ["OK", "NO", "BAD", "BYE", "PREAUTH"].into_iter().find(|known| name.eq_ignore_ascii_case(known.as_bytes()));
    match tag {
        b"*" if !rest.is_empty() => Some((tag, result, text)),
        b"+" => Some((tag, None, rest)),
        tag if is_tag(tag) => result.filter(|result| result.len() < 4).map(|result| (tag, Some(result), text)),
        _ => None,
    }
}
