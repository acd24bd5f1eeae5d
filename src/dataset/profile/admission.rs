//! What lets one in besides a login, where HTTP shows it in clear: cookies, keys in headers, and what URLs and forms hold.
//!
//! Told is what there is, never what it says.

use crate::dissect::{Event, Value};

/// Headers that hold keys and tokens besides Authorization, which is a login.
const KEYS: [&str; 3] = ["x-api-key", "x-auth-token", "x-amz-security-token"];

const COOKIES: [&str; 4] = ["cookie", "cookie2", "set-cookie", "set-cookie2"];

/// Parameters of URLs and forms that let one in, without `_` and `-`.
const PARAMETERS: [&str; 16] = [
    "accesstoken",
    "apikey",
    "authtoken",
    "clientsecret",
    "idtoken",
    "jsessionid",
    "pass",
    "passwd",
    "password",
    "phpsessid",
    "pwd",
    "refreshtoken",
    "secret",
    "session",
    "sessionid",
    "token",
];

const FORM: &str = "application/x-www-form-urlencoded";

/// What an exchange of HTTP holds that lets one in.
pub(super) fn admissions(event: &Event) -> impl Iterator<Item = &'static str> {
    let is_form = matches!(event.value("orig_mime_types"), Some(Value::List(types))
        if types.iter().any(|kind| matches!(kind, Value::Text(kind) if kind == FORM)));
    let in_form =
        is_form && matches!(event.value("req_body"), Some(Value::Bytes(body)) if holds(&String::from_utf8_lossy(body)));
    [
        ("cookies", has_header(event, &COOKIES)),
        ("keys in headers", has_header(event, &KEYS)),
        ("secrets in URLs", event.text("uri").is_some_and(holds)),
        ("secrets in forms", in_form),
    ]
    .into_iter()
    .filter_map(|(what, is_there)| is_there.then_some(what))
}

fn has_header(event: &Event, names: &[&str]) -> bool {
    let is_one = |header: &Value| {
        let Value::Object(members) = header else { return false };
        members.iter().any(|(member, value)| {
            matches!(value, Value::Text(name) if *member == "name" && names.iter().any(|one| name.eq_ignore_ascii_case(one)))
        })
    };
    ["request_headers", "response_headers"].into_iter().any(|field| match event.value(field) {
        Some(Value::List(headers)) => headers.iter().any(is_one),
        _ => false,
    })
}

/// True if one of the parameters has a value: `a=b&token=c`, behind `?` and `;` too, and in brackets (`user[password]=c`).
fn holds(text: &str) -> bool {
    let parameters = text.split(['?', '&', ';', '#']).filter_map(|part| part.split_once('='));
    parameters.filter(|(_, value)| !value.is_empty()).any(|(name, _)| {
        let name = name.to_ascii_lowercase().replace("%5b", "[").replace("%5d", "]");
        let name = name.trim_end_matches(']').rsplit('[').next().unwrap_or_default().replace(['_', '-'], "");
        PARAMETERS.contains(&name.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_that_let_one_in() {
        for text in ["/?token=a", "/a;jsessionid=1", "q=1&user%5Bpassword%5D=x", "/x?API_KEY=7#f", "/cb#access_token=1"]
        {
            assert!(holds(text), "{text}");
        }
        for text in ["/", "/?token=", "/?tokens=3", "/?q=password", "/?page=token&sort=asc", "/token/a?b=c"] {
            assert!(!holds(text), "{text}");
        }
    }
}
