//! The line in the section header by which readers know in which order samples stand.
//!
//! The first comment of the Section Header Block holds `pcapml: {"format":1,"order":…}` as its first line; mergecap
//! appends text of its own, so that only that line counts.

use serde_json::{Map, Value};

use crate::packet::{ByteOrder, Options, code, push_option};

/// What the line begins with.
const MARK: &[u8] = b"pcapml: {";

/// The version of the format that is written.
const FORMAT: u64 = 1;

/// In which order the packets of a labelled capture stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Samples by ascending id, packets of each by time.
    Id,
    /// Each sample in one run.
    Contiguous,
    /// Packets by time, whatever their samples.
    Time,
}

impl Order {
    const NAMES: [(Self, &'static str); 3] = [(Self::Id, "id"), (Self::Contiguous, "contiguous"), (Self::Time, "time")];

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(order, _)| *order == self).map_or("", |(_, name)| name)
    }

    /// True if each sample stands in one run.
    pub fn is_contiguous(self) -> bool {
        matches!(self, Self::Id | Self::Contiguous)
    }
}

/// What a labelled capture says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// In which order samples stand, if it is known.
    pub order: Option<Order>,
    /// The dataset's name: the namespace of its ids.
    pub dataset: Option<String>,
    /// Fields of packets that results may not rest on, by the names of `select --mask`.
    pub disallow: Vec<String>,
    /// Fields that are zeroed in all packets.
    pub masked: Vec<String>,
    /// What else the line says, carried along.
    pub others: Map<String, Value>,
}

impl Header {
    /// The same, with other facts, which take the place of those of their names.
    pub fn with(mut self, facts: &Map<String, Value>) -> Self {
        for (name, value) in facts {
            match (name.as_str(), value.as_str()) {
                ("dataset", Some(dataset)) => self.dataset = Some(dataset.to_owned()),
                (DISALLOW, _) => self.disallow = names(Some(value.clone())),
                _ => drop(self.others.insert(name.clone(), value.clone())),
            }
        }
        self
    }

    /// The comment's text.
    pub fn comment(&self) -> String {
        let mut facts = self.others.clone();
        facts.insert("format".to_owned(), FORMAT.into());
        if let Some(order) = self.order {
            facts.insert("order".to_owned(), order.name().into());
        }
        if let Some(dataset) = &self.dataset {
            facts.insert("dataset".to_owned(), dataset.as_str().into());
        }
        for (key, names) in [(DISALLOW, &self.disallow), (MASKED, &self.masked)] {
            if !names.is_empty() {
                facts.insert(key.to_owned(), names.as_slice().into());
            }
        }
        format!("pcapml: {}", Value::Object(facts))
    }

    /// What a section's options say, if a pcapml wrote them.
    pub fn read(mut options: Options) -> Option<Self> {
        options.find_map(|option| Self::of_option(option.code, option.text()))
    }

    /// What an option of a section says, if it is our line.
    pub fn of_option(code: u16, text: &[u8]) -> Option<Self> {
        let line = line(code, text)?;
        let mut others: Map<String, Value> = serde_json::from_slice(line.get(MARK.len() - 1..)?).ok()?;
        let mut text = |key: &str| others.remove(key)?.as_str().map(str::to_owned);
        let (order, dataset) = (text("order"), text("dataset"));
        let order = Order::NAMES.into_iter().find(|(_, name)| order.as_deref() == Some(name));
        let (disallow, masked) = (names(others.remove(DISALLOW)), names(others.remove(MASKED)));
        Some(Self { order: order.map(|(order, _)| order), dataset, disallow, masked, others })
    }

    /// A section's options: this line first, then those of `inherited` that are not of the writing program, then our
    /// name. A little-endian list without its end.
    pub fn options(&self, inherited: Options) -> Vec<u8> {
        let mut options = Vec::new();
        push_option(&mut options, code::OPT_COMMENT, self.comment().as_bytes());
        let order = inherited.order();
        for option in inherited {
            // What a custom value's integers are in the other byte order, nobody knows.
            let foreign = code::CUSTOM.contains(&option.code) && order == ByteOrder::Big;
            if option.code != code::SHB_USERAPPL && !foreign && line(option.code, option.text()).is_none() {
                push_option(&mut options, option.code, option.value);
            }
        }
        push_option(&mut options, code::SHB_USERAPPL, APPLICATION.as_bytes());
        options
    }
}

/// The keys of lists of fields.
const DISALLOW: &str = "disallow";
const MASKED: &str = "masked";

/// The names of a list. What is none is shown as it stands: nothing that somebody disallowed goes unnoticed.
fn names(value: Option<Value>) -> Vec<String> {
    let name = |value: Value| match value {
        Value::String(name) => name,
        other => other.to_string(),
    };
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(values)) => values.into_iter().map(name).collect(),
        Some(one) => vec![name(one)],
    }
}

/// What we call ourselves in a section header (shb_userappl).
pub const APPLICATION: &str = concat!("pcapml ", env!("CARGO_PKG_VERSION"));

/// The first line of a section's comment, if it is ours.
fn line(code: u16, text: &[u8]) -> Option<&[u8]> {
    let first = text.split(|&byte| byte == b'\n').next()?;
    (code == code::OPT_COMMENT && first.starts_with(MARK)).then_some(first)
}

/// True if this option of a section header is our line.
pub fn is_header(code: u16, text: &[u8]) -> bool {
    line(code, text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_even_after_mergecap() {
        let header = Header { order: Some(Order::Id), dataset: Some("a \"b\"".to_owned()), ..Header::default() };
        let (disallow, masked) = (vec!["ip.addr".to_owned(), "port".to_owned()], vec!["ip.ttl".to_owned()]);
        let header = Header { disallow, masked, ..header };
        let header = Header { others: serde_json::from_str("{\"format\":1,\"version\":\"2\"}").unwrap(), ..header };
        let mut options = Vec::new();
        let text = format!("{}\nFile created by merging:", header.comment());
        push_option(&mut options, code::OPT_COMMENT, text.as_bytes());
        assert_eq!(Header::read(Options::trusted(&options, ByteOrder::Little)), Some(header));
    }

    #[test]
    fn lists_that_are_none_are_not_lost() {
        let mut options = Vec::new();
        push_option(&mut options, code::OPT_COMMENT, b"pcapml: {\"disallow\":\"ip.ttl\",\"masked\":[\"port\",5]}");
        let header = Header::read(Options::trusted(&options, ByteOrder::Little)).unwrap();
        assert_eq!((header.disallow, header.masked), (vec!["ip.ttl".to_owned()], vec!["port".into(), "5".into()]));
    }

    #[test]
    fn other_comments_say_nothing() {
        let mut options = Vec::new();
        push_option(&mut options, code::OPT_COMMENT, b"pcapml: a fine tool");
        assert_eq!(Header::read(Options::trusted(&options, ByteOrder::Little)), None);
    }
}
