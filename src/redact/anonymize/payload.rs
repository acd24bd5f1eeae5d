//! Payloads that stay: by their ports or their first bytes, those that are known to be full of names and addresses are
//! rewritten, or cut. All others stay as they are.

use super::pen::Pen;
use super::{Counts, Unread, dhcp, dhcpv6, dns, tls};
use crate::redact::walk::{Header, Kind};

/// The ports by which protocols are known.
mod port {
    /// DNS, multicast DNS, link-local multicast names.
    pub(super) const NAMES: [u16; 3] = [53, 5353, 5355];
    pub(super) const DHCP: [u16; 2] = [67, 68];
    pub(super) const DHCPV6: [u16; 2] = [546, 547];
    /// NetBIOS names and datagrams.
    pub(super) const NETBIOS: [u16; 2] = [137, 138];
    /// RIP and RIPng; HSRP and GLBP, which choose routers.
    pub(super) const ROUTING: [u16; 5] = [520, 521, 1985, 2029, 3222];
    pub(super) const BGP: [u16; 1] = [179];
}

/// Rewrites the payload that stands at this place of the headers.
pub(super) fn rewrite(pen: &mut Pen, headers: &[Header], at: usize, counts: &mut Counts) -> Result<(), Unread> {
    let before = at.checked_sub(1).and_then(|at| headers.get(at));
    let (Some(header), Some(transport)) = (headers.get(at), before) else { return Ok(()) };
    let Header { start, limit, .. } = *header;
    let has = |ports: &[u16]| pen.ports.iter().any(|port| ports.contains(port));
    let (names, dhcp, dhcpv6) = (has(&port::NAMES), has(&port::DHCP), has(&port::DHCPV6));
    let (netbios, routing, bgp) = (has(&port::NETBIOS), has(&port::ROUTING), has(&port::BGP));
    let (what, read) = match transport.kind {
        Kind::Udp if names => ("DNS", dns::message(pen, start, limit)),
        Kind::Udp if dhcp => ("DHCP", dhcp::message(pen, start, limit)),
        Kind::Udp if dhcpv6 => ("DHCPv6", dhcpv6::message(pen, start, limit)),
        // Little but names and addresses.
        Kind::Udp if netbios => ("NetBIOS", Err(start)),
        Kind::Udp if routing => ("routing protocols", Err(start)),
        Kind::Tcp if bgp => ("BGP", Err(start)),
        Kind::Tcp if names => ("DNS", dns::stream(pen, start, limit)),
        Kind::Tcp | Kind::Udp => {
            counts.split_names += u64::from(tls::server_name(pen, start, limit).is_err());
            return Ok(());
        }
        _ => return Ok(()),
    };
    read.map_err(|place| (what, place))
}
