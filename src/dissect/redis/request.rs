//! A command of Redis: its name and arguments, what is secret in them, whether it is answered.

use super::resp::Item;
use crate::dissect::text::mentions;
use crate::flow::Moment;

/// What a command takes at least, in bytes, while it waits.
const PER_REQUEST: usize = 128;

/// What an argument takes besides its text.
const PER_ARGUMENT: usize = 24;

/// Words in scripts beside which passwords stand.
const IN_SCRIPTS: [&str; 6] = ["auth", "auth2", "setuser", "requirepass", "masterauth", "masteruser"];

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    /// In capitals.
    pub(super) name: String,
    /// The arguments, as far as they are kept.
    pub(super) args: Vec<String>,
    /// How many there are.
    pub(super) count: u64,
    pub(super) first: Moment,
    pub(super) last: Moment,
    /// What it takes while it waits.
    pub(super) size: usize,
    /// Not everything is kept.
    pub(super) cut: bool,
}

impl Request {
    pub(super) fn of(item: Item, first: Moment, last: Moment) -> Self {
        let mut words = item.elements.iter().map(Item::told);
        let name = words.next().unwrap_or_default().to_ascii_uppercase();
        let args: Vec<String> = words.collect();
        let size = args.iter().map(|argument| argument.len() + PER_ARGUMENT).sum::<usize>() + name.len() + PER_REQUEST;
        Self { name, args, count: item.length.saturating_sub(1), first, last, size, cut: false }
    }

    fn arg(&self, place: usize) -> Option<&str> {
        self.args.get(place).map(String::as_str)
    }

    fn has(&self, place: usize, word: &str) -> bool {
        self.arg(place).is_some_and(|argument| argument.eq_ignore_ascii_case(word))
    }

    /// The first argument; of a login there is none that is a key.
    pub(super) fn key(&self) -> Option<String> {
        self.args.first().filter(|_| self.name != "AUTH").cloned()
    }

    /// The first argument is a script.
    pub(super) fn is_script(&self) -> bool {
        matches!(self.name.as_str(), "EVAL" | "EVAL_RO")
    }

    /// The second argument.
    pub(super) fn value(&self) -> Option<String> {
        self.args.get(1).filter(|_| self.name != "AUTH").cloned()
    }

    /// There is a password among the arguments.
    pub(super) fn has_secret(&self) -> bool {
        let any = |word: &str| (0..self.args.len()).any(|place| self.has(place, word));
        match self.name.as_str() {
            "AUTH" => true,
            "HELLO" => any("AUTH"),
            "MIGRATE" => any("AUTH") || any("AUTH2"),
            "ACL" => self.has(0, "SETUSER"),
            "CONFIG" => {
                let secret = |word: &String| {
                    ["pass", "auth", "user"].iter().any(|part| word.to_ascii_lowercase().contains(part))
                };
                self.has(0, "SET") && self.args.iter().skip(1).any(secret)
            }
            "SENTINEL" => self.args.iter().any(|word| word.to_ascii_lowercase().contains("pass")),
            "EVAL" | "EVAL_RO" | "SCRIPT" | "FUNCTION" => {
                self.args.iter().any(|script| mentions(script.as_bytes(), &IN_SCRIPTS))
            }
            _ => false,
        }
    }

    /// The user and the password, if it is a login.
    pub(super) fn login(&self) -> Option<(Option<String>, Option<String>)> {
        let place = match self.name.as_str() {
            "AUTH" if self.count == 1 => return Some((None, self.args.first().cloned())),
            "AUTH" => 0,
            "HELLO" => 1 + (0..self.args.len()).find(|place| self.has(*place, "AUTH"))?,
            _ => return None,
        };
        Some((self.args.get(place).cloned(), self.args.get(place + 1).cloned()))
    }
}

/// Which commands the server replies to, as CLIENT REPLY says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sends {
    Replies,
    /// Not to the next one.
    NotNext,
    Nothing,
}

impl Sends {
    /// True if this command is replied to.
    pub(super) fn after(&mut self, request: &Request) -> bool {
        let client_reply = request.name == "CLIENT" && request.has(0, "REPLY");
        let before = *self;
        match (client_reply, before) {
            (true, _) if request.has(1, "ON") => *self = Self::Replies,
            (true, _) if request.has(1, "OFF") => *self = Self::Nothing,
            (true, Self::Replies) if request.has(1, "SKIP") => *self = Self::NotNext,
            (_, Self::NotNext) => *self = Self::Replies,
            _ => {}
        }
        match client_reply {
            true => *self == Self::Replies,
            false => before == Self::Replies,
        }
    }
}
