//! Protocols in which a client gives commands, and a server answers each, in their order: FTP, SMTP, POP3.
//!
//! [`Commands`] wait for their replies; [`Replies`] puts together those that are lines with a code of three digits in front
//! (RFC 959, 4.2; RFC 5321, 4.2).

use super::asked::Asked;
use super::held::Held;
use super::lines::Line;
use super::mail::Message;
use super::sasl::is_base64;
use super::text::{lossless, reply_code};
use crate::flow::Moment;

/// Commands that wait for their replies, at most.
const MAX_WAITING: usize = 1_000;

/// Their bytes, at most.
const MAX_WAITING_BYTES: usize = 1 << 20;

/// The longest word that is taken for a command.
const LONGEST_WORD: usize = 24;

/// Of the text of one reply, this much is kept, in bytes.
const MAX_REPLY: usize = 64 << 10;

/// A command that waits for its reply.
#[derive(Debug)]
pub(super) struct Command {
    /// In capitals; empty if the line begins with no word.
    pub(super) word: String,
    /// What stands behind it; the line, if it begins with no word.
    pub(super) argument: String,
    pub(super) first: Moment,
    pub(super) last: Moment,
    /// The mail that followed it.
    pub(super) message: Option<Box<Message>>,
}

impl Command {
    /// What a line says; none if nothing.
    pub(super) fn of(line: &Line) -> Option<Self> {
        let text = line.bytes.trim_ascii();
        if text.is_empty() {
            return None;
        }
        let space = text.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(text.len());
        let (command, argument) = match text.split_at_checked(space) {
            Some((command, argument)) if is_word(command) => (command, argument.trim_ascii_start()),
            _ => (&[][..], text),
        };
        let word = lossless(command).to_ascii_uppercase();
        let argument = lossless(argument);
        Some(Self { word, argument, first: line.first, last: line.last, message: None })
    }

    /// True if it is none of these, and may be what answers the server in a login that began before what was seen.
    pub(super) fn may_be_secret(&self, known: &[&str]) -> bool {
        let said = if self.word.is_empty() { &self.argument } else { &self.word };
        !known.contains(&self.word.as_str()) && is_base64(said.as_bytes())
    }

    fn weight(&self) -> usize {
        self.word.held() + self.argument.held() + self.message.held()
    }
}

/// True if this can be a command: letters, digits, hyphens.
pub(super) fn is_word(word: &[u8]) -> bool {
    (1..=LONGEST_WORD).contains(&word.len())
        && word.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        && word.first().is_some_and(u8::is_ascii_alphabetic)
}

/// Commands that wait for their replies, in order.
#[derive(Debug)]
pub(super) struct Commands {
    asked: Asked<Command>,
    /// The client's next line may be the end of one whose beginning is missing.
    resumes: bool,
}

impl Default for Commands {
    fn default() -> Self {
        Self { asked: Asked::new(MAX_WAITING, MAX_WAITING_BYTES), resumes: false }
    }
}

impl Commands {
    /// What a line says, none if nothing. The end of a line whose beginning is missing may be a secret: unless it begins
    /// with one of these words, what it says is left out.
    pub(super) fn read(&mut self, line: &Line, known: &[&str]) -> Option<Command> {
        let command = Command::of(line)?;
        let is_rest = std::mem::take(&mut self.resumes) && !known.contains(&command.word.as_str());
        Some(if is_rest { Command { word: String::new(), argument: String::new(), ..command } } else { command })
    }

    /// Adds one. Those whose replies will not come, or will not be known.
    pub(super) fn push(&mut self, command: Command) -> Vec<Command> {
        let (at, weight) = (command.first, command.weight());
        self.asked.push(command, at, weight)
    }

    /// Takes the one that a reply that began then is for: none if it was told already, was not seen, or is not known.
    pub(super) fn pop(&mut self, began: Moment) -> Option<Command> {
        self.asked.answered(began)
    }

    /// The same, and leaves it.
    pub(super) fn front(&self, began: Moment) -> Option<&Command> {
        self.asked.front(began)
    }

    /// Says that a reply that began then can only be to the last one, unless its command is known or the last one is not of this
    /// word, behind which clients wait. Those before it, whose replies were not seen.
    pub(super) fn is_to_last(&mut self, word: &str, began: Moment) -> Vec<Command> {
        match self.front(began).is_none() && self.asked.last().is_some_and(|last| last.word == word) {
            true => self.asked.only_last(),
            false => Vec::new(),
        }
    }

    /// Replies are missing, but the client has all but that to the last one. Those before it.
    pub(super) fn only_last(&mut self) -> Vec<Command> {
        self.asked.only_last()
    }

    /// Some of what the client said is missing.
    pub(super) fn lost_commands(&mut self) {
        self.resumes = true;
        self.asked.lost_commands();
    }

    /// Replies are missing: those to anything that waits.
    pub(super) fn lost_replies(&mut self) -> Vec<Command> {
        self.asked.lost_replies()
    }

    /// Takes everything that waits, whose replies will not come.
    pub(super) fn give_up(&mut self) -> Vec<Command> {
        self.asked.give_up()
    }

    /// True if it is known which replies are for what is asked next.
    pub(super) fn is_known(&self) -> bool {
        self.asked.is_known()
    }

    /// Adds a mail to the last one, if that is of this word; otherwise gives it back.
    pub(super) fn append(&mut self, word: &str, message: Box<Message>, last: Moment) -> Option<Box<Message>> {
        let weight = size_of::<Message>() + message.held();
        match self.asked.last_mut().filter(|command| command.word == word) {
            Some(command) => {
                command.message = Some(message);
                command.last = last;
                self.asked.grow(weight);
                None
            }
            None => Some(message),
        }
    }
}

impl Held for Commands {
    fn held(&self) -> usize {
        self.asked.held()
    }
}

/// A reply.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) code: u16,
    /// All lines, without codes.
    pub(super) text: String,
    pub(super) first: Moment,
}

/// What a line of a server makes.
pub(super) enum Answer {
    /// The reply goes on.
    More,
    /// It is whole.
    Whole(Reply),
    /// It is no reply.
    Nonsense,
}

/// Replies, line by line.
#[derive(Debug)]
pub(super) struct Replies {
    /// Lines inside of a reply need no code, and only the first one's code ends it, as in FTP.
    free: bool,
    reply: Option<Reply>,
}

impl Replies {
    /// Of a protocol in which lines inside of a reply need no code, or need one.
    pub(super) fn new(free: bool) -> Self {
        Self { free, reply: None }
    }

    /// Takes a line.
    pub(super) fn line(&mut self, line: &Line) -> Answer {
        let code = reply_code(&line.bytes);
        let text = line.bytes.get(4..).unwrap_or_default();
        let Some(reply) = &mut self.reply else {
            let Some((code, goes_on)) = code else { return Answer::Nonsense };
            let reply = Reply { code, text: lossless(text), first: line.first };
            if !goes_on {
                return Answer::Whole(reply);
            }
            self.reply = Some(reply);
            return Answer::More;
        };
        let own = code.filter(|(code, _)| *code == reply.code || !self.free);
        if reply.text.len() + line.bytes.len() < MAX_REPLY {
            reply.text.push('\n');
            reply.text.push_str(&lossless(if own.is_some() { text } else { &line.bytes }));
        }
        match own {
            Some((code, false)) => {
                reply.code = code;
                self.rest().map_or(Answer::More, Answer::Whole)
            }
            _ => Answer::More,
        }
    }

    /// The reply that is not whole.
    pub(super) fn rest(&mut self) -> Option<Reply> {
        self.reply.take()
    }
}

impl Held for Replies {
    fn held(&self) -> usize {
        self.reply.as_ref().map_or(0, |reply| reply.text.held())
    }
}
