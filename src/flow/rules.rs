//! What flows other programs make of packets, where theirs are not ours: for features that shall be like theirs.

/// What of TCP ends a flow, and what is forward.
///
/// The default is ours: a connection that both sides closed, or that was reset, ends when it is opened again; forward
/// is the initiator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    /// What of TCP ends a flow.
    pub ends: TcpEnd,
    /// What is forward.
    pub forward: Forward,
}

/// What of TCP ends a flow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TcpEnd {
    /// A SYN of another sequence number, behind FIN from both sides and the ACK of the second, or behind RST.
    #[default]
    OpenedAgain,
    /// Such a SYN, whether the connection was closed or not: Wireshark's tcp.stream.
    AnotherSyn,
    /// The first FIN, of either side, which is the last packet; RST ends nothing: CICFlowMeter.
    FirstFin,
}

/// What is forward.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Forward {
    /// What the initiator sends: the sender of a SYN, the receiver of a SYN with ACK, else the sender of the first
    /// packet.
    #[default]
    Initiator,
    /// What has the first packet's source address; behind a timeout, that of the flow before: CICFlowMeter.
    SourceAddress,
    /// What has the first packet's source port: PyFlowMeter.
    SourcePort,
}

/// Which packets are in flows at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scope {
    /// Those of every IP protocol.
    #[default]
    All,
    /// Those of IPv4: CICFlowMeter.
    Ipv4,
    /// TCP and UDP in IPv4, not in tunnels: PyFlowMeter.
    PortsInIpv4,
}
