//! Record batches for whoever takes Arrow streams: the PyCapsule interface.
//!
//! Source: "The Arrow PyCapsule Interface", Apache Arrow's format documentation.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_ipc::reader::FileReader;
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use super::error::{OrRaise, ask, raised};
use crate::dataset::{self, Index, Reading, SampleColumns, Supply};
use crate::error::{Error, Result};

type Batches = Box<dyn RecordBatchReader + Send>;

/// What went wrong while a stream was read: who takes it tells only the text.
enum Failure {
    /// Of ours.
    Ours(Error),
    /// Ctrl-C, most likely.
    Raised(PyErr),
}

type Failed = Arc<Mutex<Option<Failure>>>;

/// Record batches that can be taken once, by pyarrow, pandas, Polars, DuckDB and others.
#[pyclass(frozen, module = "pcapml._native")]
pub(super) struct ArrowStream {
    batches: Mutex<Option<Batches>>,
    failed: Failed,
    keep: Option<Py<PyAny>>,
}

impl ArrowStream {
    fn of(batches: Batches) -> Self {
        Self { batches: Mutex::new(Some(batches)), failed: Failed::default(), keep: None }
    }

    /// The same, with an object of Python that must live as long as it is read: its files go with it.
    pub(super) fn keeping(self, keep: Option<Py<PyAny>>) -> Self {
        Self { keep, ..self }
    }

    /// The stream as a capsule.
    pub(super) fn capsule<'py>(
        &self,
        py: Python<'py>,
        _requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner).take();
        let batches = batches.ok_or_else(|| PyRuntimeError::new_err("the stream was taken already"))?;
        let keep = self.keep.as_ref().map(|keep| keep.clone_ref(py));
        let stream = FFI_ArrowArrayStream::new(Box::new(Taken { batches, _keep: keep }));
        Ok(PyCapsule::new_with_value(py, stream, c"arrow_array_stream")?.into_any())
    }
}

#[pymethods]
impl ArrowStream {
    /// The stream, for whoever takes it; the schema is as it is, whatever is asked for.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.capsule(py, requested_schema)
    }

    /// Raises what went wrong while it was read, if anything did.
    fn raise_failure(&self, py: Python<'_>) -> PyResult<()> {
        match &*self.failed.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(Failure::Ours(error)) => Err(raised(error)),
            Some(Failure::Raised(error)) => Err(error.clone_ref(py)),
            None => Ok(()),
        }
    }
}

/// A stream that somebody took.
struct Taken {
    batches: Batches,
    _keep: Option<Py<PyAny>>,
}

impl Iterator for Taken {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batches.next()
    }
}

impl RecordBatchReader for Taken {
    fn schema(&self) -> SchemaRef {
        self.batches.schema()
    }
}

/// The packets of a sample.
pub(super) fn of_sample(columns: &SampleColumns) -> PyResult<ArrowStream> {
    let (schema, batches) = dataset::whole_sample(columns).or_raise()?;
    Ok(ArrowStream::of(Box::new(RecordBatchIterator::new(batches.into_iter().map(Ok), schema))))
}

/// The samples.
pub(super) fn of_index(index: &Index) -> PyResult<ArrowStream> {
    let (schema, batches) = dataset::sample_batches(index).or_raise()?;
    Ok(ArrowStream::of(Box::new(RecordBatchIterator::new(batches.into_iter().map(Ok), schema))))
}

/// What a dataset reads, as it comes.
pub(super) fn of_reading<S>(schema: SchemaRef, reading: Reading<S>) -> ArrowStream
where
    S: Supply<Item = RecordBatch> + Send + 'static,
{
    let failed = Failed::default();
    let thread = std::thread::current().id();
    let batches = Box::new(Read { schema, reading, thread, failed: Arc::clone(&failed), ended: false });
    ArrowStream { failed, ..ArrowStream::of(batches) }
}

/// A dataset's batches as Arrow has them.
struct Read<S: Supply> {
    schema: SchemaRef,
    reading: Reading<S>,
    /// Who asked for them. Only there Python is asked whether to go on: whoever reads in other threads may wait for them
    /// with the GIL held.
    thread: ThreadId,
    failed: Failed,
    ended: bool,
}

impl<S: Supply<Item = RecordBatch>> Iterator for Read<S> {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let asked = std::thread::current().id() == self.thread;
        let mut interrupt = None;
        let batch = self.reading.next_unless(&mut || if asked { ask(&mut interrupt) } else { Ok(()) });
        self.ended = !matches!(batch, Ok(Some(_)));
        let batch = batch.map_err(|error| {
            let failure = interrupt.map_or_else(|| Failure::Ours(error.again()), Failure::Raised);
            *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
            ArrowError::ExternalError(Box::new(error))
        });
        batch.transpose()
    }
}

impl<S: Supply<Item = RecordBatch>> RecordBatchReader for Read<S> {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

/// The batches of a file in Arrow's IPC file format; `keep` lives as long as they are read.
#[pyfunction]
#[pyo3(signature = (path, keep = None))]
pub(super) fn arrow_file(path: PathBuf, keep: Option<Py<PyAny>>) -> PyResult<ArrowStream> {
    let open = || -> Result<FileReader<BufReader<File>>> {
        let file = File::open(&path)?;
        FileReader::try_new(BufReader::new(file), None).map_err(|error| Error::unreadable(error.to_string()))
    };
    let reader = open().map_err(|error| error.in_file(&path)).or_raise()?;
    Ok(ArrowStream::of(Box::new(reader)).keeping(keep))
}
