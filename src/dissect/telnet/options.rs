//! Commands inside telnet's text: RFC 854 and 855.

use super::super::held::Held;
use super::super::text::lossless;

const IAC: u8 = 255;
const SB: u8 = 250;
const SE: u8 = 240;

/// Bytes of a subnegotiation that are kept, at most.
const MAX_MORE: usize = 1 << 10;

/// What one byte completes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// A byte of text.
    Text(u8),
    /// WILL, WONT, DO or DONT, and an option.
    Option(u8, u8),
    /// A subnegotiation: the option, and what is said about it.
    More(Vec<u8>),
}

/// Takes one side's bytes apart.
#[derive(Debug, Default)]
pub(super) struct Reader {
    state: State,
    more: Vec<u8>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Command,
    Option(u8),
    More,
    MoreCommand,
}

impl Held for Reader {
    fn held(&self) -> usize {
        self.more.held()
    }
}

impl Reader {
    /// Takes a byte.
    pub(super) fn push(&mut self, byte: u8) -> Option<Said> {
        let (state, said) = match (self.state, byte) {
            (State::Text, IAC) => (State::Command, None),
            (State::Text, byte) => (State::Text, Some(Said::Text(byte))),
            (State::Command, IAC) => (State::Text, Some(Said::Text(IAC))),
            (State::Command, SB) => (State::More, None),
            (State::Command, 251..) => (State::Option(byte), None),
            (State::Command, _) => (State::Text, None),
            (State::Option(command), option) => (State::Text, Some(Said::Option(command, option))),
            (State::More, IAC) => (State::MoreCommand, None),
            (State::MoreCommand, SE) => (State::Text, Some(Said::More(std::mem::take(&mut self.more)))),
            (State::More | State::MoreCommand, byte) => {
                if self.more.len() < MAX_MORE {
                    self.more.push(byte);
                }
                (State::More, None)
            }
        };
        self.state = state;
        said
    }
}

/// How many options are negotiated at the beginning, one behind the other.
pub(super) fn negotiations(said: &[u8]) -> usize {
    let (commands, _) = said.as_chunks::<3>();
    commands
        .iter()
        .take_while(|[first, command, option]| *first == IAC && *command > SB && *command < IAC && *option < 60)
        .count()
}

/// True if it may go on as an option.
pub(super) fn is_beginning(said: &[u8]) -> bool {
    matches!(said, [IAC] | [IAC, 251..=254])
}

/// The value of a variable of the environment: RFC 1572.
pub(super) fn variable(variables: &[u8], name: &[u8]) -> Option<String> {
    // Names stand behind 0 or 3, values behind 1.
    variables.split(|byte| matches!(byte, 0 | 3)).find_map(|variable| {
        let value = variable.strip_prefix(name)?.strip_prefix(&[1])?;
        Some(lossless(value))
    })
}

/// The name of a command.
pub(super) fn command(number: u8) -> &'static str {
    match number {
        251 => "WILL",
        252 => "WONT",
        253 => "DO",
        _ => "DONT",
    }
}

/// The name of an option.
pub(super) fn name(number: u8) -> String {
    let name = match number {
        0 => "BINARY",
        1 => "ECHO",
        3 => "SUPPRESS-GO-AHEAD",
        5 => "STATUS",
        6 => "TIMING-MARK",
        18 => "LOGOUT",
        23 => "SEND-LOCATION",
        24 => "TERMINAL-TYPE",
        25 => "END-OF-RECORD",
        31 => "NAWS",
        32 => "TERMINAL-SPEED",
        33 => "TOGGLE-FLOW-CONTROL",
        34 => "LINEMODE",
        35 => "X-DISPLAY-LOCATION",
        36 => "ENVIRON",
        37 => "AUTHENTICATION",
        38 => "ENCRYPT",
        39 => "NEW-ENVIRON",
        40 => "TN3270E",
        42 => "CHARSET",
        44 => "COM-PORT-OPTION",
        46 => "START-TLS",
        47 => "KERMIT",
        other => return other.to_string(),
    };
    name.to_owned()
}
