use proptest::prelude::*;

use super::super::trial::{C, OTHERS, S, same_in_bytes, survives, tell, tell_secrets, tell_with_gaps};
use super::*;

/// What both sides say, in order.
type Said<'a> = Vec<(Side, &'a [u8])>;

const PORTS: (u16, u16) = (40_000, 40_001);
const GET: &[u8] = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
const NO_CONTENT: &[u8] = b"HTTP/1.1 204 x\r\n\r\n";
/// To `name`, port 80; and the answer, from 10.0.0.2, port 4660.
const BY_NAME: &[u8] = b"\x05\x01\0\x03\x04name\0\x50";
const TAKEN: &[u8] = b"\x05\0\0\x01\x0a\0\0\x02\x12\x34";

/// A login, a request and what goes through.
fn conversation() -> Said<'static> {
    vec![
        (C, b"\x05\x03\0\x02\x01"),
        (S, b"\x05\x02"),
        (C, b"\x01\x04anna\x02pw"),
        (S, b"\x01\0"),
        (C, BY_NAME),
        (S, TAKEN),
        (C, GET),
        (S, NO_CONTENT),
    ]
}

const HTTP_BEHIND: &str = r#""trans_depth":1,"method":"GET","host":"a","uri":"/x","version":"1.1""#;

#[test]
fn what_goes_through_is_dissected() {
    let told = tell(PORTS, &conversation());
    assert_eq!(
        told[..2],
        [
            r#"{"_path":"auth","first":3,"last":4,"service":"socks","user":"anna","secret_kind":"plain","mechanism":"username/password","result":"success","server_code":"0","attempt":1}"#,
            r#"{"_path":"socks","first":1,"last":6,"version":5,"method":"password","user":"anna","command":"connect","status":"succeeded","request.name":"name","request_p":80,"bound.host":"10.0.0.2","bound_p":4660}"#,
        ]
    );
    assert!(told.len() == 3 && told[2].contains(HTTP_BEHIND) && told[2].contains(r#""status_code":204"#), "{told:?}");
    same_in_bytes(PORTS, &conversation());
    let told = tell_secrets(PORTS, &conversation()).concat();
    assert_eq!((told.matches(r#""password":"pw""#).count(), told.matches(r#""secret":"pw""#).count()), (1, 1));
}

#[test]
fn version_4_is_told() {
    let said: Said =
        vec![(C, b"\x04\x01\0\x50\x0a\0\0\x01anna\0"), (S, b"\0\x5a\0\0\0\0\0\0"), (C, GET), (S, NO_CONTENT)];
    let told = tell(PORTS, &said);
    assert_eq!(
        told[0],
        r#"{"_path":"socks","first":1,"last":2,"version":4,"user":"anna","command":"connect","status":"succeeded","request.host":"10.0.0.1","request_p":80,"bound.host":"0.0.0.0","bound_p":0}"#
    );
    assert!(told.len() == 2 && told[1].contains(HTTP_BEHIND), "{told:?}");
    same_in_bytes(PORTS, &said);
    // 4A; and no.
    let said: Said = vec![(C, b"\x04\x01\0\x50\0\0\0\x01\0name\0"), (S, b"\0\x5c\0\0\0\0\0\0")];
    let no = "request failed because client is not running identd";
    let line = format!(
        r#"{{"_path":"socks","first":1,"last":2,"version":4,"command":"connect","status":"{no}","request.name":"name","request_p":80}}"#
    );
    assert_eq!(tell(PORTS, &said), [line]);
    same_in_bytes(PORTS, &said);
}

#[test]
fn bind_has_two_replies() {
    let said: Said = vec![
        (C, b"\x05\x01\0"),
        (S, b"\x05\0"),
        (C, b"\x05\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\x15"),
        (S, TAKEN),
        (S, b"\x05\0\0\x03\x01x\0\x14"),
        (S, GET),
        (C, NO_CONTENT),
    ];
    let told = tell(PORTS, &said);
    let asked =
        r#""version":5,"method":"none","command":"bind","status":"succeeded","request.host":"::1","request_p":21"#;
    assert_eq!(
        told[..2],
        [
            format!(r#"{{"_path":"socks","first":1,"last":4,{asked},"bound.host":"10.0.0.2","bound_p":4660}}"#),
            format!(r#"{{"_path":"socks","first":5,"last":5,{asked},"bound.name":"x","bound_p":20}}"#),
        ]
    );
    assert!(told.len() == 3 && told[2].contains(HTTP_BEHIND), "{told:?}");
    same_in_bytes(PORTS, &said);
}

#[test]
fn where_nothing_goes_through_nothing_is_looked_for() {
    let after = |request: &'static [u8], reply: &'static [u8]| -> Vec<String> {
        let said: Said = vec![(C, b"\x05\x01\0"), (S, b"\x05\0"), (C, request), (S, reply), (C, GET), (S, NO_CONTENT)];
        same_in_bytes(PORTS, &said);
        tell(PORTS, &said)
    };
    let udp = after(b"\x05\x03\0\x01\0\0\0\0\0\0", TAKEN);
    assert!(udp.len() == 1 && udp[0].contains(r#""command":"udp_associate","status":"succeeded""#), "{udp:?}");
    // The address behind a failure is not there, or not whole.
    for reply in [&b"\x05\x05"[..], b"\x05\x05\0\x01\0\0\0\0\0\0"] {
        let failed = after(BY_NAME, reply);
        assert!(
            failed.len() == 1
                && failed[0].ends_with(r#""status":"Connection refused","request.name":"name","request_p":80}"#),
            "{failed:?}"
        );
    }
    let none = tell(PORTS, &[(C, b"\x05\x01\0"), (S, b"\x05\xff")]);
    assert_eq!(none, [r#"{"_path":"socks","first":1,"last":2,"version":5,"method":"no_acceptable"}"#]);
    let said: Said = vec![(C, b"\x05\x01\x02"), (S, b"\x05\x02"), (C, b"\x01\x01a\x01b"), (S, b"\x01\x01"), (C, GET)];
    let refused = tell(PORTS, &said);
    assert!(refused[0].contains(r#""result":"failure","server_code":"1""#), "{refused:?}");
    assert!(refused.len() == 2 && refused[1].contains(r#""status":"authentication failed""#), "{refused:?}");
}

/// The client does not wait for answers.
#[test]
fn who_is_early_is_not_lost() {
    let client = [b"\x05\x01\0", BY_NAME, GET].concat();
    let server = [b"\x05\0", TAKEN, NO_CONTENT].concat();
    let said: Said = vec![(C, &client), (S, &server)];
    let told = tell(PORTS, &said);
    assert!(told.len() == 2 && told[1].contains(HTTP_BEHIND) && told[1].contains("204"), "{told:?}");
    same_in_bytes(PORTS, &said);
    // Nor is a proxy whose packets are in the capture before those that they answer.
    let said: Said =
        vec![(S, &server[..2]), (C, &client[..3]), (S, &server[2..12]), (C, &client[3..]), (S, NO_CONTENT)];
    let told = tell(PORTS, &said);
    assert!(told.len() == 2 && told[1].contains(HTTP_BEHIND) && told[1].contains("204"), "{told:?}");
}

/// What is behind the proxy is at the port that was asked for.
#[test]
fn the_port_behind_is_a_hint() {
    let said: Said = vec![
        (C, b"\x05\x01\0"),
        (S, b"\x05\0"),
        (C, b"\x05\x01\0\x01\x0a\0\0\x01\0\x15"),
        (S, TAKEN),
        (S, b"220 ready\r\n"),
        (C, b"PWD\r\n"),
        (S, b"257 \"/\"\r\n"),
    ];
    let told = tell((40_000, 1080), &said);
    assert!(told.len() == 3 && told[2].contains(r#""command":"PWD""#), "{told:?}");
}

#[test]
fn one_side_is_enough_at_the_port() {
    let gaps: &[(_, Result<&[u8], u64>)] =
        &[(C, Ok(b"\x05\x01\0")), (S, Err(2)), (C, Ok(BY_NAME)), (S, Err(10)), (C, Ok(GET))];
    let told = tell_with_gaps((40_000, 1080), gaps);
    assert!(told.iter().any(|line| line.contains(r#""request.name":"name","request_p":80}"#)), "{told:?}");
    assert!(told.iter().any(|line| line.contains(HTTP_BEHIND)), "{told:?}");
    let gaps: &[(_, Result<&[u8], u64>)] =
        &[(S, Ok(b"\x05\0")), (C, Err(11)), (S, Ok(TAKEN)), (C, Err(26)), (S, Ok(NO_CONTENT))];
    let told = tell_with_gaps((40_000, 1080), gaps);
    assert!(told.iter().any(|line| line.contains(r#""status":"succeeded","bound.host":"10.0.0.2""#)), "{told:?}");
    assert!(told.iter().any(|line| line.contains(r#""status_code":204"#)), "{told:?}");
    // Nothing else is said, and no gap is known of.
    let said: Said = vec![(C, b"\x05\x01\x02"), (C, b"\x01\x01a\x01b"), (C, BY_NAME)];
    let told = tell((40_000, 1080), &said);
    assert!(
        told[0].contains(r#""user":"a","secret_kind":"plain","mechanism":"username/password","result":"unknown""#),
        "{told:?}"
    );
    assert!(told.len() == 2 && told[1].contains(r#""user":"a","command":"connect","request.name":"name""#), "{told:?}");
}

/// Picked up between greeting and request.
#[test]
fn a_request_may_come_first() {
    let mut session = super::super::Session::new(PORTS, false, false, &Limits::default());
    let (mut out, at) = (Events::default(), Moment::default());
    for (side, said) in [(C, BY_NAME), (S, TAKEN), (C, GET)] {
        session.data(side, said, at, &mut out);
    }
    assert_eq!(session.services(), ["socks", "http"]);
}

#[test]
fn what_waits_is_bounded() {
    let early = b"x".repeat(100_000);
    let said: Said = vec![(C, b"\x05\x01\0"), (S, b"\x05\0"), (C, BY_NAME), (C, &early), (S, TAKEN)];
    let told = tell(PORTS, &said);
    assert!(told.len() == 1 && told[0].contains(r#""request.name":"name""#) && !told[0].contains("status"), "{told:?}");
    let said: Said = vec![(C, b"\x05\x01\0"), (S, b"\x05\0"), (S, &early), (C, BY_NAME)];
    let told = tell(PORTS, &said);
    let want = [
        r#"{"_path":"weird","first":3,"last":3,"name":"no_socks_message","peer":"socks"}"#,
        r#"{"_path":"socks","first":1,"last":2,"version":5,"method":"none"}"#,
    ];
    assert_eq!(told, want);
}

/// How conversations of MySQL, PostgreSQL, MongoDB, DCE/RPC, MQTT and DNP3 begin.
const BINARY: [(&[u8], &[u8]); 7] = [
    (b"", b"\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0abcdefgh\0"),
    (b"\0\0\0\x08\x04\xd2\x16\x2f", b"N"),
    (b"\x3f\0\0\0\x01\0\0\0\0\0\0\0\xdd\x07\0\0", b"\x3f\0\0\0\x02\0\0\0\x01\0\0\0\xdd\x07\0\0"),
    (b"\x05\0\x0b\x03\x10\0\0\0\x48\0\0\0", b"\x05\0\x0c\x03\x10\0\0\0\x3c\0\0\0"),
    (b"\x10\x0c\0\x04MQTT\x04\x02\0\x3c\0\0", b"\x20\x02\0\0"),
    (b"\x05\x64\x05\xc0\x01\0\0\x04\xe9\x21", b"\x05\x64\x05\x40\0\x04\x01\0\x52\x7f"),
    (b"\x05\x64\x05\xc0\x01\0\0\x04\xe9\x21", b""),
];

#[test]
fn conversations_of_others_are_not_taken() {
    for ((originator, responder), from_start) in
        OTHERS.iter().chain(&BINARY).flat_map(|said| [(said, true), (said, false)])
    {
        for ports in [PORTS, (40_000, 1080), (1080, 20_000)] {
            let opening = Opening { originator, responder, ports, datagrams: false, from_start, addresses: None };
            assert_eq!(looks(&opening), Verdict::No, "{}, {}", originator.escape_ascii(), responder.escape_ascii());
        }
    }
    // What the server chooses was offered; what follows a greeting can.
    for (originator, responder) in
        [(&b"\x05\x01\0"[..], &b"\x05\x02"[..]), (b"\x05\x01\0GET /", b"\x05\0"), (b"\x05\x02\0\0", b"\x05\0")]
    {
        let opening =
            Opening { originator, responder, ports: PORTS, datagrams: false, from_start: true, addresses: None };
        assert_eq!(looks(&opening), Verdict::No);
    }
}

proptest! {
    #[test]
    fn random_bytes_are_not_taken(originator in prop::collection::vec(any::<u8>(), 0..80), responder in prop::collection::vec(any::<u8>(), 0..80), from_start: bool) {
        let opening = Opening { originator: &originator, responder: &responder, ports: PORTS, datagrams: false, from_start, addresses: None };
        prop_assert!(!matches!(looks(&opening), Verdict::Yes(_)));
    }

    #[test]
    fn anything_is_survived(said in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..60)), 0..12)) {
        let begun = vec![(false, b"\x05\x03\0\x02\x01".to_vec()), (true, b"\x05\x02".to_vec())];
        survives((40_000, 1080), false, &[begun, said].concat());
    }

    #[test]
    fn conversations_with_faults_are_survived(faults in prop::collection::vec((0..8_usize, any::<u16>(), any::<u8>()), 1..6)) {
        let mut said: Vec<_> = conversation().into_iter().map(|(side, bytes)| (side == S, bytes.to_vec())).collect();
        for (piece, place, byte) in faults {
            let bytes = &mut said[piece].1;
            let place = usize::from(place) % (bytes.len() + 1);
            match bytes.get_mut(place) {
                Some(there) => *there = byte,
                None => bytes.clear(),
            }
        }
        prop_assert!(survives((40_000, 1080), false, &said) < 50);
    }
}

/// What is missing at the end of SOCKS is missing before what goes through it, too.
#[test]
fn a_gap_that_ends_it_stands_before_what_follows() {
    let told = tell_with_gaps(
        PORTS,
        &[
            (C, Ok(b"\x05\x01\0")),
            (S, Ok(b"\x05\0")),
            (C, Ok(b"\x05\x01\0\x03\x04name\0\x15")),
            (S, Err(40)),
            (C, Ok(b"SIZE /a\r\n")),
            (C, Ok(b"SIZE /b\r\n")),
            (S, Ok(b"213 222\r\n")),
            (C, Ok(b"SIZE /c\r\n")),
            (S, Ok(b"213 333\r\n")),
        ],
    );
    let wrong =
        |line: &String| line.contains("/a") && line.contains("222") || line.contains("/b") && line.contains("333");
    assert!(told.iter().any(|line| line.contains("/c")) && !told.iter().any(wrong), "{told:#?}");
}
