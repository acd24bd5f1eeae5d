//! The two sides of an IMAP conversation, command by command.

use std::collections::VecDeque;

use super::super::held::Held;
use super::super::login::{Attempts, Auth, Outcome};
use super::super::record::Events;
use super::super::sasl::Sasl;
use super::super::text::{bracketed, lossless, without, word};
use super::super::{Dissector, Limits, Next, Opening, Weird};
use super::texts::{Text, Texts, words};
use super::{IMAP, Imap, command, is_tag, response};
use crate::flow::{Moment, Side, Sides};

/// Commands that wait for their responses, at most.
const MAX_WAITING: usize = 1_000;

/// Their bytes, at most.
const MAX_WAITING_BYTES: usize = 1 << 20;

/// Lines that make no sense: after so many it is not IMAP.
const MAX_NONSENSE: u32 = 100;

pub(super) fn begin(_: &Opening, client: Side, limits: &Limits) -> Box<dyn Dissector> {
    Box::new(Conversation {
        client,
        secrets: limits.secrets,
        texts: Sides::default(),
        resumes: Sides::default(),
        waiting: VecDeque::new(),
        bytes: 0,
        untagged: 0,
        greeted: false,
        nonsense: 0,
        login: None,
        attempts: Attempts::default(),
    })
}

/// A conversation.
struct Conversation {
    client: Side,
    secrets: bool,
    texts: Sides<Texts>,
    /// The next line of a side may be the end of one, and its tag the end of another.
    resumes: Sides<bool>,
    waiting: VecDeque<Command>,
    /// Bytes of these.
    bytes: usize,
    untagged: u64,
    greeted: bool,
    nonsense: u32,
    /// AUTHENTICATE that goes on, and its tag.
    login: Option<(Sasl, String)>,
    attempts: Attempts,
}

/// A command that waits for its response.
struct Command {
    tag: String,
    word: String,
    argument: Vec<u8>,
    literals: u64,
    first: Moment,
    last: Moment,
}

impl Held for Command {
    fn held(&self) -> usize {
        self.tag.held() + self.word.held() + self.argument.held()
    }
}

impl Held for Conversation {
    fn held(&self) -> usize {
        self.texts.held() + self.bytes + self.waiting.capacity() * size_of::<Command>() + self.login.held()
    }
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, mut bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        let mut next = Next::Same;
        while next == Next::Same
            && let Some(text) = self.texts.of_mut(side).take(&mut bytes, at)
        {
            next = if side == self.client { self.client_says(text, out) } else { self.server_says(&text, out) };
        }
        match next {
            Next::Same => return Next::Same,
            Next::Anew(_) => next = Next::Anew(bytes.len()),
            Next::Over => {}
        }
        self.forget(at, out);
        next
    }

    fn gap(&mut self, side: Side, length: u64, _: Moment, _: &mut Events) -> Next {
        self.texts.of_mut(side).gap(length);
        self.begins_behind_gap(side);
        Next::Same
    }

    fn begins_behind_gap(&mut self, side: Side) {
        *self.resumes.of_mut(side) = true;
    }

    fn end(&mut self, at: Moment, out: &mut Events) {
        if let Some(text) = self.texts.of_mut(self.client).rest() {
            self.client_says(text, out);
        }
        if let Some(text) = self.texts.of_mut(self.client.other()).rest() {
            self.server_says(&text, out);
        }
        self.forget(at, out);
    }
}

impl Conversation {
    fn client_says(&mut self, text: Text, out: &mut Events) -> Next {
        let is_rest = std::mem::take(self.resumes.of_mut(self.client));
        let known = command(&text.bytes).is_some();
        if self.login.as_mut().is_some_and(|(sasl, _)| sasl.takes(&text.bytes, known)) {
            return Next::Same;
        }
        let (tag, rest) = word(&text.bytes);
        let (name, argument) = word(rest);
        if text.bytes.is_empty() || rest.is_empty() && tag.eq_ignore_ascii_case(b"DONE") {
            return Next::Same;
        }
        if !(known || is_tag(tag) && super::super::dialogue::is_word(name)) {
            return self.makes_no_sense("no_command", &text, out);
        }
        let (mut word_, mut argument) = (lossless(name).to_ascii_uppercase(), argument);
        if word_ == "UID" {
            let (second, rest) = word(argument);
            word_ = format!("UID {}", lossless(second).to_ascii_uppercase());
            argument = rest;
        }
        let tag = lossless(tag);
        if word_ == "AUTHENTICATE" {
            self.login_ends(Outcome::Unknown, None, text.last, out);
            self.login = Some((Sasl::begin(argument, text.first), tag.clone()));
        }
        let argument = argument.to_vec();
        let Text { literals, first, last, .. } = text;
        let command = Command { tag, word: word_, argument, literals, first, last };
        if is_rest {
            self.tell(command, None, last, out);
            return Next::Same;
        }
        self.bytes += command.held();
        self.waiting.push_back(command);
        while self.waiting.len() > MAX_WAITING || self.bytes > MAX_WAITING_BYTES {
            let Some(overdue) = self.take(0) else { break };
            self.tell(overdue, None, last, out);
        }
        Next::Same
    }

    fn server_says(&mut self, text: &Text, out: &mut Events) -> Next {
        let is_rest = std::mem::take(self.resumes.of_mut(self.client.other()));
        let Some((tag, result, said)) = response(&text.bytes) else {
            return self.makes_no_sense("no_response", text, out);
        };
        match (tag, result) {
            (b"+", _) => {
                if let Some((sasl, _)) = &mut self.login {
                    sasl.challenge(said);
                }
            }
            (b"*", Some(result)) if !self.greeted && self.waiting.is_empty() || result == "BYE" => {
                self.alone(tag, result, said, text, out);
            }
            (b"*", _) => self.untagged += 1,
            (tag, Some(result)) if is_rest => self.alone(tag, result, said, text, out),
            (tag, Some(result)) => {
                self.greeted = true;
                return self.tagged(tag, result, said, text, out);
            }
            _ => {}
        }
        self.greeted = true;
        Next::Same
    }

    /// A response with a tag.
    fn tagged(&mut self, tag: &[u8], result: &'static str, said: &[u8], text: &Text, out: &mut Events) -> Next {
        // A literal that the server did not want does not come.
        let client = self.texts.of_mut(self.client);
        if client.waiting().is_some_and(|waiting| word(&waiting.bytes).0 == tag)
            && let Some(refused) = client.rest()
        {
            self.client_says(refused, out);
        }
        let tag_ = lossless(tag);
        let Some(place) = self.waiting.iter().position(|command| command.tag == tag_) else {
            self.alone(tag, result, said, text, out);
            return Next::Same;
        };
        let Some(command) = self.take(place) else { return Next::Same };
        let word = command.word.clone();
        self.tell(command, Some((result, lossless(said))), text.last, out);
        match word.as_str() {
            "STARTTLS" if result == "OK" => Next::Anew(0),
            // What follows is compressed.
            "COMPRESS" if result == "OK" => Next::Over,
            _ => Next::Same,
        }
    }

    fn makes_no_sense(&mut self, name: &'static str, text: &Text, out: &mut Events) -> Next {
        // What a client says may be what answers the server in a login.
        let hidden = name == "no_command" && !self.secrets;
        let addl = Some(lossless(text.bytes.get(..80).unwrap_or(&text.bytes))).filter(|_| !hidden);
        out.push(text.first, text.last, Weird { name, addl, peer: IMAP.name });
        self.nonsense += 1;
        if self.nonsense < MAX_NONSENSE { Next::Same } else { Next::Over }
    }

    fn take(&mut self, place: usize) -> Option<Command> {
        let command = self.waiting.remove(place)?;
        self.bytes = self.bytes.saturating_sub(command.held());
        Some(command)
    }

    /// What the server says to no command that is known.
    fn alone(&mut self, tag: &[u8], result: &'static str, said: &[u8], text: &Text, out: &mut Events) {
        let (tag, response) = (Some(lossless(tag)), Some(lossless(said)));
        out.push(text.first, text.last, Imap { tag, result: Some(result), response, ..Imap::default() });
    }

    /// Tells what waits.
    fn forget(&mut self, at: Moment, out: &mut Events) {
        while let Some(command) = self.take(0) {
            self.tell(command, None, at, out);
        }
        self.login_ends(Outcome::Unknown, None, at, out);
    }

    fn login_ends(&mut self, result: Outcome, code: Option<String>, last: Moment, out: &mut Events) {
        let Some((sasl, _)) = self.login.take() else { return };
        let first = sasl.first;
        self.attempts.tell(first, last, sasl.auth(IMAP.name, self.secrets, result, code), out);
    }

    /// What a server says of a command: it may repeat what only `--secrets` tells.
    fn told(&self, command: &Command, text: String) -> String {
        match matches!(command.word.as_str(), "LOGIN" | "AUTHENTICATE") && !self.secrets {
            true => words(&command.argument).skip(1).fold(text, |text, said| without(text, &lossless(&said))),
            false => text,
        }
    }

    /// A command, and what the server said.
    fn tell(&mut self, command: Command, said: Option<(&'static str, String)>, last: Moment, out: &mut Events) {
        let result = match said.as_ref().map(|(result, _)| *result) {
            None => Outcome::Unknown,
            Some("OK") => Outcome::Success,
            Some("NO") => Outcome::Failure,
            Some(_) => Outcome::Error,
        };
        let code = said.as_ref().and_then(|(_, text)| bracketed(text));
        let last = if said.is_some() { last } else { command.last };
        let said = said.map(|(result, text)| (result, self.told(&command, text)));
        let mut words = words(&command.argument);
        let mut argument = lossless(&command.argument);
        match command.word.as_str() {
            "LOGIN" => {
                let (user, password) = (words.next().map(|user| lossless(&user)), words.next());
                if !self.secrets {
                    argument = user.clone().unwrap_or_default();
                }
                let secret_kind = Some(if password.is_some() { "plain" } else { "none" });
                let secret = password.map(|password| lossless(&password)).filter(|_| self.secrets);
                let (service, server_code) = (IMAP.name, code);
                let auth = Auth { service, user, secret_kind, secret, result, server_code, ..Auth::default() };
                self.attempts.tell(command.first, last, auth, out);
            }
            "AUTHENTICATE" => {
                if !self.secrets {
                    argument = lossless(word(&command.argument).0);
                }
                if self.login.as_ref().is_some_and(|(_, tag)| *tag == command.tag) {
                    self.login_ends(result, code, last, out);
                }
            }
            _ => {}
        }
        let (result, response) = said.unzip();
        let untagged = result.map(|_| std::mem::take(&mut self.untagged));
        let imap = Imap {
            tag: Some(command.tag),
            command: Some(command.word),
            arg: Some(argument).filter(|argument| !argument.is_empty()),
            result,
            response,
            untagged,
            literal_bytes: Some(command.literals).filter(|bytes| *bytes > 0),
        };
        out.push(command.first, last, imap);
    }
}
