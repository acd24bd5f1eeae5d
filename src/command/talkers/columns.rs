//! The columns of rows, and what stands in them.

use std::net::IpAddr;

use super::places::{Location, Places};
use super::{Pair, Per, Request, Sums, Talk};
use crate::decode::{Tcp, protocol};
use crate::error::Result;
use crate::packet::{LocalNetworks, Sample, service_name};
use crate::sink::{RowEncoder, RowSink, Written};
use crate::table::{Cell, Column, ColumnKind};
use crate::time::Timestamp;

/// What a row says beside who spoke to whom.
pub(super) struct Facts<'a> {
    pub(super) time: Option<Timestamp>,
    pub(super) sums: Sums,
    /// Of a single packet: its number, and its TCP header.
    pub(super) packet: Option<(u64, Option<Tcp<'a>>)>,
}

/// The columns of a request; `several` captures have one for their names.
pub(super) fn columns(request: &Request, several: bool) -> Vec<Column> {
    use ColumnKind::{Address, Count, Id, Text, Time};
    let by_packet = request.per == Per::Packet;
    let mut columns = vec![match by_packet {
        true => Column::new("ts", Time, "When the packet was captured."),
        false => Column::new("ts", Time, "When the interval begins."),
    }];
    if several {
        columns.push(Column::new("file", Text, "The capture."));
    }
    if by_packet {
        columns.push(Column::new("frame_number", Count, "The packet's number in its capture, from 1."));
    }
    columns.extend([
        Column::new("sample_id", Id, "The id of the sample."),
        Column::new("label", Text, "The label of the sample."),
        Column::new("direction", Text, "in, out, loop (both ends are local) or other (none is)."),
        Column::new("protocol", Text, "The protocol over IP: its name, or its number."),
        Column::new("src_ip", Address, "Who sends."),
        Column::new("src_port", Count, "From which port; none of later fragments."),
        Column::new("dst_ip", Address, "Who is sent to."),
        Column::new("dst_port", Count, "To which port; none of later fragments."),
        Column::new("src_service", Text, "What IANA has registered for the source port and protocol."),
        Column::new("dst_service", Text, "What IANA has registered for the destination port and protocol."),
    ]);
    if !by_packet {
        columns.push(Column::new("packets", Count, "Packets.").of_unit("packets"));
    }
    columns.extend([
        Column::new("bytes", Count, "Their length on the wire, from the IP header on.").of_unit("bytes"),
        Column::new("payload_bytes", Count, "What of that is behind the transport header.").of_unit("bytes"),
    ]);
    for end in ["src", "dst"] {
        let mut add = |name: &str, kind, doc| columns.push(Column::new(format!("{end}_{name}"), kind, doc));
        if request.cities.is_some() {
            add("country", Text, "The country by --geoip, as ISO 3166 has it.");
            add("region", Text, "The largest division of the country.");
            add("city", Text, "The city.");
        }
        if request.systems.is_some() {
            add("asn", Count, "The number of the autonomous system by --asn.");
            add("as_org", Text, "Who has that autonomous system.");
        }
    }
    if by_packet {
        columns.extend([
            Column::new("tcp_seq", Count, "Sequence number."),
            Column::new("tcp_ack", Count, "Acknowledgement number."),
            Column::new("tcp_flags", Count, "CWR, ECE, URG, ACK, PSH, RST, SYN, FIN, from the highest bit down."),
            Column::new("tcp_window", Count, "Window, not scaled.").of_unit("bytes"),
        ]);
    }
    columns
}

/// Writes rows.
pub(super) struct Rows<'r> {
    request: &'r Request,
    /// The names of the captures, if there are several.
    files: Vec<String>,
    places: Places,
    encoder: RowEncoder,
    sink: RowSink,
    row: Vec<u8>,
}

impl<'r> Rows<'r> {
    pub(super) fn new(
        request: &'r Request,
        files: Vec<String>,
        places: Places,
        encoder: RowEncoder,
        sink: RowSink,
    ) -> Self {
        Self { request, files, places, encoder, sink, row: Vec::new() }
    }

    /// Writes a row.
    pub(super) fn write(&mut self, talk: &Talk, facts: &Facts, samples: &[Sample]) -> Result<()> {
        let Pair { protocol: number, source, destination, ports } = talk.ip;
        let (from, to) = (self.places.of(source)?, self.places.of(destination)?);
        let sample = talk.sample.and_then(|number| samples.get(number));
        let count = |value: Option<u64>| value.map_or(Cell::Missing, Cell::Count);
        let service = |port: Option<u16>| text(port.and_then(|port| service_name(number, port)));
        let (from_port, to_port) = (ports.map(|ports| ports.0), ports.map(|ports| ports.1));
        let mut cells = Vec::with_capacity(32);
        // What 64 bits of nanoseconds cannot hold is no time of a capture.
        let time = facts.time.and_then(|time| i64::try_from(time.0).ok());
        cells.push(time.map_or(Cell::Missing, Cell::Time));
        if let Some(file) = self.files.get(talk.file) {
            cells.push(Cell::Text(file.as_str().into()));
        }
        if let Some((number, _)) = facts.packet {
            cells.push(Cell::Count(number));
        }
        cells.extend([
            count(sample.map(|sample| sample.id.0)),
            text(sample.map(|sample| sample.label.as_str())),
            text(Some(direction(&self.request.local, source, destination))),
            protocol::name(number).map_or_else(|| Cell::Text(number.to_string().into()), |name| text(Some(name))),
            Cell::Address(source),
            count(from_port.map(u64::from)),
            Cell::Address(destination),
            count(to_port.map(u64::from)),
            service(from_port),
            service(to_port),
        ]);
        if facts.packet.is_none() {
            cells.push(Cell::Count(facts.sums.packets));
        }
        cells.extend([Cell::Count(facts.sums.bytes), Cell::Count(facts.sums.payload)]);
        self.locate(&from, &mut cells);
        self.locate(&to, &mut cells);
        if let Some((_, tcp)) = &facts.packet {
            let of = |value: fn(&Tcp) -> u64| count(tcp.as_ref().map(value));
            cells.extend([
                of(|tcp| tcp.sequence.into()),
                of(|tcp| tcp.acknowledgement.into()),
                of(|tcp| tcp.flags.into()),
                of(|tcp| tcp.window.into()),
            ]);
        }
        self.row.clear();
        self.encoder.encode(&cells, &mut self.row);
        self.sink.row(&self.row)
    }

    fn locate<'a>(&self, location: &'a Location, cells: &mut Vec<Cell<'a>>) {
        if self.request.cities.is_some() {
            cells.extend([&location.country, &location.region, &location.city].map(|name| text(name.as_deref())));
        }
        if self.request.systems.is_some() {
            cells.push(location.system.map_or(Cell::Missing, |number| Cell::Count(number.into())));
            cells.push(text(location.organisation.as_deref()));
        }
    }

    /// Ends the output.
    pub(super) fn finish(self) -> Result<Written> {
        self.sink.finish()
    }
}

fn text(value: Option<&str>) -> Cell<'_> {
    value.map_or(Cell::Missing, |value| Cell::Text(value.into()))
}

/// Whither a packet goes, seen from the local networks; addresses of the machine itself are always local.
fn direction(local: &LocalNetworks, source: IpAddr, destination: IpAddr) -> &'static str {
    let is_local = |address: IpAddr| address.is_loopback() || local.contains(address) == Some(true);
    match (is_local(source), is_local(destination)) {
        (true, true) => "loop",
        (true, false) => "out",
        (false, true) => "in",
        (false, false) => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_seen_from_the_local_networks() {
        let local = LocalNetworks(vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        for (source, destination, expected) in [
            ("10.0.0.1", "192.0.2.1", "out"),
            ("192.0.2.1", "10.0.0.1", "in"),
            ("10.0.0.1", "10.9.0.1", "loop"),
            ("192.0.2.1", "192.0.2.2", "other"),
            ("fd00::1", "2001:db8::1", "out"),
            ("127.0.0.1", "127.0.0.1", "loop"),
        ] {
            assert_eq!(direction(&local, source.parse().unwrap(), destination.parse().unwrap()), expected);
        }
        let nowhere = LocalNetworks::default();
        assert_eq!(direction(&nowhere, "10.0.0.1".parse().unwrap(), "192.0.2.1".parse().unwrap()), "other");
    }
}
