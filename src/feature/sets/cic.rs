//! `cic`: the columns of CICFlowMeter 4, by its names, with its errors corrected.
//!
//! Lengths and byte rates are of payloads, times in microseconds, deviations of samples (n - 1). Source: CICFlowMeter 4.0,
//! FlowFeature.java; its errors: Engelen et al., Troubleshooting an Intrusion Detection Dataset: the CICIDS2017 Case Study,
//! 2021; Rosay et al., Network Intrusion Detection: a Comprehensive Analysis of CIC-IDS2017, 2022.

use std::borrow::Cow;

use super::super::state::{BACKWARD, FORWARD, need};
use super::super::view::{View, count, integer, micros, ratio, real};
use super::super::{Feature, Needs};
use crate::decode::tcp_flag;
use crate::packet::AddressText;
use crate::redact::Field;
use crate::table::{Cell, ColumnKind};

const COUNT: ColumnKind = ColumnKind::Count;
const REAL: ColumnKind = ColumnKind::Real;
const BYTES: &str = "bytes";
const PACKETS: &str = "packets";
const MICROS: &str = "µs";

type Value = for<'a> fn(&View<'a>) -> Cell<'a>;

const fn packets(name: &'static str, doc: &'static str, needs: Needs, value: Value) -> Feature {
    Feature::new(name, COUNT, PACKETS, doc, needs, value)
}

const fn bytes(name: &'static str, doc: &'static str, needs: Needs, value: Value) -> Feature {
    Feature::new(name, COUNT, BYTES, doc, needs, value)
}

const fn mean(name: &'static str, unit: &'static str, doc: &'static str, needs: Needs, value: Value) -> Feature {
    Feature::new(name, REAL, unit, doc, needs, value)
}

const fn time(name: &'static str, doc: &'static str, needs: Needs, value: Value) -> Feature {
    Feature::new(name, REAL, MICROS, doc, needs, value)
}

/// The columns, in their order.
pub(super) const FEATURES: &[Feature] = &[
    Feature::new(
        "Flow ID",
        ColumnKind::Text,
        "",
        "Addresses, ports and protocol of the flow, initiator first.",
        0,
        flow_id,
    )
    .tells(Field::Address)
    .tells(Field::Port),
    Feature::new("Src IP", ColumnKind::Address, "", "The initiator's address.", 0, |v| {
        Cell::Address(v.address(FORWARD))
    })
    .tells(Field::Address)
    .known_as("IPFIX 8/27 sourceIPv4Address/sourceIPv6Address; NFStream src_ip"),
    Feature::new("Src Port", COUNT, "", "The initiator's port; 0 where the protocol has none.", 0, |v| {
        Cell::Count(v.port(FORWARD).unwrap_or(0).into())
    })
    .tells(Field::Port)
    .known_as("IPFIX 7 sourceTransportPort; NFStream src_port"),
    Feature::new("Dst IP", ColumnKind::Address, "", "The responder's address.", 0, |v| {
        Cell::Address(v.address(BACKWARD))
    })
    .tells(Field::Address)
    .known_as("IPFIX 12/28 destinationIPv4Address/destinationIPv6Address; NFStream dst_ip"),
    Feature::new("Dst Port", COUNT, "", "The responder's port; 0 where the protocol has none.", 0, |v| {
        Cell::Count(v.port(BACKWARD).unwrap_or(0).into())
    })
    .tells(Field::Port)
    .known_as("IPFIX 11 destinationTransportPort; NFStream dst_port"),
    Feature::new("Protocol", COUNT, "", "The IP protocol number.", 0, |v| Cell::Count(v.flow.key.protocol.into()))
        .known_as("IPFIX 4 protocolIdentifier; NFStream protocol"),
    Feature::new("Timestamp", ColumnKind::Time, "UTC", "The time of the first packet.", 0, |v| {
        Cell::Time(v.flow.start)
    })
    .tells(Field::Time)
    .known_as("IPFIX 156 flowStartNanoseconds"),
    time("Flow Duration", "From the first packet to the last.", 0, |v| Cell::Real(v.duration() as f64 / 1e3))
        .known_as("IPFIX 162 flowDurationMicroseconds"),
    packets("Total Fwd Packet", "Packets forward.", need::COUNTS, |v| Cell::Count(v.counts().packets[FORWARD]))
        .known_as("IPFIX 2 packetDeltaCount; NFStream src2dst_packets"),
    packets("Total Bwd packets", "Packets backward.", need::COUNTS, |v| Cell::Count(v.counts().packets[BACKWARD]))
        .known_as("IPFIX 2 reverse packetDeltaCount; NFStream dst2src_packets"),
    bytes("Total Length of Fwd Packet", "Payload forward.", need::COUNTS, |v| {
        Cell::Count(v.counts().payload_bytes[FORWARD])
    }),
    bytes("Total Length of Bwd Packet", "Payload backward.", need::COUNTS, |v| {
        Cell::Count(v.counts().payload_bytes[BACKWARD])
    }),
    Feature::new(
        "Fwd Packet Length Max",
        ColumnKind::Integer,
        BYTES,
        "The largest payload forward.",
        need::PAYLOADS,
        |v| integer(v.payloads(FORWARD).max()),
    ),
    Feature::new(
        "Fwd Packet Length Min",
        ColumnKind::Integer,
        BYTES,
        "The smallest payload forward.",
        need::PAYLOADS,
        |v| integer(v.payloads(FORWARD).min()),
    ),
    mean("Fwd Packet Length Mean", BYTES, "The mean payload forward.", need::PAYLOADS, |v| {
        real(v.payloads(FORWARD).mean())
    }),
    mean("Fwd Packet Length Std", BYTES, "The standard deviation of payloads forward.", need::PAYLOADS, |v| {
        real(v.payloads(FORWARD).deviation())
    }),
    Feature::new(
        "Bwd Packet Length Max",
        ColumnKind::Integer,
        BYTES,
        "The largest payload backward.",
        need::PAYLOADS,
        |v| integer(v.payloads(BACKWARD).max()),
    ),
    Feature::new(
        "Bwd Packet Length Min",
        ColumnKind::Integer,
        BYTES,
        "The smallest payload backward.",
        need::PAYLOADS,
        |v| integer(v.payloads(BACKWARD).min()),
    ),
    mean("Bwd Packet Length Mean", BYTES, "The mean payload backward.", need::PAYLOADS, |v| {
        real(v.payloads(BACKWARD).mean())
    }),
    mean("Bwd Packet Length Std", BYTES, "The standard deviation of payloads backward.", need::PAYLOADS, |v| {
        real(v.payloads(BACKWARD).deviation())
    }),
    mean("Flow Bytes/s", "bytes/s", "Payload of both directions by the duration.", need::COUNTS, |v| {
        v.per_second(v.counts().payload_bytes.iter().sum())
    }),
    mean("Flow Packets/s", "packets/s", "Packets of both directions by the duration.", need::COUNTS, |v| {
        v.per_second(v.counts().packets.iter().sum())
    }),
    time("Flow IAT Mean", "The mean time between packets.", need::GAPS, |v| micros(v.gaps().all().mean())),
    time("Flow IAT Std", "The standard deviation of times between packets.", need::GAPS, |v| {
        micros(v.gaps().all().deviation())
    }),
    time("Flow IAT Max", "The longest time between packets.", need::GAPS, |v| {
        micros(v.gaps().all().max().map(|gap| gap as f64))
    }),
    time("Flow IAT Min", "The shortest time between packets.", need::GAPS, |v| {
        micros(v.gaps().all().min().map(|gap| gap as f64))
    }),
    time("Fwd IAT Total", "The times between packets forward, summed.", need::GAPS, |v| gap_total(v, FORWARD)),
    time("Fwd IAT Mean", "The mean time between packets forward.", need::GAPS, |v| micros(v.gaps().of(FORWARD).mean())),
    time("Fwd IAT Std", "The standard deviation of times between packets forward.", need::GAPS, |v| {
        micros(v.gaps().of(FORWARD).deviation())
    }),
    time("Fwd IAT Max", "The longest time between packets forward.", need::GAPS, |v| {
        micros(v.gaps().of(FORWARD).max().map(|gap| gap as f64))
    }),
    time("Fwd IAT Min", "The shortest time between packets forward.", need::GAPS, |v| {
        micros(v.gaps().of(FORWARD).min().map(|gap| gap as f64))
    }),
    time("Bwd IAT Total", "The times between packets backward, summed.", need::GAPS, |v| gap_total(v, BACKWARD)),
    time("Bwd IAT Mean", "The mean time between packets backward.", need::GAPS, |v| {
        micros(v.gaps().of(BACKWARD).mean())
    }),
    time("Bwd IAT Std", "The standard deviation of times between packets backward.", need::GAPS, |v| {
        micros(v.gaps().of(BACKWARD).deviation())
    }),
    time("Bwd IAT Max", "The longest time between packets backward.", need::GAPS, |v| {
        micros(v.gaps().of(BACKWARD).max().map(|gap| gap as f64))
    }),
    time("Bwd IAT Min", "The shortest time between packets backward.", need::GAPS, |v| {
        micros(v.gaps().of(BACKWARD).min().map(|gap| gap as f64))
    }),
    packets("Fwd PSH Flags", "Packets forward with PSH.", need::FLAGS, |v| {
        Cell::Count(v.flags().of(FORWARD, tcp_flag::PSH))
    }),
    packets("Bwd PSH Flags", "Packets backward with PSH.", need::FLAGS, |v| {
        Cell::Count(v.flags().of(BACKWARD, tcp_flag::PSH))
    }),
    packets("Fwd URG Flags", "Packets forward with URG.", need::FLAGS, |v| {
        Cell::Count(v.flags().of(FORWARD, tcp_flag::URG))
    }),
    packets("Bwd URG Flags", "Packets backward with URG.", need::FLAGS, |v| {
        Cell::Count(v.flags().of(BACKWARD, tcp_flag::URG))
    }),
    bytes("Fwd Header Length", "Transport headers forward.", need::HEADERS, |v| {
        Cell::Count(v.headers().bytes[FORWARD])
    }),
    bytes("Bwd Header Length", "Transport headers backward.", need::HEADERS, |v| {
        Cell::Count(v.headers().bytes[BACKWARD])
    }),
    mean("Fwd Packets/s", "packets/s", "Packets forward by the duration.", need::COUNTS, |v| {
        v.per_second(v.counts().packets[FORWARD])
    }),
    mean("Bwd Packets/s", "packets/s", "Packets backward by the duration.", need::COUNTS, |v| {
        v.per_second(v.counts().packets[BACKWARD])
    }),
    Feature::new("Packet Length Min", ColumnKind::Integer, BYTES, "The smallest payload.", need::PAYLOADS, |v| {
        integer(v.all_payloads().min())
    }),
    Feature::new("Packet Length Max", ColumnKind::Integer, BYTES, "The largest payload.", need::PAYLOADS, |v| {
        integer(v.all_payloads().max())
    }),
    mean("Packet Length Mean", BYTES, "The mean payload, each packet counted once.", need::PAYLOADS, |v| {
        real(v.all_payloads().mean())
    }),
    mean("Packet Length Std", BYTES, "The standard deviation of payloads.", need::PAYLOADS, |v| {
        real(v.all_payloads().deviation())
    }),
    mean("Packet Length Variance", "bytes²", "The variance of payloads.", need::PAYLOADS, |v| {
        real(v.all_payloads().variance())
    }),
    packets("FIN Flag Count", "Packets with FIN.", need::FLAGS, |v| Cell::Count(v.flags().total(tcp_flag::FIN))),
    packets("SYN Flag Count", "Packets with SYN.", need::FLAGS, |v| Cell::Count(v.flags().total(tcp_flag::SYN))),
    packets("RST Flag Count", "Packets with RST.", need::FLAGS, |v| Cell::Count(v.flags().total(tcp_flag::RST))),
    packets("PSH Flag Count", "Packets with PSH.", need::FLAGS, |v| Cell::Count(v.flags().total(tcp_flag::PSH))),
    packets("ACK Flag Count", "Packets with ACK.", need::FLAGS, |v| Cell::Count(v.flags().total(tcp_flag::ACK))),
    packets("URG Flag Count", "Packets with URG.", need::FLAGS, |v| Cell::Count(v.flags().total(tcp_flag::URG))),
    packets("CWR Flag Count", "Packets with CWR.", need::FLAGS, |v| Cell::Count(v.flags().total(tcp_flag::CWR))),
    packets("ECE Flag Count", "Packets with ECE.", need::FLAGS, |v| Cell::Count(v.flags().total(tcp_flag::ECE))),
    mean("Down/Up Ratio", "", "Packets backward by packets forward.", need::COUNTS, down_up),
    mean("Average Packet Size", BYTES, "Payload of both directions by packets.", need::PAYLOADS, |v| {
        real(v.all_payloads().mean())
    }),
    mean("Fwd Segment Size Avg", BYTES, "Payload forward by packets forward.", need::PAYLOADS, |v| {
        real(v.payloads(FORWARD).mean())
    }),
    mean("Bwd Segment Size Avg", BYTES, "Payload backward by packets backward.", need::PAYLOADS, |v| {
        real(v.payloads(BACKWARD).mean())
    }),
    mean("Fwd Bytes/Bulk Avg", BYTES, "Payload of bulks forward by their number.", need::BULKS, |v| {
        bulk_bytes(v, FORWARD)
    }),
    mean("Fwd Packet/Bulk Avg", PACKETS, "Packets of bulks forward by their number.", need::BULKS, |v| {
        bulk_packets(v, FORWARD)
    }),
    mean("Fwd Bulk Rate Avg", "bytes/s", "Payload of bulks forward by their durations.", need::BULKS, |v| {
        bulk_rate(v, FORWARD)
    }),
    mean("Bwd Bytes/Bulk Avg", BYTES, "Payload of bulks backward by their number.", need::BULKS, |v| {
        bulk_bytes(v, BACKWARD)
    }),
    mean("Bwd Packet/Bulk Avg", PACKETS, "Packets of bulks backward by their number.", need::BULKS, |v| {
        bulk_packets(v, BACKWARD)
    }),
    mean("Bwd Bulk Rate Avg", "bytes/s", "Payload of bulks backward by their durations.", need::BULKS, |v| {
        bulk_rate(v, BACKWARD)
    }),
    mean(
        "Subflow Fwd Packets",
        PACKETS,
        "Packets forward by subflows, which pauses of a second part.",
        SUBFLOWS,
        |v| per_subflow(v, v.counts().packets[FORWARD]),
    ),
    mean("Subflow Fwd Bytes", BYTES, "Payload forward by subflows.", SUBFLOWS, |v| {
        per_subflow(v, v.counts().payload_bytes[FORWARD])
    }),
    mean("Subflow Bwd Packets", PACKETS, "Packets backward by subflows.", SUBFLOWS, |v| {
        per_subflow(v, v.counts().packets[BACKWARD])
    }),
    mean("Subflow Bwd Bytes", BYTES, "Payload backward by subflows.", SUBFLOWS, |v| {
        per_subflow(v, v.counts().payload_bytes[BACKWARD])
    }),
    bytes("FWD Init Win Bytes", "The window of the first TCP packet forward, not scaled.", need::HEADERS, |v| {
        count(v.headers().window[FORWARD])
    })
    .tells(Field::Window)
    .known_as("IPFIX 186 tcpWindowSize"),
    bytes("Bwd Init Win Bytes", "The window of the first TCP packet backward, not scaled.", need::HEADERS, |v| {
        count(v.headers().window[BACKWARD])
    })
    .tells(Field::Window),
    packets("Fwd Act Data Pkts", "Packets forward with payload, the first included.", need::HEADERS, |v| {
        Cell::Count(v.headers().with_data[FORWARD])
    }),
    bytes("Fwd Seg Size Min", "The smallest transport header forward.", need::HEADERS, |v| {
        count(v.headers().least[FORWARD])
    }),
    time("Active Mean", "The mean time of activity between idle gaps.", need::ACTIVITY, |v| {
        micros(v.activity().active().mean())
    }),
    time("Active Std", "The standard deviation of times of activity.", need::ACTIVITY, |v| {
        micros(v.activity().active().deviation())
    }),
    time("Active Max", "The longest time of activity.", need::ACTIVITY, |v| {
        micros(v.activity().active().max().map(|time| time as f64))
    }),
    time("Active Min", "The shortest time of activity.", need::ACTIVITY, |v| {
        micros(v.activity().active().min().map(|time| time as f64))
    }),
    time("Idle Mean", "The mean idle gap.", need::ACTIVITY, |v| micros(v.activity().idle.mean())),
    time("Idle Std", "The standard deviation of idle gaps.", need::ACTIVITY, |v| micros(v.activity().idle.deviation())),
    time("Idle Max", "The longest idle gap.", need::ACTIVITY, |v| {
        micros(v.activity().idle.max().map(|time| time as f64))
    }),
    time("Idle Min", "The shortest idle gap.", need::ACTIVITY, |v| {
        micros(v.activity().idle.min().map(|time| time as f64))
    }),
    Feature::new("Label", ColumnKind::Text, "", "The label of the sample.", 0, label),
];

const SUBFLOWS: Needs = need::COUNTS | need::ACTIVITY;

fn flow_id<'a>(view: &View<'a>) -> Cell<'a> {
    let mut text = String::with_capacity(48);
    for direction in [FORWARD, BACKWARD] {
        text.push_str(AddressText::of(view.address(direction)).as_str());
        text.push('-');
    }
    let mut digits = itoa::Buffer::new();
    for direction in [FORWARD, BACKWARD] {
        text.push_str(digits.format(view.port(direction).unwrap_or(0)));
        text.push('-');
    }
    text.push_str(digits.format(view.flow.key.protocol));
    Cell::Text(Cow::Owned(text))
}

fn label<'a>(view: &View<'a>) -> Cell<'a> {
    view.sample.map_or(Cell::Missing, |sample| Cell::Text(Cow::Borrowed(&sample.label)))
}

fn gap_total<'a>(view: &View<'a>, direction: usize) -> Cell<'a> {
    micros(Some(view.gaps().of(direction).sum() as f64))
}

fn down_up<'a>(view: &View<'a>) -> Cell<'a> {
    let [forward, backward] = view.counts().packets;
    ratio(backward as f64, forward as f64)
}

fn bulk_bytes<'a>(view: &View<'a>, direction: usize) -> Cell<'a> {
    let bulks = view.bulks(direction);
    ratio(bulks.bytes as f64, bulks.bulks as f64)
}

fn bulk_packets<'a>(view: &View<'a>, direction: usize) -> Cell<'a> {
    let bulks = view.bulks(direction);
    ratio(bulks.packets as f64, bulks.bulks as f64)
}

fn bulk_rate<'a>(view: &View<'a>, direction: usize) -> Cell<'a> {
    let bulks = view.bulks(direction);
    ratio(bulks.bytes as f64, bulks.duration as f64 / 1e9)
}

fn per_subflow<'a>(view: &View<'a>, number: u64) -> Cell<'a> {
    Cell::Real(number as f64 / (view.activity().pauses + 1) as f64)
}
