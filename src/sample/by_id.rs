//! Whether samples stand by ascending id, and packets of each by time, as `pcapml sort` puts them.

use super::comment;
use crate::error::Position;
use crate::packet::{Packet, SampleId};
use crate::time::Timestamp;

/// Watches packets go by. A packet of several samples may stand with any of them.
#[derive(Debug, Default)]
pub struct ById {
    /// Where the packet before stands.
    place: Option<(SampleId, Option<Timestamp>)>,
    fault: Option<Misplaced>,
}

/// A packet that stands elsewhere.
#[derive(Debug)]
pub struct Misplaced {
    /// What is wrong.
    pub what: String,
    /// Where it stands.
    pub position: Position,
}

impl ById {
    /// Takes the next packet.
    pub fn packet(&mut self, packet: &Packet) {
        if self.fault.is_some() {
            return;
        }
        let Some(first) = packet.comments().find_map(comment::id) else { return };
        let time = packet.time();
        let ids = packet.comments().filter_map(comment::id);
        match ids.map(|id| (id, time)).filter(|&place| self.place.is_none_or(|before| place >= before)).min() {
            Some(place) => self.place = Some(place),
            None => self.fault = Some(Misplaced { what: self.misplaced(first), position: packet.position() }),
        }
    }

    fn misplaced(&self, id: SampleId) -> String {
        let text = match self.place {
            Some((before, _)) if before != id => format!("sample {id} stands behind sample {before}"),
            _ => format!("a packet of sample {id} stands behind a later one"),
        };
        format!("{text}: its packets do not stand by id and time")
    }

    /// The first packet that stands elsewhere, if any does.
    pub fn fault(self) -> Option<Misplaced> {
        self.fault
    }
}
