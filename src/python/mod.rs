//! The module `pcapml._native`: what the Python package is made of.
//!
//! Arguments and errors are converted here, and nothing else is done. Reading and writing happen without the GIL; memory
//! is lent to Python, not copied (`buffer`, `arrow`).

mod arrow;
mod buffer;
mod command;
mod dataset;
mod error;
mod sample;
mod splits;
mod writer;

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;

/// Labelled network captures: the part that is written in Rust.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    refuse_subinterpreter(module.py())?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("Error", module.py().get_type::<error::Error>())?;
    module.add_class::<arrow::ArrowStream>()?;
    module.add_class::<buffer::Buffer>()?;
    module.add_class::<dataset::Dataset>()?;
    module.add_class::<dataset::SampleIterator>()?;
    module.add_class::<sample::Sample>()?;
    module.add_class::<sample::Packets>()?;
    module.add_class::<sample::PacketIterator>()?;
    module.add_class::<sample::Packet>()?;
    module.add_class::<writer::Writer>()?;
    module.add_function(wrap_pyfunction!(arrow::arrow_file, module)?)?;
    module.add_function(wrap_pyfunction!(command::run, module)?)?;
    module.add_function(wrap_pyfunction!(command::main, module)?)?;
    module.add_function(wrap_pyfunction!(command::options, module)?)?;
    module.add_function(wrap_pyfunction!(command::about, module)?)?;
    module.add_function(wrap_pyfunction!(command::parse_comment, module)?)?;
    module.add_function(wrap_pyfunction!(splits::read_splits, module)?)?;
    module.add_function(wrap_pyfunction!(splits::parse_splits, module)?)?;
    Ok(())
}

/// Python 3.12 refuses by itself what does not say that it supports several interpreters; 3.11 must be asked.
fn refuse_subinterpreter(py: Python<'_>) -> PyResult<()> {
    let Ok(interpreters) = py.import("_xxsubinterpreters") else { return Ok(()) };
    let current = interpreters.call_method0("get_current")?;
    match current.eq(interpreters.call_method0("get_main")?)? {
        true => Ok(()),
        false => Err(PyImportError::new_err("pcapml does not support subinterpreters")),
    }
}
