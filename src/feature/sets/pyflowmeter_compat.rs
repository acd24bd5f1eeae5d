//! `pyflowmeter-compat`: the columns of `pyflowmeter`, with PyFlowMeter's errors.
//!
//! It reads the eight flags from the highest bit down and names them from the lowest up: its PUSH holds ACK, its ECE
//! FIN. Times are since the flow's packet before, of whichever direction, and the first packet adds a 0 forward.
//! Forward is what comes from the first packet's port; only TCP and UDP in IPv4 outside of tunnels are in flows.
//! Flows are those of Wireshark's tcp.stream and udp.stream, ended by the idle timeout (of 600 s in PyFlowMeter).
//! Source: github.com/Kihy/PyFlowMeter, PyFlowMeter.py.

use super::super::Feature;
use super::super::state::{BACKWARD, Direction, FORWARD, Moments, need};
use super::super::view::View;
use super::pyflowmeter;
use crate::decode::tcp_flag;
use crate::table::{Cell, ColumnKind};

type Value = for<'a> fn(&View<'a>) -> Cell<'a>;

/// The columns, in their order.
pub(super) fn features() -> impl Iterator<Item = &'static Feature> {
    let changed = |right: &Feature| CHANGED.iter().find(|changed| changed.name == right.name);
    pyflowmeter::FEATURES.iter().map(move |right| changed(right).unwrap_or(right))
}

const fn gap(name: &'static str, unit: &'static str, doc: &'static str, value: Value) -> Feature {
    Feature::new(name, ColumnKind::Real, unit, doc, need::TURN_GAPS, value)
}

const fn flags(name: &'static str, doc: &'static str, value: Value) -> Feature {
    Feature::new(name, ColumnKind::Count, "packets", doc, need::FLAGS, value)
}

/// The columns that are not those of `pyflowmeter`.
pub(super) const CHANGED: &[Feature] = &[
    gap("fwd_iat_mean", "s", "The mean time since the packet before, of packets forward.", |v| {
        Cell::Real(gaps(v, FORWARD).mean())
    }),
    gap("fwd_iat_std", "s", "The standard deviation of times since the packet before, of packets forward.", |v| {
        Cell::Real(gaps(v, FORWARD).deviation())
    }),
    gap("fwd_iat_skewness", "", "The skewness of times since the packet before, of packets forward.", |v| {
        Cell::Real(gaps(v, FORWARD).skewness())
    }),
    gap("fwd_iat_kurtosis", "", "The excess kurtosis of times since the packet before, of packets forward.", |v| {
        Cell::Real(gaps(v, FORWARD).kurtosis())
    }),
    gap("fwd_iat_min", "s", "The shortest time since the packet before, of packets forward.", |v| {
        Cell::Real(gaps(v, FORWARD).min())
    }),
    gap("fwd_iat_max", "s", "The longest time since the packet before, of packets forward.", |v| {
        Cell::Real(gaps(v, FORWARD).max())
    }),
    gap("bwd_iat_mean", "s", "The mean time since the packet before, of packets backward.", |v| {
        Cell::Real(gaps(v, BACKWARD).mean())
    }),
    gap("bwd_iat_std", "s", "The standard deviation of times since the packet before, of packets backward.", |v| {
        Cell::Real(gaps(v, BACKWARD).deviation())
    }),
    gap("bwd_iat_skewness", "", "The skewness of times since the packet before, of packets backward.", |v| {
        Cell::Real(gaps(v, BACKWARD).skewness())
    }),
    gap("bwd_iat_kurtosis", "", "The excess kurtosis of times since the packet before, of packets backward.", |v| {
        Cell::Real(gaps(v, BACKWARD).kurtosis())
    }),
    gap("bwd_iat_min", "s", "The shortest time since the packet before, of packets backward.", |v| {
        Cell::Real(gaps(v, BACKWARD).min())
    }),
    gap("bwd_iat_max", "s", "The longest time since the packet before, of packets backward.", |v| {
        Cell::Real(gaps(v, BACKWARD).max())
    }),
    flags("fwd_FIN_cnt", "Packets forward with CWR.", |v| flag(v, FORWARD, tcp_flag::CWR)),
    flags("fwd_SYN_cnt", "Packets forward with ECE.", |v| flag(v, FORWARD, tcp_flag::ECE)),
    flags("fwd_RST_cnt", "Packets forward with URG.", |v| flag(v, FORWARD, tcp_flag::URG)),
    flags("fwd_PUSH_cnt", "Packets forward with ACK.", |v| flag(v, FORWARD, tcp_flag::ACK)),
    flags("fwd_ACK_cnt", "Packets forward with PSH.", |v| flag(v, FORWARD, tcp_flag::PSH)),
    flags("fwd_URG_cnt", "Packets forward with RST.", |v| flag(v, FORWARD, tcp_flag::RST)),
    flags("fwd_CWE_cnt", "Packets forward with SYN.", |v| flag(v, FORWARD, tcp_flag::SYN)),
    flags("fwd_ECE_cnt", "Packets forward with FIN.", |v| flag(v, FORWARD, tcp_flag::FIN)),
    flags("bwd_FIN_cnt", "Packets backward with CWR.", |v| flag(v, BACKWARD, tcp_flag::CWR)),
    flags("bwd_SYN_cnt", "Packets backward with ECE.", |v| flag(v, BACKWARD, tcp_flag::ECE)),
    flags("bwd_RST_cnt", "Packets backward with URG.", |v| flag(v, BACKWARD, tcp_flag::URG)),
    flags("bwd_PUSH_cnt", "Packets backward with ACK.", |v| flag(v, BACKWARD, tcp_flag::ACK)),
    flags("bwd_ACK_cnt", "Packets backward with PSH.", |v| flag(v, BACKWARD, tcp_flag::PSH)),
    flags("bwd_URG_cnt", "Packets backward with RST.", |v| flag(v, BACKWARD, tcp_flag::RST)),
    flags("bwd_CWE_cnt", "Packets backward with SYN.", |v| flag(v, BACKWARD, tcp_flag::SYN)),
    flags("bwd_ECE_cnt", "Packets backward with FIN.", |v| flag(v, BACKWARD, tcp_flag::FIN)),
];

fn gaps<'a>(view: &View<'a>, direction: Direction) -> &'a Moments {
    &view.turn_gaps().gaps[direction]
}

fn flag<'a>(view: &View<'a>, direction: Direction, flag: u8) -> Cell<'a> {
    Cell::Count(view.flags().of(direction, flag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_pyflowmeter_s() {
        assert!(features().zip(pyflowmeter::FEATURES).all(|(one, other)| one.name == other.name));
        let changed = features().zip(pyflowmeter::FEATURES).filter(|(one, other)| one.doc != other.doc).count();
        assert_eq!((features().count(), changed), (48, CHANGED.len()));
    }
}
