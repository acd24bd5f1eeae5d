//! `stats`: what all packets of a sample are together, those without IP included.

use super::view::ratio;
use crate::decode::protocol;
use crate::flow::{Observation, Outside};
use crate::packet::Packet;
use crate::redact::{Field, Mask};
use crate::table::{Cell, Column, ColumnKind};

/// Sums over the packets of a sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Packets.
    pub packets: u64,
    /// Those of them that are in flows.
    pub in_flows: u64,
    /// Flows; known at the end.
    pub flows: u64,
    frame_bytes: u64,
    captured_bytes: u64,
    ip_bytes: u64,
    payload_bytes: u64,
    ipv6: u64,
    tcp: u64,
    udp: u64,
    icmp: u64,
    other: u64,
    first: Option<i64>,
    last: Option<i64>,
}

impl Totals {
    /// Takes a packet: what flows see of it, or why they do not.
    pub fn add(&mut self, packet: &Packet, seen: Result<&Observation, Outside>) {
        self.packets += 1;
        self.frame_bytes += u64::from(packet.original_length.max(packet.bytes.len() as u32));
        self.captured_bytes += packet.bytes.len() as u64;
        if let Some(time) = packet.time().and_then(|time| i64::try_from(time.0).ok()) {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
        }
        let Ok(seen) = seen else { return };
        self.in_flows += 1;
        self.ip_bytes += u64::from(seen.ip_bytes);
        self.payload_bytes += u64::from(seen.payload_bytes);
        self.ipv6 += u64::from(seen.key.version == 6);
        let kind = match seen.key.protocol {
            protocol::TCP => &mut self.tcp,
            protocol::UDP => &mut self.udp,
            protocol::ICMP | protocol::ICMPV6 => &mut self.icmp,
            _ => &mut self.other,
        };
        *kind += 1;
    }

    fn duration(&self) -> Option<f64> {
        let (first, last) = self.first.zip(self.last)?;
        Some(last.saturating_sub(first) as f64 / 1e9)
    }
}

/// One column about a sample.
#[derive(Debug, Clone, Copy)]
pub struct Total {
    /// Its name.
    pub name: &'static str,
    /// The kind of its values.
    pub kind: ColumnKind,
    /// Their unit.
    pub unit: &'static str,
    /// What it means, one sentence.
    pub doc: &'static str,
    /// The fields of packets that it tells.
    pub tells: Mask,
    /// Its value.
    pub value: fn(&Totals) -> Cell<'static>,
}

impl Total {
    /// Its column.
    pub fn column(&self) -> Column {
        Column::new(self.name, self.kind, self.doc).of_unit(self.unit)
    }
}

const fn count(
    name: &'static str,
    unit: &'static str,
    doc: &'static str,
    value: fn(&Totals) -> Cell<'static>,
) -> Total {
    Total { name, kind: ColumnKind::Count, unit, doc, tells: Mask::of(&[]), value }
}

const fn real(name: &'static str, unit: &'static str, doc: &'static str, value: fn(&Totals) -> Cell<'static>) -> Total {
    Total { name, kind: ColumnKind::Real, unit, doc, tells: Mask::of(&[]), value }
}

const fn moment(name: &'static str, doc: &'static str, value: fn(&Totals) -> Cell<'static>) -> Total {
    Total { name, kind: ColumnKind::Time, unit: "UTC", doc, tells: Mask::of(&[Field::Time]), value }
}

/// The columns, in their order.
pub const TOTALS: &[Total] = &[
    count("packets", "packets", "All packets of the sample.", |t| Cell::Count(t.packets)),
    count("packets_in_flows", "packets", "Those of them that are in flows.", |t| Cell::Count(t.in_flows)),
    count("flow_count", "flows", "Flows of the sample.", |t| Cell::Count(t.flows)),
    count("frame_bytes", "bytes", "Frames, on the wire.", |t| Cell::Count(t.frame_bytes)),
    count("captured_bytes", "bytes", "What is captured of them.", |t| Cell::Count(t.captured_bytes)),
    count("ip_bytes", "bytes", "IP packets in flows.", |t| Cell::Count(t.ip_bytes)),
    count("payload_bytes", "bytes", "Transport payload in flows.", |t| Cell::Count(t.payload_bytes)),
    count("tcp_packets", "packets", "Packets of TCP.", |t| Cell::Count(t.tcp)),
    count("udp_packets", "packets", "Packets of UDP.", |t| Cell::Count(t.udp)),
    count("icmp_packets", "packets", "Packets of ICMP and ICMPv6.", |t| Cell::Count(t.icmp)),
    count("other_packets", "packets", "IP packets of other protocols.", |t| Cell::Count(t.other)),
    count("ipv6_packets", "packets", "Packets in flows whose IP header is of version 6.", |t| Cell::Count(t.ipv6)),
    count("outside_packets", "packets", "Packets in no flow: without IP, cut, broken.", |t| {
        Cell::Count(t.packets - t.in_flows)
    }),
    moment("first_time", "The earliest time of a packet.", |t| t.first.map_or(Cell::Missing, Cell::Time)),
    moment("last_time", "The latest time of a packet.", |t| t.last.map_or(Cell::Missing, Cell::Time)),
    real("time_span", "s", "From the earliest time to the latest.", |t| t.duration().map_or(Cell::Missing, Cell::Real)),
    real("mean_frame_bytes", "bytes", "The mean frame, on the wire.", |t| {
        ratio(t.frame_bytes as f64, t.packets as f64)
    }),
    real("packets_per_second", "packets/s", "Packets by the time span.", |t| rate(t, t.packets)),
    real("frame_bytes_per_second", "bytes/s", "Bytes of frames by the time span.", |t| rate(t, t.frame_bytes)),
];

fn rate(totals: &Totals, number: u64) -> Cell<'static> {
    totals.duration().map_or(Cell::Missing, |duration| ratio(number as f64, duration))
}
