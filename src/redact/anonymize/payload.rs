//! Payloads that stay: by their ports or their first bytes, those that are known to be full of names and addresses are
//! rewritten, or cut. All others stay as they are.

use super::pen::Pen;
use super::{Counts, Reason, Unread, dhcp, dhcpv6, dns, sctp, tls};
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
    /// VXLAN and Geneve, which one side speaks alone; GTP-U and Teredo.
    pub(super) const TUNNELS_TO: [u16; 2] = [4789, 6081];
    pub(super) const TUNNELS: [u16; 2] = [2152, 3544];
}

/// Rewrites the payload that stands at this place of the headers.
pub(super) fn rewrite(
    pen: &mut Pen,
    headers: &[Header],
    at: usize,
    counts: &mut Counts,
) -> Result<(), (Reason, usize)> {
    let before = at.checked_sub(1).and_then(|at| headers.get(at));
    let (Some(header), Some(transport)) = (headers.get(at), before) else { return Ok(()) };
    let Header { start, limit, .. } = *header;
    let read = match transport.kind {
        Kind::Udp => datagram(pen, (start, limit), counts),
        Kind::Tcp => segment(pen, (start, limit), counts),
        Kind::Sctp => sctp::chunks(pen, start, limit).map_err(|place| ("SCTP", place)),
        // What a later fragment goes on with is told by the first one alone, which may be in no capture.
        Kind::Ipv4 | Kind::Ipv6 | Kind::HopByHop | Kind::Routing | Kind::FragmentHeader | Kind::DestinationOptions => {
            return Err((Reason::Fragment, start));
        }
        _ => Ok(()),
    };
    read.map_err(|(what, place)| (Reason::Message(what), place))
}

fn datagram(pen: &mut Pen, (start, limit): (usize, usize), counts: &mut Counts) -> Result<(), Unread> {
    let [_, to] = pen.ports;
    let has = |ports: &[u16]| pen.ports.iter().any(|port| ports.contains(port));
    let (names, dhcp, dhcpv6) = (has(&port::NAMES), has(&port::DHCP), has(&port::DHCPV6));
    let (netbios, routing) = (has(&port::NETBIOS), has(&port::ROUTING));
    let tunnel = has(&port::TUNNELS) || port::TUNNELS_TO.contains(&to);
    let (what, read) = match () {
        () if names => ("DNS", dns::message(pen, start, limit)),
        () if dhcp => ("DHCP", dhcp::message(pen, start, limit)),
        () if dhcpv6 => ("DHCPv6", dhcpv6::message(pen, start, limit)),
        // Little but names and addresses.
        () if netbios => ("NetBIOS", Err(start)),
        () if routing => ("routing protocols", Err(start)),
        // The walk would have found the packet inside, but in fragments or in a form of its own.
        () if tunnel => ("tunnels", Err(start)),
        () => return hello(pen, (start, limit), counts),
    };
    read.map_err(|place| (what, place))
}

fn segment(pen: &mut Pen, (start, limit): (usize, usize), counts: &mut Counts) -> Result<(), Unread> {
    let has = |ports: &[u16]| pen.ports.iter().any(|port| ports.contains(port));
    let (names, bgp) = (has(&port::NAMES), has(&port::BGP));
    match () {
        () if bgp => Err(("BGP", start)),
        () if names => dns::stream(pen, start, limit).map_err(|place| ("DNS", place)),
        () => hello(pen, (start, limit), counts),
    }
}

/// The beginning of TLS or DTLS, if it is one.
fn hello(pen: &mut Pen, (start, limit): (usize, usize), counts: &mut Counts) -> Result<(), Unread> {
    counts.split_names += u64::from(tls::server_name(pen, start, limit).is_err());
    Ok(())
}
