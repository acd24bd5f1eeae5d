//! PostgreSQL's logins.

use crate::dissect::held::Held;
use crate::dissect::login::Outcome;
use crate::dissect::scan::Scan;
use crate::dissect::text::lossless;
use crate::flow::Moment;

/// Ways to show who one is, by the numbers of authentication requests: PostgreSQL's manual, 55.7; named as Zeek does.
const WAYS: [(u32, &str); 12] = [
    (0, "AuthenticationOk"),
    (2, "KerberosV5"),
    (3, "CleartextPassword"),
    (4, "CryptPassword"),
    (5, "MD5Password"),
    (6, "SCMCredential"),
    (7, "GSSAPI"),
    (8, "GSSAPIContinue"),
    (9, "SSPI"),
    (10, "SASL"),
    (11, "SASLContinue"),
    (12, "SASLFinal"),
];

/// Requests whose names are told, at most.
const MAX_REQUESTS: usize = 16;

/// An attempt to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) user: Option<String>,
    pub(super) database: Option<String>,
    /// What the server asked for last.
    asked: Option<u32>,
    /// The names of what it asked for.
    pub(super) asked_names: Vec<&'static str>,
    pub(super) mechanism: Option<String>,
    kind: Option<&'static str>,
    secret: Option<String>,
    pub(super) first: Moment,
    pub(super) last: Moment,
}

impl Held for Login {
    fn held(&self) -> usize {
        let asked = self.asked_names.held();
        self.user.held() + self.database.held() + asked + self.mechanism.held() + self.secret.held()
    }
}

impl Login {
    /// One that begins.
    pub(super) fn new(user: Option<String>, database: Option<String>, first: Moment, last: Moment) -> Self {
        let (mechanism, kind, secret) = (None, None, None);
        Self { user, database, asked: None, asked_names: Vec::new(), mechanism, kind, secret, first, last }
    }

    /// The server asks. True if it is content.
    pub(super) fn asks(&mut self, payload: &[u8]) -> bool {
        let mut scan = Scan::new(payload);
        let Some(way) = scan.u32() else { return false };
        let name = WAYS.iter().find(|(number, _)| *number == way).map_or("Unknown", |(_, name)| *name);
        if way == 0 {
            if self.asked.is_none() && self.mechanism.is_none() {
                self.mechanism = Some("trust".to_owned());
            }
            return true;
        }
        self.asked = Some(way);
        if self.asked_names.len() < MAX_REQUESTS {
            self.asked_names.push(name);
        }
        let mechanism = match way {
            3 => "cleartext",
            5 => "md5",
            4 => "crypt",
            2 => "krb5",
            6 => "scm",
            7 => "gss",
            9 => "sspi",
            // The client chooses one, and if it does not, the first is what it was asked for.
            10 => return self.offers(&mut scan),
            _ => return false,
        };
        self.mechanism = Some(mechanism.to_owned());
        false
    }

    fn offers(&mut self, scan: &mut Scan) -> bool {
        self.mechanism = scan.until_zero().filter(|name| !name.is_empty()).map(lossless);
        false
    }

    /// The client answers.
    pub(super) fn answers(&mut self, payload: &[u8], last: Moment) {
        self.last = last;
        let mut scan = Scan::new(payload);
        match self.asked.or_else(|| guess(payload)) {
            Some(5) => (self.kind, self.secret) = (Some("md5"), Some(lossless(scan.text()))),
            Some(3 | 4) => (self.kind, self.secret) = (Some("plain"), Some(lossless(scan.text()))),
            Some(10) => {
                self.mechanism = Some(lossless(scan.text()));
                self.kind = Some("scram");
                self.asked.get_or_insert(10);
            }
            Some(11) => {
                // The proof is the last of the attributes.
                let proof = payload.split(|byte| *byte == b',').find(|attribute| attribute.starts_with(b"p="));
                (self.kind, self.secret) = (Some("scram"), proof.and_then(|proof| proof.get(2..)).map(lossless));
            }
            _ => {}
        }
        if self.mechanism.is_none() {
            let known = [("md5", "md5"), ("plain", "cleartext")];
            let mechanism = known.iter().find(|(kind, _)| Some(*kind) == self.kind);
            self.mechanism = mechanism.map(|(_, mechanism)| (*mechanism).to_owned());
        }
    }

    /// The kind of the secret.
    pub(super) fn secret_kind(&self) -> Option<&'static str> {
        self.kind.or(self.asked.is_none().then_some("none"))
    }

    /// The secret.
    pub(super) fn secret(&mut self) -> Option<String> {
        self.secret.take()
    }
}

/// What the server must have asked for, when that was not seen.
fn guess(payload: &[u8]) -> Option<u32> {
    match payload {
        [b'm', b'd', b'5', digits @ .., 0] if digits.len() == 32 && digits.iter().all(u8::is_ascii_hexdigit) => Some(5),
        [text @ .., 0] if text.iter().all(|byte| *byte >= b' ') => Some(3),
        _ if payload.starts_with(b"SCRAM-") => Some(10),
        _ if payload.starts_with(b"c=") => Some(11),
        _ => None,
    }
}

/// What an error means for a login: class 28 is "invalid authorization".
pub(super) fn outcome(code: Option<&str>) -> Outcome {
    match code {
        Some(code) if code.starts_with("28") => Outcome::Failure,
        _ => Outcome::Error,
    }
}
