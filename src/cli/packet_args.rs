//! The options of `features` about rows of packets.

use clap::ValueEnum;

use crate::command::features::Request;
use crate::error::{Error, Result};
use crate::feature::{Masks, PacketOptions};

/// What else is zeroed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mask {
    /// Ports
    Ports,
    /// TCP's sequence and acknowledgement numbers
    Seq,
    /// Time to live, hop limit
    Ttl,
    /// IPv4's identification, IPv6's flow label and fragment identification
    Id,
    /// Options of TCP and IP
    Options,
    /// The values of TCP's timestamps
    Tstamp,
}

/// Options of sets with a row for each packet.
#[derive(Debug, clap::Args)]
pub struct PacketArgs {
    /// With bytes:N: what is zeroed besides addresses and checksums
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PARTS")]
    mask: Vec<Mask>,
    /// With nprint: what stands where a header is absent, from -128 to 127 [default: -1]
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    fill: Option<i8>,
}

impl PacketArgs {
    /// What is asked for, with rows as nPrint writes them or not.
    pub(super) fn options(&self, as_nprint: bool) -> PacketOptions {
        let has = |mask: Mask| self.mask.contains(&mask);
        let masks = Masks {
            ports: has(Mask::Ports),
            sequence: has(Mask::Seq),
            ttl: has(Mask::Ttl),
            identification: has(Mask::Id),
            options: has(Mask::Options),
            timestamps: has(Mask::Tstamp),
        };
        PacketOptions { masks, fill: self.fill, as_nprint }
    }
}

/// Sees that a request for rows of packets has no options about flows: `defaults` is a request without any.
pub(super) fn refuse_flow_options(request: &Request, defaults: &Request) -> Result<()> {
    let (keying, timeouts) = (request.keying, request.timeouts);
    let given = [
        ("--key", keying.vlan || keying.tunnel),
        ("--idle-timeout", timeouts.idle != defaults.timeouts.idle),
        ("--active-timeout", timeouts.active.is_some()),
        ("--max-flows", request.max_flows != defaults.max_flows),
        ("--activity", request.activity != defaults.activity),
        ("--names", request.set.names != defaults.set.names),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((option, _)) => {
            Err(Error::request(format!("{option} is about flows, and the rows are of packets")).advise("leave it out"))
        }
        None => Ok(()),
    }
}
