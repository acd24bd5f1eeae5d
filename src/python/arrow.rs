//! Record batches for whoever takes Arrow streams: the PyCapsule interface.
//!
//! Source: "The Arrow PyCapsule Interface", Apache Arrow's format documentation.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_ipc::reader::FileReader;
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use super::error::{OrRaise, raised};
use crate::dataset::{self, AllPackets, Beside, Index, PacketBatches, SampleColumns};
use crate::error::{Error, Result};

type Batches = Box<dyn RecordBatchReader + Send>;

/// What went wrong while a stream was read: who takes it tells only the text.
type Failure = Arc<Mutex<Option<Error>>>;

/// Record batches that can be taken once, by pyarrow, pandas, Polars, DuckDB and others.
#[pyclass(frozen, module = "pcapml._native")]
pub(super) struct ArrowStream {
    batches: Mutex<Option<Batches>>,
    failure: Failure,
    keep: Option<Py<PyAny>>,
}

impl ArrowStream {
    fn of(batches: Batches) -> Self {
        Self { batches: Mutex::new(Some(batches)), failure: Failure::default(), keep: None }
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
        let taken = Taken { batches, failure: Arc::clone(&self.failure), _keep: keep };
        let stream = FFI_ArrowArrayStream::new(Box::new(taken));
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
    fn raise_failure(&self) -> PyResult<()> {
        match &*self.failure.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(raised(error)),
            None => Ok(()),
        }
    }
}

/// A stream that somebody took.
struct Taken {
    batches: Batches,
    failure: Failure,
    _keep: Option<Py<PyAny>>,
}

impl Iterator for Taken {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.batches.next();
        if let Some(Err(ArrowError::ExternalError(error))) = &next
            && let Some(error) = error.downcast_ref::<Error>()
        {
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.again());
        }
        next
    }
}

impl RecordBatchReader for Taken {
    fn schema(&self) -> SchemaRef {
        self.batches.schema()
    }
}

fn arrow_failed(error: &ArrowError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// The packets of a sample.
pub(super) fn of_sample(columns: &SampleColumns) -> PyResult<ArrowStream> {
    let (schema, batches) = dataset::whole_sample(columns).map_err(|error| arrow_failed(&error))?;
    Ok(ArrowStream::of(Box::new(RecordBatchIterator::new(batches.into_iter().map(Ok), schema))))
}

/// The samples.
pub(super) fn of_index(index: &Index) -> PyResult<ArrowStream> {
    let batch = dataset::sample_batch(index).map_err(|error| arrow_failed(&error))?;
    let schema = batch.schema();
    Ok(ArrowStream::of(Box::new(RecordBatchIterator::new([Ok(batch)], schema))))
}

/// The packets of samples, as these come.
pub(super) fn of_packets(
    size: usize,
    beside: Beside,
    next: impl FnMut() -> Result<Option<SampleColumns>> + Send + 'static,
) -> ArrowStream {
    let batches = PacketBatches::new(size, beside);
    ArrowStream::of(Box::new(Packets { batches, next, ready: Vec::new().into_iter(), ended: false, fault: None }))
}

/// Every packet of captures.
pub(super) fn of_all(packets: AllPackets) -> ArrowStream {
    ArrowStream::of(Box::new(All { packets, ended: false }))
}

struct All {
    packets: AllPackets,
    ended: bool,
}

impl Iterator for All {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = self.packets.next_batch().map_err(|error| ArrowError::ExternalError(Box::new(error)));
        self.ended = !matches!(batch, Ok(Some(_)));
        batch.transpose()
    }
}

impl RecordBatchReader for All {
    fn schema(&self) -> SchemaRef {
        self.packets.schema()
    }
}

/// Packets of samples, in batches.
struct Packets<F> {
    batches: PacketBatches,
    next: F,
    ready: std::vec::IntoIter<RecordBatch>,
    ended: bool,
    /// What was wrong: told when all that could be read was given.
    fault: Option<ArrowError>,
}

impl<F: FnMut() -> Result<Option<SampleColumns>>> Packets<F> {
    fn more(&mut self) -> Result<(), ArrowError> {
        match (self.next)() {
            Ok(Some(columns)) => {
                self.ready = self.batches.take(&columns)?.into_iter();
                return Ok(());
            }
            Ok(None) => {}
            Err(error) => self.fault = Some(ArrowError::ExternalError(Box::new(error))),
        }
        self.ended = true;
        self.ready = self.batches.rest()?.into_iter().collect::<Vec<_>>().into_iter();
        Ok(())
    }
}

impl<F: FnMut() -> Result<Option<SampleColumns>>> Iterator for Packets<F> {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(batch) = self.ready.next() {
                return Some(Ok(batch));
            }
            if self.ended {
                return self.fault.take().map(Err);
            }
            if let Err(error) = self.more() {
                self.ended = true;
                return Some(Err(error));
            }
        }
    }
}

impl<F: FnMut() -> Result<Option<SampleColumns>>> RecordBatchReader for Packets<F> {
    fn schema(&self) -> SchemaRef {
        self.batches.schema()
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
