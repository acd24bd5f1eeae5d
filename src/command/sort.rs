//! `pcapml sort`: puts a labelled capture in the order of its samples, or back in that of time.

use std::path::{Path, PathBuf};

use super::{Context, MEMORY, Target};
use crate::capture::{Block, Dialect, Item, Losses, PcapngWriter, SnapLen, kind, packet_block};
use crate::error::{Error, Result};
use crate::packet::Packet;
use crate::sample::header::{Header, Order};
use crate::sample::membership::first_id;
use crate::sample::sort::{SortKey, Sorter};
use crate::sink::Output;

/// What to order by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Sample id, then time.
    Id,
    /// Time.
    Time,
}

/// What to sort, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// A labelled capture.
    pub input: PathBuf,
    /// The sorted one.
    pub output: Target,
    /// The order.
    pub by: By,
    /// About how many bytes of memory to use.
    pub memory: usize,
    /// Where temporary files go; beside the output if not given.
    pub temporary: Option<PathBuf>,
    /// Write nothing if the input is faulty.
    pub strict: bool,
}

impl Request {
    /// A request with every choice left at its default.
    pub fn new(input: &Path, output: Target) -> Self {
        Self { input: input.to_owned(), output, by: By::Id, memory: MEMORY, temporary: None, strict: false }
    }
}

/// The order of what a section holds: what packets may need, packets of samples, other packets, what counts packets.
const BEFORE: u8 = 0;
const LABELLED: u8 = 1;
const UNLABELLED: u8 = 2;
const AFTER: u8 = 3;

/// Sorts a capture.
///
/// # Errors
/// If the input cannot be opened, or the output or a temporary file cannot be written.
pub fn run(request: &Request, context: &mut Context) -> Result<()> {
    let mut reader = context.open(&request.input)?;
    let before = Header::read(reader.section_options());
    let header = Header {
        order: Some(match request.by {
            By::Id => Order::Id,
            By::Time => Order::Time,
        }),
        ..before.unwrap_or_default()
    };
    let section = header.options(reader.section_options());
    let output = Output::create(&request.output.path, &context.rules(&request.output, vec![request.input.clone()]))?;
    let temporary = request.temporary.clone().unwrap_or_else(|| output.directory());
    let mut writer = PcapngWriter::new(output, &section, SnapLen::Keep, Dialect::Pcapng);
    let mut sorter = Sorter::new(request.memory, context.expected_size(&reader), context.threads);
    let place = |error: std::io::Error| {
        let error = Error::from(error).in_file(&temporary);
        error.advise("this is where the temporary file goes; --temp-dir puts it elsewhere")
    };
    let mut record = Vec::new();
    let mut losses = Losses::default();
    context.each_item(&mut reader, request.strict, |item| {
        record.clear();
        let key = match item {
            Item::Section(_) => return Ok(()),
            Item::Interface(interface, _) => return writer.interface(interface).map(drop),
            Item::Packet(packet) => {
                losses.untimed += u64::from(packet.raw_time.is_none());
                let interface = writer.interface(packet.interface)?;
                packet_block(&mut record, interface, packet, &[], |_| true);
                packet_key(packet, request.by)
            }
            Item::Other(block) => {
                if !crate::capture::carried(&mut record, block, |number| writer.number(number)) {
                    losses.blocks += 1;
                    return Ok(());
                }
                SortKey::new(group(block), 0, None)
            }
        };
        sorter.push(key, &record, &temporary).map_err(place)
    })?;
    sorter.end().map_err(place)?;
    sorter.finish(|record| writer.raw(record))?;
    writer.finish()?.commit()?;
    context.note_losses(losses);
    Ok(())
}

fn packet_key(packet: &Packet, by: By) -> SortKey {
    let time = packet.time();
    match (by, first_id(packet)) {
        (By::Time, _) => SortKey::new(LABELLED, 0, time),
        (By::Id, Some(id)) => SortKey::new(LABELLED, id.0, time),
        (By::Id, None) => SortKey::new(UNLABELLED, 0, time),
    }
}

fn group(block: &Block) -> u8 {
    match block.kind {
        kind::INTERFACE_STATISTICS => AFTER,
        _ => BEFORE,
    }
}
