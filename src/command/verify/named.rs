//! Whether a text of a release names a sample of the challenge where none has a place: what is said of it may be its label.
//!
//! Looked at are the texts of people and of other versions (README.md, lint.json, dataset.toml) and what a release takes as it
//! is given: groups and options of the splits; labels, fields, captures and rules of the other samples. Ids are looked for as
//! whole numbers, decimal or hexadecimal behind `0x`. Who wants to tell labels in words can.

use std::collections::BTreeSet;

use super::Release;
use crate::command::Context;
use crate::command::release::tables::{Row, SampleTable};
use crate::command::release::{LINT, MANIFEST, README, SAMPLES};
use crate::error::Result;
use crate::packet::SampleId;
use crate::publish::lists::SPLITS;
use crate::publish::partition::CHALLENGE;

/// Lower numbers are numbers of anything: of packets, of people. Ids are higher unless somebody counted.
const LOWEST: u64 = 1_000_000_000;

impl Release<'_> {
    /// The samples whose labels are kept back.
    pub(super) fn hidden(&self) -> BTreeSet<SampleId> {
        self.splits.iter().filter(|(_, of)| of.split == CHALLENGE).map(|(id, _)| id).collect()
    }

    /// Checks that no text names a sample of the challenge.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub(super) fn tells_of_no_challenge(&self, table: &SampleTable, context: &Context) -> Result<()> {
        let hidden = self.hidden();
        if hidden.is_empty() {
            return Ok(());
        }
        let tells = |name: &str, of: &str, text: &str| {
            for id in named(text).into_iter().filter(|id| hidden.contains(id)) {
                self.fault(name, format!("{of}it tells of sample {id} of the challenge"), context);
            }
        };
        for name in [README, LINT, MANIFEST].into_iter().filter(|name| self.files.of.contains_key(*name)) {
            tells(name, "", &String::from_utf8_lossy(&self.read(name)?));
        }
        tells(SPLITS, "its options: ", self.header.options.as_deref().unwrap_or_default());
        for row in table.rows.iter().filter(|row| !row.origin.hidden) {
            let of = format!("sample {}: ", row.sample.id);
            tells(SPLITS, &of, row.origin.group.as_deref().unwrap_or_default());
            texts(row).for_each(|text| tells(SAMPLES, &of, text));
        }
        Ok(())
    }
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
