//! `flows`: what every flow has: ends, times, packets, bytes, flags; and the identity that stands before every set.

use std::borrow::Cow;

use super::super::Feature;
use super::super::state::{BACKWARD, FLAG_NAMES, FORWARD, need};
use super::super::view::{View, count, real, text};
use crate::flow::community_id;
use crate::redact::Field;
use crate::table::{Cell, ColumnKind};

const COUNT: ColumnKind = ColumnKind::Count;

/// What tells flows apart.
pub(super) const IDENTITY: &[Feature] = &[
    Feature::new(
        "flow_id",
        ColumnKind::Id,
        "",
        "A number of the flow: the same for the same packets, on any machine. A hash of addresses, ports and start, among others.",
        0,
        flow_id,
    )
    .tells_flow(),
    Feature::new(
        "community_id",
        ColumnKind::Text,
        "",
        "Community ID 1, as Zeek, Suricata and Wireshark compute it.",
        0,
        |v| Cell::Text(Cow::Owned(community_id(v.flow))),
    )
    .tells(Field::Address)
    .tells(Field::Port),
    Feature::new("first_packet", COUNT, "", "The number of the first packet in the capture, from 1.", 0, |v| {
        Cell::Count(v.flow.first_number)
    }),
    Feature::new("last_packet", COUNT, "", "The number of the last packet.", 0, |v| Cell::Count(v.flow.last_number)),
    Feature::new("flow_end_reason", ColumnKind::Text, "", "Why the flow ended.", 0, |v| text(v.reason.name()))
        .known_as("IPFIX 136 flowEndReason"),
];

/// The columns, in their order.
pub(super) const FEATURES: &[Feature] = &[
    Feature::new("src_ip", ColumnKind::Address, "", "The initiator's address.", 0, |v| {
        Cell::Address(v.address(FORWARD))
    })
    .tells(Field::Address)
    .known_as("IPFIX 8/27 sourceIPv4Address/sourceIPv6Address"),
    Feature::new("dst_ip", ColumnKind::Address, "", "The responder's address.", 0, |v| {
        Cell::Address(v.address(BACKWARD))
    })
    .tells(Field::Address)
    .known_as("IPFIX 12/28 destinationIPv4Address/destinationIPv6Address"),
    Feature::new("src_port", COUNT, "", "The initiator's port; 0 where the protocol has none.", 0, |v| {
        Cell::Count(v.port(FORWARD).unwrap_or(0).into())
    })
    .tells(Field::Port)
    .known_as("IPFIX 7 sourceTransportPort"),
    Feature::new("dst_port", COUNT, "", "The responder's port; 0 where the protocol has none.", 0, |v| {
        Cell::Count(v.port(BACKWARD).unwrap_or(0).into())
    })
    .tells(Field::Port)
    .known_as("IPFIX 11 destinationTransportPort"),
    Feature::new("protocol", COUNT, "", "The IP protocol number.", 0, |v| Cell::Count(v.flow.key.protocol.into()))
        .known_as("IPFIX 4 protocolIdentifier"),
    Feature::new(
        "icmp_type",
        COUNT,
        "",
        "Of ICMP: the type of the message; of a question and its answer the lower.",
        0,
        |v| icmp(v, 0),
    ),
    Feature::new("icmp_code", COUNT, "", "Of ICMP: the code.", 0, |v| icmp(v, 1)),
    Feature::new("direction_basis", ColumnKind::Text, "", "What says who is the initiator.", 0, |v| {
        text(v.flow.basis.name())
    }),
    Feature::new("start", ColumnKind::Time, "UTC", "The time of the first packet.", 0, |v| Cell::Time(v.flow.start))
        .tells(Field::Time)
        .known_as("IPFIX 156 flowStartNanoseconds"),
    Feature::new("duration", ColumnKind::Real, "s", "From the first packet to the last.", 0, |v| {
        Cell::Real(v.duration() as f64 / 1e9)
    })
    .known_as("IPFIX 161 flowDurationMilliseconds"),
    Feature::new("fwd_packets", COUNT, "packets", "Packets from the initiator.", need::COUNTS, |v| {
        Cell::Count(v.counts().packets[FORWARD])
    })
    .known_as("IPFIX 2 packetDeltaCount"),
    Feature::new("bwd_packets", COUNT, "packets", "Packets from the responder.", need::COUNTS, |v| {
        Cell::Count(v.counts().packets[BACKWARD])
    })
    .known_as("IPFIX 2 reverse packetDeltaCount"),
    Feature::new("fwd_frame_bytes", COUNT, "bytes", "Frames from the initiator, on the wire.", need::COUNTS, |v| {
        Cell::Count(v.counts().frame_bytes[FORWARD])
    })
    .known_as("IPFIX 352 layer2OctetDeltaCount"),
    Feature::new("bwd_frame_bytes", COUNT, "bytes", "Frames from the responder, on the wire.", need::COUNTS, |v| {
        Cell::Count(v.counts().frame_bytes[BACKWARD])
    })
    .known_as("IPFIX 352 reverse layer2OctetDeltaCount"),
    Feature::new("fwd_ip_bytes", COUNT, "bytes", "IP packets from the initiator.", need::COUNTS, |v| {
        Cell::Count(v.counts().ip_bytes[FORWARD])
    })
    .known_as("IPFIX 1 octetDeltaCount"),
    Feature::new("bwd_ip_bytes", COUNT, "bytes", "IP packets from the responder.", need::COUNTS, |v| {
        Cell::Count(v.counts().ip_bytes[BACKWARD])
    })
    .known_as("IPFIX 1 reverse octetDeltaCount"),
    Feature::new("fwd_payload_bytes", COUNT, "bytes", "Transport payload from the initiator.", need::COUNTS, |v| {
        Cell::Count(v.counts().payload_bytes[FORWARD])
    }),
    Feature::new("bwd_payload_bytes", COUNT, "bytes", "Transport payload from the responder.", need::COUNTS, |v| {
        Cell::Count(v.counts().payload_bytes[BACKWARD])
    }),
    Feature::new("tcp_flags", ColumnKind::Text, "", "The flags that any packet has.", need::FLAGS, tcp_flags)
        .known_as("IPFIX 6 tcpControlBits"),
];

/// `entropy`.
pub(super) const ENTROPY: &[Feature] = &[Feature::new(
    "payload_entropy",
    ColumnKind::Real,
    "bits/byte",
    "Shannon's entropy of the bytes of all captured payloads.",
    need::HISTOGRAM,
    |v| real(v.histogram().entropy()),
)
.tells(Field::Payload)];

fn flow_id<'a>(view: &View<'a>) -> Cell<'a> {
    Cell::Count(view.id())
}

fn icmp<'a>(view: &View<'a>, at: usize) -> Cell<'a> {
    let octets = view.flow.key.ports.0.to_be_bytes();
    count(view.flow.key.is_icmp().then_some(octets[at]))
}

fn tcp_flags<'a>(view: &View<'a>) -> Cell<'a> {
    let seen = view.flags().seen();
    let names: Vec<&str> = FLAG_NAMES.iter().filter(|(_, flag)| seen & flag != 0).map(|(name, _)| *name).collect();
    if names.is_empty() { Cell::Missing } else { Cell::Text(Cow::Owned(names.join("|"))) }
}
