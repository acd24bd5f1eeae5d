//! The errors of CICFlowMeter that `cic-legacy` makes again, each by its name.
//!
//! Sources: G. Engelen et al., Troubleshooting an Intrusion Detection Dataset: the CICIDS2017 Case Study, 2021; A.
//! Rosay et al., Network Intrusion Detection: a Comprehensive Analysis of CIC-IDS2017, 2022; L. Liu et al., Error
//! Prevalence in NIDS Datasets, 2022; and what CICFlowMeter 4.0 does (BasicFlow, FlowGenerator, PacketReader,
//! BasicPacketInfo).

use crate::error::{Error, Result};
use crate::flow::{Forward, Keying, Rules, Scope, TcpEnd, Timeouts};

/// One of CICFlowMeter's errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quirk {
    /// `first-packet-twice`.
    FirstPacketTwice,
    /// `first-fin`.
    FirstFin,
    /// `timeout-from-start`.
    TimeoutFromStart,
    /// `first-sender`.
    FirstSender,
    /// `ipv4-only`.
    Ipv4Only,
    /// `protocol-0`.
    Protocol0,
    /// `no-single-packets`.
    NoSinglePackets,
    /// `first-flags`.
    FirstFlags,
    /// `last-window`.
    LastWindow,
    /// `data-after-first`.
    DataAfterFirst,
    /// `whole-ratio`.
    WholeRatio,
    /// `packet-subflows`.
    PacketSubflows,
    /// `backward-bulks`.
    BackwardBulks,
    /// `idle-since-1970`.
    IdleSince1970,
    /// `infinity`.
    Infinity,
    /// `zeros`.
    Zeros,
    /// `flow-id`.
    FlowId,
    /// `timestamp`.
    Timestamp,
}

/// Every error, its name, and what it does.
pub const QUIRKS: &[(Quirk, &str, &str)] = &[
    (
        Quirk::FirstFin,
        "first-fin",
        "A flow ends with the first FIN of either side, and what follows it is a new flow; RST ends nothing.",
    ),
    (
        Quirk::TimeoutFromStart,
        "timeout-from-start",
        "The idle timeout counts from the first packet of a flow: long ones are cut in pieces. Flows stay in \
         memory until they are.",
    ),
    (
        Quirk::FirstSender,
        "first-sender",
        "Forward is the source address of the first packet, whatever its flags; behind a timeout, that of the flow \
         before.",
    ),
    (Quirk::Ipv4Only, "ipv4-only", "Packets of IPv6 are in no flow."),
    (
        Quirk::Protocol0,
        "protocol-0",
        "Everything but TCP and UDP between two addresses is one flow of protocol 0, without ports, headers and \
         payload; so are later fragments.",
    ),
    (Quirk::NoSinglePackets, "no-single-packets", "Flows of one packet have no row."),
    (
        Quirk::FirstPacketTwice,
        "first-packet-twice",
        "The payload of the first packet counts twice in mean, deviation and variance of all packets' lengths and \
         in their average.",
    ),
    (Quirk::FirstFlags, "first-flags", "PSH and URG by direction are those of the first packet alone."),
    (
        Quirk::LastWindow,
        "last-window",
        "The initial window backward is that of the last packet backward, that forward is 0 if the first packet is \
         backward; -1 of what is not TCP.",
    ),
    (Quirk::DataAfterFirst, "data-after-first", "The first packet is no packet with data forward."),
    (Quirk::WholeRatio, "whole-ratio", "The ratio of packets backward by forward is cut to a whole number."),
    (
        Quirk::PacketSubflows,
        "packet-subflows",
        "Each packet is a subflow, because seconds are compared with microseconds: packets and bytes by packets, \
         cut to whole numbers.",
    ),
    (
        Quirk::BackwardBulks,
        "backward-bulks",
        "Bulks of both directions are one, and backward; those forward are 0; averages and rates are cut to whole \
         numbers.",
    ),
    (
        Quirk::IdleSince1970,
        "idle-since-1970",
        "Before its first packet a flow was idle since 1970; active times of 0 and the last one do not count.",
    ),
    (
        Quirk::Infinity,
        "infinity",
        "Bytes and packets per second of a flow without duration are the words Infinity or NaN; their columns are \
         text.",
    ),
    (Quirk::Zeros, "zeros", "What is not defined is 0, as with --undefined 0."),
    (
        Quirk::FlowId,
        "flow-id",
        "Flow ID begins with the lower address, its bytes compared as signed numbers, not with the initiator's.",
    ),
    (
        Quirk::Timestamp,
        "timestamp",
        "The start is text, dd/mm/yyyy hh:mm:ss AM or PM: nothing is left below seconds. In UTC; CICFlowMeter \
         takes local time.",
    ),
];

/// Which errors to make.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Legacy(u32);

impl Legacy {
    /// All of them.
    pub const ALL: Self = Self((1 << QUIRKS.len()) - 1);

    /// Those of these names.
    ///
    /// # Errors
    /// A name that there is not.
    pub fn of_names(names: &[String]) -> Result<Self> {
        names.iter().try_fold(Self::default(), |legacy, name| {
            let found = QUIRKS.iter().find(|(_, known, _)| known == name).ok_or_else(|| {
                let names: Vec<&str> = QUIRKS.iter().map(|(_, name, _)| *name).collect();
                Error::request(format!("cic-legacy has no error '{name}'"))
                    .advise(format!("there are {}", names.join(", ")))
            })?;
            Ok(legacy.with(found.0))
        })
    }

    /// These and one more.
    pub const fn with(self, quirk: Quirk) -> Self {
        Self(self.0 | 1 << quirk as u32)
    }

    /// True if this one is among them.
    pub const fn has(self, quirk: Quirk) -> bool {
        self.0 & 1 << quirk as u32 != 0
    }

    /// The names of those that are made.
    pub fn names(self) -> Vec<&'static str> {
        QUIRKS.iter().filter(|(quirk, ..)| self.has(*quirk)).map(|(_, name, _)| *name).collect()
    }

    /// Which packets are in flows.
    pub(super) fn keying(self, keying: Keying) -> Keying {
        let scope = if self.has(Quirk::Ipv4Only) { Scope::Ipv4 } else { keying.scope };
        Keying { scope, others_are_0: self.has(Quirk::Protocol0), ..keying }
    }

    /// When flows end.
    pub(super) fn timeouts(self, timeouts: Timeouts) -> Timeouts {
        let rules = Rules {
            ends: if self.has(Quirk::FirstFin) { TcpEnd::FirstFin } else { timeouts.rules.ends },
            forward: if self.has(Quirk::FirstSender) { Forward::SourceAddress } else { timeouts.rules.forward },
        };
        match self.has(Quirk::TimeoutFromStart) {
            // However long nothing came: the flow behind the timeout keeps the direction of that before.
            true => Timeouts { idle: i64::MAX, active: timeouts.active.or(Some(timeouts.idle)), rules },
            false => Timeouts { rules, ..timeouts },
        }
    }
}

/// Whose flows are made, if not ours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Peer {
    /// Ours.
    #[default]
    None,
    /// CICFlowMeter's, with these errors.
    CicFlowMeter(Legacy),
    /// PyFlowMeter's.
    PyFlowMeter,
}

impl Peer {
    /// Which packets are in flows, and what tells flows apart.
    pub fn keying(self, keying: Keying) -> Keying {
        match self {
            Self::None => keying,
            Self::CicFlowMeter(legacy) => legacy.keying(keying),
            Self::PyFlowMeter => Keying { scope: Scope::PortsInIpv4, ..keying },
        }
    }

    /// When flows end.
    pub fn timeouts(self, timeouts: Timeouts) -> Timeouts {
        match self {
            Self::None => timeouts,
            Self::CicFlowMeter(legacy) => legacy.timeouts(timeouts),
            Self::PyFlowMeter => {
                Timeouts { rules: Rules { ends: TcpEnd::AnotherSyn, forward: Forward::SourcePort }, ..timeouts }
            }
        }
    }

    /// True if it makes this error.
    pub fn has(self, quirk: Quirk) -> bool {
        matches!(self, Self::CicFlowMeter(legacy) if legacy.has(quirk))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_named_once_and_chosen_by_name() {
        for (at, (quirk, name, doc)) in QUIRKS.iter().enumerate() {
            assert!(doc.contains('.') && !QUIRKS[..at].iter().any(|(other, known, _)| known == name || other == quirk));
            let one = Legacy::of_names(&[(*name).to_owned()]).unwrap();
            assert!(one.has(*quirk) && Legacy::ALL.has(*quirk));
            assert_eq!(one.names(), [*name]);
        }
        assert_eq!(Legacy::ALL.names().len(), QUIRKS.len());
        assert!(Legacy::of_names(&["nonsense".to_owned()]).is_err());
    }

    #[test]
    fn flows_are_cut_as_cicflowmeter_cuts_them() {
        let ours = Timeouts { idle: 120, active: None, rules: Rules::default() };
        assert_eq!(Legacy::default().timeouts(ours), ours);
        let cut = Legacy::ALL.timeouts(ours);
        assert_eq!((cut.idle, cut.active), (i64::MAX, Some(120)));
        assert_eq!(cut.rules, Rules { ends: TcpEnd::FirstFin, forward: Forward::SourceAddress });
        assert_eq!(Legacy::ALL.timeouts(Timeouts { active: Some(60), ..ours }).active, Some(60));
        let keying = Legacy::ALL.keying(Keying::default());
        assert!(keying.others_are_0 && keying.scope == Scope::Ipv4);
    }
}
