//! RESP, versions 2 and 3: values, read as they come, however they are cut.
//!
//! <https://redis.io/docs/latest/develop/reference/protocol-spec/>. Of long texts the front is kept, of many elements the
//! first ones; all are counted. What is streamed (`$?`, `*?`) no server sends, and it is not read.

use crate::dissect::buffer::Buffer;
use crate::dissect::held::Held;
use crate::dissect::text::lossless;
use crate::flow::Moment;

/// Lists inside lists, at most.
const MAX_DEPTH: usize = 32;

/// Elements of a list, at most: Redis takes 2^20 in a command, and replies have more.
const MAX_ELEMENTS: u64 = 1 << 32;

/// A text is not longer: Redis takes 512 MiB, and can be told to take more.
const LONGEST_TEXT: u64 = 1 << 40;

/// The longest line, in bytes.
const LONGEST_LINE: usize = 64 << 10;

/// What an element counts for in what is kept of a value, besides its text.
const PER_ELEMENT: usize = 16;

/// A value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Item {
    /// The first byte, which says what it is.
    pub(super) kind: u8,
    /// What is kept of its text.
    pub(super) text: Vec<u8>,
    /// The length of its text in bytes, or the number of its elements; of maps, of its pairs.
    pub(super) length: u64,
    /// It is one of the values that stand for nothing.
    pub(super) null: bool,
    /// Its elements, as far as they are kept.
    pub(super) elements: Vec<Item>,
}

/// A value that is whole, and the packets of its first and last byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Whole {
    pub(super) item: Item,
    pub(super) first: Moment,
    pub(super) last: Moment,
    /// Not everything is kept.
    pub(super) cut: bool,
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// No value begins like that.
    NoValue,
    TooDeep,
    TooLong,
}

/// What the next bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Line,
    /// A text, of which so many bytes are left, its CR LF included.
    Text(u64),
}

/// One side.
#[derive(Debug)]
pub(super) struct Values {
    buffer: Buffer,
    state: State,
    /// The lists that are open, and how many elements each lacks.
    open: Vec<(Item, u64)>,
    /// A text whose length came.
    text: Item,
    first: Option<Moment>,
    /// How much may still be kept of the value.
    room: usize,
    keep: usize,
    /// What is kept of it takes so much.
    held: usize,
    /// Something of it was not kept.
    cut: bool,
    /// Lines that are no values are commands (`PING`), with their arguments.
    inline: bool,
    /// It is not known where the next value begins.
    lost: bool,
}

impl Values {
    /// Reads commands, if `inline`, else replies; of each value, about so many bytes are kept.
    pub(super) fn new(inline: bool, keep: usize) -> Self {
        let (buffer, text) = (Buffer::default(), Item::default());
        Self {
            buffer,
            state: State::Line,
            open: Vec::new(),
            text,
            first: None,
            room: keep,
            keep,
            held: 0,
            cut: false,
            inline,
            lost: false,
        }
    }

    /// Adds bytes. Behind a gap, only such as begin with a value, as what senders send at once does mostly.
    pub(super) fn push(&mut self, bytes: &[u8], at: Moment) {
        let kinds: &[u8] = if self.inline { b"*" } else { b"+-:$*%>~_#,|(!=" };
        if !self.lost || bytes.first().is_some_and(|kind| kinds.contains(kind)) {
            self.lost = false;
            self.buffer.push(bytes, at);
        }
    }

    /// The next value, if it is whole.
    pub(super) fn next(&mut self) -> Option<Result<Whole, Fault>> {
        loop {
            let (item, last) = match self.state {
                State::Line => match self.line()? {
                    Ok(Some(found)) => found,
                    Ok(None) => continue,
                    Err(fault) => return Some(Err(fault)),
                },
                State::Text(left) => self.more_text(left)?,
            };
            if let Some(item) = self.close(item) {
                (self.room, self.held) = (self.keep, 0);
                let cut = std::mem::take(&mut self.cut);
                let first = self.first.take().unwrap_or(last);
                return Some(Ok(Whole { item, first, last, cut }));
            }
        }
    }

    /// Bytes are missing. True if they lie in a text, so that it is known what follows it.
    pub(super) fn gap(&mut self, length: u64) -> bool {
        match self.state {
            // The end of the text, CR LF, is needed to be sure of it.
            State::Text(left) if left >= length + 2 && self.buffer.is_empty() => {
                self.state = State::Text(left - length);
                (self.room, self.cut) = (0, true);
                true
            }
            _ => {
                *self = Self { lost: true, ..Self::new(self.inline, self.keep) };
                false
            }
        }
    }

    /// Takes a line: a value, or none if it is the head of a longer one.
    fn line(&mut self) -> Option<Result<Option<(Item, Moment)>, Fault>> {
        let waiting = self.buffer.len();
        let Some(line) = self.buffer.line() else {
            return (waiting > LONGEST_LINE).then_some(Err(Fault::TooLong));
        };
        let (last, moment) = (line.last, line.first);
        let Some((kind, rest)) = line.bytes.split_first() else {
            // Clients may send empty lines.
            return Some(if self.open.is_empty() { Ok(None) } else { Err(Fault::NoValue) });
        };
        let inline = self.inline && self.open.is_empty() && *kind != b'*';
        let taken = if inline { inline_command(line.bytes) } else { head(*kind, rest) };
        self.first.get_or_insert(moment);
        Some(match taken {
            None => Err(Fault::NoValue),
            Some(Head::Scalar(item)) => Ok(Some((self.kept(item), last))),
            Some(Head::Text(item)) => {
                self.state = State::Text(item.length.saturating_add(2));
                self.text = item;
                Ok(None)
            }
            Some(Head::List(item, 0)) => Ok(Some((item, last))),
            Some(Head::List(..)) if self.open.len() >= MAX_DEPTH => Err(Fault::TooDeep),
            Some(Head::List(item, elements)) => {
                self.open.push((item, elements));
                Ok(None)
            }
        })
    }

    /// Takes what is there of a text; the whole one if it is.
    fn more_text(&mut self, left: u64) -> Option<(Item, Moment)> {
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(self.buffer.len());
        let part = self.buffer.take(count).filter(|part| !part.bytes.is_empty())?;
        let last = part.last;
        // CR LF at the end is not of the text.
        let lacks = usize::try_from(left.saturating_sub(2)).unwrap_or(usize::MAX);
        let own = part.bytes.get(..lacks.min(self.room)).unwrap_or(part.bytes);
        self.text.text.extend_from_slice(own);
        self.room = self.room.saturating_sub(own.len());
        self.held += own.len();
        self.cut |= own.len() < part.bytes.len().min(lacks);
        let left = left - count as u64;
        self.state = State::Text(left);
        if left > 0 {
            return None;
        }
        self.state = State::Line;
        Some((std::mem::take(&mut self.text), last))
    }

    /// A scalar, as far as there is room for it.
    fn kept(&mut self, mut item: Item) -> Item {
        self.cut |= item.text.len() > self.room;
        item.text.truncate(self.room);
        self.room -= item.text.len();
        self.held += item.text.len();
        item
    }

    /// Puts a value that is whole into the list that is open; the outermost one if that is whole too.
    fn close(&mut self, item: Item) -> Option<Item> {
        let mut item = item;
        // Attributes stand before a value, and say something about it: they are none themselves.
        if item.kind == b'|' {
            return None;
        }
        while let Some((list, left)) = self.open.last_mut() {
            if self.room > PER_ELEMENT {
                self.room -= PER_ELEMENT;
                self.held += size_of::<Item>();
                list.elements.push(item);
            } else {
                self.cut = true;
            }
            *left -= 1;
            if *left > 0 {
                return None;
            }
            item = self.open.pop().map(|(list, _)| list)?;
            if item.kind == b'|' {
                return None;
            }
        }
        Some(item)
    }
}

impl Held for Values {
    fn held(&self) -> usize {
        self.buffer.held() + self.held
    }
}

/// What a line is.
enum Head {
    Scalar(Item),
    Text(Item),
    List(Item, u64),
}

/// Reads a line that is a value, or the head of one.
fn head(kind: u8, rest: &[u8]) -> Option<Head> {
    let item = |text: &[u8], length: u64| Item { kind, text: text.to_vec(), length, ..Item::default() };
    let null = Item { null: true, ..item(b"", 0) };
    let number = || std::str::from_utf8(rest).ok()?.parse::<u64>().ok();
    let is_number = |rest: &[u8]| {
        let digits = rest.strip_prefix(b"-").or_else(|| rest.strip_prefix(b"+")).unwrap_or(rest);
        !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
    };
    Some(match kind {
        b'+' | b'-' => Head::Scalar(item(rest, rest.len() as u64)),
        b':' | b'(' if is_number(rest) => Head::Scalar(item(rest, rest.len() as u64)),
        b',' if std::str::from_utf8(rest).is_ok_and(|text| text.parse::<f64>().is_ok()) => {
            Head::Scalar(item(rest, rest.len() as u64))
        }
        b'#' if matches!(rest, b"t" | b"f") => Head::Scalar(item(rest, 1)),
        b'_' if rest.is_empty() => Head::Scalar(null),
        b'$' | b'*' if rest == b"-1" => Head::Scalar(null),
        b'$' | b'=' | b'!' => Head::Text(item(b"", number().filter(|length| *length <= LONGEST_TEXT)?)),
        b'*' | b'~' | b'>' | b'%' | b'|' => {
            let count = number().filter(|count| *count <= MAX_ELEMENTS)?;
            let elements = if matches!(kind, b'%' | b'|') { count * 2 } else { count };
            Head::List(item(b"", count), elements)
        }
        _ => return None,
    })
}

/// Reads a command that is a line of words.
fn inline_command(line: &[u8]) -> Option<Head> {
    let words = inline_items(line)?;
    Some(Head::Scalar(Item { kind: b'*', length: words.len() as u64, elements: words, ..Item::default() }))
}

/// The words of a command in a line; they may stand in quotes.
pub(super) fn inline_items(line: &[u8]) -> Option<Vec<Item>> {
    let mut words = Vec::new();
    let mut rest = line.trim_ascii_start();
    while let Some(first) = rest.first() {
        let (word, behind) = match first {
            // The server says that the quotes are not balanced.
            b'"' | b'\'' => quoted(rest, *first).unwrap_or_else(|| (rest.to_vec(), &[])),
            _ => {
                let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
                let (word, behind) = rest.split_at(end);
                (word.to_vec(), behind)
            }
        };
        words.push(Item { kind: b'$', length: word.len() as u64, text: word, ..Item::default() });
        rest = behind.trim_ascii_start();
    }
    // Not anything is a command.
    let is_word = |item: &Item| item.text.iter().all(|byte| byte.is_ascii_graphic());
    words.first().filter(|item| is_word(item) && !item.text.is_empty())?;
    Some(words)
}

fn quoted(line: &[u8], quote: u8) -> Option<(Vec<u8>, &[u8])> {
    let mut word = Vec::new();
    let mut bytes = line.iter().enumerate().skip(1);
    while let Some((place, byte)) = bytes.next() {
        match byte {
            b'\\' => word.push(*bytes.next()?.1),
            byte if *byte == quote => return line.get(place + 1..).map(|behind| (word, behind)),
            byte => word.push(*byte),
        }
    }
    None
}

impl Item {
    /// What kind it is.
    pub(super) fn name(&self) -> &'static str {
        match self.kind {
            _ if self.null => "null",
            b'+' => "simple_string",
            b'-' => "error",
            b':' => "integer",
            b'$' => "bulk_string",
            b'*' => "array",
            b'#' => "boolean",
            b',' => "double",
            b'(' => "big_number",
            b'!' => "bulk_error",
            b'=' => "verbatim_string",
            b'%' => "map",
            b'~' => "set",
            b'>' => "push",
            _ => "unknown",
        }
    }

    pub(super) fn is_error(&self) -> bool {
        matches!(self.kind, b'-' | b'!')
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.kind, b'*' | b'~' | b'>' | b'%') && !self.null
    }

    /// Its text, or that of its elements as JSON.
    pub(super) fn told(&self) -> String {
        match self.is_list() {
            true => self.json(),
            // Verbatim strings have their format before them.
            false if self.kind == b'=' => lossless(self.text.get(4..).unwrap_or_default()),
            false => lossless(&self.text),
        }
    }

    fn json(&self) -> String {
        if self.is_list() {
            let all: Vec<String> = self.elements.iter().map(Self::json).collect();
            return match self.kind {
                b'%' => {
                    let pairs = self.elements.chunks(2).zip(all.chunks(2));
                    let pairs = pairs.filter_map(|(items, texts)| {
                        Some(format!("{}:{}", string(&items.first()?.told()), texts.get(1)?))
                    });
                    format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
                }
                _ => format!("[{}]", all.join(",")),
            };
        }
        let text = self.told();
        match self.kind {
            _ if self.null => "null".to_owned(),
            b':' if text.parse::<i64>().is_ok() => text.trim_start_matches('+').to_owned(),
            b'#' => (text == "t").to_string(),
            _ => string(&text),
        }
    }
}

fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
