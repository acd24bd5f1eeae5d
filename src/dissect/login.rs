//! Attempts to log in, of whatever protocol: one record each.

use super::record::{Events, records};
use super::weird::Weird;
use crate::flow::Moment;

/// Attempts of one conversation, at most: more are counted in one `weird` record.
const MAX_ATTEMPTS: u64 = 10_000;

records! {
    /// An attempt to log in.
    "auth" Auth {
        /// What was to be logged in to, by the protocol's name.
        service: &'static str => / "network.protocol",
        /// The user's name.
        user: Option<String> => / "user.name",
        /// What shows who one is: plain, md5, scram, nonce, sha1, sha256, ntlm, token, none.
        secret_kind: Option<&'static str>,
        /// That, only with `--secrets`: as text, what is not text in hexadecimal digits.
        secret: Option<String>,
        /// The database, or virtual host.
        database: Option<String>,
        /// How it was done, by the protocol's own name for it.
        mechanism: Option<String>,
        /// What came of it: success, failure, error, unknown.
        result: Outcome => / "event.outcome",
        /// The server's code for that.
        server_code: Option<String> => / "event.code",
        /// Which attempt of the conversation it is, from 1.
        attempt: u64,
    }
}

/// The attempts of one conversation.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    count: u64,
}

impl Attempts {
    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Tells of one, and numbers it; of too many, only that there are.
    pub(super) fn tell(&mut self, first: Moment, last: Moment, auth: Auth, out: &mut Events) {
        self.count += 1;
        let (attempt, peer) = (self.count, auth.service);
        match attempt {
            ..=MAX_ATTEMPTS => out.push(first, last, Auth { attempt, ..auth }),
            _ if attempt == MAX_ATTEMPTS + 1 => {
                out.push(first, last, Weird { name: "too_many_logins", addl: None, peer });
            }
            _ => {}
        }
    }
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Outcome {
    /// The server let one in.
    Success,
    /// It did not.
    Failure,
    /// It could not tell.
    Error,
    /// No answer was seen.
    #[default]
    Unknown,
}

impl super::value::FieldValue for Outcome {
    const KIND: crate::table::ColumnKind = crate::table::ColumnKind::Text;

    fn value(self) -> super::value::Value {
        let text = match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Error => "error",
            Self::Unknown => "unknown",
        };
        super::value::Value::Text(text.to_owned())
    }
}
