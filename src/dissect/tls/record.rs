//! The record `ssl`.

use super::certificate::Certificate;
use super::fingerprint::{Carrier, ja3, ja3s, ja4};
use super::handshake::{Alert, Handshake};
use super::hello::ClientHello;
use super::names;
use crate::dissect::record::records;
use crate::dissect::text::lossless;

/// Protocols and versions of a client that are told, at most.
const MAX_OFFERED: usize = 64;

records! {
    /// A handshake of TLS, DTLS or SSL.
    "ssl" Ssl {
        /// The version that the server chose: TLSv13, TLSv12, DTLSv12, SSLv3 and so on; a number if it has no name.
        version: Option<String>,
        /// The cipher suite that the server chose, by IANA's name.
        cipher: Option<String> => / "tls.cipher",
        /// The curve or group of the key exchange, by IANA's name.
        curve: Option<String> => / "tls.curve",
        /// The name of the server that the client asks for.
        server_name: Option<String> => / "tls.client.server_name",
        /// An earlier session is taken up.
        resumed: bool => / "tls.resumed",
        /// What names this session and the one that it takes up: the first 16 hexadecimal digits of the SHA-256 of session ids,
        /// tickets and identities of keys. Conversations that share one continue each other.
        sessions: Option<Vec<String>>,
        /// The protocol that the server chose, if it said so in clear: up to TLS 1.2.
        next_protocol: Option<String> => / "tls.next_protocol",
        /// The handshake came to its end.
        established: bool => / "tls.established",
        /// Its messages, a letter each, as Zeek has them: capitals are the client's.
        ssl_history: Option<String>,
        /// SHA-256 of the server's certificates, as hexadecimal digits.
        cert_chain_fps: Option<Vec<String>>,
        /// SHA-256 of the client's certificates.
        client_cert_chain_fps: Option<Vec<String>>,
        /// The owner of the server's first certificate.
        subject: Option<String> => / "tls.server.subject",
        /// Who signed it.
        issuer: Option<String> => / "tls.server.issuer",
        /// The owner of the client's first certificate.
        client_subject: Option<String> => / "tls.client.subject",
        /// Who signed it.
        client_issuer: Option<String> => / "tls.client.issuer",
        /// The highest version that the client offers.
        client_version: Option<String>,
        /// The versions that the client lists.
        client_versions: Option<Vec<String>>,
        /// The protocols that the client offers.
        client_alpn: Option<Vec<String>>,
        /// The server asked for another ClientHello.
        retried: bool,
        /// JA3 of the client.
        ja3: Option<String> => / "tls.client.ja3",
        /// JA3S of the server.
        ja3s: Option<String> => / "tls.server.ja3s",
        /// JA4 of the client.
        ja4: Option<String>,
        /// The certificates, the server's before the client's.
        certificates: Option<Vec<Certificate>>,
        /// Alerts that were not encrypted.
        alerts: Option<Vec<Alert>>,
    }
}

impl Handshake {
    /// As a record; whether a session is taken up, and whether the handshake came to its end, is known to who carries it.
    pub(super) fn ssl(&mut self, resumed: bool, established: bool) -> Ssl {
        let server = self.server_hello.as_ref();
        let offer = self.offer();
        let [clients, servers] = std::mem::take(&mut self.chains);
        let prints = |chain: &Option<Vec<Certificate>>| {
            chain.as_ref().map(|chain| chain.iter().map(|certificate| certificate.sha256.clone()).collect())
        };
        let leaf = |chain: &Option<Vec<Certificate>>| chain.as_ref().and_then(|chain| chain.first().cloned());
        let (server_leaf, client_leaf) = (leaf(&servers).unwrap_or_default(), leaf(&clients).unwrap_or_default());
        let is_certified = servers.is_some() || clients.is_some();
        Ssl {
            version: server.map(|hello| names::version(hello.version)),
            cipher: server.map(|hello| names::cipher(hello.cipher)),
            curve: self.curve.map(names::group),
            server_name: offer.server_name,
            resumed,
            sessions: self.sessions(),
            next_protocol: server.and_then(|hello| hello.alpn.as_deref()).map(lossless),
            established,
            ssl_history: Some(std::mem::take(&mut self.history)).filter(|history| !history.is_empty()),
            cert_chain_fps: prints(&servers),
            client_cert_chain_fps: prints(&clients),
            subject: server_leaf.subject,
            issuer: server_leaf.issuer,
            client_subject: client_leaf.subject,
            client_issuer: client_leaf.issuer,
            client_version: offer.version,
            client_versions: offer.versions,
            client_alpn: offer.alpn,
            retried: self.retried,
            ja3: offer.ja3,
            ja3s: server.map(ja3s),
            ja4: offer.ja4,
            certificates: is_certified.then(|| servers.into_iter().chain(clients).flatten().collect()),
            alerts: Some(std::mem::take(&mut self.alerts)).filter(|alerts| !alerts.is_empty()),
        }
    }

    /// What the client offers, as text.
    pub(in crate::dissect) fn offer(&self) -> Offer {
        let Some(hello) = &self.client_hello else { return Offer::default() };
        let fingerprint = |how: &dyn Fn(&ClientHello) -> String| (!hello.old).then(|| how(hello));
        let versions = hello.versions.iter().filter(|version| !names::is_grease(**version)).take(MAX_OFFERED);
        let alpn = hello.alpn.iter().take(MAX_OFFERED);
        Offer {
            version: Some(names::version(hello.highest(self.carrier == Carrier::Datagrams))),
            server_name: hello.server_name.as_deref().map(lossless),
            versions: (!hello.versions.is_empty()).then(|| versions.map(|version| names::version(*version)).collect()),
            alpn: (!hello.alpn.is_empty()).then(|| alpn.map(|name| lossless(name)).collect()),
            ja3: fingerprint(&ja3),
            ja4: fingerprint(&|hello| ja4(hello, self.carrier)),
        }
    }

    /// JA3S of the server.
    pub(in crate::dissect) fn ja3s(&self) -> Option<String> {
        self.server_hello.as_ref().map(ja3s)
    }
}

/// What a client offers, as text.
#[derive(Debug, Clone, Default)]
pub(in crate::dissect) struct Offer {
    pub(in crate::dissect) version: Option<String>,
    pub(in crate::dissect) server_name: Option<String>,
    pub(in crate::dissect) versions: Option<Vec<String>>,
    pub(in crate::dissect) alpn: Option<Vec<String>>,
    pub(in crate::dissect) ja3: Option<String>,
    pub(in crate::dissect) ja4: Option<String>,
}
