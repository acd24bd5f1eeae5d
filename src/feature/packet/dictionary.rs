//! What packet sets there are, and what their columns mean.

use super::headers::FIELDS;
use super::nprint;
use crate::feature::dictionary::{Entry, Section, word};

/// The sets, and what they are.
const SETS: [(&str, &str); 3] = [
    ("bytes:N", "a row for each packet: its first N bytes, as Deep Packet has them"),
    ("nprint", "a row for each packet: every bit of its headers, as nPrint has them"),
    ("headers", "a row for each packet: the fields of its headers, by Wireshark's names"),
];

/// The names of the packet sets, and what they are.
pub(in crate::feature) fn packet_set_names() -> impl Iterator<Item = (String, &'static str)> {
    let shown = |name: &str| if name == "nprint" { format!("nprint:{}", nprint::words()) } else { name.to_owned() };
    SETS.iter().map(move |(name, doc)| (shown(name), *doc))
}

/// The columns of all packet sets.
pub(in crate::feature) fn packet_sections() -> Vec<Section> {
    let vectors = vec![
        entry("bytes_0..bytes_N-1", "bytes", "", VECTOR, "Deep Packet"),
        entry("length", "count", "bytes", LENGTH, ""),
    ];
    let bits = nprint::dictionary().map(|(name, doc)| entry(&name, "signs", "bits", doc, "nPrint 1.2")).collect();
    let fields = FIELDS.iter().map(|field| entry(field.name, &word(field.kind), field.unit, field.doc, "Wireshark"));
    let entries = [vectors, bits, fields.collect()];
    let sections = packet_set_names().zip(entries);
    sections.map(|((title, doc), entries)| Section { title, doc, entries }).collect()
}

/// What the column of `bytes` is.
pub(super) const VECTOR: &str =
    "The first bytes of the IP packet, addresses, checksums and masked fields zeroed, zeros behind its end.";

/// What the column beside it is.
pub(super) const LENGTH: &str = "How many of the bytes are the packet's; the others are zeros behind its end.";

fn entry(name: &str, kind: &str, unit: &'static str, doc: &'static str, source: &'static str) -> Entry {
    Entry { source, ..Entry::new(name, kind.to_owned(), unit, doc) }
}
