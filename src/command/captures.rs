//! The captures that rows are made of, one after the other.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::dataset_files::{DatasetFile, Inventory};
use super::{Context, open_one};
use crate::capture::{Format, Item, Reader};
use crate::error::{Error, Result, Shown};
use crate::sample::membership::Samples;
use crate::sink::directory_of;

/// The captures of the inputs, in order; those of a directory by name.
pub(super) fn captures(inputs: &[PathBuf], context: &Context) -> Result<Vec<DatasetFile>> {
    let mut captures = Vec::new();
    for input in inputs {
        if input.is_dir() {
            let inventory = Inventory::of(input)?;
            for file in inventory.pretenders() {
                context.fault(&Error::unreadable("no capture, although it is named like one").in_file(&file.path));
            }
            captures.extend(inventory.captures());
        } else {
            captures.push(DatasetFile::single(input));
        }
    }
    let mut seen = HashSet::new();
    if !captures.iter().all(|capture| seen.insert(capture.name.clone())) {
        // Several inputs hold captures of one name: then the whole path tells them apart.
        captures.iter_mut().for_each(|capture| capture.name = Shown(&capture.path).to_string());
    }
    match captures.is_empty() {
        true => Err(Error::request("there are no captures in the input")),
        false => Ok(captures),
    }
}

/// Where rows wait if there are too many for the memory: beside the output.
pub(super) fn directory(output: &Path) -> PathBuf {
    match output == Path::new("-") {
        true => std::env::temp_dir(),
        false => directory_of(output).to_owned(),
    }
}

/// Opens one capture after the other and hands it to `each`, with its number. One of several that cannot be opened is a
/// fault that is told, unless `strict` makes an error of it.
pub(super) fn each(
    captures: &[DatasetFile],
    strict: bool,
    context: &Context,
    mut each: impl FnMut(u64, &mut Reader, &DatasetFile) -> Result<()>,
) -> Result<()> {
    let sizes = captures.iter().filter_map(|file| std::fs::metadata(&file.path).ok()).map(|file| file.len());
    let several = captures.len() > 1;
    if several {
        context.expect(sizes.sum());
    }
    let mut memory = Vec::new();
    for (number, file) in captures.iter().enumerate() {
        let opened = match several {
            true => open_one(&file.path, std::mem::take(&mut memory)),
            false => context.open(&file.path),
        };
        let mut reader = match opened {
            Ok(reader) => reader,
            Err(error) if several && !strict => {
                context.fault(&error);
                continue;
            }
            Err(error) => return Err(error),
        };
        each(number as u64, &mut reader, file)?;
        memory = reader.into_memory();
    }
    Ok(())
}

/// The samples of the captures, from reading them once; none if that cannot be done twice. Faults are told when they are
/// read again.
pub(super) fn samples(captures: &[DatasetFile]) -> Option<Samples> {
    let is_file = |file: &DatasetFile| std::fs::metadata(&file.path).is_ok_and(|file| file.is_file());
    if !captures.iter().all(is_file) {
        return None;
    }
    let mut samples = Samples::default();
    let mut memory = Vec::new();
    for file in captures {
        let Ok(mut reader) = open_one(&file.path, std::mem::take(&mut memory)) else { continue };
        // A pcap file has no comments.
        while reader.format() != Format::Pcap
            && let Ok(Some(item)) = reader.next_item()
        {
            if let Item::Packet(packet) = item {
                samples.of_packet(&packet, |_| ());
            }
        }
        memory = reader.into_memory();
    }
    Some(samples)
}
