//! Which packets are wanted.

use super::Request;
use super::view::View;
use crate::command::Context;
use crate::error::{Error, Result};
use crate::packet::{Framing, LinkType, Packet};
use crate::rule::Filter;

/// All link types that libpcap may know: a filter that none of them accepts is a mistake.
const LINK_TYPES: std::ops::Range<u16> = 0..400;

/// Which packets are wanted: all that meet every condition.
pub(super) struct Wanted<'r> {
    request: &'r Request,
    /// The filter for each framing met, or why it cannot apply there.
    filters: Vec<(Framing, std::result::Result<Filter, String>)>,
}

impl<'r> Wanted<'r> {
    /// What a request asks for.
    ///
    /// # Errors
    /// A filter that libpcap rejects for all link types.
    pub(super) fn new(request: &'r Request) -> Result<Self> {
        if let Some(text) = &request.filter
            && let Err(reason) = Filter::compile(text, LinkType::ETHERNET)
            && !LINK_TYPES.into_iter().any(|number| Filter::compile(text, LinkType(number)).is_ok())
        {
            return Err(Error::request(format!("libpcap rejects the filter '{text}': {reason}")));
        }
        Ok(Self { request, filters: Vec::new() })
    }

    /// True if some packets are not wanted.
    pub(super) fn is_choosy(&self) -> bool {
        let Request { networks, ports, filter, .. } = self.request;
        !networks.is_empty() || !ports.is_empty() || filter.is_some()
    }

    /// True if a packet passes the filter.
    #[inline]
    pub(super) fn passes(&mut self, packet: &Packet) -> bool {
        let Some(text) = &self.request.filter else { return true };
        let framing = packet.interface.framing();
        let at = match self.filters.iter().position(|(known, _)| *known == framing) {
            Some(at) => at,
            None => {
                self.filters.push((framing, Filter::compile(text, framing)));
                self.filters.len() - 1
            }
        };
        self.filters[at].1.as_ref().is_ok_and(|filter| filter.matches(packet.bytes, packet.original_length))
    }

    /// True if a packet has one of the addresses, and one of the ports.
    #[inline]
    pub(super) fn has(&self, view: &View) -> bool {
        let Request { networks, ports, .. } = self.request;
        let of_network = || view.has_address(|address| networks.iter().any(|network| network.contains(address)));
        let of_port = || view.has_port(|port| ports.contains(&port));
        (networks.is_empty() || of_network()) && (ports.is_empty() || of_port())
    }

    /// Tells of link types to which the filter cannot apply.
    pub(super) fn tell(&self, context: &Context) {
        for (framing, filter) in &self.filters {
            if let Err(reason) = filter {
                context.note(format!("the filter passes no packets of link type {}: {reason}", framing.link_type));
            }
        }
    }
}
