//! Where packets go: straight to the output, or through the sorter.
//!
//! The order of a capture's packets tells what shifted times and replaced ids do not: packets of two samples that alternate
//! were captured at one time, and samples in the order of their old ids have ranks that guessed ids can be compared with. So
//! the output stands in the order of its own ids and times there, and interfaces that are equal are one.

use std::path::PathBuf;

use super::super::{Context, MEMORY};
use crate::capture::{Dialect, PcapngWriter, Reader, SnapLen, packet_block};
use crate::error::{Error, Result};
use crate::packet::{Interface, Opt, Packet, SampleId};
use crate::sample::sort::{SortKey, Sorter};
use crate::sink::Output;

/// Packets of samples stand before those of none.
const LABELLED: u8 = 0;
const UNLABELLED: u8 = 1;

/// The output.
pub(super) struct Ordered {
    writer: PcapngWriter<Output>,
    sorting: Option<Sorting>,
}

/// Packets that wait for their order.
struct Sorting {
    sorter: Sorter,
    temporary: PathBuf,
    record: Vec<u8>,
    untimed: u64,
}

impl Ordered {
    /// An output that begins with this section.
    pub(super) fn new(output: Output, section: &[u8]) -> Self {
        Self { writer: PcapngWriter::new(output, section, SnapLen::Keep, Dialect::Pcapng), sorting: None }
    }

    /// The same in the order of ids and times.
    pub(super) fn sorted(output: Output, section: &[u8], reader: &Reader, context: &Context) -> Self {
        let temporary = output.directory();
        let sorter = Sorter::new(MEMORY, context.expected_size(reader), context.threads);
        Self {
            writer: PcapngWriter::new(output, section, SnapLen::Unlimited, Dialect::Pcapng),
            sorting: Some(Sorting { sorter, temporary, record: Vec::new(), untimed: 0 }),
        }
    }

    pub(super) fn interface(&mut self, interface: &Interface) -> Result<()> {
        self.writer.interface(interface).map(drop)
    }

    /// Takes a packet of this sample, whose comments are these options; of its own, those stay that `keep` lets through.
    pub(super) fn packet(
        &mut self,
        packet: &Packet,
        (id, comments): (Option<SampleId>, &[u8]),
        keep: impl FnMut(&Opt) -> bool,
    ) -> Result<()> {
        let Some(sorting) = &mut self.sorting else { return self.writer.packet(packet, comments, keep) };
        let Some(interface) = self.writer.number(packet.interface.number) else {
            return Err(Error::request("a packet of no interface").at(packet.position()));
        };
        sorting.untimed += u64::from(packet.raw_time.is_none());
        sorting.record.clear();
        packet_block(&mut sorting.record, interface, packet, comments, keep);
        let group = if id.is_some() { LABELLED } else { UNLABELLED };
        let key = SortKey::new(group, id.map_or(0, |id| id.0), packet.time());
        let pushed = sorting.sorter.push(key, &sorting.record, &sorting.temporary);
        pushed.map_err(|error| Error::from(error).in_file(&sorting.temporary))
    }

    /// Writes what waits, and gives the output its name.
    pub(super) fn finish(self, context: &Context) -> Result<()> {
        let Self { mut writer, sorting } = self;
        let mut losses = writer.losses();
        if let Some(Sorting { mut sorter, temporary, untimed, .. }) = sorting {
            sorter.end().map_err(|error| Error::from(error).in_file(&temporary))?;
            sorter.finish(|record| writer.raw(record))?;
            losses.untimed += untimed;
        }
        writer.finish()?.commit()?;
        context.note_losses(losses);
        Ok(())
    }
}
