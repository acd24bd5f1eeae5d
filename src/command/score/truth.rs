//! The truth: a labelled capture, or a table.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::super::Context;
use crate::capture::{Format, Item, is_capture};
use crate::error::{Error, Result};
use crate::rule::{SampleLabels, Splits};
use crate::sample::membership::Samples;

/// How many bytes tell a capture from a table.
const HEAD: u64 = 16;

/// The labels of samples, and their splits if a table tells them.
pub(super) fn read(path: &Path, context: &Context) -> Result<(SampleLabels, Option<Splits>)> {
    let (labels, splits) = match path == Path::new("-") || begins_as_capture(path)? {
        true => (of_capture(path, context)?, None),
        false => SampleLabels::read(path)?,
    };
    context.note_any(labels.unlabelled() as u64, "sample", "of the truth without a label");
    Ok((labels, splits))
}

fn begins_as_capture(path: &Path) -> Result<bool> {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.map_err(|error| Error::from(error).in_file(path))?;
    Ok(is_capture(&head))
}

fn of_capture(path: &Path, context: &Context) -> Result<SampleLabels> {
    let mut reader = context.open(path)?;
    if reader.format() != Format::Pcapng {
        return Err(Error::request("a pcap file holds no labels").in_file(path));
    }
    let mut samples = Samples::default();
    context.each_item(&mut reader, false, |item| {
        if let Item::Packet(packet) = item {
            samples.of_packet(packet, |_| ());
        }
        Ok(())
    })?;
    let mut labels = SampleLabels::default();
    for sample in samples.all() {
        let inserted = labels.insert(sample.id, &sample.label);
        inserted.map_err(|text| Error::labels(text).in_file(path).advise("relabel one of them"))?;
    }
    match labels.is_empty() {
        true => Err(Error::request("no packet carries a label").in_file(path)),
        false => Ok(labels),
    }
}
