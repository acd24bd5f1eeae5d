//! The two sides of an SMTP conversation, command by command.

use super::super::dialogue::{Answer, Command, Commands, Replies, Reply};
use super::super::held::Held;
use super::super::lines::{Line, Lines};
use super::super::login::{Attempts, Outcome};
use super::super::mail::{Content, Envelope, Message};
use super::super::record::Events;
use super::super::sasl::Sasl;
use super::super::text::{could_be, first_line, lossless, without, word};
use super::super::{Dissector, Limits, Next, Opening, Weird};
use super::{COMMANDS, SMTP, Smtp, address};
use crate::flow::{Moment, Side, Sides};

/// Recipients of one mail that are told, and their bytes.
const MAX_RECIPIENTS: usize = 1_000;
const MAX_RECIPIENT_BYTES: usize = 256 << 10;

/// Lines of a server that are no replies: after so many it is not SMTP.
const MAX_NONSENSE: u32 = 100;

/// Replies that servers give to one command alone, behind which clients wait (RFC 2920, 3.1; 4954, 4).
const TO_ONE: [(u16, &str); 5] = [(220, "STARTTLS"), (221, "QUIT"), (235, "AUTH"), (334, "AUTH"), (354, "DATA")];

pub(super) fn begin(opening: &Opening, client: Side, limits: &Limits) -> Box<dyn Dissector> {
    // Picked up in the middle, it may be in the middle of a mail.
    let (command, _) = word(first_line(opening.of(client)).unwrap_or_default().0);
    let inside = !opening.from_start && !command.is_empty() && !could_be(command, true, &COMMANDS);
    Box::new(Conversation {
        client,
        secrets: limits.secrets,
        lines: Sides::default(),
        mode: if inside { Mode::Data(Content::middle()) } else { Mode::Commands },
        commands: Commands::default(),
        replies: Replies::new(false),
        nonsense: 0,
        sasl: None,
        attempts: Attempts::default(),
        mail: Mail::default(),
        lmtp: false,
        answers: 0,
    })
}

/// A conversation.
struct Conversation {
    client: Side,
    secrets: bool,
    /// The server's, and the client's commands.
    lines: Sides<Lines>,
    mode: Mode,
    commands: Commands,
    replies: Replies,
    nonsense: u32,
    sasl: Option<Sasl>,
    attempts: Attempts,
    mail: Mail,
    lmtp: bool,
    /// Replies to a mail that come before the last one: LMTP has one for each recipient.
    answers: usize,
}

/// What the client says.
enum Mode {
    /// Lines.
    Commands,
    /// A mail, up to a line of a dot.
    Data(Content),
    /// A part of a mail, which has so many more bytes; the last one or not; some of it came.
    Part { left: u64, last: bool, begun: bool },
}

/// What the envelope says, and what of a mail in parts has come.
#[derive(Default)]
struct Mail {
    envelope: Envelope,
    /// What the recipients take.
    recipient_bytes: usize,
    accepted: usize,
    parts: Option<Box<Message>>,
}

impl Mail {
    /// Adds a recipient, unless there are too many.
    fn add(&mut self, recipient: Option<String>) {
        let bytes = self.recipient_bytes + size_of::<String>() + recipient.held();
        if self.envelope.to.len() < MAX_RECIPIENTS && bytes <= MAX_RECIPIENT_BYTES {
            self.envelope.to.extend(recipient);
            self.recipient_bytes = bytes;
        }
    }
}

impl Held for Mail {
    fn held(&self) -> usize {
        self.envelope.helo.held() + self.envelope.from.held() + self.recipient_bytes + self.parts.held()
    }
}

impl Held for Conversation {
    fn held(&self) -> usize {
        let mail = match &self.mode {
            Mode::Data(content) => content.message.held(),
            Mode::Commands | Mode::Part { .. } => 0,
        };
        self.lines.held() + self.commands.held() + self.replies.held() + self.mail.held() + mail + self.sasl.held()
    }
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        if side == self.client {
            self.client_says(bytes, at, out);
            return Next::Same;
        }
        self.lines.of_mut(side).push(bytes, at);
        let mut next = Next::Same;
        while next == Next::Same
            && let Some(line) = self.lines.of_mut(side).next()
        {
            too_long(&line, out);
            next = self.reply_line(&line, out);
        }
        if next != Next::Same {
            self.flush(at, out);
        }
        next
    }

    fn gap(&mut self, side: Side, length: u64, at: Moment, out: &mut Events) -> Next {
        self.lines.of_mut(side).clear();
        if side != self.client {
            self.replies.rest();
            self.lost_replies(at, out);
            return Next::Same;
        }
        match &mut self.mode {
            Mode::Commands => self.commands.lost_commands(),
            Mode::Data(content) => {
                content.gap(length);
                self.commands.lost_commands();
            }
            Mode::Part { left, .. } => {
                let missed = length.min(*left);
                *left -= missed;
                if missed < length {
                    self.commands.lost_commands();
                }
                self.mail.parts.get_or_insert_default().gap(missed);
                self.part_ends(at, out);
            }
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
        let server = self.client.other();
        if let Some(rest) = self.lines.of_mut(self.client).rest() {
            self.client_line(&rest, out);
        }
        if let Some(rest) = self.lines.of_mut(server).rest() {
            self.reply_line(&rest, out);
        }
        self.flush(at, out);
    }
}

impl Conversation {
    /// Takes what the client says: lines and mails in turn.
    fn client_says(&mut self, mut bytes: &[u8], at: Moment, out: &mut Events) {
        while !bytes.is_empty() {
            match &mut self.mode {
                Mode::Commands => {
                    // Up to the end of a line: what follows may be of another kind.
                    let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1);
                    let (line, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
                    bytes = rest;
                    self.lines.of_mut(self.client).push(line, at);
                    while let Some(line) = self.lines.of_mut(self.client).next() {
                        too_long(&line, out);
                        self.client_line(&line, out);
                    }
                }
                Mode::Data(content) => {
                    let Some(end) = content.take(bytes) else { return };
                    bytes = bytes.get(end..).unwrap_or_default();
                    self.mail_ends(at, out);
                }
                Mode::Part { left, begun, .. } => {
                    *begun = true;
                    let size = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    let (part, rest) = bytes.split_at_checked(size).unwrap_or((bytes, &[]));
                    *left -= part.len() as u64;
                    self.mail.parts.get_or_insert_default().push(part);
                    bytes = rest;
                    self.part_ends(at, out);
                }
            }
        }
    }

    fn client_line(&mut self, line: &Line, out: &mut Events) {
        let command = self.commands.read(line, &COMMANDS);
        let known = command.as_ref().is_some_and(|command| COMMANDS.contains(&command.word.as_str()));
        if self.sasl.as_mut().is_some_and(|sasl| sasl.takes(&line.bytes, known)) {
            return;
        }
        let Some(command) = command else { return };
        match command.word.as_str() {
            "EHLO" | "HELO" | "LHLO" => {
                self.lmtp |= command.word == "LHLO";
                self.anew();
                self.mail.envelope.helo = Some(command.argument.clone());
            }
            "MAIL" => {
                self.anew();
                self.mail.envelope.from = address(&command.argument, "FROM:");
            }
            "RCPT" => self.mail.add(address(&command.argument, "TO:")),
            "RSET" => self.anew(),
            "DATA" => self.mode = Mode::Data(Content::new()),
            "BDAT" => {
                let (size, last) = word(command.argument.as_bytes());
                let last = last.eq_ignore_ascii_case(b"LAST");
                if let Some(left) = std::str::from_utf8(size).ok().and_then(|size| size.parse().ok()) {
                    self.mode = Mode::Part { left, last, begun: false };
                }
            }
            "AUTH" => {
                let sasl = Sasl::begin(command.argument.as_bytes(), line.first);
                self.auth_ends(Outcome::Unknown, None, line.last, out);
                self.sasl = Some(sasl);
            }
            _ => {}
        }
        let over = self.commands.push(command);
        self.unanswered(over, line.last, out);
        self.part_ends(line.last, out);
    }

    /// No mail has begun.
    fn anew(&mut self) {
        let envelope = Envelope { helo: self.mail.envelope.helo.take(), ..Envelope::default() };
        self.mail = Mail { envelope, ..Mail::default() };
    }

    /// A mail has come to its end.
    fn mail_ends(&mut self, at: Moment, out: &mut Events) {
        let Mode::Data(content) = std::mem::replace(&mut self.mode, Mode::Commands) else { return };
        self.answers = if self.lmtp { self.mail.accepted.saturating_sub(1) } else { 0 };
        self.append("DATA", content.message, at, out);
    }

    /// A part of a mail may have come to its end.
    fn part_ends(&mut self, at: Moment, out: &mut Events) {
        if let Mode::Part { left: 0, last, .. } = self.mode {
            self.mode = Mode::Commands;
            if last {
                let message = self.mail.parts.take().unwrap_or_default();
                self.append("BDAT", message, at, out);
            }
        }
    }

    /// Adds a mail to its command; if that was told already, it is told alone.
    fn append(&mut self, word: &'static str, mut message: Box<Message>, at: Moment, out: &mut Events) {
        message.envelope = self.mail.envelope.clone();
        if let Some(message) = self.commands.append(word, message, at) {
            let (word, argument) = (String::new(), String::new());
            self.tell(Some(Command { word, argument, first: at, last: at, message: Some(message) }), None, at, out);
        }
    }

    fn reply_line(&mut self, line: &Line, out: &mut Events) -> Next {
        match self.replies.line(line) {
            Answer::More => Next::Same,
            Answer::Whole(reply) => self.replied(reply, line.last, out),
            Answer::Nonsense if line.bytes.is_empty() => Next::Same,
            Answer::Nonsense => {
                let addl = Some(lossless(line.bytes.get(..80).unwrap_or(&line.bytes)));
                out.push(line.first, line.last, Weird { name: "reply_without_code", addl, peer: SMTP.name });
                self.nonsense += 1;
                if self.nonsense < MAX_NONSENSE { Next::Same } else { Next::Over }
            }
        }
    }

    /// A reply is whole.
    fn replied(&mut self, reply: Reply, last: Moment, out: &mut Events) -> Next {
        let code = reply.code;
        if let Some((_, word)) = TO_ONE.iter().find(|(known, _)| *known == code) {
            let over = self.commands.is_to_last(word, reply.first);
            self.unanswered(over, last, out);
        }
        let word = self.commands.front(reply.first).map_or("", |command| command.word.as_str()).to_owned();
        let good = (200..300).contains(&code);
        match (word.as_str(), code) {
            // The greeting answers nothing.
            (other, 220) if other != "STARTTLS" => {
                self.tell(None, Some(reply), last, out);
                return Next::Same;
            }
            // Another reply follows behind the mail, or the response.
            ("DATA", 300..400) => {
                self.tell(None, Some(reply), last, out);
                return Next::Same;
            }
            ("DATA", _) if self.answers > 0 => {
                self.answers -= 1;
                self.tell(None, Some(reply), last, out);
                return Next::Same;
            }
            (_, 334) if let Some(sasl) = &mut self.sasl => {
                sasl.challenge(reply.text.as_bytes());
                self.tell(None, Some(reply), last, out);
                return Next::Same;
            }
            ("DATA", _) => self.data_answered(good, reply.first, last, out),
            ("BDAT", 400..) if matches!(self.mode, Mode::Part { begun: false, .. }) => self.mode = Mode::Commands,
            ("RCPT", _) if good => self.mail.accepted += 1,
            ("AUTH", _) => self.auth_ends(outcome(code), Some(code), last, out),
            _ => {}
        }
        let command = self.commands.pop(reply.first);
        self.tell(command, Some(reply), last, out);
        if word == "STARTTLS" && good {
            return Next::Anew(self.lines.of(self.client.other()).len());
        }
        Next::Same
    }

    /// The last reply to DATA: the server says no, or it has the mail.
    fn data_answered(&mut self, good: bool, began: Moment, last: Moment, out: &mut Events) {
        let unfinished = self.commands.front(began).is_some_and(|command| command.message.is_none());
        match std::mem::replace(&mut self.mode, Mode::Commands) {
            // It has it: the end was missed.
            Mode::Data(content) if unfinished && good => self.append("DATA", content.message, last, out),
            // The client did not wait to be asked, and goes on.
            Mode::Data(content) if !unfinished || content.message.length > 0 => self.mode = Mode::Data(content),
            Mode::Data(_) => {}
            other => self.mode = other,
        }
    }

    fn auth_ends(&mut self, result: Outcome, code: Option<u16>, last: Moment, out: &mut Events) {
        let Some(sasl) = self.sasl.take() else { return };
        let first = sasl.first;
        let auth = sasl.auth(SMTP.name, self.secrets, result, code.map(|code| code.to_string()));
        self.attempts.tell(first, last, auth, out);
    }

    /// Replies are missing.
    fn lost_replies(&mut self, at: Moment, out: &mut Events) {
        self.auth_ends(Outcome::Unknown, None, at, out);
        // Who sends a mail has been asked to, and its reply is the only one to come.
        let has_begun = matches!(&self.mode, Mode::Data(content) if content.message.length > 0);
        let lost = if has_begun { self.commands.only_last() } else { self.commands.lost_replies() };
        self.unanswered(lost, at, out);
    }

    /// Tells commands without replies.
    fn unanswered(&mut self, commands: Vec<Command>, at: Moment, out: &mut Events) {
        for command in commands {
            self.tell(Some(command), None, at, out);
        }
    }

    /// Tells everything that waits: nothing more will come.
    fn flush(&mut self, at: Moment, out: &mut Events) {
        match std::mem::replace(&mut self.mode, Mode::Commands) {
            Mode::Data(content) if content.message.length > 0 => self.append("DATA", content.message, at, out),
            _ => {
                if let Some(parts) = self.mail.parts.take() {
                    self.append("BDAT", parts, at, out);
                }
            }
        }
        if let Some(reply) = self.replies.rest() {
            self.replied(reply, at, out);
        }
        self.auth_ends(Outcome::Unknown, None, at, out);
        let rest = self.commands.give_up();
        self.unanswered(rest, at, out);
    }

    /// A command, its reply, or both.
    fn tell(&self, command: Option<Command>, reply: Option<Reply>, last: Moment, out: &mut Events) {
        let first = command.as_ref().map(|command| command.first).or(reply.as_ref().map(|reply| reply.first));
        let last = if reply.is_some() { last } else { command.as_ref().map_or(last, |command| command.last) };
        let mut smtp = Smtp { reply_code: reply.as_ref().map(|reply| reply.code), ..Smtp::default() };
        smtp.reply_msg = reply.map(|reply| reply.text);
        let hidden = matches!(smtp.reply_code, None | Some(235 | 334 | 535)) && !self.secrets;
        if let Some(mut command) = command {
            if hidden && command.may_be_secret(&COMMANDS) {
                (command.word, command.argument) = (String::new(), String::new());
            }
            let secret = command.word == "AUTH" && !self.secrets;
            if secret {
                let said = command.argument.split_whitespace().skip(1);
                smtp.reply_msg = smtp.reply_msg.map(|text| said.fold(text, without));
            }
            let argument = if secret { lossless(word(command.argument.as_bytes()).0) } else { command.argument };
            smtp.command = Some(command.word).filter(|word| !word.is_empty());
            smtp.arg = Some(argument).filter(|argument| !argument.is_empty());
            if let Some(message) = command.message {
                smtp.about(*message);
            }
        }
        out.push(first.unwrap_or(last), last, smtp);
    }
}

/// What a reply to AUTH means, RFC 4954, 6.
fn outcome(code: u16) -> Outcome {
    match code {
        200..300 => Outcome::Success,
        400..=500 | 502..=504 => Outcome::Error,
        _ => Outcome::Failure,
    }
}

/// A line that is longer than what is kept of one.
fn too_long(line: &Line, out: &mut Events) {
    if !line.whole {
        out.push(line.first, line.last, Weird { name: "line_too_long", addl: None, peer: SMTP.name });
    }
}
