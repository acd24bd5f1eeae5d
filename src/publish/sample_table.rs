//! The table of a release: one row for each sample, with everything that can be said of it without its packets.

use std::borrow::Cow;

use crate::dataset::SampleFacts;
use crate::packet::Sample;
use crate::sample::fields;
use crate::table::{Cell, Column, ColumnKind};

use super::croissant::hex;

/// What is known of a sample from elsewhere than its packets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The split that it belongs to.
    pub split: Option<String>,
    /// Its fold of cross-validation.
    pub fold: Option<String>,
    /// The group that was kept together.
    pub group: Option<String>,
    /// The capture that its packets come from.
    pub source: Option<String>,
    /// The SHA-256 of that.
    pub source_sha256: Option<[u8; 32]>,
    /// The rule that labelled it.
    pub rule: Option<String>,
    /// Its label is not told: it is of a challenge.
    pub hidden: bool,
}

/// The field that names a sample's capture: it has a column of its own.
pub const SOURCE: &str = "source";

/// The column of the digest of a sample's capture.
pub const SOURCE_SHA256: &str = "source_sha256";

/// The column of the rule that labelled a sample.
pub const RULE: &str = "rule";

/// The columns of the table, of samples with these fields besides [`SOURCE`].
pub fn columns(keys: &[String]) -> Vec<Column> {
    use ColumnKind::{Count, Id, Text, Time};
    let first = vec![
        Column::new("sample_id", Id, "The sample's id, an unsigned 64-bit number."),
        Column::new("label", Text, "Its class; empty where it is a challenge."),
    ];
    let last = vec![
        Column::new("split", Text, "The split that it belongs to."),
        Column::new("fold", Text, "Its fold of cross-validation."),
        Column::new("group", Text, "The group of samples that were assigned to a split as a whole."),
        Column::new("packets", Count, "Its packets."),
        Column::new("bytes", Count, "Their length on the wire.").of_unit("bytes"),
        Column::new("captured_bytes", Count, "What of that was captured.").of_unit("bytes"),
        Column::new("first_time", Time, "The time of its earliest packet."),
        Column::new("last_time", Time, "The time of its latest packet."),
        Column::new("link_types", Text, "The link types of its packets, by tcpdump.org's numbers."),
        Column::new("sha256", Text, "The SHA-256 of its packets, as FORMAT.md defines it."),
        Column::new(SOURCE, Text, "The capture that it comes from."),
        Column::new(SOURCE_SHA256, Text, "The SHA-256 of that capture."),
        Column::new(RULE, Text, "The rule that labelled it."),
    ];
    let taken: Vec<&str> = first.iter().chain(&last).map(|column| column.name.as_str()).collect();
    let names = fields::column_names(keys, &taken);
    let own = names.into_iter().map(|name| Column::new(name, Text, "A field of the labels file."));
    first.into_iter().chain(own).chain(last.iter().cloned()).collect()
}

/// The cells of a sample's row; `keys` as for [`columns`].
pub fn row<'a>(sample: &'a Sample, of: &SampleFacts, origin: &'a Origin, keys: &[String]) -> Vec<Cell<'a>> {
    let text = |text: Option<&'a str>| text.map_or(Cell::Missing, |text| Cell::Text(text.into()));
    let digest = |digest: Option<[u8; 32]>| digest.map_or(Cell::Missing, |digest| Cell::Text(hex(&digest).into()));
    let nanoseconds = |time: Option<crate::time::Timestamp>| {
        let time = time.and_then(|time| i64::try_from(time.0).ok());
        time.map_or(Cell::Missing, Cell::Time)
    };
    let label = Some(sample.label.as_str()).filter(|label| !label.is_empty() && !origin.hidden);
    let mut row = vec![Cell::Count(sample.id.0), text(label)];
    row.extend(keys.iter().map(|key| text(sample.field(key))));
    row.extend([origin.split.as_deref(), origin.fold.as_deref(), origin.group.as_deref()].map(text));
    row.extend([of.tally.packets, of.tally.bytes, of.captured].map(Cell::Count));
    row.extend([of.tally.first, of.tally.last].map(nanoseconds));
    let link_types: Vec<String> = of.link_types.iter().map(|link_type| link_type.0.to_string()).collect();
    row.push(Cell::Text(Cow::Owned(link_types.join(" "))));
    row.extend([digest(of.content()), text(origin.source.as_deref()), digest(origin.source_sha256)]);
    row.push(text(origin.rule.as_deref()));
    row
}
