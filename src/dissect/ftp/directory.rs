//! The directory that a session is in, by what changes it and what tells it: RFC 959, 4.1.1 and appendix II.

/// A longer path is not followed.
const LONGEST: usize = 4 << 10;

/// The directory, as far as it is known: below `.` if it is not known where it began.
#[derive(Debug, Default)]
pub(super) struct Directory(Option<String>);

impl Directory {
    /// Its path; none if nothing was said of it.
    pub(super) fn path(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// What a command and its reply mean for it.
    pub(super) fn settle(&mut self, word: &str, argument: &str, code: u16, text: &str) {
        let path = match (word, code) {
            ("CWD" | "XCWD", 200 | 250) => Some(self.then(argument)),
            ("CDUP" | "XCUP", 200 | 250) => Some(self.then("..")),
            ("PWD" | "XPWD", 257) => named(text),
            ("REIN", 220) => None,
            _ => return,
        };
        self.0 = path.filter(|path| path.len() <= LONGEST);
    }

    /// Where one is after going there.
    fn then(&self, to: &str) -> String {
        let here = self.path().filter(|_| !is_absolute(to)).unwrap_or(if is_absolute(to) { "" } else { "." });
        let mut parts: Vec<&str> = Vec::new();
        for part in here.split('/').chain(to.split('/')) {
            match (part, parts.last()) {
                ("" | ".", Some(_)) | ("", None) => {}
                ("..", Some(last)) if !matches!(*last, "." | "..") => {
                    parts.pop();
                }
                ("..", None) => {}
                _ => parts.push(part),
            }
        }
        let root = if here.starts_with('/') || to.starts_with('/') { "/" } else { "" };
        format!("{root}{}", parts.join("/"))
    }
}

/// From the root, or from that of a drive of Windows.
fn is_absolute(path: &str) -> bool {
    let drive = path.split_once(':').is_some_and(|(drive, _)| matches!(drive.as_bytes(), [b'A'..=b'Z' | b'a'..=b'z']));
    path.starts_with('/') || drive
}

/// The path in a text: in quotes, doubled inside; or, without any, the first word if it is one.
fn named(text: &str) -> Option<String> {
    let Some((_, quoted)) = text.split_once('"') else {
        let word = text.split_whitespace().next()?;
        return is_absolute(word).then(|| word.to_owned());
    };
    let mut path = String::new();
    let mut pieces = quoted.split('"');
    path.push_str(pieces.next()?);
    // Between two quotes is nothing: one that is meant.
    while let Some("") = pieces.next()
        && let Some(piece) = pieces.next()
    {
        path.push('"');
        path.push_str(piece);
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_followed() {
        let mut directory = Directory::default();
        let mut after = |word, argument, code, text| {
            directory.settle(word, argument, code, text);
            directory.path().map(str::to_owned)
        };
        assert_eq!(after("CWD", "gone", 550, "no"), None);
        assert_eq!(after("CWD", "pub//a", 250, "ok").as_deref(), Some("./pub/a"));
        assert_eq!(after("CDUP", "", 200, "ok").as_deref(), Some("./pub"));
        assert_eq!(after("CWD", "../../b", 250, "ok").as_deref(), Some("./../b"));
        assert_eq!(after("PWD", "", 257, "\"/home/\"\"x\"\"\" is current").as_deref(), Some("/home/\"x\""));
        assert_eq!(after("CWD", "../y/./z", 250, "ok").as_deref(), Some("/home/y/z"));
        assert_eq!(after("MKD", "new", 257, "\"/other\" made").as_deref(), Some("/home/y/z"));
        assert_eq!(after("CWD", "/../..", 250, "ok").as_deref(), Some("/"));
        assert_eq!(after("CWD", "w", 250, "ok").as_deref(), Some("/w"));
        assert_eq!(after("CWD", "C:/a", 250, "ok").as_deref(), Some("C:/a"));
        assert_eq!(after("CWD", "b", 250, "ok").as_deref(), Some("C:/a/b"));
        assert_eq!(after("XPWD", "", 257, "/plain is it").as_deref(), Some("/plain"));
        assert_eq!(after("CWD", &"x/".repeat(4_000), 250, "ok"), None);
    }
}
