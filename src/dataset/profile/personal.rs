//! Text that names a person: addresses of mail, and homes in paths.

use std::sync::LazyLock;

use regex::Regex;

/// The longest text that is looked at, in bytes: what follows is not.
const LOOKED: usize = 64 << 10;

static MAIL: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}"));

static HOME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)(?:/home/|/Users/|[A-Z]:\\Users\\|\\Documents and Settings\\)[^/\\\s:,;'\x22]+"));

/// Homes of nobody.
const NOBODY: [&str; 4] = ["public", "shared", "default", "all users"];

/// Of patterns that stand in the source.
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| panic!("{error}"))
}

/// The parts of a text that name a person, and what each is.
pub fn personal(text: &str) -> impl Iterator<Item = (&'static str, &str)> {
    let end = (0..=text.len().min(LOOKED)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    let text = text.get(..end).unwrap_or_default();
    let mails = MAIL.find_iter(text).map(|found| ("an e-mail address", found.as_str()));
    let homes = HOME.find_iter(text).map(|found| found.as_str()).filter(|home| !is_nobody(home));
    mails.chain(homes.map(|home| ("a user's directory", home)))
}

fn is_nobody(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    NOBODY.iter().any(|nobody| name.eq_ignore_ascii_case(nobody))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_found() {
        for (text, found) in [
            ("by jane.doe@example.org in May", Some("jane.doe@example.org")),
            ("/home/jane/captures/a.pcap", Some("/home/jane")),
            ("C:\\Users\\Jane\\a.pcap", Some("C:\\Users\\Jane")),
            ("/Users/jane/a.pcap", Some("/Users/jane")),
            ("/Users/Shared/a.pcap", None),
            ("/homework/a.pcap", None),
            ("a@b", None),
            ("192.168.0.1 @ 10.0.0.1", None),
            ("", None),
        ] {
            assert_eq!(personal(text).map(|(_, part)| part).next(), found, "{text}");
        }
        let all: Vec<_> =
            personal("/home/jane/a of jane@example.org and joe@example.org").map(|(_, part)| part).collect();
        assert_eq!(all, ["jane@example.org", "joe@example.org", "/home/jane"]);
    }

    #[test]
    fn long_texts_are_cut_between_letters() {
        assert_eq!(personal(&"ä".repeat(LOOKED)).next(), None);
    }
}
