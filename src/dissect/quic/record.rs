//! The record `quic`.

use crate::dissect::record::records;

records! {
    /// How a connection of QUIC began.
    "quic" Quic {
        /// The version that was spoken last: 1, quicv2, draft-29 and so on; a number if it has no name.
        version: Option<String>,
        /// The connection id to which the client sent its first packet, in hexadecimal digits.
        client_initial_dcid: Option<String>,
        /// Its length.
        dcid_len: Option<u64> => in "bytes",
        /// The connection id that the client took for itself.
        client_scid: Option<String>,
        /// Its length.
        scid_len: Option<u64> => in "bytes",
        /// The connection id that the server took for itself.
        server_scid: Option<String>,
        /// The name of the server that the client asks for.
        server_name: Option<String> => / "tls.client.server_name",
        /// The first protocol that the client offers.
        client_protocol: Option<String>,
        /// All of them.
        client_alpn: Option<Vec<String>>,
        /// Its packets, a letter each: I Initial, Z 0-RTT, H Handshake, R Retry, V version negotiation, C close, S hello;
        /// capitals are the client's.
        history: String,
        /// The versions that the server offered in place of the client's.
        version_negotiation: Option<Vec<String>>,
        /// The server sent a Retry, and the client began again.
        retry: bool,
        /// The version of TLS that the server chose.
        tls_version: Option<String>,
        /// The cipher suite that the server chose, by IANA's name.
        cipher: Option<String> => / "tls.cipher",
        /// The group of the key exchange, by IANA's name.
        curve: Option<String> => / "tls.curve",
        /// An earlier session is taken up.
        resumed: bool => / "tls.resumed",
        /// What names this session and the one that it takes up, as in `ssl`.
        sessions: Option<Vec<String>>,
        /// The server asked for another ClientHello.
        retried: bool,
        /// JA3 of the client.
        ja3: Option<String> => / "tls.client.ja3",
        /// JA3S of the server.
        ja3s: Option<String> => / "tls.server.ja3s",
        /// JA4 of the client.
        ja4: Option<String>,
    }
}
