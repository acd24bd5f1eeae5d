//! A labelled capture as its samples: one after the other, or by their ids.
//!
//! A [`Dataset`] is one capture or several. Where each says in its header that samples stand in one run, [`Stream`] reads
//! them in passing; otherwise an [`Index`] of all files comes first, and samples are fetched by it. A sample is given
//! whole, as [`SampleColumns`].

mod all;
mod columns;
mod frames;
mod index;
mod selection;
mod stamp;
mod stream;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

pub use all::AllPackets;
pub use columns::{NO_TIME, SampleColumns};
pub use frames::{Beside, PacketBatches, PacketRow, sample_batch, sample_schema, whole_sample};
pub use index::{Entry, Index};
pub use selection::Selection;
pub use stream::Stream;

use crate::capture::{Reader, Source};
use crate::error::{Error, Result};
use crate::packet::{Sample, SampleId};
use crate::sample::header::{Header, Order};

/// How often it is asked whether to go on: every so many packets.
const ASK_EVERY: u64 = 1 << 14;

/// One of a dataset's captures.
#[derive(Debug)]
pub struct DataFile {
    /// Its name, as it was given.
    pub name: PathBuf,
    /// A copy of it that is not packed, where reading must begin at any place.
    plain: OnceLock<Plain>,
}

/// A temporary copy, removed by the process that made it: a forked child has it too, and must leave it to its parent.
#[derive(Debug)]
struct Plain {
    copy: Option<tempfile::NamedTempFile>,
    path: PathBuf,
    process: u32,
}

impl Plain {
    fn of(copy: tempfile::NamedTempFile) -> Self {
        Self { path: copy.path().to_owned(), copy: Some(copy), process: std::process::id() }
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        if let Some(copy) = self.copy.take().filter(|_| self.process != std::process::id()) {
            let _ = copy.keep();
        }
    }
}

/// Labelled captures.
#[derive(Debug)]
pub struct Dataset {
    files: Vec<DataFile>,
    selection: Selection,
    contiguous: bool,
    index: Mutex<Option<Arc<Index>>>,
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
        let file = |path: &PathBuf| DataFile { name: path.clone(), plain: OnceLock::new() };
        Ok(Self { files: paths.iter().map(file).collect(), selection, contiguous, index: Mutex::new(None) })
    }

    /// The captures' names.
    pub fn names(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.name.as_path())
    }

    /// True if samples stand in runs, and are read in passing.
    pub fn is_contiguous(&self) -> bool {
        self.contiguous
    }

    /// What is selected.
    pub fn selection(&self) -> &Selection {
        &self.selection
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
        let made = Arc::new(Index::of(&self.files, &self.selection, stop)?);
        *index = Some(Arc::clone(&made));
        Ok(made)
    }

    /// The samples in passing.
    ///
    /// # Errors
    /// If the capture cannot be opened any more.
    pub fn stream(&self) -> Result<Stream> {
        Stream::open(&self.files[0].name, self.selection.clone())
    }

    /// Every packet of the captures that belongs to a selected sample or to none, once, in batches of so many.
    ///
    /// # Errors
    /// If a capture cannot be opened any more.
    pub fn all_packets(&self, size: usize, beside: Beside) -> Result<AllPackets> {
        let readers = self.names().map(|name| Reader::open(name, 1)).collect::<Result<_>>()?;
        Ok(AllPackets::new(readers, self.selection.clone(), PacketBatches::new(size, beside)))
    }

    /// A sample by its index entry.
    ///
    /// # Errors
    /// If its packets cannot be read any more.
    pub fn fetch(&self, index: &Index, entry: &Entry) -> Result<SampleColumns> {
        index.fetch(&self.files, entry)
    }

    /// The sample of an id.
    ///
    /// # Errors
    /// None of it, or several labels of it; what the system says.
    pub fn by_id(&self, id: SampleId) -> Result<Option<SampleColumns>> {
        let index = self.index()?;
        match index.of_id(id)?.map(|entry| self.fetch(&index, entry)) {
            None => Ok(None),
            Some(columns) => columns.map(Some),
        }
    }
}

impl DataFile {
    /// Where the capture can be read from any place: itself, or an unpacked copy.
    fn place(&self) -> Result<&Path> {
        let reader = Reader::open(&self.name, 1)?;
        let is_file = std::fs::metadata(&self.name).is_ok_and(|file| file.is_file());
        if !reader.is_packed() && is_file {
            return Ok(&self.name);
        }
        if let Some(copy) = self.plain.get() {
            return Ok(&copy.path);
        }
        let named = |error: std::io::Error| Error::from(error).in_file(&self.name);
        let mut copy = tempfile::NamedTempFile::new().map_err(named)?;
        std::io::copy(&mut Source::open(&self.name)?.into_plain()?, &mut copy).map_err(named)?;
        Ok(&self.plain.get_or_init(|| Plain::of(copy)).path)
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
