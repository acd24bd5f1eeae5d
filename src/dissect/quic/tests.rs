//! Connections of QUIC, and what is told of them: those of RFC 9001, appendix A, and others.

use proptest::prelude::*;

use super::keys::Keys;
use super::versions;
use crate::dissect::trial::{C, S, survives, tell_datagrams};
use crate::flow::Side;

/// The client's first frame: RFC 9001, A.2.
const CLIENT_FRAME: &str = "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c\
    00000413011302010000c000000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d00170018001000070005\
    04616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74\
    d748002b0003020304000d0010000e0403050306030203080408050806002d00020101001c00024001003900320408ffffffffffffff\
    ff05048000ffff07048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff";

/// The server's answer, protected: RFC 9001, A.3.
const SERVER: &str = "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554\
    780bb38cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8e\
    f4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee";

const ID: [u8; 8] = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];

fn hex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// A client's Initial packet with these frames.
fn initial(version: u32, id: &[u8], number: u32, frames: &[u8], length: usize) -> Vec<u8> {
    let [known, _] = versions::known(version).unwrap();
    let keys = Keys::new(known, id).unwrap();
    let first = if known.second { 0xd3 } else { 0xc3 };
    let payload = [frames, &vec![0; length - frames.len()]].concat();
    let length = 0x4000 | (4 + payload.len() + 16) as u16;
    let header = [&[first], &version.to_be_bytes()[..], &[id.len() as u8], id, &[0, 0], &length.to_be_bytes()].concat();
    keys.client.seal(&header, number, &payload)
}

/// CRYPTO frames for these parts of the hello.
fn crypto(parts: &[(usize, usize)]) -> Vec<u8> {
    let hello = hex(CLIENT_FRAME)[4..].to_vec();
    let frame = |&(start, end): &(usize, usize)| {
        let numbers = [start, end - start].map(|number| (0x4000 | number as u16).to_be_bytes());
        [&[6][..], &numbers.concat(), &hello[start..end]].concat()
    };
    parts.iter().flat_map(frame).collect()
}

fn told(said: &[(Side, Vec<u8>)]) -> Vec<String> {
    let pieces: Vec<(Side, &[u8])> = said.iter().map(|(side, bytes)| (*side, bytes.as_slice())).collect();
    tell_datagrams((40_000, 4_433), &pieces)
}

#[test]
fn a_packet_is_protected_as_the_standard_says() {
    let packet = initial(1, &ID, 2, &hex(CLIENT_FRAME), 1_162);
    assert_eq!(packet[..22], hex("c000000001088394c8f03e5157080000449e7b9aec34"));
    assert_eq!(packet[22..34], hex("d1b1c98dd7689fb8ec11d242"));
}

#[test]
fn hellos_are_told() {
    let told = told(&[(C, initial(1, &ID, 2, &hex(CLIENT_FRAME), 1_162)), (S, hex(SERVER))]);
    let line = concat!(
        r#"{"_path":"quic","first":1,"last":2,"version":"1","client_initial_dcid":"8394c8f03e515708","dcid_len":8,"#,
        r#""client_scid":"","scid_len":0,"server_scid":"f067a5502a4262b5","server_name":"example.com","#,
        r#""client_protocol":"alpn","client_alpn":["alpn"],"history":"ISis","retry":false,"tls_version":"TLSv13","#,
        r#""cipher":"TLS_AES_128_GCM_SHA256","curve":"x25519","resumed":false,"retried":false,"#,
    );
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with(line), "{told:?}");
    assert!(told[0].contains(r#""ja4":"q13d0211an_"#), "{told:?}");
}

#[test]
fn frames_come_in_any_order_and_in_several_packets() {
    let whole = told(&[(C, initial(1, &ID, 0, &hex(CLIENT_FRAME), 1_162))])[0].replace("\"IS\"", "");
    let said = [
        (C, initial(1, &ID, 0, &crypto(&[(200, 241), (50, 100)]), 1_000)),
        (C, initial(1, &ID, 1, &[crypto(&[(90, 150)]), vec![1, 0, 2, 0, 0, 0, 0], crypto(&[(0, 60)])].concat(), 1_000)),
        (C, initial(1, &ID, 2, &crypto(&[(100, 241)]), 1_000)),
    ];
    let told = told(&said)[0].replace("\"IIIS\"", "").replace("\"last\":3", "\"last\":1");
    assert_eq!(told, whole);
}

#[test]
fn every_version_is_told() {
    for (version, name) in
        [(0x6b33_43cf, "quicv2"), (0xff00_001d, "draft-29"), (0xff00_0017, "draft-23"), (0x1a2a_3a4a, "0x1a2a3a4a")]
    {
        let told = told(&[(C, initial(version, &ID, 0, &hex(CLIENT_FRAME), 1_162))]);
        assert!(told[0].contains(&format!(r#""version":"{name}""#)), "{told:?}");
        assert!(told[0].contains(r#""server_name":"example.com""#), "{told:?}");
    }
}

#[test]
fn a_client_begins_again_behind_a_retry() {
    let retry = [&[0xf0, 0, 0, 0, 1, 0, 8][..], b"retryretrytokentokentokentag1tag2tag3tag4"].concat();
    let said = [
        (C, initial(1, &ID, 0, &crypto(&[(0, 100)]), 1_000)),
        (S, retry),
        (C, initial(1, b"retryret", 1, &crypto(&[(0, 241)]), 1_000)),
    ];
    let told = told(&said);
    assert!(
        told[0].contains(r#""server_name":"example.com""#) && told[0].contains(r#""history":"IrIS","retry":true"#),
        "{told:?}"
    );
}

#[test]
fn versions_are_negotiated() {
    let negotiation = [&[0x80, 0, 0, 0, 0, 0, 8][..], &ID, &[0, 0, 0, 1, 0x6b, 0x33, 0x43, 0xcf]].concat();
    let told = told(&[(C, initial(0x1a2a_3a4a, &ID, 0, &crypto(&[(0, 100)]), 1_000)), (S, negotiation)]);
    assert!(told[0].contains(r#""version_negotiation":["1","quicv2"]"#), "{told:?}");
}

#[test]
fn packets_share_a_datagram() {
    let both =
        [initial(1, &ID, 0, &crypto(&[(0, 100)]), 300), initial(1, &ID, 1, &crypto(&[(100, 241)]), 900)].concat();
    assert!(told(&[(C, both)])[0].contains("example.com"));
}

#[test]
fn others_are_no_quic() {
    for other in [
        &b"\xc0\0\0\0\x01\0\0\0\0"[..],
        &[0x80; 60],
        &[0xc0; 1_200],
        b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\0\0\x01\0\x01",
    ] {
        assert!(!told(&[(C, other.to_vec())]).concat().contains("\"quic\""));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_panics(frames in prop::collection::vec(any::<u8>(), 0..200), more: Vec<u8>, place in 0..240_usize, byte: u8) {
        let mut server = hex(SERVER);
        let count = server.len();
        server[place % count] = byte;
        let said = vec![
            (false, initial(1, &ID, 0, &crypto(&[(0, 100)]), 300)),
            (false, initial(1, &ID, 1, &frames, 300)),
            (true, more),
            (true, server),
        ];
        for (_, bytes) in &said {
            survives((40_000, 443), true, &[(false, bytes[..bytes.len().min(place)].to_vec())]);
        }
        survives((40_000, 443), true, &said);
    }
}
