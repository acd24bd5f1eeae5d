//! FTP's control connection: commands, replies, logins. RFC 959, 2228 (AUTH), 2428 (EPSV).

use std::collections::VecDeque;

use super::lines::{Line, Lines};
use super::login::{Auth, Outcome};
use super::record::{Events, records};
use super::text::{lossless, reply_code, word};
use super::{Dissector, Limits, Next, Opening, Protocol, Verdict, Weird};
use crate::flow::{Moment, Side};

/// Lines of one reply, at most.
const MAX_REPLY_LINES: usize = 10_000;

/// Commands that wait for their replies, at most.
const MAX_WAITING: usize = 1_000;

/// How FTP is recognised: by what a client of FTP says, and one of SMTP does not.
pub(super) const FTP: Protocol = Protocol { name: "ftp", tcp: true, udp: false, ports: &[21], looks, begin };

/// Commands that a client begins with.
const FIRST_COMMANDS: [&[u8]; 8] = [b"USER", b"AUTH", b"FEAT", b"HOST", b"SYST", b"PASS", b"OPTS", b"CLNT"];

records! {
    /// A command of FTP and its reply; or a reply alone, as the greeting is.
    "ftp" Ftp {
        /// The command, in capitals.
        command: Option<String> => / "ftp.request.command",
        /// What stands behind it; of PASS only with `--secrets`.
        arg: Option<String> => / "ftp.request.arg",
        /// The code of the reply.
        reply_code: Option<u16> => / "ftp.response.code",
        /// Its text, all lines, without codes.
        reply_msg: Option<String> => / "ftp.response.arg",
        /// The user whom the connection is logged in as, or wants to be.
        user: Option<String> => / "user.name",
    }
}

fn looks(opening: &Opening) -> Verdict {
    let expected = opening.server_by_port(FTP.ports).is_some();
    opening.client(|said, other| {
        let greets =
            other.is_empty() || other.starts_with(b"220") || other.starts_with(b"120") || reply_code(other).is_some();
        if !greets {
            return Verdict::No;
        }
        let begins = |command: &&[u8]| {
            said.get(..4).is_some_and(|word| word.eq_ignore_ascii_case(command))
                && matches!(said.get(4), Some(b' ' | b'\r' | b'\n'))
        };
        match said.len() {
            0..=4 if other.is_empty() && said.is_empty() => Verdict::No,
            0..=4 => Verdict::Perhaps,
            _ if FIRST_COMMANDS.iter().any(|command| begins(command)) && (expected || reply_code(other).is_some()) => {
                // The side is filled in by `client`.
                Verdict::Yes(Side::Originator)
            }
            _ if expected && is_command(said) => Verdict::Yes(Side::Originator),
            _ if expected && other.is_empty() => Verdict::No,
            _ if other.is_empty() && FIRST_COMMANDS.iter().any(|command| begins(command)) => Verdict::Perhaps,
            _ => Verdict::No,
        }
    })
}

/// Three or four letters, and a space or the end of the line.
fn is_command(said: &[u8]) -> bool {
    let (word, _) = word(said.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default());
    matches!(word.len(), 3 | 4) && word.iter().all(u8::is_ascii_alphabetic)
}

fn begin(_: &Opening, client: Side, limits: &Limits) -> Box<dyn Dissector> {
    Box::new(Conversation {
        client,
        secrets: limits.secrets,
        lines: [Lines::default(), Lines::default()],
        waiting: VecDeque::new(),
        reply: None,
        user: None,
        attempts: 0,
        attempt: None,
    })
}

/// A control connection.
struct Conversation {
    client: Side,
    secrets: bool,
    lines: [Lines; 2],
    waiting: VecDeque<Command>,
    /// A reply of several lines that is not whole.
    reply: Option<Reply>,
    user: Option<String>,
    attempts: u64,
    attempt: Option<Attempt>,
}

/// A command that waits for its reply.
struct Command {
    word: String,
    argument: String,
    first: Moment,
    last: Moment,
}

struct Reply {
    code: u16,
    text: String,
    lines: usize,
    first: Moment,
}

/// A login that goes on.
struct Attempt {
    user: Option<String>,
    password: Option<String>,
    first: Moment,
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        let Some(lines) = self.lines.get_mut(side.index()) else { return Next::Over };
        lines.push(bytes, at);
        let mut next = Next::Same;
        while next == Next::Same
            && let Some(line) = self.lines.get_mut(side.index()).and_then(Lines::next)
        {
            if !line.whole {
                out.push(line.first, line.last, Weird { name: "line_too_long", addl: None, peer: FTP.name });
            }
            if side == self.client {
                self.command(&line, out);
            } else {
                next = self.reply_line(&line, out);
            }
        }
        next
    }

    fn gap(&mut self, side: Side, length: u64, at: Moment, out: &mut Events) -> Next {
        if let Some(lines) = self.lines.get_mut(side.index()) {
            lines.clear();
        }
        out.push(at, at, Weird { name: "content_gap", addl: Some(format!("{length} bytes")), peer: FTP.name });
        Next::Same
    }

    fn end(&mut self, at: Moment, out: &mut Events) {
        for side in [self.client, self.client.other()] {
            match self.lines.get_mut(side.index()).and_then(Lines::rest) {
                Some(rest) if side == self.client => self.command(&rest, out),
                Some(rest) => {
                    self.reply_line(&rest, out);
                }
                None => {}
            }
        }
        if let Some(reply) = self.reply.take() {
            self.replied(reply, at, out);
        }
        while let Some(command) = self.waiting.pop_front() {
            self.tell(Some(command), None, at, out);
        }
        self.attempt_ends(Outcome::Unknown, None, at, out);
    }
}

impl Conversation {
    fn command(&mut self, line: &Line, out: &mut Events) {
        let (command, argument) = word(&line.bytes);
        if command.is_empty() {
            return;
        }
        if self.waiting.len() >= MAX_WAITING {
            let oldest = self.waiting.pop_front();
            self.tell(oldest, None, line.last, out);
        }
        let word = lossless(command).to_ascii_uppercase();
        let argument = lossless(argument);
        match word.as_str() {
            "USER" => {
                self.attempt_ends(Outcome::Unknown, None, line.last, out);
                self.user = Some(argument.clone());
                self.attempt = Some(Attempt { user: Some(argument.clone()), password: None, first: line.first });
            }
            "PASS" => {
                let user = self.user.clone();
                let attempt = self.attempt.get_or_insert(Attempt { user, password: None, first: line.first });
                attempt.password = Some(argument.clone());
            }
            _ => {}
        }
        self.waiting.push_back(Command { word, argument, first: line.first, last: line.last });
    }

    fn reply_line(&mut self, line: &Line, out: &mut Events) -> Next {
        let code = reply_code(&line.bytes);
        let text = lossless(line.bytes.get(4..).unwrap_or_default());
        match (&mut self.reply, code) {
            (None, Some((code, goes_on))) => {
                let reply = Reply { code, text, lines: 1, first: line.first };
                if !goes_on {
                    return self.replied(reply, line.last, out);
                }
                self.reply = Some(reply);
            }
            (None, None) => {
                let addl = Some(lossless(line.bytes.get(..80).unwrap_or(&line.bytes)));
                out.push(line.first, line.last, Weird { name: "reply_without_code", addl, peer: FTP.name });
            }
            (Some(reply), code) => {
                let ends = matches!(code, Some((code, false)) if code == reply.code);
                let own = if code.is_some_and(|(code, _)| code == reply.code) { text } else { lossless(&line.bytes) };
                reply.lines += 1;
                reply.text.push('\n');
                reply.text.push_str(&own);
                if (ends || reply.lines >= MAX_REPLY_LINES)
                    && let Some(reply) = self.reply.take()
                {
                    return self.replied(reply, line.last, out);
                }
            }
        }
        Next::Same
    }

    /// A reply is whole.
    fn replied(&mut self, reply: Reply, last: Moment, out: &mut Events) -> Next {
        // The greeting answers nothing, and a preliminary reply is followed by another one.
        let command = match reply.code {
            100..200 => None,
            _ => self.waiting.pop_front(),
        };
        let word = command.as_ref().map_or("", |command| command.word.as_str()).to_owned();
        let code = reply.code;
        let outcome = match code {
            230 | 232 | 202 => Some(Outcome::Success),
            331 | 332 | 336 => None,
            400..500 => Some(Outcome::Error),
            _ => Some(Outcome::Failure),
        };
        if let Some(outcome) = outcome.filter(|_| matches!(word.as_str(), "USER" | "PASS" | "ACCT")) {
            self.attempt_ends(outcome, Some(code), last, out);
        }
        self.tell(command, Some(reply), last, out);
        // What follows is TLS.
        if word == "AUTH" && code == 234 { Next::Anew(0) } else { Next::Same }
    }

    fn attempt_ends(&mut self, result: Outcome, code: Option<u16>, last: Moment, out: &mut Events) {
        let Some(attempt) = self.attempt.take() else { return };
        self.attempts += 1;
        let secret_kind = if attempt.password.is_some() { "plain" } else { "none" };
        let auth = Auth {
            service: FTP.name,
            user: attempt.user,
            secret_kind: Some(secret_kind),
            secret: attempt.password.filter(|_| self.secrets),
            result,
            server_code: code.map(|code| code.to_string()),
            attempt: self.attempts,
            ..Auth::default()
        };
        out.push(attempt.first, last, auth);
    }

    /// A command, its reply, or both.
    fn tell(&self, command: Option<Command>, reply: Option<Reply>, last: Moment, out: &mut Events) {
        let first = command.as_ref().map(|command| command.first).or(reply.as_ref().map(|reply| reply.first));
        let last = if reply.is_some() { last } else { command.as_ref().map_or(last, |command| command.last) };
        let is_secret = command.as_ref().is_some_and(|command| command.word == "PASS") && !self.secrets;
        let (word, argument) = command.map_or((None, None), |command| (Some(command.word), Some(command.argument)));
        let ftp = Ftp {
            command: word,
            arg: argument.filter(|_| !is_secret),
            reply_code: reply.as_ref().map(|reply| reply.code),
            reply_msg: reply.map(|reply| reply.text),
            user: self.user.clone(),
        };
        out.push(first.unwrap_or(last), last, ftp);
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{C, S, tell, tell_secrets};

    #[test]
    fn commands_have_their_replies() {
        let told = tell(
            (40_000, 21),
            &[
                (S, b"220-hello\r\n there\r\n220 ready\r\n"),
                (C, b"USER anna\r\nPASS pw\r\n"),
                (S, b"331 password\r\n530 no\r\n"),
                (C, b"USER anna\r\n"),
                (S, b"331 password\r\n"),
                (C, b"PASS other\r\n"),
                (S, b"230 in\r\n"),
                (C, b"RETR /a b\r\n"),
                (S, b"150 opening\r\n"),
                (S, b"226 done\r\n"),
                (C, b"QUIT\r\n"),
            ],
        );
        let lines = [
            r#"{"_path":"ftp","first":1,"last":1,"reply_code":220,"reply_msg":"hello\n there\nready"}"#,
            r#"{"_path":"ftp","first":2,"last":3,"command":"USER","arg":"anna","reply_code":331,"reply_msg":"password","user":"anna"}"#,
            r#"{"_path":"auth","first":2,"last":3,"service":"ftp","user":"anna","secret_kind":"plain","result":"failure","server_code":"530","attempt":1}"#,
            r#"{"_path":"ftp","first":2,"last":3,"command":"PASS","reply_code":530,"reply_msg":"no","user":"anna"}"#,
            r#"{"_path":"ftp","first":4,"last":5,"command":"USER","arg":"anna","reply_code":331,"reply_msg":"password","user":"anna"}"#,
            r#"{"_path":"auth","first":4,"last":7,"service":"ftp","user":"anna","secret_kind":"plain","result":"success","server_code":"230","attempt":2}"#,
            r#"{"_path":"ftp","first":6,"last":7,"command":"PASS","reply_code":230,"reply_msg":"in","user":"anna"}"#,
            r#"{"_path":"ftp","first":9,"last":9,"reply_code":150,"reply_msg":"opening","user":"anna"}"#,
            r#"{"_path":"ftp","first":8,"last":10,"command":"RETR","arg":"/a b","reply_code":226,"reply_msg":"done","user":"anna"}"#,
            r#"{"_path":"ftp","first":11,"last":11,"command":"QUIT","arg":"","user":"anna"}"#,
        ];
        assert_eq!(told, lines);
    }

    #[test]
    fn secrets_are_told_only_on_demand() {
        let said: &[(_, &[u8])] = &[(C, b"USER x\r\nPASS geheim\r\n"), (S, b"331 ?\r\n230 in\r\n")];
        assert!(!tell((4_000, 21), said).concat().contains("geheim"));
        assert_eq!(tell_secrets((4_000, 21), said).concat().matches("geheim").count(), 2);
    }

    #[test]
    fn tls_follows_auth() {
        let told = tell(
            (4_000, 2_121),
            &[(S, b"220 x\r\n"), (C, b"AUTH TLS\r\n"), (S, b"234 go\r\n"), (C, b"\x16\x03\x01\0")],
        );
        assert_eq!(told.len(), 2, "{told:?}");
    }

    #[test]
    fn mail_is_no_ftp() {
        assert!(tell((4_000, 2_525), &[(S, b"220 x ESMTP\r\n"), (C, b"EHLO y\r\n"), (S, b"250 x\r\n")]).is_empty());
    }
}
