//! Conversations of TLS and DTLS, and what is told of them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use crate::dissect::trial::{C, S, same_in_bytes, survives, tell, tell_datagrams};
use crate::flow::Side;

/// A certificate of example.org that signed itself, made for this test.
const CERTIFICATE: &str = "\
    MIIB1TCCAXugAwIBAgICAQIwCgYIKoZIzj0EAwIwMjELMAkGA1UEBhMCREUxDTALBgNVBAoMBEEsIEIxFDASBgNVBAMMC2V4\
    YW1wbGUub3JnMB4XDTI2MTEyMTIzMTA0MFoXDTM2MTExODIzMTA0MFowMjELMAkGA1UEBhMCREUxDTALBgNVBAoMBEEsIEIx\
    FDASBgNVBAMMC2V4YW1wbGUub3JnMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE24TjLASGKfgP91gGvbX1BytqLu+THEr/\
    7Bhob2WUpnsy0QYyaMHvYNKwqSgl4cjU1UTcvYp4dmjaBYNCJBt8KaOBgDB+MB0GA1UdDgQWBBQEsmv6RzrpzqAkW7wWuMLN\
    ulMmyTAfBgNVHSMEGDAWgBQEsmv6RzrpzqAkW7wWuMLNulMmyTAPBgNVHRMBAf8EBTADAQH/MCsGA1UdEQQkMCKCC2V4YW1w\
    bGUub3JnhwTAAAIBgQ1hQGV4YW1wbGUub3JnMAoGCCqGSM49BAMCA0gAMEUCIFOcGfmq4s04We/Z4uwcHrIjCkqdt/qsu8NW\
    dQO+C7xDAiEA7obylnxOBqdDDmRILS6lHTWE9o8yWPL58NhTkITun7o=";

/// Bytes behind their length, in so many bytes.
fn vector(length: usize, bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u64).to_be_bytes()[8 - length..], bytes].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [vec![kind], vector(3, body)].concat()
}

fn record(kind: u8, bytes: &[u8]) -> Vec<u8> {
    [vec![kind, 3, 3], vector(2, bytes)].concat()
}

fn extensions(list: &[(u16, Vec<u8>)]) -> Vec<u8> {
    vector(
        2,
        &list
            .iter()
            .flat_map(|(kind, value)| [kind.to_be_bytes().to_vec(), vector(2, value)].concat())
            .collect::<Vec<_>>(),
    )
}

fn client_body(cookie: &[u8], versions: &[u8]) -> Vec<u8> {
    let offered = extensions(&[
        (0x1a1a, vec![]),
        (0, vector(2, &[vec![0], vector(2, b"www.example.org")].concat())),
        (10, vector(2, &[0x2a, 0x2a, 0, 29, 0, 23])),
        (11, vec![1, 0]),
        (13, vector(2, &[4, 3, 8, 4])),
        (16, vector(2, &[vector(1, b"h2"), vector(1, b"http/1.1")].concat())),
        (43, vector(1, versions)),
    ]);
    let random = [7; 32];
    [&[3, 3], &random[..], &[0], cookie, &[0, 8, 0x3a, 0x3a, 0x13, 1, 0xc0, 0x2f, 0, 0x9c, 1, 0], &offered].concat()
}

fn client_hello() -> Vec<u8> {
    message(1, &client_body(&[], &[0x4a, 0x4a, 3, 4, 3, 3]))
}

fn server_hello(random: &[u8; 32], cipher: [u8; 2], list: &[(u16, Vec<u8>)]) -> Vec<u8> {
    message(2, &[&[3, 3], &random[..], &[0], &cipher, &[0], &extensions(list)].concat())
}

fn certificate() -> Vec<u8> {
    message(11, &vector(3, &vector(3, &STANDARD.decode(CERTIFICATE).unwrap())))
}

/// A whole handshake of TLS 1.2; the server's messages are cut into records of so many bytes.
fn tls_12(cut: usize) -> Vec<(Side, Vec<u8>)> {
    let server = [
        server_hello(&[9; 32], [0xc0, 0x2f], &[(16, vector(2, &vector(1, b"h2")))]),
        certificate(),
        message(12, &[3, 0, 29, 1, 7, 0, 0]),
        message(14, &[]),
    ]
    .concat();
    let finished = [record(20, &[1]), record(22, &[0xaa; 40])].concat();
    vec![
        (C, record(22, &client_hello())),
        (S, server.chunks(cut).flat_map(|part| record(22, part)).collect()),
        (C, [record(22, &message(16, &[1, 2])), finished.clone()].concat()),
        (S, finished),
        (C, record(23, &[0xbb; 100])),
    ]
}

fn pieces(said: &[(Side, Vec<u8>)]) -> Vec<(Side, &[u8])> {
    said.iter().map(|(side, bytes)| (*side, bytes.as_slice())).collect()
}

#[test]
fn a_handshake_is_told_when_it_ends() {
    let told = tell((40_000, 4_430), &pieces(&tls_12(10_000)));
    assert_eq!(told.len(), 1, "{told:?}");
    let told = &told[0];
    for part in [
        r#"{"_path":"ssl","first":1,"last":4,"version":"TLSv12","cipher":"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256","#,
        r#""curve":"x25519","server_name":"www.example.org","resumed":false,"next_protocol":"h2","established":true,"#,
        r#""ssl_history":"CsxknGIi","cert_chain_fps":["9385259a0172154caf34a7f89b11b7d7c6d983af4d1376ca06906e3ebf0bab75"],"#,
        r#""subject":"CN=example.org,O=A\\, B,C=DE","issuer":"CN=example.org,O=A\\, B,C=DE","client_version":"TLSv13","#,
        r#""client_versions":["TLSv13","TLSv12"],"client_alpn":["h2","http/1.1"],"retried":false,"#,
        r#""ja3":"528100259cb8f1a06d911dd07ce90fc5","ja3s":"896415616b22361262d7a961b6325cfd","#,
        r#""ja4":"t13d0306h2_159d175d8039_fb71836bce29""#,
        r#""version":3,"serial":"0102","subject":"CN=example.org,O=A\\, B,C=DE","#,
        r#""not_valid_before":1795302640,"not_valid_after":2110662640,"san.dns":["example.org"],"#,
        r#""san.email":["a@example.org"],"san.uri":[],"san.ip":["192.0.2.1"]}]}"#,
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

#[test]
fn messages_are_cut_anywhere() {
    let whole = tell((40_000, 443), &pieces(&tls_12(10_000)));
    for cut in [1, 3, 4, 5, 50, 700] {
        assert_eq!(tell((40_000, 443), &pieces(&tls_12(cut))), whole);
    }
    same_in_bytes((40_000, 443), &pieces(&tls_12(10_000)));
    same_in_bytes((40_000, 4_430), &pieces(&tls_12(100)));
}

#[test]
fn tls_13_is_established_by_what_is_encrypted() {
    let retry = hex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c").try_into().unwrap();
    let chosen = |group: &[u8]| vec![(43, vec![3, 4]), (51, group.to_vec())];
    let said = |last: usize| {
        vec![
            (C, record(22, &client_hello())),
            (S, [record(22, &server_hello(&retry, [0x13, 1], &chosen(&[0, 23]))), record(20, &[1])].concat()),
            (C, [record(20, &[1]), record(22, &client_hello())].concat()),
            (S, record(22, &server_hello(&[9; 32], [0x13, 1], &chosen(&[0, 23, 0, 1, 4])))),
            (S, record(23, &[0xaa; 200])),
            (C, record(23, &vec![0xaa; last])),
        ]
    };
    let told = tell((40_000, 9_999), &pieces(&said(53)));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains(r#""version":"TLSv13","cipher":"TLS_AES_128_GCM_SHA256","curve":"secp256r1""#),
        "{told:?}"
    );
    assert!(told[0].contains(r#""established":true,"ssl_history":"CjiICsdD""#), "{told:?}");
    assert!(told[0].contains(r#""retried":true"#), "{told:?}");
    // That is an alert.
    assert!(tell((40_000, 9_999), &pieces(&said(19)))[0].contains(r#""established":false"#));
    same_in_bytes((40_000, 9_999), &pieces(&said(53)));
}

#[test]
fn an_alert_ends_it() {
    let said = [(C, record(22, &client_hello())), (S, record(21, &[2, 40]))];
    let told = tell((40_000, 443), &pieces(&said));
    assert!(told[0].contains(r#""established":false,"ssl_history":"Cl""#), "{told:?}");
    assert!(told[0].contains(r#""alerts":[{"from":"server","level":"fatal","description":"handshake_failure"}]"#));
}

#[test]
fn one_side_alone_is_told() {
    let of = |side| tls_12(100).into_iter().filter(|(other, _)| *other == side).collect::<Vec<_>>();
    let told = tell((40_000, 443), &pieces(&of(C)));
    assert!(
        told[0].contains(r#""server_name":"www.example.org","resumed":false,"established":true,"ssl_history":"CGID""#),
        "{told:?}"
    );
    let told = tell((40_000, 443), &pieces(&of(S)));
    assert!(told[0].contains(r#""subject":"CN=example.org"#) && told[0].contains(r#""established":false"#), "{told:?}");
}

#[test]
fn a_session_is_taken_up() {
    let finished = [record(20, &[1]), record(22, &[0xaa; 40])].concat();
    let server = [record(22, &server_hello(&[9; 32], [0xc0, 0x2f], &[])), finished.clone()].concat();
    let told = tell((40_000, 443), &pieces(&[(C, record(22, &client_hello())), (S, server), (C, finished)]));
    assert!(told[0].contains(r#""resumed":true,"established":true,"ssl_history":"CsiI""#), "{told:?}");
}

#[test]
fn ssl_2_is_told() {
    let hello = hex("802e0100020015000000100100800200800300800400800500800600400700c000112233445566778899aabbccddeeff");
    let told = tell((40_000, 443), &pieces(&[(C, hello.clone())]));
    assert!(told[0].contains(r#""ssl_history":"C","client_version":"SSLv2""#), "{told:?}");
    let server = [vec![0x80, 11 + 3 + 16, 4, 0, 1, 0, 2, 0, 0, 0, 3, 0, 16, 1, 0, 0x80], vec![5; 16]].concat();
    let told = tell((40_000, 4_433), &pieces(&[(C, hello), (S, server)]));
    assert!(told[0].contains(r#""version":"SSLv2""#), "{told:?}");
}

#[test]
fn what_is_lost_is_stepped_over() {
    let mut said: Vec<(bool, Vec<u8>)> = tls_12(10_000).into_iter().map(|(side, bytes)| (side == S, bytes)).collect();
    said[1].1.truncate(300);
    said.insert(2, (true, vec![]));
    assert!(survives((40_000, 443), false, &said) >= 2);
}

#[test]
fn lengths_are_bounded() {
    let endless = [vec![11, 0xff, 0xff, 0xff], vec![0; 10_000]].concat();
    let records: Vec<u8> = (0..100).flat_map(|_| record(22, &endless)).collect();
    let told = tell((40_000, 443), &[(C, &record(22, &client_hello())), (S, &records)]);
    assert!(told.iter().any(|line| line.contains("handshake_message_too_long")), "{told:?}");
}

#[test]
fn others_are_no_tls() {
    let others: [&[u8]; 9] = [
        b"GET / HTTP/1.1\r\n\r\n",
        b"220 x\r\n",
        b"SSH-2.0-x\r\n",
        b"\x16\x03\x01\x00",
        b"EHLO x\r\n",
        b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0",
        b"\x17\x03\x03\0\x02xxyyyyyyy",
        b"\x80\x80\x01\x03\x01aaaaaaaaaaaaaaaa",
        b"*1\r\n$4\r\nPING\r\n",
    ];
    for other in others {
        assert!(!tell((40_000, 4_430), &[(C, other)]).concat().contains("\"ssl\""), "{other:?}");
    }
}

fn datagram(number: u64, kind: u8, epoch: u8, bytes: &[u8]) -> Vec<u8> {
    [&[kind, 0xfe, 0xfd, 0, epoch][..], &number.to_be_bytes()[2..], &vector(2, bytes)].concat()
}

/// A message of DTLS in fragments of so many bytes.
fn fragments(kind: u8, number: u8, body: &[u8], size: usize) -> Vec<Vec<u8>> {
    let length = &(body.len() as u32).to_be_bytes()[1..];
    let parts = body.chunks(size).enumerate();
    parts
        .map(|(n, part)| {
            [&[kind], length, &[0, number], &((n * size) as u32).to_be_bytes()[1..], &vector(3, part)].concat()
        })
        .collect()
}

#[test]
fn fragments_of_dtls_come_in_any_order() {
    let body = client_body(&[0], &[0xfe, 0xfc, 0xfe, 0xfd]);
    let mut said: Vec<(Side, Vec<u8>)> =
        fragments(1, 0, &body, 50).iter().enumerate().map(|(n, part)| (C, datagram(n as u64, 22, 0, part))).collect();
    said.reverse();
    said.push((S, datagram(0, 22, 0, &fragments(2, 0, &server_hello(&[9; 32], [0xc0, 0x2f], &[])[4..], 9_999)[0])));
    said.push((S, datagram(1, 22, 0, &fragments(11, 1, &certificate()[4..], 9_999)[0])));
    for side in [C, S] {
        said.push((side, [datagram(9, 20, 0, &[1]), datagram(0, 22, 1, &[0xaa; 40])].concat()));
    }
    let told = tell_datagrams((40_000, 5_684), &pieces(&said));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains(r#""server_name":"www.example.org","resumed":false,"established":true,"ssl_history":"CsxIi""#),
        "{told:?}"
    );
    assert!(told[0].contains(r#""subject":"CN=example.org"#) && told[0].contains(r#""ja4":"dd3d0306h2_"#), "{told:?}");
}

#[test]
fn dtls_13_is_established_by_what_is_encrypted() {
    let client = client_body(&[0], &[0xfe, 0xfc]);
    let server = server_hello(&[9; 32], [0x13, 1], &[(43, vec![0xfe, 0xfc])]);
    let said = [
        (C, datagram(0, 22, 0, &fragments(1, 0, &client, 9_999)[0])),
        (S, datagram(0, 22, 0, &fragments(2, 0, &server[4..], 9_999)[0])),
        (S, vec![0x2e; 60]),
        (C, vec![0x2e; 60]),
        // Of the handshake, nothing comes behind that.
        (S, datagram(1, 21, 0, &[1, 0])),
    ];
    let told = tell_datagrams((40_000, 5_684), &pieces(&said));
    assert!(told[0].contains(r#""version":"DTLSv13""#), "{told:?}");
    assert!(told[0].contains(r#""established":true,"ssl_history":"Cs""#), "{told:?}");
}

fn hex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_panics(said in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..200)), 0..8), datagrams: bool) {
        let prefixed: Vec<_> = said.into_iter().map(|(side, bytes)| match bytes.first() {
            Some(first) if first % 2 == 0 => (side, [vec![20 + first % 5, 3, 3, 0, 90], bytes].concat()),
            _ => (side, bytes),
        }).collect();
        survives((40_000, 443), datagrams, &prefixed);
    }

    #[test]
    fn nothing_panics_in_what_was_changed(changes in prop::collection::vec((0..2_000_usize, any::<u8>()), 0..6), cut in 1..800_usize) {
        let mut said: Vec<(bool, Vec<u8>)> = tls_12(cut).into_iter().map(|(side, bytes)| (side == S, bytes)).collect();
        for (place, byte) in changes {
            let (_, bytes) = &mut said[place % 4];
            let place = place % bytes.len();
            bytes[place] = byte;
        }
        survives((40_000, 443), false, &said);
    }
}
