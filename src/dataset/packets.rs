//! Rows of packets: those of samples, one sample after the other, or every packet of the captures in their order.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::task::Poll;

use super::ASK_EVERY;
use super::columns::{NO_TIME, time_of};
use super::disallowed::Enforcement;
use super::frames::{PacketBatches, PacketRow};
use super::reading::Supply;
use super::samples::SampleReader;
use super::selection::Selection;
use crate::capture::{Item, Reader};
use crate::error::Result;
use crate::packet::{Packet, Sample};
use crate::redact::{Field, Masker};
use crate::sample::comment;
use arrow_array::RecordBatch;

/// The packets of samples, as these come.
pub struct SamplePackets {
    samples: SampleReader,
    batches: PacketBatches,
}

impl SamplePackets {
    pub(super) fn new(samples: SampleReader, batches: PacketBatches) -> Self {
        Self { samples, batches }
    }
}

impl Supply for SamplePackets {
    type Item = RecordBatch;

    fn read_on(&mut self, ready: &mut VecDeque<RecordBatch>) -> Result<bool> {
        match self.samples.poll()? {
            Poll::Pending => Ok(true),
            Poll::Ready(None) => Ok(false),
            Poll::Ready(Some(columns)) => self.batches.take(&columns, ready).map(|()| true),
        }
    }

    fn end(&mut self, ready: &mut VecDeque<RecordBatch>) -> Result<()> {
        self.batches.rest(ready)
    }
}

/// Every packet of some captures that belongs to a selected sample, or to none.
pub struct AllPackets {
    /// The capture that is being read, and those behind it: a thousand cannot all be open.
    reader: Option<Reader>,
    paths: std::vec::IntoIter<PathBuf>,
    selection: Selection,
    batches: PacketBatches,
    /// The comments of the packet before, and the first sample that they name, if it is selected.
    texts: Vec<Box<[u8]>>,
    named: Option<(Sample, bool)>,
    masks: Enforcement,
    masker: Masker,
    /// The bytes of the packet, masked.
    masked: Vec<u8>,
}

impl AllPackets {
    pub(super) fn new(
        paths: Vec<PathBuf>,
        (selection, masks): (Selection, Enforcement),
        batches: PacketBatches,
    ) -> Self {
        Self {
            reader: None,
            paths: paths.into_iter(),
            selection,
            batches,
            texts: Vec::new(),
            named: None,
            masks,
            masker: Masker::new(masks.mask),
            masked: Vec::new(),
        }
    }

    /// Takes packets of the capture until a batch is full, or for a while; false at its end.
    fn take_packets(&mut self, reader: &mut Reader, ready: &mut VecDeque<RecordBatch>) -> Result<bool> {
        for _ in 0..ASK_EVERY {
            let Some(item) = reader.next_item()? else { return Ok(false) };
            let packet = match item {
                Item::Packet(packet) => packet,
                Item::Section(block) => {
                    self.masks.section(&block)?;
                    continue;
                }
                _ => continue,
            };
            hear(&packet, &mut self.texts, &mut self.named, &self.selection);
            if self.named.as_ref().is_some_and(|(_, wanted)| !wanted) {
                continue;
            }
            let row = row(&packet, &self.texts, self.named.as_ref().map(|(sample, _)| sample))?;
            match self.masker.mask() {
                mask if mask.is_empty() => self.batches.push(&row, ready)?,
                mask => {
                    self.masked.clear();
                    self.masked.extend_from_slice(row.bytes);
                    self.masker.apply(packet.interface.link_type, &mut self.masked);
                    // When its sample begins is known when all of it was read.
                    let time = if mask.has(Field::Time) { NO_TIME } else { row.time };
                    self.batches.push(&PacketRow { time, bytes: &self.masked, ..row }, ready)?;
                }
            }
            if !ready.is_empty() {
                break;
            }
        }
        Ok(true)
    }
}

impl Supply for AllPackets {
    type Item = RecordBatch;

    fn read_on(&mut self, ready: &mut VecDeque<RecordBatch>) -> Result<bool> {
        let next = |path: PathBuf| Reader::open(&path, 1);
        let open = self.reader.take().map(Ok).or_else(|| self.paths.next().map(next));
        let Some(mut reader) = open.transpose()? else { return Ok(false) };
        let more = self.take_packets(&mut reader, ready).map_err(|error| error.in_file(reader.name()))?;
        self.reader = more.then_some(reader);
        Ok(true)
    }

    fn end(&mut self, ready: &mut VecDeque<RecordBatch>) -> Result<()> {
        self.batches.rest(ready)
    }
}

/// Most packets have the comments of the one before.
fn hear(packet: &Packet, texts: &mut Vec<Box<[u8]>>, named: &mut Option<(Sample, bool)>, selection: &Selection) {
    if packet.comments().eq(texts.iter().map(AsRef::as_ref)) {
        return;
    }
    *texts = packet.comments().map(Into::into).collect();
    let labels: Vec<Sample> = texts.iter().filter_map(|text| comment::parse(text)).map(|label| label.sample).collect();
    let wanted = labels.iter().find(|sample| selection.takes(sample));
    *named =
        wanted.map(|sample| (sample.clone(), true)).or_else(|| labels.first().map(|sample| (sample.clone(), false)));
}

fn row<'a>(packet: &Packet<'a>, texts: &'a [Box<[u8]>], sample: Option<&'a Sample>) -> Result<PacketRow<'a>> {
    let names = |text: &&[u8]| sample.is_some_and(|sample| comment::id(text) == Some(sample.id));
    let mut said = texts.iter().map(AsRef::as_ref);
    Ok(PacketRow {
        sample,
        number: packet.number,
        time: time_of(packet)?,
        length: packet.original_length,
        interface: packet.interface.number,
        link_type: packet.interface.link_type.0,
        bytes: packet.bytes,
        comment: said.find(names).or(texts.first().map(AsRef::as_ref)),
    })
}
