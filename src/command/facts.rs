//! What one reading of a labelled capture tells of its samples, for all commands that ask for it.

use std::path::Path;

use super::Context;
use crate::capture::Item;
use crate::dataset::{Facts, Wanted};
use crate::error::Result;
use crate::packet::Packet;
use crate::sample::header::Header;
use crate::sample::membership::Runs;

/// Reads a labelled capture; ids of several samples, and samples that do not stand as the capture's header says, are
/// faults that are told.
pub(super) fn read(input: &Path, wanted: Wanted, context: &Context) -> Result<Facts> {
    read_with(input, wanted, context, |_, _| Ok(()))
}

/// The same; `each` gets every packet, with the numbers of its samples.
pub(super) fn read_with(
    input: &Path,
    wanted: Wanted,
    context: &Context,
    mut each: impl FnMut(&Packet, &[usize]) -> Result<()>,
) -> Result<Facts> {
    read_items(input, wanted, context, |item, numbers| match item {
        Item::Packet(packet) => each(packet, numbers),
        _ => Ok(()),
    })
}

/// The same; `each` gets everything that stands in the capture, and of packets the numbers of their samples.
pub(super) fn read_items(
    input: &Path,
    wanted: Wanted,
    context: &Context,
    mut each: impl FnMut(&Item, &[usize]) -> Result<()>,
) -> Result<Facts> {
    let mut reader = context.open(input)?;
    let mut facts = Facts::new(wanted);
    facts.header = Header::read(reader.section_options());
    let mut runs = Runs::new(facts.header.as_ref());
    context.each_item(&mut reader, false, |item| {
        let Item::Packet(packet) = item else {
            if let Item::Interface(interface, _) = item {
                facts.interface(interface);
            }
            return each(item, &[]);
        };
        if let Err(error) = runs.packet(packet) {
            context.fault(&error.in_file(input));
        }
        each(item, facts.packet(packet))
    })?;
    context.tell_conflicts(facts.samples(), Some(input));
    if facts.samples().all().is_empty() && facts.unlabelled.packets > 0 {
        context.note("no packet carries a label: pcapml label puts them there");
    }
    if facts.header.is_none() && runs.are_reversed() {
        context.note(
            "samples and their packets stand in reverse, as C++ pcapml 0.3 sorts them: pcapml sort puts them right",
        );
    }
    Ok(facts)
}
