//! PostgreSQL's commands: what clients ask for.

use super::message::Report;
use crate::dissect::held::Held;
use crate::dissect::scan::Scan;
use crate::dissect::sql;
use crate::dissect::text::lossless;
use crate::flow::Moment;

/// Tags of the commands in one query, at most: more are counted.
const MAX_TAGS: usize = 64;

/// What kind of command it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    Startup,
    Query,
    Parse,
    Bind,
    Describe,
    Execute,
    Close,
    Sync,
    Function,
}

impl Ask {
    /// By the type of the client's message.
    pub(super) fn of(kind: u8) -> Option<Self> {
        Some(match kind {
            b'Q' => Self::Query,
            b'P' => Self::Parse,
            b'B' => Self::Bind,
            b'D' => Self::Describe,
            b'E' => Self::Execute,
            b'C' => Self::Close,
            b'S' => Self::Sync,
            b'F' => Self::Function,
            _ => return None,
        })
    }

    /// The server says that it is ready again behind it.
    pub(super) fn until_ready(self) -> bool {
        matches!(self, Self::Startup | Self::Query | Self::Function | Self::Sync)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Startup => "startup",
            Self::Query => "simple_query",
            Self::Parse => "parse",
            Self::Bind => "bind",
            Self::Describe => "describe",
            Self::Execute => "execute",
            Self::Close => "close",
            Self::Sync => "sync",
            Self::Function => "function_call",
        }
    }
}

/// A command, and what was answered so far.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) ask: Ask,
    /// Its name; none, if only its answer was seen.
    pub(super) name: Option<&'static str>,
    pub(super) argument: Option<String>,
    pub(super) statement: Option<String>,
    pub(super) portal: Option<String>,
    pub(super) first: Moment,
    pub(super) last: Moment,
    pub(super) parameters: Option<Vec<(String, String)>>,
    /// The names and values that the server tells of itself.
    pub(super) server_parameters: Vec<(String, String)>,
    pub(super) success: Option<bool>,
    pub(super) rows: Option<u64>,
    /// Those that came since the last tag.
    pub(super) since_tag: u64,
    pub(super) width: Option<u64>,
    pub(super) columns: Vec<String>,
    pub(super) tags: Vec<String>,
    /// Tags that are not told.
    pub(super) more_tags: u64,
    pub(super) fault: Option<Report>,
}

impl Command {
    pub(super) fn new(ask: Ask, first: Moment, last: Moment) -> Self {
        Self {
            ask,
            name: Some(ask.name()),
            argument: None,
            statement: None,
            portal: None,
            first,
            last,
            parameters: None,
            server_parameters: Vec::new(),
            success: None,
            rows: None,
            since_tag: 0,
            width: None,
            columns: Vec::new(),
            tags: Vec::new(),
            more_tags: 0,
            fault: None,
        }
    }

    /// Of a command that was not seen, the answer begins.
    pub(super) fn unseen(first: Moment) -> Self {
        Self { name: None, ..Self::new(Ask::Query, first, first) }
    }

    /// Reads what stands in a client's message.
    pub(super) fn read(&mut self, payload: &[u8], secrets: bool) -> Option<()> {
        let mut scan = Scan::new(payload);
        match self.ask {
            Ask::Query => self.argument = Some(sql::told(scan.text(), secrets, false)),
            Ask::Parse => {
                self.statement = Some(lossless(scan.until_zero()?));
                self.argument = Some(sql::told(scan.text(), secrets, false));
            }
            Ask::Bind => {
                self.portal = Some(lossless(scan.until_zero()?));
                self.statement = Some(lossless(scan.text()));
            }
            Ask::Describe | Ask::Close => {
                let name = if scan.u8()? == b'S' { &mut self.statement } else { &mut self.portal };
                *name = Some(lossless(scan.text()));
            }
            Ask::Execute => self.portal = Some(lossless(scan.text())),
            Ask::Function => self.argument = scan.u32().map(|number| number.to_string()),
            Ask::Startup | Ask::Sync => {}
        }
        Some(())
    }

    /// What it takes while it waits, in bytes: what it asks for does not change.
    pub(super) fn size(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        size_of::<Self>() + length(&self.argument) + length(&self.statement) + length(&self.portal)
    }

    /// What is known of its answer takes so much besides.
    pub(super) fn answer_held(&self) -> usize {
        let fault = self.fault.as_ref().map_or(0, Report::held);
        self.parameters.held() + self.server_parameters.held() + self.columns.held() + self.tags.held() + fault
    }

    /// A command in it is done.
    pub(super) fn done(&mut self, tag: String) {
        if self.tags.len() < MAX_TAGS {
            self.tags.push(tag);
        } else {
            self.more_tags += 1;
        }
    }
}
