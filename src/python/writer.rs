//! Labelled captures, written from Python.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::error::{OrRaise, raised};
use crate::error::Error;
use crate::packet::{LinkType, Sample, SampleId};
use crate::sample::comment;
use crate::sink::{NewPacket, PacketWriter};

/// A labelled capture under construction: it gets its name when it is closed.
#[pyclass(frozen, module = "pcapml._native")]
pub(super) struct Writer(Mutex<Option<PacketWriter>>);

impl Writer {
    fn open(&self) -> PyResult<MutexGuard<'_, Option<PacketWriter>>> {
        let writer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.is_some() { Ok(writer) } else { Err(raised(&Error::request("the writer is closed"))) }
    }
}

/// One of the samples of a packet.
#[derive(FromPyObject)]
enum Membership<'py> {
    /// With its fields.
    Fields(u64, String, Option<Bound<'py, PyDict>>),
    /// Without.
    Bare(u64, String),
}

impl Membership<'_> {
    fn sample(self) -> PyResult<Sample> {
        match self {
            Self::Fields(id, label, fields) => Ok(Sample { id: SampleId(id), label, fields: pairs(fields.as_ref())? }),
            Self::Bare(id, label) => Ok(Sample { id: SampleId(id), label, fields: Vec::new() }),
        }
    }
}

/// The fields in the order in which Python has them.
fn pairs(fields: Option<&Bound<'_, PyDict>>) -> PyResult<Vec<(String, String)>> {
    let pair = |(key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| Ok((key.extract()?, value.str()?.to_string()));
    fields.into_iter().flat_map(|fields| fields.iter()).map(pair).collect()
}

/// Sees that a comment is a person's note: one that labels would put the packet into a sample that nobody named.
fn note(text: &str) -> PyResult<()> {
    match comment::parse(text.as_bytes()) {
        None => Ok(()),
        Some(label) => Err(PyValueError::new_err(format!(
            "the comment {text:?} would put the packet into sample {}: comments= is for notes, name the sample by \
             sample_id= and label=, or several by samples=",
            label.sample.id
        ))),
    }
}

#[pymethods]
impl Writer {
    #[new]
    #[pyo3(signature = (path, force = false))]
    fn new(path: PathBuf, force: bool) -> PyResult<Self> {
        let writer = PacketWriter::create(&path, force).or_raise()?;
        Ok(Self(Mutex::new(Some(writer))))
    }

    /// Adds an interface, of a link type (1 is Ethernet); its number. A snap length of 0 is none.
    #[pyo3(signature = (link_type, snap_len = 0, name = None))]
    fn add_interface(&self, link_type: u16, snap_len: u32, name: Option<&str>) -> PyResult<u32> {
        match self.open()?.as_mut() {
            Some(writer) => writer.add_interface(LinkType(link_type), snap_len, name).or_raise(),
            None => Ok(0),
        }
    }

    /// Writes a packet.
    ///
    /// `ts_ns` is nanoseconds since 1970, `data` its bytes, `length` how long it was on the wire (by default the bytes
    /// there are). `sample_id`, `label` and `fields` couple it with a sample, or `samples` with several, each `(id, label)`
    /// or `(id, label, fields)`; without them it has no label. Interface 0 is made, of Ethernet, if none was added.
    /// `comments` are notes: one that names a sample, as those do that label packets, is a `ValueError`.
    #[pyo3(signature = (ts_ns, data, sample_id = None, label = None, fields = None, interface = 0, length = None, comments = None, samples = None))]
    #[allow(clippy::too_many_arguments, reason = "they are named in Python")]
    fn write(
        &self,
        py: Python<'_>,
        ts_ns: i64,
        data: &Bound<'_, PyAny>,
        sample_id: Option<u64>,
        label: Option<String>,
        fields: Option<Bound<'_, PyDict>>,
        interface: u32,
        length: Option<u32>,
        comments: Option<Vec<String>>,
        samples: Option<Vec<Membership<'_>>>,
    ) -> PyResult<()> {
        let bytes = PyBuffer::<u8>::get(data)?.to_vec(py)?;
        let samples = match (sample_id, label, samples) {
            (Some(id), Some(label), None) => vec![Membership::Fields(id, label, fields)],
            (None, None, samples) if fields.is_none() => samples.unwrap_or_default(),
            (.., None) => return Err(PyValueError::new_err("a sample has an id and a label")),
            _ => {
                return Err(PyValueError::new_err(
                    "samples= names all samples of the packet, or sample_id= its only one",
                ));
            }
        };
        let samples: Vec<Sample> = samples.into_iter().map(Membership::sample).collect::<PyResult<_>>()?;
        let comments = comments.unwrap_or_default();
        comments.iter().try_for_each(|text| note(text))?;
        let packet =
            NewPacket { time: ts_ns, bytes: &bytes, length, interface, samples: &samples, comments: &comments };
        match self.open()?.as_mut() {
            Some(writer) => writer.write(&packet).or_raise(),
            None => Ok(()),
        }
    }

    /// Ends the capture and gives it its name. To close it twice does nothing.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let writer = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match writer {
            Some(writer) => py.detach(|| writer.finish()).or_raise(),
            None => Ok(()),
        }
    }

    /// Gives it up: nothing is left behind.
    fn abort(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    fn __enter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    #[pyo3(signature = (exception_type, _exception, _traceback))]
    fn __exit__(
        &self,
        py: Python<'_>,
        exception_type: Option<Bound<'_, PyAny>>,
        _exception: Option<Bound<'_, PyAny>>,
        _traceback: Option<Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        match exception_type {
            Some(_) => self.abort(),
            None => self.close(py)?,
        }
        Ok(())
    }
}
