//! The command line in this process.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::adapter::strip_bytes;
use clap::{ArgAction, ValueHint};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use super::error::raised;
use crate::cli;
use crate::command::{Observer, Progress};
use crate::error::Error;
use crate::sample::comment;

/// The status of a command that did all it was asked for.
const DONE: u8 = 0;

/// The status when all was done, but some input was bad.
const BAD_INPUT: u8 = 2;

/// Keeps what is told, and asks Python whether to go on.
struct Listener {
    notes: Mutex<Vec<String>>,
    progress: Option<Py<PyAny>>,
    /// What the callback, or a signal, raised.
    raised: Mutex<Option<PyErr>>,
    stopped: AtomicBool,
}

impl Listener {
    fn keep(&self, text: String) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }

    fn ask(&self, progress: Progress) -> PyResult<()> {
        Python::attach(|py| {
            py.check_signals()?;
            match &self.progress {
                Some(callback) => callback.call1(py, (progress.packets, progress.bytes, progress.total)).map(|_| ()),
                None => Ok(()),
            }
        })
    }
}

impl Observer for Listener {
    fn fault(&self, error: &Error) {
        self.keep(error.to_string());
    }

    fn note(&self, text: &str) {
        self.keep(text.to_owned());
    }

    fn progress(&self, progress: Progress) {
        if let Err(error) = self.ask(progress) {
            *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            self.stopped.store(true, Ordering::SeqCst);
        }
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }
}

/// Runs `pcapml` with these words: the status (0, or 2 if some input was bad), what it printed, and what it told.
#[pyfunction]
#[pyo3(signature = (argv, progress = None))]
pub(super) fn run<'py>(
    py: Python<'py>,
    argv: Vec<OsString>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(u8, Bound<'py, PyBytes>, Vec<String>)> {
    let listener =
        Listener { notes: Mutex::default(), progress, raised: Mutex::default(), stopped: AtomicBool::new(false) };
    let words = std::iter::once(OsString::from("pcapml")).chain(argv);
    let mut printed = Vec::new();
    let done = py.detach(|| cli::execute(words, &listener, &mut printed));
    if let Some(error) = listener.raised.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let faults = done.map_err(|error| raised(&error))?;
    let notes = listener.notes.into_inner().unwrap_or_else(PoisonError::into_inner);
    let status = if faults == 0 { DONE } else { BAD_INPUT };
    Ok((status, PyBytes::new(py, &strip_bytes(&printed).into_vec()), notes))
}

/// The command itself, on the real standard output and error; `argv` has the program's name first.
#[pyfunction]
pub(super) fn main(py: Python<'_>, argv: Vec<OsString>) -> u8 {
    py.detach(|| cli::main_with(argv))
}

/// The commands by their names; of one that has commands in it (`export`), those: `export huggingface`.
fn commands(definition: &clap::Command) -> Vec<(String, &clap::Command)> {
    let mut all = Vec::new();
    for command in definition.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = command.get_name();
        match commands(command) {
            inner if inner.is_empty() => all.push((name.to_owned(), command)),
            inner => all.extend(inner.into_iter().map(|(second, command)| (format!("{name} {second}"), command))),
        }
    }
    all
}

/// The arguments of every subcommand.
#[pyfunction]
pub(super) fn options(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let mut definition = cli::definition();
    definition.build();
    let described_by_name = PyDict::new(py);
    for (name, command) in commands(&definition) {
        let arguments = PyList::empty(py);
        for argument in command.get_arguments().filter(|argument| argument.get_id() != "help") {
            arguments.append(described(py, argument)?)?;
        }
        described_by_name.set_item(name, arguments)?;
    }
    Ok(described_by_name)
}

/// What every subcommand does, one sentence each.
#[pyfunction]
pub(super) fn about() -> BTreeMap<String, String> {
    let said = |command: &clap::Command| command.get_about().map(ToString::to_string).unwrap_or_default();
    commands(&cli::definition()).into_iter().map(|(name, command)| (name, said(command))).collect()
}

fn described<'py>(py: Python<'py>, argument: &clap::Arg) -> PyResult<Bound<'py, PyDict>> {
    let several = argument.get_num_args().is_some_and(|range| range.max_values() > 1);
    let takes = match argument.get_action() {
        ArgAction::SetTrue | ArgAction::SetFalse | ArgAction::Count => "flag",
        ArgAction::Append => "many",
        _ if several => "many",
        _ => "one",
    };
    let optional_value =
        argument.get_num_args().is_some_and(|range| range.min_values() == 0 && range.max_values() == 1);
    let described = PyDict::new(py);
    described.set_item("name", argument.get_long().unwrap_or(argument.get_id().as_str()))?;
    described.set_item("short", argument.get_short().map(String::from))?;
    described.set_item("takes", takes)?;
    described.set_item("optional_value", optional_value && takes == "one")?;
    described.set_item("positional", argument.is_positional())?;
    described.set_item("required", argument.is_required_set())?;
    described.set_item("prints", argument.get_default_values() == ["-"])?;
    described.set_item("holds", holds(argument))?;
    described.set_item("choices", if takes == "flag" { Vec::new() } else { choices(argument) })?;
    described.set_item("default", default(argument))?;
    described.set_item("help", argument.get_help().map(ToString::to_string).unwrap_or_default())?;
    Ok(described)
}

/// What a value of an option is.
fn holds(argument: &clap::Arg) -> &'static str {
    let is = argument.get_value_parser().type_id();
    let integers = [TypeId::of::<u16>(), TypeId::of::<u32>(), TypeId::of::<u64>(), TypeId::of::<usize>()];
    match (
        argument.get_value_names().and_then(|names| names.first()).map(|name| name.as_str()),
        argument.get_value_hint(),
    ) {
        (Some("TIME"), _) => "time",
        (Some("SIZE"), _) => "size",
        (Some("KEY=VALUE"), _) => "pair",
        (_, ValueHint::FilePath | ValueHint::DirPath | ValueHint::AnyPath) => "path",
        _ if integers.iter().any(|integer| is == *integer) => "integer",
        _ => "text",
    }
}

/// The values that an option may have, if they are listed.
fn choices(argument: &clap::Arg) -> Vec<String> {
    let shown = argument.get_possible_values().into_iter().filter(|value| !value.is_hide_set());
    shown.map(|value| value.get_name().to_owned()).collect()
}

/// The value of an option that is not given, if it is told.
fn default(argument: &clap::Arg) -> Option<String> {
    let told = argument.get_default_values().first().filter(|_| !argument.is_hide_default_value_set());
    told.map(|value| value.to_string_lossy().into_owned()).filter(|_| argument.get_action().takes_values())
}

type Fields = BTreeMap<String, String>;

/// What a comment says, if it labels a packet: id, label, fields of the sample, fields of the packet.
#[pyfunction]
pub(super) fn parse_comment(text: &str) -> Option<(u64, String, Fields, Fields)> {
    let label = comment::parse(text.as_bytes())?;
    let fields = label.sample.fields.into_iter().collect();
    Some((label.sample.id.0, label.sample.label, fields, label.packet_fields.into_iter().collect()))
}
