//! `pyflowmeter`: the columns of PyFlowMeter, with population moments of frame lengths and of seconds between packets.

use super::super::state::{BACKWARD, Direction, FORWARD, Moments, need};
use super::super::view::{View, text};
use super::super::{Feature, Needs};
use crate::decode::{protocol, tcp_flag};
use crate::redact::Field;
use crate::table::{Cell, ColumnKind};

type Value = for<'a> fn(&View<'a>) -> Cell<'a>;

const SHAPES: Needs = need::SHAPES;

const fn packets(name: &'static str, doc: &'static str, needs: Needs, value: Value) -> Feature {
    Feature::new(name, ColumnKind::Count, "packets", doc, needs, value)
}

const fn size(name: &'static str, unit: &'static str, doc: &'static str, value: Value) -> Feature {
    Feature::new(name, ColumnKind::Real, unit, doc, SHAPES, value)
}

/// The columns, in their order.
pub(super) const FEATURES: &[Feature] = &[
    Feature::new("duration", ColumnKind::Real, "s", "From the first packet to the last.", 0, |v| {
        Cell::Real(v.duration() as f64 / 1e9)
    }),
    Feature::new(
        "protocol",
        ColumnKind::Text,
        "",
        "TCP, UDP, ICMP …; protocols without a name here by number.",
        0,
        protocol_name,
    ),
    Feature::new("src_port", ColumnKind::Count, "", "The initiator's port; 0 where the protocol has none.", 0, |v| {
        Cell::Count(v.port(FORWARD).unwrap_or(0).into())
    })
    .tells(Field::Port),
    Feature::new("dst_port", ColumnKind::Count, "", "The responder's port; 0 where the protocol has none.", 0, |v| {
        Cell::Count(v.port(BACKWARD).unwrap_or(0).into())
    })
    .tells(Field::Port),
    packets("fwd_tot_pkt", "Packets forward.", need::COUNTS, |v| Cell::Count(v.counts().packets[FORWARD])),
    Feature::new("fwd_tot_byte", ColumnKind::Count, "bytes", "Bytes of frames forward.", need::COUNTS, |v| {
        Cell::Count(v.counts().frame_bytes[FORWARD])
    }),
    packets("bwd_tot_pkt", "Packets backward.", need::COUNTS, |v| Cell::Count(v.counts().packets[BACKWARD])),
    Feature::new("bwd_tot_byte", ColumnKind::Count, "bytes", "Bytes of frames backward.", need::COUNTS, |v| {
        Cell::Count(v.counts().frame_bytes[BACKWARD])
    }),
    size("fwd_pkt_size_mean", "bytes", "The mean frame forward.", |v| Cell::Real(sizes(v, FORWARD).mean())),
    size("fwd_pkt_size_std", "bytes", "The standard deviation of frames forward.", |v| {
        Cell::Real(sizes(v, FORWARD).deviation())
    }),
    size("fwd_pkt_size_skewness", "", "The skewness of frames forward.", |v| Cell::Real(sizes(v, FORWARD).skewness())),
    size("fwd_pkt_size_kurtosis", "", "The excess kurtosis of frames forward.", |v| {
        Cell::Real(sizes(v, FORWARD).kurtosis())
    }),
    size("fwd_pkt_size_min", "bytes", "The smallest frame forward.", |v| Cell::Real(sizes(v, FORWARD).min())),
    size("fwd_pkt_size_max", "bytes", "The largest frame forward.", |v| Cell::Real(sizes(v, FORWARD).max())),
    size("bwd_pkt_size_mean", "bytes", "The mean frame backward.", |v| Cell::Real(sizes(v, BACKWARD).mean())),
    size("bwd_pkt_size_std", "bytes", "The standard deviation of frames backward.", |v| {
        Cell::Real(sizes(v, BACKWARD).deviation())
    }),
    size("bwd_pkt_size_skewness", "", "The skewness of frames backward.", |v| {
        Cell::Real(sizes(v, BACKWARD).skewness())
    }),
    size("bwd_pkt_size_kurtosis", "", "The excess kurtosis of frames backward.", |v| {
        Cell::Real(sizes(v, BACKWARD).kurtosis())
    }),
    size("bwd_pkt_size_min", "bytes", "The smallest frame backward.", |v| Cell::Real(sizes(v, BACKWARD).min())),
    size("bwd_pkt_size_max", "bytes", "The largest frame backward.", |v| Cell::Real(sizes(v, BACKWARD).max())),
    size("fwd_iat_mean", "s", "The mean time between packets forward.", |v| Cell::Real(gaps(v, FORWARD).mean())),
    size("fwd_iat_std", "s", "The standard deviation of times between packets forward.", |v| {
        Cell::Real(gaps(v, FORWARD).deviation())
    }),
    size("fwd_iat_skewness", "", "The skewness of times between packets forward.", |v| {
        Cell::Real(gaps(v, FORWARD).skewness())
    }),
    size("fwd_iat_kurtosis", "", "The excess kurtosis of times between packets forward.", |v| {
        Cell::Real(gaps(v, FORWARD).kurtosis())
    }),
    size("fwd_iat_min", "s", "The shortest time between packets forward.", |v| Cell::Real(gaps(v, FORWARD).min())),
    size("fwd_iat_max", "s", "The longest time between packets forward.", |v| Cell::Real(gaps(v, FORWARD).max())),
    size("bwd_iat_mean", "s", "The mean time between packets backward.", |v| Cell::Real(gaps(v, BACKWARD).mean())),
    size("bwd_iat_std", "s", "The standard deviation of times between packets backward.", |v| {
        Cell::Real(gaps(v, BACKWARD).deviation())
    }),
    size("bwd_iat_skewness", "", "The skewness of times between packets backward.", |v| {
        Cell::Real(gaps(v, BACKWARD).skewness())
    }),
    size("bwd_iat_kurtosis", "", "The excess kurtosis of times between packets backward.", |v| {
        Cell::Real(gaps(v, BACKWARD).kurtosis())
    }),
    size("bwd_iat_min", "s", "The shortest time between packets backward.", |v| Cell::Real(gaps(v, BACKWARD).min())),
    size("bwd_iat_max", "s", "The longest time between packets backward.", |v| Cell::Real(gaps(v, BACKWARD).max())),
    flags("fwd_FIN_cnt", "Packets forward with FIN.", |v| flag(v, FORWARD, tcp_flag::FIN)),
    flags("fwd_SYN_cnt", "Packets forward with SYN.", |v| flag(v, FORWARD, tcp_flag::SYN)),
    flags("fwd_RST_cnt", "Packets forward with RST.", |v| flag(v, FORWARD, tcp_flag::RST)),
    flags("fwd_PUSH_cnt", "Packets forward with PSH.", |v| flag(v, FORWARD, tcp_flag::PSH)),
    flags("fwd_ACK_cnt", "Packets forward with ACK.", |v| flag(v, FORWARD, tcp_flag::ACK)),
    flags("fwd_URG_cnt", "Packets forward with URG.", |v| flag(v, FORWARD, tcp_flag::URG)),
    flags("fwd_CWE_cnt", "Packets forward with CWR.", |v| flag(v, FORWARD, tcp_flag::CWR)),
    flags("fwd_ECE_cnt", "Packets forward with ECE.", |v| flag(v, FORWARD, tcp_flag::ECE)),
    flags("bwd_FIN_cnt", "Packets backward with FIN.", |v| flag(v, BACKWARD, tcp_flag::FIN)),
    flags("bwd_SYN_cnt", "Packets backward with SYN.", |v| flag(v, BACKWARD, tcp_flag::SYN)),
    flags("bwd_RST_cnt", "Packets backward with RST.", |v| flag(v, BACKWARD, tcp_flag::RST)),
    flags("bwd_PUSH_cnt", "Packets backward with PSH.", |v| flag(v, BACKWARD, tcp_flag::PSH)),
    flags("bwd_ACK_cnt", "Packets backward with ACK.", |v| flag(v, BACKWARD, tcp_flag::ACK)),
    flags("bwd_URG_cnt", "Packets backward with URG.", |v| flag(v, BACKWARD, tcp_flag::URG)),
    flags("bwd_CWE_cnt", "Packets backward with CWR.", |v| flag(v, BACKWARD, tcp_flag::CWR)),
    flags("bwd_ECE_cnt", "Packets backward with ECE.", |v| flag(v, BACKWARD, tcp_flag::ECE)),
];

const fn flags(name: &'static str, doc: &'static str, value: Value) -> Feature {
    packets(name, doc, need::FLAGS, value)
}

fn sizes<'a>(view: &View<'a>, direction: Direction) -> &'a Moments {
    &view.shapes().sizes[direction]
}

fn gaps<'a>(view: &View<'a>, direction: Direction) -> &'a Moments {
    &view.shapes().gaps[direction]
}

fn flag<'a>(view: &View<'a>, direction: Direction, flag: u8) -> Cell<'a> {
    Cell::Count(view.flags().of(direction, flag))
}

fn protocol_name<'a>(view: &View<'a>) -> Cell<'a> {
    match view.flow.key.protocol {
        protocol::TCP => text("TCP"),
        protocol::UDP => text("UDP"),
        protocol::ICMP => text("ICMP"),
        protocol::ICMPV6 => text("ICMPv6"),
        protocol::SCTP => text("SCTP"),
        protocol::GRE => text("GRE"),
        2 => text("IGMP"),
        50 => text("ESP"),
        51 => text("AH"),
        other => Cell::Text(other.to_string().into()),
    }
}
