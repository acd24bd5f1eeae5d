//! `nfstream`: the columns of NFStream 6 that do not come from nDPI, by its names.
//!
//! Sizes (`ps`) are bytes of frames, times whole milliseconds of times that were cut to them, deviations of samples.
//! Source: NFStream 6.5, flow.py (`NFlow`).

use super::super::Feature;
use super::super::state::{BACKWARD, Direction, FORWARD, Sums, need};
use super::super::view::{View, hardware, integer, real};
use crate::decode::{TunnelKind, tcp_flag};
use crate::flow::EndReason;
use crate::redact::Field;
use crate::table::{Cell, ColumnKind};

const COUNT: ColumnKind = ColumnKind::Count;
const INTEGER: ColumnKind = ColumnKind::Integer;
const REAL: ColumnKind = ColumnKind::Real;
const MS: &str = "ms";

/// Both directions, as an index.
const BOTH: Direction = 2;

/// The columns, in their order.
pub(super) const FEATURES: &[Feature] = &[
    Feature::new(
        "id",
        ColumnKind::Id,
        "",
        "A number of the flow: a hash of addresses, ports and start, among others.",
        0,
        |v| Cell::Count(v.id()),
    )
    .tells_flow(),
    Feature::new("expiration_id", INTEGER, "", "1: active timeout, 0: another end.", 0, expiration),
    Feature::new("src_ip", ColumnKind::Address, "", "The initiator's address.", 0, |v| {
        Cell::Address(v.address(FORWARD))
    })
    .tells(Field::Address),
    Feature::new("src_mac", ColumnKind::Text, "", "The initiator's hardware address.", need::ORIGIN, |v| {
        mac(v, FORWARD, 6)
    })
    .tells(Field::Hardware),
    Feature::new("src_oui", ColumnKind::Text, "", "The vendor's part of it.", need::ORIGIN, |v| mac(v, FORWARD, 3))
        .tells(Field::Hardware),
    Feature::new("src_port", COUNT, "", "The initiator's port; 0 where the protocol has none.", 0, |v| {
        Cell::Count(v.port(FORWARD).unwrap_or(0).into())
    })
    .tells(Field::Port),
    Feature::new("dst_ip", ColumnKind::Address, "", "The responder's address.", 0, |v| {
        Cell::Address(v.address(BACKWARD))
    })
    .tells(Field::Address),
    Feature::new("dst_mac", ColumnKind::Text, "", "The responder's hardware address.", need::ORIGIN, |v| {
        mac(v, BACKWARD, 6)
    })
    .tells(Field::Hardware),
    Feature::new("dst_oui", ColumnKind::Text, "", "The vendor's part of it.", need::ORIGIN, |v| mac(v, BACKWARD, 3))
        .tells(Field::Hardware),
    Feature::new("dst_port", COUNT, "", "The responder's port; 0 where the protocol has none.", 0, |v| {
        Cell::Count(v.port(BACKWARD).unwrap_or(0).into())
    })
    .tells(Field::Port),
    Feature::new("protocol", COUNT, "", "The IP protocol number.", 0, |v| Cell::Count(v.flow.key.protocol.into())),
    Feature::new("ip_version", COUNT, "", "4 or 6.", 0, |v| Cell::Count(v.flow.key.version.into())),
    Feature::new("vlan_id", COUNT, "", "The outermost VLAN; 0 without one.", need::ORIGIN, |v| {
        Cell::Count(v.origin().vlan.unwrap_or(0).into())
    })
    .tells(Field::Vlan),
    Feature::new(
        "tunnel_id",
        COUNT,
        "",
        "The tunnel's kind: 0 none or IP in IP, 1 GTP-U, 5 VXLAN, 6 GRE, 255 another.",
        need::ORIGIN,
        tunnel,
    ),
    Feature::new(
        "bidirectional_first_seen_ms",
        INTEGER,
        MS,
        "The time of the first packet of both directions, since 1970.",
        need::CUT_GAPS,
        |v| integer(v.cut_gaps().first[BOTH]),
    )
    .tells(Field::Time),
    Feature::new(
        "bidirectional_last_seen_ms",
        INTEGER,
        MS,
        "The time of the last packet of both directions, since 1970.",
        need::CUT_GAPS,
        |v| integer(v.cut_gaps().last[BOTH]),
    )
    .tells(Field::Time),
    Feature::new(
        "bidirectional_duration_ms",
        INTEGER,
        MS,
        "From the first packet of both directions to the last.",
        need::CUT_GAPS,
        |v| duration(v, BOTH),
    ),
    Feature::new("bidirectional_packets", COUNT, "packets", "Packets of both directions.", need::COUNTS, |v| {
        Cell::Count(v.counts().packets.iter().sum())
    }),
    Feature::new("bidirectional_bytes", COUNT, "bytes", "Bytes of frames of both directions.", need::COUNTS, |v| {
        Cell::Count(v.counts().frame_bytes.iter().sum())
    }),
    Feature::new(
        "src2dst_first_seen_ms",
        INTEGER,
        MS,
        "The time of the first packet forward, since 1970.",
        need::CUT_GAPS,
        |v| integer(v.cut_gaps().first[FORWARD]),
    )
    .tells(Field::Time),
    Feature::new(
        "src2dst_last_seen_ms",
        INTEGER,
        MS,
        "The time of the last packet forward, since 1970.",
        need::CUT_GAPS,
        |v| integer(v.cut_gaps().last[FORWARD]),
    )
    .tells(Field::Time),
    Feature::new(
        "src2dst_duration_ms",
        INTEGER,
        MS,
        "From the first packet forward to the last.",
        need::CUT_GAPS,
        |v| duration(v, FORWARD),
    ),
    Feature::new("src2dst_packets", COUNT, "packets", "Packets forward.", need::COUNTS, |v| {
        Cell::Count(v.counts().packets[FORWARD])
    }),
    Feature::new("src2dst_bytes", COUNT, "bytes", "Bytes of frames forward.", need::COUNTS, |v| {
        Cell::Count(v.counts().frame_bytes[FORWARD])
    }),
    Feature::new(
        "dst2src_first_seen_ms",
        INTEGER,
        MS,
        "The time of the first packet backward, since 1970.",
        need::CUT_GAPS,
        |v| integer(v.cut_gaps().first[BACKWARD]),
    )
    .tells(Field::Time),
    Feature::new(
        "dst2src_last_seen_ms",
        INTEGER,
        MS,
        "The time of the last packet backward, since 1970.",
        need::CUT_GAPS,
        |v| integer(v.cut_gaps().last[BACKWARD]),
    )
    .tells(Field::Time),
    Feature::new(
        "dst2src_duration_ms",
        INTEGER,
        MS,
        "From the first packet backward to the last.",
        need::CUT_GAPS,
        |v| duration(v, BACKWARD),
    ),
    Feature::new("dst2src_packets", COUNT, "packets", "Packets backward.", need::COUNTS, |v| {
        Cell::Count(v.counts().packets[BACKWARD])
    }),
    Feature::new("dst2src_bytes", COUNT, "bytes", "Bytes of frames backward.", need::COUNTS, |v| {
        Cell::Count(v.counts().frame_bytes[BACKWARD])
    }),
    Feature::new(
        "bidirectional_min_ps",
        INTEGER,
        "bytes",
        "The smallest frame of both directions.",
        need::FRAMES,
        |v| integer(sizes(v, BOTH).min()),
    ),
    Feature::new("bidirectional_mean_ps", REAL, "bytes", "The mean frame of both directions.", need::FRAMES, |v| {
        real(sizes(v, BOTH).mean())
    }),
    Feature::new(
        "bidirectional_stddev_ps",
        REAL,
        "bytes",
        "The standard deviation of frames of both directions.",
        need::FRAMES,
        |v| real(sizes(v, BOTH).deviation()),
    ),
    Feature::new(
        "bidirectional_max_ps",
        INTEGER,
        "bytes",
        "The largest frame of both directions.",
        need::FRAMES,
        |v| integer(sizes(v, BOTH).max()),
    ),
    Feature::new("src2dst_min_ps", INTEGER, "bytes", "The smallest frame forward.", need::FRAMES, |v| {
        integer(sizes(v, FORWARD).min())
    }),
    Feature::new("src2dst_mean_ps", REAL, "bytes", "The mean frame forward.", need::FRAMES, |v| {
        real(sizes(v, FORWARD).mean())
    }),
    Feature::new("src2dst_stddev_ps", REAL, "bytes", "The standard deviation of frames forward.", need::FRAMES, |v| {
        real(sizes(v, FORWARD).deviation())
    }),
    Feature::new("src2dst_max_ps", INTEGER, "bytes", "The largest frame forward.", need::FRAMES, |v| {
        integer(sizes(v, FORWARD).max())
    }),
    Feature::new("dst2src_min_ps", INTEGER, "bytes", "The smallest frame backward.", need::FRAMES, |v| {
        integer(sizes(v, BACKWARD).min())
    }),
    Feature::new("dst2src_mean_ps", REAL, "bytes", "The mean frame backward.", need::FRAMES, |v| {
        real(sizes(v, BACKWARD).mean())
    }),
    Feature::new("dst2src_stddev_ps", REAL, "bytes", "The standard deviation of frames backward.", need::FRAMES, |v| {
        real(sizes(v, BACKWARD).deviation())
    }),
    Feature::new("dst2src_max_ps", INTEGER, "bytes", "The largest frame backward.", need::FRAMES, |v| {
        integer(sizes(v, BACKWARD).max())
    }),
    Feature::new(
        "bidirectional_min_piat_ms",
        INTEGER,
        MS,
        "The shortest time between packets of both directions.",
        need::CUT_GAPS,
        |v| integer(gaps(v, BOTH).min()),
    ),
    Feature::new(
        "bidirectional_mean_piat_ms",
        REAL,
        MS,
        "The mean time between packets of both directions.",
        need::CUT_GAPS,
        |v| real(gaps(v, BOTH).mean()),
    ),
    Feature::new(
        "bidirectional_stddev_piat_ms",
        REAL,
        MS,
        "The standard deviation of times between packets of both directions.",
        need::CUT_GAPS,
        |v| real(gaps(v, BOTH).deviation()),
    ),
    Feature::new(
        "bidirectional_max_piat_ms",
        INTEGER,
        MS,
        "The longest time between packets of both directions.",
        need::CUT_GAPS,
        |v| integer(gaps(v, BOTH).max()),
    ),
    Feature::new(
        "src2dst_min_piat_ms",
        INTEGER,
        MS,
        "The shortest time between packets forward.",
        need::CUT_GAPS,
        |v| integer(gaps(v, FORWARD).min()),
    ),
    Feature::new("src2dst_mean_piat_ms", REAL, MS, "The mean time between packets forward.", need::CUT_GAPS, |v| {
        real(gaps(v, FORWARD).mean())
    }),
    Feature::new(
        "src2dst_stddev_piat_ms",
        REAL,
        MS,
        "The standard deviation of times between packets forward.",
        need::CUT_GAPS,
        |v| real(gaps(v, FORWARD).deviation()),
    ),
    Feature::new(
        "src2dst_max_piat_ms",
        INTEGER,
        MS,
        "The longest time between packets forward.",
        need::CUT_GAPS,
        |v| integer(gaps(v, FORWARD).max()),
    ),
    Feature::new(
        "dst2src_min_piat_ms",
        INTEGER,
        MS,
        "The shortest time between packets backward.",
        need::CUT_GAPS,
        |v| integer(gaps(v, BACKWARD).min()),
    ),
    Feature::new("dst2src_mean_piat_ms", REAL, MS, "The mean time between packets backward.", need::CUT_GAPS, |v| {
        real(gaps(v, BACKWARD).mean())
    }),
    Feature::new(
        "dst2src_stddev_piat_ms",
        REAL,
        MS,
        "The standard deviation of times between packets backward.",
        need::CUT_GAPS,
        |v| real(gaps(v, BACKWARD).deviation()),
    ),
    Feature::new(
        "dst2src_max_piat_ms",
        INTEGER,
        MS,
        "The longest time between packets backward.",
        need::CUT_GAPS,
        |v| integer(gaps(v, BACKWARD).max()),
    ),
    Feature::new(
        "bidirectional_syn_packets",
        COUNT,
        "packets",
        "Packets of both directions with SYN.",
        need::FLAGS,
        |v| flag(v, BOTH, tcp_flag::SYN),
    ),
    Feature::new(
        "bidirectional_cwr_packets",
        COUNT,
        "packets",
        "Packets of both directions with CWR.",
        need::FLAGS,
        |v| flag(v, BOTH, tcp_flag::CWR),
    ),
    Feature::new(
        "bidirectional_ece_packets",
        COUNT,
        "packets",
        "Packets of both directions with ECE.",
        need::FLAGS,
        |v| flag(v, BOTH, tcp_flag::ECE),
    ),
    Feature::new(
        "bidirectional_urg_packets",
        COUNT,
        "packets",
        "Packets of both directions with URG.",
        need::FLAGS,
        |v| flag(v, BOTH, tcp_flag::URG),
    ),
    Feature::new(
        "bidirectional_ack_packets",
        COUNT,
        "packets",
        "Packets of both directions with ACK.",
        need::FLAGS,
        |v| flag(v, BOTH, tcp_flag::ACK),
    ),
    Feature::new(
        "bidirectional_psh_packets",
        COUNT,
        "packets",
        "Packets of both directions with PSH.",
        need::FLAGS,
        |v| flag(v, BOTH, tcp_flag::PSH),
    ),
    Feature::new(
        "bidirectional_rst_packets",
        COUNT,
        "packets",
        "Packets of both directions with RST.",
        need::FLAGS,
        |v| flag(v, BOTH, tcp_flag::RST),
    ),
    Feature::new(
        "bidirectional_fin_packets",
        COUNT,
        "packets",
        "Packets of both directions with FIN.",
        need::FLAGS,
        |v| flag(v, BOTH, tcp_flag::FIN),
    ),
    Feature::new("src2dst_syn_packets", COUNT, "packets", "Packets forward with SYN.", need::FLAGS, |v| {
        flag(v, FORWARD, tcp_flag::SYN)
    }),
    Feature::new("src2dst_cwr_packets", COUNT, "packets", "Packets forward with CWR.", need::FLAGS, |v| {
        flag(v, FORWARD, tcp_flag::CWR)
    }),
    Feature::new("src2dst_ece_packets", COUNT, "packets", "Packets forward with ECE.", need::FLAGS, |v| {
        flag(v, FORWARD, tcp_flag::ECE)
    }),
    Feature::new("src2dst_urg_packets", COUNT, "packets", "Packets forward with URG.", need::FLAGS, |v| {
        flag(v, FORWARD, tcp_flag::URG)
    }),
    Feature::new("src2dst_ack_packets", COUNT, "packets", "Packets forward with ACK.", need::FLAGS, |v| {
        flag(v, FORWARD, tcp_flag::ACK)
    }),
    Feature::new("src2dst_psh_packets", COUNT, "packets", "Packets forward with PSH.", need::FLAGS, |v| {
        flag(v, FORWARD, tcp_flag::PSH)
    }),
    Feature::new("src2dst_rst_packets", COUNT, "packets", "Packets forward with RST.", need::FLAGS, |v| {
        flag(v, FORWARD, tcp_flag::RST)
    }),
    Feature::new("src2dst_fin_packets", COUNT, "packets", "Packets forward with FIN.", need::FLAGS, |v| {
        flag(v, FORWARD, tcp_flag::FIN)
    }),
    Feature::new("dst2src_syn_packets", COUNT, "packets", "Packets backward with SYN.", need::FLAGS, |v| {
        flag(v, BACKWARD, tcp_flag::SYN)
    }),
    Feature::new("dst2src_cwr_packets", COUNT, "packets", "Packets backward with CWR.", need::FLAGS, |v| {
        flag(v, BACKWARD, tcp_flag::CWR)
    }),
    Feature::new("dst2src_ece_packets", COUNT, "packets", "Packets backward with ECE.", need::FLAGS, |v| {
        flag(v, BACKWARD, tcp_flag::ECE)
    }),
    Feature::new("dst2src_urg_packets", COUNT, "packets", "Packets backward with URG.", need::FLAGS, |v| {
        flag(v, BACKWARD, tcp_flag::URG)
    }),
    Feature::new("dst2src_ack_packets", COUNT, "packets", "Packets backward with ACK.", need::FLAGS, |v| {
        flag(v, BACKWARD, tcp_flag::ACK)
    }),
    Feature::new("dst2src_psh_packets", COUNT, "packets", "Packets backward with PSH.", need::FLAGS, |v| {
        flag(v, BACKWARD, tcp_flag::PSH)
    }),
    Feature::new("dst2src_rst_packets", COUNT, "packets", "Packets backward with RST.", need::FLAGS, |v| {
        flag(v, BACKWARD, tcp_flag::RST)
    }),
    Feature::new("dst2src_fin_packets", COUNT, "packets", "Packets backward with FIN.", need::FLAGS, |v| {
        flag(v, BACKWARD, tcp_flag::FIN)
    }),
];

fn expiration<'a>(view: &View<'a>) -> Cell<'a> {
    Cell::Integer((view.reason == EndReason::ActiveTimeout).into())
}

/// The first `bytes` bytes of a hardware address.
fn mac<'a>(view: &View<'a>, direction: Direction, bytes: usize) -> Cell<'a> {
    hardware(view.origin().hardware[direction], bytes)
}

/// As nDPI numbers tunnels; NFStream looks into GTP-U of those that we know, and does not call IP in IP a tunnel.
fn tunnel<'a>(view: &View<'a>) -> Cell<'a> {
    Cell::Count(match view.origin().tunnel {
        None | Some(TunnelKind::Ipv4 | TunnelKind::Ipv6) => 0,
        Some(TunnelKind::GtpU) => 1,
        Some(TunnelKind::Vxlan) => 5,
        Some(TunnelKind::Gre) => 6,
        Some(_) => 255,
    })
}

fn duration<'a>(view: &View<'a>, direction: Direction) -> Cell<'a> {
    let gaps = view.cut_gaps();
    integer(gaps.first[direction].zip(gaps.last[direction]).map(|(first, last)| last - first))
}

fn sizes(view: &View, direction: Direction) -> Sums {
    if direction == BOTH { view.all_frames() } else { *view.frames(direction) }
}

fn gaps<'a>(view: &View<'a>, direction: Direction) -> &'a Sums {
    &view.cut_gaps().sums[direction]
}

fn flag<'a>(view: &View<'a>, direction: Direction, flag: u8) -> Cell<'a> {
    let flags = view.flags();
    Cell::Count(if direction == BOTH { flags.total(flag) } else { flags.of(direction, flag) })
}
