//! Datasets: captures as iterables of samples.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;

use super::arrow::{self, ArrowStream};
use super::error::OrRaise;
use super::sample::Sample;
use crate::dataset::{self, Beside, Index, SampleColumns, Selection, Stream};
use crate::error::{Error, Result};
use crate::packet::SampleId;

/// Labelled captures, as an iterable of their samples.
#[pyclass(frozen, module = "pcapml._native")]
pub(super) struct Dataset {
    inner: Arc<dataset::Dataset>,
    unlabelled: Arc<AtomicU64>,
}

#[pymethods]
impl Dataset {
    #[new]
    #[pyo3(signature = (paths, ids = None, labels = None, fields = None))]
    fn new(
        py: Python<'_>,
        paths: Vec<PathBuf>,
        ids: Option<Vec<u64>>,
        labels: Option<Vec<String>>,
        fields: Option<HashMap<String, Vec<String>>>,
    ) -> PyResult<Self> {
        let fields = fields.unwrap_or_default().into_iter();
        let selection = Selection {
            ids: ids.map(|ids| ids.into_iter().map(SampleId).collect()),
            labels: labels.map(|labels| labels.into_iter().collect()),
            fields: fields.map(|(key, values)| (key, values.into_iter().collect::<HashSet<_>>())).collect(),
        };
        let inner = py.detach(|| dataset::Dataset::open(&paths, selection)).or_raise()?;
        Ok(Self { inner: Arc::new(inner), unlabelled: Arc::default() })
    }

    /// The captures, as they were named.
    #[getter]
    fn paths(&self) -> Vec<PathBuf> {
        self.inner.names().map(Into::into).collect()
    }

    /// True if samples stand in runs and are read in passing.
    #[getter]
    fn contiguous(&self) -> bool {
        self.inner.is_contiguous()
    }

    fn __iter__(&self, py: Python<'_>) -> PyResult<SampleIterator> {
        Ok(SampleIterator(Mutex::new(self.source(py)?)))
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.index(py)?.entries().len())
    }

    /// The sample of an id.
    fn get(&self, py: Python<'_>, sample_id: u64) -> PyResult<Sample> {
        self.index(py)?;
        let found = py.detach(|| self.inner.by_id(SampleId(sample_id))).or_raise()?;
        found.map(Sample::new).ok_or_else(|| PyKeyError::new_err(sample_id))
    }

    /// The ids of the samples, in the order of their first packets.
    fn sample_ids(&self, py: Python<'_>) -> PyResult<Vec<u64>> {
        Ok(self.index(py)?.entries().iter().map(|entry| entry.sample.id.0).collect())
    }

    /// One row for each sample.
    fn samples(&self, py: Python<'_>) -> PyResult<ArrowStream> {
        let index = self.index(py)?;
        arrow::of_index(&index)
    }

    /// The labels of the samples, in the order of `sample_ids`.
    fn sample_labels(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        Ok(self.index(py)?.entries().iter().map(|entry| entry.sample.label.clone()).collect())
    }

    /// One row for each packet of the samples, in batches; with `unlabelled`, every packet of the captures once, in their
    /// order, those of no sample too; with `comments`, the comment that names the sample as the last column. `keep` lives as
    /// long as they are read.
    #[pyo3(signature = (batch_size, unlabelled = false, comments = false, keep = None))]
    fn packets(
        &self,
        py: Python<'_>,
        batch_size: usize,
        unlabelled: bool,
        comments: bool,
        keep: Option<Py<PyAny>>,
    ) -> PyResult<ArrowStream> {
        let beside = Beside { sample: true, comment: comments };
        if unlabelled {
            let all = py.detach(|| self.inner.all_packets(batch_size, beside)).or_raise()?;
            return Ok(arrow::of_all(all).keeping(keep));
        }
        let mut source = self.source(py)?;
        Ok(arrow::of_packets(batch_size, beside, move || source.next(&mut || Ok(()))).keeping(keep))
    }

    /// Packets that belong to no sample.
    #[getter]
    fn unlabelled(&self, py: Python<'_>) -> PyResult<u64> {
        let streamed = self.unlabelled.load(Ordering::Relaxed);
        if streamed > 0 { Ok(streamed) } else { Ok(self.index(py)?.unlabelled) }
    }

    /// What was wrong with the captures.
    fn faults(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        Ok(self.index(py)?.faults.iter().map(ToString::to_string).collect())
    }
}

impl Dataset {
    /// The index; Ctrl-C stops the reading.
    fn index(&self, py: Python<'_>) -> PyResult<Arc<Index>> {
        interruptible(py, |stop| self.inner.index_unless(stop))
    }

    fn source(&self, py: Python<'_>) -> PyResult<Source> {
        let unlabelled = Arc::clone(&self.unlabelled);
        if self.inner.is_contiguous() {
            let stream = py.detach(|| self.inner.stream()).or_raise()?;
            return Ok(Source::Passing(Box::new(stream), unlabelled));
        }
        let index = self.index(py)?;
        Ok(Source::Indexed { dataset: Arc::clone(&self.inner), index, next: 0 })
    }
}

/// Reads without the GIL; Ctrl-C stops it, by what the reader asks now and then.
fn interruptible<T: Send>(
    py: Python<'_>,
    read: impl FnOnce(&mut dyn FnMut() -> Result<()>) -> Result<T> + Send,
) -> PyResult<T> {
    let mut interrupt = None;
    let mut stop = || {
        Python::attach(|py| py.check_signals()).map_err(|error| {
            interrupt = Some(error);
            Error::request("stopped")
        })
    };
    let done = py.detach(|| read(&mut stop));
    match interrupt {
        Some(error) => Err(error),
        None => done.or_raise(),
    }
}

/// Where samples come from, one after the other.
enum Source {
    Passing(Box<Stream>, Arc<AtomicU64>),
    Indexed { dataset: Arc<dataset::Dataset>, index: Arc<Index>, next: usize },
}

impl Source {
    fn next(&mut self, stop: &mut dyn FnMut() -> Result<()>) -> Result<Option<SampleColumns>> {
        match self {
            Self::Passing(stream, unlabelled) => {
                let sample = stream.next_sample_unless(stop);
                if stream.is_finished() {
                    unlabelled.store(stream.unlabelled, Ordering::Relaxed);
                }
                sample
            }
            Self::Indexed { dataset, index, next } => {
                let entry = index.entries().get(*next);
                *next += 1;
                match entry {
                    Some(entry) => dataset.fetch(index, entry).map(Some),
                    // All that could be read was given: now what was wrong.
                    None if *next == index.entries().len() + 1 => match index.faults.first() {
                        Some(fault) => Err(fault.again()),
                        None => Ok(None),
                    },
                    None => Ok(None),
                }
            }
        }
    }
}

/// The samples, one after the other.
#[pyclass(frozen, module = "pcapml._native")]
pub(super) struct SampleIterator(Mutex<Source>);

#[pymethods]
impl SampleIterator {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Sample>> {
        // The lock is waited for without the GIL: who holds it may be waiting for that.
        let next = interruptible(py, |stop| self.0.lock().unwrap_or_else(PoisonError::into_inner).next(stop))?;
        Ok(next.map(Sample::new))
    }
}
