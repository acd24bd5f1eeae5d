//! Logins, as the screen shows them.

use super::super::Events;
use super::super::held::Held;
use super::super::login::{Attempts, Auth, Outcome};
use super::super::text::lossless;
use super::TELNET;
use crate::flow::Moment;

/// The longest line that is kept, in bytes: of the screen its end, of what is typed its beginning.
const MAX_LINE: usize = 512;

/// Lines of the screen that are looked at for what came of a login.
const MAX_LINES: u32 = 40;

/// Words of a line that say that a login failed.
const FAILURES: [&str; 9] = [
    "incorrect",
    "invalid",
    "failed",
    "failure",
    "denied",
    "bad password",
    "bad secret",
    "wrong password",
    "not authorized",
];

/// Beginnings of lines that say that it did not.
const SUCCESSES: [&str; 2] = ["last login", "welcome"];

/// What a line is that waits for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prompt {
    User,
    Password,
    /// A shell's.
    Command,
}

/// The screen, and what is typed.
pub(super) struct Logins {
    secrets: bool,
    /// The line that the server is at.
    screen: Vec<u8>,
    shown_at: Moment,
    /// The line that the client types, and since when.
    typed: Vec<u8>,
    typed_at: Option<Moment>,
    /// What the screen asked when the client began that line.
    prompt: Option<Prompt>,
    /// The last byte typed was CR: LF or NUL behind it is of the same end.
    after_return: bool,
    attempt: Option<Attempt>,
    attempts: Attempts,
}

/// A login that goes on.
struct Attempt {
    user: Option<String>,
    password: Option<String>,
    first: Moment,
    last: Moment,
    /// Lines since the password.
    lines: u32,
}

impl Held for Logins {
    fn held(&self) -> usize {
        let attempt = self.attempt.as_ref().map_or(0, |attempt| attempt.user.held() + attempt.password.held());
        self.screen.held() + self.typed.held() + attempt
    }
}

impl Logins {
    pub(super) fn new(secrets: bool) -> Self {
        Self {
            secrets,
            screen: Vec::new(),
            shown_at: Moment::default(),
            typed: Vec::new(),
            typed_at: None,
            prompt: None,
            after_return: false,
            attempt: None,
            attempts: Attempts::default(),
        }
    }

    /// How many there were.
    pub(super) fn attempts(&self) -> u64 {
        self.attempts.count()
    }

    /// The server shows a byte.
    pub(super) fn shown(&mut self, byte: u8, at: Moment, out: &mut Events) {
        match byte {
            b'\n' => {
                self.line_shown(at, out);
                self.screen.clear();
            }
            0 | b'\r' => {}
            byte => {
                // A prompt stands at the end.
                if self.screen.len() >= MAX_LINE {
                    self.screen.drain(..MAX_LINE / 2);
                }
                self.screen.push(byte);
                self.shown_at = at;
            }
        }
    }

    fn line_shown(&mut self, at: Moment, out: &mut Events) {
        let Some(attempt) = self.attempt.as_mut().filter(|attempt| attempt.password.is_some()) else { return };
        let line = screen_text(&self.screen);
        attempt.lines += u32::from(!line.is_empty());
        let too_many = attempt.lines > MAX_LINES;
        // "Last failed login" greets who is in.
        if SUCCESSES.iter().any(|word| line.starts_with(word)) {
            self.ends(Outcome::Success, at, out);
        } else if FAILURES.iter().any(|word| line.contains(word)) && !line.starts_with("last") {
            self.ends(Outcome::Failure, at, out);
        } else if too_many {
            self.ends(Outcome::Unknown, at, out);
        }
    }

    /// The client types a byte.
    pub(super) fn typed(&mut self, byte: u8, at: Moment, out: &mut Events) {
        let continues = std::mem::take(&mut self.after_return) && matches!(byte, b'\n' | 0);
        if continues {
            return;
        }
        if self.typed_at.is_none() {
            self.typed_at = Some(at);
            self.prompt = prompt(&self.screen);
            self.judge(out);
        }
        match byte {
            b'\r' | b'\n' => {
                self.after_return = byte == b'\r';
                self.line_typed(at, out);
            }
            8 | 127 => {
                self.typed.pop();
            }
            0 => {}
            byte if self.typed.len() < MAX_LINE => self.typed.push(byte),
            _ => {}
        }
    }

    /// What waits for the client shows how a login went.
    fn judge(&mut self, out: &mut Events) {
        let is_done = self.attempt.as_ref().is_some_and(|attempt| attempt.password.is_some());
        let outcome = match self.prompt {
            Some(Prompt::User | Prompt::Password) => Outcome::Failure,
            Some(Prompt::Command) => Outcome::Success,
            None => return,
        };
        if is_done {
            self.ends(outcome, self.shown_at, out);
        }
    }

    fn line_typed(&mut self, at: Moment, out: &mut Events) {
        let line = lossless(&std::mem::take(&mut self.typed));
        let first = self.typed_at.take().unwrap_or(at);
        match self.prompt.take() {
            Some(Prompt::User) if !line.is_empty() => {
                self.ends(Outcome::Unknown, at, out);
                self.attempt = Some(Attempt { user: Some(line), password: None, first, last: at, lines: 0 });
            }
            Some(Prompt::Password) => {
                let attempt =
                    self.attempt.get_or_insert(Attempt { user: None, password: None, first, last: at, lines: 0 });
                attempt.password = Some(line);
                attempt.last = at;
            }
            _ => {}
        }
        // It is answered: the next line is not typed on it.
        self.screen.clear();
    }

    /// Bytes of one side are missing.
    pub(super) fn lost(&mut self, of_client: bool) {
        self.screen.clear();
        if of_client {
            self.typed.clear();
            self.typed_at = None;
        }
    }

    /// Nothing more comes.
    pub(super) fn end(&mut self, _: Moment, out: &mut Events) {
        self.prompt = prompt(&self.screen);
        self.judge(out);
        let last = self.attempt.as_ref().map(|attempt| attempt.last);
        self.ends(Outcome::Unknown, last.unwrap_or_default(), out);
    }

    fn ends(&mut self, result: Outcome, last: Moment, out: &mut Events) {
        let Some(attempt) = self.attempt.take() else { return };
        let last = if result == Outcome::Unknown { attempt.last } else { last };
        let auth = Auth {
            service: TELNET.name,
            user: attempt.user,
            secret_kind: Some(if attempt.password.is_some() { "plain" } else { "none" }),
            secret: attempt.password.filter(|_| self.secrets),
            result,
            ..Auth::default()
        };
        self.attempts.tell(attempt.first, last, auth, out);
    }
}

/// True if the screen ends with a question for a name or a password.
pub(super) fn is_prompt(screen: &[u8]) -> bool {
    let line = screen.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    matches!(prompt(line), Some(Prompt::User | Prompt::Password))
}

/// What a line asks that nothing follows.
fn prompt(line: &[u8]) -> Option<Prompt> {
    let line = screen_text(line);
    let asks =
        |words: &[&str]| words.iter().any(|word| line.strip_suffix(':').unwrap_or(&line).trim_end().ends_with(word));
    if line.ends_with(':') && asks(&["login", "username", "user name", "user", "userid", "user id", "account"]) {
        Some(Prompt::User)
    } else if line.ends_with(':') && (asks(&["password", "passwd", "passcode"]) || line.starts_with("password for ")) {
        Some(Prompt::Password)
    } else if line.ends_with(['$', '#', '>', '%']) {
        Some(Prompt::Command)
    } else {
        None
    }
}

/// A line in small letters, without what controls the terminal, and without spaces around it.
fn screen_text(line: &[u8]) -> String {
    let mut text = String::new();
    let mut in_escape = false;
    for byte in line {
        match byte {
            27 => in_escape = true,
            // A control sequence ends with a letter (ECMA-48, 5.4).
            byte if in_escape => in_escape = !byte.is_ascii_alphabetic(),
            byte if byte.is_ascii_graphic() || *byte == b' ' => text.push(byte.to_ascii_lowercase().into()),
            _ => {}
        }
    }
    text.trim().to_owned()
}
