//! The one error of the library: what is wrong, where, and what to do about it.
//!
//! The program prints an [`Error`] as it is: `path: place: what; what to do`. The kind tells a caller whether the
//! input, the request or the machine is at fault; nothing else in the library decides how an error looks.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A result with the library's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, with the file and the place in it as far as they are known.
pub struct Error(Box<Fault>);

struct Fault {
    kind: Kind,
    position: Position,
    path: Option<PathBuf>,
    advice: Option<String>,
}

/// Who or what is at fault.
#[derive(Debug)]
pub enum Kind {
    /// The operating system refused: a missing file, a full disk, a broken pipe.
    Io(io::Error),
    /// A capture ends in the middle of a block or packet.
    Truncated(String),
    /// A capture breaks its format's rules, or a limit of ours that the message names.
    Malformed(String),
    /// A file is not a capture that we can read.
    Unreadable(String),
    /// A labels file, a rule or a list of ids is wrong.
    Labels(String),
    /// The request cannot be served as it was made.
    Request(String),
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Position {
    /// No place in particular.
    #[default]
    Whole,
    /// A block of a pcapng file or a packet record of a pcap file.
    Block {
        /// The block's or record's number, from 1.
        number: u64,
        /// Where it begins, in bytes from the start of the (uncompressed) capture.
        offset: u64,
    },
    /// A line of a text file.
    Line {
        /// The physical line, from 1.
        line: u64,
        /// The CSV field, from 1, where one is to blame.
        column: Option<u64>,
    },
}

impl Error {
    /// An error of this kind, with no place yet.
    pub fn new(kind: Kind) -> Self {
        Self(Box::new(Fault { kind, position: Position::Whole, path: None, advice: None }))
    }

    /// A capture that ends too early.
    pub fn truncated(message: impl Into<String>) -> Self {
        Self::new(Kind::Truncated(message.into()))
    }

    /// A capture that breaks its format's rules.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(Kind::Malformed(message.into()))
    }

    /// A file that is no capture.
    pub fn unreadable(message: impl Into<String>) -> Self {
        Self::new(Kind::Unreadable(message.into()))
    }

    /// A wrong labels file, rule or list of ids.
    pub fn labels(message: impl Into<String>) -> Self {
        Self::new(Kind::Labels(message.into()))
    }

    /// A request that cannot be served.
    pub fn request(message: impl Into<String>) -> Self {
        Self::new(Kind::Request(message.into()))
    }

    /// The same error, placed; a place that is known already stays.
    #[must_use]
    pub fn at(mut self, position: Position) -> Self {
        if self.0.position == Position::Whole {
            self.0.position = position;
        }
        self
    }

    /// The same error, placed at a line of a text file and, where one is to blame, a CSV field (from 1).
    #[must_use]
    pub fn at_line(self, line: u64, column: Option<u64>) -> Self {
        self.at(Position::Line { line, column })
    }

    /// The same error, in this file; a file that is known already stays.
    #[must_use]
    pub fn in_file(mut self, path: impl AsRef<Path>) -> Self {
        self.0.path.get_or_insert_with(|| path.as_ref().to_owned());
        self
    }

    /// The same error, with what a person can do about it.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.0.advice = Some(advice.into());
        self
    }

    /// The same error, to be told once more.
    pub fn again(&self) -> Self {
        let Fault { kind, position, path, advice } = &*self.0;
        let kind = match kind {
            Kind::Io(error) => Kind::Io(io::Error::new(error.kind(), error.to_string())),
            Kind::Truncated(message) => Kind::Truncated(message.clone()),
            Kind::Malformed(message) => Kind::Malformed(message.clone()),
            Kind::Unreadable(message) => Kind::Unreadable(message.clone()),
            Kind::Labels(message) => Kind::Labels(message.clone()),
            Kind::Request(message) => Kind::Request(message.clone()),
        };
        Self(Box::new(Fault { kind, position: *position, path: path.clone(), advice: advice.clone() }))
    }

    /// What kind of error this is.
    pub fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// Where in the file.
    pub fn position(&self) -> Position {
        self.0.position
    }

    /// Which file.
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// True if the reader of our output went away, which is no failure of ours.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(&self.0.kind, Kind::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::new(Kind::Io(error))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.kind {
            Kind::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.0.path {
            write!(f, "{}: ", Shown(path))?;
        }
        match self.0.position {
            Position::Whole => {}
            position => write!(f, "{position}: ")?,
        }
        write!(f, "{}", self.0.kind)?;
        match &self.0.advice {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({self})")
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The number behind the system's words helps nobody.
            Self::Io(error) => f.write_str(error.to_string().split(" (os error").next().unwrap_or_default()),
            Self::Truncated(message)
            | Self::Malformed(message)
            | Self::Unreadable(message)
            | Self::Labels(message)
            | Self::Request(message) => f.write_str(message),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Block { number, offset } => write!(f, "block {number} at byte {offset}"),
            Self::Line { line, column: None } => write!(f, "line {line}"),
            Self::Line { line, column: Some(column) } => write!(f, "line {line}, column {column}"),
        }
    }
}

/// A path as one line of text: a name may hold newlines, escape codes and bytes that are not UTF-8.
pub struct Shown<'a>(pub &'a Path);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.to_string_lossy().chars() {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_file_place_fault_and_remedy_in_this_order() {
        let error = Error::truncated("the capture ends inside a packet")
            .at(Position::Block { number: 12, offset: 3400 })
            .in_file("a\n.pcap")
            .advise("copy the file again");
        assert_eq!(
            error.to_string(),
            "a\\n.pcap: block 12 at byte 3400: the capture ends inside a packet; copy the file again"
        );
    }

    #[test]
    fn the_first_place_stays() {
        let error = Error::labels("no label").at_line(3, Some(2)).at_line(9, None);
        assert_eq!(error.to_string(), "line 3, column 2: no label");
    }
}
