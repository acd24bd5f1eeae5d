//! `splt:N` and `ppi:N`: the first packets of a flow, as lists.

use std::borrow::Cow;

use super::super::Feature;
use super::super::state::need;
use super::super::view::View;
use crate::table::{Cell, ColumnKind};

/// NFStream's sequence of packet lengths and times, as lists of their true length.
pub(super) const SPLT: &[Feature] = &[
    Feature::new("splt_direction", ColumnKind::Integers, "", "1: forward, -1: backward.", need::LISTED, |v| {
        Cell::Integers(Cow::Borrowed(&v.listed().directions))
    })
    .known_as("NFStream splt_direction (0 and 1)"),
    Feature::new("splt_ps", ColumnKind::Integers, "bytes", "Bytes of frames.", need::LISTED, |v| {
        Cell::Integers(Cow::Borrowed(&v.listed().sizes))
    })
    .known_as("NFStream splt_ps"),
    Feature::new(
        "splt_piat_ms",
        ColumnKind::Reals,
        "ms",
        "Time since the packet before; 0 of the first.",
        need::LISTED,
        |v| milliseconds(&v.listed().gaps),
    )
    .known_as("NFStream splt_piat_ms"),
];

/// CESNET's per-packet information: packets with payload.
pub(super) const PPI: &[Feature] = &[
    Feature::new(
        "ppi_ipt",
        ColumnKind::Reals,
        "ms",
        "Time since the packet with payload before; 0 of the first.",
        need::LISTED_DATA,
        |v| milliseconds(&v.listed_data().gaps),
    ),
    Feature::new("ppi_dir", ColumnKind::Integers, "", "1: forward, -1: backward.", need::LISTED_DATA, |v| {
        Cell::Integers(Cow::Borrowed(&v.listed_data().directions))
    }),
    Feature::new("ppi_size", ColumnKind::Integers, "bytes", "Bytes of payload.", need::LISTED_DATA, |v| {
        Cell::Integers(Cow::Borrowed(&v.listed_data().sizes))
    }),
    Feature::new(
        "ppi_len",
        ColumnKind::Count,
        "packets",
        "How many packets the lists hold.",
        need::LISTED_DATA,
        length,
    ),
];

fn length<'a>(view: &View<'a>) -> Cell<'a> {
    Cell::Count(view.listed_data().sizes.len() as u64)
}

fn milliseconds(gaps: &[i64]) -> Cell<'_> {
    Cell::Reals(gaps.iter().map(|&gap| gap as f64 / 1e6).collect())
}
