//! Features: numbers and words about flows, each defined once, and named sets of them.
//!
//! A [`Feature`] says its name, kind, unit, meaning and source, which parts of the [`State`] it needs, and how it is
//! computed. Undefined values are [`Cell::Missing`]: a rate of a flow without duration, a mean of no packets, a deviation
//! of fewer than two.

mod dictionary;
mod legacy;
mod names;
mod packet;
mod pkt_analyser;
mod set;
mod sets;
mod state;
mod totals;
mod view;

pub use dictionary::{Entry, Section, dictionary, sets};
pub use legacy::{Legacy, Peer, QUIRKS, Quirk};
pub use names::Names;
pub use packet::{Captured, Masks, PacketOptions, PacketSet, Refused, Scratch, blank};
pub use pkt_analyser::{JsonEnds, JsonFlow, JsonForm, JsonPacket};
use set::is_hidden;
pub use set::{FeatureSet, SetRequest, set_names};
pub use state::{Limits, Needs, State, Step, need};
pub use totals::{Total, Totals};
pub use view::{FLOW_ID_TELLS, View, flow_id};

use crate::redact::{Field, Mask};
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
    /// The fields of packets that it tells: it is left out where one of them is masked.
    pub tells: Mask,
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
        Self { name, kind, unit, doc, source: "", needs, tells: Mask::of(&[]), value }
    }

    /// The same feature, as others know it.
    pub const fn known_as(self, source: &'static str) -> Self {
        Self { source, ..self }
    }

    /// The same feature, which tells this field of packets.
    pub const fn tells(self, field: Field) -> Self {
        Self { tells: self.tells.with(Mask::of(&[field])), ..self }
    }

    /// The same feature, which is the number of its flow.
    const fn tells_flow(self) -> Self {
        Self { tells: self.tells.with(FLOW_ID_TELLS), ..self }
    }

    /// Its column, under this name.
    pub fn column(&self, name: &str) -> Column {
        Column::new(name, self.kind, self.doc).of_unit(self.unit)
    }
}
