//! The options of `features` about rows of packets.

use crate::command::features::Request;
use crate::error::{Error, Result};
use crate::feature::PacketOptions;

/// Options of sets with a row for each packet.
#[derive(Debug, clap::Args)]
pub struct PacketArgs {
    /// With nprint: what stands where a header is absent, from -128 to 127 [default: -1]
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    fill: Option<i8>,
}

impl PacketArgs {
    /// What is asked for, with rows as nPrint writes them or not.
    pub(super) fn options(&self, as_nprint: bool) -> PacketOptions {
        PacketOptions { fill: self.fill, as_nprint }
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
