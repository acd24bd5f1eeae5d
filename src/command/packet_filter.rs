//! The filter that `--bpf` gives: which packets are wanted, in captures of whatever link types.

use super::Context;
use crate::error::{Error, Result};
use crate::packet::{Framing, LinkType, Packet};
use crate::rule::Filter;

/// Lets packets pass; all, if there is no filter.
pub(super) struct PacketFilter {
    text: Option<String>,
    /// The filter for each framing met, or why it cannot apply there.
    programs: Vec<(Framing, std::result::Result<Filter, String>)>,
}

impl PacketFilter {
    /// That of pcap-filter(7) which this text says.
    ///
    /// # Errors
    /// A filter that libpcap rejects for all link types.
    pub(super) fn new(text: Option<&str>) -> Result<Self> {
        if let Some(text) = text
            && let Err(reason) = Filter::compile(text, LinkType::ETHERNET)
            && !Filter::applies_somewhere(text)
        {
            return Err(Error::request(format!("libpcap rejects the filter '{text}': {reason}")));
        }
        Ok(Self { text: text.map(str::to_owned), programs: Vec::new() })
    }

    /// True if a packet passes.
    #[inline]
    pub(super) fn passes(&mut self, packet: &Packet) -> bool {
        let Some(text) = &self.text else { return true };
        let framing = packet.interface.framing();
        let at = match self.programs.iter().position(|(known, _)| *known == framing) {
            Some(at) => at,
            None => {
                self.programs.push((framing, Filter::compile(text, framing)));
                self.programs.len() - 1
            }
        };
        self.programs[at].1.as_ref().is_ok_and(|filter| filter.matches(packet.bytes, packet.original_length))
    }

    /// Tells of link types to which the filter cannot apply.
    pub(super) fn tell(&self, context: &Context) {
        for (framing, program) in &self.programs {
            if let Err(reason) = program {
                context.note(format!("the filter passes no packets of link type {}: {reason}", framing.link_type));
            }
        }
    }
}
