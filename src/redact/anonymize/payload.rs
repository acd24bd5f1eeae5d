//! Payloads that stay: those that are known to be full of names and addresses are rewritten, by their ports or their first
//! bytes. All others stay as they are.

use super::pen::Pen;
use super::{Counts, Unread, dhcp, dhcpv6, dns, tls};
use crate::redact::walk::{Header, Kind};

/// The ports by which protocols are known.
mod port {
    /// DNS, multicast DNS, link-local multicast names.
    pub(super) const NAMES: [u16; 3] = [53, 5353, 5355];
    pub(super) const DHCP: [u16; 2] = [67, 68];
    pub(super) const DHCPV6: [u16; 2] = [546, 547];
}

/// Rewrites the payload that stands at this place of the headers.
pub(super) fn rewrite(pen: &mut Pen, headers: &[Header], at: usize, counts: &mut Counts) -> Result<(), Unread> {
    let before = at.checked_sub(1).and_then(|at| headers.get(at));
    let (Some(header), Some(transport)) = (headers.get(at), before) else { return Ok(()) };
    let Header { start, limit, .. } = *header;
    let has = |ports: &[u16]| pen.ports.iter().any(|port| ports.contains(port));
    let (names, dhcp, dhcpv6) = (has(&port::NAMES), has(&port::DHCP), has(&port::DHCPV6));
    let (what, read) = match transport.kind {
        Kind::Udp if names => ("DNS", dns::message(pen, start, limit)),
        Kind::Udp if dhcp => ("DHCP", dhcp::message(pen, start, limit)),
        Kind::Udp if dhcpv6 => ("DHCPv6", dhcpv6::message(pen, start, limit)),
        Kind::Tcp if names => ("DNS", dns::stream(pen, start, limit)),
        Kind::Tcp | Kind::Udp => {
            counts.split_names += u64::from(tls::server_name(pen, start, limit).is_err());
            return Ok(());
        }
        _ => return Ok(()),
    };
    read.map_err(|place| (what, place))
}
