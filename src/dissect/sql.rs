//! Secrets inside statements of SQL.
//!
//! A literal is a password by what stands before it: MySQL's Reference Manual, 15.7.1 (account statements) and 15.4.2
//! (replication); MariaDB's IDENTIFIED VIA; PostgreSQL's manual, ALTER ROLE and CREATE USER MAPPING. That holds in every
//! statement: several may stand in one, with comments before them, and parts of one inside of another's literal.

use super::held::{Held, Texts};
use super::text::{SECRET, lossless};

/// Statements whose texts are remembered, and how many bytes of each.
const MAX_STATEMENTS: usize = 256;
const MAX_STATEMENT: usize = 4 << 10;

/// Names of statements that are longer are not remembered.
const LONGEST_NAME: usize = 1 << 10;

/// What stands between an account and its password: `IDENTIFIED WITH plugin BY`, `… AS`, `… USING`, `… REPLACE`.
const BEFORE: [&str; 4] = ["by", "as", "using", "replace"];

/// A part of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    /// In quotes, or between dollar signs; with what it begins and ends with, which is nothing for a number.
    Literal(&'a str),
    Sign(char),
    /// Spaces and comments.
    Nothing,
}

/// A statement, as it is told: of UTF-8 everything stays as it is, as statements have lines.
pub(super) fn told(bytes: &[u8], secrets: bool, backslashes: bool) -> String {
    let statement = std::str::from_utf8(bytes).map_or_else(|_| lossless(bytes), str::to_owned);
    if secrets { statement } else { without_secrets(&statement, backslashes) }
}

/// The texts of statements that were prepared, or what else goes by a name.
#[derive(Debug, Default)]
pub(super) struct Statements<K>(Texts<K>);

impl<K: Ord + Held> Statements<K> {
    /// Remembers a statement, if there is room; of two of one name, the later one.
    pub(super) fn insert(&mut self, name: K, text: &str) {
        if name.held() <= LONGEST_NAME && (self.0.len() < MAX_STATEMENTS || self.0.get(&name).is_some()) {
            let end = text.floor_char_boundary(MAX_STATEMENT);
            self.0.insert(name, text.get(..end).unwrap_or_default().to_owned());
        } else {
            self.0.remove(&name);
        }
    }

    pub(super) fn get(&self, name: &K) -> Option<&String> {
        self.0.get(name)
    }

    pub(super) fn remove(&mut self, name: &K) {
        self.0.remove(name);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl<K> Held for Statements<K> {
    fn held(&self) -> usize {
        self.0.held()
    }
}

/// A statement without the passwords in it. In literals of MySQL, not of PostgreSQL, a backslash takes the next
/// character's meaning away.
fn without_secrets(statement: &str, backslashes: bool) -> String {
    let (mut told, mut rest) = (String::with_capacity(statement.len()), statement);
    let mut before = Before::default();
    while let Some((token, length)) = token(rest, backslashes || before.escapes, before.is_secret()) {
        let (text, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        match token {
            Token::Literal(quote) if before.is_secret() || holds_secret(text) => {
                for part in [quote, SECRET, quote] {
                    told.push_str(part);
                }
            }
            _ => told.push_str(text),
        }
        before.step(token);
        rest = behind;
    }
    told
}

/// What stood before a token.
#[derive(Debug, Default)]
struct Before {
    /// IDENTIFIED came, and nothing that ends what it says.
    identified: bool,
    /// A word with `password` in it came, and only an account behind it.
    password: bool,
    /// A literal here is a password.
    here: bool,
    /// The last token was a word where a password can stand: a function of it, perhaps.
    called: bool,
    /// Parentheses of functions of a password that are open: everything in them is of it.
    depth: usize,
    /// The last token was an E: PostgreSQL's literals with backslashes.
    escapes: bool,
}

impl Before {
    fn is_secret(&self) -> bool {
        self.here
    }

    fn step(&mut self, token: Token) {
        let was_escape = std::mem::take(&mut self.escapes);
        let was_called = std::mem::take(&mut self.called);
        match token {
            Token::Nothing => self.called = was_called,
            Token::Word(word) => self.word(&word.to_ascii_lowercase()),
            // Literals in a row are one; and what names an account is none.
            Token::Literal(_) => self.escapes = was_escape && self.here,
            Token::Sign('=') => self.here = self.password,
            Token::Sign('(') => {
                self.here = (self.here || was_called) && (self.password || self.identified);
                self.depth += usize::from(self.here || self.depth > 0);
            }
            Token::Sign(')') if self.depth > 1 => self.depth -= 1,
            Token::Sign(',') if self.depth > 0 => self.here = true,
            Token::Sign('@' | '.' | ':' | '!' | '*' | '/' | '&' | '<' | '>') => {}
            Token::Sign(',' | ')') => (self.password, self.here, self.depth) = (false, false, 0),
            Token::Sign(_) => *self = Self::default(),
        }
    }

    fn word(&mut self, word: &str) {
        match word {
            "identified" => (self.identified, self.here) = (true, false),
            // Words that stand directly before a literal: its character set, how it is written, or compared.
            "e" => self.escapes = true,
            "n" | "u" | "x" | "b" | "concat" | "binary" | "like" | "ilike" | "not" => {}
            _ if word.starts_with('_') => {}
            _ if word.contains("password") || word == "passwd" => (self.password, self.here) = (true, true),
            _ if self.identified && BEFORE.contains(&word) => self.here = true,
            "to" => self.here = self.password,
            "for" | "from" => self.here = false,
            _ => self.called = std::mem::take(&mut self.here),
        }
    }
}

/// The next token, and how many bytes it has.
fn token(text: &str, backslashes: bool, secret: bool) -> Option<(Token<'_>, usize)> {
    let first = text.chars().next()?;
    let until = |end: &str| text.find(end).map_or(text.len(), |place| place + end.len());
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    Some(match first {
        // What stands in such a comment is executed (MySQL).
        '/' if text.starts_with("/*!") => {
            let digits = text.bytes().skip(3).take_while(u8::is_ascii_digit).count();
            (Token::Nothing, 3 + digits)
        }
        '/' if text.starts_with("/*") => {
            (Token::Nothing, text.get(2..).and_then(|rest| rest.find("*/")).map_or(text.len(), |end| end + 4))
        }
        '-' if text.starts_with("--") => (Token::Nothing, until("\n")),
        '#' if backslashes => (Token::Nothing, until("\n")),
        // Names in quotes: of MySQL, and of PostgreSQL.
        '`' => name(text, first),
        '"' if !backslashes => name(text, first),
        '\'' | '"' => {
            let quote = text.get(..1).unwrap_or_default();
            (Token::Literal(quote), quoted(text, first, backslashes))
        }
        // Between dollar signs there may be statements, which are looked into.
        '$' if secret && let Some(end) = text.get(1..).and_then(|rest| rest.find('$')) => {
            let tag = text.get(..end + 2).unwrap_or_default();
            let inside = text.get(tag.len()..).unwrap_or_default();
            (Token::Literal(tag), inside.find(tag).map_or(text.len(), |end| end + 2 * tag.len()))
        }
        c if c.is_whitespace() => (Token::Nothing, c.len_utf8()),
        c if is_word(c) => {
            let end = text.find(|c: char| !is_word(c)).unwrap_or(text.len());
            let word = text.get(..end).unwrap_or_default();
            (if word.starts_with("0x") { Token::Literal("") } else { Token::Word(word) }, end)
        }
        c => (Token::Sign(c), c.len_utf8()),
    })
}

/// A name in quotes.
fn name(text: &str, quote: char) -> (Token<'_>, usize) {
    let length = quoted(text, quote, false);
    (Token::Word(text.get(1..length).unwrap_or_default().trim_end_matches(quote)), length)
}

/// How long a literal is, its quotes included: inside it they are doubled, or have a backslash before them.
fn quoted(text: &str, quote: char, backslashes: bool) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((place, c)) = characters.next() {
        if c == '\\' && backslashes || c == quote && characters.peek().is_some_and(|(_, next)| *next == quote) {
            characters.next();
        } else if c == quote {
            return place + 1;
        }
    }
    text.len()
}

/// True if a literal holds a statement, or a connection's parameters, with a password.
fn holds_secret(literal: &str) -> bool {
    let lower = literal.to_ascii_lowercase();
    let inside = lower.get(1..lower.len().saturating_sub(1)).unwrap_or_default();
    let is_set = |behind: &str| behind.trim_start().starts_with(['=', '\'', '"', '\\']);
    let password =
        inside.match_indices("password").any(|(place, word)| inside.get(place + word.len()..).is_some_and(is_set));
    // `postgresql://user:password@host`: RFC 3986, 3.2.1.
    let is_told = |behind: &str| {
        let authority = behind.split(['/', '?', '#']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(who, _)| who.contains(':'))
    };
    let address =
        inside.match_indices("://").any(|(place, sign)| inside.get(place + sign.len()..).is_some_and(is_told));
    password || address || inside.contains("identified") && inside.contains(['\'', '"'])
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn passwords_are_left_out_of_statements() {
        for (statement, told) in [
            ("SELECT 'password'", "SELECT 'password'"),
            ("SELECT password, 'x' FROM t", "SELECT password, 'x' FROM t"),
            (
                "create user 'a' identified by 'x''y\\'z' require subject 'b'",
                "create user 'a' identified by '<secret>' require subject 'b'",
            ),
            (
                "CREATE USER 'a'@'%' IDENTIFIED WITH 'p' BY 'x', 'b' IDENTIFIED VIA ed USING PASSWORD('y')",
                "CREATE USER 'a'@'%' IDENTIFIED WITH 'p' BY '<secret>', 'b' IDENTIFIED VIA ed USING PASSWORD('<secret>')",
            ),
            (
                "/* x */ ALTER USER a IDENTIFIED BY /* ' */ 'x' REPLACE 'y' COMMENT 'z'",
                "/* x */ ALTER USER a IDENTIFIED BY /* ' */ '<secret>' REPLACE '<secret>' COMMENT 'z'",
            ),
            (
                "/*!50706 ALTER USER a IDENTIFIED BY PASSWORD '*A' */",
                "/*!50706 ALTER USER a IDENTIFIED BY PASSWORD '<secret>' */",
            ),
            ("SET PASSWORD FOR 'a'@'%' = \"x", "SET PASSWORD FOR 'a'@'%' = \"<secret>\""),
            (
                "SET PASSWORD FOR 'a' = PASSWORD('x'); SELECT 'y'",
                "SET PASSWORD FOR 'a' = PASSWORD('<secret>'); SELECT 'y'",
            ),
            (
                "CHANGE MASTER TO MASTER_PASSWORD='x', MASTER_USER='u'",
                "CHANGE MASTER TO MASTER_PASSWORD='<secret>', MASTER_USER='u'",
            ),
            ("SET PASSWORD FOR `a`@`%` = 'x'", "SET PASSWORD FOR `a`@`%` = '<secret>'"),
            ("UPDATE u SET `password` = SHA1('x'), a = 'y'", "UPDATE u SET `password` = SHA1('<secret>'), a = 'y'"),
            ("UPDATE u SET password=@p WHERE a IN ('y')", "UPDATE u SET password=@p WHERE a IN ('y')"),
            ("SELECT 1 FROM u WHERE password <> 'x'", "SELECT 1 FROM u WHERE password <> '<secret>'"),
            (
                "ALTER USER a IDENTIFIED WITH p AS 0x2A78 ACCOUNT LOCK",
                "ALTER USER a IDENTIFIED WITH p AS <secret> ACCOUNT LOCK",
            ),
            ("SELECT 0x2A", "SELECT 0x2A"),
            ("SELECT 1 FROM u WHERE password = BINARY 'x'", "SELECT 1 FROM u WHERE password = BINARY '<secret>'"),
            ("SELECT 1 FROM u WHERE password LIKE 'x'", "SELECT 1 FROM u WHERE password LIKE '<secret>'"),
            (
                "UPDATE u SET password = MD5(CONCAT('x', SHA1('y'), 'z')), a = 'b' WHERE c = ('d')",
                "UPDATE u SET password = MD5(CONCAT('<secret>', SHA1('<secret>'), '<secret>')), a = 'b' WHERE c = ('d')",
            ),
            ("/*c*/ create user\n'a' identified by 'x'", "/*c*/ create user\n'a' identified by '<secret>'"),
            ("update mysql.user set password=password('x')", "update mysql.user set password=password('<secret>')"),
            ("PREPARE s FROM \"ALTER USER a IDENTIFIED BY 'x'\"", "PREPARE s FROM \"<secret>\""),
        ] {
            assert_eq!(without_secrets(statement, true), told);
        }
        for (statement, told) in [
            (
                "ALTER ROLE a PASSWORD 'x\\' VALID UNTIL 'infinity'",
                "ALTER ROLE a PASSWORD '<secret>' VALID UNTIL 'infinity'",
            ),
            ("ALTER ROLE a ENCRYPTED PASSWORD E'x\\'y' LOGIN", "ALTER ROLE a ENCRYPTED PASSWORD E'<secret>' LOGIN"),
            ("ALTER ROLE a PASSWORD $q$x'$q$; SELECT 'y'", "ALTER ROLE a PASSWORD $q$<secret>$q$; SELECT 'y'"),
            ("DO $$ BEGIN ALTER ROLE a PASSWORD 'x'; END $$", "DO $$ BEGIN ALTER ROLE a PASSWORD '<secret>'; END $$"),
            ("ALTER ROLE a PASSWORD $$x$$", "ALTER ROLE a PASSWORD $$<secret>$$"),
            ("ALTER ROLE a PASSWORD U&'x' UESCAPE '!'", "ALTER ROLE a PASSWORD U&'<secret>' UESCAPE '!'"),
            ("UPDATE \"it's\" SET \"password\" = 'x'", "UPDATE \"it's\" SET \"password\" = '<secret>'"),
            ("CREATE SUBSCRIPTION s CONNECTION 'host=h password=x'", "CREATE SUBSCRIPTION s CONNECTION '<secret>'"),
            ("CREATE SUBSCRIPTION s CONNECTION 'postgresql://u:x@h/d'", "CREATE SUBSCRIPTION s CONNECTION '<secret>'"),
            ("SELECT 'postgresql://u@h/d?a=b:c@d'", "SELECT 'postgresql://u@h/d?a=b:c@d'"),
            ("OPTIONS (user 'u', password 'x')", "OPTIONS (user 'u', password '<secret>')"),
            ("SELECT dblink('host=a password=x')", "SELECT dblink('<secret>')"),
        ] {
            assert_eq!(without_secrets(statement, false), told);
        }
    }
}
