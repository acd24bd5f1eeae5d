//! MongoDB's logins: conversations of SASL, and what was before them.
//!
//! mongodb/specifications, "Authentication"; RFC 5802 (SCRAM), RFC 4616 (PLAIN).

use super::MONGODB;
use super::bson::{Bson, get};
use crate::dissect::held::Held;
use crate::dissect::login::{Attempts, Auth, Outcome};
use crate::dissect::record::Events;
use crate::dissect::text::lossless;
use crate::flow::Moment;

/// Attempts of a conversation that are not decided, at most.
const MAX_OPEN: usize = 16;

/// The server says no: no such user (11), authentication failed (18), mechanism not available (334).
const DENIED: [i64; 3] = [11, 18, 334];

/// The logins of a conversation.
#[derive(Debug, Default)]
pub(super) struct Logins {
    open: Vec<Login>,
    attempts: Attempts,
    secrets: bool,
}

/// An attempt that is not decided.
#[derive(Debug, Default)]
struct Login {
    /// The request whose answer says how it goes on.
    request: Option<i32>,
    /// The number that the server gave it.
    conversation: Option<i64>,
    /// It was sent along with the greeting: servers may take no notice.
    speculative: bool,
    user: Option<String>,
    database: Option<String>,
    mechanism: Option<String>,
    kind: Option<&'static str>,
    secret: Option<String>,
    first: Moment,
    last: Moment,
}

/// A command, as far as logins need it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) command: &'a str,
    pub(super) document: &'a [u8],
    pub(super) database: Option<&'a str>,
    pub(super) request: i32,
    pub(super) first: Moment,
    pub(super) last: Moment,
}

impl Held for Logins {
    fn held(&self) -> usize {
        self.open.held()
    }
}

impl Held for Login {
    fn held(&self) -> usize {
        self.user.held() + self.database.held() + self.mechanism.held() + self.secret.held()
    }
}

impl Logins {
    pub(super) fn new(secrets: bool) -> Self {
        Self { secrets, ..Self::default() }
    }

    /// A client's command.
    pub(super) fn asked(&mut self, asked: &Asked, out: &mut Events) {
        match asked.command.to_ascii_lowercase().as_str() {
            "saslstart" | "authenticate" => self.begins(asked.document, asked, false, out),
            "saslcontinue" => self.goes_on(asked, out),
            "hello" | "ismaster" => {
                if let Some(inside) =
                    get(asked.document, "speculativeAuthenticate").and_then(|inside| inside.document())
                {
                    self.begins(inside, asked, true, out);
                }
            }
            _ => {}
        }
    }

    fn begins(&mut self, document: &[u8], asked: &Asked, speculative: bool, out: &mut Events) {
        let text = |name: &str| get(document, name).and_then(|value| value.text());
        let mut login = Login {
            request: Some(asked.request),
            speculative,
            user: text("user"),
            database: text("db").or_else(|| asked.database.map(str::to_owned)),
            mechanism: text("mechanism"),
            first: asked.first,
            last: asked.last,
            ..Login::default()
        };
        match (get(document, "key"), get(document, "payload").and_then(|payload| payload.bytes())) {
            (Some(key), _) => {
                (login.kind, login.secret) = (Some("md5"), key.text());
                login.mechanism.get_or_insert_with(|| "MONGODB-CR".to_owned());
            }
            (None, Some(payload)) => login.payload(payload),
            (None, None) => login.kind = Some("none"),
        }
        self.add(login, out);
    }

    fn goes_on(&mut self, asked: &Asked, out: &mut Events) {
        let number = get(asked.document, "conversationId").and_then(|number| number.number());
        let found = self.open.iter().position(|login| login.conversation.is_some() && login.conversation == number);
        let place = found.unwrap_or_else(|| {
            let database = asked.database.map(str::to_owned);
            let (conversation, first) = (number, asked.first);
            self.add(Login { conversation, database, first, ..Login::default() }, out);
            self.open.len().saturating_sub(1)
        });
        let Some(login) = self.open.get_mut(place) else { return };
        login.request = Some(asked.request);
        login.last = asked.last;
        if let Some(payload) = get(asked.document, "payload").and_then(|payload| payload.bytes()) {
            login.payload(payload);
        }
    }

    fn add(&mut self, login: Login, out: &mut Events) {
        if self.open.len() >= MAX_OPEN {
            let oldest = self.open.remove(0);
            let last = oldest.last;
            self.tell(oldest, Outcome::Unknown, None, last, out);
        }
        self.open.push(login);
    }

    /// A server's reply.
    pub(super) fn answered(&mut self, to: i32, document: &[u8], last: Moment, out: &mut Events) {
        let Some(place) = self.open.iter().position(|login| login.request == Some(to)) else { return };
        let mut login = self.open.remove(place);
        let inside = match login.speculative {
            false => Some(document),
            true => get(document, "speculativeAuthenticate").and_then(|inside| inside.document()),
        };
        // The server took no notice: the client will begin once more.
        let Some(inside) = inside else { return };
        let number = |name: &str| get(inside, name).and_then(|value| value.number());
        let ok = if login.speculative { Some(1) } else { number("ok") };
        let done = get(inside, "done").map(|done| done == Bson::Flag(true));
        match (ok, done) {
            (Some(0), _) => {
                let code = number("code");
                let denied = code.is_none_or(|code| DENIED.contains(&code));
                let outcome = if denied { Outcome::Failure } else { Outcome::Error };
                self.tell(login, outcome, code.map(|code| code.to_string()), last, out);
            }
            (Some(_), None | Some(true)) => self.tell(login, Outcome::Success, None, last, out),
            _ => {
                login.conversation = number("conversationId");
                login.speculative = false;
                login.request = None;
                login.last = last;
                self.open.push(login);
            }
        }
    }

    /// Nothing more will come.
    pub(super) fn end(&mut self, out: &mut Events) {
        for login in std::mem::take(&mut self.open) {
            let last = login.last;
            self.tell(login, Outcome::Unknown, None, last, out);
        }
    }

    fn tell(&mut self, login: Login, result: Outcome, server_code: Option<String>, last: Moment, out: &mut Events) {
        let auth = Auth {
            service: MONGODB.name,
            user: login.user,
            secret_kind: login.kind,
            secret: login.secret.filter(|_| self.secrets),
            database: login.database,
            mechanism: login.mechanism,
            result,
            server_code,
            attempt: 0,
        };
        self.attempts.tell(login.first, last, auth, out);
    }
}

impl Login {
    /// What a client sends in a conversation of SASL.
    fn payload(&mut self, payload: &[u8]) {
        match self.mechanism.as_deref() {
            Some("PLAIN") => {
                let mut parts = payload.split(|byte| *byte == 0).skip(1);
                self.user = parts.next().map(lossless).or(self.user.take());
                (self.kind, self.secret) = (Some("plain"), parts.next().map(lossless));
            }
            None | Some("SCRAM-SHA-1" | "SCRAM-SHA-256") => {
                for attribute in payload.split(|byte| *byte == b',') {
                    match attribute {
                        [b'n', b'=', user @ ..] => self.user = Some(unescaped(user)),
                        [b'p', b'=', proof @ ..] => self.secret = Some(lossless(proof)),
                        _ => {}
                    }
                }
                self.kind = Some("scram");
            }
            Some(_) => {}
        }
    }
}

/// A name in SCRAM, in which commas and equals signs are written otherwise (RFC 5802, 5.1).
fn unescaped(name: &[u8]) -> String {
    lossless(name).replace("=2C", ",").replace("=3D", "=")
}
