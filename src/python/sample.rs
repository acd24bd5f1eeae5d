//! Samples and packets as Python sees them.

use std::collections::BTreeMap;
use std::sync::Arc;

use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyMemoryView, PySlice};

use super::arrow::{self, ArrowStream};
use super::buffer::{Buffer, Column};
use crate::dataset::{NO_TIME, SampleColumns};
use crate::sample::comment;

/// All packets of one sample.
#[pyclass(frozen, module = "pcapml._native")]
pub(super) struct Sample {
    columns: Arc<SampleColumns>,
}

impl Sample {
    pub(super) fn new(columns: SampleColumns) -> Self {
        Self { columns: Arc::new(columns) }
    }
}

#[pymethods]
impl Sample {
    /// The sample's id.
    #[getter]
    fn id(&self) -> u64 {
        self.columns.sample.id.0
    }

    /// The sample's label.
    #[getter]
    fn label(&self) -> &str {
        &self.columns.sample.label
    }

    /// The sample's fields.
    #[getter]
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict(py, &self.columns.sample.fields)
    }

    fn __len__(&self) -> usize {
        self.columns.len()
    }

    /// Times in nanoseconds since 1970, int64; the smallest where a packet has none.
    #[getter]
    fn timestamps(&self) -> Buffer {
        Buffer::of(&self.columns, Column::Times)
    }

    /// Lengths on the wire in bytes, uint32.
    #[getter]
    fn lengths(&self) -> Buffer {
        Buffer::of(&self.columns, Column::Lengths)
    }

    /// Captured lengths in bytes, uint32.
    #[getter]
    fn captured_lengths(&self) -> Buffer {
        Buffer::of(&self.columns, Column::Captured)
    }

    /// Numbers of the interfaces, uint32.
    #[getter]
    fn interfaces(&self) -> Buffer {
        Buffer::of(&self.columns, Column::Interfaces)
    }

    /// Link types, uint32.
    #[getter]
    fn link_types(&self) -> Buffer {
        Buffer::of(&self.columns, Column::LinkTypes)
    }

    /// Numbers of the packets in their capture, from 1, uint64.
    #[getter]
    fn numbers(&self) -> Buffer {
        Buffer::of(&self.columns, Column::Numbers)
    }

    /// The captured bytes of all packets, one behind the other, uint8.
    #[getter]
    fn bytes(&self) -> Buffer {
        Buffer::of(&self.columns, Column::Bytes)
    }

    /// Where each packet's bytes begin, and where the last one's end, uint64.
    #[getter]
    fn offsets(&self) -> Buffer {
        Buffer::of(&self.columns, Column::Offsets)
    }

    /// The packets, as a sequence.
    #[getter]
    fn packets(&self) -> Packets {
        Packets { columns: Arc::clone(&self.columns) }
    }

    /// The packets as an Arrow stream (PyCapsule interface).
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.rows()?.capsule(py, requested_schema)
    }

    /// The packets as an Arrow stream.
    fn rows(&self) -> PyResult<ArrowStream> {
        arrow::of_sample(&self.columns)
    }

    fn __repr__(&self) -> String {
        let sample = &self.columns.sample;
        format!("Sample(id={}, label={:?}, packets={})", sample.id, sample.label, self.columns.len())
    }
}

fn dict<'py>(py: Python<'py>, fields: &[(String, String)]) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    fields.iter().try_for_each(|(key, value)| dict.set_item(key, value))?;
    Ok(dict)
}

/// The packets of a sample.
#[pyclass(frozen, sequence, module = "pcapml._native")]
pub(super) struct Packets {
    columns: Arc<SampleColumns>,
}

#[pymethods]
impl Packets {
    fn __len__(&self) -> usize {
        self.columns.len()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, at: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let packet = |at: usize| Packet { columns: Arc::clone(&self.columns), at };
        if let Ok(slice) = at.cast::<PySlice>() {
            let indices = slice.indices(self.columns.len() as isize)?;
            let places = (0..indices.slicelength as isize).map(|step| indices.start + step * indices.step);
            let packets = places.map(|at| Bound::new(py, packet(at as usize))).collect::<PyResult<Vec<_>>>()?;
            return Ok(PyList::new(py, packets)?.into_any());
        }
        let Ok(at) = at.extract::<isize>() else {
            return Err(PyTypeError::new_err("packets are numbered by integers and slices"));
        };
        let from = if at < 0 { at + self.columns.len() as isize } else { at };
        match usize::try_from(from).ok().filter(|at| *at < self.columns.len()) {
            Some(at) => Ok(Bound::new(py, packet(at))?.into_any()),
            None => Err(PyIndexError::new_err(format!("no packet {at}: the sample has {}", self.columns.len()))),
        }
    }

    fn __iter__(&self) -> PacketIterator {
        PacketIterator { columns: Arc::clone(&self.columns), next: 0 }
    }

    fn __repr__(&self) -> String {
        format!("Packets({})", self.columns.len())
    }
}

/// The packets of a sample, one after the other.
#[pyclass(module = "pcapml._native")]
pub(super) struct PacketIterator {
    columns: Arc<SampleColumns>,
    next: usize,
}

#[pymethods]
impl PacketIterator {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&mut self) -> Option<Packet> {
        let at = self.next;
        self.next += 1;
        (at < self.columns.len()).then(|| Packet { columns: Arc::clone(&self.columns), at })
    }

    fn __length_hint__(&self) -> usize {
        self.columns.len().saturating_sub(self.next)
    }
}

/// A packet.
#[pyclass(frozen, module = "pcapml._native")]
pub(super) struct Packet {
    columns: Arc<SampleColumns>,
    at: usize,
}

impl Packet {
    fn time(&self) -> Option<i64> {
        self.columns.times.get(self.at).copied().filter(|time| *time != NO_TIME)
    }

    fn of<T: Copy + Default>(&self, column: &[T]) -> T {
        column.get(self.at).copied().unwrap_or_default()
    }
}

#[pymethods]
impl Packet {
    /// Seconds since 1970; NaN if it has no time.
    #[getter]
    fn ts(&self) -> f64 {
        self.time().map_or(f64::NAN, |time| time as f64 / 1e9)
    }

    /// Nanoseconds since 1970; None if it has no time.
    #[getter]
    fn ts_ns(&self) -> Option<i64> {
        self.time()
    }

    /// The captured bytes, copied.
    #[getter]
    fn raw_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.columns.packet_bytes(self.at))
    }

    /// The captured bytes where they are.
    #[getter]
    fn view<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyMemoryView>> {
        let place = |at: usize| self.columns.offsets.get(at).map_or(0, |offset| *offset as usize);
        let part = Buffer::part(&self.columns, place(self.at)..place(self.at + 1));
        PyMemoryView::from(Bound::new(py, part)?.as_any())
    }

    /// The length on the wire, in bytes.
    #[getter]
    fn length(&self) -> u32 {
        self.of(&self.columns.lengths)
    }

    /// How many bytes were captured.
    #[getter]
    fn captured_length(&self) -> u32 {
        self.of(&self.columns.captured)
    }

    /// The link type of its interface.
    #[getter]
    fn link_type(&self) -> u32 {
        self.of(&self.columns.link_types)
    }

    /// The number of its interface in the capture, from 0.
    #[getter]
    fn interface(&self) -> u32 {
        self.of(&self.columns.interfaces)
    }

    /// Its number in the capture, from 1.
    #[getter]
    fn number(&self) -> u64 {
        self.of(&self.columns.numbers)
    }

    /// All its comments, those that label it among them.
    #[getter]
    fn comments(&self) -> Vec<String> {
        self.columns.packet_comments(self.at).map(|text| String::from_utf8_lossy(text).into_owned()).collect()
    }

    /// The fields of its sample, and its own (`p.dir=…` without the `p.`), which come first where both are named alike.
    #[getter]
    fn fields(&self) -> BTreeMap<String, String> {
        let mut fields: BTreeMap<String, String> = self.columns.sample.fields.iter().cloned().collect();
        for text in self.columns.packet_comments(self.at) {
            if let Some(label) = comment::parse(text).filter(|label| label.sample.id == self.columns.sample.id) {
                fields.extend(label.packet_fields);
            }
        }
        fields
    }

    fn __len__(&self) -> usize {
        self.of(&self.columns.captured) as usize
    }

    fn __repr__(&self) -> String {
        format!("Packet(number={}, ts={}, length={})", self.number(), self.ts(), self.length())
    }
}
