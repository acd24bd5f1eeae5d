//! What is told of a request to a proxy.

use std::net::IpAddr;

use super::wire::{Address, NO_METHOD, Reply, Request};
use crate::dissect::record::records;
use crate::dissect::text::lossless;

records! {
    /// A request to a SOCKS proxy and its reply; for `bind`, a second reply is told alike.
    "socks" Socks {
        /// The version: 4 (4A too) or 5.
        version: u8,
        /// How the client shows who it is, as the proxy chose: none, gssapi, password, or a number.
        method: Option<String>,
        /// The user.
        user: Option<String> => / "user.name",
        /// The password, only with `--secrets`.
        password: Option<String>,
        /// What is asked for: connect, bind, udp_associate; of Tor's, resolve and resolve_ptr.
        command: Option<&'static str>,
        /// What the proxy says to that.
        status: Option<String>,
        /// Where the client wants to go, as an address.
        request_host: Option<IpAddr> => "request.host",
        /// The same, as a name.
        request_name: Option<String> => "request.name",
        /// And its port.
        request_p: Option<u16>,
        /// From where the proxy goes there; for `bind` where it listens, and then who came.
        bound_host: Option<IpAddr> => "bound.host",
        /// The same, as a name.
        bound_name: Option<String> => "bound.name",
        /// And its port.
        bound_p: Option<u16>,
    }
}

impl Socks {
    /// What a client wants.
    pub(super) fn asks(&mut self, request: Request) {
        let Request { version, command, to: Address { host, name, port }, user } = request;
        self.version = version;
        self.command = Some(command_name(command));
        (self.request_host, self.request_name) = (host, name.map(|name| lossless(&name)));
        self.request_p = Some(port);
        self.user = self.user.take().or(user.filter(|user| !user.is_empty()).map(|user| lossless(&user)));
    }

    /// What the proxy says to that.
    pub(super) fn answers(&mut self, reply: Reply) {
        self.status = Some(status_name(reply.version, reply.code));
        let bound = reply.bound.as_ref();
        self.bound_host = bound.and_then(|bound| bound.host);
        self.bound_name = bound.and_then(|bound| bound.name.as_deref()).map(lossless);
        self.bound_p = bound.map(|bound| bound.port);
    }
}

/// The name of a method; its number, if it is none of RFC 1928.
pub(super) fn method_name(method: u8) -> String {
    match method {
        0 => "none".to_owned(),
        1 => "gssapi".to_owned(),
        2 => "password".to_owned(),
        NO_METHOD => "no_acceptable".to_owned(),
        method => method.to_string(),
    }
}

fn command_name(command: u8) -> &'static str {
    match command {
        1 => "connect",
        2 => "bind",
        3 => "udp_associate",
        0xf0 => "resolve",
        _ => "resolve_ptr",
    }
}

/// What a code of a version means, as Zeek has it.
fn status_name(version: u8, code: u8) -> String {
    let name = match (version, code) {
        (5, 0) | (4, 90) => "succeeded",
        (5, 1) | (4, 91) => "general SOCKS server failure",
        (5, 2) => "connection not allowed by ruleset",
        (5, 3) => "Network unreachable",
        (5, 4) => "Host unreachable",
        (5, 5) => "Connection refused",
        (5, 6) => "TTL expired",
        (5, 7) => "Command not supported",
        (5, 8) => "Address type not supported",
        (4, 92) => "request failed because client is not running identd",
        (4, 93) => "request failed because client's identd could not confirm the user ID string in the request",
        (_, code) => return format!("unknown-{code}"),
    };
    name.to_owned()
}
