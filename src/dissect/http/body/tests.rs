use crate::dissect::held::Held;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::super::coding::STEP;
use super::{Body, Budget};
use crate::dissect::Limits;
use crate::dissect::trial::{C, S, same_in_bytes, tell, tell_with};

const PORTS: (u16, u16) = (40_000, 80);

fn exchange(response: &[u8]) -> String {
    let told = tell(PORTS, &[(C, b"GET / HTTP/1.1\r\n\r\n"), (S, response)]);
    assert_eq!(told.len(), 1, "{told:?}");
    told.concat()
}

fn encoded(coding: &str, body: &[u8]) -> Vec<u8> {
    let response = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut response = response.into_bytes();
    response.extend(body);
    response
}

pub(in crate::dissect::http) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

#[test]
fn what_waits_to_be_told_has_no_decoders() {
    for (coding, bytes) in [("gzip", gzip(b"text")), ("zstd", zstd::encode_all(&b"text"[..], 3).unwrap())] {
        let mut body = Body::new(&[coding.to_owned(), coding.to_owned()], 10);
        body.take(&bytes[..bytes.len() - 1], &mut Budget::default());
        assert!(body.held() > STEP);
        body.finish();
        assert!(body.held() <= 10 && body.is_encoded());
    }
    let mut body = Body::new(&["gzip".to_owned()], 10);
    body.take(&[0x1f, 0x8b, 0xff, 0xff], &mut Budget::default());
    assert_eq!((body.held(), body.fault()), (0, Some("decoding_failed")));
}

#[test]
fn bodies_are_decoded() {
    let text = b"to be or not to be, that is the question; to be or not to be".repeat(4);
    let text = text.as_slice();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(text).unwrap();
    let mut bare = DeflateEncoder::new(Vec::new(), Compression::best());
    bare.write_all(text).unwrap();
    let zstd = zstd::encode_all(text, 3).unwrap();
    let cases = [
        ("gzip", gzip(text)),
        ("x-gzip, identity", gzip(text)),
        ("deflate", zlib.finish().unwrap()),
        ("deflate", bare.finish().unwrap()),
        ("zstd", zstd.clone()),
        ("br", BROTLI.to_vec()),
        ("zstd, gzip", gzip(&zstd)),
        ("gzip, gzip , gzip", gzip(&gzip(&gzip(text)))),
        ("gzip", [gzip(&text[..100]), gzip(&text[100..])].concat()),
        ("zstd", [zstd::encode_all(&text[..9], 3).unwrap(), zstd::encode_all(&text[9..], 3).unwrap()].concat()),
    ];
    for (coding, body) in cases {
        let response = encoded(coding, &body);
        let told = exchange(&response);
        let said = std::str::from_utf8(text).unwrap();
        assert!(told.contains(&format!(r#""resp_body":"{said}""#)), "{coding}: {told}");
        assert!(
            told.contains(r#""response_body_len":240"#) && told.contains(r#""body_complete":true"#),
            "{coding}: {told}"
        );
        same_in_bytes(PORTS, &[(C, b"GET / HTTP/1.1\r\n\r\n"), (S, &response)]);
        let mut half = encoded(coding, &body[..body.len() / 2]);
        assert!(exchange_and_weird(&half).contains(r#""body_complete":false"#), "{coding}");
        half.truncate(half.len() - 3);
        assert!(exchange_and_weird(&half).contains(r#""body_complete":false"#), "{coding}");
    }
}

fn exchange_and_weird(response: &[u8]) -> String {
    tell(PORTS, &[(C, b"GET / HTTP/1.1\r\n\r\n"), (S, response)]).concat()
}

#[test]
fn bodies_that_are_not_what_they_say() {
    let told = exchange_and_weird(&encoded("gzip", b"plain"));
    assert!(told.contains(r#""resp_body":"plain""#) && told.contains("body_is_not_in_its_coding"), "{told}");
    let told = exchange_and_weird(&encoded("rot13", b"cynva"));
    assert!(told.contains(r#""resp_body":"cynva""#) && told.contains("unknown_content_coding"), "{told}");
    let told = exchange_and_weird(&encoded("gzip, gzip, gzip, gzip, gzip", b"x"));
    assert!(told.contains("unknown_content_coding"), "{told}");
    let mut broken = gzip(&b"abc".repeat(100));
    let middle = broken.len() - 12;
    broken[middle] ^= 0xff;
    let told = exchange_and_weird(&encoded("gzip", &broken));
    assert!(told.contains("decoding_failed") && told.contains(r#""body_complete":false"#), "{told}");
}

/// Zeros, in codings on each other: what is decoded of them is bounded by what came.
#[test]
fn bombs_do_not_go_off() {
    let zeros = zstd::encode_all(std::io::repeat(0).take(64 << 20), 1).unwrap();
    for body in [zeros.clone(), zstd::encode_all(zeros.as_slice(), 1).unwrap()] {
        let coding = if body == zeros { "zstd" } else { "zstd, zstd" };
        let response = encoded(coding, &body);
        let told = exchange_and_weird(&response);
        assert!(told.contains("body_expands_too_much") && told.contains(r#""body_complete":false"#), "{}", told.len());
        assert!(told.len() < 1 << 20);
    }
}

#[test]
fn bodies_are_kept_up_to_the_limit_and_counted_in_full() {
    let limits = Limits { body: 4, ..Limits::default() };
    let said: &[(_, &[u8])] =
        &[(C, b"GET / HTTP/1.1\r\n\r\n"), (S, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nabcäö!".as_bytes())];
    let told = tell_with(&limits, PORTS, false, said).concat();
    assert!(told.contains(r#""response_body_len":8"#) && told.contains(r#""resp_body":"abc","#), "{told}");
    // A length of a gigabyte takes no memory.
    let told = exchange_and_weird(b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\nabc");
    assert!(told.contains(r#""resp_body":"abc""#) && told.contains(r#""body_complete":false"#));
}

/// The text of `bodies_are_decoded` as zlib.brotliCompressSync of Node.js has it.
#[rustfmt::skip]
const BROTLI: &[u8] = &[
    0x1b, 0xef, 0x00, 0x20, 0x8c, 0xd3, 0x65, 0xf6, 0xd3, 0x09, 0x8d, 0x1a, 0x84, 0x4e, 0x6e, 0x67, 0xbf, 0x89, 0xb9, 0x95, 0x85, 0x0d, 0x38, 0x70,
    0x8a, 0x21, 0xe0, 0x10, 0x07, 0xb6, 0x61, 0x22, 0x07, 0x14, 0x17, 0x7d, 0xfe, 0x1d, 0x8d, 0xbb, 0xc0, 0x49, 0x92, 0xc6, 0x8d, 0x91, 0xef, 0xe6,
];
