//! Whether a text of a release names a sample of the challenge where none has a place: what is said of it may be its label.
//!
//! Looked at are the texts of people and of other versions (README.md, lint.json, dataset.toml) and what a release takes as it
//! is given: groups and options of the splits; labels, fields, captures and rules of the other samples. Ids are looked for as
//! whole numbers, decimal or hexadecimal behind `0x`. Who wants to tell labels in words can.

use std::collections::BTreeSet;

use super::SAMPLES;
use super::tables::{Row, SampleTable};
use crate::packet::SampleId;
use crate::publish::lists::{ListHeader, SPLITS, are_options};

/// Lower numbers are numbers of anything: of packets, of people. Ids are higher unless somebody counted.
const LOWEST: u64 = 1_000_000_000;

/// Where tables and lists, as they are taken from what is given, name one of these samples: the file, and what it says.
pub(in crate::command) fn in_tables(
    hidden: &BTreeSet<SampleId>,
    header: &ListHeader,
    table: &SampleTable,
) -> Vec<(&'static str, String)> {
    let mut told = Vec::new();
    let mut look = |name, of: &str, text: &str| {
        told.extend(in_text(hidden, text).into_iter().map(|said| (name, format!("{of}{said}"))));
    };
    let options = header.options.as_deref().filter(|options| are_options(options));
    look(SPLITS, "its options: ", options.unwrap_or_default());
    for row in table.rows.iter().filter(|row| !row.origin.hidden) {
        let of = format!("sample {}: ", row.sample.id);
        look(SPLITS, &of, row.origin.group.as_deref().unwrap_or_default());
        texts(row).for_each(|text| look(SAMPLES, &of, text));
    }
    told
}

/// What a text says of these samples.
pub(in crate::command) fn in_text(hidden: &BTreeSet<SampleId>, text: &str) -> Vec<String> {
    let ids = named(text).into_iter().filter(|id| hidden.contains(id));
    ids.map(|id| format!("it tells of sample {id} of the challenge")).collect()
}

/// What a row says that people wrote.
fn texts<'a>(row: &'a Row) -> impl Iterator<Item = &'a str> {
    let fields = row.sample.fields.iter().map(|(_, value)| value.as_str());
    // A source that is a field is both.
    let taken = [&row.origin.source, &row.origin.rule].into_iter().flatten().map(String::as_str);
    let taken = taken.filter(|text| row.sample.fields.iter().all(|(_, value)| value != text));
    std::iter::once(row.sample.label.as_str()).chain(fields).chain(taken)
}

/// The numbers in a text that may be ids.
fn named(text: &str) -> BTreeSet<SampleId> {
    let decimal = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() >= 10);
    let decimal = decimal.filter_map(|digits| digits.trim_start_matches('0').parse().ok());
    let behind_mark = text.split("0x").skip(1).chain(text.split("0X").skip(1));
    let hexadecimal = behind_mark.filter_map(|text| {
        let end = text.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(text.len());
        u64::from_str_radix(&text[..end], 16).ok()
    });
    decimal.chain(hexadecimal).filter(|number| *number >= LOWEST).map(SampleId).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_as_whole_numbers() {
        let found = |text: &str| -> Vec<u64> { named(text).into_iter().map(|id| id.0).collect() };
        assert_eq!(
            found("x17263148189626=dns, 00017263148189627 18446744073709551615"),
            [17_263_148_189_626, 17_263_148_189_627, u64::MAX]
        );
        assert_eq!(found("0x1234abcdef 0XffffFFFFffffFFFF, (0x3b9aca00)"), [1_000_000_000, 0x12_34ab_cdef, u64::MAX]);
        assert!(
            found("999999999 0000000007 0x7 18446744073709551616 172_631_481_896 0x 0x1ffffffffffffffff").is_empty()
        );
    }
}
