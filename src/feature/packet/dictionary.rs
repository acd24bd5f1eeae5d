//! What packet sets there are, and what their columns mean.

use super::headers::FIELDS;
use super::nprint;

/// A column, or the columns of a field's bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The set that has it.
    pub set: String,
    /// Its name.
    pub name: String,
    /// The kind of its values.
    pub kind: String,
    /// Their unit; empty where they have none.
    pub unit: &'static str,
    /// What it means, one sentence.
    pub doc: &'static str,
    /// The same elsewhere.
    pub source: &'static str,
}

/// The names of the packet sets.
pub fn packet_set_names() -> Vec<String> {
    vec!["bytes:N".to_owned(), format!("nprint:{}", nprint::words()), "headers".to_owned()]
}

/// The columns of all packet sets.
pub fn packet_dictionary() -> Vec<Entry> {
    let mut entries = vec![
        entry("bytes:N", "bytes_0..bytes_N-1", "bytes", "bytes", VECTOR, "Deep Packet"),
        entry("bytes:N", "length", "count", "bytes", LENGTH, ""),
    ];
    let bits = nprint::dictionary();
    entries.extend(bits.map(|(name, doc)| entry("nprint", &name, "signs", "bits", doc, "nPrint 1.2")));
    entries.extend(FIELDS.iter().map(|field| {
        let kind = format!("{:?}", field.kind).to_lowercase();
        Entry { kind, ..entry("headers", field.name, "", field.unit, field.doc, "Wireshark") }
    }));
    entries
}

/// What the column of `bytes` is.
pub(super) const VECTOR: &str =
    "The first bytes of the IP packet, addresses, checksums and masked fields zeroed, zeros behind its end.";

/// What the column beside it is.
pub(super) const LENGTH: &str = "How many of the bytes are the packet's; the others are zeros behind its end.";

fn entry(set: &str, name: &str, kind: &str, unit: &'static str, doc: &'static str, source: &'static str) -> Entry {
    Entry { set: set.to_owned(), name: name.to_owned(), kind: kind.to_owned(), unit, doc, source }
}
