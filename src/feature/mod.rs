//! Features: numbers and words about flows, each defined once, and named sets of them.
//!
//! A [`Feature`] says its name, kind, unit, meaning and source, which parts of the [`State`] it needs, and how it is
//! computed. Undefined values are [`Cell::Missing`]: a rate of a flow without duration, a mean of no packets, a deviation
//! of fewer than two.

mod community;
mod names;
mod packet;
mod set;
mod sets;
mod state;
mod view;

pub use names::Names;
pub use packet::{
    Captured, Entry, Masks, PacketOptions, PacketSet, Refused, Scratch, packet_dictionary, packet_set_names,
};
pub use set::{FeatureSet, SetRequest, dictionary, set_names};
pub use state::{Limits, Needs, State, Step, need};
pub use view::View;

use crate::table::{Cell, Column, ColumnKind};

/// One column about a flow.
#[derive(Debug, Clone, Copy)]
pub struct Feature {
    /// Its name.
    pub name: &'static str,
    /// The kind of its values.
    pub kind: ColumnKind,
    /// Their unit; empty where they have none.
    pub unit: &'static str,
    /// What it means, one sentence.
    pub doc: &'static str,
    /// The same elsewhere: `IPFIX 152 flowStartMilliseconds`, `NFStream src2dst_packets`; empty if nothing is.
    pub source: &'static str,
    /// The parts of the state that it is computed from.
    pub needs: Needs,
    /// Its value.
    pub value: for<'a> fn(&View<'a>) -> Cell<'a>,
}

impl Feature {
    /// A feature that has no counterpart elsewhere.
    pub const fn new(
        name: &'static str,
        kind: ColumnKind,
        unit: &'static str,
        doc: &'static str,
        needs: Needs,
        value: for<'a> fn(&View<'a>) -> Cell<'a>,
    ) -> Self {
        Self { name, kind, unit, doc, source: "", needs, value }
    }

    /// The same feature, as others know it.
    pub const fn known_as(self, source: &'static str) -> Self {
        Self { source, ..self }
    }

    /// Its column, under this name.
    pub fn column(&self, name: &str) -> Column {
        Column::new(name, self.kind, self.doc).of_unit(self.unit)
    }
}
