//! A labelled capture as its samples: one after the other, or by their ids.
//!
//! A [`Dataset`] is one capture or several. Where each says in its header that samples stand in one run, [`Stream`] reads
//! them in passing; otherwise an [`Index`] of all files comes first, and samples are fetched by it. A [`SampleReader`]
//! does what fits. A sample is given whole, as [`SampleColumns`].

mod columns;
mod disallowed;
mod facts;
mod frames;
mod index;
mod packets;
mod place;
mod profile;
mod reading;
mod samples;
mod selection;
mod stream;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

pub use columns::{NO_TIME, SampleColumns};
use disallowed::Enforcement;
pub use disallowed::{disallowed, disallowed_in, refuse_later};
pub use facts::{ContentDigest, Facts, FlowFacts, SampleFacts, Wanted, Ways};
pub use frames::{Beside, PacketBatches, PacketRow, packet_schema, sample_batches, sample_schema, whole_sample};
pub use index::{Entry, Index};
pub use packets::{AllPackets, SamplePackets};
pub use profile::{
    BACKGROUNDS, Background, CaptureProfile, Checksum, Counters, Digest, Digests, Distinct, EndFields, Exposed,
    FLOW_LEAST, FirstFields, FlowDigest, FlowProfile, FrameFields, LOOKED, Layout, NameKind, Profile, Profiles,
    SHAPE_LEAST, Said, Sequence, SharedPackets, Span, Steps, personal,
};
pub use reading::{Reading, Supply};
pub use samples::{SampleReader, Samples};
pub use selection::Selection;
pub use stream::Stream;

use crate::capture::Reader;
use crate::error::{Error, Result};
use crate::packet::{Sample, SampleId};
use crate::redact::Mask;
use crate::sample::header::{Header, Order};

/// How often it is asked whether to go on: every so many packets.
const ASK_EVERY: u64 = 1 << 14;

/// Labelled captures.
#[derive(Debug)]
pub struct Dataset {
    paths: Vec<PathBuf>,
    selection: Selection,
    /// What is zeroed in packets.
    masks: Enforcement,
    contiguous: bool,
    index: Mutex<Option<Arc<Index>>>,
    /// Packets of no sample, once they were counted in passing.
    unlabelled: Arc<OnceLock<u64>>,
}

impl Dataset {
    /// Opens captures; of their samples, only those selected.
    ///
    /// # Errors
    /// One that cannot be opened, or is no capture.
    pub fn open(paths: &[PathBuf], selection: Selection) -> Result<Self> {
        if paths.is_empty() {
            return Err(Error::request("no capture is named"));
        }
        let mut contiguous = true;
        for path in paths {
            let reader = Reader::open(path, 1)?;
            contiguous &= is_contiguous(&reader);
        }
        // Two files may each hold a part of one sample.
        contiguous &= paths.len() == 1;
        Ok(Self {
            paths: paths.to_vec(),
            selection,
            masks: Enforcement::default(),
            contiguous,
            index: Mutex::new(None),
            unlabelled: Arc::default(),
        })
    }

    /// The same captures with these fields zeroed in all packets. Masked times count from the first packet of each sample;
    /// where packets are asked for and not samples, they are none.
    #[must_use]
    pub fn masked(self, mask: Mask) -> Self {
        Self { masks: Enforcement { mask, ..self.masks }, index: Mutex::new(None), ..self }
    }

    /// The same captures, of which a section that disallows other fields than those is an error, for whoever reads so far.
    #[must_use]
    pub fn enforcing(self) -> Self {
        Self { masks: Enforcement { enforces: true, ..self.masks }, index: Mutex::new(None), ..self }
    }

    /// What is zeroed in packets.
    pub fn mask(&self) -> Mask {
        self.masks.mask
    }

    /// The captures' names.
    pub fn names(&self) -> impl Iterator<Item = &Path> {
        self.paths.iter().map(PathBuf::as_path)
    }

    /// True if samples stand in runs, and are read in passing.
    pub fn is_contiguous(&self) -> bool {
        self.contiguous
    }

    /// The index, from one reading of all captures that is not repeated.
    ///
    /// # Errors
    /// What the system says; faults of a capture are kept in the index.
    pub fn index(&self) -> Result<Arc<Index>> {
        self.index_unless(&mut || Ok(()))
    }

    /// The same; `stop` is asked now and then whether to go on.
    ///
    /// # Errors
    /// What `stop` says, too.
    pub fn index_unless(&self, stop: &mut dyn FnMut() -> Result<()>) -> Result<Arc<Index>> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = &*index {
            return Ok(Arc::clone(index));
        }
        let made = Arc::new(Index::of(&self.paths, (&self.selection, self.masks), stop)?);
        *index = Some(Arc::clone(&made));
        Ok(made)
    }

    /// The samples, one after the other.
    ///
    /// # Errors
    /// If a capture cannot be read any more.
    pub fn samples(&self) -> Result<SampleReader> {
        self.samples_unless(&mut || Ok(()))
    }

    /// The same; where an index comes first, `stop` is asked now and then whether to go on.
    ///
    /// # Errors
    /// What `stop` says, too.
    pub fn samples_unless(&self, stop: &mut dyn FnMut() -> Result<()>) -> Result<SampleReader> {
        let samples = match self.paths.as_slice() {
            [path] if self.contiguous => {
                let stream = Stream::open(path, (self.selection.clone(), self.masks), Arc::clone(&self.unlabelled))?;
                Samples::Passing(Box::new(stream))
            }
            _ => Samples::of(self.index_unless(stop)?),
        };
        Ok(Reading::of(samples))
    }

    /// The packets of the samples, in batches of so many; `stop` is asked as in [`Self::samples_unless`].
    ///
    /// # Errors
    /// As there.
    pub fn packets_unless(
        &self,
        size: usize,
        beside: Beside,
        stop: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Reading<SamplePackets>> {
        Ok(Reading::of(SamplePackets::new(self.samples_unless(stop)?, PacketBatches::new(size, beside))))
    }

    /// Every packet of the captures that belongs to a selected sample or to none, once, in batches of so many.
    pub fn all_packets(&self, size: usize, beside: Beside) -> Reading<AllPackets> {
        Reading::of(AllPackets::new(
            self.paths.clone(),
            (self.selection.clone(), self.masks),
            PacketBatches::new(size, beside),
        ))
    }

    /// How many packets belong to no sample. All captures are read for it, if they were not before.
    ///
    /// # Errors
    /// As [`Self::index_unless`].
    pub fn unlabelled_unless(&self, stop: &mut dyn FnMut() -> Result<()>) -> Result<u64> {
        match self.unlabelled.get() {
            Some(&counted) => Ok(counted),
            None => Ok(self.index_unless(stop)?.unlabelled),
        }
    }

    /// The sample of an id.
    ///
    /// # Errors
    /// Several labels of it; what the system says.
    pub fn by_id(&self, id: SampleId) -> Result<Option<SampleColumns>> {
        let index = self.index()?;
        index.of_id(id)?.map(|entry| index.fetch(entry)).transpose()
    }
}

/// True if a capture says that each of its samples stands in one run.
fn is_contiguous(reader: &Reader) -> bool {
    let order = Header::read(reader.section_options()).and_then(|header| header.order);
    order.is_some_and(Order::is_contiguous)
}

/// Two samples of one id: which is meant cannot be told.
fn ambiguous(one: &Sample, other: &Sample) -> Error {
    let (said, also) = match one.label == other.label {
        true => (in_full(one), in_full(other)),
        false => (one.label.clone(), other.label.clone()),
    };
    Error::labels(format!("sample {} is both '{said}' and '{also}': one id stands for one sample", one.id))
        .advise("relabel one of them, or iterate over all samples")
}

/// The label with all fields.
fn in_full(sample: &Sample) -> String {
    let fields = sample.fields.iter().map(|(key, value)| format!("{key}={value}"));
    std::iter::once(sample.label.clone()).chain(fields).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests;
