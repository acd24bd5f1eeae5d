//! POP3: commands, replies, logins; of mails length and headers. RFC 1939, 2449 (CAPA), 2595 (STLS), 5034 (AUTH).

#[cfg(test)]
mod tests;

use super::dialogue::{Command, Commands};
use super::held::Held;
use super::lines::{Line, Lines};
use super::login::{Attempts, Auth, Outcome};
use super::mail::Content;
use super::record::{Events, records};
use super::sasl::Sasl;
use super::text::{bracketed, could_be, first_line, lossless, mentions, without, word};
use super::{Dissector, Limits, Next, Opening, Protocol, Verdict, Weird};
use crate::flow::{Moment, Side, Sides};

/// Lines of a server that are no replies: after so many it is not POP3.
const MAX_NONSENSE: u32 = 100;

/// How POP3 is recognised: by its greeting, or what only its clients say and its servers answer.
pub(super) const POP3: Protocol = Protocol { name: "pop3", tcp: true, udp: false, ports: &[110, 995], looks, begin };

/// Commands.
const COMMANDS: [&str; 15] = [
    "USER", "PASS", "APOP", "AUTH", "CAPA", "STLS", "STAT", "LIST", "RETR", "DELE", "NOOP", "RSET", "QUIT", "TOP",
    "UIDL",
];

/// Those that a client begins with, and one of Redis, which answers alike, does not.
const FIRST_COMMANDS: [&str; 4] = ["USER", "APOP", "CAPA", "STLS"];

records! {
    /// A command of POP3 and its reply; or a reply alone, as the greeting is.
    "pop3" Pop3 {
        /// The command, in capitals; none if the client said something else.
        command: Option<String>,
        /// What stands behind it; of PASS, and of APOP and AUTH behind the first word, only with `--secrets`.
        arg: Option<String>,
        /// What the server said: OK or ERR.
        status: Option<&'static str>,
        /// The text behind that.
        reply_msg: Option<String>,
        /// Lines that followed, but for the last one, which is a dot.
        lines: Option<u64>,
        /// Their bytes.
        body_len: Option<u64> => in "bytes",
        /// Of these, bytes that are missing in the capture.
        missed_bytes: Option<u64> => in "bytes",
        /// Date, in the headers of a mail.
        date: Option<String>,
        /// From, in its headers.
        from: Option<String> => / "email.from.address",
        /// To, in its headers.
        to: Option<String> => / "email.to.address",
        /// Subject, in its headers, as it was sent.
        subject: Option<String> => / "email.subject",
        /// Message-ID, in its headers.
        msg_id: Option<String> => / "email.message_id",
    }
}

fn looks(opening: &Opening) -> Verdict {
    opening.client_at(POP3.ports, speaks)
}

/// What a client and a server said, and whether the port speaks for it.
fn speaks(client: &[u8], server: &[u8], expected: bool) -> Verdict {
    let yes = Verdict::Yes(Side::Originator);
    let (reply, replied) = first_line(server).unwrap_or_default();
    let could_reply =
        |status: &&[u8]| status.get(..reply.len().min(status.len())) == reply.get(..status.len().min(reply.len()));
    if ![&b"+OK"[..], b"-ERR", b"+ "].iter().any(could_reply) {
        return Verdict::No;
    }
    let (line, whole) = first_line(client).unwrap_or_default();
    let (command, _) = word(line);
    let ended = whole || line.len() > command.len();
    let replies = replied && status(reply).is_some();
    match client.is_empty() {
        _ if expected && (replies || whole && server.is_empty() && could_be(command, true, &COMMANDS)) => yes,
        true if replies && mentions(reply, &["POP3", "POP"]) => yes,
        // A greeting says something; that of Redis does not.
        true if !server.is_empty() && (!replied || reply.len() > 4) => Verdict::Perhaps,
        false if could_be(command, ended, &FIRST_COMMANDS) => {
            if whole && replies {
                yes
            } else {
                Verdict::Perhaps
            }
        }
        false if expected && server.is_empty() && could_be(command, ended, &COMMANDS) => Verdict::Perhaps,
        _ => Verdict::No,
    }
}

/// What a line says, and the text behind it.
fn status(line: &[u8]) -> Option<(&'static str, &[u8])> {
    let (status, text) = word(line);
    match status {
        b"+OK" => Some(("OK", text)),
        b"-ERR" => Some(("ERR", text)),
        _ => None,
    }
}

fn begin(opening: &Opening, client: Side, limits: &Limits) -> Box<dyn Dissector> {
    Box::new(Conversation {
        client,
        secrets: limits.secrets,
        lines: Sides::default(),
        commands: Commands::default(),
        body: None,
        greeting: opening.from_start,
        challenge: String::new(),
        nonsense: 0,
        secret: String::new(),
        user: None,
        sasl: None,
        attempts: Attempts::default(),
    })
}

/// A conversation.
struct Conversation {
    client: Side,
    secrets: bool,
    lines: Sides<Lines>,
    commands: Commands,
    /// The lines behind a reply.
    body: Option<Body>,
    /// The greeting is yet to come.
    greeting: bool,
    /// What stands in it for APOP.
    challenge: String,
    nonsense: u32,
    /// The password that came last.
    secret: String,
    user: Option<(String, Moment)>,
    sasl: Option<Sasl>,
    attempts: Attempts,
}

struct Body {
    content: Content,
    lines: u64,
    /// Some of it is missing, perhaps its end.
    gapped: bool,
    /// None if it was told already.
    reply: Option<Reply>,
}

impl Body {
    fn gap(&mut self, length: u64) {
        self.content.gap(length);
        self.gapped = true;
    }
}

struct Reply {
    status: &'static str,
    text: String,
    first: Moment,
}

impl Held for Conversation {
    fn held(&self) -> usize {
        let text = |body: &Body| body.reply.as_ref().map_or(0, |reply| reply.text.held());
        let body = self.body.as_ref().map_or(0, |body| body.content.message.held() + text(body));
        let user = self.user.as_ref().map_or(0, |(user, _)| user.held());
        self.lines.held() + self.commands.held() + self.challenge.held() + body + user + self.sasl.held()
    }
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        if side == self.client {
            self.lines.of_mut(side).push(bytes, at);
            while let Some(line) = self.lines.of_mut(side).next() {
                self.client_line(&line, out);
            }
            return Next::Same;
        }
        let next = self.server_says(bytes, at, out);
        if next != Next::Same {
            self.forget(at, out);
        }
        next
    }

    fn gap(&mut self, side: Side, length: u64, at: Moment, out: &mut Events) -> Next {
        self.lines.of_mut(side).clear();
        match &mut self.body {
            _ if side == self.client => self.commands.lost_commands(),
            Some(body) => body.gap(length),
            None => self.lost_replies(at, out),
        }
        Next::Same
    }

    fn begins_behind_gap(&mut self, side: Side) {
        if side == self.client {
            self.commands.lost_commands();
        } else {
            self.commands.lost_replies();
        }
    }

    fn end(&mut self, at: Moment, out: &mut Events) {
        if let Some(rest) = self.lines.of_mut(self.client).rest() {
            self.client_line(&rest, out);
        }
        if let Some(rest) = self.lines.of_mut(self.client.other()).rest() {
            self.reply_line(&rest, out);
        }
        self.forget(at, out);
    }
}

impl Conversation {
    fn client_line(&mut self, line: &Line, out: &mut Events) {
        let command = self.commands.read(line, &COMMANDS);
        let known = command.as_ref().is_some_and(|command| COMMANDS.contains(&command.word.as_str()));
        if self.sasl.as_mut().is_some_and(|sasl| sasl.takes(&line.bytes, known)) {
            return;
        }
        let Some(command) = command else { return };
        if command.word == "AUTH" && !command.argument.is_empty() {
            self.sasl_ends(Outcome::Unknown, None, line.last, out);
            self.sasl = Some(Sasl::begin(command.argument.as_bytes(), line.first));
        }
        if self.body.as_ref().is_some_and(|body| body.gapped) {
            self.body_ends(false, line.first, out);
        }
        if command.word == "PASS" {
            self.secret.clone_from(&command.argument);
        }
        let over = self.commands.push(command);
        self.unanswered(over, line.last, out);
    }

    /// Tells commands without replies.
    fn unanswered(&mut self, commands: Vec<Command>, at: Moment, out: &mut Events) {
        for command in commands {
            self.settle(&command, None, at, out);
            self.tell(Some(command), None, None, at, out);
        }
    }

    fn server_says(&mut self, mut bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        while !bytes.is_empty() {
            if let Some(body) = &mut self.body {
                let end = body.content.take(bytes);
                let (own, rest) = bytes.split_at_checked(end.unwrap_or(bytes.len())).unwrap_or((bytes, &[]));
                body.lines += own.iter().filter(|byte| **byte == b'\n').count() as u64;
                bytes = rest;
                if end.is_some() {
                    self.body_ends(true, at, out);
                }
                continue;
            }
            // Up to the end of a line: what follows may be of another kind.
            let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1);
            let (line, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
            bytes = rest;
            self.lines.of_mut(self.client.other()).push(line, at);
            while let Some(line) = self.lines.of_mut(self.client.other()).next() {
                match self.reply_line(&line, out) {
                    Next::Same => {}
                    Next::Anew(_) => return Next::Anew(bytes.len()),
                    Next::Over => return Next::Over,
                }
            }
        }
        Next::Same
    }

    fn reply_line(&mut self, line: &Line, out: &mut Events) -> Next {
        if let Some(sasl) = &mut self.sasl
            && line.bytes.first() == Some(&b'+')
            && matches!(line.bytes.get(1), None | Some(b' '))
        {
            sasl.challenge(line.bytes.get(2..).unwrap_or_default());
            return Next::Same;
        }
        let Some((status, text)) = status(&line.bytes) else {
            if !self.commands.is_known() {
                // Lines behind a reply of which nobody knows what it is for.
                let mut content = Content::new();
                content.take(&line.bytes);
                content.take(b"\r\n");
                self.body = Some(Body { content, lines: 1, gapped: true, reply: None });
                return Next::Same;
            }
            let addl = Some(lossless(line.bytes.get(..80).unwrap_or(&line.bytes)));
            out.push(line.first, line.last, Weird { name: "reply_without_status", addl, peer: POP3.name });
            self.nonsense += 1;
            return if self.nonsense < MAX_NONSENSE { Next::Same } else { Next::Over };
        };
        let reply = Reply { status, text: lossless(text), first: line.first };
        let greets = std::mem::take(&mut self.greeting);
        if greets || self.commands.front(line.first).is_none() {
            if !greets {
                self.commands.pop(line.first);
            }
            let stamp = reply.text.split_once('<').and_then(|(_, stamp)| stamp.split_once('>'));
            self.challenge = stamp.map(|(stamp, _)| format!("<{stamp}>")).unwrap_or_default();
            self.tell(None, Some(reply), None, line.last, out);
            return Next::Same;
        }
        let several = self.commands.front(line.first).is_some_and(|command| match command.word.as_str() {
            "RETR" | "TOP" | "CAPA" => true,
            "LIST" | "UIDL" | "AUTH" => command.argument.is_empty(),
            _ => false,
        });
        if several && status == "OK" {
            self.body = Some(Body { content: Content::new(), lines: 0, gapped: false, reply: Some(reply) });
            return Next::Same;
        }
        let Some(command) = self.commands.pop(line.first) else { return Next::Same };
        self.settle(&command, Some(&reply), line.last, out);
        let tls = command.word == "STLS" && status == "OK";
        self.tell(Some(command), Some(reply), None, line.last, out);
        if tls { Next::Anew(0) } else { Next::Same }
    }

    /// The lines behind a reply are over: `whole` if their end was seen.
    fn body_ends(&mut self, whole: bool, at: Moment, out: &mut Events) {
        let Some(mut body) = self.body.take() else { return };
        body.lines = body.lines.saturating_sub(whole.into());
        let gapped = body.gapped;
        if let Some(began) = body.reply.as_ref().map(|reply| reply.first) {
            let command = self.commands.pop(began);
            self.tell(command, None, Some(body), at, out);
        }
        if gapped {
            // The end may be that of another body, and replies may stand between.
            self.lost_replies(at, out);
        }
    }

    /// Replies are missing.
    fn lost_replies(&mut self, at: Moment, out: &mut Events) {
        let lost = self.commands.lost_replies();
        self.unanswered(lost, at, out);
    }

    /// What a command and its reply mean for who is logged in.
    fn settle(&mut self, command: &Command, reply: Option<&Reply>, last: Moment, out: &mut Events) {
        let result = match reply.map(|reply| reply.status) {
            None => Outcome::Unknown,
            Some("OK") => Outcome::Success,
            Some(_) => Outcome::Failure,
        };
        let code = reply.and_then(|reply| bracketed(&reply.text));
        let auth = |user, kind, secret: Option<String>| Auth {
            service: POP3.name,
            user,
            secret_kind: Some(kind),
            secret: secret.filter(|_| self.secrets),
            result,
            server_code: code.clone(),
            ..Auth::default()
        };
        match command.word.as_str() {
            "USER" => {
                if let Some((user, first)) = self.user.take() {
                    let unknown =
                        Auth { result: Outcome::Unknown, server_code: None, ..auth(Some(user), "none", None) };
                    self.attempts.tell(first, last, unknown, out);
                }
                if result == Outcome::Failure {
                    let failed = auth(Some(command.argument.clone()), "none", None);
                    return self.attempts.tell(command.first, last, failed, out);
                }
                self.user = Some((command.argument.clone(), command.first));
            }
            "PASS" => {
                let (user, first) = self.user.take().unzip();
                let auth = auth(user, "plain", Some(command.argument.clone()));
                self.attempts.tell(first.unwrap_or(command.first), last, auth, out);
            }
            "APOP" => {
                let (user, digest) = command.argument.split_once(' ').unwrap_or((&command.argument, ""));
                let secret = format!("{} {digest}", self.challenge).trim_start().to_owned();
                let auth =
                    Auth { mechanism: Some("APOP".to_owned()), ..auth(Some(user.to_owned()), "md5", Some(secret)) };
                self.attempts.tell(command.first, last, auth, out);
            }
            "AUTH" => self.sasl_ends(result, code, last, out),
            _ => {}
        }
    }

    fn sasl_ends(&mut self, result: Outcome, code: Option<String>, last: Moment, out: &mut Events) {
        let Some(sasl) = self.sasl.take() else { return };
        let first = sasl.first;
        self.attempts.tell(first, last, sasl.auth(POP3.name, self.secrets, result, code), out);
    }

    /// Tells what waits.
    fn forget(&mut self, at: Moment, out: &mut Events) {
        self.body_ends(false, at, out);
        let rest = self.commands.give_up();
        self.unanswered(rest, at, out);
        self.sasl_ends(Outcome::Unknown, None, at, out);
        if let Some((user, first)) = self.user.take() {
            let auth = Auth { service: POP3.name, user: Some(user), secret_kind: Some("none"), ..Auth::default() };
            self.attempts.tell(first, at, auth, out);
        }
    }

    /// A command, its reply, or both.
    fn tell(&self, command: Option<Command>, reply: Option<Reply>, body: Option<Body>, last: Moment, out: &mut Events) {
        let mut pop3 = Pop3::default();
        let answered = reply.is_some() || body.is_some();
        let last = if answered { last } else { command.as_ref().map_or(last, |command| command.last) };
        let is_mail = command.as_ref().is_some_and(|command| matches!(command.word.as_str(), "RETR" | "TOP"));
        if let Some(Body { content, lines, .. }) = &body {
            pop3.lines = Some(*lines);
            pop3.body_len = Some(content.message.length);
            pop3.missed_bytes = Some(content.message.missed).filter(|missed| *missed > 0);
            if is_mail {
                let headers = content.message.headers();
                pop3.date = headers.first("date");
                pop3.from = headers.first("from");
                pop3.to = headers.first("to");
                pop3.subject = headers.first("subject");
                pop3.msg_id = headers.first("message-id");
            }
        }
        let reply = reply.or(body.and_then(|body| body.reply));
        let first = command.as_ref().map(|command| command.first).or(reply.as_ref().map(|reply| reply.first));
        if let Some(mut command) = command {
            if !self.secrets && command.may_be_secret(&COMMANDS) {
                (command.word, command.argument) = (String::new(), String::new());
            }
            let argument = match command.word.as_str() {
                "PASS" if !self.secrets => String::new(),
                "APOP" | "AUTH" if !self.secrets => lossless(word(command.argument.as_bytes()).0),
                _ => command.argument,
            };
            pop3.command = Some(command.word).filter(|word| !word.is_empty());
            pop3.arg = Some(argument).filter(|argument| !argument.is_empty());
        }
        pop3.status = reply.as_ref().map(|reply| reply.status);
        let text = reply.map(|reply| reply.text);
        pop3.reply_msg = if self.secrets { text } else { text.map(|text| without(text, &self.secret)) };
        out.push(first.unwrap_or(last), last, pop3);
    }
}
