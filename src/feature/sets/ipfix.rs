//! `ipfix`: flows in the elements of IPFIX, by name and number: what collectors of IPFIX and users of YAF and
//! go-flows expect.
//!
//! Forward is the initiator's direction, backward stands in the reverse elements of RFC 5103 (enterprise 29305, the
//! same numbers). Times are nanoseconds, as captures have them; the duration is in milliseconds, because there is no
//! element of finer ones than microseconds, and milliseconds are what exporters send. Sources: RFC 7011, 7012, 5103,
//! 5477; IANA's registry of IPFIX Information Elements.

use std::net::IpAddr;

use super::super::state::{BACKWARD, Direction, FORWARD, need};
use super::super::view::{View, count, hardware};
use super::super::{Feature, Needs};
use crate::decode::protocol;
use crate::redact::Field;
use crate::table::{Cell, ColumnKind};

const COUNT: ColumnKind = ColumnKind::Count;
const OCTETS: &str = "bytes";
const PACKETS: &str = "packets";

type Value = for<'a> fn(&View<'a>) -> Cell<'a>;

const fn number(name: &'static str, unit: &'static str, doc: &'static str, needs: Needs, value: Value) -> Feature {
    Feature::new(name, COUNT, unit, doc, needs, value)
}

/// The columns, in their order.
pub(super) const FEATURES: &[Feature] = &[
    Feature::new(
        "flowId",
        ColumnKind::Id,
        "",
        "A number of the flow, the same on any machine: a hash of addresses, ports and start, among others.",
        0,
        |v| Cell::Count(v.id()),
    )
    .tells_flow()
    .known_as("IPFIX 148"),
    Feature::new("flowStartNanoseconds", ColumnKind::Time, "UTC", "The time of the first packet.", 0, |v| {
        Cell::Time(v.flow.start)
    })
    .tells(Field::Time)
    .known_as("IPFIX 156"),
    Feature::new("flowEndNanoseconds", ColumnKind::Time, "UTC", "The latest time of a packet.", 0, |v| {
        Cell::Time(v.flow.last)
    })
    .tells(Field::Time)
    .known_as("IPFIX 157"),
    number("flowDurationMilliseconds", "ms", "From the first packet to the last, cut to whole ones.", 0, |v| {
        Cell::Count(v.duration() as u64 / 1_000_000)
    })
    .known_as("IPFIX 161"),
    number(
        "flowEndReason",
        "",
        "1 idle timeout, 2 active timeout, 3 end of flow, 4 forced end, 5 lack of resources.",
        0,
        |v| Cell::Count(v.reason.number().into()),
    )
    .known_as("IPFIX 136"),
    number("ipVersion", "", "4 or 6.", 0, |v| Cell::Count(v.flow.key.version.into())).known_as("IPFIX 60"),
    Feature::new("sourceIPv4Address", ColumnKind::Address, "", "The initiator's address in IPv4.", 0, |v| {
        v4(v, FORWARD)
    })
    .tells(Field::Address)
    .known_as("IPFIX 8"),
    Feature::new("destinationIPv4Address", ColumnKind::Address, "", "The responder's address in IPv4.", 0, |v| {
        v4(v, BACKWARD)
    })
    .tells(Field::Address)
    .known_as("IPFIX 12"),
    Feature::new("sourceIPv6Address", ColumnKind::Address, "", "The initiator's address in IPv6.", 0, |v| {
        v6(v, FORWARD)
    })
    .tells(Field::Address)
    .known_as("IPFIX 27"),
    Feature::new("destinationIPv6Address", ColumnKind::Address, "", "The responder's address in IPv6.", 0, |v| {
        v6(v, BACKWARD)
    })
    .tells(Field::Address)
    .known_as("IPFIX 28"),
    number("sourceTransportPort", "", "The initiator's port; nothing where the protocol has none.", 0, |v| {
        count(v.port(FORWARD))
    })
    .tells(Field::Port)
    .known_as("IPFIX 7"),
    number("destinationTransportPort", "", "The responder's port; nothing where the protocol has none.", 0, |v| {
        count(v.port(BACKWARD))
    })
    .tells(Field::Port)
    .known_as("IPFIX 11"),
    number("protocolIdentifier", "", "The IP protocol number.", 0, |v| Cell::Count(v.flow.key.protocol.into()))
        .known_as("IPFIX 4"),
    number("icmpTypeCodeIPv4", "", "Of ICMP: 256 times the type of the first message, and its code.", 0, |v| {
        icmp(v, protocol::ICMP)
    })
    .known_as("IPFIX 32"),
    number("icmpTypeCodeIPv6", "", "Of ICMPv6: 256 times the type of the first message, and its code.", 0, |v| {
        icmp(v, protocol::ICMPV6)
    })
    .known_as("IPFIX 139"),
    number("octetDeltaCount", OCTETS, "IP packets forward.", need::COUNTS, |v| {
        Cell::Count(v.counts().ip_bytes[FORWARD])
    })
    .known_as("IPFIX 1"),
    number("reverseOctetDeltaCount", OCTETS, "IP packets backward.", need::COUNTS, |v| {
        Cell::Count(v.counts().ip_bytes[BACKWARD])
    })
    .known_as("IPFIX 29305/1"),
    number("packetDeltaCount", PACKETS, "Packets forward.", need::COUNTS, |v| Cell::Count(v.counts().packets[FORWARD]))
        .known_as("IPFIX 2"),
    number("reversePacketDeltaCount", PACKETS, "Packets backward.", need::COUNTS, |v| {
        Cell::Count(v.counts().packets[BACKWARD])
    })
    .known_as("IPFIX 29305/2"),
    number("layer2OctetDeltaCount", OCTETS, "Frames forward, on the wire.", need::COUNTS, |v| {
        Cell::Count(v.counts().frame_bytes[FORWARD])
    })
    .known_as("IPFIX 352"),
    number("reverseLayer2OctetDeltaCount", OCTETS, "Frames backward, on the wire.", need::COUNTS, |v| {
        Cell::Count(v.counts().frame_bytes[BACKWARD])
    })
    .known_as("IPFIX 29305/352"),
    number("initiatorOctets", OCTETS, "Transport payload forward.", need::COUNTS, |v| {
        Cell::Count(v.counts().payload_bytes[FORWARD])
    })
    .known_as("IPFIX 231"),
    number("responderOctets", OCTETS, "Transport payload backward.", need::COUNTS, |v| {
        Cell::Count(v.counts().payload_bytes[BACKWARD])
    })
    .known_as("IPFIX 232"),
    number("minimumIpTotalLength", OCTETS, "The shortest IP packet forward.", need::NETWORKS, |v| {
        count(v.network(FORWARD).lengths.map(|range| range.least))
    })
    .known_as("IPFIX 25"),
    number("reverseMinimumIpTotalLength", OCTETS, "The shortest IP packet backward.", need::NETWORKS, |v| {
        count(v.network(BACKWARD).lengths.map(|range| range.least))
    })
    .known_as("IPFIX 29305/25"),
    number("maximumIpTotalLength", OCTETS, "The longest IP packet forward.", need::NETWORKS, |v| {
        count(v.network(FORWARD).lengths.map(|range| range.most))
    })
    .known_as("IPFIX 26"),
    number("reverseMaximumIpTotalLength", OCTETS, "The longest IP packet backward.", need::NETWORKS, |v| {
        count(v.network(BACKWARD).lengths.map(|range| range.most))
    })
    .known_as("IPFIX 29305/26"),
    number("minimumTTL", "hops", "The lowest time to live, or hop limit, forward.", need::NETWORKS, |v| {
        count(v.network(FORWARD).ttl.map(|range| range.least))
    })
    .tells(Field::Ttl)
    .known_as("IPFIX 52"),
    number("reverseMinimumTTL", "hops", "The lowest time to live, or hop limit, backward.", need::NETWORKS, |v| {
        count(v.network(BACKWARD).ttl.map(|range| range.least))
    })
    .tells(Field::Ttl)
    .known_as("IPFIX 29305/52"),
    number("maximumTTL", "hops", "The highest time to live, or hop limit, forward.", need::NETWORKS, |v| {
        count(v.network(FORWARD).ttl.map(|range| range.most))
    })
    .tells(Field::Ttl)
    .known_as("IPFIX 53"),
    number("reverseMaximumTTL", "hops", "The highest time to live, or hop limit, backward.", need::NETWORKS, |v| {
        count(v.network(BACKWARD).ttl.map(|range| range.most))
    })
    .tells(Field::Ttl)
    .known_as("IPFIX 29305/53"),
    number(
        "ipClassOfService",
        "",
        "Type of service, or traffic class, of the first packet forward.",
        need::NETWORKS,
        |v| count(v.network(FORWARD).tos),
    )
    .tells(Field::Service)
    .known_as("IPFIX 5"),
    number(
        "reverseIpClassOfService",
        "",
        "Type of service, or traffic class, of the first packet backward.",
        need::NETWORKS,
        |v| count(v.network(BACKWARD).tos),
    )
    .tells(Field::Service)
    .known_as("IPFIX 29305/5"),
    number("tcpControlBits", "", "The flags of all TCP packets forward: FIN 1, SYN 2 … CWR 128.", need::FLAGS, |v| {
        control_bits(v, FORWARD)
    })
    .known_as("IPFIX 6"),
    number(
        "reverseTcpControlBits",
        "",
        "The flags of all TCP packets backward: FIN 1, SYN 2 … CWR 128.",
        need::FLAGS,
        |v| control_bits(v, BACKWARD),
    )
    .known_as("IPFIX 29305/6"),
    number("tcpSequenceNumber", "", "The sequence number of the first TCP packet forward.", need::NETWORKS, |v| {
        count(v.network(FORWARD).sequence)
    })
    .tells(Field::Sequence)
    .known_as("IPFIX 184"),
    number(
        "reverseTcpSequenceNumber",
        "",
        "The sequence number of the first TCP packet backward.",
        need::NETWORKS,
        |v| count(v.network(BACKWARD).sequence),
    )
    .tells(Field::Sequence)
    .known_as("IPFIX 29305/184"),
    number("tcpWindowSize", OCTETS, "The window of the first TCP packet forward, not scaled.", need::HEADERS, |v| {
        count(v.headers().window[FORWARD])
    })
    .tells(Field::Window)
    .known_as("IPFIX 186"),
    number(
        "reverseTcpWindowSize",
        OCTETS,
        "The window of the first TCP packet backward, not scaled.",
        need::HEADERS,
        |v| count(v.headers().window[BACKWARD]),
    )
    .tells(Field::Window)
    .known_as("IPFIX 29305/186"),
    number("vlanId", "", "The outermost VLAN of the first packet.", need::ORIGIN, |v| count(v.origin().vlan))
        .tells(Field::Vlan)
        .known_as("IPFIX 58"),
    Feature::new("sourceMacAddress", ColumnKind::Text, "", "The initiator's hardware address.", need::ORIGIN, |v| {
        hardware(v.origin().hardware[FORWARD], 6)
    })
    .tells(Field::Hardware)
    .known_as("IPFIX 56"),
    Feature::new(
        "destinationMacAddress",
        ColumnKind::Text,
        "",
        "The responder's hardware address.",
        need::ORIGIN,
        |v| hardware(v.origin().hardware[BACKWARD], 6),
    )
    .tells(Field::Hardware)
    .known_as("IPFIX 80"),
];

fn v4<'a>(view: &View<'a>, direction: Direction) -> Cell<'a> {
    match view.address(direction) {
        address @ IpAddr::V4(_) => Cell::Address(address),
        IpAddr::V6(_) => Cell::Missing,
    }
}

fn v6<'a>(view: &View<'a>, direction: Direction) -> Cell<'a> {
    match view.address(direction) {
        address @ IpAddr::V6(_) => Cell::Address(address),
        IpAddr::V4(_) => Cell::Missing,
    }
}

fn icmp<'a>(view: &View<'a>, number: u8) -> Cell<'a> {
    let message = (view.flow.key.protocol == number).then(|| view.flow.first_message()).flatten();
    count(message.map(|(kind, code)| u16::from_be_bytes([kind, code])))
}

fn control_bits<'a>(view: &View<'a>, direction: Direction) -> Cell<'a> {
    count((view.flow.key.protocol == protocol::TCP).then(|| view.flags().seen_from(direction)))
}
