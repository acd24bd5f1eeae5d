//! Every packet of the captures, in their order, whether it has a sample or not.

use super::columns::NO_TIME;
use super::frames::{PacketBatches, PacketRow};
use super::selection::Selection;
use crate::capture::{Item, Reader};
use crate::error::{Error, Result};
use crate::packet::{Packet, Sample};
use crate::sample::comment;
use arrow_array::RecordBatch;

/// Every packet of some captures that belongs to a selected sample, or to none.
pub struct AllPackets {
    readers: Vec<Reader>,
    selection: Selection,
    batches: PacketBatches,
    /// The comments of the packet before, and the first sample that they name, if it is selected.
    texts: Vec<Box<[u8]>>,
    named: Option<(Sample, bool)>,
    /// What was wrong: told when all that could be read was given.
    fault: Option<Error>,
}

impl AllPackets {
    pub(super) fn new(mut readers: Vec<Reader>, selection: Selection, batches: PacketBatches) -> Self {
        // The first is taken from the end.
        readers.reverse();
        Self { readers, selection, batches, texts: Vec::new(), named: None, fault: None }
    }

    /// The batches' columns.
    pub fn schema(&self) -> arrow_schema::SchemaRef {
        self.batches.schema()
    }

    /// The next batch.
    ///
    /// # Errors
    /// Where a capture is faulty, when all packets before that were given.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        match self.full_batch() {
            Ok(Some(batch)) => return Ok(Some(batch)),
            Ok(None) => {}
            Err(error) => {
                self.fault = Some(match self.readers.last() {
                    Some(reader) => error.in_file(reader.name()),
                    None => error,
                });
                self.readers.clear();
            }
        }
        match self.batches.rest().map_err(failed)? {
            Some(batch) => Ok(Some(batch)),
            None => self.fault.take().map_or(Ok(None), Err),
        }
    }

    /// The next batch that is full, if there are packets enough.
    fn full_batch(&mut self) -> Result<Option<RecordBatch>> {
        while let Some(reader) = self.readers.last_mut() {
            let Some(item) = reader.next_item()? else {
                self.readers.pop();
                continue;
            };
            let Item::Packet(packet) = item else { continue };
            hear(&packet, &mut self.texts, &mut self.named, &self.selection);
            if self.named.as_ref().is_some_and(|(_, wanted)| !wanted) {
                continue;
            }
            let row = row(&packet, &self.texts, self.named.as_ref().map(|(sample, _)| sample));
            if let Some(batch) = self.batches.push(&row?).map_err(failed)? {
                return Ok(Some(batch));
            }
        }
        Ok(None)
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
    let time = packet.time().map_or(Ok(NO_TIME), |time| i64::try_from(time.0));
    let too_far = |_| Error::malformed("a time that 64 bits of nanoseconds cannot hold").at(packet.position());
    let names = |text: &&[u8]| sample.is_some_and(|sample| comment::id(text) == Some(sample.id));
    let mut said = texts.iter().map(AsRef::as_ref);
    Ok(PacketRow {
        sample,
        number: packet.number,
        time: time.map_err(too_far)?,
        length: packet.original_length,
        interface: packet.interface.number,
        link_type: packet.interface.link_type.0,
        bytes: packet.bytes,
        comment: said.find(names).or(texts.first().map(AsRef::as_ref)),
    })
}

fn failed(error: arrow_schema::ArrowError) -> Error {
    Error::from(std::io::Error::other(error))
}
