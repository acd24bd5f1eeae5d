use proptest::prelude::*;

use super::super::trial::{C, S, same_in_bytes, survives, tell, tell_secrets};
use super::super::{Dissector, Events, Limits, Opening, Verdict};
use super::frame::PREFACE;
use super::{Conversation, MAX_KEPT, MAX_STREAMS, looks};
use crate::dissect::held::Held;
use crate::flow::Moment;

const PORTS: (u16, u16) = (40_000, 8_080);
const SETTINGS: &[u8] = b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64";

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Headers as they are, none of them to be kept in the table.
fn block(headers: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in headers {
        for (mark, text) in [(Some(0), name), (None, value)] {
            block.extend(mark);
            block.push(text.len() as u8);
            block.extend(text.bytes());
        }
    }
    block
}

fn get(path: &str) -> Vec<u8> {
    block(&[(":method", "GET"), (":path", path), (":authority", "h"), ("cookie", "geheim")])
}

fn hello(frames: &[Vec<u8>]) -> Vec<u8> {
    [PREFACE, SETTINGS, &frames.concat()].concat()
}

#[test]
fn streams_are_exchanges() {
    let post = block(&[(":method", "POST"), (":path", "/1"), (":authority", "x"), ("content-type", "a/b")]);
    let client = hello(&[
        // Headers with priority, in two frames; padded data.
        frame(1, 0x20, 1, &[&[0, 0, 0, 0, 9], &post[..10]].concat()),
        frame(9, 4, 1, &post[10..]),
        frame(1, 5, 3, &get("/3")),
        frame(0, 8, 1, b"\x02he\0\0"),
        frame(0, 1, 1, b"llo"),
    ]);
    let server = [
        SETTINGS.to_vec(),
        frame(4, 1, 0, b""),
        // Padded headers, data, trailers.
        frame(1, 12, 3, &[&[1][..], &block(&[(":status", "200"), ("content-length", "2")]), &[0]].concat()),
        frame(8, 0, 0, &[0, 0, 1, 0]),
        frame(0, 0, 3, b"ok"),
        frame(1, 5, 3, &block(&[("grpc-status", "0")])),
        frame(1, 4, 1, &block(&[(":status", "103")])),
        frame(1, 5, 1, &block(&[(":status", "204")])),
    ]
    .concat();
    let said: &[(_, &[u8])] = &[(C, &client), (S, &server)];
    let lines = [
        r#"{"_path":"http","first":1,"last":2,"trans_depth":2,"stream_id":3,"method":"GET","host":"h","uri":"/3","version":"2","request_body_len":0,"response_body_len":2,"status_code":200,"response_version":"2","request_headers":[{"name":":method","value":"GET"},{"name":":path","value":"/3"},{"name":":authority","value":"h"},{"name":"cookie"}],"response_headers":[{"name":":status","value":"200"},{"name":"content-length","value":"2"}],"response_trailers":[{"name":"grpc-status","value":"0"}],"resp_body":"ok","body_complete":true}"#,
        r#"{"_path":"http","first":1,"last":2,"trans_depth":1,"stream_id":1,"method":"POST","host":"x","uri":"/1","version":"2","request_body_len":5,"response_body_len":0,"status_code":204,"response_version":"2","info_code":103,"info_msg":"","orig_mime_types":["a/b"],"request_headers":[{"name":":method","value":"POST"},{"name":":path","value":"/1"},{"name":":authority","value":"x"},{"name":"content-type","value":"a/b"}],"response_headers":[{"name":":status","value":"204"}],"req_body":"hello","body_complete":true}"#,
    ];
    assert_eq!(tell(PORTS, said), lines);
    same_in_bytes(PORTS, said);
    assert!(tell_secrets(PORTS, said).concat().contains("geheim"));
}

#[test]
fn what_decoders_keep_is_bounded() {
    let post = block(&[(":method", "POST"), ("content-encoding", "br")]);
    // A block of Brotli of which 16 MiB follow as they are, so that its decoder keeps that much.
    let body = b"\xcf\xff\xff\xffno more";
    let mut conversation = Conversation::new(C, &Limits::default());
    let (mut out, mut most) = (Events::default(), 0);
    conversation.data(C, PREFACE, Moment::default(), &mut out);
    for number in 0..100 {
        let frames = [frame(1, 4, 2 * number + 1, &post), frame(0, 0, 2 * number + 1, body)].concat();
        conversation.data(C, &frames, Moment::default(), &mut out);
        most = most.max(conversation.held());
    }
    assert!((16 << 20..=MAX_KEPT).contains(&most), "{most}");
    assert_eq!(out.drain().count() + conversation.state.open.len(), 100);
}

#[test]
fn streams_that_are_open_are_bounded() {
    let mut conversation = Conversation::new(C, &Limits::default());
    let mut out = Events::default();
    let early = block(&[(":status", "103")]);
    for number in 0..2_000 {
        conversation.data(S, &frame(1, 4, 2 * number + 1, &early), Moment::default(), &mut out);
        assert!(conversation.state.open.len() <= MAX_STREAMS);
    }
    assert!(conversation.state.held > MAX_STREAMS);
    conversation.end(Moment::default(), &mut out);
    assert_eq!(conversation.state.held, 0);
}

#[test]
fn behind_an_upgrade_the_first_response_is_in_stream_1() {
    let client = hello(&[frame(1, 5, 3, &get("/3"))]);
    let server = [
        SETTINGS.to_vec(),
        frame(1, 4, 1, &block(&[(":status", "200")])),
        frame(0, 1, 1, b"one"),
        frame(1, 5, 3, &block(&[(":status", "404")])),
    ]
    .concat();
    let switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n";
    let said: &[(_, &[u8])] = &[
        (C, b"GET /1 HTTP/1.1\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"),
        (S, &[switch, SETTINGS].concat()),
        (C, &client),
        (S, &server[SETTINGS.len()..]),
    ];
    let told = tell(PORTS, said);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains(r#""uri":"/1""#) && told[0].contains(r#""status_code":101"#));
    assert!(told[1].contains(r#""stream_id":1"#) && told[1].contains(r#""resp_body":"one""#));
    assert!(told[2].contains(r#""uri":"/3""#) && told[2].contains(r#""status_code":404"#));
    same_in_bytes(PORTS, said);
}

#[test]
fn a_server_may_answer_what_it_promises() {
    let promise = [&[0, 0, 0, 2], &get("/pushed")[..]].concat();
    let server = [
        SETTINGS.to_vec(),
        frame(5, 4, 1, &promise),
        frame(1, 5, 2, &block(&[(":status", "200")])),
        frame(3, 0, 1, &[0, 0, 0, 8]),
        frame(7, 0, 0, b"\0\0\0\x01\0\0\0\x02because"),
    ]
    .concat();
    let told = tell(PORTS, &[(C, &hello(&[frame(1, 5, 1, &get("/1"))])), (S, &server)]);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains(r#""uri":"/pushed""#) && told[0].contains(r#""status_code":200"#));
    assert!(told[1].contains(r#""uri":"/1""#) && !told[1].contains("status_code"));
    assert!(told[2].contains(r#""name":"connection_error","addl":"2 because","peer":"http2""#));
}

/// Frames of unknown kinds are to be ignored (RFC 9113, 4.1), however long they are; but not inside headers.
#[test]
fn what_says_nothing_here_is_not_kept() {
    let mut conversation = Conversation::new(C, &Limits::default());
    let (mut out, at) = (Events::default(), Moment::default());
    for said in hello(&[frame(0xfa, 0, 0, &[0; 300 << 10]), frame(1, 5, 1, &get("/1"))]).chunks(1_000) {
        conversation.data(C, said, at, &mut out);
        assert!(conversation.held() < 64 << 10 && out.is_empty(), "{}", conversation.held());
    }
    conversation.end(at, &mut out);
    assert_eq!(out.drain().count(), 1);
    let told = tell(PORTS, &[(C, &hello(&[frame(1, 1, 1, &get("/1")), frame(0xfa, 0, 0, b"x"), frame(9, 4, 1, b"")]))]);
    assert_eq!(told, [r#"{"_path":"weird","first":1,"last":1,"name":"broken_header_block","peer":"http2"}"#]);
}

#[test]
fn what_makes_no_sense_ends_a_side() {
    let bad = [
        frame(9, 4, 1, b""),
        frame(1, 4, 1, b"\x80"),
        frame(1, 12, 1, b"\xff"),
        frame(1, 0x24, 1, b"\0\0"),
        frame(5, 4, 1, b"\0"),
        frame(0, 8, 1, b"\x05x"),
        [frame(1, 0, 1, b""), frame(0, 0, 1, b"x")].concat(),
        [frame(1, 0, 1, b""), frame(9, 4, 3, b"")].concat(),
        frame(1, 0, 1, &vec![0; super::MAX_BLOCK + 1]),
    ];
    for frames in bad {
        let told = tell(PORTS, &[(C, &hello(&[frames.clone(), frame(1, 5, 5, &get("/5"))])), (S, SETTINGS)]);
        assert!(told.concat().contains(r#""_path":"weird""#), "{told:?}");
        assert!(!told.concat().contains(r#""/5""#), "{told:?}");
    }
}

#[test]
fn many_streams_are_bounded() {
    let frames: Vec<_> = (0..3_000).map(|number| frame(1, 5, number * 2 + 1, &get("/"))).collect();
    let told = tell(PORTS, &[(C, &hello(&frames))]);
    assert_eq!(told.len(), 3_000);
    assert!(told[0].contains(r#""stream_id":1,"#) && MAX_STREAMS < 3_000);
}

/// A block of a few bytes that says the largest entry of the table again and again.
#[test]
fn headers_that_expand_are_bounded() {
    let mut bomb = vec![0x40, 1, b'x', 0x7f, 0x80, 0x1e];
    bomb.extend([b'y'; 127 + 0xf00]);
    bomb.extend([0xbe; 100_000]);
    let told = tell(PORTS, &[(C, &hello(&[frame(1, 5, 1, &bomb)])), (S, SETTINGS)]);
    assert!(told.concat().contains("too_many_headers"), "{}", &told.concat()[..200]);
    assert!(told.concat().len() < 1 << 20);
}

#[test]
fn others_are_not_http2() {
    let verdict = |client: &[u8], server: &[u8]| {
        looks(&Opening {
            originator: client,
            responder: server,
            ports: PORTS,
            datagrams: false,
            from_start: true,
            addresses: None,
        })
    };
    for client in [&b"GET / HTTP/1.1\r\n"[..], b"PRI * HTTP/1.1\r\n", b"\x16\x03\x01", b"PRX", SETTINGS] {
        assert!(matches!(verdict(client, b""), Verdict::No | Verdict::Perhaps));
        assert!(!matches!(verdict(client, b"HTTP/1.1 200 OK\r\n"), Verdict::Yes(_)));
    }
    assert_eq!(verdict(b"PRI * HTTP/1.1\r\n", b""), Verdict::No);
    assert_eq!(verdict(b"", b"220 x\r\n"), Verdict::No);
    assert_eq!(verdict(b"PRI * HT", b""), Verdict::Perhaps);
    assert_eq!(verdict(b"", SETTINGS), Verdict::Perhaps);
    assert_eq!(verdict(PREFACE, b""), Verdict::Yes(C));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn anything_is_survived(said in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..100)), 0..8)) {
        let mut all = vec![(false, hello(&[])), (true, SETTINGS.to_vec())];
        all.extend(said);
        survives(PORTS, false, &all);
    }

    #[test]
    fn any_frames_are_survived(
        frames in prop::collection::vec((any::<bool>(), 0_u8..10, any::<u8>(), 0_u32..4, prop::collection::vec(any::<u8>(), 0..40)), 0..20),
    ) {
        let mut all = vec![(false, hello(&[])), (true, SETTINGS.to_vec())];
        all.extend(frames.into_iter().map(|(side, kind, flags, stream, payload)| (side, frame(kind, flags, stream, &payload))));
        survives(PORTS, false, &all);
    }
}
