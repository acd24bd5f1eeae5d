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

use super::error::OrRaise;
use crate::dataset::{self, AllPackets, Beside, Index, PacketBatches, SampleColumns};
use crate::error::{Error, Result};

type Batches = Box<dyn RecordBatchReader + Send>;

/// Record batches that can be taken once, by pyarrow, pandas, Polars, DuckDB and others.
#[pyclass(frozen, module = "pcapml._native")]
pub(super) struct ArrowStream(Mutex<Option<Batches>>);

impl ArrowStream {
    fn of(batches: Batches) -> Self {
        Self(Mutex::new(Some(batches)))
    }

    /// The stream as a capsule.
    pub(super) fn capsule<'py>(
        &self,
        py: Python<'py>,
        _requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let batches = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let batches = batches.ok_or_else(|| PyRuntimeError::new_err("the stream was taken already"))?;
        let stream = FFI_ArrowArrayStream::new(batches);
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
    ArrowStream::of(Box::new(Packets { batches, next, ready: Vec::new().into_iter(), ended: false }))
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
}

impl<F: FnMut() -> Result<Option<SampleColumns>>> Packets<F> {
    fn more(&mut self) -> Result<(), ArrowError> {
        match (self.next)().map_err(|error| ArrowError::ExternalError(Box::new(error)))? {
            Some(columns) => self.ready = self.batches.take(&columns)?.into_iter(),
            None => {
                self.ended = true;
                self.ready = self.batches.rest()?.into_iter().collect::<Vec<_>>().into_iter();
            }
        }
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
                return None;
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

/// A file in Arrow's format, which is removed when the stream ends if it is ours.
struct ArrowFile {
    reader: FileReader<BufReader<File>>,
    _temporary: Option<Arc<tempfile::TempPath>>,
}

impl Iterator for ArrowFile {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.reader.next()
    }
}

impl RecordBatchReader for ArrowFile {
    fn schema(&self) -> SchemaRef {
        self.reader.schema()
    }
}

/// The batches of a file in Arrow's IPC file format; with `delete`, the file is removed at their end.
#[pyfunction]
#[pyo3(signature = (path, delete = false))]
pub(super) fn arrow_file(path: PathBuf, delete: bool) -> PyResult<ArrowStream> {
    let open = || -> Result<FileReader<BufReader<File>>> {
        let file = File::open(&path)?;
        FileReader::try_new(BufReader::new(file), None).map_err(|error| Error::unreadable(error.to_string()))
    };
    let reader = open().map_err(|error| error.in_file(&path)).or_raise()?;
    let temporary = match delete {
        true => Some(Arc::new(tempfile::TempPath::try_from_path(&path)?)),
        false => None,
    };
    Ok(ArrowStream::of(Box::new(ArrowFile { reader, _temporary: temporary })))
}
