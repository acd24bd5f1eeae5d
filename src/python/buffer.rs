//! Memory of a sample that Python reads where it is.

#![allow(unsafe_code, reason = "the buffer protocol hands out a pointer; no safe binding fills its structure")]

use std::ffi::c_int;
use std::ops::Range;
use std::sync::Arc;

use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;

use crate::dataset::SampleColumns;

/// A column of a sample.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column {
    Times,
    Lengths,
    Captured,
    Interfaces,
    LinkTypes,
    Numbers,
    Offsets,
    Bytes,
}

/// Memory that NumPy and memoryview read without a copy: one dimension, read-only, of bytes. `format` says of what
/// numbers they are.
#[pyclass(frozen, module = "pcapml._native")]
pub(super) struct Buffer {
    columns: Arc<SampleColumns>,
    column: Column,
    /// Which bytes of the column.
    part: Option<Range<usize>>,
}

impl Buffer {
    pub(super) fn of(columns: &Arc<SampleColumns>, column: Column) -> Self {
        Self { columns: Arc::clone(columns), column, part: None }
    }

    /// Some of the captured bytes.
    pub(super) fn part(columns: &Arc<SampleColumns>, part: Range<usize>) -> Self {
        Self { columns: Arc::clone(columns), column: Column::Bytes, part: Some(part) }
    }

    fn bytes(&self) -> &[u8] {
        let columns = &self.columns;
        let whole = match self.column {
            Column::Times => as_bytes(&columns.times),
            Column::Lengths => as_bytes(&columns.lengths),
            Column::Captured => as_bytes(&columns.captured),
            Column::Interfaces => as_bytes(&columns.interfaces),
            Column::LinkTypes => as_bytes(&columns.link_types),
            Column::Numbers => as_bytes(&columns.numbers),
            Column::Offsets => as_bytes(&columns.offsets),
            Column::Bytes => &columns.bytes,
        };
        match &self.part {
            Some(part) => whole.get(part.clone()).unwrap_or_default(),
            None => whole,
        }
    }
}

/// Numbers as they are in memory.
fn as_bytes<T: Number>(numbers: &[T]) -> &[u8] {
    // SAFETY: integers have no padding, and every byte of them is a valid u8; the length is that of the same memory.
    unsafe { std::slice::from_raw_parts(numbers.as_ptr().cast(), size_of_val(numbers)) }
}

/// Whole numbers.
trait Number {}
impl Number for i64 {}
impl Number for u64 {}
impl Number for u32 {}

#[pymethods]
impl Buffer {
    /// The kind of the numbers, as in the module struct.
    #[getter]
    fn format(&self) -> &'static str {
        match self.column {
            Column::Times => "q",
            Column::Numbers | Column::Offsets => "Q",
            Column::Lengths | Column::Captured | Column::Interfaces | Column::LinkTypes => "I",
            Column::Bytes => "B",
        }
    }

    fn __len__(&self) -> usize {
        self.bytes().len()
    }

    unsafe fn __getbuffer__(slf: Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        if view.is_null() {
            return Err(PyBufferError::new_err("no room for the view"));
        }
        let bytes = slf.get().bytes();
        // SAFETY: the view is Python's, and not null. The memory belongs to an Arc that `slf` holds and nobody changes;
        // the view holds a reference to `slf` for as long as it lives. It is stated to be read-only.
        let filled = unsafe {
            ffi::PyBuffer_FillInfo(view, slf.as_ptr(), bytes.as_ptr().cast_mut().cast(), bytes.len() as isize, 1, flags)
        };
        if filled == 0 { Ok(()) } else { Err(PyErr::fetch(slf.py())) }
    }
}
