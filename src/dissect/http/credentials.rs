//! What Authorization and Proxy-Authorization say: Basic (RFC 7617), Digest (7616), Bearer (6750), NTLM (MS-NLMP 2.2.1.3).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::message::Message;
use crate::dissect::login::{Auth, Outcome};
use crate::dissect::text::{lossless, utf16};

/// Both headers, and the status that says that what they hold is not enough.
const HEADERS: [(&str, u16); 2] = [("authorization", 401), ("proxy-authorization", 407)];

/// Where NTLM's last message has the length and place of the user's name, and its flags.
const NTLM_USER: usize = 36;
const NTLM_FLAGS: usize = 60;

/// Attempts to log in with one request, and what came of them by the status of the response. The second of a pair is the
/// same for attempts with the same name and secret.
pub(in crate::dissect) fn attempts(request: &Message, status: Option<u16>, secrets: bool) -> Vec<(Auth, String)> {
    let attempt = |(header, refusal): (&str, u16)| {
        let value = request.header(header)?;
        let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
        let mut auth = Auth { service: "http", mechanism: Some(scheme.to_ascii_lowercase()), ..Auth::default() };
        let secret;
        match auth.mechanism.as_deref()? {
            "basic" => {
                let (user, password) = basic(value)?;
                (auth.user, auth.secret_kind, secret) = (Some(user), Some("plain"), password);
            }
            "digest" => {
                let algorithm = parameter(rest, "algorithm").unwrap_or_default().to_ascii_lowercase();
                auth.user = parameter(rest, "username");
                auth.secret_kind = Some(if algorithm.starts_with("sha") { "nonce" } else { "md5" });
                secret = parameter(rest, "response");
            }
            "bearer" => (auth.secret_kind, secret) = (Some("plain"), Some(rest.trim().to_owned())),
            "ntlm" | "negotiate" => {
                let token = STANDARD.decode(rest.trim()).unwrap_or_default();
                let user = ntlm_user(&token)?;
                auth.mechanism = Some("ntlm".to_owned());
                (auth.user, auth.secret_kind, secret) = (Some(user), Some("nonce"), Some(rest.trim().to_owned()));
            }
            _ => return None,
        }
        auth.result = match status {
            None => Outcome::Unknown,
            Some(status) if status == refusal => Outcome::Failure,
            Some(500..) => Outcome::Error,
            Some(_) => Outcome::Success,
        };
        auth.server_code = status.map(|status| status.to_string());
        // The response of a digest is another one each time.
        let of_secret = secret.as_deref().filter(|_| auth.secret_kind == Some("plain")).unwrap_or_default();
        let same = format!("{header} {:?} {:?} {of_secret}", auth.mechanism, auth.user);
        auth.secret = secret.filter(|_| secrets);
        Some((auth, same))
    };
    HEADERS.into_iter().filter_map(attempt).collect()
}

/// User and password of `Basic dXNlcjpwYXNz`.
pub(super) fn basic(value: &str) -> Option<(String, Option<String>)> {
    let (scheme, rest) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let rest = rest.trim();
    let said = STANDARD.decode(rest).or_else(|_| STANDARD_NO_PAD.decode(rest)).ok()?;
    let mut parts = said.splitn(2, |byte| *byte == b':');
    let user = lossless(parts.next().unwrap_or_default());
    Some((user, parts.next().map(lossless)))
}

/// The value of one of several `name="value"`.
fn parameter(text: &str, name: &str) -> Option<String> {
    let mut rest = text;
    loop {
        let (found, behind) = rest.split_once('=')?;
        let (value, next) = match behind.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => behind.split_once(',').unwrap_or((behind, "")),
        };
        if found.trim_matches([' ', ',', '\t']).eq_ignore_ascii_case(name) {
            return Some(value.trim().to_owned());
        }
        rest = next;
    }
}

/// The user whom the last message of NTLM names; none if it is another message.
fn ntlm_user(token: &[u8]) -> Option<String> {
    let kind = token.strip_prefix(b"NTLMSSP\0")?.first_chunk::<4>()?;
    if u32::from_le_bytes(*kind) != 3 {
        return None;
    }
    let length = u16::from_le_bytes(*token.get(NTLM_USER..)?.first_chunk()?);
    let place = u32::from_le_bytes(*token.get(NTLM_USER + 4..)?.first_chunk()?);
    let name = token.get(place as usize..)?.get(..length.into())?;
    let is_unicode = token.get(NTLM_FLAGS).is_some_and(|flags| flags & 1 != 0);
    Some(if is_unicode { utf16(name, u16::from_le_bytes) } else { lossless(name) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_may_hold_commas_and_equal_signs() {
        let text = r#"username="a,b=c", realm="x", algorithm=MD5, uri="/?q=1,2", response="00ff""#;
        assert_eq!(parameter(text, "username").as_deref(), Some("a,b=c"));
        assert_eq!(parameter(text, "algorithm").as_deref(), Some("MD5"));
        assert_eq!(parameter(text, "response").as_deref(), Some("00ff"));
        assert_eq!(parameter(text, "opaque"), None);
    }

    #[test]
    fn the_user_of_ntlm() {
        let mut token = b"NTLMSSP\0\x03\0\0\0".to_vec();
        token.resize(36, 0);
        token.extend([4, 0, 4, 0, 64, 0, 0, 0]);
        token.resize(60, 0);
        token.extend([1, 0, 0, 0]);
        token.extend(b"a\0\xe4\0");
        assert_eq!(ntlm_user(&token).as_deref(), Some("aä"));
        for end in 0..token.len() {
            assert_eq!(ntlm_user(&token[..end]), None);
        }
    }
}
