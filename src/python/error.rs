//! The library's error as an exception.

use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

use crate::error::{self, Position, Shown};

create_exception!(
    pcapml,
    Error,
    PyException,
    "What is wrong, where, and what to do about it.\n\n`path` names the file, `position` the place in it (block and byte, or line and column), and `message` says the\nwhole in one line; `path` and `position` are None where there is none."
);

/// The exception that an error becomes.
pub(super) fn raised(error: &error::Error) -> PyErr {
    Python::attach(|py| {
        let message = error.to_string();
        let raised = Error::new_err(message.clone());
        let value = raised.value(py);
        let path = error.path().map(|path| Shown(path).to_string());
        let position = Some(error.position()).filter(|position| *position != Position::Whole);
        let said = value
            .setattr("path", path)
            .and_then(|()| value.setattr("position", position.map(|position| position.to_string())))
            .and_then(|()| value.setattr("message", message));
        said.map_or_else(|other| other, |()| raised)
    })
}

/// The same for results.
pub(super) trait OrRaise<T> {
    /// The value, or an exception.
    fn or_raise(self) -> PyResult<T>;
}

impl<T> OrRaise<T> for error::Result<T> {
    fn or_raise(self) -> PyResult<T> {
        self.map_err(|error| raised(&error))
    }
}

/// Asks Python whether to go on; if not, why goes to `interrupt`.
pub(super) fn ask(interrupt: &mut Option<PyErr>) -> error::Result<()> {
    Python::attach(|py| py.check_signals()).map_err(|raised| {
        *interrupt = Some(raised);
        error::Error::request("stopped")
    })
}

/// Reads without the GIL; Ctrl-C stops it, by what the reader asks now and then.
pub(super) fn interruptible<T: Send>(
    py: Python<'_>,
    read: impl FnOnce(&mut dyn FnMut() -> error::Result<()>) -> error::Result<T> + Send,
) -> PyResult<T> {
    let mut interrupt = None;
    let done = py.detach(|| read(&mut || ask(&mut interrupt)));
    match interrupt {
        Some(error) => Err(error),
        None => done.or_raise(),
    }
}
