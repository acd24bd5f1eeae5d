//! Secrets inside statements of SQL.

/// What a password is replaced by, as MySQL's own logs do it (Reference Manual, 8.1.2.3).
const SECRET: &str = "<secret>";

/// Words behind which literals are passwords.
const KEYWORDS: [&str; 2] = ["identified", "password"];

/// Statements that may hold passwords.
const STATEMENTS: [&str; 6] = ["create", "alter", "grant", "set", "change", "start"];

/// A statement without the passwords in it: those that follow IDENTIFIED (MySQL) and PASSWORD (both) in statements that
/// make or change users.
pub(super) fn without_secrets(statement: String) -> String {
    let lower = statement.to_ascii_lowercase();
    let begins = |word: &&str| lower.trim_start().starts_with(word);
    let Some(keyword) = KEYWORDS.iter().filter_map(|keyword| lower.find(keyword)).min() else { return statement };
    // Several statements may stand in one, and comments before them.
    if !STATEMENTS.iter().any(begins) && !lower.contains(" user ") && !lower.contains(" role ") {
        return statement;
    }
    let (before, after) = statement.split_at(keyword);
    let mut text = before.to_owned();
    let mut rest = after;
    while let Some(start) = rest.find(['\'', '"']) {
        let (plain, quoted) = rest.split_at(start);
        text.push_str(plain);
        let quote = if quoted.starts_with('"') { '"' } else { '\'' };
        text.push(quote);
        text.push_str(SECRET);
        text.push(quote);
        rest = behind(quoted, quote);
    }
    text.push_str(rest);
    text
}

/// What stands behind a literal: quotes inside it are doubled, or have a backslash before them.
fn behind(quoted: &str, quote: char) -> &str {
    let mut characters = quoted.char_indices().skip(1).peekable();
    while let Some((place, c)) = characters.next() {
        if c == '\\' || c == quote && characters.peek().is_some_and(|(_, next)| *next == quote) {
            characters.next();
        } else if c == quote {
            return quoted.get(place + 1..).unwrap_or_default();
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn passwords_are_left_out_of_statements() {
        for (statement, told) in [
            ("SELECT 'password'", "SELECT 'password'"),
            (
                "create user 'a' identified by 'x''y\\'z' require ssl",
                "create user 'a' identified by '<secret>' require ssl",
            ),
            (
                "ALTER ROLE a PASSWORD 'x' VALID UNTIL 'infinity'",
                "ALTER ROLE a PASSWORD '<secret>' VALID UNTIL '<secret>'",
            ),
            ("SET PASSWORD FOR a = \"x", "SET PASSWORD FOR a = \"<secret>\""),
        ] {
            assert_eq!(without_secrets(statement.to_owned()), told);
        }
    }
}
