//! Datasets: captures as iterables of samples.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;

use super::arrow::{self, ArrowStream};
use super::error::{OrRaise, interruptible};
use super::sample::Sample;
use crate::dataset::{self, Beside, Index, SampleReader, Selection};
use crate::packet::SampleId;
use crate::redact::Mask;

/// Labelled captures, as an iterable of their samples.
#[pyclass(frozen, module = "pcapml._native")]
pub(super) struct Dataset {
    dataset: dataset::Dataset,
    /// What is masked although only the captures ask for it.
    enforced: Mask,
}

#[pymethods]
impl Dataset {
    #[new]
    #[pyo3(signature = (paths, ids = None, labels = None, fields = None, mask = None, enforce = true))]
    fn new(
        py: Python<'_>,
        paths: Vec<PathBuf>,
        ids: Option<Vec<u64>>,
        labels: Option<Vec<String>>,
        fields: Option<HashMap<String, Vec<String>>>,
        mask: Option<Vec<String>>,
        enforce: bool,
    ) -> PyResult<Self> {
        let fields = fields.unwrap_or_default().into_iter();
        let selection = Selection {
            ids: ids.map(|ids| ids.into_iter().map(SampleId).collect()),
            labels: labels.map(|labels| labels.into_iter().collect()),
            fields: fields.map(|(key, values)| (key, values.into_iter().collect::<HashSet<_>>())).collect(),
        };
        let open = || {
            let asked = Mask::of_names(mask.unwrap_or_default())?;
            let dataset = dataset::Dataset::open(&paths, selection)?;
            if !enforce {
                return Ok(Self { dataset: dataset.masked(asked), enforced: Mask::default() });
            }
            let disallowed = dataset::disallowed_in(&paths)?;
            let dataset = dataset.masked(asked.with(disallowed)).enforcing();
            Ok(Self { dataset, enforced: disallowed.without(asked) })
        };
        py.detach(open).or_raise()
    }

    /// The fields that are zeroed in packets.
    #[getter]
    fn masked(&self) -> Vec<String> {
        self.dataset.mask().names()
    }

    /// Those of them that were not asked for: the captures disallow them.
    #[getter]
    fn enforced(&self) -> Vec<String> {
        self.enforced.names()
    }

    /// The captures, as they were named.
    #[getter]
    fn paths(&self) -> Vec<PathBuf> {
        self.dataset.names().map(Into::into).collect()
    }

    /// True if samples stand in runs and are read in passing.
    #[getter]
    fn contiguous(&self) -> bool {
        self.dataset.is_contiguous()
    }

    fn __iter__(&self, py: Python<'_>) -> PyResult<SampleIterator> {
        let samples = interruptible(py, |stop| self.dataset.samples_unless(stop))?;
        Ok(SampleIterator(Mutex::new(samples)))
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.index(py)?.entries().len())
    }

    /// The sample of an id, if there is one.
    fn get(&self, py: Python<'_>, sample_id: u64) -> PyResult<Option<Sample>> {
        self.index(py)?;
        let found = py.detach(|| self.dataset.by_id(SampleId(sample_id))).or_raise()?;
        Ok(found.map(Sample::new))
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
        let schema = dataset::packet_schema(beside);
        let rows = match unlabelled {
            true => arrow::of_reading(schema, self.dataset.all_packets(batch_size, beside)),
            false => {
                let packets = interruptible(py, |stop| self.dataset.packets_unless(batch_size, beside, stop))?;
                arrow::of_reading(schema, packets)
            }
        };
        Ok(rows.keeping(keep))
    }

    /// Packets that belong to no sample.
    #[getter]
    fn unlabelled(&self, py: Python<'_>) -> PyResult<u64> {
        interruptible(py, |stop| self.dataset.unlabelled_unless(stop))
    }

    /// What was wrong with the captures.
    fn faults(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        Ok(self.index(py)?.faults.iter().map(ToString::to_string).collect())
    }
}

impl Dataset {
    /// The index; Ctrl-C stops the reading.
    fn index(&self, py: Python<'_>) -> PyResult<Arc<Index>> {
        interruptible(py, |stop| self.dataset.index_unless(stop))
    }
}

/// The samples, one after the other.
#[pyclass(frozen, module = "pcapml._native")]
pub(super) struct SampleIterator(Mutex<SampleReader>);

#[pymethods]
impl SampleIterator {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Sample>> {
        // The lock is waited for without the GIL: who holds it may be waiting for that.
        let next = interruptible(py, |stop| self.0.lock().unwrap_or_else(PoisonError::into_inner).next_unless(stop))?;
        Ok(next.map(Sample::new))
    }
}
