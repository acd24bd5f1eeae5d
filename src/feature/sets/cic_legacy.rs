//! `cic-legacy`: the columns of `cic`, with those of CICFlowMeter's errors that are asked for.
//!
//! Each column has at most one error; errors of how flows are cut have no column.

use std::borrow::Cow;
use std::net::IpAddr;

use super::super::legacy::{Legacy, Quirk};
use super::super::state::{BACKWARD, BulkSums, FORWARD, Sums, need};
use super::super::view::{View, micros, real, text};
use super::super::{Feature, Needs};
use super::cic;
use crate::decode::tcp_flag;
use crate::redact::Field;
use crate::table::{Cell, ColumnKind};

const BYTES: &str = "bytes";
const PACKETS: &str = "packets";
const RATE: Needs = need::COUNTS;
const ALL_LENGTHS: Needs = need::PAYLOADS | need::OPENING;

type Value = for<'a> fn(&View<'a>) -> Cell<'a>;

/// The columns, with these errors.
pub(super) fn features(legacy: Legacy) -> impl Iterator<Item = &'static Feature> {
    cic::FEATURES.iter().map(move |right| {
        let mut wrong = CHANGED.iter().filter(|(quirk, _)| legacy.has(*quirk)).flat_map(|(_, changed)| *changed);
        wrong.find(|wrong| wrong.name == right.name).unwrap_or(right)
    })
}

const fn real_of(name: &'static str, unit: &'static str, doc: &'static str, needs: Needs, value: Value) -> Feature {
    Feature::new(name, ColumnKind::Real, unit, doc, needs, value)
}

const fn whole(name: &'static str, unit: &'static str, doc: &'static str, needs: Needs, value: Value) -> Feature {
    Feature::new(name, ColumnKind::Integer, unit, doc, needs, value)
}

const fn micro(name: &'static str, doc: &'static str, value: Value) -> Feature {
    Feature::new(name, ColumnKind::Real, "µs", doc, need::EPOCH_ACTIVITY, value)
}

/// The columns of each error.
pub(super) const CHANGED: &[(Quirk, &[Feature])] = &[
    (
        Quirk::FirstPacketTwice,
        &[
            real_of("Packet Length Mean", BYTES, "The mean payload, the first one twice.", ALL_LENGTHS, |v| {
                real(lengths(v).mean())
            }),
            real_of(
                "Packet Length Std",
                BYTES,
                "The standard deviation of payloads, the first one twice.",
                ALL_LENGTHS,
                |v| real(lengths(v).deviation()),
            ),
            real_of(
                "Packet Length Variance",
                "bytes²",
                "The variance of payloads, the first one twice.",
                ALL_LENGTHS,
                |v| real(lengths(v).variance()),
            ),
            real_of(
                "Average Packet Size",
                BYTES,
                "The payloads summed, the first one twice, by packets, the first one once.",
                ALL_LENGTHS,
                |v| real(Some(lengths(v).sum() as f64 / v.all_payloads().count as f64)),
            ),
        ],
    ),
    (
        Quirk::FirstFlags,
        &[
            whole("Fwd PSH Flags", PACKETS, "1 if the first packet is forward and has PSH.", need::OPENING, |v| {
                first_flag(v, FORWARD, tcp_flag::PSH)
            }),
            whole("Bwd PSH Flags", PACKETS, "1 if the first packet is backward and has PSH.", need::OPENING, |v| {
                first_flag(v, BACKWARD, tcp_flag::PSH)
            }),
            whole("Fwd URG Flags", PACKETS, "1 if the first packet is forward and has URG.", need::OPENING, |v| {
                first_flag(v, FORWARD, tcp_flag::URG)
            }),
            whole("Bwd URG Flags", PACKETS, "1 if the first packet is backward and has URG.", need::OPENING, |v| {
                first_flag(v, BACKWARD, tcp_flag::URG)
            }),
        ],
    ),
    (
        Quirk::LastWindow,
        &[
            whole(
                "FWD Init Win Bytes",
                BYTES,
                "The window of the first packet, if it is forward.",
                need::OPENING,
                |v| Cell::Integer(v.opening().windows[FORWARD].unwrap_or(0)),
            )
            .tells(Field::Window),
            whole("Bwd Init Win Bytes", BYTES, "The window of the last packet backward.", need::OPENING, |v| {
                Cell::Integer(v.opening().windows[BACKWARD].unwrap_or(0))
            })
            .tells(Field::Window),
        ],
    ),
    (
        Quirk::DataAfterFirst,
        &[Feature::new(
            "Fwd Act Data Pkts",
            ColumnKind::Count,
            PACKETS,
            "Packets forward with payload, without the first packet of the flow.",
            need::HEADERS | need::OPENING,
            |v| Cell::Count(v.headers().with_data[FORWARD] - u64::from(v.opening().forward_data)),
        )],
    ),
    (
        Quirk::WholeRatio,
        &[whole("Down/Up Ratio", "", "Packets backward by packets forward, cut.", need::COUNTS, |v| {
            let [forward, backward] = v.counts().packets;
            Cell::Integer(backward.checked_div(forward).unwrap_or(0) as i64)
        })],
    ),
    (Quirk::PacketSubflows, SUBFLOWS),
    (Quirk::BackwardBulks, BULKS),
    (Quirk::IdleSince1970, ACTIVITY),
    (
        Quirk::Infinity,
        &[
            Feature::new(
                "Flow Bytes/s",
                ColumnKind::Text,
                "bytes/s",
                "Payload by the duration, or a word.",
                RATE,
                |v| rate(v, v.counts().payload_bytes.iter().sum()),
            ),
            Feature::new(
                "Flow Packets/s",
                ColumnKind::Text,
                "packets/s",
                "Packets by the duration, or a word.",
                RATE,
                |v| rate(v, v.counts().packets.iter().sum()),
            ),
        ],
    ),
    (
        Quirk::FlowId,
        &[Feature::new(
            "Flow ID",
            ColumnKind::Text,
            "",
            "Addresses, ports and protocol, the lower address first.",
            0,
            flow_id,
        )
        .tells(Field::Address)
        .tells(Field::Port)],
    ),
    (
        Quirk::Timestamp,
        &[Feature::new(
            "Timestamp",
            ColumnKind::Text,
            "UTC",
            "The time of the first packet, in seconds.",
            0,
            timestamp,
        )
        .tells(Field::Time)],
    ),
];

const SUBFLOWS: &[Feature] = &[
    whole("Subflow Fwd Packets", PACKETS, "Packets forward by packets, cut.", need::COUNTS, |v| {
        by_packets(v, v.counts().packets[FORWARD])
    }),
    whole("Subflow Fwd Bytes", BYTES, "Payload forward by packets, cut.", need::COUNTS, |v| {
        by_packets(v, v.counts().payload_bytes[FORWARD])
    }),
    whole("Subflow Bwd Packets", PACKETS, "Packets backward by packets, cut.", need::COUNTS, |v| {
        by_packets(v, v.counts().packets[BACKWARD])
    }),
    whole("Subflow Bwd Bytes", BYTES, "Payload backward by packets, cut.", need::COUNTS, |v| {
        by_packets(v, v.counts().payload_bytes[BACKWARD])
    }),
];

const BULKS: &[Feature] = &[
    whole("Fwd Bytes/Bulk Avg", BYTES, "0: no bulk is forward.", 0, |_| Cell::Integer(0)),
    whole("Fwd Packet/Bulk Avg", PACKETS, "0: no bulk is forward.", 0, |_| Cell::Integer(0)),
    whole("Fwd Bulk Rate Avg", "bytes/s", "0: no bulk is forward.", 0, |_| Cell::Integer(0)),
    whole(
        "Bwd Bytes/Bulk Avg",
        BYTES,
        "Payload of bulks of both directions by their number, cut.",
        need::MIXED_BULKS,
        |v| bulk(v, |bulks| bulks.bytes.checked_div(bulks.bulks)),
    ),
    whole(
        "Bwd Packet/Bulk Avg",
        PACKETS,
        "Packets of bulks of both directions by their number, cut.",
        need::MIXED_BULKS,
        |v| bulk(v, |bulks| bulks.packets.checked_div(bulks.bulks)),
    ),
    whole(
        "Bwd Bulk Rate Avg",
        "bytes/s",
        "Payload of bulks of both directions by their durations, cut.",
        need::MIXED_BULKS,
        |v| {
            // In whole microseconds, as CICFlowMeter counts.
            let per_second = |bulks: BulkSums| bulks.bytes as f64 / ((bulks.duration / 1_000) as f64 / 1e6);
            bulk(v, |bulks| (bulks.duration >= 1_000).then(|| per_second(bulks) as u64))
        },
    ),
];

const ACTIVITY: &[Feature] = &[
    micro("Active Mean", "The mean time of activity, without the last one and those of 0.", |v| {
        micros(v.epoch_activity().active.mean())
    }),
    micro("Active Std", "The standard deviation of these.", |v| micros(v.epoch_activity().active.deviation())),
    micro("Active Max", "The longest of these.", |v| micros(v.epoch_activity().active.max().map(|time| time as f64))),
    micro("Active Min", "The shortest of these.", |v| micros(v.epoch_activity().active.min().map(|time| time as f64))),
    micro("Idle Mean", "The mean idle gap, the first one since 1970.", |v| micros(v.epoch_activity().idle.mean()))
        .tells(Field::Time),
    micro("Idle Std", "The standard deviation of these.", |v| micros(v.epoch_activity().idle.deviation()))
        .tells(Field::Time),
    micro("Idle Max", "The longest of these.", |v| micros(v.epoch_activity().idle.max().map(|time| time as f64)))
        .tells(Field::Time),
    micro("Idle Min", "The shortest of these.", |v| micros(v.epoch_activity().idle.min().map(|time| time as f64)))
        .tells(Field::Time),
];

fn lengths(view: &View) -> Sums {
    let mut lengths = view.all_payloads();
    lengths.add(view.opening().payload.into());
    lengths
}

fn first_flag<'a>(view: &View<'a>, direction: usize, flag: u8) -> Cell<'a> {
    let opening = view.opening();
    Cell::Integer((opening.direction == direction && opening.flags & flag != 0).into())
}

fn by_packets<'a>(view: &View<'a>, number: u64) -> Cell<'a> {
    let packets = view.counts().packets.iter().sum();
    Cell::Integer(number.checked_div(packets).unwrap_or(0) as i64)
}

fn bulk<'a>(view: &View<'a>, of: impl Fn(BulkSums) -> Option<u64>) -> Cell<'a> {
    Cell::Integer(of(view.mixed_bulks()).unwrap_or(0) as i64)
}

/// As Java divides and writes.
fn rate<'a>(view: &View<'a>, number: u64) -> Cell<'a> {
    match (view.duration(), number) {
        (0, 0) => text("NaN"),
        (0, _) => text("Infinity"),
        (duration, _) => Cell::Text(Cow::Owned(format!("{:?}", number as f64 / (duration as f64 / 1e9)))),
    }
}

fn flow_id<'a>(view: &View<'a>) -> Cell<'a> {
    let end = |direction| (view.address(direction), view.port(direction).unwrap_or(0));
    let (mut first, mut second) = (end(FORWARD), end(BACKWARD));
    if signed(first.0) > signed(second.0) {
        (first, second) = (second, first);
    }
    let protocol = view.flow.key.protocol;
    Cell::Text(Cow::Owned(format!("{}-{}-{}-{}-{protocol}", first.0, second.0, first.1, second.1)))
}

/// An address as Java compares its bytes.
fn signed(address: IpAddr) -> Vec<i8> {
    let bytes = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    bytes.into_iter().map(|byte| byte as i8).collect()
}

fn timestamp<'a>(view: &View<'a>) -> Cell<'a> {
    match jiff::Timestamp::from_nanosecond(view.flow.start.into()) {
        Ok(moment) => Cell::Text(Cow::Owned(moment.strftime("%d/%m/%Y %I:%M:%S %p").to_string())),
        Err(_) => Cell::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_has_one_error_at_most() {
        let changed: Vec<&Feature> = CHANGED.iter().flat_map(|(_, changed)| *changed).collect();
        for (at, feature) in changed.iter().enumerate() {
            assert!(cic::FEATURES.iter().any(|right| right.name == feature.name), "{}", feature.name);
            assert!(!changed[..at].iter().any(|other| other.name == feature.name), "{} twice", feature.name);
        }
        let named = |legacy| features(legacy).map(|feature| feature.name).collect::<Vec<_>>();
        assert_eq!(named(Legacy::ALL), named(Legacy::default()));
        let wrong = features(Legacy::ALL).zip(cic::FEATURES).filter(|(one, right)| one.doc != right.doc).count();
        assert_eq!(wrong, changed.len());
    }
}
