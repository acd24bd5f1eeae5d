//! A sample: the packets that one id groups, and what is known of them.

use super::SampleId;

/// Field names that the first pcapml tools take for the label, and that are therefore never written.
pub const PEER_KEYS: [&str; 6] = ["s", "proc", "dst", "label", "d", "dir"];

/// The field that says, last of all, that something was escaped.
pub const ESCAPED: &str = "e";

/// The prefix of fields that belong to one packet rather than to its sample.
pub const PACKET_FIELD: &str = "p.";

/// True if `name` can be a field's name: a letter, then letters, digits, `_`, `-` and `.`.
pub fn is_field_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// What a labelled capture says of one sample, the same on every packet of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sample {
    /// Its id.
    pub id: SampleId,
    /// Its class; empty where a foreign file names none.
    pub label: String,
    /// Further facts, `key=value`, in the order of the labels file's columns.
    pub fields: Vec<(String, String)>,
}

impl Sample {
    /// The value of this field, if the sample has it.
    pub fn field(&self, key: &str) -> Option<&str> {
        self.fields.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}
