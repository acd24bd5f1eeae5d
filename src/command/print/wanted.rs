//! Which packets are wanted.

use super::Request;
use super::view::View;
use crate::command::packet_filter::PacketFilter;
use crate::error::Result;

/// Which packets are wanted: all that meet every condition.
pub(super) struct Wanted<'r> {
    request: &'r Request,
    pub(super) filter: PacketFilter,
}

impl<'r> Wanted<'r> {
    /// What a request asks for.
    ///
    /// # Errors
    /// A filter that libpcap rejects for all link types.
    pub(super) fn new(request: &'r Request) -> Result<Self> {
        Ok(Self { request, filter: PacketFilter::new(request.filter.as_deref())? })
    }

    /// True if some packets are not wanted.
    pub(super) fn is_choosy(&self) -> bool {
        let Request { networks, ports, filter, .. } = self.request;
        !networks.is_empty() || !ports.is_empty() || filter.is_some()
    }

    /// True if a packet has one of the addresses, and one of the ports.
    #[inline]
    pub(super) fn has(&self, view: &View) -> bool {
        let Request { networks, ports, .. } = self.request;
        let of_network = || view.has_address(|address| networks.iter().any(|network| network.contains(address)));
        let of_port = || view.has_port(|port| ports.contains(&port));
        (networks.is_empty() || of_network()) && (ports.is_empty() || of_port())
    }
}
