//! What was said: application protocols, recognised by their content, as records.
//!
//! A [`Session`] gets the bytes of a conversation as they come, both sides in order and gaps marked, and finds out which
//! protocol they are: each [`Protocol`] looks at how a conversation begins, and a port is a hint, no more. Then the
//! protocol's own [`Dissector`] makes records of the bytes, of the types that [`kinds`] lists. A type of record is a struct
//! whose fields are its columns: [`record::Record`]. Nothing here reads or writes, and no input panics; what makes no sense
//! is a [`Weird`] record, and a conversation that nobody recognises has none.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod asked;
mod buffer;
mod conn;
mod dialogue;
mod dns;
mod frames;
mod ftp;
mod held;
mod http;
mod http2;
mod imap;
mod lines;
mod login;
#[cfg(test)]
mod losses;
mod mail;
mod mongodb;
mod mysql;
mod opening;
mod pgsql;
mod pop3;
mod quic;
mod rdp;
pub mod record;
mod redis;
mod sasl;
mod scan;
mod session;
mod smtp;
mod socks;
mod sql;
mod ssh;
mod telnet;
mod text;
mod tls;
#[cfg(test)]
mod trial;
pub mod value;
mod weird;

pub use conn::Conn;
pub use dns::{Dns, SeedDns};
pub use held::Held;
pub use opening::{Opening, Protocol, Verdict};
pub use quic::Quic;
pub use record::{Event, Events, Field, Kind, Record};
pub use session::Session;
pub use tls::Ssl;
pub use value::Value;
pub use weird::Weird;

use crate::flow::{Moment, Side};

/// What dissectors may keep and tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Passwords and what stands for them are told.
    pub secrets: bool,
    /// At most so many bytes of a body are kept.
    pub body: usize,
    /// Each message of the DNS is a record, and not each query with its response.
    pub dns_messages: bool,
    /// Messages of the DNS are told in packet_analysis' form, each as a record.
    pub seed_dns: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { secrets: false, body: 64 << 10, dns_messages: false, seed_dns: false }
    }
}

/// Makes records of what one conversation's sides say.
///
/// Over TCP, `data` gets the bytes of a side in the order of the stream, cut anywhere; over UDP, one datagram at a time.
/// Both sides' bytes come in the order of their packets. What it keeps is asked for with every packet ([`Held`]): it must
/// be known without looking at much.
pub trait Dissector: Held + Send {
    /// Bytes of one side, which came at this moment.
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next;

    /// Bytes of one side are missing: so many. That they are is told already.
    fn gap(&mut self, side: Side, length: u64, at: Moment, out: &mut Events) -> Next;

    /// Before the first call of `data`: of this side, something is missing before the bytes that will come.
    fn begins_behind_gap(&mut self, _: Side) {}

    /// Nothing more will come: what waits is told as it is.
    fn end(&mut self, at: Moment, out: &mut Events);

    /// What is known of the conversation that follows: asked once, after [`Next::Anew`].
    fn behind(&mut self) -> Behind {
        Behind::default()
    }
}

/// A conversation behind another, as behind a proxy that was asked to go somewhere.
#[derive(Debug, Default)]
pub struct Behind {
    /// The port that the client was taken to, if it was.
    pub port: Option<u16>,
    /// What was said of it before the last `data`, as by a client that did not wait for the proxy's answer: whose, when.
    pub early: Vec<(Side, Moment, Vec<u8>)>,
}

/// What becomes of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It goes on.
    Same,
    /// It is of another protocol from here on, as behind STARTTLS, CONNECT, Upgrade: so many of the last bytes of `data`
    /// are of that already, and everything that follows; and before them what [`Dissector::behind`] has.
    Anew(usize),
    /// It is not understood any more; what follows is not looked at.
    Over,
}

/// Every protocol, in the order in which they are asked.
const PROTOCOLS: &[&Protocol] = &[
    &dns::DNS,
    &ftp::FTP,
    &http2::HTTP2,
    &http::HTTP,
    &imap::IMAP,
    &mongodb::MONGODB,
    &mysql::MYSQL,
    &pgsql::PGSQL,
    &pop3::POP3,
    &quic::QUIC,
    &rdp::RDP,
    &redis::REDIS,
    &smtp::SMTP,
    &socks::SOCKS,
    &ssh::SSH,
    &telnet::TELNET,
    &tls::TLS,
];

/// Every type of record.
pub fn kinds() -> Vec<&'static Kind> {
    vec![
        Conn::kind(),
        dns::Dns::kind(),
        ftp::Ftp::kind(),
        http::Http::kind(),
        imap::Imap::kind(),
        login::Auth::kind(),
        mongodb::Mongodb::kind(),
        mysql::Mysql::kind(),
        pgsql::Pgsql::kind(),
        pop3::Pop3::kind(),
        quic::Quic::kind(),
        rdp::Rdp::kind(),
        redis::Redis::kind(),
        smtp::Smtp::kind(),
        socks::Socks::kind(),
        ssh::Ssh::kind(),
        telnet::Telnet::kind(),
        tls::Ssl::kind(),
        Weird::kind(),
    ]
}

/// The names of all protocols.
pub fn protocols() -> impl Iterator<Item = &'static str> {
    PROTOCOLS.iter().map(|protocol| protocol.name)
}

/// Protocols whose records have another name, and which.
const OTHERWISE_NAMED: [(&str, &str); 2] = [("http2", "http"), ("tls", "ssl")];

/// The type of record of this name, or that of the protocol of this name.
pub fn kind_named(name: &str) -> Option<&'static Kind> {
    let path = OTHERWISE_NAMED.iter().find(|(protocol, _)| *protocol == name).map_or(name, |(_, path)| path);
    kinds().into_iter().find(|kind| kind.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_protocol_has_a_type_of_record() {
        for name in protocols().chain(["tls", "conn"]) {
            assert!(kind_named(name).is_some(), "{name}");
        }
        assert!(kind_named("carrier pigeon").is_none());
    }
}
