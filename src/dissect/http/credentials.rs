//! What Authorization and Proxy-Authorization say: Basic (RFC 7617), Digest (7616), Bearer (6750), NTLM (MS-NLMP 2.2.1.3).

use super::message::Message;
use crate::dissect::login::{Auth, Outcome};
use crate::dissect::sasl::{decode, ntlm};
use crate::dissect::text::lossless;

/// Both headers, and the status that says that what they hold is not enough.
const HEADERS: [(&str, u16); 2] = [("authorization", 401), ("proxy-authorization", 407)];

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
            "bearer" => (auth.secret_kind, secret) = (Some("token"), Some(rest.trim().to_owned())),
            "ntlm" | "negotiate" => {
                (auth.user, secret) = ntlm(&decode(rest.trim().as_bytes())?)?;
                auth.mechanism = Some("ntlm".to_owned());
                auth.secret_kind = Some(if secret.is_some() { "ntlm" } else { "none" });
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
        // What answers a challenge is another each time.
        let stays = matches!(auth.secret_kind, Some("plain" | "token"));
        let of_secret = secret.as_deref().filter(|_| stays).unwrap_or_default();
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
    let said = decode(rest.trim().as_bytes())?;
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
}
