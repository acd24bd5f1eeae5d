//! Tables of splits, by the one reader that commands have: what a table means must not depend on who reads it.

use std::collections::HashMap;
use std::path::PathBuf;

use pyo3::prelude::*;

use super::error::OrRaise;
use crate::rule::{NO_SPLIT, Splits};

/// The split of each sample of a table; `none` of those that are in none on purpose.
#[pyfunction]
pub(super) fn read_splits(py: Python<'_>, path: PathBuf) -> PyResult<HashMap<u64, String>> {
    py.detach(|| Splits::read(&path).map(|splits| named(&splits))).or_raise()
}

/// The same of a table's text.
#[pyfunction]
pub(super) fn parse_splits(py: Python<'_>, text: &str) -> PyResult<HashMap<u64, String>> {
    py.detach(|| Splits::parse(text.as_bytes()).map(|splits| named(&splits))).or_raise()
}

fn named(splits: &Splits) -> HashMap<u64, String> {
    let inside = splits.iter().map(|(id, of)| (id.0, of.split.clone()));
    inside.chain(splits.left_out().map(|id| (id.0, NO_SPLIT.to_owned()))).collect()
}
