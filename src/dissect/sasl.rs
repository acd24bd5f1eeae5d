//! Logins by SASL, as SMTP, IMAP and POP3 carry them: base64 in lines. RFC 4422.
//!
//! PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195), DIGEST-MD5 (RFC 2831), SCRAM (RFC 5802), XOAUTH2, OAUTHBEARER (RFC 7628),
//! NTLM (MS-SMTPNTLM, MS-NLMP), EXTERNAL, ANONYMOUS.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::held::Held;
use super::login::{Auth, Outcome};
use super::text::{hex, lossless, utf16, word};
use crate::flow::Moment;

/// Responses of one login that are looked at.
const MAX_STEPS: u32 = 16;

/// The longest line of base64 that is decoded.
const LONGEST: usize = 16 << 10;

/// Base64 with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A login that goes on.
#[derive(Debug)]
pub(super) struct Sasl {
    mechanism: String,
    steps: u32,
    user: Option<String>,
    secret: Option<String>,
    challenge: Option<Vec<u8>>,
    /// The client gave it up.
    cancelled: bool,
    /// The server waits for a response; it did at least once.
    asked: bool,
    ever_asked: bool,
    /// The packet that it began with.
    pub(super) first: Moment,
}

impl Held for Sasl {
    fn held(&self) -> usize {
        self.mechanism.held() + self.user.held() + self.secret.held() + self.challenge.held()
    }
}

impl Sasl {
    /// Begins one: the mechanism, and what of the response stands behind it.
    pub(super) fn begin(argument: &[u8], first: Moment) -> Self {
        let (mechanism, initial) = word(argument);
        let mechanism = lossless(mechanism).to_ascii_uppercase();
        let (user, secret, challenge) = (None, None, None);
        let (cancelled, asked, ever_asked) = (false, false, false);
        let mut sasl = Self { mechanism, steps: 0, user, secret, challenge, cancelled, asked, ever_asked, first };
        match initial.trim_ascii() {
            [] => {}
            // An initial response that is empty, which is not the same as none.
            b"=" => sasl.understand(Vec::new()),
            initial => sasl.response(initial),
        }
        sasl
    }

    /// Takes what the server wants to be answered.
    pub(super) fn challenge(&mut self, text: &[u8]) {
        (self.asked, self.ever_asked) = (true, true);
        self.challenge = decode(text);
    }

    /// Takes a line of the client if it belongs to the login, and is no command that is `known`: with the server's side, it
    /// is known what that waits for; without, a response is what can be one.
    pub(super) fn takes(&mut self, line: &[u8], known: bool) -> bool {
        let unanswered = !self.ever_asked && !known && (is_base64(line) || line == b"*");
        let takes = std::mem::take(&mut self.asked) || unanswered;
        if takes {
            self.response(line);
        }
        takes
    }

    /// Takes what a client answers.
    fn response(&mut self, text: &[u8]) {
        match text.trim_ascii() {
            b"*" => self.cancelled = true,
            text => {
                if let Some(said) = decode(text) {
                    self.understand(said);
                }
            }
        }
    }

    /// What came of it, as a record.
    pub(super) fn auth(self, service: &'static str, secrets: bool, result: Outcome, code: Option<String>) -> Auth {
        let kind = if self.secret.is_some() { self.kind() } else { "none" };
        Auth {
            service,
            user: self.user,
            secret_kind: Some(kind),
            secret: self.secret.filter(|_| secrets),
            mechanism: Some(self.mechanism).filter(|mechanism| !mechanism.is_empty()),
            result: if self.cancelled && result == Outcome::Unknown { Outcome::Failure } else { result },
            server_code: code,
            ..Auth::default()
        }
    }

    fn kind(&self) -> &'static str {
        match self.mechanism.as_str() {
            "CRAM-MD5" | "DIGEST-MD5" => "md5",
            "XOAUTH2" | "OAUTHBEARER" => "token",
            "NTLM" => "ntlm",
            mechanism if mechanism.starts_with("SCRAM-") => "scram",
            _ => "plain",
        }
    }

    /// Takes what a response says.
    fn understand(&mut self, said: Vec<u8>) {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return;
        }
        match self.mechanism.as_str() {
            "PLAIN" => self.plain(&said),
            "LOGIN" => match self.steps {
                1 => self.user = Some(lossless(&said)),
                2 => self.secret = Some(text_or_hex(&said)),
                _ => {}
            },
            "CRAM-MD5" => self.cram(&said),
            "DIGEST-MD5" => self.digest(&said),
            "XOAUTH2" | "OAUTHBEARER" => self.bearer(&said),
            "NTLM" => {
                if let Some(told) = ntlm(&said) {
                    (self.user, self.secret) = told;
                }
            }
            "EXTERNAL" | "ANONYMOUS" => self.user = Some(lossless(&said)).filter(|user| !user.is_empty()),
            mechanism if mechanism.starts_with("SCRAM-") => self.scram(&said),
            _ => {}
        }
    }

    /// Whom to act for, who one is, password.
    fn plain(&mut self, said: &[u8]) {
        let mut parts = said.splitn(3, |byte| *byte == 0).skip(1);
        self.user = parts.next().map(lossless);
        self.secret = parts.next().map(text_or_hex);
    }

    /// The user's name, and the keyed MD5 of the challenge, which is told with it: without it the digest shows nothing.
    fn cram(&mut self, said: &[u8]) {
        let Some(space) = said.iter().rposition(|byte| *byte == b' ') else { return };
        let (user, digest) = said.split_at(space);
        self.user = Some(lossless(user));
        let challenge = self.challenge.as_deref().map(text_or_hex).unwrap_or_default();
        self.secret = Some(format!("{challenge} {}", text_or_hex(digest.trim_ascii())).trim_start().to_owned());
    }

    fn digest(&mut self, said: &[u8]) {
        let field = |name: &str| {
            said.split(|byte| *byte == b',').find_map(|field| {
                let value = field.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
                Some(lossless(value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value)))
            })
        };
        self.user = field("username").or(self.user.take());
        self.secret = field("response").or(self.secret.take());
    }

    fn bearer(&mut self, said: &[u8]) {
        for field in said.split(|byte| matches!(byte, 1 | b',')) {
            if let Some(user) = field.strip_prefix(b"user=").or(field.strip_prefix(b"a=")) {
                self.user = Some(lossless(user));
            } else if let Some(token) = field.strip_prefix(b"auth=") {
                let (_, token) = word(token);
                self.secret = Some(text_or_hex(token));
            }
        }
    }

    fn scram(&mut self, said: &[u8]) {
        for field in said.split(|byte| *byte == b',') {
            if let Some(user) = field.strip_prefix(b"n=") {
                // A comma and an equals sign are written so, RFC 5802, 5.1.
                self.user = Some(lossless(user).replace("=2C", ",").replace("=3D", "="));
            } else if let Some(proof) = field.strip_prefix(b"p=").filter(|_| self.steps > 1) {
                self.secret = Some(text_or_hex(proof));
            }
        }
    }
}

/// Who one is, and the answer to the server's challenge, by the last message of NTLM (MS-NLMP, 2.2.1.3); none if it is
/// another message.
pub(super) fn ntlm(said: &[u8]) -> Option<(Option<String>, Option<String>)> {
    if !said.starts_with(b"NTLMSSP\0\x03\0\0\0") {
        return None;
    }
    let unicode = said.get(60).is_some_and(|flags| flags & 1 != 0);
    let text = |at: usize| {
        let bytes = ntlm_field(said, at)?;
        Some(if unicode { utf16(bytes, u16::from_le_bytes) } else { lossless(bytes) }).filter(|text| !text.is_empty())
    };
    let user = match (text(28), text(36)) {
        (Some(domain), Some(user)) => Some(format!("{domain}\\{user}")),
        (_, user) => user,
    };
    Some((user, ntlm_field(said, 20).filter(|answer| !answer.is_empty()).map(hex)))
}

/// The bytes that a length (2 bytes), a maximum (2) and a place (4) stand for.
fn ntlm_field(message: &[u8], at: usize) -> Option<&[u8]> {
    let (length, rest) = message.get(at..)?.split_first_chunk::<2>()?;
    let (place, _) = rest.get(2..)?.split_first_chunk::<4>()?;
    let place = u32::from_le_bytes(*place) as usize;
    message.get(place..place.checked_add(u16::from_le_bytes(*length).into())?)
}

/// What base64 stands for; none if it is none.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() > LONGEST {
        return None;
    }
    BASE64.decode(text).ok()
}

/// True if this can be a line of base64.
pub(super) fn is_base64(text: &[u8]) -> bool {
    decode(text.trim_ascii()).is_some()
}

/// Bytes as text; what is no text in hexadecimal digits.
fn text_or_hex(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| hex(bytes), str::to_owned)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn said(mechanism: &str, lines: &[&str]) -> (Option<String>, Option<&'static str>, Option<String>) {
        let mut sasl = Sasl::begin(mechanism.as_bytes(), Moment::default());
        for line in lines {
            match line.strip_prefix('<') {
                Some(challenge) => sasl.challenge(BASE64.encode(challenge).as_bytes()),
                None => sasl.response(BASE64.encode(line).as_bytes()),
            }
        }
        let auth = sasl.auth("smtp", true, Outcome::Unknown, None);
        (auth.user, auth.secret_kind, auth.secret)
    }

    #[test]
    fn every_mechanism_tells_who_and_with_what() {
        let all: &[(&str, &[&str], &str, &str, &str)] = &[
            ("PLAIN", &["\0tim\0tanstaaf"], "tim", "plain", "tanstaaf"),
            ("plain AHRpbQB0YW5zdGFhZg==", &[], "tim", "plain", "tanstaaf"),
            ("LOGIN", &["<Username:", "anna", "<Password:", "geheim"], "anna", "plain", "geheim"),
            ("LOGIN YW5uYQ", &["geheim"], "anna", "plain", "geheim"),
            ("CRAM-MD5", &["<<1.2@x>", "tim b913"], "tim", "md5", "<1.2@x> b913"),
            ("DIGEST-MD5", &["username=\"chris\",realm=\"x\",response=d388"], "chris", "md5", "d388"),
            ("XOAUTH2", &["user=a@b\u{1}auth=Bearer ya29\u{1}\u{1}"], "a@b", "token", "ya29"),
            ("OAUTHBEARER", &["n,a=a@b,\u{1}host=x\u{1}auth=Bearer t\u{1}\u{1}"], "a@b", "token", "t"),
            ("SCRAM-SHA-256", &["n,,n=us=2Cer,r=ab", "c=biws,r=abc,p=dHz="], "us,er", "scram", "dHz="),
        ];
        for (mechanism, lines, user, kind, secret) in all {
            let told = said(mechanism, lines);
            assert_eq!(told, (Some((*user).to_owned()), Some(*kind), Some((*secret).to_owned())), "{mechanism}");
        }
    }

    /// The last message of NTLM of a user `D\us`, who answers 01 ff.
    pub(in crate::dissect) fn ntlm_message() -> Vec<u8> {
        let mut message = b"NTLMSSP\0\x03\0\0\0".to_vec();
        message.resize(64, 0);
        message[60] = 1;
        for (at, text) in [(20, &b"\x01\xff"[..]), (28, b"D\0"), (36, b"u\0s\0")] {
            let place = message.len() as u32;
            message[at..at + 2].copy_from_slice(&(text.len() as u16).to_le_bytes());
            message[at + 4..at + 8].copy_from_slice(&place.to_le_bytes());
            message.extend_from_slice(text);
        }
        message
    }

    #[test]
    fn ntlm_tells_user_and_answer() {
        let message = ntlm_message();
        for end in 0..=message.len() {
            let mut sasl = Sasl::begin(b"NTLM", Moment::default());
            sasl.response(BASE64.encode(&message[..end]).as_bytes());
            let auth = sasl.auth("smtp", true, Outcome::Unknown, None);
            if end == message.len() {
                assert_eq!((auth.user.as_deref(), auth.secret.as_deref()), (Some("D\\us"), Some("01ff")));
            }
        }
    }

    #[test]
    fn what_is_given_up_failed() {
        let mut sasl = Sasl::begin(b"LOGIN", Moment::default());
        sasl.response(b"*");
        let auth = sasl.auth("smtp", true, Outcome::Unknown, None);
        assert_eq!((auth.result, auth.user, auth.secret_kind), (Outcome::Failure, None, Some("none")));
    }
}
